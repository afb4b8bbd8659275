"""All sessions, to sort and to search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.widgets import Input

from lineitem.surfaces import numbers
from lineitem.surfaces.names import short_id
from lineitem.surfaces.page import Page
from lineitem.surfaces.tui import answers, words
from lineitem.surfaces.tui.listing import Field, Listing, Row
from lineitem.surfaces.tui.question import OpenSession, Question
from lineitem.surfaces.tui.sheet import Sheet
from lineitem.surfaces.tui.words import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from lineitem.surfaces.tui.answers import Asking, Sessions
    from lineitem.surfaces.tui.desk import Desk
    from lineitem.wiring import Lineitem

_COLUMNS = (
    Field("Session"),
    Field("Project", least=16, grows=True),
    Field("Models", least=6, rank=4),
    Field("Last", least=16, rank=1),
    Field("Requests", number=True, rank=6),
    Field("Tokens", number=True, rank=3),
    Field("Output", number=True, rank=7),
    Field("Cache", number=True, rank=5),
    Field("Unlogged", number=True, rank=8),
    Field("Cost", number=True),
)
#: What a column is sorted by; those of names upwards first.
_KEYS = ("sessionId", "projectPath", "modelsUsed", "lastActivity", "requests", "totalTokens", "outputTokens",
         "cache", "unloggedNanos", "costNanos")  # fmt: skip
_NAMES = frozenset(("sessionId", "projectPath", "modelsUsed"))
_LAST = 3


class SessionsScreen(Question):
    """The bill by session."""

    NAME = "sessions"
    HELP: ClassVar[str] = """
    Every session that was read, or those that --since, --until, --project and --model say. Enter opens one.

    Sort with s (the next column) and S (the other way round), or by clicking a heading; ▾ and ▴ say by which.

    Type / and a part of a project, a model or an id: only what has all of these words is shown. Esc shows all again.

    Tokens: all of them. Cache: what was read from the cache of all that was sent. Unlogged: what only Claude Code's
    own total knows. Cost contains it.
    """
    BINDINGS: ClassVar[list[Any]] = [
        Binding("slash", "search", "Search"),
        Binding("s", "sort(1)", "Sort"),
        Binding("S", "turn", "Other way", show=False),
        Binding("escape", "all", "All"),
    ]

    def __init__(self, desk: Desk, asking: Asking, of: str = "") -> None:
        """of: of which period, where it is not all."""
        super().__init__(desk, asking)
        self.of = of
        self.by, self.down = _LAST, True
        self.wanted = ""

    def question(self, lineitem: Lineitem) -> Sessions:
        return answers.sessions(lineitem, self.asking)

    def content(self) -> ComposeResult:
        yield Sheet(id="total")
        yield Listing(id="sessions")
        yield Input(id="search", placeholder="project, model or id", select_on_focus=False)

    def draw(self, answer: Sessions) -> None:
        rows = sorted_rows(found_rows(answer.rows, self.wanted), self.by, down=self.down)
        self.query_one("#total", Sheet).show(lambda width: total_page(answer, len(rows), self.wanted, self.of, width))
        empty = f"Nothing has '{plain(self.wanted)}'. Esc shows all." if self.wanted else "No session was found."
        columns = _headed(self.by, down=self.down)
        self.query_one("#sessions", Listing).show(columns, session_rows(rows, answer.zone), empty)

    # -- sorting and searching

    def action_sort(self, by: int) -> None:
        self._sort((self.by + by) % len(_COLUMNS))

    def on_listing_headed(self, message: Listing.Headed) -> None:
        if message.place == self.by:
            self.action_turn()
        else:
            self._sort(message.place)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is of use where not all is shown."""
        if action == "all" and not self.of:
            return bool(self.wanted) or self.query_one("#search", Input).display
        return super().check_action(action, parameters)

    def _sort(self, place: int) -> None:
        self.by, self.down = place, _KEYS[place] not in _NAMES
        self._from_the_top()

    def action_turn(self) -> None:
        self.down = not self.down
        self._from_the_top()

    def _from_the_top(self) -> None:
        """Another order: what comes first is what was asked for."""
        self._again()
        self.query_one("#sessions", Listing).action_first()

    def _again(self) -> None:
        if self.answer is not None:
            self.draw(self.answer)

    def action_search(self) -> None:
        found = self.query_one("#search", Input)
        found.display = True
        found.focus()
        self.refresh_bindings()

    async def action_all(self) -> None:
        """Show all again; where all are shown, go back."""
        if self.of and not self.wanted:
            await self.run_action("app.leave")
            return
        found = self.query_one("#search", Input)
        found.value = ""
        found.display = False
        self.query_one("#sessions", Listing).focus()
        self.refresh_bindings()

    def on_input_changed(self, message: Input.Changed) -> None:
        self.wanted = message.value.strip()
        self._from_the_top()
        self.refresh_bindings()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        if not message.value.strip():
            message.input.display = False
        self.query_one("#sessions", Listing).focus()

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        self.post_message(OpenSession(message.key))


class PeriodScreen(SessionsScreen):
    """The sessions of one period of the timeline."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "all", "Back")]


def found_rows(rows: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    """The sessions that have all of these words in their id, project or models."""
    parts = wanted.lower().split()
    if not parts:
        return rows
    return [row for row in rows if all(part in _text(row) for part in parts)]


def _text(row: dict[str, Any]) -> str:
    models = " ".join(map(str, row["modelsUsed"]))
    return f"{row['sessionId']} {row['projectPath']} {words.project(row)} {models}".lower()


def sorted_rows(rows: list[dict[str, Any]], by: int, *, down: bool) -> list[dict[str, Any]]:
    """By a column; what is not known comes last."""
    key = _KEYS[by]

    def value(row: dict[str, Any]) -> Any:
        if key == "cache":
            sent = row["cacheReadTokens"] + row["cacheCreationTokens"] + row["inputTokens"]
            return row["cacheReadTokens"] * 1_000_000 // sent if sent else None
        if key == "projectPath":
            return words.project(row).lower()
        return row[key]

    known = sorted((row for row in rows if value(row) is not None), key=lambda row: row["sessionId"])
    known.sort(key=value, reverse=down)
    return known + [row for row in rows if value(row) is None]


def _headed(by: int, *, down: bool) -> list[Field]:
    """The columns, with a sign at the one they are sorted by, which is never left out."""
    made = list(_COLUMNS)
    known = made[by]
    sign = "▾" if down else "▴"
    made[by] = Field(f"{known.title} {sign}", number=known.number, least=known.least, grows=known.grows)
    return made


def session_rows(rows: list[dict[str, Any]], zone: str) -> list[Row]:
    """A row a session."""
    made = []
    for row in rows:
        models = [words.model(name) for name in row["modelsUsed"]]
        made.append(Row(row["sessionId"], (
            (short_id(plain(row["sessionId"])), "bold"),
            (words.project(row), ""),
            (models[0] + (f" +{len(models) - 1}" if len(models) > 1 else "") if models else "", "dim"),
            (numbers.moment(row["lastActivity"], zone), "dim"),
            (numbers.count(row["requests"]), "dim"),
            (numbers.tokens(row["totalTokens"]), ""),
            (numbers.tokens(row["outputTokens"]), "dim"),
            (words.cached(row), "dim"),
            (numbers.money(row["unloggedNanos"]) if row["unloggedNanos"] else "", "dim"),
            words.cost(row),
        )))  # fmt: skip
    return made


def total_page(answer: Sessions, shown: int, wanted: str, of: str, width: int) -> Page:
    """How many there are, and what all of them cost."""
    page = Page(width)
    whole = len(answer.rows)
    text = words.cost({**answer.totals, "costNanos": answer.totals.get("costNanos", 0)})[0]
    when = f"of {of} " if of else ""
    left = [(f" {numbers.many(whole, 'session')} {when}", "dim"), (text, "bold")]
    if wanted:
        left = [(f" {numbers.count(shown)} of {numbers.many(whole, 'session')} have '{plain(wanted)}' ", "")]
    right = f"{numbers.many(answer.totals.get('requests', 0), 'request')} · cache {words.cached(answer.totals)}"
    page.ends(left, [(right if not wanted else "", "dim"), (" ", "")])
    return page

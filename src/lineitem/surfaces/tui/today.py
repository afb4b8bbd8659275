"""Today: what it cost and on what, where the month goes, which sessions are live, the latest tool calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Horizontal

from lineitem.core.periods import iso
from lineitem.surfaces import numbers
from lineitem.surfaces.columns import Col, Grid
from lineitem.surfaces.names import short_id
from lineitem.surfaces.page import Page, cells
from lineitem.surfaces.palette import name as kind_name
from lineitem.surfaces.tui import answers, words
from lineitem.surfaces.tui.bars import gauge, skyline
from lineitem.surfaces.tui.listing import Field, Listing, Row
from lineitem.surfaces.tui.question import OpenSession, Question
from lineitem.surfaces.tui.sheet import Sheet
from lineitem.surfaces.tui.words import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from lineitem.surfaces.page import Line, Piece
    from lineitem.surfaces.tui.answers import Today
    from lineitem.wiring import Lineitem

#: Styles of the levels of health, and of what is used of a limit.
LEVELS = {"green": "prompt", "yellow": "compaction", "red": "unlogged"}
_SEPARATOR = ("  ", "")


class TodayScreen(Question):
    """What today cost, and what goes on."""

    NAME = "today"
    HELP: ClassVar[str] = """
    What today cost, or the range that --since and --until say: by kind of cause, by kind of token, hour by hour.

    Beside it, the month: what is spent, where it will end four times in five, what is used of each budget, and of the
    plan's limits where Claude Code told them.

    Live are sessions with a request in the last three hours. Context: tokens of the last prompt, coloured by its
    health; Full: of its window. Cache: what was read from the cache of all that was sent. Turns left: until the
    window is full. Cost: of the whole session.

    The latest tool calls: what the model wrote (Generate), what the result cost to enter (Ingest), and to be sent
    again since (Carry).
    """

    def question(self, lineitem: Lineitem) -> Today:
        return answers.today(lineitem, self.asking)

    def content(self) -> ComposeResult:
        with Horizontal(id="above"):
            yield Sheet(id="spent")
            yield Sheet(id="month")
        with Horizontal(id="lists"):
            yield Listing(id="live")
            yield Listing(id="latest")

    def draw(self, answer: Today) -> None:
        self.query_one("#spent", Sheet).show(lambda width: spent_page(answer, width))
        self.query_one("#month", Sheet).show(lambda width: month_page(answer, width))
        self.query_one("#live", Listing).show(
            _LIVE, live_rows(answer), "No session was active in the last three hours."
        )
        self.query_one("#latest", Listing).show(_CALLS, call_rows(answer), "No tool call yet.")

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        key = message.key
        if message.listing.id == "latest":
            session = next((row["sessionId"] for row in self.answer.calls if row["toolUseId"] == key), "")
            self.post_message(OpenSession(session, key))
        else:
            self.post_message(OpenSession(key))


# -- what was spent


def spent_page(answer: Today, width: int) -> Page:
    """What it cost and on what."""
    page = Page(width)
    tree, totals = answer.tree, answer.totals
    if answer.empty:
        return _nothing(answer, page)
    title = "This range" if answer.ranged else "Today"
    digits = numbers.digits_for(tree.root.total)
    text = numbers.money(tree.root.total, digits)
    if "provisional" in tree.notes:
        text = numbers.about(text)
    if "unpriced" in tree.notes:
        text = f"≥{text}"
    right = f"{numbers.many(totals.get('requests', 0), 'request')} · cache {words.cached(totals)}" if totals else ""
    page.ends([(f" {title} ", "dim"), (text, "bold")], [(right, "dim"), (" ", "")])
    kinds = sorted(tree.root.children.values(), key=lambda node: (-node.total, node.name))
    if not kinds:
        page.prose("Nothing was spent yet. Key 3 shows the days before.", indent=" ")
        return page
    page.bar([(kind.name, kind.total) for kind in kinds])
    if page.decoration:  # the line below the bar is not needed here
        del page.lines[-1]
        page.decoration = {len(page.lines) - 1}
    page.add(_legend(kinds, tree.root.total, width))
    page.add(_tokens(totals, width))
    hours = _hours(answer)
    if len(hours) > 1:
        first, last = min(row["hour"] for row in answer.hours), max(row["hour"] for row in answer.hours)
        drawn = skyline(hours, width - 44)
        most = numbers.money(max(hour or 0 for hour in hours))
        begin, end = (first[11:13], last[11:13]) if first[:10] == last[:10] else (first[5:13], last[5:13])
        page.line((f" by hour {begin} ", "dim"), (drawn, "tool"), (f" {end}  most {most}", "dim"))
    return page


def _nothing(answer: Today, page: Page) -> Page:
    page.line((" Nothing was read yet.", "bold"))
    page.prose("lineitem reads the transcripts that Claude Code writes below", indent=" ")
    for folder in answer.folders[:3]:
        page.prose(plain(folder), "", indent="   ")
    page.prose("and shows what appears there. `lineitem demo` prints an example.", indent=" ")
    return page


def _legend(kinds: list[Any], whole: int, width: int) -> list[Line]:
    """The kinds of causes and their shares, in two lines at most."""
    lines: list[Line] = [[(" ", "")]]
    for kind in kinds:
        pieces: Line = [("■ ", kind.name), (f"{kind_name(kind.name)} ", ""),
                        (numbers.share(kind.total, whole), "dim"), _SEPARATOR]  # fmt: skip
        if _long(lines[-1]) + _long(pieces) - 2 > width - 1:
            if len(lines) == 2:
                break
            lines.append([(" ", "")])
        lines[-1] += pieces
    return lines


def _tokens(totals: dict[str, Any], width: int) -> list[Line]:
    """Tokens by kind."""
    if not totals:
        return []
    known = (("uncached", "inputTokens"), ("written", "cacheCreationTokens"), ("read", "cacheReadTokens"),
             ("output", "outputTokens"))  # fmt: skip
    line: Line = [(" ", "")]
    for name, key in known:
        pieces: Line = [(numbers.tokens(totals[key]), ""), (f" {name}", "dim"), _SEPARATOR]
        if _long(line) + _long(pieces) > width:
            break
        line += pieces
    return [line]


def _hours(answer: Today) -> list[int | None]:
    """What each hour cost, from the first with any to the last; hours without are None."""
    found = {row["hour"]: row["costNanos"] for row in answer.hours}
    if not found:
        return []
    return [found.get(label) for label in hours_between(min(found), max(found))]


def hours_between(first: str, last: str) -> list[str]:
    """The labels of all hours from one to another, the last ten thousand at the most."""
    from lineitem.core.periods import date_of, days_of, hour_label

    def number(label: str) -> int:
        return days_of(int(label[:4]), int(label[5:7]), int(label[8:10])) * 24 + int(label[11:13])

    start, end = number(first), number(last)
    return [hour_label(date_of(hour // 24), hour % 24) for hour in range(max(start, end - 9_999), end + 1)]


def _long(line: Line) -> int:
    return sum(cells(text) for text, _ in line)


# -- where it goes


def month_page(answer: Today, width: int) -> Page:
    """The month, the budgets, the plan's limits."""
    page = Page(width)
    if answer.empty:
        return page
    month = answer.forecast
    if month:
        left: Line = [(f" Month {month['period']} ", "dim"), (words.cost(month)[0], "bold")]
        if month["expectedNanos"] is not None and month["daysLeft"]:
            left.append((f"  ends at {numbers.money(month['expectedNanos'])}", ""))
            between = f" ({numbers.money(month['lowNanos'])} – {numbers.money(month['highNanos'])})"
            if _long(left) + cells(between) < width:
                left.append((between, "dim"))
        page.ends(left, [(" ", "")])
    rows = [*_budgets(answer), *_limits(answer)]
    if rows:
        grid = Grid([Col(least=8), Col(number=True), Col(number=True), Col(least=6)])
        for row in rows[:6]:
            grid.row(*row)
        widths = grid.widths(width)
        page.add(grid.line(row, widths) for row in grid.rows)
        if len(rows) > 6:
            page.line((f" {len(rows) - 6} more: key 5", "dim"))
    return page


def used_style(share: float, row: dict[str, Any]) -> str:
    """The colour of what is used of a budget."""
    if row.get("exceeded") or share >= 1:
        return LEVELS["red"]
    return LEVELS["yellow"] if row.get("passed") else LEVELS["green"]


def _budgets(answer: Today) -> list[tuple[Piece, ...]]:
    made: list[tuple[Piece, ...]] = []
    for row in answer.budgets:
        share = row["usedShare"]
        full, rest = gauge(round(share * 1000), 1000, 10)
        tokens = row["limitTokens"]
        used = numbers.money(row["usedNanos"]) if tokens is None else numbers.tokens(row["usedTokens"])
        whole = numbers.tokens(tokens) if tokens is not None else plain(row["limit"] or "")
        of = f"{used} of {whole}" if whole else used
        text = numbers.share(round(share * 1_000_000), 1_000_000)
        made.append(((plain(row["name"]), ""), (full + rest, used_style(share, row)), (text, "bold"), (of, "dim")))
    return made


def _limits(answer: Today) -> list[tuple[Piece, ...]]:
    made: list[tuple[Piece, ...]] = []
    for key, name in ("fiveHour", "5-hour limit"), ("week", "Weekly limit"):
        limit = answer.limits.get(key)
        if not limit:
            continue
        used = limit["usedHundredths"]
        full, rest = gauge(used, 10_000, 10)
        style = LEVELS["red" if used >= 9_500 else "yellow" if used >= 8_000 else "green"]
        going = f", full at {_when(limit['fullAt'], answer)}" if limit["fullAt"] and not limit["over"] else ""
        anew = f"anew {_when(limit['resetsAt'], answer)}{going}"
        made.append(((name, ""), (full + rest, style), (numbers.share(used, 10_000), "bold"), (anew, "dim")))
    return made


def _when(moment: str, answer: Today) -> str:
    """A moment in few words: of today only the time."""
    at, now = numbers.moment(moment, answer.zone), numbers.moment(iso(answer.now), answer.zone)
    return at[11:] if at[:10] == now[:10] else at[5:]


# -- what goes on

_LIVE = (
    Field("Live sessions", least=13),
    Field("Project", least=9, rank=2, grows=True),
    Field("Model", least=5, rank=4),
    Field("Last", number=True, rank=8),
    Field("Context", number=True),
    Field("Full", number=True, rank=3),
    Field("Health", least=6, rank=9),
    Field("Turns left", number=True, rank=6),
    Field("Cache", number=True, rank=5),
    Field("Cost", number=True),
)


def live_rows(answer: Today) -> list[Row]:
    """Live sessions, the latest first."""
    made = []
    for row in answer.sessions:
        used, whole = row["contextTokens"], row["windowTokens"]
        level = LEVELS.get(row.get("level") or "", "")
        full = numbers.share(used, whole) if used is not None and whole else ""
        left = row.get("turnsLeft")
        made.append(Row(row["sessionId"], (
            (short_id(plain(row["sessionId"])), "bold"),
            (words.project(row), ""),
            (words.model(row["model"]), "dim"),
            (words.ago(answer.now, row["lastActivity"]), "dim"),
            (numbers.tokens(used), level),
            (full, level),
            (row.get("level") or "", level),
            (numbers.count(left) if left is not None else "", "dim"),
            (words.cached(row), "dim"),
            words.cost(row),
        )))  # fmt: skip
    return made


_CALLS = (
    Field("Latest calls", least=12),
    Field("Session", rank=3),
    Field("Tool", least=8),
    Field("Target", least=20, grows=True),
    Field("Took", number=True, rank=4),
    Field("Generate", number=True, rank=5),
    Field("Ingest", number=True, rank=6),
    Field("Carry", number=True, rank=7),
    Field("Total", number=True),
)


def call_rows(answer: Today) -> list[Row]:
    """The latest tool calls."""
    digits = numbers.digits_for(max((row["totalNanos"] for row in answer.calls), default=0))
    made = []
    for row in answer.calls:
        took = row["durationMs"]
        made.append(Row(row["toolUseId"], (
            (numbers.clock(row["at"], answer.zone), "dim"),
            (short_id(plain(row["sessionId"])), "dim"),
            (plain(row["tool"]), "tool"),
            (plain(row["target"]), ""),
            (numbers.duration(took) if took is not None else "", "dim"),
            (numbers.money(row["generateNanos"], digits, ""), "dim"),
            ("waiting" if row["waiting"] else numbers.money(row["ingestNanos"], digits, ""), "dim"),
            (numbers.money(row["carryNanos"], digits, "") if row["carryNanos"] else "", "dim"),
            (numbers.money(row["totalNanos"], digits, ""), "bold"),
        )))  # fmt: skip
    return made

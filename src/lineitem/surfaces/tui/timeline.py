"""What was spent, when: by hour, day, week and month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding

from lineitem.surfaces import numbers
from lineitem.surfaces.tui import answers, words
from lineitem.surfaces.tui.listing import Bar, Field, Listing, Row
from lineitem.surfaces.tui.question import OpenPeriod, Question
from lineitem.surfaces.tui.sheet import Sheet
from lineitem.surfaces.tui.words import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from lineitem.surfaces.page import Page
    from lineitem.surfaces.tui.answers import Timeline
    from lineitem.wiring import Lineitem

_KEYS = {answers.HOURS: "hour", answers.DAYS: "date", answers.WEEKS: "week", answers.MONTHS: "month"}
_TITLES = {answers.HOURS: "Hour", answers.DAYS: "Day", answers.WEEKS: "Week of", answers.MONTHS: "Month"}
_SAID = {answers.HOURS: "by hour", answers.DAYS: "by day", answers.WEEKS: "by week", answers.MONTHS: "by month"}


class TimelineScreen(Question):
    """The bill by period, the latest first."""

    NAME = "timeline"
    HELP: ClassVar[str] = """
    What was spent in each hour, day, week or month, the latest first; a bar is as long as the cost.

    By hour, the last two days are shown, or what --since and --until say. Hours and days without use have no row. Enter
    shows the sessions of a period.

    Cache: what was read from the cache of all that was sent.
    """
    BINDINGS: ClassVar[list[Any]] = [
        Binding("h", f"by('{answers.HOURS}')", "Hours"),
        Binding("d", f"by('{answers.DAYS}')", "Days"),
        Binding("w", f"by('{answers.WEEKS}')", "Weeks"),
        Binding("m", f"by('{answers.MONTHS}')", "Months"),
    ]

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.kind = answers.DAYS

    def question(self, lineitem: Lineitem) -> Timeline:
        return answers.timeline(lineitem, self.asking, self.kind)

    def content(self) -> ComposeResult:
        yield Sheet(id="total")
        yield Listing(id="periods")

    def action_by(self, kind: str) -> None:
        if kind != self.kind:
            self.kind = kind
            self.anew()

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        self.post_message(OpenPeriod(self.kind, message.key))

    def draw(self, answer: Timeline) -> None:
        self.query_one("#total", Sheet).show(lambda width: total_page(answer, width))
        self.query_one("#periods", Listing).show(columns(answer), period_rows(answer), "No usage was found.")


def total_page(answer: Timeline, width: int) -> Page:
    """What all of it came to."""
    from lineitem.surfaces.page import Page

    page = Page(width)
    totals = answer.totals
    text = words.cost({**totals, "costNanos": totals.get("costNanos", 0)})[0]
    requests = numbers.many(totals.get("requests", 0), "request")
    said = "The last two days" if answer.lately else "The bill"
    page.ends([(f" {said} {_SAID[answer.kind]} ", "dim"), (text, "bold")],
              [(f"{requests} · cache {words.cached(totals)}", "dim"), (" ", "")])  # fmt: skip
    return page


def columns(answer: Timeline) -> tuple[Field, ...]:
    return (
        Field(_TITLES[answer.kind], least=10),
        Field("", least=24, rank=1, grows=True),
        Field("Requests", number=True, rank=5),
        Field("Uncached", number=True, rank=7),
        Field("Written", number=True, rank=6),
        Field("Read", number=True, rank=8),
        Field("Output", number=True, rank=4),
        Field("Cache", number=True, rank=3),
        Field("Models", least=6, rank=9),
        Field("Cost", number=True),
    )


def period_rows(answer: Timeline) -> list[Row]:
    """A row a period, the latest first."""
    key = _KEYS[answer.kind]
    most = max((row["costNanos"] for row in answer.rows), default=0)
    made = []
    for row in sorted(answer.rows, key=lambda row: row[key], reverse=True):
        models = [words.model(name) for name in row["modelsUsed"]]
        made.append(Row(row[key], (
            (plain(row[key]), ""),
            Bar(row["costNanos"], most, "tool"),
            (numbers.count(row["requests"]), "dim"),
            (numbers.tokens(row["inputTokens"]), "dim"),
            (numbers.tokens(row["cacheCreationTokens"]), "dim"),
            (numbers.tokens(row["cacheReadTokens"]), "dim"),
            (numbers.tokens(row["outputTokens"]), "dim"),
            (words.cached(row), "dim"),
            (", ".join(models[:2]) + (f" +{len(models) - 2}" if len(models) > 2 else ""), "dim"),
            words.cost(row),
        )))  # fmt: skip
    return made

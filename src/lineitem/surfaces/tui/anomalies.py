"""What stood out, with what is usual and why: the feed, and one of it in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from lineitem.surfaces import numbers
from lineitem.surfaces.names import short_id
from lineitem.surfaces.page import Page
from lineitem.surfaces.tui import answers, words
from lineitem.surfaces.tui.listing import Field, Listing, Row
from lineitem.surfaces.tui.question import OpenSession, Question
from lineitem.surfaces.tui.sheet import Sheet
from lineitem.surfaces.tui.words import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from lineitem.surfaces.tui.answers import Anomalies
    from lineitem.wiring import Lineitem

_COLUMNS = (
    Field("At", least=11),
    Field("", least=1),
    Field("What", least=10),
    Field("Why", least=40, rank=1, grows=True),
    Field("Of", least=8, rank=3),
    Field("Project", least=6, rank=4),
    Field("Session", rank=2),
)
#: The colours of severities, and their sign.
_STYLES = {"notice": "tool", "warning": "compaction", "critical": "unlogged"}
#: How what a rule measured is written.
_UNITS: dict[str, Callable[[int | None], str]] = {"tokens": numbers.tokens, "nanos": numbers.money}


class AnomaliesScreen(Question):
    """What stands out."""

    NAME = "anomalies"
    HELP: ClassVar[str] = """
    What stood out, the latest first: dear or large tool calls, loops, fast spending, cache misses, sessions grown
    large. What comes soon after another of its kind is left out. docs/insights.md says from when on.

    Below stands the one under the cursor: what it came to, what is usual for its kind and at which level that is
    known, the causes with how sure each is, and what may help. A guess is a model's, where that is switched on.

    Enter opens its session; a tool call is looked up in the bill.
    """

    def question(self, lineitem: Lineitem) -> Anomalies:
        return answers.anomalies(lineitem, self.asking)

    def content(self) -> ComposeResult:
        yield Sheet(id="total")
        yield Listing(id="feed")
        yield Sheet(id="finding")

    def draw(self, answer: Anomalies) -> None:
        self.query_one("#total", Sheet).show(lambda width: total_page(answer, width))
        self.query_one("#feed", Listing).show(_COLUMNS, finding_rows(answer), "Nothing stands out here.")
        self._detail()

    def on_listing_looked(self, _: Listing.Looked) -> None:
        self._detail()

    def _detail(self) -> None:
        row = self._row(self.query_one("#feed", Listing).key)
        if self.answer is not None:
            zone = self.answer.zone
            self.query_one("#finding", Sheet).show(lambda width: finding_page(row, zone, width))

    def _row(self, key: str) -> dict[str, Any] | None:
        rows = self.answer.rows if self.answer is not None else []
        return next((row for place, row in enumerate(rows) if _key(row, place, len(rows)) == key), None)

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        row = self._row(message.key)
        if row is not None:
            self.post_message(OpenSession(row["sessionId"], row["toolUseId"] or ""))


def _key(row: dict[str, Any], place: int, many: int) -> str:
    """What a finding is called in the listing. New ones come first, so that those there count from the end."""
    return f"{row['at']} {row['rule']} {many - place}"


def total_page(answer: Anomalies, width: int) -> Page:
    """How many there are."""
    page = Page(width)
    totals = answer.totals
    counts = [f"{numbers.count(totals[name])} {name}" for name in ("critical", "warning", "notice") if totals.get(name)]
    page.ends([(" What stands out ", "dim"), (numbers.count(totals.get("anomalies", 0)), "bold")],
              [(" · ".join(counts), "dim"), (" ", "")])  # fmt: skip
    return page


def finding_rows(answer: Anomalies) -> list[Row]:
    """A row a finding, the latest first."""
    many = len(answer.rows)
    return [
        Row(_key(row, place, many), (
            (numbers.moment(row["at"], answer.zone), "dim"),
            ("■", _STYLES.get(row["severity"], "dim")),
            (plain(row["name"]), "bold"),
            (plain(row["text"]), ""),
            (plain(row["subject"]), "dim"),
            (words.project({"projectPath": row["project"]}), "dim"),
            (short_id(plain(row["sessionId"])), "dim"),
        ))
        for place, row in enumerate(answer.rows)
    ]  # fmt: skip


def amount(measure: str, value: int | None) -> str:
    """What a rule measured, in its unit."""
    return _UNITS.get(measure, numbers.count)(value)


def finding_page(row: dict[str, Any] | None, zone: str, width: int) -> Page:
    """One finding in full."""
    page = Page(width)
    if row is None:
        return page
    measure = row["measure"]
    page.line((f" {plain(row['severity'])} ", _STYLES.get(row["severity"], "dim")), (plain(row["name"]), "bold"),
              (f" {plain(row['subject'])}" if row["subject"] else "", ""))  # fmt: skip
    facts = [f"{amount(measure, row['value'])} {plain(measure) if measure != 'nanos' else ''}".rstrip()]
    if row["usual"] is not None:
        spread = f" ± {amount(measure, row['spread'])}" if row["spread"] is not None else ""
        level = f" by {plain(row['baseline'])}" if row["baseline"] else ""
        facts.append(f"usual {amount(measure, row['usual'])}{spread}, of {row['values']:,} values{level}")
    if row["limit"] is not None:
        facts.append(f"stands out from {amount(measure, row['limit'])} on")
    facts += [numbers.moment(row["at"], zone), words.model(row["model"])]
    page.prose(" · ".join(filter(None, facts)), indent=" ")
    for each in row["causes"]:
        said = f"{plain(each.get('text') or each['cause'])} ({plain(each['confidence'])})"
        page.prose(said, "", " ")
        if each.get("suggestion"):
            page.prose(plain(each["suggestion"]), indent="   ")
    if row["guess"]:
        page.prose(f"A model's guess ({plain(row['guessLikelihood'])}): {plain(row['guess'])}", indent=" ")
    return page

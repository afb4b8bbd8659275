"""What may be spent and what is used of it, now and in the periods before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from lineitem.surfaces import numbers
from lineitem.surfaces.page import Page
from lineitem.surfaces.tui import answers
from lineitem.surfaces.tui.listing import Bar, Field, Listing, Row
from lineitem.surfaces.tui.question import Question
from lineitem.surfaces.tui.sheet import Sheet
from lineitem.surfaces.tui.today import used_style
from lineitem.surfaces.tui.words import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from lineitem.surfaces.page import Piece
    from lineitem.surfaces.tui.answers import Budgets
    from lineitem.wiring import Lineitem

_COLUMNS = (
    Field("Budget", least=8),
    Field("Of", least=6, rank=5),
    Field("Period", least=24, rank=2),
    Field("", least=12, rank=3, grows=True),
    Field("Used", number=True),
    Field("Cost", number=True, rank=1),
    Field("Tokens", number=True, rank=7),
    Field("Limit", number=True),
    Field("Expected", number=True, rank=4),
    Field("Between", number=True, rank=6),
)
_PERIODS = (
    Field("Its periods", least=8),
    Field("", least=12, rank=2, grows=True),
    Field("Used", number=True),
    Field("Cost", number=True),
    Field("Tokens", number=True, rank=3),
    Field("Limit", number=True, rank=1),
)
_NONE = "There are no budgets yet. `lineitem budget add all --limit 100 --period month` makes one."


class BudgetsScreen(Question):
    """How budgets stand."""

    NAME = "budgets"
    HELP: ClassVar[str] = """
    What is used of each budget in its period: green below its marks, yellow from the first mark on, red when more is
    used than the limit. Expected: where the period will end, and between what four times in five.

    Below stand the periods of the budget under the cursor, the latest first, each with the limit it had.

    Budgets are made and changed with `lineitem budget`.
    """

    def question(self, lineitem: Lineitem) -> Budgets:
        return answers.budgets(lineitem, self.asking)

    def content(self) -> ComposeResult:
        yield Sheet(id="total")
        yield Listing(id="budgets", opens=False)
        yield Listing(id="periods", opens=False)

    def draw(self, answer: Budgets) -> None:
        self.query_one("#total", Sheet).show(lambda width: total_page(answer, width))
        self.query_one("#budgets", Listing).show(_COLUMNS, budget_rows(answer), _NONE)
        self._history()

    def on_listing_looked(self, message: Listing.Looked) -> None:
        if message.listing.id == "budgets":
            self._history()

    def _history(self) -> None:
        if self.answer is None:
            return
        name = self.query_one("#budgets", Listing).key
        found = self.query_one("#periods", Listing)
        found.display = bool(self.answer.rows)
        found.show(_PERIODS, period_rows(self.answer.periods.get(name, [])), "No period of it has ended yet.")


def total_page(answer: Budgets, width: int) -> Page:
    """How many are exceeded."""
    page = Page(width)
    over = sum(1 for row in answer.rows if row["exceeded"])
    said: list[Piece] = [(f" {numbers.many(len(answer.rows), 'budget')}", "dim")]
    if answer.rows:
        said.append((f", {over} exceeded" if over else ", none exceeded", "unlogged" if over else "dim"))
    page.line(*said)
    return page


def _used(row: dict[str, Any]) -> tuple[Piece | Bar, ...]:
    """A bar, and the share of the limit that is used."""
    share = row["usedShare"]
    style = used_style(share, row)
    return Bar(min(1000, round(share * 1000)), 1000, style), (
        numbers.share(round(share * 1_000_000), 1_000_000), f"bold {style}"
    )  # fmt: skip


def budget_rows(answer: Budgets) -> list[Row]:
    """A row a budget."""
    made = []
    for row in answer.rows:
        write = numbers.tokens if row["limitTokens"] is not None else numbers.money
        unit = "Tokens" if row["limitTokens"] is not None else "Nanos"
        expected, low, high = (row[f"{name}{unit}"] for name in ("expected", "low", "high"))
        made.append(Row(row["name"], (
            (plain(row["name"]), "bold"),
            (plain(row["scope"]), "dim"),
            (plain(row["during"]), ""),
            *_used(row),
            (numbers.money(row["usedNanos"]), ""),
            (numbers.tokens(row["usedTokens"]), "dim"),
            (plain(row["limit"]) if row["limit"] else "", ""),
            (write(expected) if expected is not None else "", ""),
            (f"{write(low)} – {write(high)}" if expected is not None else "", "dim"),
        )))  # fmt: skip
    return made


def period_rows(rows: list[dict[str, Any]]) -> list[Row]:
    """A row a period of a budget, the latest first."""
    return [
        Row(f"{place}", (
            (plain(row["during"]), ""),
            *_used(row),
            (numbers.money(row["usedNanos"]), ""),
            (numbers.tokens(row["usedTokens"]), "dim"),
            (plain(row["limit"]) if row["limit"] else "", "dim"),
        ))
        for place, row in enumerate(rows)
    ]  # fmt: skip

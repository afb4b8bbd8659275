"""What each local day cost: the ground of forecasts and comparisons."""

from __future__ import annotations

from lineitem.core.periods import QUARTER_MS, days_of
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query


class ByDay:
    """Nanodollars by day, unlogged spend included; days are counted from 1970-01-01."""

    __slots__ = ("moments", "nanos", "unpriced")

    def __init__(self) -> None:
        self.nanos: dict[int, int] = {}
        self.unpriced: dict[int, int] = {}  #: tokens without a price
        self.moments: list[tuple[int, int, int]] = []  #: (at, day, nanodollars) of quarter hours

    def add(self, day: int, at: int, nanos: int) -> None:
        """What was spent at a moment of a day."""
        self.nanos[day] = self.nanos.get(day, 0) + nanos
        self.moments.append((at, day, nanos))

    def row(self, since: int, until: int) -> list[int]:
        """The days from one to before another; a day without use is 0."""
        return [self.nanos.get(day, 0) for day in range(since, until)]

    def first(self) -> int | None:
        """The first day with any use."""
        return min(self.nanos, default=None)


def by_day(ledger: Ledger, query: Query, since: int, until: int) -> ByDay:
    """The days of a range of moments, for the projects and models that are asked for."""
    where = Filter(since, until, query.project, query.model)
    found = ByDay()

    def add(at: int, nanos: int) -> None:
        found.add(days_of(*query.zone.date(at)), at, nanos)

    for row in questions.usage_by_quarter(ledger, where):
        add(row[0] * QUARTER_MS, row[10])
        if row[11]:
            day = days_of(*query.zone.date(row[0] * QUARTER_MS))
            found.unpriced[day] = found.unpriced.get(day, 0) + row[11]
    for at, _, _, nanos, _ in questions.beyond_by_run(ledger, where):
        add(at, nanos)
    return found

"""Line items day by day, in UTC: what each cause cost on each day, for bills that have periods.

A session of one day is taken as it is kept; one of several days is cut exactly. The line items of all days sum to the
bill of the range.
"""

from __future__ import annotations

from lineitem.core.periods import DAY_MS
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.pipeline.folding import folds
from lineitem.reports.lines import Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.reports.query import Query


def days(ledger: Ledger, book: PriceBook, query: Query, session: int | None) -> Iterator[tuple[int, Line]]:
    """(start of the day in milliseconds, line item), earliest day first. Line items must have been made."""
    inside, across = questions.straddling(ledger, Filter(query.since, query.until, query.project, "", session))
    cut, whole = set(across), set(inside)
    active: dict[int, list[int]] = {}
    once: dict[int, int] = {}  # session -> on how many days it was active
    for number, day in questions.active_days(ledger):
        if number in cut or number in whole:
            active.setdefault(day, []).append(number)
            once[number] = once.get(number, 0) + 1
    part = query.model.lower()
    names = ledger.load_names()
    for day in sorted(active):
        start = day * DAY_MS
        kept = [number for number in active[day] if number in whole and once[number] == 1]
        for line in (*_kept(ledger, kept, names), *_cut(ledger, book, active[day], kept, _within(query, start), names)):
            if not part or part in line.model.lower():
                yield start, line


def _within(query: Query, start: int) -> Callable[[int], bool]:
    since, until = max(query.since, start), min(query.until, start + DAY_MS)
    return lambda at: since <= at < until


def _kept(ledger: Ledger, sessions: Iterable[int], names: dict[int, str]) -> Iterator[Line]:
    for number in sessions:
        for row in questions.items(ledger, number):
            yield Line(names[row[0]], names[row[1]], row[2:], names[row[5]])


def _cut(
    ledger: Ledger, book: PriceBook, active: list[int], kept: list[int], within: Callable[[int], bool],
    names: dict[int, str],
) -> Iterator[Line]:  # fmt: skip
    done = set(kept)
    sessions = [number for number in active if number not in done]
    if sessions:
        for number, rows in folds(ledger, book, sessions, within):
            for _, thread, _, *row in rows["items"]:
                yield Line(names[number], thread, row)

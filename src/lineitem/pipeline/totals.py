"""The runs of a session: the client's own totals beside what was logged between them."""

from __future__ import annotations

from lineitem.pipeline.listed import at_list, in_own_money, listed_price, price_of
from lineitem.pipeline.stored import request_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from lineitem.attribution.requests import Request
    from lineitem.attribution.runs import Run, Total
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook


def session_runs(ledger: Ledger, book: PriceBook, number: int, totals: Sequence[Any]) -> list[Run]:
    """The runs of a session, from its totals, its requests and what it was forked from."""
    from json import loads

    text = ledger.text

    def totals_of(session: str) -> list[Total]:
        parent = ledger.find_name(session)
        if parent is None:
            return []
        return [
            as_total(at, nanos, started, loads(models))
            for at, nanos, started, _, models in ledger.session_totals(parent)
        ]

    owned = [request for row in ledger.session_requests(number) if (request := request_of(row, text)).counted]
    copied = [request_of(row, text) for row in ledger.copied_requests(number)]
    own = [as_total(at, nanos, started, loads(models)) for at, nanos, started, _, models in totals]
    return runs_of(book, own, owned, inherited_totals(at_list(book, copied), owned, totals_of))


def as_total(at: int, nanos: int, started: int, models: dict[str, list[int]]) -> Total:
    from lineitem.attribution.runs import Total

    return Total(at, nanos, started, models)


def inherited_totals(
    copied: Sequence[Request], owned: Sequence[Request], totals_of: Callable[[str], list[Total]]
) -> list[Total]:
    """The totals a fork may have started from: its parent's, latest first, and what the copied answers cost."""
    if not copied:
        return []
    latest = max(copied, key=lambda request: (request.at, request.mid, request.variant))
    fork_at = min((request.at for request in owned if request.at > latest.at), default=latest.at)
    before = [total for total in totals_of(latest.session) if total.at <= fork_at]
    return [*reversed(before), _logged_total(copied)]


def runs_of(book: PriceBook, own: Sequence[Total], owned: Sequence[Request], inherited: Sequence[Total]) -> list[Run]:
    """The runs between a session's own totals, its tokens priced by this book. inherited: at list prices."""
    from lineitem.attribution.runs import runs

    if book.listed is book:
        return runs(own, owned, inherited, price_of(book))
    return in_own_money(book, runs(own, at_list(book, owned), inherited, listed_price(book)), owned)


def unique_totals(rows: Iterable[Any]) -> list[Any]:
    """TOTAL rows of one session, each total once, in the order of their moments."""
    from json import dumps

    unique: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        key = (row[3], row[4], dumps(row[5]))
        known = unique.get(key)
        if known is None or 0 < row[2] < (known[2] or row[2] + 1):
            unique[key] = row
    return [row for key, row in sorted(unique.items(), key=_moment)]


def _moment(pair: tuple[tuple[Any, ...], Any]) -> tuple[Any, ...]:
    (nanos, started, models), row = pair
    return row[2], started, nanos, models


def _logged_total(copied: Iterable[Request]) -> Total:
    """What copied answers cost, as a total a fork may have started from."""
    from lineitem.attribution.runs import Total

    models: dict[str, list[int]] = {}
    nanos = 0
    for request in copied:
        row = models.setdefault(request.model, [0] * 9)
        for place, tokens in enumerate(
            (request.uncached, request.output, request.write5, request.write1, request.read, request.thinking)
        ):
            row[place] += tokens
        row[6] += request.write5 + request.write1
        row[7] += request.searches
        row[8] += request.nanos or 0
        nanos += request.nanos or 0
    return Total(0, nanos, 0, models)

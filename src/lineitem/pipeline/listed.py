"""Own prices beside the client's totals: those are at list prices; there they are taken apart, then told in own money.

Without this a discount would look like spending that no transcript shows, and the bill would stay as it was.
"""

from __future__ import annotations

from lineitem.core.rates import Rates, class_costs
from lineitem.pipeline.prices import price

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lineitem.attribution.requests import Request
    from lineitem.attribution.runs import Run
    from lineitem.pricing.book import PriceBook


def price_of(book: PriceBook) -> Callable[[str, list[int], int], int | None]:
    """What tokens of a model cost at a moment, by this book; None: it has no price."""

    def priced(model: str, tokens: list[int], at: int) -> int | None:
        rates = book.rates(model, at)
        if not isinstance(rates, Rates):
            return None
        uncached, output, write5, write1, read, searches = tokens
        return sum(class_costs(rates, uncached, write5, write1, read, output, searches))

    return priced


def listed_price(book: PriceBook) -> Callable[[str, list[int], int], int | None]:
    """The same at list prices; at the book's own where there is no list price."""
    own, usual = price_of(book), price_of(book.listed)

    def priced(model: str, tokens: list[int], at: int) -> int | None:
        found = usual(model, tokens, at)
        return own(model, tokens, at) if found is None else found

    return priced


def at_list(book: PriceBook, requests: Sequence[Request]) -> list[Request]:
    """Requests with their list prices, where the book has others; as they are where there is no list price."""
    if book.listed is book:
        return list(requests)
    from copy import copy

    made = []
    for request in requests:
        again = copy(request)
        found = price(book.listed, request)
        again.nanos = request.nanos if found is None else found
        made.append(again)
    return made


def in_own_money(book: PriceBook, found: Sequence[Run], owned: Sequence[Request]) -> list[Run]:
    """Runs that were found at list prices, with the book's: what no tokens explain is worth less as the logged is."""
    from lineitem.attribution.runs import Run

    own = price_of(book)
    made: list[Run] = []
    before: int | None = None
    for run in found:
        logged = unlogged = 0
        for request in owned:
            if request.at <= run.at and (before is None or request.at > before):
                logged += request.nanos or 0
        for model, tokens in run.missing.items():
            unlogged += own(model, tokens, run.at) or 0
        duplicated, unexplained = (
            nanos * logged // run.logged if run.logged > 0 else nanos for nanos in (run.duplicated, run.unexplained)
        )
        priced = run.reported - logged - unlogged - duplicated - unexplained
        made.append(Run(run.at, run.reported, logged, unlogged, priced, duplicated, unexplained, run.missing))
        before = run.at
    return made

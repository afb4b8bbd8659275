"""What a first reading has to say before anything is kept."""

from __future__ import annotations

from lineitem.pipeline.listed import at_list
from lineitem.pipeline.totals import as_total, inherited_totals, runs_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.attribution.requests import Request
    from lineitem.pricing.book import PriceBook


def beyond(
    book: PriceBook, requests: Iterable[Request], totals: dict[str, list[Any]]
) -> list[tuple[int, int, dict[str, list[int]]]]:
    """(at, unlogged nanodollars, missing tokens) of every run, before anything is kept."""
    owned: dict[str, list[Request]] = {}
    copied: dict[str, list[Request]] = {}
    for request in requests:
        if request.session in totals and request.counted:
            owned.setdefault(request.session, []).append(request)
        for session, _ in request.copies or ():
            if session in totals and session != request.session:
                copied.setdefault(session, []).append(request)
    found = []
    for session, rows in totals.items():
        own = [as_total(row[2], row[3], row[4], row[5]) for row in rows]
        inherited = inherited_totals(
            at_list(book, copied.get(session, ())),
            owned.get(session, ()),
            lambda parent: [as_total(row[2], row[3], row[4], row[5]) for row in totals.get(parent, ())],
        )
        made = runs_of(book, own, owned.get(session, ()), inherited)
        found += [(run.at, run.beyond, run.missing) for run in made if run.beyond or run.missing]
    return found

"""Sessions that are taken up again with a cold cache: -> findings, one before the next request and one after it.

Before it, what the client expects is held against what writing the context would cost at the list price. After it,
what it wrote and what that cost is counted. Where both are seen at once, only what was counted is told.
"""

from __future__ import annotations

from lineitem.attribution.requests import Request
from lineitem.core.rates import Rates, class_costs
from lineitem.insights.cold import resume_trap
from lineitem.insights.seen import ReturnSeen
from lineitem.ledger import findings as kept
from lineitem.ledger import questions
from lineitem.pipeline.prices import rates_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from lineitem.insights.findings import Finding
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook


def unheard(ledger: Ledger) -> list[tuple[int, int, int, str]]:
    """(number, session, at, note) of the returns that were told since the last look."""
    return kept.returns_after(ledger, int(ledger.state(kept.HEARD) or 0))


def cold_returns(ledger: Ledger, book: PriceBook, sessions: Iterable[tuple[int, int]]) -> Iterator[Finding]:
    """What stands out of returns that are new, and of those whose next request is; these count as looked at.

    sessions: (session, looked through up to) of those that went on.
    """
    new = unheard(ledger)
    returns = {(session, at): note for _, session, at, note in new}
    for session, since in sessions:
        for at, note in kept.returns_since(ledger, session, since):
            returns[session, at] = note
    answered: dict[tuple[int, int], ReturnSeen] = {}
    for (session, at), note in sorted(returns.items()):
        back, model = _return(ledger, session, at, note)
        request = kept.request_after(ledger, session, at)
        if request is not None:  # of several returns before one request the last is told
            made = _made(ledger, book, back, request)
            answered[session, made.at] = made
            continue
        found = resume_trap(back, *_rates(ledger, book, session, back, model))
        if found is not None:
            yield found
    for back in answered.values():
        found = resume_trap(back)
        if found is not None:
            yield found
    ledger.set_state(kept.HEARD, str(kept.last_event(ledger)))


def _return(ledger: Ledger, session: int, at: int, note: str) -> tuple[ReturnSeen, str]:
    """A return as its `SessionStart` event told it, and the model it goes on with; '' where that was not said."""
    from json import loads

    said = loads(note)
    idle = said.get("seconds_since_last_response")
    back = ReturnSeen(
        ledger.text(session), kept.project_of(ledger, session), at, said.get("context_tokens"),
        said.get("prompt_cache_likely_expired"), None if idle is None else idle * 1000,
        said.get("estimated_cache_write_nanos"),
    )  # fmt: skip
    return back, said.get("model", "")


def _made(ledger: Ledger, book: PriceBook, back: ReturnSeen, request: tuple[Any, ...]) -> ReturnSeen:
    """The same once the next request was made: what it wrote to the cache, and for how much."""
    at, model, uncached, write5, write1, read, modifiers, size = request
    made = Request(
        "", "", 0, "", "", at, ledger.text(model), uncached, 0, write5, write1, read, 0, 0, modifiers, size, "", ""
    )
    rates = rates_of(book, made)
    context = made.context if back.context is None else back.context
    paid = None if rates is None else sum(class_costs(rates, 0, write5, write1, 0, 0, 0))
    return back._replace(at=at, context=context, written=write5 + write1, paid=paid)


def _rates(
    ledger: Ledger, book: PriceBook, session: int, back: ReturnSeen, model: str
) -> tuple[int | None, int | None]:
    """(write, read) rates in femtodollars a token: of the model it goes on with, for as long as it caches."""
    last = [ledger.text(row[2]) for row in questions.last_requests(ledger, sessions=[session])]
    for name in (model, *last):
        rates = book.rates(name, back.at, prompt_tokens=back.context or 0) if name else None
        if isinstance(rates, Rates):
            hour = questions.cache_ttl(ledger, session) == "1h"
            return rates.cache_write_1h if hour else rates.cache_write_5m, rates.cache_read
    return None, None

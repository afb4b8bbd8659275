"""The requests of a session as what-if questions want them."""

from __future__ import annotations

from lineitem.insights.whatif import Billed
from lineitem.ledger import questions
from lineitem.reports.prompted import (
    ADVISOR,
    AT,
    MODEL,
    MODIFIERS,
    NANOS,
    OUTPUT,
    READ,
    THREAD,
    UNCACHED,
    WRITE1,
    WRITE5,
    context_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineitem.ledger.store import Ledger
    from lineitem.reports.prompted import Prompted, Row
    from lineitem.reports.rot import Pricing

_EXPIRED = frozenset(("idle beyond the 5-minute cache lifetime", "idle beyond the 1-hour cache lifetime"))


def billed(ledger: Ledger, session: Prompted, rows: Iterable[Row], pricing: Pricing) -> Iterator[Billed]:
    """These requests of a session, each with what had expired of its cache by itself."""
    missed = {
        (thread, at): (tokens, idle)
        for thread, at, _, reason, tokens, _, idle in questions.misses(ledger, session.number)
        if reason in _EXPIRED
    }
    text, main, number = ledger.text, session.main, session.number
    for row in rows:
        size, at, nanos, thread, model = context_of(row), row[AT], row[NANOS], row[THREAD], row[MODEL]
        tokens = idle = 0
        if missed:
            tokens, idle = missed.get((text(thread) if thread else "", at), (0, 0))
        rates = None if nanos is None else pricing(text(model), at, row[MODIFIERS], size)
        yield Billed(number, at, size, row[UNCACHED], row[WRITE5], row[WRITE1], row[READ], row[OUTPUT], rates,
                     nanos or 0, tokens, idle, thread == main and not row[ADVISOR])  # fmt: skip

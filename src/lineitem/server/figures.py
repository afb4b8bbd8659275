"""The figures of the statusline: what the client says of a session, and what the ledger knows of it.

The client's own running total is the newest figure there is, the ledger's the exact one; the larger of the two is
shown, and it is provisional until the ledger has it from a transcript.
"""

from __future__ import annotations

from lineitem.core.rates import Rates, rounded
from lineitem.insights.health import LEVELS, level_of
from lineitem.ledger import findings, questions
from lineitem.reports.anomalies import NAMES
from lineitem_hook.store import block, today
from lineitem_hook.told import told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.insights.health import Thresholds
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook

#: Where the blocks of five hours are counted from, and how long an anomaly is shown (milliseconds).
_BACK, _SHOWN = 3 * 86_400_000, 15 * 60_000


def figures(
    ledger: Ledger, book: PriceBook, thresholds: Thresholds, text: str, model: str, ttl: str, now: int
) -> dict[str, Any]:
    """What `lineitem_hook.line.draw` draws. text: the statusline's JSON; model, ttl: of the snapshot in it."""
    found = told(text, now)
    number = ledger.find_name(found["id"])
    known = (questions.session_cost(ledger, number) or None) if number is not None else None
    said = found["session"]
    if known is not None and (said is None or known >= said):
        found["session"], found["provisional"] = known, number is not None and not ledger.has_files(number)
    quarters = questions.recent_quarters(ledger, now - _BACK)
    found["today"], found["block"] = today(quarters, now), block(quarters, now)
    if said is not None and said > (known or 0):
        found["today"] = (found["today"] or 0) + said - (known or 0)
    if found["context"] is not None:
        found["level"] = LEVELS[level_of(found["context"], thresholds)]
    if found["recache"] is None and found["warm"] is False:
        found["recache"] = found["context"]  # all of it is written again
    rates = book.rates(model, now) if model else None
    if isinstance(rates, Rates) and found["recache"] is not None:
        rate = (rates.cache_write_1h if ttl == "1h" else rates.cache_write_5m) - rates.cache_read
        found["recache_nanos"] = rounded(found["recache"] * rate)
    found["anomaly"] = _last(ledger, number, now)
    return found


def _last(ledger: Ledger, number: int | None, now: int) -> str | None:
    """The last thing that stood out in a session, in a few words."""
    if number is None:
        return None
    for _, _, rule, _, again, body in findings.findings(ledger, now - _SHOWN, now + 60_000, number):
        if not again and rule != "health":
            from json import loads

            return f"{NAMES.get(rule, rule)} {loads(body)['subject']}".strip()
    return None

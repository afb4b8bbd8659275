"""What a question may cost, and what is left of the month: pure sums in nanodollars.

Always: what could be spent is set aside before anything is sent, so that the budget holds whatever comes back. What
nobody can know (a connection that broke) stays set aside: it may have been charged.
"""

from __future__ import annotations

from lineitem.core.rates import Rates, cost_nanos

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.classifier.answer import Counted
    from lineitem.core.periods import Zone
    from lineitem.pricing.book import PriceBook

#: Tokens an answer may have.
MOST_OUTPUT = 300
#: Tokens that the API adds for the form of the answer, amply.
_ADDED = 2_000


def most_input(size: int) -> int:
    """The most input tokens that a request with so many bytes of text can have: no token is less than a byte."""
    return size + _ADDED


def worst_case(book: PriceBook, model: str, at: int, size: int) -> int | None:
    """The most a request can cost, nanodollars; None where the model has no price."""
    tokens = most_input(size)
    rates = book.rates(model, at, prompt_tokens=tokens)
    if not isinstance(rates, Rates):
        return None
    dearest = max(
        cost_nanos([tokens if index == place else 0 for index in range(4)] + [0, 0], rates) for place in range(4)
    )
    return dearest + cost_nanos([0, 0, 0, 0, MOST_OUTPUT, 0], rates)


def cost(book: PriceBook, model: str, at: int, counted: Counted | None, most: int) -> int | None:
    """What a request cost, nanodollars; None where its tokens are not known, or cannot be: it cannot exceed `most`."""
    if counted is None:
        return None
    prompt = counted.uncached + counted.write_5m + counted.write_1h + counted.read
    rates = book.rates(model, at, prompt_tokens=prompt)
    if not isinstance(rates, Rates):
        return None
    nanos = cost_nanos([*counted, 0], rates)
    return nanos if nanos <= most else None


def month_start(zone: Zone, now: int) -> int:
    """The first moment of the month that `now` lies in."""
    year, month, _ = zone.date(now)
    return zone.start(year, month, 1)


def dollars(nanos: int) -> str:
    """$0.0012: four digits and more where an amount is small, rounded up: what was spent is never shown as less."""
    tenths = -(-nanos // 100_000)
    whole, part = divmod(tenths, 10_000)
    digits = f"{part:04d}"
    return f"${whole:,}.{digits[:2]}{digits[2:].rstrip('0')}"

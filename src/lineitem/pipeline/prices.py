"""What a request costs: the rates of its model, its day and its modifiers, and what they make of its tokens."""

from __future__ import annotations

from lineitem.core.rates import Rates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.attribution.requests import Request
    from lineitem.core.live import ApiCall
    from lineitem.pricing.book import PriceBook


def rates_of(book: PriceBook, request: Request) -> Rates | None:
    """The rates of a request, None where its model has no price."""
    modifiers = request.modifiers
    if modifiers:
        rates = book.rates(
            request.model,
            request.at,
            "fast" if "f" in modifiers else "",
            "us" if "g" in modifiers else "",
            "batch" if "b" in modifiers else "",
            request.context,
        )
    else:
        rates = book.rates(request.model, request.at, "", "", "", request.context)
    return rates if isinstance(rates, Rates) else None


def price(book: PriceBook, request: Request) -> int | None:
    """Nanodollars of a request, rounded once per price class; None: unpriced."""
    rates = rates_of(book, request)
    if rates is None:
        return None
    return sum(request.costs(rates))


def live_rates(book: PriceBook, call: ApiCall) -> Rates | None:
    """The rates of a call that telemetry reported."""
    speed = "fast" if call.speed == "fast" else ""
    rates = book.rates(call.model, call.at, speed, "", "", call.uncached + call.write5 + call.write1 + call.read)
    return rates if isinstance(rates, Rates) else None

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
    return rates_for(book, request.model, request.at, request.modifiers, request.context)


def rates_for(book: PriceBook, model: str, at: int, modifiers: str, context: int) -> Rates | None:
    """The rates of a request of a model at a moment, None where that has no price. context: tokens of its prompt."""
    if modifiers:
        rates = book.rates(
            model,
            at,
            "fast" if "f" in modifiers else "",
            "us" if "g" in modifiers else "",
            "batch" if "b" in modifiers else "",
            context,
        )
    else:
        rates = book.rates(model, at, "", "", "", context)
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


def live_price(book: PriceBook, call: ApiCall) -> int | None:
    """Nanodollars of a call that live sources told: what the client said, else its tokens at our rates."""
    rates = live_rates(book, call) if call.nanos is None else None
    return call.nanos if rates is None else sum(call.costs(rates))

"""How the tests ask for a price: one request at noon of a day, its rates back as dollars a million tokens."""

from __future__ import annotations

from decimal import Decimal

from lineitem.core.rates import Rates
from lineitem.pricing.book import PriceBook
from lineitem.pricing.decimals import parse_day

NOON = 12 * 3_600_000

LIST = PriceBook.builtin()


def rates_of(
    model: str,
    day: str = "2026-11-21",
    *,
    speed: str = "",
    geo: str = "",
    tier: str = "",
    prompt_tokens: int = 1000,
    book: PriceBook = LIST,
) -> Rates:
    """The rates of a request that has a price."""
    found = book.rates(model, parse_day(day) + NOON, speed, geo, tier, prompt_tokens)
    assert isinstance(found, Rates), found
    return found


def dollars(rates: Rates) -> tuple[Decimal, ...]:
    """Input, 5m write, 1h write, read, output: dollars a million tokens."""
    femto = (
        rates.uncached_input,
        rates.cache_write_5m,
        rates.cache_write_1h,
        rates.cache_read,
        rates.output,
    )
    return tuple(Decimal(rate) / 10**9 for rate in femto)


def price_of(model: str, day: str = "2026-11-21", **asked: object) -> tuple[Decimal, ...]:
    """Input, 5m write, 1h write, read, output of one request: dollars a million tokens."""
    return dollars(rates_of(model, day, **asked))  # type: ignore[arg-type]


def usd(text: str) -> tuple[Decimal, ...]:
    """Dollars as the tests write them: "4 5 8 0.20 20"."""
    return tuple(Decimal(word) for word in text.split())


def times(prices: tuple[Decimal, ...], multiplier: str) -> tuple[Decimal, ...]:
    return tuple(price * Decimal(multiplier) for price in prices)

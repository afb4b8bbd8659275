"""One dated row of prices, listed or a person's own.

In: the price table, or own prices from the settings. Out: `PriceRow`s by model, in order of date.
"""

from __future__ import annotations

from lineitem.pricing.decimals import parse_day, parse_rate, render_rate
from lineitem.pricing.table import PRICES

_ALWAYS = -(1 << 62)


class PriceRow:
    """The five token rates of a model from a day on, in femtodollars a token."""

    __slots__ = ("at_ms", "checked", "own", "rates", "since", "source")

    def __init__(
        self, since: str, rates: tuple[int, int, int, int, int], source: str = "settings", checked: str = ""
    ) -> None:
        self.since = since  #: YYYY-MM-DD, "" for always
        self.at_ms = parse_day(since) if since else _ALWAYS
        self.rates = rates  #: uncached input, 5m write, 1h write, cache read, output
        self.source = source  #: the public page, or "settings"
        self.checked = checked  #: the day that page was last compared, "" for own rows
        self.own = not checked

    def shown(self) -> tuple[str, ...]:
        """The rates as dollars a million tokens."""
        return tuple(render_rate(rate) for rate in self.rates)

    def label(self) -> str:
        """Names the row within its model. Own rows change without notice, so theirs holds the rates too."""
        return f"{self.since or 'own'}={'/'.join(self.shown())}" if self.own else self.since


def listed_rows() -> dict[str, list[PriceRow]]:
    """The rows of the price table."""
    rows: dict[str, list[PriceRow]] = {}
    for model, since, uncached, write_5m, write_1h, read, output, source, checked in PRICES:
        rates = (
            parse_rate(uncached),
            parse_rate(write_5m),
            parse_rate(write_1h),
            parse_rate(read),
            parse_rate(output),
        )
        rows.setdefault(model, []).append(PriceRow(since, rates, source, checked))
    return rows

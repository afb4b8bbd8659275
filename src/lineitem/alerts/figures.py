"""Numbers in a message: whole numbers in, a few characters out, digits and our own signs only.

In: nanodollars, tokens, counts, milliseconds, hundredths of a percent; none is negative. Nothing is shown as
zero unless it is.
"""

from __future__ import annotations

from lineitem.insights.words import dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_UNITS = ((1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))


#: Dollars and cents, as findings write them.
money = dollars


def tokens(number: int) -> str:
    """1,204 · 30.1k · 2.4M."""
    if number < 10_000:
        return f"{number:,}"
    unit, letter = next(each for each in _UNITS if number >= each[0] - each[0] // 20_000)
    tenths = (20 * number + unit) // (2 * unit)
    return f"{tenths // 10:,}.{tenths % 10}{letter}"


def count(number: int) -> str:
    return f"{number:,}"


def percent(hundredths: int) -> str:
    """Whole percent, cut, not rounded: 100% is reached, not near."""
    return "under 1%" if 0 < hundredths < 100 else f"{hundredths // 100:,}%"


def times(tenths: int) -> str:
    """How many times as much, of tenths: 12 · 3.4."""
    return f"{tenths // 10:,}" if tenths >= 100 or not tenths % 10 else f"{tenths // 10}.{tenths % 10}"


def duration(millis: int) -> str:
    """The largest unit: 45s · 12m · 3h · 2d."""
    for size, letter in ((172_800_000, "d"), (7_200_000, "h"), (120_000, "m")):
        if millis >= size:
            return f"{millis // (size // 2):,}{letter}"
    return f"{millis // 1000}s"


WRITTEN: dict[str, Callable[[int], str]] = {
    "money": money,
    "tokens": tokens,
    "count": count,
    "percent": percent,
    "times": times,
    "duration": duration,
}

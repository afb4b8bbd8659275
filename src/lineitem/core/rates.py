"""What one token costs, and what a request's tokens cost at those rates.

In: token counts by price class and the `Rates` in force for that request. Out: whole nanodollars by class.
Always: integers only; one rounding per price class, half up; a model without a price is `Unpriced`, never 0.

Rates are whole femtodollars (1e-15 $) a token: $0.125 a million tokens is 125_000_000. Every published rate
is a whole number of them, also under stacked modifiers: nothing is lost before the one rounding.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Rates:
    """The six rates one request is priced at. Never changed once made: share it freely."""

    __slots__ = (
        "cache_read",
        "cache_write_1h",
        "cache_write_5m",
        "key",
        "output",
        "uncached_input",
        "web_search",
    )

    def __init__(
        self,
        key: str,
        uncached_input: int,
        cache_write_5m: int,
        cache_write_1h: int,
        cache_read: int,
        output: int,
        web_search: int,
    ) -> None:
        self.key = key  #: names this exact set, e.g. "claude-opus-5-5@2026-09-22+fast"
        self.uncached_input = uncached_input  #: femtodollars a token, as the four below
        self.cache_write_5m = cache_write_5m
        self.cache_write_1h = cache_write_1h
        self.cache_read = cache_read
        self.output = output
        self.web_search = web_search  #: nanodollars a search

    def _values(self) -> tuple[str, int, int, int, int, int, int]:
        return (
            self.key,
            self.uncached_input,
            self.cache_write_5m,
            self.cache_write_1h,
            self.cache_read,
            self.output,
            self.web_search,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rates) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Rates{self._values()!r}"


class Unpriced:
    """Why a request has no price: a sentence with the way out. The slug is a heading of docs/prices.md."""

    __slots__ = ("reason", "slug")

    def __init__(self, reason: str, slug: str = "unpriced-model") -> None:
        self.reason = reason
        self.slug = slug

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unpriced) and (self.slug, self.reason) == (other.slug, other.reason)

    def __hash__(self) -> int:
        return hash((self.slug, self.reason))

    def __repr__(self) -> str:
        return f"Unpriced({self.reason!r}, {self.slug!r})"


def class_costs(
    rates: Rates, uncached: int, write_5m: int, write_1h: int, read: int, output: int, searches: int
) -> tuple[int, int, int, int, int, int]:
    """Nanodollars of each price class, in the order of the arguments; each class is rounded once."""
    # Written out, and empty classes skipped: it runs for every request, and most leave two classes empty.
    return (
        (uncached * rates.uncached_input + 500_000) // 1_000_000 if uncached else 0,
        (write_5m * rates.cache_write_5m + 500_000) // 1_000_000 if write_5m else 0,
        (write_1h * rates.cache_write_1h + 500_000) // 1_000_000 if write_1h else 0,
        (read * rates.cache_read + 500_000) // 1_000_000 if read else 0,
        (output * rates.output + 500_000) // 1_000_000 if output else 0,
        searches * rates.web_search,
    )


def rounded(femto: int) -> int:
    """Femtodollars as nanodollars, half a one up."""
    return (femto + 500_000) // 1_000_000


def cost_nanos(tokens_by_class: Sequence[int], rates: Rates) -> int:
    """Nanodollars of a whole request: the sum of `class_costs`.

    tokens_by_class: uncached input, 5-minute writes, 1-hour writes, reads, output, searches, in this order.
    """
    uncached, write_5m, write_1h, read, output, searches = tokens_by_class
    return sum(class_costs(rates, uncached, write_5m, write_1h, read, output, searches))

"""What is usual: the last values of a stream, with mean and variance, median, spread and tail.

In: whole numbers (tokens, nanodollars, bytes, milliseconds). Out: figures of the values in the window, None where
there are too few for one. Always: sums are exact, so a value that leaves the window leaves no trace in them, in
whatever order and size values came.

`Moments` are Welford's mean and variance for whole numbers: instead of a rounded mean and a rounded sum of squared
deviations the exact sums are kept, of which both follow. Rounding is what the recurrences are there to tame; without
it, `remove` undoes `add` to the last bit even where a huge value leaves.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from math import isqrt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

#: How many values a window holds: enough for a 95th percentile, few enough to follow a project that changes.
WIDTH = 200
#: So many of the largest values are never what is high.
SPARED = 3
#: No window that was kept is made again wider than this.
WIDEST = 10_000
#: A larger value is taken for this one: no count of tokens, bytes or nanodollars comes near it.
LARGEST = 10**18
#: MAD times this is the standard deviation of a normal distribution (1 / 0.67449), in thousandths.
_MAD_TO_DEVIATION = 1483


class Moments:
    """Count, mean and variance of whole numbers, exactly."""

    __slots__ = ("count", "squares", "total")

    def __init__(self) -> None:
        self.count = self.total = self.squares = 0

    def add(self, value: int) -> None:
        self.count += 1
        self.total += value
        self.squares += value * value

    def remove(self, value: int) -> None:
        """Take a value out that was added before."""
        self.count -= 1
        self.total -= value
        self.squares -= value * value

    def mean(self) -> int | None:
        """The mean, to the nearest whole number (half up); None without values."""
        return (2 * self.total + self.count) // (2 * self.count) if self.count else None

    def deviation(self) -> int | None:
        """The standard deviation of the sample, rounded down; None under two values."""
        if self.count < 2:
            return None
        # n * sum of squared deviations is a whole number, and so is what stands under the root but for the division.
        return isqrt((self.count * self.squares - self.total * self.total) // (self.count * (self.count - 1)))

    def score(self, value: int) -> int | None:
        """Hundredths of a standard deviation by which a value lies above the mean; None where nothing varies."""
        squared = self.count * self.squares - self.total * self.total
        if self.count < 2 or not squared:
            return None
        above = value * self.count - self.total
        away = isqrt(above * above * (self.count - 1) * 10_000 // (squared * self.count))
        return away if above >= 0 else -away


class Baseline:
    """The last values of one stream. Values join at one end and leave at the other."""

    __slots__ = ("_next", "_ranked", "_values", "moments", "width")

    def __init__(self, width: int = WIDTH) -> None:
        self.width = width
        self.moments = Moments()
        self._values: list[int] = []  #: a ring once it is full
        self._next = 0  #: where the oldest value stands, and the next will
        self._ranked: list[int] = []  #: the same values, sorted

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: int) -> None:
        """A value (0 or more) joins, the oldest leaves where the window is full."""
        value = min(value, LARGEST)
        if len(self._values) < self.width:
            self._values.append(value)
        else:
            oldest = self._values[self._next]
            self._values[self._next] = value
            self._next = (self._next + 1) % self.width
            self.moments.remove(oldest)
            del self._ranked[bisect_left(self._ranked, oldest)]
        self.moments.add(value)
        insort(self._ranked, value)

    def fill(self, values: list[int]) -> None:
        """As if these had been added to an empty one, oldest first; no more than the width, none beyond `LARGEST`."""
        self._values, self._ranked = values, sorted(values)
        self.moments.count, self.moments.total = len(values), sum(values)
        self.moments.squares = sum(value * value for value in values)

    def values(self) -> list[int]:
        """Oldest first."""
        return self._values[self._next :] + self._values[: self._next]

    def row(self) -> list[int]:
        """What `load` makes again: width, 0 (older stores hold a count there), then the values, oldest first."""
        return [self.width, 0, *self.values()]

    def median(self) -> int | None:
        return _middle(self._ranked)

    def spread(self) -> int | None:
        """The median absolute deviation: half of the values lie within it around the median."""
        median = self.median()
        if median is None:
            return None
        return _middle(sorted(abs(value - median) for value in self._ranked))

    def robust_score(self, value: int) -> int | None:
        """The same with the median and the deviation that the spread makes likely; rounded towards zero."""
        median, spread = self.median(), self.spread()
        if median is None or not spread:
            return None
        away = abs(value - median) * 100_000 // (spread * _MAD_TO_DEVIATION)
        return away if value >= median else -away

    def high(self) -> int | None:
        """What 19 of 20 values do not exceed, and at least the three largest do: three spikes cannot move it far."""
        ranked = self._ranked
        rank = min(-(-len(ranked) * 19 // 20), len(ranked) - SPARED)
        return ranked[max(1, rank) - 1] if ranked else None


def load(row: Sequence[Any]) -> Baseline:
    """The baseline that `Baseline.row` wrote; of an unusable row an empty one, which learns anew."""
    if len(row) < 2 or set(map(type, row)) != {int} or min(row) < 0 or not row[0]:
        return Baseline()
    found = Baseline(min(row[0], WIDEST))
    values = list(row[2:])[-found.width :]
    found.fill(values if max(values, default=0) <= LARGEST else [min(value, LARGEST) for value in values])
    return found


def _middle(ranked: Sequence[int]) -> int | None:
    """The median of sorted values: of an even number the mean of the two in the middle, half up."""
    count = len(ranked)
    if not count:
        return None
    return ranked[count // 2] if count % 2 else (ranked[count // 2 - 1] + ranked[count // 2] + 1) // 2

"""Chance that is the same each time: the same question gets the same answer.

In: a seed. Out: whole numbers below `END`, and what they are as waiting times or as deviations from a middle. A linear
congruential generator of 64 bits (multiplier and increment are Knuth's for MMIX), of which the upper half is used. Good
enough to weigh days and to shuffle values; never for secrets.
"""

from __future__ import annotations

from math import erf, log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What a draw is below, and its bits.
END, BITS = 1 << 32, 32
#: One, as waiting times and deviations count it.
ONE = 1 << 10
_MASK = (1 << 64) - 1
_STEPS = 10  #: bits of a draw that say which waiting time it is
_MIDDLES = 6  #: ... and which deviation


def draws(seed: int = 1) -> Callable[[], int]:
    """A function that gives another whole number from 0 to below `END` at each call."""
    return _stream(seed).__next__


def _stream(seed: int) -> Iterator[int]:
    state = (seed * 0x9E3779B97F4A7C15 + 1) & _MASK
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) & _MASK
        yield state >> 32


def wait(draw: int) -> int:
    """A draw as a number of the exponential distribution; `ONE` is its mean."""
    return _WAITS[draw >> BITS - _STEPS]


def deviation(draw: int) -> int:
    """A draw as a number of the normal distribution; `ONE` is its standard deviation."""
    return _DEVIATIONS[draw >> BITS - _MIDDLES]


def _quantile(share: float) -> float:
    """The value below which that share of a standard normal distribution lies."""
    low, high = -8.0, 8.0
    for _ in range(40):
        middle = (low + high) / 2
        if (1 + erf(middle / 2**0.5)) / 2 < share:
            low = middle
        else:
            high = middle
    return low


#: In equal steps of probability, each by its middle.
_WAITS = tuple(round(-ONE * log(1 - (2 * step + 1) / (2 << _STEPS))) for step in range(1 << _STEPS))
_DEVIATIONS = tuple(round(ONE * _quantile((2 * step + 1) / (2 << _MIDDLES))) for step in range(1 << _MIDDLES))

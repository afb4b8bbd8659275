"""Chance that is the same on every machine.

In:   a seed.
Out:  whole numbers, choices, sizes along a curve, ids.
Holds always: only the bits of the Mersenne Twister and integer arithmetic are used. No floats, no logarithms,
and none of the `random` module's own choosing, which has changed between Python versions.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Curve:
    """A distribution given by some of its quantiles, straight between them.

    `Curve(20, p50=300, p90=2_000, top=9_000)`: never below 20, half below 300, and so on.
    """

    def __init__(self, bottom: int, **quantiles: int) -> None:
        self.values = [bottom, *quantiles.values()]
        self.shares = [0, *(65_536 if name == "top" else _share(name) for name in quantiles)]

    def at(self, share: int) -> int:
        """The value below which `share` of 65,536 draws lie."""
        upper = bisect_right(self.shares, share)
        left, right = self.shares[upper - 1], self.shares[upper]
        low, high = self.values[upper - 1], self.values[upper]
        return low + (high - low) * (share - left) // (right - left)


def _share(name: str) -> int:
    """`p50` is half, `p999` is 99.9 %."""
    digits = name[1:]
    scale: int = 10 ** len(digits)
    return 65_536 * int(digits) // scale


class Draws:
    """A stream of draws."""

    def __init__(self, seed: int) -> None:
        self.bits = random.Random(seed).getrandbits

    def below(self, end: int) -> int:
        return self.bits(32) * end >> 32

    def between(self, low: int, high: int) -> int:
        """From `low` to `high`, both included."""
        return low + (self.bits(32) * (high - low + 1) >> 32)

    def chance(self, of_a_thousand: int) -> bool:
        return self.bits(32) * 1_000 >> 32 < of_a_thousand

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.bits(32) * len(choices) >> 32]

    def size(self, curve: Curve) -> int:
        return curve.at(self.bits(16))

    def hex(self, digits: int) -> str:
        return f"{self.bits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        h = f"{self.bits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

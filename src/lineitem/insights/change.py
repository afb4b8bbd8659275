"""Before and after: whether something changed, by how much, and how often chance alone does that.

In: two lists of values, such as what sessions cost before and after a date. Out: means and medians, the change of the
mean with an interval, and how often so large a difference comes about by chance. Always: swapping the sides turns the
difference around and leaves the chance as it is; sides that are alike are no change; with fewer than five values on a
side nothing is said.

The chance is that of a permutation test, which asks nothing of how values are distributed: if nothing had changed, each
value might as well stand on the other side. So all values are dealt anew, and it is counted how often the two sides
then differ as much as they do: for every possible deal where there are few, else for 1,999 deals by chance (fewer where
there are thousands of values). The interval holds every factor that would not be called a change: were all values of
before multiplied by it, the test would find nothing. So it contains "no change" just where the test does.
"""

from __future__ import annotations

from math import comb
from typing import NamedTuple

from lineitem.insights.draws import BITS, draws

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Values a side must have.
FEWEST = 5
#: A difference is called one when chance makes it at most once in so many times; of the interval's level, the same.
ONCE_IN = 20
_MILLION = 1_000_000
#: Up to so many deals all are tried; else so many by chance, and at most so many values are dealt in all.
_ALL, _SOME, _DEALT = 5_000, 1_999, 1_500_000
#: Factors are looked for up to this, in thousandths.
_FARTHEST = 1_000_000
_THOUSAND = 1000


class Side(NamedTuple):
    """One side: how many values, their mean and median (half up)."""

    values: int
    mean: int | None
    median: int | None


class Change(NamedTuple):
    """What became of some values. Thousandths are of the mean before: -180 is 18% less."""

    before: Side
    after: Side
    difference: int | None  #: mean after minus mean before
    thousandths: int | None  #: None: too few values, or nothing before
    low: int | None  #: the interval's ends; None: it has none on that side, or is not known
    high: int | None
    chance: int | None  #: millionths: how often chance alone makes the means differ so much; None: too few values
    median_chance: int | None  #: the same for the medians

    @property
    def significant(self) -> bool:
        """Whether the difference of the means is more than chance makes once in twenty times."""
        return self.chance is not None and self.chance * ONCE_IN <= _MILLION


def change(before: Sequence[int], after: Sequence[int]) -> Change:
    """The change from values before to values after; none may be negative."""
    sides = _side(before), _side(after)
    if min(len(before), len(after)) < FEWEST:
        return Change(*sides, None, None, None, None, None, None)
    first, second = sides
    assert first.mean is not None
    assert second.mean is not None
    deals = _Deals(before, after)
    ratio = sum(after) * len(before) * _THOUSAND // (sum(before) * len(after)) if any(before) else None
    low, high = deals.interval(ratio) if ratio is not None else (None, None)
    return Change(
        *sides,
        second.mean - first.mean,
        ratio - _THOUSAND if ratio is not None else None,
        low - _THOUSAND if low is not None else None,
        high - _THOUSAND if high is not None else None,
        deals.chance(),
        deals.median_chance(),
    )


def sentence(found: Change, what: str, when: str = "") -> str:
    """What a change means, in words: "Sessions cost 18% less since then. By chance ..."; `what` is a plural."""
    verb, when = "cost", f" {when}" if when else ""
    if found.chance is None:
        fewest = min(found.before.values, found.after.values)
        return f"{what}: too little is known ({fewest} on one side, and {FEWEST} are needed on each)."
    moved = found.thousandths
    if found.difference == 0 or moved == 0:
        return f"{what} {verb} the same{when}."
    less = (found.difference or 0) < 0
    if moved is None:
        said = f"{what} {verb} something{when}, and nothing before."
    elif moved >= _THOUSAND:
        said = f"{what} {verb} {_tenths(moved + _THOUSAND)} times as much{when}."
    else:
        said = f"{what} {verb} {_percent(abs(moved))} {'less' if less else 'more'}{when}."
    odds = _odds(found.chance)
    if found.significant:
        return f"{said} By chance alone so large a difference comes about {odds}."
    return f"{said} That could well be chance: it alone makes such a difference {odds}."


def _percent(thousandths: int) -> str:
    return f"{(thousandths + 5) // 10}%" if thousandths >= 10 else "less than 1%"


def _tenths(thousandths: int) -> str:
    tenths = (thousandths + 50) // 100
    return f"{tenths // 10}.{tenths % 10}"


def _odds(chance: int) -> str:
    """Millionths as people say them."""
    if chance * 2 > _MILLION:
        return "more often than not"
    if chance < _THOUSAND:
        return "less than once in 1,000 times"
    times = (_MILLION + chance // 2) // chance
    return f"once in {times if times < 100 else times // 100 * 100:,} times"


def _side(values: Sequence[int]) -> Side:
    count = len(values)
    if not count:
        return Side(0, None, None)
    return Side(count, (2 * sum(values) + count) // (2 * count), (_twice_median(sorted(values)) + 1) // 2)


def _twice_median(ranked: Sequence[int]) -> int:
    count = len(ranked)
    return ranked[(count - 1) // 2] + ranked[count // 2]


class _Deals:
    """All values dealt anew, the same deals for every question."""

    def __init__(self, before: Sequence[int], after: Sequence[int]) -> None:
        self.values = sorted(before) + sorted(after)
        self.sizes = len(before), len(after)
        self.totals = sum(before), sum(after)
        ranked = sorted(range(len(self.values)), key=self.values.__getitem__)
        self.ranked = [self.values[place] for place in ranked]
        self.exact = comb(len(ranked), self.sizes[0]) <= _ALL
        # the smaller hand is dealt, so that swapped sides get the same deals
        self.swapped = self.sizes[1] < self.sizes[0]
        hand = min(self.sizes)
        self.hands = list(_all_hands(len(ranked), hand) if self.exact else _some_hands(len(ranked), hand))
        # what a hand holds of the values of before, and of those of after: all that a factor needs
        old = [self.values[place] if place < len(before) else 0 for place in ranked]
        self.held = [
            (sum(old[place] for place in dealt), sum(self.ranked[place] for place in dealt)) for dealt in self.hands
        ]

    def chance(self, factor: int = _THOUSAND) -> int:
        """Millionths of deals whose means differ at least as much as given, values of before times `factor`/1000."""
        first, second = self.sizes
        count, hand = first + second, min(self.sizes)
        old, new = self.totals[0] * factor, self.totals[1] * _THOUSAND
        whole = (old + new) * hand
        given = abs((new if self.swapped else old) * count - whole)
        alike = sum(
            abs((part * factor + (both - part) * _THOUSAND) * count - whole) >= given for part, both in self.held
        )
        return self._share(alike)

    def median_chance(self) -> int:
        """Millionths of deals whose medians differ at least as much as given."""
        first, _ = self.sizes
        given = abs(_twice_median(self.values[:first]) - _twice_median(self.values[first:]))
        alike = 0
        for dealt in self.hands:
            mine = [self.ranked[place] for place in dealt]
            alike += abs(_twice_median(mine) - self._median_of_others(dealt)) >= given
        return self._share(alike)

    def _median_of_others(self, dealt: Sequence[int]) -> int:
        """Twice the median of what was not dealt; `dealt` are places in rising order."""
        count = len(self.ranked) - len(dealt)
        return self.ranked[_other(dealt, (count - 1) // 2)] + self.ranked[_other(dealt, count // 2)]

    def _share(self, alike: int) -> int:
        # of all deals the one given is a part; beside some by chance it is one more
        more = 0 if self.exact else 1
        return -(-(alike + more) * _MILLION // (len(self.hands) + more))

    def interval(self, ratio: int) -> tuple[int | None, int | None]:
        """The factors, in thousandths, of which the test says that they may be the true one."""

        def may_be(factor: int) -> bool:
            return self.chance(factor) * ONCE_IN > _MILLION

        high = _border(ratio, max(_FARTHEST, ratio * 4), may_be)
        low = _border(ratio, 0, may_be)
        return low, high


def _border(inside: int, outside: int, may_be: Callable[[int], bool]) -> int | None:
    """The last factor from `inside` towards `outside` that may be; None: all of them."""
    if may_be(outside):
        return None
    while abs(outside - inside) > 1:
        # by ratios upwards, where the way is long; downwards by halves
        middle = (inside + outside) // 2 if outside <= 4 * inside + 8 else 2 * inside + 1
        if may_be(middle):
            inside = middle
        else:
            outside = middle
    return inside


def _other(dealt: Sequence[int], place: int) -> int:
    """The place of the value that is number `place` of those not dealt."""
    low, high = 0, len(dealt)
    while low < high:
        middle = (low + high) // 2
        if dealt[middle] - middle <= place:
            low = middle + 1
        else:
            high = middle
    return place + low


def _all_hands(count: int, hand: int) -> Iterator[tuple[int, ...]]:
    from itertools import combinations

    return combinations(range(count), hand)


def _some_hands(count: int, hand: int) -> Iterator[list[int]]:
    """Hands by chance, each with its places in rising order."""
    chance = draws()
    places = list(range(count))
    for _ in range(max(199, min(_SOME, _DEALT // hand))):
        for turn in range(hand):
            other = turn + (chance() * (count - turn) >> BITS)
            places[turn], places[other] = places[other], places[turn]
        yield sorted(places[:hand])

"""Where spending will end, and how sure that is.

In: the whole days since the first day with any use, what today has so far, how many days are left. Out: what will
have been spent at the end, with an interval that holds four times in five. Always: spent <= low <= expected <= high,
the same input gives the same answer, and where fewer than three whole days are known nothing is said.

The days left are drawn from the days known, 400 times, and the sums are ranked:

- Recent days are drawn more often: one of ten days ago half as often as yesterday. Nothing before 70 days counts.
- A day is drawn from days of its own weekday, from those of its part of the week (Monday to Friday, or the weekend),
  or from all: each as often as the days known show that it matters (`pattern.credibility`).
- Which days are typical is not known either: in each of the 400 every day and every week gets a weight by chance (the
  Bayesian bootstrap). Few days, or weeks that differ much, make the interval wide.
- What was never seen may come: one day in forty is taken three times, and the level is moved by chance, by 10 % and
  with few days known by more (`_level`).
- Where dear days come together, sums vary more than days drawn one by one would: the interval is widened
  (`pattern.togetherness`).
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import exp, isqrt
from typing import NamedTuple

from lineitem.insights.draws import BITS, END, ONE, deviation, draws, wait
from lineitem.insights.pattern import Days, credibility, togetherness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: How often of a hundred the interval is meant to hold, and the hundredths of the sums it ends at.
LEVEL = 80
_LOW, _MIDDLE, _HIGH = 10, 50, 90
#: Whole days that must be known.
FEWEST = 3
#: Days after which a day counts half, and how many days are looked back.
HALF_LIFE, LONGEST = 10, 70
_DRAWS = 400
_WEEK, _WEEKEND = 7, (5, 6)
_WHOLE = 1 << 12  #: the weight of yesterday
_WEIGHTS = tuple(round(_WHOLE * 2 ** (-age / HALF_LIFE)) for age in range(LONGEST))
#: One day in so many is taken so many times.
_SELDOM, _STRETCH = END // 40, 3
#: The level's deviation, squared: always, and for a single day known.
_LEVEL_ALWAYS, _LEVEL_OF_A_DAY = 0.1**2, 0.3**2 * 7
_THOUSAND = 1000


class Forecast(NamedTuple):
    """What will have been spent at the end of a period, in nanodollars."""

    spent: int  #: so far
    expected: int  #: as likely too high as too low
    low: int
    high: int
    days_known: int  #: whole days it rests on
    level: int  #: how often of a hundred it ends between low and high


def forecast(
    days: Sequence[int], inside: int, weekday: int, today: int = 0, passed: int = 0, left: int = 0
) -> Forecast | None:
    """The end of a period; None where too little is known to say anything.

    `days`: nanodollars of whole days, the first with any use first, yesterday last; the last `inside` of them belong
    to the period. `weekday`: today's, Monday is 0. `today`: nanodollars so far; `passed`: thousandths of a usual
    day's use that lie behind at this time of the day. `left`: whole days of the period after today.
    """
    count = len(days)
    spent = sum(days[count - inside :]) + today
    rest = max(0, _THOUSAND - passed)
    if not rest and not left:
        return Forecast(spent, spent, spent, spent, count, LEVEL)
    if count < FEWEST:
        return None
    known = _Known(days[-LONGEST:], weekday)
    chance = draws()
    sums = sorted(known.draw(rest, left, chance) for _ in range(_DRAWS))
    low, middle, high = (sums[_DRAWS * share // 100] for share in (_LOW, _MIDDLE, _HIGH))
    low = max(0, middle - (middle - low) * known.wider // _THOUSAND)
    high = middle + (high - middle) * known.wider // _THOUSAND
    return Forecast(spent, spent + middle, spent + low, spent + high, count, LEVEL)


class _Known:
    """Days known, from which those to come are drawn."""

    def __init__(self, amounts: Sequence[int], weekday: int) -> None:
        count = len(amounts)
        self.amounts, self.weekday = amounts, weekday
        self.weights = _WEIGHTS[:count][::-1]
        self.weeks = [(count - 1 - place) // _WEEK for place in range(count)]
        kinds = [(weekday - count + place) % _WEEK for place in range(count)]
        self.all = range(count)
        self.parts = [[place for place in self.all if (kinds[place] in _WEEKEND) is part] for part in (False, True)]
        self.own = [[place for place in self.all if kinds[place] == kind] for kind in range(_WEEK)]
        # of roots, so that one huge day decides nothing
        days = Days([isqrt(amount) for amount in amounts], self.weights, _WHOLE)
        self.by_part = credibility(days, [self.all], self.parts)
        self.by_own = credibility(days, self.parts, self.own)
        alike = togetherness(days, self.parts)
        # the deviation of a sum whose parts follow one another, against that of independent parts
        self.wider = isqrt((_THOUSAND + alike) * _THOUSAND**2 // (_THOUSAND - alike))
        self.unsure = (_LEVEL_ALWAYS + _LEVEL_OF_A_DAY / count) ** 0.5

    def draw(self, rest: int, left: int, chance: Callable[[], int]) -> int:
        """What `rest` thousandths of today and the whole days left may come to, once."""
        weeks = [wait(chance()) + wait(chance()) for _ in range(self.weeks[0] + 1)]
        weights = [
            1 + (weight * wait(chance()) * weeks[week] >> 10)
            for weight, week in zip(self.weights, self.weeks, strict=True)
        ]
        pools: dict[int, tuple[Sequence[int], list[int]]] = {}
        total = 0
        for day in range(left + 1):
            kind = (self.weekday + day) % _WEEK
            if kind not in pools:
                places = self._alike(kind, chance)
                pools[kind] = places, list(accumulate(weights[place] for place in places))
            places, ends = pools[kind]
            amount = self.amounts[places[bisect_right(ends, chance() * ends[-1] >> BITS)]]
            if chance() < _SELDOM:
                amount *= _STRETCH
            total += amount if day else amount * rest // _THOUSAND
        return total * self._level(chance()) // ONE

    def _alike(self, kind: int, chance: Callable[[], int]) -> Sequence[int]:
        """The places of days that a day of this weekday is like, this time."""
        part = kind in _WEEKEND
        if chance() * _THOUSAND >> BITS < self.by_own[kind]:
            return self.own[kind]
        if chance() * _THOUSAND >> BITS < self.by_part[part]:
            return self.parts[part]
        return self.all

    def _level(self, draw: int) -> int:
        """By how much all days to come are dearer or cheaper than those known; `ONE`: as they were."""
        return round(ONE * exp(self.unsure * deviation(draw) / ONE))

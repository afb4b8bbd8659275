"""What days known say about days to come: how much weekdays differ, and whether dear days come together.

In: what days cost (any whole numbers, larger for dearer days) and how much each weighs. Out: thousandths. Always: with
few days the answer is near what is assumed of anybody; what does not vary has no pattern.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_THOUSAND = 1000
#: Until more is known a quarter of the variance of days is taken for that between groups, as if 7 days had shown it.
_ASSUMED_DAYS, _ASSUMED_PART = 7, 4
#: Neighbouring days are taken to correlate by 0.3, as if 20 days had shown it; never by more than 0.8.
_ASSUMED_PAIRS, _ASSUMED_TOGETHER, _MOST_TOGETHER = 20, 300, 800


class Days(NamedTuple):
    """What each day cost, and what it weighs; `one` is the weight of a day that counts whole."""

    scores: Sequence[int]
    weights: Sequence[int]
    one: int


def credibility(days: Days, around: Sequence[Sequence[int]], groups: Sequence[Sequence[int]]) -> list[int]:
    """For each group of days the thousandths to which it is to be judged by its own days.

    `groups` are places of days, `around` the larger groups they lie in. As Bühlmann and Straub have it: the variance
    between groups against that within them, divided by the days a group has.
    """
    one = days.one
    total = sum(days.weights)
    spread, inner = _squares(days, around), _squares(days, groups)
    kinds = sum(1 for group in groups if group)
    freedom = kinds - sum(1 for group in around if group)
    if not spread or not total:
        return [0] * len(groups)
    # all in units of one day's squared score, times `one` to stay whole
    days_known = total * _THOUSAND // one
    assumed = spread * _THOUSAND // days_known * _ASSUMED_DAYS
    within = (inner + assumed * (_ASSUMED_PART - 1) // _ASSUMED_PART) * _THOUSAND
    within //= max(_THOUSAND, days_known + (_ASSUMED_DAYS - kinds) * _THOUSAND)
    squares = sum(sum(days.weights[place] for place in group) ** 2 for group in groups)
    room = (total - squares // total) * _THOUSAND // one
    shown = max(0, spread - inner - freedom * within) * _THOUSAND // room if room else 0
    between = (shown * days_known // _THOUSAND + assumed // _ASSUMED_PART) * _THOUSAND
    between //= days_known + _ASSUMED_DAYS * _THOUSAND
    found = []
    for group in groups:
        speaks = sum(days.weights[place] for place in group) * between
        found.append(_THOUSAND * speaks // (speaks + one * within) if speaks else 0)
    return found


def togetherness(days: Days, groups: Sequence[Sequence[int]]) -> int:
    """Thousandths by which a day is like the day before, apart from the groups both are in."""
    apart = list(days.scores)
    for group in groups:
        mean = sum(days.scores[place] for place in group) // max(1, len(group))
        for place in group:
            apart[place] -= mean
    own = sum(each * each for each in apart)
    shown = sum(one * two for one, two in pairwise(apart)) * _THOUSAND // own if own else 0
    count = len(apart)
    found = (shown * count + _ASSUMED_TOGETHER * _ASSUMED_PAIRS) // (count + _ASSUMED_PAIRS)
    return min(_MOST_TOGETHER, max(0, found))


def _squares(days: Days, groups: Sequence[Sequence[int]]) -> int:
    """Squared distances from the means of groups, each by its weight."""
    found = 0
    for group in groups:
        weight = sum(days.weights[place] for place in group)
        mean = sum(days.weights[place] * days.scores[place] for place in group) // max(1, weight)
        found += sum(days.weights[place] * (days.scores[place] - mean) ** 2 for place in group)
    return found // days.one

"""Whether an advice that was followed brought what it foretold. Pure.

In: what the change would save, for each session before and since. Out: what was to be expected of the sessions since,
how much of that is saved now, and a verdict that a person can read.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.insights.backtest import backtest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

EARLY, CAME, NOT_SEEN, MORE = "too early to say", "it came", "not seen yet", "it is more than before"
#: Sessions since then before anything is said.
FEW = 3


class Followed(NamedTuple):
    """Nanodollars of the sessions since."""

    expected: int  #: what would have been wasted had nothing changed
    still: int  #: what is wasted still
    sessions: int
    verdict: str

    @property
    def came(self) -> int:
        return self.expected - self.still


def followed(before: Sequence[tuple[int, int]], since: Sequence[tuple[int, int]]) -> Followed:
    """Both: (cost, saving) by time, of the sessions that were before and those that began since."""
    cost, saving = (sum(part) for part in zip(*before, strict=True)) if before else (0, 0)
    worked, still = (sum(part) for part in zip(*since, strict=True)) if since else (0, 0)
    expected = saving * worked // cost if cost else 0
    if len(since) < FEW or expected <= 0:
        return Followed(expected, still, len(since), EARLY)
    trusted = backtest(before)
    low, high = trusted.around(expected) if trusted else (expected // 2, expected * 2)
    verdict = CAME if still < low else MORE if still > high else NOT_SEEN
    return Followed(expected, still, len(since), verdict)

"""How far a saving can be trusted: what nine tenths of the history foretell of the rest of it. Pure.

In: sessions in the order of time, each with its cost and what a change would have saved in it. Out: the range within
which the saving of work to come will lie, as parts of the saving that the whole history foretells, in 80% of cases.

The sessions are cut into nine stretches of about the same cost. Each is foretold from the other eight: the part of
their cost that would have been saved, times its own cost. The least and the most of what came, for one foretold, are
the range. A tenth stretch that is like the nine lies within it eight times out of ten, whatever the distribution.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

STRETCHES = 9
#: What parts are counted in.
WHOLE = 1_000_000


class Trusted(NamedTuple):
    """A range around a foretold saving, in millionths of it."""

    low: int
    high: int

    def around(self, foretold: int) -> tuple[int, int]:
        """The range of a saving foretold in nanodollars."""
        return foretold * self.low // WHOLE, -(-foretold * self.high // WHOLE)


def backtest(sessions: Sequence[tuple[int, int]]) -> Trusted | None:
    """sessions: (cost, saving), by time. None: there are too few to say, or nothing was saved."""
    whole = sum(cost for cost, _ in sessions)
    saved = sum(saving for _, saving in sessions)
    stretches = _stretches([one for one in sessions if one[0] > 0], whole)
    if len(stretches) < STRETCHES or saved <= 0:
        return None
    came = []
    for cost, saving in stretches:
        foretold = (saved - saving) * cost
        if foretold <= 0:  # all of it was saved in this stretch: of the others nothing follows
            return None
        came.append(saving * (whole - cost) * WHOLE // foretold)
    return Trusted(min(came), max(came))


def _stretches(sessions: Sequence[tuple[int, int]], whole: int) -> list[tuple[int, int]]:
    """(cost, saving) of consecutive stretches of about the same cost; as many as wanted, where sessions suffice."""
    found: list[tuple[int, int]] = []
    cost = saving = 0
    for place, (each, saved) in enumerate(sessions, 1):
        cost, saving = cost + each, saving + saved
        wanted = STRETCHES - len(found)
        if cost * wanted >= whole or len(sessions) - place < wanted:
            found.append((cost, saving))
            whole -= cost
            cost = saving = 0
    return found

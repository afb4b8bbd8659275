"""Line items while they are summed: tokens by class and femtodollars, per cause and model.

`Items.close(total)` turns the femtodollars of one group into whole nanodollars that sum to `total` exactly.
"""

from __future__ import annotations

from lineitem.core.apportion import apportion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Positions in a line item's sums.
G_OUTPUT: Final = 0
G_COST: Final = 1
I_UNCACHED: Final = 2
I_WRITE5: Final = 3
I_WRITE1: Final = 4
I_READ: Final = 5
I_COST: Final = 6
C_READ: Final = 7
C_COST: Final = 8
R_UNCACHED: Final = 9
R_WRITE5: Final = 10
R_WRITE1: Final = 11
R_COST: Final = 12
S_COST: Final = 13
CARRIED: Final = 14
_COSTS: Final = (G_COST, I_COST, C_COST, R_COST, S_COST)
#: For a price class (0 uncached, 1 write 5m, 2 write 1h, 3 read): where its tokens go.
INGEST: Final = (I_UNCACHED, I_WRITE5, I_WRITE1, I_READ)
AGAIN: Final = (R_UNCACHED, R_WRITE5, R_WRITE1, C_READ)
AGAIN_COST: Final = (R_COST, R_COST, R_COST, C_COST)

#: Femtodollars of a nanodollar.
FEMTO: Final = 1_000_000

#: How a token count is known.
MEASURED: Final = "measured"
APPORTIONED: Final = "apportioned"
ESTIMATED: Final = "estimated"
REMAINDER: Final = "remainder"


class Item:
    """What one cause cost in one thread on one model."""

    __slots__ = ("at", "basis", "call", "cause", "model", "prompt", "sums")

    def __init__(self, cause: str, call: str, model: str, basis: str, at: int, prompt: int) -> None:
        self.cause, self.call, self.model, self.basis = cause, call, model, basis
        self.at, self.prompt = at, prompt
        self.sums = [0] * 15

    @property
    def nanos(self) -> int:
        """Nanodollars of all parts; only after `close`."""
        sums = self.sums
        return sums[G_COST] + sums[I_COST] + sums[C_COST] + sums[R_COST] + sums[S_COST]


def close(items: list[Item], total: int) -> None:
    """Turn the costs of these items from femtodollars into nanodollars that sum to `total` exactly."""
    costs = [cost for item in items for part in _COSTS if (cost := item.sums[part])]
    if not costs:
        return
    if sum(costs) == total * FEMTO and not any(cost % FEMTO for cost in costs):
        shares = [cost // FEMTO for cost in costs]
    else:
        shares = apportion(total, costs)
    place = 0
    for item in items:
        sums = item.sums
        for part in _COSTS:
            if sums[part]:
                sums[part] = shares[place]
                place += 1

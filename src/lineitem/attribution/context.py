"""What lies in a context window, in order, and what each piece cost whenever it was sent.

The law of the prompt: a request's prompt is billed by position. Its first `read` tokens come from the cache,
the next are written to it, the rest is uncached. So a price applies to a run of segments, and a run is two
updates of a difference array, one for each price; `settle` turns them into sums with one pass. A thread folds in time
linear in its requests plus its segments; only the segments that a boundary cuts are handled alone.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from lineitem.attribution.items import AGAIN, AGAIN_COST, CARRIED, FEMTO, I_COST, INGEST, Item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Price classes by position in the prompt; one-hour writes come before five-minute ones.
UNCACHED: Final = 0
WRITE5: Final = 1
WRITE1: Final = 2
READ: Final = 3


class Context:
    """The segments of one thread's window. Positions are tokens from the start of the prompt."""

    __slots__ = ("_again", "_charged", "_new", "_settled", "_until", "ends", "items", "size", "tokens")

    def __init__(self) -> None:
        self.tokens: list[int] = []  #: tokens of each segment
        self.items: list[Item] = []  #: whose segment it is
        self.ends: list[int] = []  #: running sum of `tokens`
        self.size = 0  #: tokens in the window
        self._new = 0  # first segment that entered with the current request
        self._again: set[int] = set()  # segments that entered an earlier window already
        self._until: list[int] = []  # segments that there were when a request was sent, of each request
        self._settled = 0  # requests that were sent when it was last settled
        # per price class: femtodollars a token -> by how many more requests a segment was sent than the one before it
        self._charged: list[dict[int, list[int]]] = [{}, {}, {}, {}]

    def add(self, item: Item, tokens: int, *, again: bool = False) -> None:
        """Append a segment; `again`: it was in an earlier window, so sending it carries it on."""
        if again:
            self._again.add(len(self.tokens))
        self.size = end = self.size + tokens
        self.tokens.append(tokens)
        self.items.append(item)
        self.ends.append(end)

    def sent(self) -> None:
        """The request is over: what entered with it is old from now on."""
        self._new = len(self.tokens)
        self._until.append(self._new)

    def old_beyond(self, position: int) -> int:
        """Tokens that were there before this request and lie beyond `position`."""
        old = self.ends[self._new - 1] if self._new else 0
        return max(0, old - position)

    def charge(self, start: int, end: int, price_class: int, femto: int) -> int:
        """Bill the tokens from `start` to `end` at `femto` each; the tokens that found no segment."""
        lost = 0
        if end > self.size:
            lost = end - max(start, self.size)
            end = self.size
        tokens, ends, new, again = self.tokens, self.ends, self._new, self._again
        nanos, rest = divmod(femto, FEMTO)  # tokens are multiplied with both: products of small numbers are quick
        fresh_place, place, cost_place = INGEST[price_class], AGAIN[price_class], AGAIN_COST[price_class]
        index = bisect_right(ends, start)
        while start < end:
            upto = ends[index]
            if index < new and upto <= end and start == upto - tokens[index]:
                stop = bisect_right(ends, end, index, new)  # old ones from here to there lie inside
                charged = self._charged[price_class].setdefault(femto, [])
                if len(charged) <= stop:
                    charged += [0] * (stop + 1 - len(charged))
                charged[index] += 1
                charged[stop] -= 1
                start, index = ends[stop - 1], stop
                continue
            amount = upto - start
            if upto > end:  # it reaches beyond
                amount = end - start
            sums, cost = self.items[index].sums, amount * nanos * FEMTO + amount * rest
            if index < new or index in again:
                sums[place] += amount
                sums[cost_place] += cost
            else:
                sums[fresh_place] += amount
                sums[I_COST] += cost
            start += amount
            index += 1
        return lost

    def settle(self) -> None:
        """Add what was charged to the line items; before segments or their owners change."""
        self._settle_charges()
        sent = len(self._until)
        if sent == self._settled:
            return
        self._settled = sent
        items, start = self.items, 0
        for before, stop in enumerate(self._until):
            again = sent - before - 1  # requests after the one that these entered with
            for index in range(start, stop):
                sums = items[index].sums
                if again > sums[CARRIED]:
                    sums[CARRIED] = again
            start = stop

    def _settle_charges(self) -> None:
        for price_class, charged in enumerate(self._charged):
            if charged:
                for femto, changes in charged.items():
                    self._spread(changes, femto, AGAIN[price_class], AGAIN_COST[price_class])
                charged.clear()

    def _spread(self, changes: list[int], femto: int, place: int, cost_place: int) -> None:
        """A run of segments is two updates of a difference array; one running sum bills every segment."""
        tokens, items = self.tokens, self.items
        nanos, rest = divmod(femto, FEMTO)
        count = 0
        for index, change in enumerate(changes):
            count += change
            if count and tokens[index]:
                sums, amount = items[index].sums, tokens[index] * count
                sums[place] += amount
                sums[cost_place] += amount * nanos * FEMTO + amount * rest

    def cut(self, keep: int) -> None:
        """Forget all segments from number `keep` on."""
        self.settle()
        del self.tokens[keep:], self.items[keep:], self.ends[keep:]
        self._until = [min(until, keep) for until in self._until]
        self.size = self.ends[-1] if self.ends else 0
        self._new = min(self._new, keep)

    def resize(self, tokens: list[int]) -> None:
        """Give every segment another number of tokens."""
        self._settle_charges()
        self.tokens = tokens
        self.ends = list(accumulate(tokens))
        self.size = self.ends[-1] if self.ends else 0

    def hand_over(self, items: list[Item]) -> None:
        """Let other line items own the segments from now on (another model)."""
        self.settle()
        self.items = items

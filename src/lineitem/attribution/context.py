"""What lies in a context window, in order, and what each piece cost whenever it was sent.

The law of the prompt: a request's prompt is billed by position. Its first `read` tokens come from the cache,
the next are written to it, the rest is uncached. So a price applies to a run of segments, and a run is two
updates of a difference array; `settle` turns them into sums with one pass. A thread folds in time linear in
its requests plus its segments; only the segments that a boundary cuts are handled alone.
"""

from __future__ import annotations

from bisect import bisect_right

from lineitem.attribution.items import AGAIN, AGAIN_COST, CARRIED, I_COST, INGEST, Item

#: Price classes by position in the prompt; one-hour writes come before five-minute ones.
UNCACHED, WRITE5, WRITE1, READ = range(4)


class Context:
    """The segments of one thread's window. Positions are tokens from the start of the prompt."""

    __slots__ = ("_diff", "_entered", "_new", "_sent", "_sets", "ends", "items", "tokens")

    def __init__(self) -> None:
        self.tokens: list[int] = []  #: tokens of each segment
        self.items: list[Item] = []  #: whose segment it is
        self.ends: list[int] = []  #: running sum of `tokens`
        self._new = 0  # first segment that entered with the current request
        self._entered: list[int] = []  # number of requests sent before it entered
        self._sent = 0
        # per price class: difference arrays of (requests, femtodollars a token)
        self._diff: list[tuple[list[int], list[int]]] = [([0], [0]) for _ in range(4)]
        self._sets = False

    @property
    def size(self) -> int:
        """Tokens in the window."""
        return self.ends[-1] if self.ends else 0

    def add(self, item: Item, tokens: int) -> None:
        """Append a segment."""
        self.tokens.append(tokens)
        self.items.append(item)
        self.ends.append((self.ends[-1] if self.ends else 0) + tokens)
        self._entered.append(self._sent)
        for counts, costs in self._diff:
            counts.append(0)
            costs.append(0)

    def sent(self) -> None:
        """The request is over: what entered with it is old from now on."""
        self._new = len(self.tokens)
        self._sent += 1

    def old_beyond(self, position: int) -> int:
        """Tokens that were there before this request and lie beyond `position`."""
        old = self.ends[self._new - 1] if self._new else 0
        return max(0, old - position)

    def charge(self, start: int, end: int, price_class: int, femto: int) -> int:
        """Bill the tokens from `start` to `end` at `femto` each; the tokens that found no segment."""
        ends = self.ends
        size = ends[-1] if ends else 0
        if end > size:
            lost = end - max(start, size)
            end = size
        else:
            lost = 0
        if start >= end:
            return lost
        first = bisect_right(ends, start)
        begin = ends[first - 1] if first else 0
        if begin < start:
            upto = ends[first]
            self._part(first, (min(upto, end)) - start, price_class, femto)
            first += 1
            if upto >= end:
                return lost
        last = bisect_right(ends, end)  # segments first .. last - 1 lie inside
        new = self._new
        if first < new:
            stop = min(new, last)
            if stop > first:
                counts, costs = self._diff[price_class]
                counts[first] += 1
                counts[stop] -= 1
                costs[first] += femto
                costs[stop] -= femto
                self._sets = True
        for index in range(max(new, first), last):
            tokens = self.tokens[index]
            sums = self.items[index].sums
            sums[INGEST[price_class]] += tokens
            sums[I_COST] += tokens * femto
        if last < len(ends):
            begin = ends[last - 1] if last else 0
            if begin < end and last >= first:
                self._part(last, end - begin, price_class, femto)
        return lost

    def _part(self, index: int, tokens: int, price_class: int, femto: int) -> None:
        """Bill a part of one segment: a boundary cuts it."""
        sums = self.items[index].sums
        if index < self._new:
            sums[AGAIN[price_class]] += tokens
            sums[AGAIN_COST[price_class]] += tokens * femto
        else:
            sums[INGEST[price_class]] += tokens
            sums[I_COST] += tokens * femto

    def settle(self) -> None:
        """Add what was charged to the line items; before tokens or owners of segments change."""
        if self._sets:
            tokens, items = self.tokens, self.items
            for price_class, (counts, costs) in enumerate(self._diff):
                place, cost_place = AGAIN[price_class], AGAIN_COST[price_class]
                count = cost = 0
                touched = any(counts)
                if not touched:
                    continue
                for index, amount in enumerate(tokens):
                    count += counts[index]
                    cost += costs[index]
                    if count:
                        sums = items[index].sums
                        sums[place] += amount * count
                        sums[cost_place] += amount * cost
                size = len(tokens) + 1
                self._diff[price_class] = ([0] * size, [0] * size)
            self._sets = False
        sent = self._sent
        for index, item in enumerate(self.items):
            again = sent - self._entered[index] - 1
            if again > 0:
                if again > item.sums[CARRIED]:
                    item.sums[CARRIED] = again
                self._entered[index] = self._entered[index]

    def cut(self, keep: int) -> None:
        """Forget all segments from number `keep` on; settle first."""
        self.settle()
        del self.tokens[keep:], self.items[keep:], self.ends[keep:], self._entered[keep:]
        for counts, costs in self._diff:
            del counts[keep + 1 :], costs[keep + 1 :]
        self._new = min(self._new, keep)

    def resize(self, tokens: list[int]) -> None:
        """Give every segment another number of tokens; settle first."""
        self.settle()
        self.tokens = tokens
        total = 0
        for index, amount in enumerate(tokens):
            total += amount
            self.ends[index] = total

    def hand_over(self, items: list[Item]) -> None:
        """Let other line items own the segments from now on (another model); settle first."""
        self.settle()
        self.items = items

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

    __slots__ = ("_again", "_charged", "_entered", "_new", "_sent", "ends", "items", "tokens")

    def __init__(self) -> None:
        self.tokens: list[int] = []  #: tokens of each segment
        self.items: list[Item] = []  #: whose segment it is
        self.ends: list[int] = []  #: running sum of `tokens`
        self._new = 0  # first segment that entered with the current request
        self._again: set[int] = set()  # segments that entered an earlier window already
        self._entered: list[int] = []  # number of requests sent before it entered
        self._sent = 0
        # per price class: (first segment, segment behind the last, femtodollars a token) of each request
        self._charged: list[list[tuple[int, int, int]]] = [[], [], [], []]

    @property
    def size(self) -> int:
        """Tokens in the window."""
        return self.ends[-1] if self.ends else 0

    def add(self, item: Item, tokens: int, *, again: bool = False) -> None:
        """Append a segment; `again`: it was in an earlier window, so sending it carries it on."""
        if again:
            self._again.add(len(self.tokens))
        self.tokens.append(tokens)
        self.items.append(item)
        self.ends.append((self.ends[-1] if self.ends else 0) + tokens)
        self._entered.append(self._sent)

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
                self._charged[price_class].append((first, stop, femto))
        for index in range(max(new, first), last):
            tokens = self.tokens[index]
            sums = self.items[index].sums
            if index in self._again:
                sums[AGAIN[price_class]] += tokens
                sums[AGAIN_COST[price_class]] += tokens * femto
            else:
                sums[INGEST[price_class]] += tokens
                sums[I_COST] += tokens * femto
        if last < len(ends):
            begin = ends[last - 1] if last else 0
            if begin < end and last >= first:
                self._part(last, end - begin, price_class, femto)
        return lost

    def _part(self, index: int, tokens: int, price_class: int, femto: int) -> None:
        """Bill these tokens of one segment."""
        sums = self.items[index].sums
        if index < self._new or index in self._again:
            sums[AGAIN[price_class]] += tokens
            sums[AGAIN_COST[price_class]] += tokens * femto
        else:
            sums[INGEST[price_class]] += tokens
            sums[I_COST] += tokens * femto

    def settle(self) -> None:
        """Add what was charged to the line items; before tokens or owners of segments change."""
        size = len(self.tokens)
        for price_class, charged in enumerate(self._charged):
            if charged:
                self._spread(charged, size, AGAIN[price_class], AGAIN_COST[price_class])
                self._charged[price_class] = []
        sent = self._sent
        for item, entered in zip(self.items, self._entered, strict=True):
            again = sent - entered - 1
            if again > item.sums[CARRIED]:
                item.sums[CARRIED] = again

    def _spread(self, charged: list[tuple[int, int, int]], size: int, place: int, cost_place: int) -> None:
        """A run of segments is two updates of a difference array; one running sum bills every segment."""
        counts, costs = [0] * (size + 1), [0] * (size + 1)
        for first, stop, femto in charged:
            counts[first] += 1
            counts[stop] -= 1
            costs[first] += femto
            costs[stop] -= femto
        count = cost = 0
        items = self.items
        for index, tokens in enumerate(self.tokens):
            count += counts[index]
            cost += costs[index]
            if count:
                sums = items[index].sums
                sums[place] += tokens * count
                sums[cost_place] += tokens * cost

    def cut(self, keep: int) -> None:
        """Forget all segments from number `keep` on; settle first."""
        self.settle()
        del self.tokens[keep:], self.items[keep:], self.ends[keep:], self._entered[keep:]
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

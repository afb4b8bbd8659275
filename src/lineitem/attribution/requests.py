"""Many sightings of an API answer become one request: any order, any repetition, same result.

Per field the maximum, the earliest time; the session that saw it first owns it, the others only refer to it.
A message id is the key. Where the request id is missing or several share an id, `settle` decides which rows
are the same call: those whose prompt was billed alike.
"""

from __future__ import annotations

from lineitem.core.rates import class_costs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.core.rates import Rates


class Request:
    """One API call: who owns it, what it used. `nanos` None: unpriced; `counted` 0: counted under another id."""

    __slots__ = (
        "at",
        "branch",
        "copies",
        "counted",
        "fresh",
        "mid",
        "model",
        "modifiers",
        "nanos",
        "output",
        "prompt_size",
        "rank",
        "read",
        "searches",
        "session",
        "skill",
        "thinking",
        "thread",
        "uncached",
        "variant",
        "write1",
        "write5",
    )

    def __init__(
        self,
        mid: str,
        variant: str,
        rank: int,
        session: str,
        thread: str,
        at: int,
        model: str,
        uncached: int,
        output: int,
        write5: int,
        write1: int,
        read: int,
        thinking: int,
        searches: int,
        modifiers: str,
        prompt_size: int,
        branch: str,
        skill: str,
    ) -> None:
        self.mid, self.variant = mid, variant
        self.rank, self.session, self.thread = rank, session, thread
        self.at, self.model, self.modifiers = at, model, modifiers
        self.uncached, self.output, self.write5, self.write1, self.read = (
            uncached,
            output,
            write5,
            write1,
            read,
        )
        self.thinking, self.searches, self.prompt_size = thinking, searches, prompt_size
        self.branch, self.skill = branch, skill
        self.counted = 1
        self.nanos: int | None = None
        self.copies: dict[tuple[str, str], int] | None = None
        self.fresh = True

    def __copy__(self) -> Request:
        other = Request(
            self.mid, self.variant, self.rank, self.session, self.thread, self.at, self.model, self.uncached,
            self.output, self.write5, self.write1, self.read, self.thinking, self.searches, self.modifiers,
            self.prompt_size, self.branch, self.skill,
        )  # fmt: skip
        other.counted, other.nanos, other.fresh = self.counted, self.nanos, self.fresh
        other.copies = None if self.copies is None else dict(self.copies)
        return other

    @property
    def context(self) -> int:
        """Tokens of its prompt: what lay in the window."""
        return self.prompt_size or self.uncached + self.write5 + self.write1 + self.read

    @property
    def tokens(self) -> int:
        return self.uncached + self.write5 + self.write1 + self.read + self.output

    def costs(self, rates: Rates) -> tuple[int, ...]:
        """Nanodollars by price class: uncached, write 5m, write 1h, read, output, searches."""
        return class_costs(rates, self.uncached, self.write5, self.write1, self.read, self.output, self.searches)

    def merge(self, other: Request) -> None:
        """Take in another sighting of the same call."""
        if other.at and (other.at < self.at or not self.at):
            self.at = other.at
        if other.model != self.model and (other.output, other.model) > (self.output, self.model):
            self.model = other.model
        self.uncached = max(self.uncached, other.uncached)
        self.output = max(self.output, other.output)
        self.write5 = max(self.write5, other.write5)
        self.write1 = max(self.write1, other.write1)
        self.read = max(self.read, other.read)
        self.thinking = max(self.thinking, other.thinking)
        self.searches = max(self.searches, other.searches)
        self.modifiers = max(self.modifiers, other.modifiers)
        self.prompt_size = max(self.prompt_size, other.prompt_size)
        self.skill = max(self.skill, other.skill)
        self.branch = max(self.branch, other.branch)
        if other.session == self.session and other.thread == self.thread:
            self.rank = min(self.rank, other.rank)
            return
        copies = self.copies = self.copies or {}
        mine, theirs = (self.rank, self.session, self.thread), (other.rank, other.session, other.thread)
        if theirs < mine:
            mine, theirs = theirs, mine
            self.rank, self.session, self.thread = mine
        place = (theirs[1], theirs[2])
        copies[place] = min(theirs[0], copies.get(place, theirs[0]))
        copies.pop((self.session, self.thread), None)


def settle(rows: Iterable[Request]) -> list[Request]:
    """Decide among the rows of one message id which are counted; gives back those counted.

    Rows billed alike on the prompt side are one call, replayed under another request id. Without request
    ids, an id that stands for differently billed answers is no id (a gateway reuses it): then only rows of
    the same instant are one call.
    """
    ordered = sorted(rows, key=_order)
    if len(ordered) == 1:
        ordered[0].counted = 1
        return ordered
    if not all(any(_billed(row)) for row in ordered) and any(any(_billed(row)) for row in ordered):
        for row in ordered:  # a placeholder without a prompt is no call of its own
            row.counted = 1 if any(_billed(row)) else 0
        return settle([row for row in ordered if row.counted])
    sizes = {_billed(row) for row in ordered}
    reused = len(sizes) > 1 and all(row.variant.startswith("~") for row in ordered)
    counted: dict[object, Request] = {}
    for row in ordered:
        key: object = (_billed(row), row.at) if reused else _billed(row)
        if key in counted:
            row.counted = 0
            if row.output > counted[key].output:
                counted[key].output = row.output
                counted[key].fresh = True
        else:
            row.counted = 1
            counted[key] = row
    return list(counted.values())


def _billed(row: Request) -> tuple[int, int, int]:
    return row.uncached, row.write5 + row.write1, row.read


def _order(row: Request) -> tuple[int, int, str, str, str]:
    return -row.output, row.rank, row.session, row.thread, row.variant

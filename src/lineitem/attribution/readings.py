"""The statusline's readings of a session as steps: from one state of the client's total to the next.

In: `Snapshot`s in any order and repeated. Out: `Step`s, earliest first. Always: the steps' nanodollars sum to what
the client's totals say was spent: the last total, and before each start from zero (/clear) the last one before it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.core.live import Snapshot

#: Counts of a snapshot that tell the last API call.
Counts = tuple[int, int, int, int]  #: uncached, output, write, read


class Step:
    """What changed between two readings. `counts`: of the last API call of it; None: no call shows."""

    __slots__ = ("anew", "at", "counts", "emptied", "first", "model", "nanos", "since", "ttl")

    def __init__(self, snapshot: Snapshot, since: int, nanos: int) -> None:
        self.since, self.at = since, snapshot.at  #: readings' times; `since` is not part of it
        self.nanos = nanos
        self.model, self.ttl = snapshot.model, snapshot.ttl
        self.counts: Counts | None = None
        self.first = False  #: there was no reading before it
        self.anew = False  #: the total began at zero again
        self.emptied = False  #: the window is empty now: it was summarised, and no call was made since


def steps(snapshots: Iterable[Snapshot]) -> list[Step]:
    """The steps of one session; readings that say nothing new make none."""
    found: list[Step] = []
    seen: set[tuple[int, Counts | None]] = set()
    total, last, since = 0, None, 0
    window = False
    for one in sorted(set(snapshots), key=lambda snapshot: (snapshot.at, repr(snapshot))):
        if one.nanos is None:
            continue
        counts = counts_of(one)
        if (one.nanos, counts) in seen:  # nothing new, or an older reading that came late
            since = since if found else one.at
            continue
        fell = one.nanos < total
        if fell and one.nanos * 2 > total and counts is not None:
            continue  # an older reading that came late: a total that began anew is small
        if fell:
            seen.clear()
        seen.add((one.nanos, counts))
        step = Step(one, since, one.nanos - (0 if fell else total))
        step.first, step.anew = not found, fell
        step.counts = counts if counts != last or fell else None
        step.emptied = counts is None and window
        window = counts is not None
        total, last, since = one.nanos, counts, one.at
        if step.nanos or step.counts is not None or step.emptied:
            found.append(step)
    return found


def counts_of(snapshot: Snapshot) -> Counts | None:
    """The last call's counts; None where there is none: before the first, and after the window was summarised."""
    counts = (snapshot.uncached or 0, snapshot.output or 0, snapshot.write or 0, snapshot.read or 0)
    return counts if counts[0] + counts[2] + counts[3] > 0 else None

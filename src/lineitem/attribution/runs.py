"""The bill against the client's own totals: what was reported, logged, not logged, and why they differ.

A `cost-state` line holds running totals of a session; a run is what lies between two of them. Totals are
inherited by forks and by resumed sessions and start anew after /clear, so differences are taken, never sums.
The client's tokens are priced again at our prices: only so is a missing request told apart from another
price table.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lineitem.attribution.requests import Request

    #: (model, [uncached, output, write5, write1, read, searches], at) -> nanodollars, None: unpriced
    Price = Callable[[str, list[int], int], int | None]
    Models = dict[str, list[int]]

#: Positions in one model's part of a total, see core/sightings.py.
UNCACHED, OUTPUT, WRITE5, WRITE1, READ, THINKING, WRITTEN, SEARCHES, COST = range(9)


class Total:
    """One running total as the client wrote it; `at` is the time of the line before it."""

    __slots__ = ("at", "models", "nanos", "started")

    def __init__(self, at: int, nanos: int, started: int, models: Models) -> None:
        self.at, self.nanos, self.started = at, nanos, started
        self.models = _by_bare_name(models)


def _by_bare_name(models: Models) -> Models:
    """The parts of a total by model; `[1m]` only says how large the window was."""
    merged: Models = {}
    for name, row in models.items():
        known = merged.get(_bare(name))
        if known is None:
            merged[_bare(name)] = list(row)
        else:
            for place, count in enumerate(row):
                known[place] = -1 if count < 0 or known[place] < 0 else known[place] + count
    return merged


class Run:
    """From one total to the next. reported = logged + unlogged + priced + duplicated + unexplained.

    priced: the client's prices differ from ours.   duplicated: logged, but not in the client's total (<= 0).
    unexplained: spent by the client's word, and neither tokens nor prices say on what.
    missing: model -> tokens no transcript shows [uncached, output, write5, write1, read, searches].
    """

    __slots__ = ("at", "duplicated", "logged", "missing", "priced", "reported", "unexplained", "unlogged")

    def __init__(
        self, at: int, reported: int, logged: int, unlogged: int, priced: int, duplicated: int, unexplained: int,
        missing: Models,
    ) -> None:  # fmt: skip
        self.at, self.reported, self.logged = at, reported, logged
        self.unlogged, self.priced, self.duplicated, self.unexplained = (
            unlogged,
            priced,
            duplicated,
            unexplained,
        )
        self.missing = missing

    @property
    def beyond(self) -> int:
        """What the bill has on top of its logged requests: unlogged spend, explained or not."""
        return self.unlogged + self.unexplained


def runs(totals: Sequence[Total], requests: Sequence[Request], inherited: Sequence[Total], price: Price) -> list[Run]:
    """The runs of one session, in order.

    totals: the session's own, in the order they were written.   requests: those it owns and counts.
    inherited: totals it may have started from, most likely first (of its parent; of the copied answers).
    """
    made: list[Run] = []
    ordered = sorted(requests, key=_at)
    epoch: list[Run] = []  # runs since the counters last started from zero
    start = 0
    base = Total(0, 0, 0, {})
    before: Total | None = None
    for total in totals:
        if before is None:
            base = _base(total, ordered, inherited)
        elif _anew(before, total, ordered[start:]):
            start = _until(ordered, before.at)
            base = Total(0, 0, total.started, {})
            epoch = []
        run = _minus(_whole(total, base, ordered[start : _until(ordered, total.at)], price), epoch)
        epoch.append(run)
        made.append(run)
        before = total
    return made


def _at(request: Request) -> int:
    return request.at


def _until(requests: Sequence[Request], at: int) -> int:
    low, high = 0, len(requests)
    while low < high:
        middle = (low + high) // 2
        if requests[middle].at <= at:
            low = middle + 1
        else:
            high = middle
    return low


def _base(total: Total, requests: Sequence[Request], inherited: Sequence[Total]) -> Total:
    """What a session's first total was built on: nothing, or a parent's total.

    The one whose rest comes nearest to what the session itself logged; a parent of the same start wins ties.
    """
    logged = sum(request.nanos or 0 for request in requests if request.at <= total.at)
    best = Total(0, 0, 0, {})
    nearest = abs(total.nanos - logged)
    for candidate in inherited:
        rest = total.nanos - candidate.nanos
        if rest < -2_000:
            continue
        distance = abs(rest - logged)
        if distance < nearest or (distance == nearest and candidate.started == total.started):
            best, nearest = candidate, distance
    return Total(0, best.nanos, best.started, best.models)


def _anew(before: Total, total: Total, later: Sequence[Request]) -> bool:
    """Whether the counters started again from zero between two totals."""
    if total.nanos < before.nanos - 2_000:
        return True
    if total.started == before.started or not total.started:
        return False
    logged = sum(request.nanos or 0 for request in later if before.at < request.at <= total.at)
    return abs(total.nanos - logged) < abs(total.nanos - before.nanos - logged)


def _bare(model: str) -> str:
    return model.removesuffix("[1m]")


def _whole(total: Total, base: Total, requests: Sequence[Request], price: Price) -> Run:
    """Everything from the base to this total as one run."""
    reported = total.nanos - base.nanos
    logged = sum(request.nanos or 0 for request in requests)
    used: Models = {}
    spent: dict[str, int] = {}
    count: dict[str, int] = {}
    for request in requests:
        model = _bare(request.model)
        row = used.setdefault(model, [0] * 6)
        for index, tokens in enumerate(
            (request.uncached, request.output, request.write5, request.write1, request.read, request.searches)
        ):
            row[index] += tokens
        spent[model] = spent.get(model, 0) + (request.nanos or 0)
        count[model] = count.get(model, 0) + 1
    if not total.models:
        gap = reported - logged
        return Run(total.at, reported, logged, 0, 0, min(0, gap), max(0, gap), {})
    unlogged = priced = duplicated = unexplained = 0
    missing: Models = {}
    told = 0
    for model, row in total.models.items():
        old = base.models.get(model) or [0] * 9
        cost = max(0, row[COST]) - max(0, old[COST])
        told += cost
        rest, surplus = _rest(row, old, used.pop(model, [0] * 6), model, cost - spent.get(model, 0), total.at, price)
        gap = cost - spent.pop(model, 0)
        tolerance = 4 * count.pop(model, 0) + 20
        worth = price(model, rest, total.at) if any(rest) else 0
        over = price(model, surplus, total.at) if any(surplus) else 0
        if any(rest):
            missing[model] = rest
        if worth is None or over is None:
            priced += gap
            continue
        unlogged += worth
        duplicated -= over
        left = gap - worth + over
        if not left:
            continue
        if abs(left) <= tolerance or any(rest):
            unexplained += left
        else:
            priced += left
    unexplained += reported - told
    for model in used:
        duplicated -= spent.get(model, 0)
    return Run(total.at, reported, logged, unlogged, priced, duplicated, unexplained, missing)


def _rest(
    row: list[int], old: list[int], used: list[int], model: str, gap: int, at: int, price: Price
) -> tuple[list[int], list[int]]:
    """(tokens the client counted and no transcript shows, tokens logged beyond the client's count)."""
    written = row[WRITTEN] - old[WRITTEN] - used[2] - used[3]
    if row[WRITE5] >= 0 and row[WRITE1] >= 0:
        write5 = row[WRITE5] - max(0, old[WRITE5]) - used[2]
        write1 = row[WRITE1] - max(0, old[WRITE1]) - used[3]
        if write5 + write1 != written:
            write5 = written - write1
    else:
        write5, write1 = written, 0
    rest = [
        row[UNCACHED] - old[UNCACHED] - used[0],
        row[OUTPUT] - old[OUTPUT] - used[1],
        write5,
        write1,
        row[READ] - old[READ] - used[4],
        row[SEARCHES] - old[SEARCHES] - used[5],
    ]
    if row[WRITE5] < 0 and written > 0 and min(rest) >= 0:
        hour = [*rest[:2], 0, written, *rest[4:]]
        five, dear = price(model, rest, at), price(model, hour, at)
        if five is not None and dear is not None and abs(gap - dear) < abs(gap - five):
            rest = hour
    return [max(0, count) for count in rest], [max(0, -count) for count in rest]


def _minus(whole: Run, earlier: Sequence[Run]) -> Run:
    """The part of a whole that came after the earlier runs of it."""
    missing = {model: list(row) for model, row in whole.missing.items()}
    for run in earlier:
        for model, row in run.missing.items():
            mine = missing.setdefault(model, [0] * 6)
            for index, count in enumerate(row):
                mine[index] -= count
    return Run(
        whole.at,
        whole.reported - sum(run.reported for run in earlier),
        whole.logged - sum(run.logged for run in earlier),
        whole.unlogged - sum(run.unlogged for run in earlier),
        whole.priced - sum(run.priced for run in earlier),
        whole.duplicated - sum(run.duplicated for run in earlier),
        whole.unexplained - sum(run.unexplained for run in earlier),
        {model: row for model, row in missing.items() if any(row)},
    )

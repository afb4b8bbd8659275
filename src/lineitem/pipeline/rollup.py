"""What all requests of a store come to, by session: made in memory on a first reading, so that SQL need not.

In: requests, each once, priced. Out: the rows of `usage` and the sums of `session`, as the ledger would make them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.attribution.requests import Request


class Rollup:
    """Of the requests that are counted."""

    __slots__ = ("sums", "usage")

    def __init__(self) -> None:
        #: session -> (quarter, model) -> requests, uncached, output, write5, write1, read, searches, nanos,
        #: unpriced tokens
        self.usage: dict[str, dict[tuple[int, str], list[int]]] = {}
        #: session -> first, last, nanodollars
        self.sums: dict[str, list[int]] = {}


def rolled_up(requests: Iterable[Request]) -> Rollup:
    """What they come to."""
    made = Rollup()
    usage, sums = made.usage, made.sums
    for request in requests:
        if not request.counted:
            continue
        session, at = request.session, request.at
        known = sums.get(session)
        if known is None:
            known = sums[session] = [at, at, 0]
            usage[session] = {}
        elif at < known[0]:
            known[0] = at
        elif at > known[1]:
            known[1] = at
        cells = usage[session]
        key = (at // 900_000, request.model)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = [0] * 9
        cell[0] += 1
        cell[1] += request.uncached
        cell[2] += request.output
        cell[3] += request.write5
        cell[4] += request.write1
        cell[5] += request.read
        cell[6] += request.searches
        if request.nanos is None:
            cell[8] += request.tokens
        else:
            cell[7] += request.nanos
            known[2] += request.nanos
    return made

"""Every cause as a tree: own + children = total, at every node."""

from __future__ import annotations

from heapq import nsmallest

from lineitem.attribution.items import (
    C_COST,
    C_READ,
    G_COST,
    G_OUTPUT,
    I_COST,
    I_READ,
    I_UNCACHED,
    I_WRITE1,
    I_WRITE5,
    R_COST,
    R_UNCACHED,
    R_WRITE1,
    R_WRITE5,
    S_COST,
)
from lineitem.core.causes import above, parents
from lineitem.reports.shapes import dollars
from lineitem.reports.tally import of_lines
from lineitem.reports.tree import Node, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from lineitem.reports.lines import Line
    from lineitem.reports.tally import Agents, Sums, Tally

    #: cause, nanodollars, uncached, write5, write1, read, output
    CauseRow = tuple[str, int, int, int, int, int, int]

_OWN, _TOTAL, _TOLD, _TOKENS = 0, 1, 2, 3


def bill(sums: Sums, title: str = "The bill by cause", under: str = "", most: int = 0) -> Tree:
    """The tree of causes that were added up. under: only that cause, and what is below it.

    most: so many of the dearest below each cause are told one by one (0: all); how many others there are, and what
    they come to, is with the cause.
    """
    sums = _only(sums, under) if under else sums
    below, root = _below(sums), Node("all")
    tops = [sums["cause", name] for name in below.get("", ())]
    root.total = sum(amounts[_TOTAL] for amounts in tops)
    root.tokens = [sum(amounts[_TOKENS + place] for amounts in tops) for place in range(5)]
    _hang(root, below.get("", ()), sums, below, most)
    return Tree(title, root, {"costNanos": root.total, "totalCost": dollars(root.total)})


def added(rows: Iterable[CauseRow]) -> Sums:
    """What causes come to; a cause may come several times."""
    sums: Sums = {}
    _add(sums, rows, told=False)
    return sums


class Made:
    """Line items added up by cause as they are made. `sessions`: of how many."""

    def __init__(self) -> None:
        self.sessions = 0
        self._sums: dict[str, list[int]] = {}

    def take(self, items: Iterable[tuple[str, Sequence[int]]]) -> None:
        """Causes and sums (`attribution.items`) of the line items of one session."""
        self.sessions += 1
        for cause, of in items:
            nanos = of[G_COST] + of[I_COST] + of[C_COST] + of[R_COST] + of[S_COST]
            uncached, read = of[I_UNCACHED] + of[R_UNCACHED], of[I_READ] + of[C_READ]
            write5, write1 = of[I_WRITE5] + of[R_WRITE5], of[I_WRITE1] + of[R_WRITE1]
            sums = self._sums.get(cause)
            if sums is None:
                self._sums[cause] = [nanos, uncached, write5, write1, read, of[G_OUTPUT]]
            else:
                sums[0] += nanos
                sums[1] += uncached
                sums[2] += write5
                sums[3] += write1
                sums[4] += read
                sums[5] += of[G_OUTPUT]

    def sums(self) -> Sums:
        """What causes come to."""
        return added((cause, own[0], own[1], own[2], own[3], own[4], own[5]) for cause, own in self._sums.items())


def cause_tally(provisional: Collection[str]) -> Tally:
    """By cause: (own, own and below, what of that is provisional, five kinds of tokens of own and below)."""

    def count(lines: Iterable[Line], _: Agents) -> Sums:
        sums: Sums = {}
        sure: list[CauseRow] = []
        told: list[CauseRow] = []
        for line in lines:
            (told if line.session in provisional else sure).append((line.cause, line.nanos, *line.tokens))
        _add(sums, sure, told=False)
        _add(sums, told, told=True)
        return sums

    return of_lines(("causes",), count)


def provisional_of(sums: Sums, under: str) -> int:
    """Nanodollars of a cause, and of what is below it, that are provisional."""
    return sum(amounts[_TOLD] for key, amounts in _only(sums, under).items() if "/" not in str(key[1]))


def _only(sums: Sums, under: str) -> Sums:
    """What is below a cause, and the causes above it with that alone. A target may be told by its beginning."""
    start, above = f"{under}/", parents(under)
    found: Sums = {}
    for key, amounts in sums.items():
        kind, name = key
        if kind != "cause" or not (name == under or str(name).startswith(start)):
            continue
        found[key] = amounts
        if name == under or under.count("/") > 1:  # else the cause itself is among them
            for higher in above:
                known = found.setdefault(("cause", higher), [0] * len(amounts))
                found["cause", higher] = [0, *map(int.__add__, known[1:], amounts[1:])]
    return found


def _add(sums: Sums, rows: Iterable[CauseRow], *, told: bool) -> None:
    highers: dict[str, list[list[int]]] = {}  # what a cause and those above it come to: found once for all below it
    for cause, nanos, uncached, write5, write1, read, output in rows:
        higher = highers.get(name := above(cause))
        if higher is None:
            higher = highers[name] = [_amounts(sums, each) for each in parents(cause)]
        known = _amounts(sums, cause)
        known[_OWN] += nanos
        for amounts in (known, *higher):
            amounts[1] += nanos
            amounts[2] += nanos * told
            amounts[3] += uncached
            amounts[4] += write5
            amounts[5] += write1
            amounts[6] += read
            amounts[7] += output


def _amounts(sums: Sums, cause: str) -> list[int]:
    """What a cause comes to, from nothing on."""
    known = sums.get(("cause", cause))
    if known is None:
        known = sums["cause", cause] = [0, 0, 0, 0, 0, 0, 0, 0]
    return known


def _below(sums: Sums) -> dict[str, list[str]]:
    """Cause -> those right below it; of the uppermost under ''."""
    found: dict[str, list[str]] = {}
    for kind, cause in sums:
        if kind == "cause":
            name = str(cause)
            found.setdefault(above(name), []).append(name)
    return found


def _grow(node: Node, sums: Sums, below: dict[str, list[str]], most: int) -> None:
    amounts = sums["cause", node.name]
    node.own, node.total, node.tokens = amounts[_OWN], amounts[_TOTAL], amounts[_TOKENS:]
    if node.name in below:
        _hang(node, below[node.name], sums, below, most)


def _hang(node: Node, names: Collection[str], sums: Sums, below: dict[str, list[str]], most: int) -> None:
    """Hang what is below a cause under it."""
    shown = names
    if most and len(names) > most:
        shown = nsmallest(most, names, key=lambda name: (-sums["cause", name][_TOTAL], name))
        told = sum(sums["cause", name][_TOTAL] for name in shown)
        node.more = (len(names) - most, sum(sums["cause", name][_TOTAL] for name in names) - told)
    for name in shown:
        node.children[name] = Node(name)
        _grow(node.children[name], sums, below, most)

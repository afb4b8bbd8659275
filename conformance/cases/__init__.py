"""Every case, group by group.

A case is a function that tells transcripts on a `Tree` and gives back the requests that were really made; its
name says what is special, its docstring what a tool should make of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from conformance.cases import (
    advisor,
    agents,
    broken_lines,
    cache_writes,
    copies,
    days,
    embedded,
    models,
    modifiers,
    reported,
    request_ids,
    streams,
    synthetic,
)
from conformance.tree import Tree
from conformance.truth import Bill, Owed, bill

if TYPE_CHECKING:
    from collections.abc import Callable

GROUPS = {
    "streams": streams.CASES,
    "copies": copies.CASES,
    "request-ids": request_ids.CASES,
    "agents": agents.CASES,
    "embedded": embedded.CASES,
    "cache-writes": cache_writes.CASES,
    "modifiers": modifiers.CASES,
    "models": models.CASES,
    "days": days.CASES,
    "advisor": advisor.CASES,
    "synthetic": synthetic.CASES,
    "broken-lines": broken_lines.CASES,
    "reported": reported.CASES,
}


@dataclass(frozen=True)
class Case:
    name: str
    tell: Callable[[Tree], list[Owed]]

    @property
    def about(self) -> str:
        return " ".join((self.tell.__doc__ or "").split())

    def told(self) -> tuple[Tree, Bill]:
        """Its transcripts, and the exact bill for them."""
        tree = Tree()
        owed = self.tell(tree)
        return tree, bill(owed, unlogged_nanos=tree.unlogged_nanos)


CASES = tuple(
    Case(f"{group}/{tell.__name__.replace('_', '-').replace(' ', '-')}", tell)
    for group, tells in GROUPS.items()
    for tell in tells
)


def matching(pattern: str) -> list[Case]:
    """The cases of that name, or whose name matches, e.g. `copies/*`."""
    return [case for case in CASES if case.name == pattern or fnmatchcase(case.name, pattern)]

"""Table and Tree: all that a surface needs to draw an answer.

A row is a dict in the order of its JSON; columns say how the same row looks to a person. A tree's total is
own plus children, at every node.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

#: How a column's value is written: text, tokens, money (nanodollars), time, share, count, names, duration
#: (milliseconds), ratio.
TEXT, TOKENS, MONEY, TIME, SHARE, COUNT, NAMES = "text", "tokens", "money", "time", "share", "count", "names"
DURATION, RATIO = "duration", "ratio"


class Column:
    """A column: the key of its value in a row, its heading, how it is written."""

    __slots__ = ("key", "kind", "title", "wide")

    def __init__(self, key: str, title: str, kind: str = TEXT, wide: bool = False) -> None:
        self.key, self.title, self.kind = key, title, kind
        self.wide = wide  #: left out where there is little room


class Table:
    """Rows with units. `key` is the JSON name of the rows; `head` are JSON fields before, `tail` after them.

    `below` are further tables of the same answer: shown under it, and their rows are in its JSON.
    """

    __slots__ = (
        "below", "columns", "detail", "empty", "head", "key", "notes", "rows", "tail", "title", "totals", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        title: str,
        columns: Sequence[Column],
        rows: Any,
        totals: dict[str, Any] | None = None,
        *,
        head: dict[str, Any] | None = None,
        tail: dict[str, Any] | None = None,
        detail: tuple[str, Sequence[Column]] | None = None,
        notes: Sequence[str] = (),
        empty: str = "",
        waiting: bool = True,
    ) -> None:
        self.key, self.title, self.columns, self.rows, self.totals = key, title, list(columns), rows, totals
        self.head, self.tail = head or {}, tail or {}
        self.detail = detail  #: key of nested rows to show below each row, and their columns
        self.notes = list(notes)
        self.empty = empty  #: what to say where there are no rows
        self.waiting = waiting  #: whether that means that no transcript was read, or none of what was asked for
        self.below: list[Table] = []

    def json(self) -> dict[str, Any]:
        """The table as its JSON document."""
        document = dict(self.head)
        document[self.key] = self.rows
        if self.totals is not None:
            document["totals"] = self.totals
        document.update({table.key: table.rows for table in self.below})
        document.update(self.tail)
        document["schemaVersion"] = 1
        return document


class Node:
    """A node of a tree: own + the children's totals = total."""

    __slots__ = ("children", "more", "name", "own", "tokens", "total")

    def __init__(self, name: str) -> None:
        self.name = name
        self.own = self.total = 0
        self.tokens = [0, 0, 0, 0, 0]  #: uncached, write 5m, write 1h, read, output: own and below
        self.children: dict[str, Node] = {}
        #: (How many others are below it, what they come to); None: all are told.
        self.more: tuple[int, int] | None = None


class Tree:
    """A tree of causes."""

    __slots__ = ("head", "notes", "root", "title")

    def __init__(self, title: str, root: Node, head: dict[str, Any], notes: Sequence[str] = ()) -> None:
        self.title, self.root, self.head, self.notes = title, root, head, list(notes)

    def json(self) -> dict[str, Any]:
        return {**self.head, "tree": _node(self.root), "schemaVersion": 1}


def _node(node: Node) -> dict[str, Any]:
    children = sorted(node.children.values(), key=_dearest) if node.children else []
    made = {
        "cause": node.name,
        "ownNanos": node.own,
        "totalNanos": node.total,
        "tokens": tokens_json(node.tokens),
        "children": [_node(child) for child in children],
    }
    if node.more is not None:
        made["more"] = {"causes": node.more[0], "totalNanos": node.more[1]}
    return made


def _dearest(node: Node) -> tuple[int, str]:
    return -node.total, node.name


def tokens_json(tokens: Sequence[int]) -> dict[str, int]:
    """[uncached, write 5m, write 1h, read, output] under their JSON names."""
    return {
        "uncachedInput": tokens[0],
        "cacheWrite5m": tokens[1],
        "cacheWrite1h": tokens[2],
        "cacheRead": tokens[3],
        "output": tokens[4],
    }


def dollars(nanos: int) -> float:
    """Dollars for JSON readers that want them; the exact figure stands beside it."""
    return nanos / 1_000_000_000

"""A tree of causes: all that a surface needs to draw one. A node's total is own plus children."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


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


def tokens_json(tokens: Sequence[int | None]) -> dict[str, int | None]:
    """[uncached, write 5m, write 1h, read, output] under their JSON names; None: not known."""
    return {
        "uncachedInput": tokens[0],
        "cacheWrite5m": tokens[1],
        "cacheWrite1h": tokens[2],
        "cacheRead": tokens[3],
        "output": tokens[4],
    }

"""Every cause as a tree: own + children = total, at every node."""

from __future__ import annotations

from lineitem.core.causes import parents
from lineitem.reports.shapes import Node, Tree, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    #: cause, nanodollars, uncached, write5, write1, read, output
    CauseRow = tuple[str, int, int, int, int, int, int]


def bill(rows: Iterable[CauseRow], title: str = "The bill by cause", under: str = "") -> Tree:
    """The tree of these causes; a cause may come several times. under: only that cause, and what is below it."""
    root = Node("all")
    for cause, nanos, *tokens in rows:
        if under and cause != under and not cause.startswith(f"{under}/"):
            continue
        root.total += nanos
        for index, count in enumerate(tokens):
            root.tokens[index] += count
        node = root
        for name in (*reversed(parents(cause)), cause):
            child = node.children.get(name)
            if child is None:
                child = node.children[name] = Node(name)
            child.total += nanos
            for index, count in enumerate(tokens):
                child.tokens[index] += count
            node = child
        node.own += nanos
    return Tree(title, root, {"costNanos": root.total, "totalCost": dollars(root.total)})

"""One session as a tree to walk: kinds of causes, what they were, each tool call, and the agents a call started.

In: a session's line items and its agents. Out: a tree. Always: own + children = total at every node, the root's total
is the sum of the line items, and each line item is at exactly one node: in the thread that paid for it.
"""

from __future__ import annotations

from lineitem.reports.tree import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from lineitem.reports.lines import Line


class Item(Node):
    """A node: `children` are keyed by kind and name, or by the call's or the thread's id."""

    __slots__ = (
        "at", "call", "carry", "count", "generate", "group", "guessed", "ingest", "key", "kind", "rewrite", "thread",
    )  # fmt: skip

    def __init__(self, name: str, kind: str, thread: str, key: str = "") -> None:
        super().__init__(name)
        self.kind, self.thread, self.key = kind, thread, key
        self.group = False  #: whether this is a kind of cause in its thread
        self.call = ""  #: id of the tool call this is; "": it is none
        self.count = 0  #: tool calls here and below, those of agents left out
        self.at = 0  #: of a tool call or an agent: when it began, in milliseconds; 0: not known
        self.guessed = False  #: whether a part of it is a split or an estimate
        self.generate = self.ingest = self.carry = self.rewrite = 0  #: parts of `own`; carry contains rewrite

    def take(self, line: Line) -> None:
        """Add a line item to what is this node's own."""
        self.own += line.nanos
        self.tokens = [mine + more for mine, more in zip(self.tokens, line.tokens, strict=True)]
        self.generate += line.g_nanos
        self.ingest += line.i_nanos + line.s_nanos
        self.carry += line.c_nanos + line.r_nanos
        self.rewrite += line.r_nanos
        # What is not logged is a difference of two sums: exact.
        self.guessed = self.guessed or (line.basis != "measured" and line.kind != "unlogged")
        if line.at and (not self.at or line.at < self.at):
            self.at = line.at

    def below(self, key: str, name: str, kind: str, thread: str) -> Item:
        """The child with this key, made where there is none."""
        child = self.children.get(key)
        if not isinstance(child, Item):
            child = self.children[key] = Item(name, kind, thread, key)
        return child

    def items(self) -> list[Item]:
        """The children, dearest first."""
        found = [child for child in self.children.values() if isinstance(child, Item)]
        return sorted(found, key=lambda child: (-child.total, child.at, child.name, child.key))


def itemised(lines: Iterable[Line], agents: Iterable[tuple[Any, ...]]) -> Item:
    """The tree of one session. agents: as the ledger has them."""
    by_thread: dict[str, list[Line]] = {}
    for line in lines:
        by_thread.setdefault(line.thread, []).append(line)
    started: dict[tuple[str, str], list[tuple[str, str]]] = {}  # (parent thread, call) -> (thread, type)
    kinds: dict[str, str] = {}
    for _, thread, kind, call, parent, *_ in agents:
        started.setdefault((parent, call), []).append((thread, kind))
        kinds[thread] = kind
    root = Item("", "", "")
    _place(root, "", by_thread, started)
    for thread in list(by_thread):  # of agents whose call is in no transcript
        if thread in by_thread:
            group = root.below("agent", "agent", "agent", "")
            group.group = True
            agent = group.below(thread, kinds.get(thread, ""), "agent", thread)
            _place(agent, thread, by_thread, started)
    _sum(root)
    return root


def _place(
    top: Item, thread: str, by_thread: dict[str, list[Line]], started: dict[tuple[str, str], list[tuple[str, str]]]
) -> None:
    """Put the line items of a thread below a node, and those of the agents it started below their calls."""
    todo = [(top, thread)]
    while todo:
        node, thread = todo.pop()
        for line in by_thread.pop(thread, ()):
            leaf = _leaf(node, line, thread)
            leaf.take(line)
            if line.call and not leaf.call:
                leaf.call, leaf.count = line.call, 1
                for agent, kind in started.pop((thread, line.call), ()):
                    if agent in by_thread:
                        todo.append((leaf.below(f"agent {agent}", kind, "agent", agent), agent))


def _leaf(node: Item, line: Line, thread: str) -> Item:
    """Where a line item belongs: its kind, the first of its names, and what follows them."""
    kind = line.kind or line.cause.partition("/")[0]
    group = node.below(kind, kind, kind, thread)
    group.group = True
    names = line.cause.partition("/")[2]
    if kind == "memory":  # a path is one name
        return group.below(names, names, kind, thread) if names else group
    first, _, rest = names.partition("/")
    found = group.below(first, first, kind, thread) if first else group
    if line.call:
        return found.below(line.call, rest or first, kind, thread)
    return found.below(rest, rest, kind, thread) if rest else found


def _sum(root: Item) -> None:
    """Totals, tokens and counts from the leaves up."""
    for node in reversed(list(_walk(root))):
        node.total = node.own
        for child in node.children.values():
            assert isinstance(child, Item)
            node.total += child.total
            node.tokens = [mine + more for mine, more in zip(node.tokens, child.tokens, strict=True)]
            node.guessed = node.guessed or child.guessed
            if child.thread == node.thread:
                node.count += child.count
            if child.at and (not node.at or child.at < node.at):
                node.at = child.at


def _walk(root: Item) -> Iterator[Item]:
    """Every node, parents before their children."""
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        todo += [child for child in node.children.values() if isinstance(child, Item)]

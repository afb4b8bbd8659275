"""A tree to walk: its nodes as rows, opened one by one; what is closed is never made into rows.

In: the root of a tree and a function that gives a node's cells. Out: the messages of a listing; a row's key is the path
of keys to its node. Always: opening a node with ten thousand children costs as much as drawing those in sight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding

from lineitem.surfaces.tui.listing import Listing, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lineitem.reports.itemised import Item
    from lineitem.surfaces.page import Piece
    from lineitem.surfaces.tui.listing import Field

    #: A node, how deep it is, the sign before its name -> its cells.
    Cells = Callable[[Item, int, str], tuple[Piece, ...]]

#: Between the keys of a path; no key holds it.
_THEN = "\x1f"
OPEN, CLOSED, LEAF = "▾", "▸", " "


class _Seen:
    """A node in sight."""

    __slots__ = ("children", "depth", "item", "path")

    def __init__(self, item: Item, depth: int, path: str) -> None:
        self.item, self.depth, self.path = item, depth, path


class _Rows:
    """Rows of the nodes in sight; their cells are made when they are drawn."""

    def __init__(self, seen: list[_Seen], cells: Cells, opened: set[str]) -> None:
        self.seen, self._cells, self._opened = seen, cells, opened

    def __len__(self) -> int:
        return len(self.seen)

    def __getitem__(self, place: int) -> Row:
        node = self.seen[place]
        return Row(node.path, self._cells(node.item, node.depth, self._sign(node)))

    def __iter__(self) -> Iterator[Row]:
        return (self[place] for place in range(len(self.seen)))

    def _sign(self, node: _Seen) -> str:
        return (OPEN if node.path in self._opened else CLOSED) if node.item.children else LEAF


class Outline(Listing):
    """A tree with a cursor."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("right,l", "open", "Open", show=False),
        Binding("left,h", "close", "Close", show=False),
        Binding("space", "turn", "Open or close", show=False),
        Binding("asterisk", "open_below", "Open all below", show=False),
        Binding("enter", "choose", "Open"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._opened: set[str] = set()
        self._shown: list[_Seen] = []
        self._root: Item | None = None

    def grow(self, root: Item, columns: Sequence[Field], cells: Cells, widths: Sequence[int], empty: str = "") -> None:
        """Show a tree; what was open stays open, and the cursor where it was. widths: of the columns of numbers."""
        self._root, before = root, self.key
        self._shown = []
        self._append(self._shown, root, 0, "")
        self.cursor = self._place_of(before) or 0
        self.show(columns, _Rows(self._shown, cells, self._opened), empty, widths)  # type: ignore[arg-type]

    def _append(self, made: list[_Seen], above: Item, depth: int, path: str) -> None:
        """The nodes in sight below one."""
        todo = [_Seen(child, depth, self._path(path, child)) for child in reversed(above.items())]
        while todo:
            node = todo.pop()
            made.append(node)
            if node.path in self._opened and node.item.children:
                todo += [
                    _Seen(child, node.depth + 1, self._path(node.path, child)) for child in reversed(node.item.items())
                ]

    @staticmethod
    def _path(above: str, child: Item) -> str:
        return f"{above}{_THEN}{child.key}" if above else child.key

    def item(self, path: str) -> Item | None:
        """The node of a row's key."""
        node: Any = self._root
        for key in path.split(_THEN):
            node = node.children.get(key) if node is not None else None
        return node if path else None

    def _place_of(self, key: str) -> int | None:
        return next((place for place, node in enumerate(self._shown) if node.path == key), None) if key else None

    @property
    def key(self) -> str:
        return self._shown[self.cursor].path if self.cursor < len(self._shown) else ""

    def _here(self) -> _Seen | None:
        return self._shown[self.cursor] if self.cursor < len(self._shown) else None

    # -- opening and closing

    def _open(self, node: _Seen, place: int) -> None:
        if node.path in self._opened or not node.item.children:
            return
        self._opened.add(node.path)
        below: list[_Seen] = []
        self._append(below, node.item, node.depth + 1, node.path)
        self._shown[place + 1 : place + 1] = below
        self._changed()
        if len(node.item.children) == 1 and below:  # a lone child has nothing to compare with
            self._open(below[0], place + 1)

    def _close(self, node: _Seen, place: int) -> None:
        self._opened.discard(node.path)
        end = place + 1
        while end < len(self._shown) and self._shown[end].depth > node.depth:
            end += 1
        del self._shown[place + 1 : end]
        self._changed()

    def _changed(self) -> None:
        self._grow()
        self.refresh()

    def action_open(self) -> None:
        """Open the node, or go to its first child."""
        node = self._here()
        if node is None or not node.item.children:
            return
        if node.path in self._opened:
            self.action_move(1)
        else:
            self._open(node, self.cursor)

    def action_close(self) -> None:
        """Close the node, or go to the one above it."""
        node = self._here()
        if node is None:
            return
        if node.path in self._opened and node.item.children:
            self._close(node, self.cursor)
            return
        place = self.cursor
        while place > 0 and self._shown[place].depth >= node.depth:
            place -= 1
        self._move_to(place)

    def action_turn(self) -> None:
        node = self._here()
        if node is None or not node.item.children:
            return
        if node.path in self._opened:
            self._close(node, self.cursor)
        else:
            self._open(node, self.cursor)

    def action_choose(self) -> None:
        """Open or close; a leaf is chosen."""
        node = self._here()
        if node is not None and node.item.children:
            self.action_turn()
        else:
            super().action_choose()

    def action_open_below(self) -> None:
        """Open the node and all that is below it."""
        node = self._here()
        if node is None:
            return
        todo = [(node.item, node.path)]
        while todo:
            item, path = todo.pop()
            if item.children:
                self._opened.add(path)
                todo += [(child, self._path(path, child)) for child in item.items()]
        if self._root is not None:
            self._shown.clear()
            self._append(self._shown, self._root, 0, "")
            self._changed()

    def clicked(self, x: int, *, again: bool) -> None:
        """On the sign before a name, or a second time on a name: open or close."""
        node = self._here()
        if node is None:
            return
        if again or 2 * node.depth + 3 <= x <= 2 * node.depth + 4:
            self.action_choose()

    def find(self, call: str) -> None:
        """Open the way to the node of a tool call and go there; nothing happens where there is none."""
        path = self._way_to(call)
        if not path or self._root is None:
            return
        names = path.split(_THEN)
        self._opened.update(_THEN.join(names[:end]) for end in range(1, len(names)))
        self._shown.clear()
        self._append(self._shown, self._root, 0, "")
        self._changed()
        self.go_to(path)

    def _way_to(self, call: str) -> str:
        todo = [("", self._root)] if self._root is not None else []
        while todo:
            path, node = todo.pop()
            if node.call == call and call:
                return path
            todo += [(self._path(path, child), child) for child in node.items()]
        return ""

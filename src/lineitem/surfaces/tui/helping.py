"""The help of a screen: what it is for, and its keys. Made from the screen itself, so that it cannot be outdated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from lineitem.surfaces.page import Page
from lineitem.surfaces.tui.foot import named
from lineitem.surfaces.tui.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult

#: Keys of every listing, in words.
MOVING = (
    ("↑ ↓ j k", "one row"), ("PgUp PgDn", "one page"), ("Home End g G", "first, last row"),
    ("Tab", "the next part of the screen"), ("Enter", "open"), ("mouse", "click, click again, scroll"),
)  # fmt: skip


class Help(ModalScreen[None]):
    """What one can read of a screen."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape,question_mark,q,enter", "dismiss", "Close")]

    def __init__(self, title: str, told: str, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._told, self._keys = title, told, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Sheet(self._page)

    def on_mount(self) -> None:
        self.query_one("#help").focus()

    def _page(self, width: int) -> Page:
        page = Page(width)
        page.line((f" {self._title}", "bold"))
        for paragraph in self._told.strip().split("\n\n"):
            page.line()
            page.prose(" ".join(paragraph.split()), "", " ")
        page.line()
        for key, said in (*self._keys, *MOVING):
            page.line((f" {key:<14}", "bold tool"), (said, ""))
        page.line()
        page.prose("Esc closes this. docs/tui.md has more.", indent=" ")
        return page


def keys_of(bindings: Iterable[Any]) -> list[tuple[str, str]]:
    """(keys, what they do) of bindings."""
    found = []
    for each in bindings:
        names = " ".join(map(named, each.key.split(",")))
        found.append((names, each.tooltip or each.description))
    return found

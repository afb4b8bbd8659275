"""A page to read: as high as what it says, drawn for whatever width it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.scroll_view import ScrollView
from textual.strip import Strip

from lineitem.surfaces.tui.look import strip

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style
    from textual.geometry import Size

    from lineitem.surfaces.page import Line, Page

    Draw = Callable[[int], Page]


class Sheet(ScrollView, can_focus=False):
    """Shows what a function draws for a width. Set `draw` with `show`; it is drawn anew only where it differs."""

    DEFAULT_CSS: ClassVar[str] = "Sheet { height: auto; width: 1fr; overflow: hidden; }"

    def __init__(self, draw: Draw | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._draw = draw
        self._style: Style | None = None
        self._made: tuple[int, list[Line]] | None = None

    def show(self, draw: Draw) -> None:
        """Draw this from now on."""
        before = self._made
        self._draw, self._made = draw, None
        if before is None:
            self.refresh(layout=True)
        elif (lines := self._lines(before[0])) != before[1]:
            height = self.styles.height
            self.refresh(layout=len(lines) != len(before[1]) and height is not None and height.is_auto)

    def _lines(self, width: int) -> list[Line]:
        if self._made is None or self._made[0] != width:
            page = self._draw(max(20, width)) if self._draw else None
            lines = [line for place, line in enumerate(page.lines) if not self._hidden(page, place)] if page else []
            self._made = (width, lines)
        return self._made[1]

    def _hidden(self, page: Page, place: int) -> bool:
        """Whether a line says nothing without its colours, and there are none."""
        return self.app.no_color and place in page.decoration

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return len(self._lines(width))

    def notify_style_update(self) -> None:
        self._style = None
        super().notify_style_update()

    def _ground(self) -> Style:
        """What the widget is drawn on; worked out once, since every line asks."""
        if self._style is None:
            self._style = self.rich_style
        return self._style

    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.size.width)
        ground = self._ground()
        if y >= len(lines):
            return Strip.blank(self.size.width, ground)
        return strip(lines[y], self.size.width, ground, dark=self.app.current_theme.dark)

    def text(self) -> list[str]:
        """What is said, line by line."""
        return ["".join(text for text, _ in line).rstrip() for line in self._lines(self.size.width)]

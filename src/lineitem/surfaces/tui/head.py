"""The first line of every screen, where one goes to the others, and the last but one, where troubles are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip
from textual.widget import Widget

from lineitem.surfaces.page import cells, shorten
from lineitem.surfaces.tui.look import strip
from lineitem.surfaces.tui.words import plain

if TYPE_CHECKING:
    from textual import events

    from lineitem.surfaces.page import Line

#: The screens one can go to: name, what it is called, its key.
PLACES = (
    ("today", "Today", "1"), ("sessions", "Sessions", "2"), ("timeline", "Timeline", "3"),
    ("anomalies", "Anomalies", "4"), ("budgets", "Budgets", "5"),
)  # fmt: skip


class Head(Widget):
    """The names of the screens; a click goes there."""

    DEFAULT_CSS: ClassVar[str] = "Head { height: 1; width: 1fr; background: $panel; }"

    def __init__(self, here: str) -> None:
        super().__init__()
        self._here = here

    def _pieces(self) -> list[tuple[str, str, str]]:
        """(text, style, the screen it leads to)."""
        made = [(" lineitem ", "bold", "")]
        for name, title, key in PLACES:
            here = name == self._here
            made.append((f" {key} ", "bold tool" if here else "dim", name))
            made.append((f"{title} ", "bold" if here else "dim", name))
        if sum(cells(text) for text, _, _ in made) <= self.size.width:
            return made
        return [(f" {key} ", "bold tool" if name == self._here else "dim", name) for name, _, key in PLACES] + [
            (f" {title}", "bold", "") for name, title, _ in PLACES if name == self._here
        ]

    def render_line(self, y: int) -> Strip:
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        line: Line = [(text, style) for text, style, _ in self._pieces()]
        return strip(line, self.size.width, self.rich_style, dark=self.app.current_theme.dark)

    async def on_click(self, event: events.Click) -> None:
        edge = 0
        for text, _, name in self._pieces():
            edge += cells(text)
            if event.x < edge:
                if name:
                    await self.run_action(f"app.go('{name}')")
                return


class Status(Widget):
    """One line: what is being read, and what went wrong. It takes no room where there is nothing to say."""

    DEFAULT_CSS: ClassVar[str] = "Status { height: 1; width: 1fr; display: none; dock: bottom; margin-bottom: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._troubles: dict[str, str] = {}
        self._doing = ""

    def doing(self, text: str) -> None:
        """What goes on."""
        self._doing = text
        self._changed()

    def trouble(self, what: str, text: str) -> None:
        """What went wrong with `what`; "": nothing any more."""
        self._troubles[what] = text
        self._changed()

    def said(self) -> tuple[str, str]:
        """(what is shown, its style)."""
        told = next((text for text in self._troubles.values() if text), "")
        return (plain(told), "unlogged") if told else (plain(self._doing), "dim")

    def _changed(self) -> None:
        self.display = bool(self.said()[0])
        self.refresh()

    def render_line(self, y: int) -> Strip:
        text, style = self.said() if not y else ("", "")
        width = self.size.width
        return strip(
            [(f" {shorten(text, width - 2)}", style)], width, self.rich_style, dark=self.app.current_theme.dark
        )

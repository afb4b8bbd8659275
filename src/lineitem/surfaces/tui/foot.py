"""The last line of every screen: its keys, as they hold where the focus is. A click is as good as the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip
from textual.widget import Widget

from lineitem.surfaces.page import cells
from lineitem.surfaces.tui.look import strip

if TYPE_CHECKING:
    from textual import events

    from lineitem.surfaces.page import Line

#: How keys are written.
_NAMES = {"slash": "/", "escape": "Esc", "question_mark": "?", "asterisk": "*", "space": "Space", "right": "→",
          "left": "←", "up": "↑", "down": "↓", "enter": "Enter", "backspace": "Backspace", "ctrl+c": "Ctrl+C",
          "ctrl+z": "Ctrl+Z", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End"}  # fmt: skip


def named(key: str) -> str:
    """A key as it is written."""
    return _NAMES.get(key, key)


class Foot(Widget):
    """The keys that hold now."""

    DEFAULT_CSS: ClassVar[str] = "Foot { height: 1; width: 1fr; dock: bottom; background: $panel; }"

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def _pieces(self) -> list[tuple[str, str, str]]:
        """(text, style, the key it is of), as many as there is room for."""
        made: list[tuple[str, str, str]] = []
        room = self.size.width
        told: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if not binding.show or not active.enabled or binding.action in told:
                continue
            told.add(binding.action)
            key, said = f" {named(binding.key)}", f" {binding.description} "
            room -= cells(key) + cells(said)
            if room < 0:
                break
            made += [(key, "bold tool", binding.key), (said, "", binding.key)]
        return made

    def render_line(self, y: int) -> Strip:
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        line: Line = [(text, style) for text, style, _ in self._pieces()]
        return strip(line, self.size.width, self.rich_style, dark=self.app.current_theme.dark)

    def on_click(self, event: events.Click) -> None:
        edge = 0
        for text, _, key in self._pieces():
            edge += cells(text)
            if event.x < edge:
                self.app.simulate_key(key)
                return

"""What asked for work: a person, a command, a timer, or something in the background."""

from __future__ import annotations

from lineitem.core.sightings import BACKGROUND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

#: Origins of a prompt that no person typed.
_BACKGROUND: Final = frozenset(("task-notification", "auto-continuation", "coordinator", "peer", "channel"))


class Prompt:
    """What a person, command or timer asked, and what it led to in this thread."""

    __slots__ = ("agents", "at", "calls", "name", "nanos", "requests", "source")

    def __init__(self, at: int, source: str, name: str) -> None:
        self.at, self.source, self.name = at, source, name
        self.requests = self.nanos = self.agents = 0
        self.calls: list[str] = []


def origin(flags: int, more: dict[str, Any], command: str) -> tuple[str, str]:
    """(source, name) of a prompt: `manual`, `command`, `scheduled` or `background`; of what, for the middle two.

    more: what its USER row tells beside its shape.   command: what came before it, `scheduled:...` of a timer.
    """
    source: str = more.get("s", "")
    name: str = more.get("c", "")
    if command.startswith("scheduled:"):
        return "scheduled", command[10:]
    if name:
        return "command", name
    return "background" if flags & BACKGROUND or source in _BACKGROUND else "manual", name

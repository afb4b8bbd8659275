"""`lineitem hook`: what the hooks of the Claude Code plugin run, with the event on standard input.

It does what the forwarder does, for those who have no `lineitem install`: where its hooks stand in Claude Code's
settings this does nothing, so that no event is kept twice; nor does it where no collector was ever started, for then
nobody would take what it keeps. Always exit code 0 and not a byte on standard output or standard error.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: What only our own hooks hold: a header, and the path of the forwarder (setup/entries.py).
_MARKS = (b"x-lineitem-hook", b"lineitem_hook/forward.py")
#: A larger settings.json is nobody's.
_MOST = 4 << 20


def hook(options: dict[str, Any]) -> int:
    """Take the event, unless somebody else does; 0."""
    from lineitem_hook.forward import forward, silence

    silence()
    try:
        live = _live(options)
        if os.path.isdir(live) and not installed():
            forward(live)
    except Exception:  # noqa: BLE001, S110 - whatever it is, it is not to be heard here
        pass
    return 0


def _live(options: dict[str, Any]) -> str:
    from lineitem import settings
    from lineitem.setup.live_folder import place_of

    known = settings.load()
    return place_of(settings.database_path(options.get("db", ""), known))


def installed() -> bool:
    """Whether a settings.json that holds for this session has hooks of `lineitem install`."""
    return any(mark in text for text in map(_read, _settings()) for mark in _MARKS)


def _settings() -> Iterator[str]:
    """Where settings that hold for this session may stand."""
    yield os.path.join(os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~/.claude"), "settings.json")
    project = os.environ.get("CLAUDE_PROJECT_DIR", "")
    if os.path.isabs(project):
        for name in ("settings.json", "settings.local.json"):
            yield os.path.join(project, ".claude", name)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST)
    except OSError:
        return b""

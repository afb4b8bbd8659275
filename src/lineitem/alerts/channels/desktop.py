"""A notification on this desktop, with a sound of its own for a warning and for something critical.

Linux and Windows through the library desktop-notifier. On macOS it works only inside a signed app, and drops what it
is given otherwise; there the system's own `osascript` shows it, with a constant script that gets the texts as
arguments. No text ever becomes part of a program.
"""

from __future__ import annotations

import sys

from lineitem.alerts.delivery import LATER, SENT, Outcome
from lineitem.alerts.notice import CRITICAL, WARNING
from lineitem.alerts.sinks import harmless, markup, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.alerts.messages import Message
    from lineitem.alerts.settings import ChannelSettings

#: Platform -> severity -> sound: macOS's own sounds, the freedesktop sound names, Windows' events.
_SOUNDS = {
    "darwin": {WARNING: "Tink", CRITICAL: "Funk"},
    "linux": {WARNING: "dialog-warning", CRITICAL: "dialog-error"},
    "win32": {
        WARNING: "ms-winsoundevent:Notification.Default",
        CRITICAL: "ms-winsoundevent:Notification.Reminder",
    },
}
_SCRIPT = """on run argv
if (count of argv) > 2 then
display notification (item 2 of argv) with title (item 1 of argv) sound name (item 3 of argv)
else
display notification (item 2 of argv) with title (item 1 of argv)
end if
end run"""
_OSASCRIPT = "/usr/bin/osascript"
_WHOLE = 10.0  #: seconds
#: Characters of a body; desktops show a few lines.
_LONGEST = 400


class Desktop:
    """The desktop of the person who runs this process."""

    def __init__(self, settings: ChannelSettings, platform: str = sys.platform) -> None:
        self.settings, self._platform = settings, platform

    def send(self, message: Message, now: int) -> Outcome:  # noqa: ARG002 - every channel is given the time
        """Show it; not to be called where an event loop runs."""
        sound = self.sound(message.severity)
        if self._platform == "darwin":
            return run_constant([_OSASCRIPT, "-e", _SCRIPT], arguments_of(message, sound))
        import asyncio

        try:
            shown = asyncio.run(asyncio.wait_for(_shown(message, sound, self._platform), _WHOLE))
        except ImportError:
            return Outcome(LATER, "the library desktop-notifier is missing: pip install 'lineitem[alerts]'")
        except TimeoutError:
            return Outcome(LATER, "the desktop did not answer in time")
        return Outcome(SENT) if shown else Outcome(LATER, "there is no desktop to show it on")

    def sound(self, severity: str) -> str:
        """The name of a sound; '' for silence."""
        if not self.settings.sounds or severity not in (WARNING, CRITICAL):
            return ""
        own = self.settings.critical_sound if severity == CRITICAL else self.settings.warning_sound
        return own or _SOUNDS.get(self._platform, _SOUNDS["linux"])[severity]


def arguments_of(message: Message, sound: str) -> list[str]:
    """Title, text, and the sound if there is one, for the constant script."""
    texts = [harmless(message.title), plain(message)[:_LONGEST]]
    return [*texts, harmless(sound)] if sound else texts


def run_constant(program: Sequence[str], arguments: Sequence[str]) -> Outcome:
    """Run a program of ours with texts as its arguments."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - no shell; the program is a constant, texts are arguments
            [*program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_WHOLE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Outcome(LATER, f"not shown ({type(error).__name__})")
    return Outcome(SENT) if done.returncode == 0 else Outcome(LATER, "the system did not show it")


async def _shown(message: Message, sound: str, platform: str) -> bool:
    """Whether the desktop's notification service took it."""
    from desktop_notifier import DesktopNotifier, Sound, Urgency

    taken: list[bool] = []
    notifier = DesktopNotifier(app_name="lineitem", app_icon=None)
    # only servers of the freedesktop specification read markup
    body = markup(message) if platform.startswith("linux") else plain(message)
    try:
        await notifier.send(
            harmless(message.title),
            body[:_LONGEST].rpartition("\n")[0] or body if len(body) > _LONGEST else body,
            urgency=Urgency.Critical if message.severity == CRITICAL else Urgency.Normal,
            sound=Sound(name=harmless(sound)) if sound else None,
            on_dispatched=lambda: taken.append(True),  # a failure is only logged
        )
    finally:
        _disconnect(notifier)
    return bool(taken)


def _disconnect(notifier: Any) -> None:
    """The library keeps its connection to the bus for answers; nobody here waits for one."""
    bus = getattr(getattr(notifier, "_backend", None), "bus", None)
    if bus is not None:
        bus.disconnect()

"""Starting the collector at login: a LaunchAgent, a systemd user unit or a Windows scheduled task.

Each is one file in the place the platform reads for this user, and a few calls of the platform's own program; no
administrator is needed. `Host` carries the place and the caller, so that all three are the same code on every
platform. What cannot be switched on is taken back: there is no file of ours that does nothing.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from lineitem.setup.files import remove, write_private
from lineitem.setup.login_items import NAME, Service, plist, task, unit
from lineitem.setup.refusals import AutostartFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Seconds a call of the platform's program may take.
_PATIENCE = 30
#: What they answer: exit code, and what was printed.
Answer = tuple[int, str]


class Host(NamedTuple):
    """The machine, as far as autostart sees it."""

    platform: str  #: `darwin`, `win32`, everything else has systemd
    home: str
    config: str  #: systemd: the user's config folder
    live: str  #: the live folder; the Windows task's description is kept there
    uid: int
    user: str  #: Windows: `DOMAIN\\name`
    run: Callable[[Sequence[str]], Answer]

    @property
    def file(self) -> str:
        """Where the description of the service is kept."""
        if self.platform == "darwin":
            return os.path.join(self.home, "Library", "LaunchAgents", f"{NAME}.plist")
        if self.platform == "win32":
            return os.path.join(self.live, f"{NAME}.xml")
        return os.path.join(self.config, "systemd", "user", f"{NAME}.service")


class State(NamedTuple):
    """What there is of it. None: the platform's program did not say."""

    file: str
    installed: bool
    current: bool  #: the file is what would be written now
    running: bool | None


def this_host(live: str) -> Host:
    """The machine we run on."""
    home = os.path.expanduser("~")
    return Host(
        platform=sys.platform,
        home=home,
        config=os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"),
        live=live,
        uid=os.getuid() if hasattr(os, "getuid") else 0,
        user="\\".join(filter(None, (os.environ.get("USERDOMAIN"), os.environ.get("USERNAME")))),
        run=_run,
    )


def on(service: Service, host: Host) -> State:
    """Start the service now and at every login; safe to repeat. AutostartFailed, and all as before, where it cannot."""
    before = _content(host.file)
    content = _described(service, host)
    os.makedirs(os.path.dirname(host.file), exist_ok=True)
    write_private(host.file, content)
    try:
        _switch_on(host, again=before is not None)
    except AutostartFailed:
        off(host)  # the platform may have taken a part of it: a link to the unit, a task
        if before is not None:
            write_private(host.file, before)
            with contextlib.suppress(AutostartFailed):  # what was there may have failed before, too
                _switch_on(host, again=False)
        raise
    return state(service, host)


def off(host: Host) -> None:
    """Stop the service and forget it; safe to repeat."""
    if host.platform == "darwin":
        host.run(["launchctl", "bootout", f"gui/{host.uid}/{NAME}"])  # fails where it is not loaded: as wanted
        remove(host.file)
    elif host.platform == "win32":
        host.run(["schtasks", "/End", "/TN", NAME])
        host.run(["schtasks", "/Delete", "/F", "/TN", NAME])
        remove(host.file)
    else:
        host.run([*_SYSTEMCTL, "disable", "--now", _UNIT])
        remove(host.file)
        remove(os.path.join(os.path.dirname(host.file), "default.target.wants", _UNIT))  # where nothing is running
        host.run([*_SYSTEMCTL, "daemon-reload"])


def state(service: Service, host: Host) -> State:
    """Whether it is there, up to date and running."""
    content = _content(host.file)
    current = content is not None and content == _described(service, host)
    return State(host.file, content is not None, current, _running(host) if content is not None else False)


_SYSTEMCTL = ("systemctl", "--user")
_UNIT = f"{NAME}.service"


def _described(service: Service, host: Host) -> bytes:
    if host.platform == "darwin":
        return plist(service)
    if host.platform == "win32":
        return task(service, host.user)
    return unit(service)


def _switch_on(host: Host, *, again: bool) -> None:
    if host.platform == "darwin":
        if again:
            host.run(["launchctl", "bootout", f"gui/{host.uid}/{NAME}"])
        _must(host, "launchctl", "bootstrap", f"gui/{host.uid}", host.file)
    elif host.platform == "win32":
        if again:
            host.run(["schtasks", "/End", "/TN", NAME])
        _must(host, "schtasks", "/Create", "/F", "/TN", NAME, "/XML", host.file)
        _must(host, "schtasks", "/Run", "/TN", NAME)
    else:
        _must(host, *_SYSTEMCTL, "daemon-reload")
        _must(host, *_SYSTEMCTL, "enable", _UNIT)
        _must(host, *_SYSTEMCTL, "restart", _UNIT)


def _running(host: Host) -> bool | None:
    """As the platform's program says; the words of `schtasks` are in the person's language, so it says nothing."""
    if host.platform == "darwin":
        code, said = host.run(["launchctl", "print", f"gui/{host.uid}/{NAME}"])
        return code == 0 and "state = running" in said
    if host.platform == "win32":
        code, _ = host.run(["schtasks", "/Query", "/TN", NAME])
        return None if code == 0 else False
    _, said = host.run([*_SYSTEMCTL, "is-active", _UNIT])
    word = said.strip()
    return None if word not in {"active", "inactive", "failed", "activating"} else word == "active"


def _must(host: Host, *command: str) -> None:
    code, said = host.run(command)
    if code:
        line = next(iter(said.strip().splitlines()), "it said nothing")
        raise AutostartFailed(f"`{' '.join(command)}` failed ({line}). Nothing is started at login.")


def _run(command: Sequence[str]) -> Answer:
    try:
        done = subprocess.run(  # noqa: S603 - our own words and paths, no shell
            command, capture_output=True, check=False, timeout=_PATIENCE, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        return 127, f"there is no {command[0]} here"
    except subprocess.TimeoutExpired:
        return 124, f"no answer within {_PATIENCE} seconds"
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def _content(path: str) -> bytes | None:
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        return file.read()
    return None

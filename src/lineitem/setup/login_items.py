"""The three descriptions of a program that starts at login: values in, the bytes of a file out.

Each format has its own way of hiding special characters, and each value goes through it: a path with spaces, quotes,
`%`, `$`, `&` or any script comes out as it went in. Control characters are refused; no path of ours holds any.
"""

from __future__ import annotations

import html
import plistlib
import subprocess
from typing import NamedTuple

from lineitem.core.problems import UsageError

#: The name of the service on every platform.
NAME = "lineitem-collector"
_WHAT = "lineitem: keeps the bill of Claude Code sessions"
#: Seconds before a program that ended badly is started again.
_PAUSE = 10


class Service(NamedTuple):
    """What to start: a program by its absolute path, its arguments, variables it needs, where it says what is wrong."""

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    log: str = ""  #: macOS: a file for its standard error; the others keep a journal


def plist(service: Service) -> bytes:
    """A LaunchAgent."""
    _check(service)
    agent: dict[str, object] = {
        "Label": NAME,
        "ProgramArguments": list(service.command),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": _PAUSE,
        "ProcessType": "Background",
        "Umask": 0o077,
    }
    if service.environment:
        agent["EnvironmentVariables"] = dict(service.environment)
    if service.log:
        agent["StandardErrorPath"] = service.log
    return plistlib.dumps(agent, sort_keys=False)


def unit(service: Service) -> bytes:
    """A systemd user unit."""
    _check(service)
    program, *arguments = service.command
    words = [_systemd(program), *(_systemd(word).replace("$", "$$") for word in arguments)]
    lines = [
        "[Unit]",
        f"Description={_WHAT}",
        "",
        "[Service]",
        f"ExecStart={' '.join(words)}",
        *(f"Environment={_systemd(f'{name}={value}')}" for name, value in service.environment),
        "Restart=on-failure",
        f"RestartSec={_PAUSE}",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return "\n".join(lines).encode()


def _systemd(word: str) -> str:
    """One word of a unit: quoted, and `%` doubled, which would begin a specifier."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def task(service: Service, user: str) -> bytes:
    """A Windows scheduled task of that user, given as domain and name."""
    _check(service)
    program, *arguments = service.command
    if service.environment:
        raise UsageError("A scheduled task has no variables of its own; give them as options.")
    owner = _xml(user)
    text = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>{_xml(_WHAT)}</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled><UserId>{owner}</UserId></LogonTrigger></Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{owner}</UserId><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Hidden>true</Hidden>
    <RestartOnFailure><Interval>PT1M</Interval><Count>255</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{_xml(program)}</Command>
      <Arguments>{_xml(subprocess.list2cmdline(arguments))}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
    return text.replace("\n", "\r\n").encode("utf-16")


def _xml(word: str) -> str:
    return html.escape(word, quote=False)


def _check(service: Service) -> None:
    words = [*service.command, service.log, *(part for pair in service.environment for part in pair)]
    for word in words:
        if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in word):
            raise UsageError(f"{word!a} holds a control character: it cannot be started at login.")
        if any(0xD800 <= ord(character) < 0xE000 or ord(character) in {0xFFFE, 0xFFFF} for character in word):
            raise UsageError(f"{word!a} is not Unicode: it cannot be started at login.")

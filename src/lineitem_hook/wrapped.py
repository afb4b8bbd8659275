"""The statusline that was there before ours: its command still runs, and what it prints comes first.

`<live folder>/statusline.json` holds it: {"command": "..."}, written by `lineitem install`. It gets the same standard
input, a time budget of its own, and its failure or silence changes nothing of our line.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from subprocess import Popen

#: Seconds the command may take: the client waits for both of us.
BUDGET = 2.0
_MOST = 64 << 10
#: Set for the command, so that one that leads back to us ends there.
_MARK = "LINEITEM_WRAPPED_STATUSLINE"


def command(folder: str) -> str:
    """The command to run first, '' for none."""
    from lineitem_hook.members import members

    if os.environ.get(_MARK):
        return ""
    try:
        with open(os.path.join(folder, "statusline.json"), encoding="utf-8") as file:
            found = members(file.read(_MOST)).get("command", ("",))[0]
    except (OSError, ValueError):
        return ""
    return found if isinstance(found, str) else ""


def start(line: str) -> Popen[bytes] | None:
    """The command, started: it warms up while we look for our figures."""
    from subprocess import DEVNULL, PIPE, Popen

    try:
        return Popen(line, shell=True, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={**os.environ, _MARK: "1"})  # noqa: S602 it is the person's own command
    except (OSError, ValueError):
        return None


def printed(process: Popen[bytes], given: bytes, budget: float = BUDGET) -> bytes:
    """What the command prints, without its last line break; empty where it fails or is too slow."""
    from subprocess import TimeoutExpired

    try:
        output = process.communicate(given, timeout=budget)[0]
    except (OSError, ValueError):
        return b""
    except TimeoutExpired:
        process.kill()  # and no waiting for what it may have started
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        return b""
    return output[:_MOST].rstrip(b"\r\n") if process.returncode == 0 else b""

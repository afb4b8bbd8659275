"""A file that leads a browser to an address which nobody else may see.

What a browser is started with, every user of a machine can read in its list of processes. So it is started with a
file, in a folder of its own that is closed to others, and the file leads on. Both are removed after a while, however
this program ends; what was left is removed the next time. The folder lies in the home, under a plain name: browsers
that are kept apart from the system (snap, flatpak) see no hidden folders, and another `/tmp`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PREFIX = "lineitem-open-"
#: A browser that has to start first takes a while (seconds).
_STAYS = 60.0
#: Removes a folder after a while: (seconds, folder).
_REMOVE = "import shutil, sys, time; time.sleep(float(sys.argv[1])); shutil.rmtree(sys.argv[2], ignore_errors=True)"


def leading_to(address: str, above: str = "", stays: float = _STAYS) -> str:
    """The `file:` address of a page that leads there, for its owner alone, for so many seconds."""
    from pathlib import Path

    folder = _folder(above or os.path.expanduser("~"))
    path = os.path.join(folder, "open.html")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(_page(address))
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    remover = subprocess.Popen(  # noqa: S603 - our own interpreter and words
        [sys.executable, "-I", "-c", _REMOVE, str(stays), folder], cwd=os.path.dirname(folder),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **detached,
    )  # fmt: skip
    remover.returncode = 0  # nobody waits for it
    return Path(path).as_uri()


def _folder(above: str) -> str:
    """A new folder that is its owner's alone; ones that were left behind are gone."""
    try:
        _sweep(above)
        return tempfile.mkdtemp(prefix=_PREFIX, dir=above)
    except OSError:  # a home that cannot be written to
        return tempfile.mkdtemp(prefix=_PREFIX)


def _sweep(above: str) -> None:
    for name in os.listdir(above):
        path = os.path.join(above, name)
        with contextlib.suppress(OSError):
            if name.startswith(_PREFIX) and not os.path.islink(path) and time.time() - os.stat(path).st_mtime > _STAYS:
                shutil.rmtree(path, ignore_errors=True)


def _page(address: str) -> str:
    from html import escape

    to = escape(address, quote=True)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0; url={to}"><title>lineitem</title>'
        f'<p><a href="{to}">To the dashboard</a></p></html>\n'
    )

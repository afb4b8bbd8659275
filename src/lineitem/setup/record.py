"""What we keep about an installation, in the live folder: the way back.

    installed/<name>.json   per settings.json: its path, what stood there before (base64), the hashes of the files
                            that were made from it, and what was wanted
    backups/<name>-<number>-<time>.json   the last five files we replaced, as they were
    statusline.json         {"command": the command of the statusline that was there before us,
                            "settings": the settings.json it stood in}

`<name>` is the beginning of a hash of the settings file's path. All are written before the settings.json changes:
killed in between, a record tells of a file that does not exist, which does no harm.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from lineitem.setup.entries import Wanted
from lineitem.setup.files import remove, write_private

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What is kept of a `Wanted`.
_KINDS = {
    "live": str,
    "port": int,
    "interpreter": str,
    "programs": str,
    "style": str,
    "telemetry": bool,
    "statusline": bool,
    "windows": bool,
    "switches": bool,
    "closed": bool,
    "note": bool,
}
#: Of these a record of an older installation says nothing.
_LATER: dict[str, Any] = {"switches": False, "closed": False, "note": False}
#: So many replaced files are kept of each settings.json.
BACKUPS = 5


class Record(NamedTuple):
    """One settings.json that holds our entries."""

    path: str
    before: bytes | None  #: what it was without us; None: it was not there
    hashes: tuple[str, ...]  #: of the files that are `before` plus ours, and nothing of anybody else
    wanted: Wanted  #: what was put in, without the token

    def stands_for(self, content: bytes | None) -> bool:
        """Whether taking ours out of this content gives exactly `before`."""
        return content is not None and _hash(content) in self.hashes


class Records:
    """The records of a live folder, by settings path."""

    def __init__(self, live: str) -> None:
        self.live = live

    def of(self, path: str) -> Record | None:
        """The record of a settings.json; None where there is none that can be read."""
        return _record(self._place(path))

    def all(self) -> Iterator[Record]:
        """Every record that can be read."""
        folder = os.path.join(self.live, "installed")
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            record = _record(os.path.join(folder, name))
            if record is not None:
                yield record

    def keep(self, path: str, before: bytes | None, contents: tuple[bytes | None, ...], wanted: Wanted) -> None:
        """Keep that each of these contents is `before` plus ours."""
        row = {
            "path": path,
            "before": None if before is None else base64.b64encode(before).decode(),
            "hashes": [_hash(content) for content in contents if content is not None],
            "wanted": {name: getattr(wanted, name) for name in _KINDS},
        }
        os.makedirs(os.path.join(self.live, "installed"), mode=0o700, exist_ok=True)
        write_private(self._place(path), json.dumps(row).encode())

    def forget(self, path: str) -> None:
        """The settings.json holds nothing of ours any more."""
        remove(self._place(path))
        self.unwrap(path)

    def back_up(self, path: str, content: bytes) -> None:
        """Keep a copy of a file about to be replaced, and the four before it."""
        folder = os.path.join(self.live, "backups")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        mine = sorted(name for name in os.listdir(folder) if name.startswith(f"{_name(path)}-"))
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        number = int(mine[-1].split("-")[1]) + 1 if mine else 1
        for name in mine[: max(0, len(mine) - BACKUPS + 1)]:
            remove(os.path.join(folder, name))
        write_private(os.path.join(folder, f"{_name(path)}-{number:06}-{stamp}.json"), content)

    def wrap(self, path: str, command: str) -> None:
        """Keep the command of the statusline that ours runs first."""
        write_private(self._statusline(), json.dumps({"command": command, "settings": path}).encode())

    def unwrap(self, path: str) -> None:
        """There is no such command in that settings.json any more."""
        if self.wrapped(path) is not None:
            remove(self._statusline())

    def wrapped(self, path: str) -> str | None:
        """The command kept for that settings.json."""
        row = _row(self._statusline())
        command = row.get("command")
        return command if row.get("settings") == path and isinstance(command, str) else None

    def wraps_another(self, path: str) -> bool:
        """Whether the one place for a command is taken by another settings.json that is still installed."""
        other = _row(self._statusline()).get("settings")
        return isinstance(other, str) and other != path and self.of(other) is not None

    def _place(self, path: str) -> str:
        return os.path.join(self.live, "installed", f"{_name(path)}.json")

    def _statusline(self) -> str:
        return os.path.join(self.live, "statusline.json")


def _record(place: str) -> Record | None:
    row = _row(place)
    path, before, hashes, wanted = row.get("path"), row.get("before"), row.get("hashes"), _wanted(row.get("wanted"))
    if not (isinstance(path, str) and isinstance(hashes, list) and wanted):
        return None
    try:
        content = None if before is None else base64.b64decode(str(before), validate=True)
    except ValueError:
        return None
    return Record(path, content, tuple(map(str, hashes)), wanted)


def _wanted(row: Any) -> Wanted | None:
    """What was wanted; None where the row is spoilt."""
    fields: dict[str, Any] = {name: (_LATER | row).get(name) for name in _KINDS} if isinstance(row, dict) else {}
    whole = fields and all(type(fields[name]) is kind for name, kind in _KINDS.items())
    return Wanted(token="", **fields) if whole else None


def _row(place: str) -> dict[str, Any]:
    """The object in a file of ours; empty where there is none, or it was spoilt."""
    try:
        with open(place, "rb") as file:
            row = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _name(path: str) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]

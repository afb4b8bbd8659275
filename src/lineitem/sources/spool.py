"""What forwarders put on disk while nobody listened, or before they were heard: `<live folder>/spool/`.

In: the folder `lineitem_hook/spool.py` writes to. Out: batches of intact records. Always: a batch is read again until
`done` was called for it, whatever happens in between, so nothing is lost; each record has a key, so that the ledger
keeps it once. The order is: `take`, keep, commit, `done`.

The shared file `events` is taken by renaming it. A writer that opened it before that holds a shared lock until its
record is there, or finds the name gone and starts over; so a file whose lock we get once is complete for ever.
"""

from __future__ import annotations

import json
import os
from binascii import crc32
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: No record is longer; what is longer is not ours.
_LARGEST = 64 << 10
#: The letters in `dropped`, and what they say.
_WHY = {"f": "the spool was full", "l": "it was too long", "e": "the disk failed", "u": "it was unreadable"}

Problems = list[tuple[str, str]]


class Record(NamedTuple):
    """A record of the spool: what kind it is decides who decodes the body."""

    kind: str  #: `hook` or `statusline`
    key: str  #: minted once, when the record was made
    at: int  #: when it was made
    body: bytes


class Batch:
    """The records of one file that no writer writes to any more."""

    def __init__(self, path: str, problems: Problems) -> None:
        self.path = path
        self._problems = problems

    def records(self) -> Iterator[Record]:
        """All intact records, as they were written. Torn ones become a problem when all are read."""
        torn = 0
        with open(self.path, "rb") as file:
            while line := file.readline(_LARGEST):
                if line == b"\n":
                    continue
                record = _record(line)
                if record is not None:
                    yield record
                elif line.endswith(b"\n"):
                    torn += 1
                else:
                    torn += 1
                    _skip_line(file)
        if torn:
            self._problems.append(("spool-torn", f"{torn} in {os.path.basename(self.path)}"))

    def done(self) -> None:
        """Forget the file: only after its records are committed."""
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass  # it was done before


class Spool:
    """The spool of one live folder. One process at a time reads it (it holds `collector.lock`)."""

    def __init__(self, live_folder: str) -> None:
        self.folder = os.path.join(live_folder, "spool")
        self.problems: Problems = []  #: (slug, note) of what could not be read; the caller keeps and empties it
        self._unread: set[str] = set()  #: files that could not be read, so that each is told once

    def take(self) -> list[Batch]:
        """What can be read now: taken files, left-over ones first."""
        names = self._names()
        files = [name for name, is_file in names.items() if is_file]
        if "events" in files:
            name = _next(list(names))
            os.rename(os.path.join(self.folder, "events"), os.path.join(self.folder, name))
            files.append(name)
        ready = sorted(name for name in files if name.startswith(("taken-", "one-")))
        paths = [os.path.join(self.folder, name) for name in ready]
        return [Batch(path, self.problems) for path in paths if self._is_complete(path)]

    def unread(self, path: str, error: OSError) -> None:
        """A file cannot be read: a problem, once, and no reason to leave the others."""
        if path not in self._unread:
            self._unread.add(path)
            self.problems.append(("spool-unread", f"{os.path.basename(path)}: {error.strerror}"))

    def _is_complete(self, path: str) -> bool:
        try:
            return _is_complete(path)
        except OSError as error:
            self.unread(path, error)
            return False

    def dropped(self) -> dict[str, int]:
        """How many events could never be kept, by reason, since the folder was made."""
        try:
            with open(os.path.join(self.folder, "dropped"), "rb") as file:
                letters = file.read()
        except OSError:
            return {}
        return {why: count for letter, why in _WHY.items() if (count := letters.count(letter.encode()))}

    def _names(self) -> dict[str, bool]:
        """What lies there, and whether it is a file: a pipe would hold us, a link would lead elsewhere."""
        try:
            with os.scandir(self.folder) as entries:
                return {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
        except (FileNotFoundError, NotADirectoryError):
            return {}


def _next(names: list[str]) -> str:
    """A name that sorts after those of all taken files."""
    numbers = [int(name[6:]) for name in names if name.startswith("taken-") and name[6:].isdecimal()]
    return f"taken-{max(numbers, default=0) + 1:010d}"


def _is_complete(path: str) -> bool:
    """Whether no writer is still at it; if one is, the file waits for the next time."""
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:
        return True  # without locks nothing is written to a shared file
    with open(path, "rb") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True


def _skip_line(file: object) -> None:
    """Go to the end of a line that is no record."""
    while line := file.readline(_LARGEST):  # type: ignore[attr-defined]
        if line.endswith(b"\n"):
            return


def _record(line: bytes) -> Record | None:
    """A line as a record, None where it is not whole."""
    length, _, rest = line.rstrip(b"\n").partition(b" ")
    check, _, body = rest.partition(b" ")
    if length != b"%d" % len(body) or check != b"%08x" % crc32(body):
        return None
    try:
        aside = json.loads(body)["lineitem"]
        kind, key, at = aside["kind"], aside["key"], aside["at"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if not (isinstance(kind, str) and isinstance(key, str) and isinstance(at, int) and 0 <= at < 1 << 53):
        return None
    return Record(kind, key, at, body)

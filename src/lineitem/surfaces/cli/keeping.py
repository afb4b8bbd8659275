"""Puts a written report into its file: whole or not at all, and nothing a person wrote is lost on the way.

Always: what a file holds is looked at again in the moment it is replaced. Where somebody saved it meanwhile, the
sections are put into what was saved.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile

from lineitem.core.problems import UsageError
from lineitem.setup.swap import exchanged
from lineitem.surfaces.seams import NotOurs, again, fresh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: A report is never so large (bytes); how often it is tried to replace a file that others save, too.
_MOST, _TRIES = 16_000_000, 5


def keep_report(path: str, of: str, sections: Sequence[tuple[str, str]], *, notes: bool, force: bool) -> bool:
    """Write the report there; False where it stood there already. Raises UsageError for a file that is not ours."""

    def made(before: bytes | None) -> bytes:
        if before is None:
            return fresh(of, sections, notes=notes)
        try:
            return again(before, of, sections)
        except NotOurs as error:
            if force:
                return fresh(of, sections, notes=notes)
            raise UsageError(f"{path} is left as it is: {error}. --force writes it anew.") from None

    return keep(path, made)


def keep_picture(path: str, picture: bytes, *, force: bool) -> bool:
    """Write a picture there; False where it stood there already. Raises UsageError for a file that is none of ours."""
    from lineitem.surfaces.signed import is_ours

    def made(before: bytes | None) -> bytes:
        if before is not None and not is_ours(before) and not force:
            raise UsageError(f"{path} is left as it is: it is no picture of lineitem's. --force writes it anew.")
        return picture

    return keep(path, made)


def keep(path: str, made: Callable[[bytes | None], bytes]) -> bool:
    """Replace a file by what is made of its bytes (None: it is not there); False where that is the same."""
    path = os.path.abspath(path)
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise UsageError(f"There is no folder {folder}.")
    for _ in range(_TRIES):
        before = _read(path)
        after = made(before)
        if after == before:
            return False
        if _replaced(path, folder, before, after):
            return True
    raise UsageError(f"{path} is being written by another program. Try again when it is done.")


def _read(path: str) -> bytes | None:
    """The bytes of a file of its own: neither a link nor a device."""
    try:
        kind = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(kind.st_mode):
        raise UsageError(f"{path} is a link. Name the file itself.")
    if not stat.S_ISREG(kind.st_mode):
        raise UsageError(f"{path} is no file.")
    if kind.st_size > _MOST:
        raise UsageError(f"{path} is too large to be a report.")
    with open(path, "rb") as file:
        return file.read(_MOST + 1)


def _replaced(path: str, folder: str, before: bytes | None, after: bytes) -> bool:
    """Put the new bytes there in one step; False where the file is no longer what it was."""
    handle, beside = tempfile.mkstemp(dir=folder, prefix=".lineitem-")  # mode 0600
    try:
        with open(handle, "wb") as file:
            file.write(after)
            file.flush()
            if before is not None and os.name == "posix":
                with contextlib.suppress(OSError):  # gone since: that is seen below
                    os.fchmod(file.fileno(), stat.S_IMODE(os.lstat(path).st_mode) & 0o777)
            os.fsync(file.fileno())
        return _begun(path, beside) if before is None else _exchanged(path, beside, before, after)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)


def _begun(path: str, beside: str) -> bool:
    """Give a new file its name; False where somebody else took it."""
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if os.path.lexists(path):
            return False
        os.replace(beside, path)
    return True


def _exchanged(path: str, beside: str, before: bytes, after: bytes) -> bool:
    try:
        swapped = exchanged(beside, path)
    except OSError:  # it is not there any more
        return False
    if not swapped:  # a system that cannot
        if _read(path) != before:
            return False
        os.replace(beside, path)
        return True
    if _same(beside, before):
        return True
    exchanged(beside, path)  # somebody saved it in between: what they wrote goes back
    if not _same(beside, after):  # and saved again before it was back: that is the latest
        exchanged(beside, path)
    return False


def _same(path: str, content: bytes) -> bool:
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return False
    with open(path, "rb") as file:
        return file.read(len(content) + 1) == content

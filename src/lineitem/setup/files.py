"""Small files written whole or not at all, and a lock between our own processes."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from typing import TYPE_CHECKING

from lineitem.setup.refusals import SettingsBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def write_private(path: str, content: bytes) -> None:
    """Write a file that only its owner may read: it is there whole, or what was there before still is."""
    write_whole(path, content, 0o600)


def write_whole(path: str, content: bytes, mode: int) -> None:
    """Write a file of that mode: it is there whole, or what was there before still is."""
    folder = os.path.dirname(path)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{os.path.basename(path)}.")  # mode 0600
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode != 0o600:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(folder)


def sync_folder(path: str) -> None:
    """Make renames in a folder last; Windows cannot open folders, and needs no such thing."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: str) -> None:
    """Remove a file; that it is not there is well."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


#: How often a taken lock is tried again, with a tenth of a second between.
_TRIES = 300


@contextlib.contextmanager
def locked(path: str, sleep: Callable[[float], None]) -> Iterator[None]:
    """Alone among those who ask for this lock; its file is gone afterwards.

    A file that was removed while we waited for it locks nothing: then the new one is taken.
    """
    for _ in range(_TRIES):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        if _take(handle) and _is(handle, path):
            break
        os.close(handle)
        sleep(0.1)
    else:
        raise SettingsBusy(f"Another lineitem holds {path}. Try again when it is done.")
    try:
        yield
    finally:
        if os.name == "posix":
            remove(path)
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is(handle: int, path: str) -> bool:
    """Whether the open file is still the one at the path."""
    try:
        there, ours = os.stat(path), os.fstat(handle)
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)

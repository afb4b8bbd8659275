"""Puts a record on disk, where the collector finds it: `<live folder>/spool/`, `lineitem/sources/spool.py` reads it.

A record is one line, `length crc32 json`, written whole by one `write` to the end of a file that many processes
share, and on disk when `append` returns. It begins with a line break too, so that a torn one before it (a full disk)
costs only itself. The reader takes the file by renaming it; so a writer holds a shared lock while it writes and looks
whether the file still has its name. Where there are no locks, each record is a file of its own.

`dropped` holds one letter for each event that could not be kept: its size is their number, and appending needs no lock.
"""

from __future__ import annotations

import os
from binascii import crc32

#: Bytes of a record, so that one `write` is one piece also beside others.
LARGEST = 64 << 10
#: Bytes of the whole spool: from then on events are dropped, and counted.
MOST = 256 << 20
#: The letters in `dropped`.
FULL, LARGE, FAILED, UNREADABLE = b"f", b"l", b"e", b"u"

#: How often the file may be taken away under a writer before it makes a file of its own.
_TRIES = 8
_FLAGS = (
    os.O_WRONLY
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


def append(folder: str, record: bytes, most: int = MOST) -> bool:
    """Put a record into the spool of a live folder: True when it is on disk, else it is counted as dropped."""
    spool = os.path.join(folder, "spool")
    frame = b"\n%d %08x %b\n" % (len(record), crc32(record), record)
    if len(frame) > LARGEST:
        return drop(folder, LARGE)
    try:
        _make(spool)
        if _size(spool) + len(frame) > most:
            return drop(folder, FULL)
        if not _append(spool, frame):
            _put_alone(spool, frame)
    except OSError:
        return drop(folder, FAILED)
    return True


def drop(folder: str, why: bytes) -> bool:
    """Count an event that is not kept; False, for there is nothing on disk."""
    spool = os.path.join(folder, "spool")
    try:
        _make(spool)
        file = os.open(os.path.join(spool, "dropped"), _FLAGS, 0o600)
        try:
            os.write(file, why)
        finally:
            os.close(file)
    except OSError:
        pass  # nothing can be written at all: there is nowhere left to say so
    return False


def _make(spool: str) -> None:
    try:
        os.mkdir(spool, 0o700)
    except FileExistsError:
        pass


def _size(spool: str) -> int:
    size = 0
    with os.scandir(spool) as entries:
        for entry in entries:
            try:
                size += entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                pass  # the reader is done with it
    return size


def _append(spool: str, frame: bytes) -> bool:
    """Write to the shared file; False where its name or its lock cannot be had."""
    path = os.path.join(spool, "events")
    for _ in range(_TRIES):
        file = os.open(path, _FLAGS, 0o600)
        try:
            ours = _hold(file, path)
            if ours is None:
                return False
            if ours:
                fresh = os.fstat(file).st_size == 0
                _write(file, frame)
                if fresh:
                    _settle(spool)
                return True
        finally:
            os.close(file)
    return False


def _hold(file: int, path: str) -> bool | None:
    """Whether the open file is the one of that name, and stays it while we write; None: there are no locks here."""
    try:
        from fcntl import LOCK_NB, LOCK_SH, flock
    except ImportError:
        return None
    try:
        flock(file, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return False  # it is being taken away
    except OSError:
        return None
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False


def _put_alone(spool: str, frame: bytes) -> None:
    """A file for one record, which appears under its name when it is complete."""
    name = os.urandom(8).hex()
    hidden = os.path.join(spool, f".new-{name}")
    file = os.open(hidden, _FLAGS | os.O_EXCL, 0o600)
    try:
        _write(file, frame)
    finally:
        os.close(file)
    os.rename(hidden, os.path.join(spool, f"one-{name}"))
    _settle(spool)


def _write(file: int, frame: bytes) -> None:
    if os.write(file, frame) != len(frame):
        raise OSError
    os.fsync(file)


def _settle(folder: str) -> None:
    """Make a new name in a folder last."""
    if os.name == "nt":
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)

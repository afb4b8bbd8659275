"""Keeps recorded answers in the store from a thread of its own, so that nobody waits for a disk or a lock.

In: entries. Out: rows of the store, soon. Always: nothing is raised; what could not be kept is counted and said once in
the log `lineitem.record`. What is still waiting when a process is killed is lost; a process that ends waits a little.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.core.manual import Entry

_LOG = logging.getLogger("lineitem.record")
#: Entries that may wait; seconds a process that ends waits for them.
_MOST, _PATIENCE = 100_000, 5.0


class Writer:
    """The thread of one store, started when it is first needed."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lost = 0  #: entries that could not be kept
        self._waiting: deque[Entry] = deque()
        self._changed = threading.Condition()
        self._busy = False
        self._process = os.getpid()
        self._thread: threading.Thread | None = None

    @property
    def mine(self) -> bool:
        """Whether it is of this process: a fork has none of its parent's threads."""
        return self._process == os.getpid()

    def put(self, entries: list[Entry]) -> None:
        """Keep these soon."""
        with self._changed:
            if len(self._waiting) + len(entries) > _MOST:
                self._lose(len(entries), "too many wait")
                return
            self._waiting.extend(entries)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="lineitem.record", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float) -> bool:
        """Wait until nothing waits any longer, at most so many seconds; whether that is so."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._waiting or self._busy:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def _work(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                while not self._waiting:
                    self._changed.wait()
                entries = list(self._waiting)
                self._waiting.clear()
                self._busy = True
            self._keep(entries)

    def _keep(self, entries: list[Entry]) -> None:
        try:
            from lineitem.ledger import manual
            from lineitem.ledger.store import Ledger
            from lineitem.sources.commits import root

            ledger = Ledger(self.path)
            try:
                with ledger.transaction():
                    for entry in entries:
                        folder = root(entry.folder) if entry.folder else ""
                        session = manual.open_session(ledger, folder)
                        named = session.id if session and session.since <= entry.at else ""
                        manual.keep(ledger, [entry._replace(session=named, folder=folder)])
            finally:
                ledger.close()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the caller's trouble
            with self._changed:
                self._lose(len(entries), str(error))

    def _lose(self, count: int, why: str) -> None:
        if not self.lost:
            said(why)
        self.lost += count


def said(why: object) -> None:
    """Say in the log why something is not recorded."""
    _LOG.warning("What API answers used is not recorded: %s", why)


_writers: dict[tuple[int, str], Writer] = {}
_lock = threading.Lock()


def writer_of(path: str) -> Writer:
    """The writer of a store in this process: a fork has one of its own."""
    key = os.getpid(), path
    with _lock:
        found = _writers.get(key)
        if found is None:
            found = _writers[key] = Writer(path)
        return found


def flush(seconds: float = _PATIENCE) -> bool:
    """Wait until nothing recorded waits for its store any longer, at most so many seconds; whether that is so."""
    mine = [writer for (process, _), writer in _writers.items() if process == os.getpid()]
    until = time.monotonic() + seconds
    done = True
    for writer in mine:
        done &= writer.flush(max(0.0, until - time.monotonic()))
    return done


def _renewed() -> None:
    """In a fork: nobody holds its locks, nothing of its parent's waits."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    _writers.clear()


atexit.register(flush)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renewed)

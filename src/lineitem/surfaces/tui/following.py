"""Takes in what is new while the dashboard is shown, at a gentle pace, in a thread of its own.

In: a function that opens a ledger, and what to call with news. Where a collector runs for this store, it reads; then we
only look whether it has. Always: nothing here touches a screen, and `end` is heeded soon, amid a long reading too.
"""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import TYPE_CHECKING

from lineitem.core.problems import LineitemError
from lineitem.surfaces.numbers import many, share

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineitem.wiring import Lineitem

#: Seconds between two looks at the least, and how many times as long as a look takes.
PACE, GENTLY = 1.0, 10
#: So many sessions are worked out before one could read of it.
_FEW = 20


class _Ended(Exception):
    """Nobody reads on."""


class Follower:
    """One thread that reads. The functions are called in it."""

    def __init__(
        self,
        opened: Callable[[], Lineitem],
        served: Callable[[Lineitem], bool],
        changed: Callable[[], None],
        doing: Callable[[str], None],
        failed: Callable[[str], None],
    ) -> None:
        """served: whether a collector reads.   doing: told in words what takes long, "" when it is done."""
        self._opened, self._served = opened, served
        self._changed, self._doing, self._failed = changed, doing, failed
        self._end, self._now = Event(), Event()
        self._lineitem: Lineitem | None = None
        self._thread = Thread(target=self._follow, name="follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def look(self) -> None:
        """Look at once."""
        self._now.set()

    def end(self) -> None:
        """Stop reading, and wait until it has stopped."""
        self._end.set()
        self._now.set()
        if self._thread.is_alive():
            if self._lineitem is not None:
                self._lineitem.stop()
            self._thread.join(2)
        if self._lineitem is not None and not self._thread.is_alive():
            self._lineitem.close()
            self._lineitem = None

    def _follow(self) -> None:
        said = ""
        while not self._end.is_set():
            began = time.monotonic()
            try:
                self._round()
                if said:
                    said = ""
                    self._failed("")
            except _Ended:
                break
            except Exception as error:  # noqa: BLE001 - the rim of a thread: the next round may succeed
                if self._end.is_set():
                    break
                now = str(error) if isinstance(error, LineitemError) else f"{type(error).__name__}: {error}"
                if now != said:
                    said = now
                    self._failed(said)
            self._now.wait(max(PACE, GENTLY * (time.monotonic() - began)))
            self._now.clear()

    def _round(self) -> None:
        """Look once: read what is new where nobody else does, and say when the ledger is another one."""
        lineitem = self._lineitem
        if lineitem is None:
            lineitem = self._lineitem = self._opened()
            self._version = lineitem.changes(read=False)
        new = not self._served(lineitem) and self._read(lineitem)
        version = lineitem.changes(read=False)
        if new or version != self._version:
            self._version = version
            self._changed()

    def _read(self, lineitem: Lineitem) -> bool:
        """Take in what is new; whether there was anything."""
        told, sessions = 0.0, 0

        def tell(text: str) -> None:
            nonlocal told
            if self._end.is_set():
                raise _Ended
            if time.monotonic() - told > 0.2:
                told = time.monotonic()
                self._doing(text)

        def reading(done: int, whole: int) -> None:
            if whole >> 20:
                tell(f"Reading what is new: {share(done, whole)} of {whole >> 20:,} MB.")

        def folding(done: int) -> None:
            nonlocal sessions
            sessions += done
            if sessions > _FEW:
                tell(f"Working out what it was spent on: {many(sessions, 'session')}.")

        try:
            return lineitem.take_in(reading, folding)
        finally:
            if told:
                self._doing("")

"""Where questions are asked: in threads, each with an opened ledger of its own, so that no screen ever waits.

In: a function that opens a ledger, and questions, functions of an opened ledger. Out: what they answer.
Always: one ledger answers one question at a time; a question nobody waits for any more is stopped.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineitem.wiring import Lineitem

    Question = Callable[[Lineitem], Any]


class Dropped(Exception):
    """Nobody waits for the answer any more."""


class Desk:
    """Opened ledgers, lent to whoever asks."""

    def __init__(self, opened: Callable[[], Lineitem]) -> None:
        self._opened = opened
        self._lock = Lock()
        self._free: list[Lineitem] = []
        self._busy: dict[object, Lineitem] = {}
        self._closed = False

    def ask(self, asker: object, question: Question) -> Any:
        """What a question is answered. asker: who asks; one question at a time. Raises Dropped after `drop`."""
        lineitem = self._lend(asker)
        try:
            lineitem.renew()
            return question(lineitem)
        except Exception:
            if self._was_dropped(asker):
                raise Dropped from None
            raise
        finally:
            self._give_back(asker, lineitem)

    def drop(self, asker: object) -> None:
        """Stop what this one asked."""
        with self._lock:
            lineitem = self._busy.pop(asker, None)
            if lineitem is not None:
                lineitem.stop()

    def close(self) -> None:
        """Stop everything and close what was opened."""
        with self._lock:
            self._closed = True
            for lineitem in self._busy.values():
                lineitem.stop()
            self._busy.clear()
            free, self._free = self._free, []
        for lineitem in free:
            lineitem.close()

    def _lend(self, asker: object) -> Lineitem:
        with self._lock:
            if self._closed:
                raise Dropped
            found = self._free.pop() if self._free else None
        if found is None:
            found = self._opened()
        with self._lock:
            self._busy[asker] = found
        return found

    def _was_dropped(self, asker: object) -> bool:
        with self._lock:
            return self._closed or asker not in self._busy

    def _give_back(self, asker: object, lineitem: Lineitem) -> None:
        with self._lock:
            self._busy.pop(asker, None)
            keep = not self._closed
            if keep:
                self._free.append(lineitem)
        if not keep:
            lineitem.close()

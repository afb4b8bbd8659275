"""Has the report of a session written when it ends, in a thread of its own: nothing ever waits for it.

Started and stopped with the collector; does nothing unless `[reports] on_session_end` says where. A session is
written soon after the round of reading that heard of its end, and once more when what the client adds at the very end
has surely been read. What cannot be written is remembered for `lineitem doctor`, and stops nothing.
"""

from __future__ import annotations

import logging
import threading
import time

from lineitem.core.problems import UsageError
from lineitem.reports import on_end
from lineitem.wiring import Lineitem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Save = Callable[[Lineitem, on_end.Ended, on_end.Pattern], None]

_LOG = logging.getLogger("lineitem")
#: Seconds after which a session that ended is written, and written again.
LOOKS = (2.0, 60.0)
#: How often it is looked whether something is due (seconds).
_LOOK = 0.5


class Reporter:
    """The background that has them written by `save`, which raises UsageError or OSError where it cannot."""

    def __init__(
        self, db: str, dirs: Sequence[str], settings: Mapping[str, Any], save: Save,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """settings: the whole settings file. Raises UsageError where its path cannot be meant."""
        self._db, self._dirs, self._save, self._clock = db, list(dirs), save, clock
        self._pattern = on_end.Pattern.from_settings(settings)
        self._heard: int | None = None  #: the last event that was looked at
        self._due: list[tuple[float, str]] = []  #: (when, session) of what is to be written
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._thread = self._made()

    def _made(self) -> threading.Thread:
        return threading.Thread(target=self._work, name="reporter", daemon=True)

    def take(self, settings: Mapping[str, Any]) -> None:
        """Go by these settings from now on: sessions that ended before there was a place for reports get none."""
        before, self._pattern = self._pattern, on_end.Pattern.from_settings(settings)
        if before is None:
            self._heard = None
        if not self._thread.is_alive() and not self._stop.is_set():
            self._thread = self._made()
            self.start()

    def heed(self, lineitem: Lineitem) -> None:
        """After a round of reading: which sessions have ended since the one before."""
        if self._pattern is None:
            return
        before = on_end.heard(lineitem.ledger) if self._heard is None else self._heard
        last, ended = on_end.ended_since(lineitem.ledger, before)
        now = self._clock()
        with self._lock:
            self._due = [each for each in self._due if each[1] not in ended]
            self._due += [(now + wait, session) for session in ended for wait in LOOKS]
            self._heard = last

    def start(self) -> None:
        if self._pattern is not None:
            self._thread.start()

    def stop(self) -> None:
        """What is still to be written is written by the next collector."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _work(self) -> None:
        lineitem = Lineitem(self._db, self._dirs)
        try:
            while not self._stop.wait(_LOOK):
                try:
                    self.once(lineitem)
                except Exception:  # noqa: BLE001 - a bad moment (a full disk) must not end it
                    _LOG.exception("a report could not be written")
        finally:
            lineitem.close()

    def once(self, lineitem: Lineitem) -> None:
        """Write what is due."""
        now = self._clock()
        with self._lock:
            due = list(dict.fromkeys(session for at, session in self._due if at <= now))
            self._due = [each for each in self._due if each[0] > now]
            heard, left = self._heard, bool(self._due)
        for session in due:
            self._write(lineitem, session)
        if due and not left and heard is not None:
            on_end.remember(lineitem.ledger, heard)

    def _write(self, lineitem: Lineitem, session: str) -> None:
        ended = on_end.ended(lineitem.ledger, session)
        if ended is None or self._pattern is None:
            return
        why = ""
        try:
            self._save(lineitem, ended, self._pattern)
        except (UsageError, OSError) as error:
            why = str(error)
            _LOG.warning("the report of session %s was not written: %s", session[:8], why)
        on_end.note(lineitem.ledger, session, why)

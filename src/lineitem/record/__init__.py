"""Record what your own programs use of the API, beside the bill of Claude Code.

    from lineitem import record

    with record.recording("nightly") as kept:            # or `async with`
        client = kept.wrap(anthropic.Anthropic())        # every message it makes is recorded, streams too
        kept.see(answer)                                 # or an answer of your own, once

    client = record.wrapped(anthropic.Anthropic(), "nightly")

In: answers of the Messages API. Out: entries of the store: model, counts, moment, label. Always: no text of a prompt or
an answer is looked at; nothing here raises, and nothing waits for the store but `flush` and the end of a `with`, for
seconds at most. What could not be kept is counted in `lost` and said in the log `lineitem.record`.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
import weakref
from typing import TYPE_CHECKING, TypeVar

from lineitem.record.writer import flush, writer_of

if TYPE_CHECKING:
    from typing import Any, Self

    from lineitem.record.writer import Writer
    from lineitem.sources.sdk import Used

__all__ = ["Recording", "flush", "recording", "wrapped"]

T = TypeVar("T")
#: Seconds that the end of a `with` waits for the store.
_PATIENCE = 5.0


class Recording:
    """Answers under one label. Sums are of what this recording saw."""

    def __init__(self, label: str = "", *, db: str = "", folder: str = "") -> None:
        """label: what it is for, at most 80 characters are kept. db: as --db. folder: '' is the current one."""
        self.calls = 0  #: answers
        self.unread = 0  #: what was seen and said nothing of its usage
        self.input_tokens = 0  #: uncached, and cache writes and reads
        self.output_tokens = 0
        self._failed = 0
        self._label, self._db, self._folder = label, db, folder
        self._lock = threading.RLock()  # a collected stream may end within
        self._seen: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._writer: Writer | None = None

    @property
    def lost(self) -> int:
        """What could not be kept: here, and of all that this process has for the same store."""
        return self._failed + (self._writer.lost if self._writer is not None else 0)

    def see(self, answer: T) -> T:
        """Record a finished answer; the answer itself. The same object is recorded once."""
        self._tell(answer, whole=True)
        return answer

    def wrap(self, client: T) -> T:
        """A client like this one, whose messages are recorded."""
        from lineitem.record.following import Client

        made: Any = Client(client, self._tell)
        return made  # type: ignore[no-any-return]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        import asyncio

        await asyncio.to_thread(self._wait)

    def _wait(self) -> None:
        if self._writer is not None:
            self._writer.flush(_PATIENCE)

    def _tell(self, answer: Any, whole: bool) -> None:
        """Record an answer; whole: its last counts are known."""
        try:
            from lineitem.sources.sdk import used

            if self._again(answer):
                return
            found = used(answer)
            with self._lock:
                self.calls += bool(found)
                self.unread += not found
                self.input_tokens += sum(each.uncached + each.write5 + each.write1 + each.read for each in found)
                self.output_tokens += sum(each.output for each in found)
            if found:
                self._keep(found, whole=whole)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the caller's trouble
            from lineitem.record.writer import said

            if not self._failed:
                said(error)
            self._failed += 1

    def _again(self, answer: Any) -> bool:
        """Whether this very object was recorded before."""
        with self._lock:
            if answer is not None and self._seen.get(id(answer)) is answer:
                return True
            try:
                self._seen[id(answer)] = answer
            except TypeError:  # a dict has no weak references
                pass
            return False

    def _keep(self, found: list[Used], *, whole: bool) -> None:
        from lineitem.core.manual import CALL, PART, Entry
        from lineitem.sources.shortening import short

        if self._writer is None or not self._writer.mine:
            from lineitem import settings

            self._writer = writer_of(settings.database_path(self._db, None if self._db else settings.load()))
        now, label = int(time.time() * 1000), short(self._label)
        folder = os.path.abspath(self._folder or os.getcwd())
        how = CALL if whole else PART
        self._writer.put([
            Entry(str(uuid.uuid4()), "", folder, now, how, "", label, each.model, each.uncached, each.write5,
                  each.write1, each.read, each.output, each.searches, each.modifiers, each.mid, None)
            for each in found
        ])  # fmt: skip


def recording(label: str = "", *, db: str = "", folder: str = "") -> Recording:
    """A recording for a `with`: at its end everything it saw is in the store, or a warning in the log."""
    return Recording(label, db=db, folder=folder)


def wrapped(client: T, label: str = "", *, db: str = "", folder: str = "") -> T:
    """A client like this one, synchronous or not, whose messages are recorded as long as it lives."""
    return Recording(label, db=db, folder=folder).wrap(client)

"""Tells pages that the ledger changed: server-sent events, one stream a page.

Always: a page that reads slowly is told the latest only, never a row of old news; after a while without any a
comment goes out, so that whoever is gone is noticed.
"""

from __future__ import annotations

import asyncio
from json import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MEDIA_TYPE = "text/event-stream"
#: Between two pieces of news of one page, and without any (seconds).
_APART, _QUIET = 0.25, 15.0
#: So many pages may listen at once.
MOST = 32


class TooMany(Exception):
    """As many pages listen as may."""


class News:
    """What happened last, and who waits for it. `start` it inside the event loop; `publish` from any thread."""

    def __init__(self) -> None:
        self.revision = 0  #: counts the changes of the ledger
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Condition()
        self._closed = False
        self._listening = 0
        self._telling: set[asyncio.Task[None]] = set()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def publish(self) -> None:
        """The ledger is another one now."""
        self.revision += 1
        self._wake()

    def close(self) -> None:
        """End all streams; nothing is told any more."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        task = asyncio.ensure_future(self._notify())
        self._telling.add(task)  # the loop holds tasks only weakly
        task.add_done_callback(self._telling.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def listen(self) -> AsyncIterator[bytes]:
        """What one page is told. Raises TooMany."""
        if self._listening >= MOST:
            raise TooMany
        return self._stream()

    async def _stream(self) -> AsyncIterator[bytes]:
        self._listening += 1
        try:
            told = self.revision
            yield _event(told)
            while not self._closed:
                if await self._newer(told):
                    told = self.revision
                    yield _event(told)
                    await asyncio.sleep(_APART)
                elif not self._closed:
                    yield b": still here\n\n"
        finally:
            self._listening -= 1

    async def _newer(self, told: int) -> bool:
        """Wait for news; False where there was none for a while, or will be none any more."""
        async with self._changed:
            try:
                await asyncio.wait_for(
                    self._changed.wait_for(lambda: self.revision != told or self._closed), timeout=_QUIET
                )
            except TimeoutError:
                return False
        return self.revision != told and not self._closed


def _event(revision: int) -> bytes:
    return f"event: changed\ndata: {dumps({'what': 'ledger', 'revision': revision})}\n\n".encode()

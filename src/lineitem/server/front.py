"""The front door: what arrives is on disk before it is acknowledged.

Many requests at once share one commit: a thread takes whatever is waiting, commits it to the inbox, and answers all
of them. So a commit costs one fsync however many are waiting, and an answer waits for no timer.
"""

from __future__ import annotations

import threading
from collections import deque

from lineitem.core.problems import StoreError
from lineitem.ledger.inbox import Inbox, NotNow

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from lineitem.ledger.inbox import Value

    Batch = list[tuple[Sequence[Value], asyncio.Future[None]]]

#: Values that may wait for a commit; beyond this, callers are told to come again.
_MOST = 10_000


class TooBusy(Exception):
    """More is waiting than may wait: nothing of this was kept, and the caller should come again."""


class Front:
    """Keeps values for coroutines of one event loop. `on_kept` is called, in its thread, after every commit."""

    def __init__(self, path: str, on_kept: Callable[[], None]) -> None:
        self._path, self._on_kept = path, on_kept
        self._waiting: deque[tuple[Sequence[Value], asyncio.Future[None]]] = deque()
        self._count = 0
        self._some = threading.Event()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._work, name="front", daemon=True)
        self.failed: BaseException | None = None  #: why nothing can be kept any more

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread.start()

    def stop(self) -> None:
        """Commit what is waiting, then end."""
        self._stopping = True
        self._some.set()
        self._thread.join()

    async def keep(self, values: Sequence[Value]) -> None:
        """Returns when these values are on disk. Raises TooBusy, or what made the commit fail."""
        if not values:
            return
        if self.failed is not None or (self._loop is not None and not self._thread.is_alive()):
            raise StoreError(f"Nothing can be kept any more: {self.failed}")
        if self._count > _MOST or self._loop is None:
            raise TooBusy
        future = self._loop.create_future()
        self._count += len(values)
        self._waiting.append((values, future))
        self._some.set()
        await future

    def _work(self) -> None:
        try:
            self._serve()
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
            self.failed = error
            while self._waiting:
                self._tell([self._waiting.popleft()], StoreError(f"Nothing can be kept any more: {error}"))

    def _serve(self) -> None:
        inbox = Inbox(self._path)
        try:
            while True:
                self._some.wait()
                self._some.clear()
                batch = []
                while self._waiting:
                    batch.append(self._waiting.popleft())
                if batch:
                    self._commit(inbox, batch)
                elif self._stopping:
                    return
                if self._stopping:
                    self._some.set()
        finally:
            inbox.close()

    def _commit(self, inbox: Inbox, batch: Batch) -> None:
        error: Exception | None = None
        try:
            inbox.add(value for values, _ in batch for value in values)
        except NotNow as later:
            error = later
        except Exception as failed:  # noqa: BLE001 - whatever it was, nobody may be told that it was kept
            error = self.failed = failed  # after a failed fsync nothing that follows can be believed
        self._tell(batch, error)
        if error is None:
            self._on_kept()

    def _tell(self, batch: Batch, error: Exception | None) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._answer, batch, error)

    def _answer(self, batch: Batch, error: Exception | None) -> None:
        for values, future in batch:
            self._count -= len(values)
            if future.done():  # the client went away; what it sent is kept all the same
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

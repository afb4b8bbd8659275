"""Answers questions one after the other, in a thread of its own; the store is opened for each, as a command opens it.

So no connection grows old while another program makes the store anew, prices or settings change. Where nobody else
reads the transcripts, what is new is read first, every few seconds at most.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from queue import SimpleQueue

from lineitem.core.problems import LineitemError
from lineitem.surfaces.mcp.answers import Answers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from lineitem.surfaces.mcp.place import Place

    Found = TypeVar("Found")
    #: A question, and whom to tell.
    _Asked = tuple[Callable[[Answers], Any], asyncio.AbstractEventLoop, asyncio.Future[Any]]

_LOG = logging.getLogger("lineitem")
#: Seconds for which what was read is new enough.
FRESH = 3.0


class Refused(Exception):
    """It cannot be answered; the text says why, and holds no name that is to be hidden."""


class Desk:
    """Where questions are put."""

    def __init__(self, db: str, dirs: Sequence[str], place: Place) -> None:
        self._db, self._dirs, self.place = db, list(dirs), place
        self._waiting: SimpleQueue[_Asked | None] = SimpleQueue()
        # a daemon: who ends this process need not wait for an answer; what is not committed is read again
        self._thread = threading.Thread(target=self._answer, name="mcp", daemon=True)
        self._read_at = float("-inf")

    async def ask(self, question: Callable[[Answers], Found]) -> Found:
        """What a question is answered. Raises Refused."""
        if not self._thread.is_alive():
            self._thread.start()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        self._waiting.put((question, loop, answer))
        return await answer

    def close(self, patience: float = 1.0) -> None:
        """No more questions; what is under way may end within so many seconds."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join(patience)

    def _answer(self) -> None:
        while (asked := self._waiting.get()) is not None:
            question, loop, answer = asked
            if answer.cancelled():  # nobody waits for it any more
                continue
            try:
                found, error = self._work(question), None
            except Refused as refused:
                found, error = None, refused
            try:
                loop.call_soon_threadsafe(_settle, answer, found, error)
            except RuntimeError:  # the loop is closed
                return

    def _work(self, question: Callable[[Answers], Found]) -> Found:
        from lineitem.wiring import Lineitem

        try:
            # alone: workers are forked, and this process has threads and a protocol on its standard input
            lineitem = Lineitem(self._db, self._dirs, alone=self.place.reads)
            try:
                if self.place.reads and time.monotonic() - self._read_at > FRESH:
                    lineitem.refresh()
                    self._read_at = time.monotonic()
                return question(Answers(lineitem, self.place))
            finally:
                lineitem.close()
        except LineitemError as error:
            raise Refused(self.place.veil.reason(error)) from error
        except Exception as error:
            _LOG.exception("a question could not be answered")
            raise Refused(
                f"Something broke that should not ({type(error).__name__}); nothing was lost. `lineitem doctor` says"
                " how the store is."
            ) from error


def _settle(answer: asyncio.Future[Any], found: Any, error: Refused | None) -> None:
    if answer.done():  # given up meanwhile
        return
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(found)

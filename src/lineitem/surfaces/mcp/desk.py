"""Answers questions one after the other, in a thread of its own; the store is opened for each, as a command opens it.

So no connection grows old while another program makes the store anew, prices or settings change. Where nobody else
reads the transcripts, what is new is read first, every few seconds at most.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor

from lineitem.core.problems import LineitemError
from lineitem.surfaces.mcp.answers import Answers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from lineitem.surfaces.mcp.answers import Place

    Found = TypeVar("Found")

_LOG = logging.getLogger("lineitem")
#: Seconds for which what was read is new enough.
FRESH = 3.0


class Refused(Exception):
    """It cannot be answered; the text says why, and holds no name that is to be hidden."""


class Desk:
    """Where questions are put."""

    def __init__(self, db: str, dirs: Sequence[str], place: Place) -> None:
        self._db, self._dirs, self.place = db, list(dirs), place
        self._thread = ThreadPoolExecutor(1, "mcp")
        self._read_at = float("-inf")

    async def ask(self, question: Callable[[Answers], Found]) -> Found:
        """What a question is answered. Raises Refused."""
        import asyncio

        return await asyncio.get_running_loop().run_in_executor(self._thread, self._work, question)

    def close(self) -> None:
        """What is under way is finished; what waits is not begun."""
        self._thread.shutdown(cancel_futures=True)

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

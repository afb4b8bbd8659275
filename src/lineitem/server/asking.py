"""Answers questions of pages in a few threads, each with a connection of its own: no event waits for an answer.

Always: the same question, asked several times at once, is worked out once; an answer is given again as long as the
ledger is the same and the clock has not moved on by much.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import NamedTuple, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    #: (what is asked: report or chart; its name; its options as (name, value) in order)
    Question = tuple[str, str, tuple[tuple[str, str], ...]]

#: Threads that answer, and questions that may wait for one.
_THREADS, _WAITING = 2, 64
#: So many answers are remembered, of so many bytes together, for so long (seconds): some tell of this minute.
_ANSWERS, _BYTES, _FRESH = 256, 32 << 20, 20.0


class Answer(NamedTuple):
    """What a question is answered: its status, JSON, and a tag that is another one when the answer is."""

    status: int
    body: bytes
    tag: str


class Reader(Protocol):
    """Answers the questions of one thread, with a connection of its own."""

    def answer(self, what: str, name: str, options: Mapping[str, Any]) -> tuple[int, bytes]: ...
    def close(self) -> None: ...


class Web(Protocol):
    """What the dashboard consists of: files without anybody's figures, and readers of the ledger."""

    def file(self, name: str) -> tuple[bytes, str] | None: ...
    def reader(self) -> Reader: ...


class Busy(Exception):
    """So many questions wait that this one should come again."""


class Desk:
    """Where pages ask. `revision` says which ledger an answer is of."""

    def __init__(self, web: Web, revision: Callable[[], int]) -> None:
        self.web, self._revision = web, revision
        self._pool = ThreadPoolExecutor(_THREADS, "reader")
        self._own = threading.local()
        self._readers: list[Reader] = []
        self._known: dict[Question, tuple[int, float, Answer]] = {}
        self._under_way: dict[tuple[int, Question], asyncio.Future[Answer]] = {}
        self._bytes = 0

    async def ask(self, question: Question) -> Answer:
        """The answer, remembered or worked out. Raises Busy."""
        revision = self._revision()
        known = self._known.get(question)
        if known is not None and known[0] == revision and time.monotonic() - known[1] < _FRESH:
            return known[2]
        under_way = self._under_way.get((revision, question))
        if under_way is None:
            if len(self._under_way) >= _WAITING:
                raise Busy
            loop = asyncio.get_running_loop()
            what, name, options = question
            under_way = loop.run_in_executor(self._pool, self._work, (what, name, dict(options)))
            self._under_way[(revision, question)] = under_way
            under_way.add_done_callback(lambda done: self._done(revision, question, done))
        return await asyncio.shield(under_way)  # who goes away does not take it from the others

    async def change(self, name: str, given: Mapping[str, Any]) -> Answer:
        """What a change is answered; it is made once, and never remembered. given: an object of JSON."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._work, ("change", name, given))

    def close(self) -> None:
        """Wait for what is being worked out, then close all connections."""
        self._pool.shutdown(cancel_futures=True)
        for reader in self._readers:
            reader.close()

    def _work(self, question: tuple[str, str, Mapping[str, Any]]) -> Answer:
        reader: Reader | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._own.reader = self.web.reader()
            self._readers.append(reader)
        status, body = reader.answer(*question)
        return Answer(status, body, f'"{blake2b(body, digest_size=12).hexdigest()}"')

    def _done(self, revision: int, question: Question, done: asyncio.Future[Answer]) -> None:
        self._under_way.pop((revision, question), None)
        if done.cancelled() or done.exception() is not None or done.result().status != 200:
            return
        answer = done.result()
        self._forget(question)
        if len(answer.body) > _BYTES // 4:
            return
        self._known[question] = (revision, time.monotonic(), answer)
        self._bytes += len(answer.body)
        while len(self._known) > _ANSWERS or self._bytes > _BYTES:
            self._forget(next(iter(self._known)))

    def _forget(self, question: Question) -> None:
        known = self._known.pop(question, None)
        if known is not None:
            self._bytes -= len(known[2].body)

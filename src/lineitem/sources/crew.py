"""Reads many files at once: forked workers where there is enough to read, else in this process.

In: tasks (a file and where to start). Out: readings, in any order. A reading is plain data, so that it can
cross a pipe.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

import msgspec

from lineitem.core.sightings import TOTAL
from lineitem.sources import tail
from lineitem.sources.transcript import Decoder
from lineitem.sources.transcript_schema import SIDECAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Below this many new bytes, starting workers costs more than it saves.
WORTH_A_CREW = 4 << 20
WORTH_A_QUICK_CREW = 16 << 20

_ROWS = msgspec.json.Encoder()


class Task(msgspec.Struct, array_like=True, gc=False):
    """Read this file from `start` on."""

    index: int
    path: str
    session: str
    thread: str
    start: int
    size: int
    now: int = 0
    """Time of the last line before `start`: a running total is dated by the line before it."""


class Reading(msgspec.Struct, array_like=True, gc=False):
    """What a file said beyond `start`: spans of packed sightings and one row per answer."""

    index: int
    session: str
    first_at: int
    last_at: int
    """Time of the last whole line."""
    offset: int
    head: str
    tail: str
    lines: int
    unreadable: int
    waiting: int
    """Bytes of a half-written last line."""
    answers: list[list[Any]]
    spans: list[tuple[int, int, bytes]]
    totals: list[tuple[int, list[Any]]]
    problems: list[tuple[int, str, int, str]]
    sidecar: str
    failed: str
    """Why the file could not be read at all."""


def read_one(task: Task, minutes: dict[str, int]) -> Reading:
    """Read one file; what is wrong with it is in the reading, nothing is raised."""
    reading = Reading(task.index, task.session, 0, task.now, task.start, "", "", 0, 0, 0, [], [], [], [], "", "")
    try:
        fd = tail.open_file(task.path)
    except (OSError, tail.NotReadable) as error:
        reading.failed = getattr(error, "strerror", None) or str(error)
        return reading
    try:
        decoder = Decoder(task.session, task.thread, minutes, task.now)
        seen = 0
        for span in tail.read(fd, task.start, decoder):
            rows = decoder.rows
            if rows:
                reading.spans.append((span.start, span.end, _ROWS.encode(rows)))
            for row in rows:
                if row[0] == TOTAL:
                    reading.totals.append((span.start, row))
            for slug, ordinal, note in decoder.problems[seen:]:
                reading.problems.append((span.start, slug, ordinal, note[:200]))
            seen = len(decoder.problems)
            reading.lines += span.lines
            reading.unreadable += span.unreadable
            if span.whole:
                reading.offset, reading.last_at = span.end, decoder.now
        reading.head, reading.tail = tail.marks(fd, reading.offset)
        reading.waiting = max(0, os.fstat(fd).st_size - reading.offset)
        reading.session, reading.first_at = decoder.session, decoder.first_at
        reading.answers = list(decoder.answers.values())
        if task.thread:
            reading.sidecar = sidecar(task.path)
    except OSError as error:
        reading.failed = error.strerror or type(error).__name__
    finally:
        os.close(fd)
    return reading


def sidecar(path: str) -> str:
    """What is kept of an agent's sidecar, as JSON: its type and the call that started it, none of its texts."""
    try:
        fd = tail.open_file(sidecar_path(path))
    except (OSError, tail.NotReadable):
        return ""
    try:
        card = SIDECAR.decode(os.read(fd, 1 << 20))
    except (OSError, msgspec.DecodeError, RecursionError, ValueError):
        return ""
    finally:
        os.close(fd)
    return _ROWS.encode(card).decode()


def sidecar_path(path: str) -> str:
    """Where the sidecar of an agent's transcript lies."""
    return path[: path.rindex(".jsonl")] + ".meta.json"


class _Limits:
    workers = 8  #: more than this wait for the one that writes


def work_alone() -> None:
    """From here on all the work of this process is done in it: no workers."""
    _Limits.workers = 1


def crew_size(tasks: int) -> int:
    """How many workers to fork for so many tasks; 1: none, where forking is not safe or was asked not to be."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    return min(os.cpu_count() or 1, _Limits.workers, tasks)


def readings(tasks: Sequence[Task], progress: Callable[[int], None] | None = None) -> Iterator[Reading]:
    """The readings of all tasks; `progress` is told the bytes done."""
    todo = sum(max(0, task.size - task.start) for task in tasks)
    workers = crew_size(len(tasks))
    if todo >= WORTH_A_CREW and workers > 1:
        largest_first = sorted(tasks, key=lambda task: task.start - task.size)
        for reading in spread(largest_first, _work, Reading, workers):
            if progress:
                task = tasks[reading.index]
                progress(max(0, task.size - task.start))
            yield reading
        return
    minutes: dict[str, int] = {}
    for task in tasks:
        reading = read_one(task, minutes)
        if progress:
            progress(max(0, task.size - task.start))
        yield reading


def quick_readings(tasks: Sequence[Task]) -> Iterator[Reading]:
    """Readings with answers and totals alone, for the very first answer."""
    workers = crew_size(len(tasks))
    if workers < 2 or sum(task.size for task in tasks) < WORTH_A_QUICK_CREW:
        yield from map(_work_quick, tasks)
        return
    largest_first = sorted(tasks, key=lambda task: -task.size)
    yield from spread(largest_first, _work_quick, Reading, workers)


def _work_quick(task: Task) -> Reading:
    from lineitem.sources import quick

    decoder = Decoder(task.session, task.thread, _MINUTES)
    try:
        totals = quick.read(task.path, decoder)
    except quick.NotQuick:
        reading = read_one(task, _MINUTES)
        reading.spans, reading.problems = [], []
        return reading
    except (OSError, tail.NotReadable) as error:
        return Reading(task.index, task.session, 0, 0, 0, "", "", 0, 0, 0, [], [], [], [], "", str(error))
    answers = list(decoder.answers.values())
    session, first_at = decoder.session, decoder.first_at
    return Reading(
        task.index, session, first_at, 0, 0, "", "", 0, 0, 0, answers, [], [(0, row) for row in totals], [], "", ""
    )


_MINUTES: dict[str, int] = {}


def _work(task: Task) -> Reading:
    return read_one(task, _MINUTES)


def spread(tasks: Sequence[Any], work: Callable[[Any], Any], made: Any, workers: int) -> Iterator[Any]:
    """`work(task)` for every task in forked workers, results as they come; `made` is the type of a result.

    Workers take the next task from a shared pipe, so that none waits for another. A worker that dies takes
    its task with it: that is raised, not hidden.
    """
    queue, feed = os.pipe()
    os.set_blocking(feed, False)
    numbers = b"".join(index.to_bytes(4, "little") for index in range(len(tasks)))
    pipes: list[tuple[int, int]] = []
    gc.freeze()
    for _ in range(workers):
        out, into = os.pipe()
        child = os.fork()
        if not child:
            status = 1
            try:
                os.close(out)
                os.close(feed)
                for other, _ in pipes:
                    os.close(other)
                _serve(queue, into, tasks, work)
                status = 0
            except Exception:  # noqa: BLE001 - the rim of a forked process: said, then its status tells
                import traceback

                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(into)
        pipes.append((out, child))
    os.close(queue)
    yield from _gather(feed, numbers, pipes, made)


def _serve(queue: int, into: int, tasks: Sequence[Any], work: Callable[[Any], Any]) -> None:
    encode = msgspec.msgpack.Encoder().encode
    with os.fdopen(into, "wb", buffering=1 << 18) as pipe:
        while len(number := os.read(queue, 4)) == 4:
            packed = encode(work(tasks[int.from_bytes(number, "little")]))
            pipe.write(len(packed).to_bytes(8, "little"))
            pipe.write(packed)
            pipe.flush()


def _gather(feed: int, numbers: bytes, pipes: list[tuple[int, int]], made: Any) -> Iterator[Any]:
    import selectors

    decode = msgspec.msgpack.Decoder(made).decode
    selector = selectors.DefaultSelector()
    buffers: dict[int, bytearray] = {}
    children: dict[int, int] = {}
    for out, child in pipes:
        selector.register(out, selectors.EVENT_READ)
        buffers[out], children[out] = bytearray(), child
    fed = 0
    failed = False
    selector.register(feed, selectors.EVENT_WRITE)
    try:
        while buffers:
            for key, _ in selector.select():
                out = key.fd
                if out == feed:
                    fed += os.write(feed, numbers[fed : fed + 4096])
                    if fed >= len(numbers):
                        selector.unregister(feed)
                        os.close(feed)
                        feed = -1
                    continue
                data = os.read(out, 1 << 20)
                buffer = buffers[out]
                if not data:
                    selector.unregister(out)
                    os.close(out)
                    _, status = os.waitpid(children.pop(out), 0)
                    failed = failed or bool(status) or bool(buffer)
                    del buffers[out]
                    continue
                buffer += data
                start = 0
                while len(buffer) - start >= 8:
                    size = int.from_bytes(buffer[start : start + 8], "little")
                    if len(buffer) - start - 8 < size:
                        break
                    start += 8
                    yield decode(bytes(memoryview(buffer)[start : start + size]))
                    start += size
                if start:
                    del buffer[:start]
    finally:
        selector.close()
        if feed >= 0:
            os.close(feed)
        for out in buffers:
            os.close(out)
        for child in children.values():
            os.waitpid(child, 0)
    if failed:
        raise RuntimeError("a reading worker ended early")

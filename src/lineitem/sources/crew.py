"""Reads many files at once: forked workers where there is enough to read, else in this process.

In: tasks (a file and where to start). Out: readings, in any order. A reading is plain data, so that it can
cross a pipe.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys

from lineitem.sources import native, tail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from lineitem.sources.spans import Spans

#: Below this many new bytes, starting workers costs more than it saves.
WORTH_A_CREW = 24 << 20 if native.here else 4 << 20
WORTH_A_QUICK_CREW = 16 << 20
#: Results given before it is looked whether more came, and bytes of results that may wait to be given.
_LOOKS_EVERY, _MOST_WAITING = 8, 48 << 20
#: Percent of all bytes that are read whole at once, before a first answer, and how many at most: what they said waits
#: in memory. Of the other files, answers come first.
_AT_ONCE, _MOST_AT_ONCE = 50, 1 << 30
#: How much workers stand back behind the one that answers and writes, once the answers are read.
_BEHIND = 5


class Task:
    """Read this file from `start` on."""

    __slots__ = ("index", "now", "path", "session", "size", "start", "thread")

    def __init__(self, index: int, path: str, session: str, thread: str, start: int, size: int, now: int = 0) -> None:
        self.index, self.path, self.session, self.thread = index, path, session, thread
        self.start, self.size = start, size
        self.now = now  #: time of the last line before `start`: a running total is dated by the line before it


class Reading:
    """What a file said beyond `start`: spans of packed sightings and one row per answer."""

    __slots__ = (
        "answers", "digest", "failed", "first_at", "head", "index", "last_at", "lines", "offset", "problems", "session",
        "sidecar", "spans", "tail", "totals", "unreadable", "waiting", "whole",
    )  # fmt: skip

    def __init__(self, index: int, session: str, last_at: int, offset: int) -> None:
        self.index, self.session = index, session
        self.first_at = 0
        self.last_at = last_at  #: time of the last whole line
        self.offset = offset
        self.head = self.tail = ""
        self.lines = self.unreadable = 0
        self.waiting = 0  #: bytes of a half-written last line
        self.answers: list[list[Any]] = []
        self.digest = 0  #: equal where two readings found the same answers; 0: the file could not be read
        self.spans: list[tuple[int, int, bytes]] = []
        self.totals: list[tuple[int, list[Any]]] = []
        self.problems: list[tuple[int, str, int, str]] = []
        self.sidecar = ""
        self.whole = True  #: all of the file, not its answers alone
        self.failed = ""  #: why the file could not be read at all

    def packed(self) -> list[Any]:
        """As plain data, to cross a pipe."""
        return [getattr(self, name) for name in self.__slots__]

    @classmethod
    def unpacked(cls, values: list[Any]) -> Reading:
        """The reading that was packed."""
        made = cls.__new__(cls)
        for name, value in zip(cls.__slots__, values, strict=True):
            setattr(made, name, value)
        return made


def _in_c(task: Task) -> bool:
    """Whether a file is read in C: its name tells its session, in letters that every encoding knows."""
    return native.here and bool(task.session) and task.session.isascii() and task.thread.isascii()


def spans_of(task: Task, minutes: dict[str, int]) -> Spans | native.NativeSpans:
    """What takes the lines of a file: in C where that was built and the file's name tells its session."""
    if _in_c(task):
        return native.NativeSpans(task.session, task.thread, minutes, task.now)
    from lineitem.sources.spans import Spans

    return Spans(task.session, task.thread, minutes, task.now)


def read_one(task: Task, minutes: dict[str, int]) -> Reading:
    """Read one file; what is wrong with it is in the reading, nothing is raised."""
    reading = Reading(task.index, task.session, task.now, task.start)
    try:
        fd = tail.open_file(task.path)
    except (OSError, tail.NotReadable) as error:
        reading.failed = getattr(error, "strerror", None) or str(error)
        return reading
    try:
        spans = spans_of(task, minutes)
        seen = 0
        for span in tail.read(fd, task.start, spans):
            if spans.packed:
                reading.spans.append((span.start, span.end, spans.packed))
            reading.totals += [(span.start, row) for row in spans.totals]
            problems = spans.problems(seen)
            reading.problems += [(span.start, slug, ordinal, note[:200]) for slug, ordinal, note in problems]
            seen += len(problems)
            reading.lines += span.lines
            reading.unreadable += span.unreadable
            if span.whole:
                reading.offset, reading.last_at = span.end, spans.now
        reading.head, reading.tail = tail.marks(fd, reading.offset)
        reading.waiting = max(0, os.fstat(fd).st_size - reading.offset)
        reading.session, reading.first_at = spans.session, spans.first_at
        reading.answers = spans.answers()
        if isinstance(spans, native.NativeSpans):
            reading.digest = spans.digest
        elif native.here:
            reading.digest = native.digest(reading.answers)
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
    import msgspec

    from lineitem.sources.transcript_schema import SIDECAR

    try:
        card = SIDECAR.decode(os.read(fd, 1 << 20))
    except (OSError, msgspec.DecodeError, RecursionError, ValueError):
        return ""
    finally:
        os.close(fd)
    return msgspec.json.encode(card).decode()


def sidecar_path(path: str) -> str:
    """Where the sidecar of an agent's transcript lies."""
    return path[: path.rindex(".jsonl")] + ".meta.json"


class _Limits:
    workers = 8  #: more than this wait for the one that writes
    behind = False  #: this worker lets others go first


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
        for packed in spread(largest_first, _work, workers):
            reading = Reading.unpacked(packed)
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
    yield from map(Reading.unpacked, spread(largest_first, _work_quick_packed, workers))


def answers_then_all(tasks: Sequence[Task]) -> Iterator[Reading]:
    """A reading with the answers of every task, and only then whole ones of those that were quick.

    The largest files are read whole at once, so many that the first answer still comes soon; all, where there is
    little. Workers begin with the rest while the answers are looked at. A whole reading of the second round leaves its
    answers out: the quick one of the same digest has them.
    """
    workers = crew_size(len(tasks))
    whole = sum(task.size for task in tasks)
    if whole < WORTH_A_CREW:
        yield from (read_one(task, _MINUTES) for task in tasks)
        return
    if workers < 2:
        yield from map(_work_quick, tasks)
        yield from (Reading.unpacked(_work_rest(task)) for task in tasks)
        return
    largest_first = sorted(tasks, key=lambda task: -task.size)
    now = 0
    left = min(whole * _AT_ONCE // 100, _MOST_AT_ONCE)
    while left > 0:
        left -= largest_first[now].size
        now += 1
    later = largest_first[now:]
    todo = [(_work, task) for task in largest_first[:now]]
    todo += [(_work_quick_packed, task) for task in later] + [(_work_rest, task) for task in later]
    early: list[Reading] = []
    answered = 0
    for first, packed in spread(todo, _work_either, workers):
        reading = Reading.unpacked(packed)
        if not first and answered < len(tasks):
            early.append(reading)
            continue
        yield reading
        answered += first
        if answered == len(tasks) and early:
            yield from early
            early = []


def _work_either(todo: tuple[Callable[[Task], list[Any]], Task]) -> tuple[bool, list[Any]]:
    work, task = todo
    if work is _work_rest and not _Limits.behind:
        _Limits.behind = True
        os.nice(_BEHIND)
    return work is not _work_rest, work(task)


def _work_rest(task: Task) -> list[Any]:
    reading = read_one(task, _MINUTES)
    reading.answers = []
    return reading.packed()


def _work_quick_packed(task: Task) -> list[Any]:
    return _work_quick(task).packed()


def _work_quick(task: Task) -> Reading:
    reading = Reading(task.index, task.session, 0, 0)
    reading.whole = False
    try:
        if _in_c(task):
            answers = native.NativeAnswers(task.session, task.thread, _MINUTES)
            answers.read(task.path)
            reading.answers, totals = answers.answers(), answers.totals
            reading.first_at, reading.digest = answers.first_at, answers.digest
        else:
            from lineitem.sources import quick
            from lineitem.sources.transcript import Decoder

            decoder = Decoder(task.session, task.thread, _MINUTES)
            totals = quick.read(task.path, decoder)
            reading.answers = list(decoder.answers.values())
            reading.session, reading.first_at = decoder.session, decoder.first_at
            if native.here:
                reading.digest = native.digest(reading.answers)
    except tail.NotQuick:
        reading = read_one(task, _MINUTES)
        reading.spans, reading.problems, reading.whole = [], [], False
        return reading
    except (OSError, tail.NotReadable) as error:
        reading.failed = str(error)
        return reading
    reading.totals = [(0, row) for row in totals]
    return reading


_MINUTES: dict[str, int] = {}


def _work(task: Task) -> list[Any]:
    return read_one(task, _MINUTES).packed()


def spread(tasks: Sequence[Any], work: Callable[[Any], Any], workers: int) -> Iterator[Any]:
    """`work(task)` for every task in forked workers, results as they come: numbers, texts, lists and the like.

    Workers take the next task from a shared pipe, so that none waits for another. A worker that dies takes
    its task with it: that is raised, not hidden.
    """
    queue, feed = os.pipe()
    os.set_blocking(feed, False)
    numbers = b"".join(index.to_bytes(4, "little") for index in range(len(tasks)))
    pipes: list[tuple[int, int]] = []
    gc.freeze()
    for _ in range(workers):
        out, into = _wide_pipe()
        child = os.fork()
        if not child:
            status = 1
            try:
                os.close(out)
                os.close(feed)
                _leave_output()
                for other, _ in pipes:
                    os.close(other)
                _serve(queue, into, tasks, work)
                status = 0
            except BrokenPipeError:  # nobody wants to know any more
                pass
            except Exception:  # noqa: BLE001 - the rim of a forked process: said, then its status tells
                import traceback

                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(into)
        pipes.append((out, child))
    os.close(queue)
    yield from _gather(feed, numbers, pipes)


def _leave_output() -> None:
    """Let go of stdout: whoever reads the answer there shall not wait for what workers still do."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    if nowhere != 1:
        os.close(nowhere)


def _wide_pipe() -> tuple[int, int]:
    """A pipe that holds several results, where the system allows it: else a worker waits for every 64 KiB."""
    out, into = os.pipe()
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 1 << 20)
        except OSError:  # this person has many pipes
            return out, into
    return out, into


def _serve(queue: int, into: int, tasks: Sequence[Any], work: Callable[[Any], Any]) -> None:
    with os.fdopen(into, "wb", buffering=1 << 18) as pipe:
        while len(number := os.read(queue, 4)) == 4:
            packed = marshal.dumps(work(tasks[int.from_bytes(number, "little")]))
            pipe.write(len(packed).to_bytes(8, "little"))
            pipe.write(packed)
            pipe.flush()


def _gather(feed: int, numbers: bytes, pipes: list[tuple[int, int]]) -> Iterator[Any]:
    """The results as they come; what waits in the pipes is taken in first, so that no worker stands still."""
    import selectors
    from collections import deque

    selector = selectors.DefaultSelector()
    buffers: dict[int, bytearray] = {}
    children: dict[int, int] = {}
    for out, child in pipes:
        selector.register(out, selectors.EVENT_READ)
        buffers[out], children[out] = bytearray(), child
    ready: deque[bytes] = deque()
    waiting = given = fed = 0
    failed = False
    selector.register(feed, selectors.EVENT_WRITE)
    try:
        while buffers or ready:
            looks = not ready or (given % _LOOKS_EVERY == 0 and waiting < _MOST_WAITING)
            for key, _ in selector.select(0 if ready else None) if buffers and looks else ():
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
                waiting += _whole(buffer, ready)
            if ready:
                packed = ready.popleft()
                waiting -= len(packed)
                given += 1
                yield marshal.loads(packed)  # noqa: S302 - written by a process that was forked from this one
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


def _whole(buffer: bytearray, ready: deque[bytes]) -> int:
    """Move the results that are whole from a buffer to `ready`; their bytes."""
    start = moved = 0
    while len(buffer) - start >= 8:
        size = int.from_bytes(buffer[start : start + 8], "little")
        if len(buffer) - start - 8 < size:
            break
        start += 8
        ready.append(bytes(memoryview(buffer)[start : start + size]))
        start += size
        moved += size
    if start:
        del buffer[:start]
    return moved

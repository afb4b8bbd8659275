"""Reads what is new in one file, in bounded memory: the only place that opens a transcript.

Bytes become spans of whole lines; a half-written last line waits. Any cut of the same bytes gives the same
sightings. What the lines say is not known here: see `sources.spans`.
"""

from __future__ import annotations

import os
import stat
from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Taker(Protocol):
        """What lines are given to: `sources.spans.Spans` says what each of these means."""

        def take(self, data: memoryview, span: Span, /) -> None: ...
        def take_last(self, text: bytes, span: Span, /) -> bool: ...
        def take_ends(self, head: bytes, tail: bytes, span: Span, note: str, /) -> None: ...


#: Bytes read at once.
CHUNK = 4 << 20
#: A record longer than this is not decoded, only searched for its usage.
LONGEST_RECORD = 24 << 20
HEAD, TAIL = 1024, 256


class NotReadable(Exception):
    """This path is no regular file that may be read; the text says why."""


class NotQuick(Exception):
    """This file has a line that needs the slow way."""


def open_file(path: str) -> int:
    """A descriptor of a regular file, never of a FIFO, device or link; raises NotReadable or OSError."""
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise NotReadable("not a regular file")
    return fd


def digest(data: bytes) -> str:
    return blake2b(data, digest_size=8).hexdigest()


def marks(fd: int, offset: int) -> tuple[str, str]:
    """(digest of the file's first bytes, digest of the bytes before `offset`): what a cursor is checked by."""
    head = os.pread(fd, min(HEAD, offset), 0)
    before = max(0, offset - TAIL)
    return digest(head), digest(os.pread(fd, offset - before, before))


class Span:
    """A run of whole lines, decoded: `start` and `end` are byte offsets in the file."""

    __slots__ = ("end", "lines", "start", "unreadable", "whole")

    def __init__(self, start: int, end: int, whole: bool) -> None:
        self.start, self.end, self.whole = start, end, whole
        self.lines = 0
        self.unreadable = 0


_BUFFER = bytearray(CHUNK)


def buffer() -> bytearray:
    """Room for one chunk: one a process, used for file after file."""
    return _BUFFER


def read(fd: int, start: int, taker: Taker, chunk: int = CHUNK) -> Iterator[Span]:
    """Have everything from `start` on taken, a span at a time; it holds that span's rows then.

    The last span may be `whole = False`: a last line without its newline that is complete JSON. It is
    taken, but the cursor stays before it.
    """
    buffer = _BUFFER if chunk == CHUNK else bytearray(chunk)
    view = memoryview(buffer)
    at, have = start, 0
    os.lseek(fd, start, os.SEEK_SET)
    with os.fdopen(os.dup(fd), "rb", buffering=0) as file:
        while True:
            got = file.readinto(view[have:])
            if not got:
                break
            searched = have
            have += got
            end = buffer.rfind(b"\n", searched, have) + 1
            if not end:
                if have < len(buffer):
                    continue
                if len(buffer) < LONGEST_RECORD:
                    larger = bytearray(min(len(buffer) * 4, LONGEST_RECORD))
                    larger[:have] = view
                    buffer, view = larger, memoryview(larger)
                    continue
                span, rest = _too_long(file, at, bytes(view[: 1 << 20]), bytes(view[have - (1 << 18) : have]), taker)
                yield span
                if not span.whole:
                    return
                at = span.end
                end = rest.rfind(b"\n") + 1
                if end:
                    span = Span(at, at + end, True)
                    taker.take(memoryview(rest)[:end], span)
                    yield span
                    at, rest = at + end, rest[end:]
                have = len(rest)
                view[:have] = rest
                continue
            span = Span(at, at + end, True)
            taker.take(view[:end], span)
            yield span
            at += end
            have -= end
            view[:have] = view[end : end + have] if have <= end else bytes(view[end : end + have])
    if have:
        span = Span(at, at + have, False)
        if taker.take_last(bytes(view[:have]), span):
            yield span


def _too_long(file: object, at: int, head: bytes, tail: bytes, taker: Taker) -> tuple[Span, bytes]:
    """Step over a record beyond all bounds, keeping its two ends: from them its usage may be told."""
    size = LONGEST_RECORD
    rest = b""
    whole = False
    block = bytearray(1 << 20)
    while got := file.readinto(block):  # type: ignore[attr-defined]
        end = block.find(b"\n", 0, got)
        if end >= 0:
            tail = (tail + bytes(block[:end]))[-(1 << 18) :]
            size += end + 1
            rest = bytes(block[end + 1 : got])
            whole = True
            break
        tail = (tail + bytes(block[:got]))[-(1 << 18) :]
        size += got
    span = Span(at, at + size, whole)
    taker.take_ends(head, tail, span, f"{size >> 20} MiB")
    return span, rest

"""The answers of a transcript and nothing else, as fast as they can be had: for the very first answer.

A line whose flat head already says that it is no answer is stepped over without being decoded. The rows are
those that `sources.transcript` makes of the same file; the facts are read properly right afterwards.
"""

from __future__ import annotations

import os

import msgspec

from lineitem.sources import tail
from lineitem.sources.tail import NotQuick
from lineitem.sources.transcript_schema import LINE, QUICK_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from lineitem.sources.transcript import Decoder


_QUICK = QUICK_LINE.decode
_BAD = (msgspec.DecodeError, RecursionError, ValueError)
#: First letters of the types that hold no usage: user, progress, system, file-history-snapshot, attachment,
#: queue-operation, last-prompt, mode, permission-mode, tools-used.
_OTHERS = frozenset(b"upsfqlmt")


def read(path: str, decoder: Decoder) -> list[list[object]]:
    """Merge the answers of a whole file into `decoder`; its totals. Raises NotQuick, OSError, NotReadable."""
    fd = tail.open_file(path)
    totals: list[list[object]] = []
    try:
        rest = b""
        while data := os.read(fd, tail.CHUNK):
            if rest:
                data = rest + data
            if len(data) > 2 * tail.CHUNK:
                raise NotQuick
            rest = _lines(data, decoder, totals)
    finally:
        os.close(fd)
    take_last(rest, decoder)
    return totals


def take_last(text: bytes, decoder: Decoder) -> None:
    """What stands below the last newline: an answer where it is whole."""
    if text.strip():
        try:
            line = LINE.decode(text)
        except _BAD:
            return
        decoder.take_usage(line)


def take_line(
    text: bytes | memoryview, decoder: Decoder, totals: list[list[object]], before: Callable[[], None]
) -> bool:
    """Take one line; whether it says when it was. Raises NotQuick.

    before: called where the time of the lines above matters, which may not have been looked at.
    """
    try:
        line = _QUICK(text)
    except _BAD:
        if bytes(text).strip():
            raise NotQuick from None
        return False
    if not decoder.first_at and line.timestamp:
        decoder.seen_first(line.timestamp)
    if line.type == "assistant":
        if not line.timestamp:
            before()
        decoder.take_usage(line)  # type: ignore[arg-type]
        return True
    if line.type == "cost-state":
        before()
        row = decoder.total_row(0, line)  # type: ignore[arg-type]
        if row is not None:
            totals.append(row)
        return False
    if line.timestamp and line.type in ("user", "system", "attachment"):
        decoder.moment(line.timestamp)
        return True
    return False


def _lines(data: bytes, decoder: Decoder, totals: list[list[object]]) -> bytes:
    """Take all whole lines; what is left of the last one."""
    find = data.find
    view = memoryview(data)
    start = 0
    passed = (0, 0)  # the last line stepped over that has a time: a total is dated by the line before it

    def before() -> None:
        if passed[1]:
            decoder.moment(_stamp(view, passed))

    while True:
        end = find(b"\n", start)
        if end < 0:
            before()
            return data[start:]
        inner = find(b"{", start + 1, end)
        kind = find(b'"type":"', start, inner if inner > 0 else end)
        if kind >= 0 and decoder.first_at:
            first = data[kind + 8]
            if first in _OTHERS or (first == 97 and data[kind + 9] in b"tp"):
                if first in b"us" or data[kind + 9] == 116:  # user, system, attachment
                    passed = (start, end)
                start = end + 1
                continue
        if take_line(view[start:end], decoder, totals, before):
            passed = (0, 0)
        start = end + 1


def _stamp(view: memoryview, place: tuple[int, int]) -> str:
    """The time of a line that was stepped over; one that says none leaves it to the lines before."""
    try:
        stamp = _QUICK(view[place[0] : place[1]]).timestamp
    except _BAD:
        raise NotQuick from None
    if not stamp:
        raise NotQuick
    return stamp

"""The answers of a transcript and nothing else, as fast as they can be had: for the very first answer.

A line whose flat head already says that it is no answer is stepped over without being decoded. The rows are
those that `sources.transcript` makes of the same file; the facts are read properly right afterwards.
"""

from __future__ import annotations

import os

import msgspec

from lineitem.sources import tail
from lineitem.sources.transcript_schema import LINE, QUICK_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.sources.transcript import Decoder


_QUICK = QUICK_LINE.decode
_BAD = (msgspec.DecodeError, RecursionError, ValueError)
#: First letters of the types that hold no usage: user, progress, system, file-history-snapshot, attachment,
#: queue-operation, last-prompt, mode, permission-mode, tools-used.
_OTHERS = frozenset(b"upsfqlmt")


class NotQuick(Exception):
    """This file has a line that needs the slow way."""


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
    if rest.strip():
        try:
            line = LINE.decode(rest)
        except _BAD:
            return totals
        decoder.take_usage(line)
    return totals


def _lines(data: bytes, decoder: Decoder, totals: list[list[object]]) -> bytes:
    """Take all whole lines; what is left of the last one."""
    find = data.find
    view = memoryview(data)
    take = decoder.take_usage
    start = 0
    passed = (0, 0)  # the last line stepped over that has a time: a total is dated by the line before it
    while True:
        end = find(b"\n", start)
        if end < 0:
            if passed[1]:
                decoder.moment(_stamp(view, passed))
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
        try:
            line = _QUICK(view[start:end])
        except _BAD:
            if data[start:end].strip():
                raise NotQuick from None
            start = end + 1
            continue
        if not decoder.first_at and line.timestamp:
            decoder.seen_first(line.timestamp)
        if line.type == "assistant":
            if passed[1] and not line.timestamp:
                decoder.moment(_stamp(view, passed))
            take(line)  # type: ignore[arg-type]
            passed = (0, 0)
        elif line.type == "cost-state":
            if passed[1]:
                decoder.moment(_stamp(view, passed))
            row = decoder.total_row(0, line)  # type: ignore[arg-type]
            if row is not None:
                totals.append(row)
        elif line.timestamp and line.type in ("user", "system", "attachment"):
            decoder.moment(line.timestamp)
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


__all__ = ["NotQuick", "read"]

"""What the bytes of a file say, span by span: lines are decoded here, in Python.

A line that cannot be decoded is taken apart by itself, so that its neighbours and every intact record inside it
are still counted; what could not be read is named as a problem with its place.
"""

from __future__ import annotations

from itertools import islice

import msgspec

from lineitem.core.sightings import TOTAL
from lineitem.sources import salvage
from lineitem.sources.transcript import Decoder
from lineitem.sources.transcript_schema import LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.sources.tail import Span

#: What decoding a bad line raises; bytes that are no UTF-8 raise a ValueError.
BAD = (msgspec.DecodeError, RecursionError, ValueError)

_ROWS = msgspec.json.Encoder()


class Spans:
    """One file. `packed`: the rows of the span taken last, as JSON; `totals`: those of them that are totals."""

    def __init__(self, session: str, thread: str, minutes: dict[str, int], now: int) -> None:
        self.decoder = Decoder(session, thread, minutes, now)
        self.packed = b""
        self.totals: list[list[Any]] = []

    def take(self, data: memoryview, span: Span) -> None:
        """Whole lines."""
        self._begin()
        try:
            lines = LINE.decode_lines(data)
        except BAD:
            span.lines = self._one_by_one(bytes(data), span)
        else:
            span.lines = len(lines)
            self.decoder.take(lines)
        self.pack()

    def take_last(self, text: bytes, span: Span) -> bool:
        """The last line, which has no newline: whether it is whole. It is taken if it is."""
        try:
            line = LINE.decode(text)
        except BAD:
            return False
        if not line.type:
            return False
        self._begin()
        span.lines = 1
        self.decoder.take([line])
        self.pack()
        return True

    def take_ends(self, head: bytes, tail: bytes, span: Span, note: str) -> None:
        """A record beyond all bounds, of which only the two ends are known: from them its usage may be told."""
        self._begin()
        span.lines = 1
        line = salvage.from_ends(head, tail) if span.whole else None
        if line is None:
            span.unreadable = 1
        else:
            self.decoder.take([line])
        if span.whole:
            self.decoder.problems.append(("line-too-long", 0, note))
        else:
            self.decoder.problems.append(("line-half-written", 0, note))
        self.pack()

    def problems(self, beyond: int) -> list[tuple[str, int, str]]:
        """(slug, ordinal, note) of those found since there were so many."""
        return list(islice(self.decoder.problems, beyond, None))

    def answers(self) -> list[list[Any]]:
        """One merged row per answer of all spans so far."""
        return list(self.decoder.answers.values())

    @property
    def session(self) -> str:
        """The session, by the file's name or else by its lines."""
        return self.decoder.session

    @property
    def first_at(self) -> int:
        """Time of the first line that has one; 0: none had."""
        return self.decoder.first_at

    @property
    def now(self) -> int:
        """Time of the last line that has one."""
        return self.decoder.now

    def _begin(self) -> None:
        self.decoder.start_span()

    def pack(self) -> None:
        """Pack the rows that the decoder has now."""
        rows = self.decoder.rows
        self.packed = _ROWS.encode(rows) if rows else b""
        self.totals = [row for row in rows if row[0] == TOTAL]

    def _one_by_one(self, data: bytes, span: Span) -> int:
        """The slow way, for a span with a line that does not decode: the number of lines."""
        decoder = self.decoder
        n = 0
        for text in data.split(b"\n"):
            if not text.strip(b" \t\r"):
                continue
            try:
                decoder.take([LINE.decode(text)], n)
            except BAD:
                found, lost = salvage.records(text)
                decoder.take(found, n)
                if lost:
                    span.unreadable += 1
                    decoder.problems.append(("line-unreadable", n, lost))
                elif found:
                    decoder.problems.append(("line-repaired", n, ""))
            n += 1
        return n

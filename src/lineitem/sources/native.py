"""The same in C, where the package was built with it: lines of the common kinds never become Python objects.

A line that the C code does not know to the letter (a rare kind, an escape in an id, a count that is no count) is
left to the Python decoder, which then knows what the lines above it said; a span with a line that does not decode
is read by it alone. So there is one rule for what a line means, and laws hold both to the same bytes.
"""

from __future__ import annotations

import os

from lineitem.sources import tail
from lineitem.sources.compiled import module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.sources.spans import Spans
    from lineitem.sources.tail import Span
    from lineitem.sources.transcript import Decoder

#: Whether files are read in C; `LINEITEM_NATIVE=0` leaves it to Python.
here = module is not None and os.environ.get("LINEITEM_NATIVE") != "0"


def _short(text: str) -> str:
    from lineitem.sources.shortening import short

    return short(text)


def digest(answers: list[list[Any]]) -> int:
    """Of answer rows: the same for the same ones, whoever read them; never 0."""
    return int(module.digest(answers))


class NativeSpans:
    """One file whose session is known by its name; otherwise as `sources.spans.Spans`."""

    def __init__(self, session: str, thread: str, minutes: dict[str, int], now: int) -> None:
        self.session = session
        self.packed = b""
        self.totals: list[list[Any]] = []
        self.now, self.first_at = now, 0
        self._given = (session, thread, minutes, now)
        self._reader = module.Reader(session, thread, now, _short)
        self._python: Spans | None = None

    def take(self, data: memoryview, span: Span) -> None:
        """Whole lines."""
        reader = self._reader
        reader.begin()
        self.totals = []
        known = len(self._python.decoder.problems) if self._python else 0
        at, n = reader.take(data, 0, 0)
        while at < len(data):
            end = _line_end(data, at) or len(data)
            if not self._take_line(bytes(data[at:end]), n):
                self._again(data, span, known)
                return
            at, n = reader.take(data, end, n + 1)
        span.lines = n
        self.packed = reader.rows()
        _, _, _, self.now, self.first_at = reader.state()

    def take_last(self, text: bytes, span: Span) -> bool:
        """The last line, which has no newline: whether it is whole."""
        if not _may_be_whole(text):
            return False
        spans = self._spans()
        whole = spans.take_last(text, span)
        self._taken(spans)
        return whole

    def take_ends(self, head: bytes, tail: bytes, span: Span, note: str) -> None:
        """A record beyond all bounds."""
        spans = self._spans()
        spans.take_ends(head, tail, span, note)
        self._taken(spans)

    def problems(self, beyond: int) -> list[tuple[str, int, str]]:
        """(slug, ordinal, note) of those found since there were so many."""
        return self._python.problems(beyond) if self._python else []

    def answers(self) -> list[list[Any]]:
        """One merged row per answer of all spans so far."""
        answers: list[list[Any]] = self._reader.answers()
        return _with(answers, self._python.decoder if self._python else None)

    @property
    def digest(self) -> int:
        """The same where a reading of the answers alone found the same."""
        if self._python is not None and self._python.decoder.answers:
            return digest(self.answers())
        return int(self._reader.digest())

    def _take_line(self, text: bytes, n: int) -> bool:
        """Have Python take a line; False where it does not decode, or dates the file by a time that is none."""
        from lineitem.sources.spans import BAD
        from lineitem.sources.transcript_schema import LINE

        try:
            line = LINE.decode(text)
        except BAD:
            return False
        reader, spans = self._reader, self._spans()
        decoder = spans.decoder
        decoder.resume(*reader.state())
        decoder.take([line], n)
        if line.timestamp and not decoder.first_at:
            return False
        spans.pack()
        self.totals += spans.totals
        reader.resume(*decoder.standing(), spans.packed[1:-1])
        return True

    def _again(self, data: memoryview, span: Span, known: int) -> None:
        """Have Python take the whole span, as if nothing of it had been taken: what is merged twice stays the same."""
        spans = self._spans()
        del spans.decoder.problems[known:]
        spans.take(data, span)
        self._taken(spans)

    def _spans(self) -> Spans:
        if self._python is None:
            from lineitem.sources.spans import Spans

            self._python = Spans(*self._given)
        self._python.decoder.resume("", "", "", self.now, self.first_at)
        return self._python

    def _taken(self, spans: Spans) -> None:
        """Python took a span: what follows begins where it ended."""
        self.packed, self.totals = spans.packed, spans.totals
        self.now, self.first_at = spans.now, spans.first_at
        self._reader.resume("", "", "", self.now, self.first_at, b"")


class NativeAnswers:
    """The answers of a file and nothing else; as `sources.quick` tells them, and as fast as they can be had."""

    def __init__(self, session: str, thread: str, minutes: dict[str, int]) -> None:
        self._given = (session, thread, minutes)
        self._reader = module.Reader(session, thread, 0, _short)
        self._python: Decoder | None = None
        self.totals: list[list[Any]] = []

    @property
    def first_at(self) -> int:
        """Time of the first line that has one."""
        return int(self._reader.state()[4])

    def read(self, path: str) -> None:
        """Take a whole file. Raises tail.NotQuick, tail.NotReadable, OSError."""
        fd = tail.open_file(path)
        buffer = tail.buffer()
        view = memoryview(buffer)
        have = 0
        try:
            with os.fdopen(os.dup(fd), "rb", buffering=0) as file:
                while got := file.readinto(view[have:]):
                    have += got
                    at = self._take(view[:have])
                    if not at and have == len(buffer):
                        raise tail.NotQuick
                    have -= at
                    view[:have] = view[at : at + have] if have <= at else bytes(view[at : at + have])
        finally:
            os.close(fd)
        if _may_be_whole(text := bytes(view[:have])):
            from lineitem.sources import quick

            quick.take_last(text, self._decoder())

    def _take(self, data: memoryview) -> int:
        """Take whole lines; where the rest begins."""
        reader = self._reader
        at, dated = reader.take_answers(data, 0)
        while dated:
            end = _line_end(data, at)
            if not end:
                return int(at)
            self._take_line(bytes(data[at:end]))
            at = end
            at, dated = reader.take_answers(data, at)
        raise tail.NotQuick

    def answers(self) -> list[list[Any]]:
        """One merged row per answer."""
        answers: list[list[Any]] = self._reader.answers()
        return _with(answers, self._python)

    @property
    def digest(self) -> int:
        """The same where a whole reading found the same."""
        if self._python is not None and self._python.answers:
            return digest(self.answers())
        return int(self._reader.digest())

    def _take_line(self, text: bytes) -> None:
        from lineitem.sources import quick

        decoder = self._decoder()
        quick.take_line(text, decoder, self.totals, lambda: None)  # the reader looked already
        self._reader.resume("", "", "", decoder.now, decoder.first_at, b"")

    def _decoder(self) -> Decoder:
        if self._python is None:
            from lineitem.sources.transcript import Decoder

            self._python = Decoder(*self._given)
        _, _, _, now, first_at = self._reader.state()
        self._python.resume("", "", "", now, first_at)
        return self._python


def _may_be_whole(text: bytes) -> bool:
    """Whether a line may have been written to its end."""
    return text.rstrip(b" \t\r").endswith(b"}")


def _with(answers: list[list[Any]], decoder: Decoder | None) -> list[list[Any]]:
    """These answers with those that a Python decoder found."""
    if decoder is None or not decoder.answers:
        return answers
    from lineitem.sources.transcript import add_answer

    merged = {(row[0], row[1]): row for row in answers}
    for row in decoder.answers.values():
        add_answer(merged, row)
    return list(merged.values())


def _line_end(data: memoryview, at: int) -> int:
    """Where the line at `at` ends, its newline included; 0 where there is none."""
    step = 1 << 12
    for start in range(at, len(data), step):
        found = bytes(data[start : start + step]).find(b"\n")
        if found >= 0:
            return start + found + 1
    return 0

"""CSV as RFC 4180 has it, for spreadsheets that people open and programs that read it back.

Typed: every text stands in quotes, numbers and truths do not, and what is not known is empty without quotes. Safe: a
text that a spreadsheet would run as a formula gets an apostrophe before it; `meant` takes it away again.
"""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

#: What begins a formula, after white space that some programs strip; the wide forms are read as the narrow ones
#: (OWASP, "CSV Injection", 2026-11-22).
_FORMULA = frozenset("=+-@＝＋－＠|%")
_STRIPPED = " \t\r\n\v\f\0\u00a0\ufeff'"
_END = "\r\n"
#: The first row goes out by itself, the rest in pieces of this many characters.
_PIECE = 1 << 16


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if _like_a_formula(text) else text


def meant(cell: str) -> str:
    """The text that `harmless` was given."""
    return cell[1:] if cell[:1] == "'" and _like_a_formula(cell[1:]) else cell


def _like_a_formula(text: str) -> bool:
    if text[:1].isalnum():  # most texts
        return False
    bare = text.lstrip("'")
    return bool(bare) and (bare[0] in "\t\r\n" or bare.lstrip(_STRIPPED)[:1] in _FORMULA)


def cell(value: Any) -> str:
    """One value as it stands between commas."""
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if abs(value) < float("inf") else ""
    return str(value)


@lru_cache(4096)  # ids, kinds and models come again and again
def _quoted(text: str) -> str:
    return '"' + harmless(text).replace('"', '""') + '"'


def sheet(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[bytes]:
    """The file, piece by piece: a line of names, then one line a row."""

    def lines() -> Iterator[str]:
        yield ",".join(cell(name) for name in columns) + _END
        for row in rows:
            yield ",".join([cell(row.get(name)) for name in columns]) + _END

    return pieces(lines())


def pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines as UTF-8 in pieces: the first line at once, then as many as are worth a write.

    What no encoding can hold becomes an escape.
    """
    held: list[str] = []
    size = _PIECE
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "".join(held).encode("utf-8", "backslashreplace")
            held, size = [], 0
    if held:
        yield "".join(held).encode("utf-8", "backslashreplace")

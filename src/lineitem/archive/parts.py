"""Rows of a table -> parts: where one ends is told by the rows themselves.

So the same facts always give the same parts, in whatever store they are; and where facts were added or changed, only
the parts around them are other ones. Memory holds one part at a time.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

#: Bytes of JSON Lines in a part: at least (but for the last of a month), on the average after that, and about at most.
LEAST, USUAL, MOST = 1 << 20, 3 << 20, 16 << 20
_ALL = 1 << 32


class Piece(NamedTuple):
    """The rows of one part."""

    month: str
    rows: list[tuple[Any, ...]]
    lines: bytes  #: the same as JSON Lines
    content: str  #: their hash


def cut(
    rows: Iterable[tuple[str, tuple[Any, ...]]], columns: tuple[str, ...], sizes: tuple[int, int, int] | None = None
) -> Iterator[Piece]:
    """Pieces of a table's rows, which come in the order of their months; `sizes`: least, usual, most."""
    least, usual, most = sizes or (LEAST, USUAL, MOST)
    encode = msgspec.json.encode
    month, size = "", 0
    held: list[tuple[Any, ...]] = []
    lines: list[bytes] = []
    for its_month, row in rows:
        if its_month != month and held:
            yield _piece(month, held, lines)
            held, lines, size = [], [], 0
        month = its_month
        line = encode(dict(zip(columns, row, strict=True)))
        held.append(row)
        lines.append(line)
        size += len(line) + 1
        if size >= least and (size >= most or crc32(line) * usual < len(line) * _ALL):
            yield _piece(month, held, lines)
            held, lines, size = [], [], 0
    if held:
        yield _piece(month, held, lines)


def _piece(month: str, rows: list[tuple[Any, ...]], lines: list[bytes]) -> Piece:
    text = b"\n".join(lines) + b"\n"
    return Piece(month, rows, text, sha256(text).hexdigest())

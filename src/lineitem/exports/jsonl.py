"""JSON Lines: one row a line, as the same row stands in the report's JSON."""

from __future__ import annotations

from json import JSONEncoder

from lineitem.exports.sheet import pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any


def jsonl(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The file, piece by piece."""
    encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return pieces(encode(row) + "\n" for row in rows)

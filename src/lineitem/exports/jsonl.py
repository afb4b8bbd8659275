"""Rows as JSON while they come: one a line (JSON Lines), or all in one document. Each as the report's JSON has it."""

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


def document(key: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The rows under their key, as one document."""
    encode = JSONEncoder(ensure_ascii=False).encode

    def written() -> Iterator[str]:
        yield f"{{{encode(key)}: ["
        for place, row in enumerate(rows):
            yield (",\n" if place else "\n") + encode(row)
        yield '\n], "schemaVersion": 1}\n'

    return pieces(written())

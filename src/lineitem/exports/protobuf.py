"""As much of the protobuf encoding as a profile needs: whole numbers, texts, messages, packed lists.

https://protobuf.dev/programming-guides/encoding (2026-11-22). Fields that are 0 or empty are left out, as in
proto3.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_VARINT, _BYTES = 0, 2
_ALL = (1 << 64) - 1


def varint(number: int) -> bytes:
    """An int64; negative ones as two's complement."""
    assert -(1 << 63) <= number <= _ALL, "no 64 bits hold it"
    number &= _ALL
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    made.append(number)
    return bytes(made)


def number(field: int, value: int) -> bytes:
    return varint(field << 3 | _VARINT) + varint(value) if value else b""


def message(field: int, content: bytes) -> bytes:
    """A message, or bytes; also where it is empty: it stands in a list."""
    return varint(field << 3 | _BYTES) + varint(len(content)) + content


def text(field: int, content: str) -> bytes:
    return message(field, content.encode("utf-8", "backslashreplace"))


def packed(field: int, values: Iterable[int]) -> bytes:
    content = b"".join(map(varint, values))
    return message(field, content) if content else b""

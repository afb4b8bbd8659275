"""By what a picture of ours is known again: a comment before an SVG, a word in the head of a PNG.

So that a file of that name which somebody else made is never written over.
"""

from __future__ import annotations

from zlib import crc32

#: Before an SVG.
MARK = "<!-- lineitem:picture -->"
_PNG = b"\x89PNG\r\n\x1a\n"
#: A PNG begins with its signature and the chunk IHDR: 8 bytes, and 4 + 4 + 13 + 4.
_HEAD = 33
_SAID = b"tEXtSoftware\0lineitem"
_CHUNK = (len(_SAID) - 4).to_bytes(4, "big") + _SAID + crc32(_SAID).to_bytes(4, "big")


def signed(picture: bytes) -> bytes:
    """A picture with our mark."""
    if picture.startswith(_PNG):
        return picture[:_HEAD] + _CHUNK + picture[_HEAD:]
    return MARK.encode() + b"\n" + picture


def is_ours(picture: bytes) -> bool:
    """Whether it has our mark."""
    return picture.startswith(MARK.encode()) or (picture.startswith(_PNG) and picture[_HEAD:].startswith(_CHUNK))

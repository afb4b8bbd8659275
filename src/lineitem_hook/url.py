"""A text as a part of a URL."""

from __future__ import annotations

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def escaped(text: str, also: str = "") -> str:
    """The text with everything but letters, digits, `-._~` and `also` escaped."""
    if _PLAIN.issuperset(text):
        return text
    parts = (chr(byte) for byte in text.encode("utf-8", "surrogateescape"))
    return "".join(one if one in _PLAIN or one in also else f"%{ord(one):02X}" for one in parts)

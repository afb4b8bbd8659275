"""The members of a JSON object, each with its place in the text.

In: a text of any kind, also a broken or shortened one. Out: all members up to where it breaks. Numbers stay as they
are written (`Number`), so that money is never a float and a long one costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SPACE = frozenset(" \t\n\r")


class Number:
    """A number as it is written."""

    __slots__ = ("digits",)

    def __init__(self, digits: str) -> None:
        self.digits = digits


class _Reading:
    """What the scanner asks for: numbers as text, control characters in strings let through."""

    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = Number
    parse_int = Number

    @staticmethod
    def parse_constant(_name: str) -> None:
        """NaN and Infinity are no JSON: not said."""


def scanner() -> Callable[[str, int], tuple[Any, int]]:
    """Reads the value that starts at a place: (value, where it ends)."""
    try:
        from _json import make_scanner  # `json` itself costs as much as the interpreter
    except ImportError:
        from json import JSONDecoder

        reader: Any = JSONDecoder(
            parse_float=Number, parse_int=Number, parse_constant=_Reading.parse_constant, strict=False
        )
        scan: Callable[[str, int], tuple[Any, int]] = reader.scan_once
        return scan
    return make_scanner(_Reading)  # type: ignore[arg-type]


def quoted(text: str) -> str:
    """A text as JSON, in ASCII."""
    try:
        from _json import encode_basestring_ascii
    except ImportError:
        from json import dumps

        return dumps(text)
    return encode_basestring_ascii(text)


def members(text: str) -> dict[str, tuple[Any, int, int]]:
    """Name -> (value, start, end) of the object in the text; of two with one name the last."""
    found: dict[str, tuple[Any, int, int]] = {}
    scan = scanner()
    try:
        at = _next(text, 0)
        if text[at] != "{":
            return found
        at = _next(text, at + 1)
        while text[at] == '"':
            name, at = scan(text, at)
            at = _next(text, at)
            if text[at] != ":":
                break
            start = _next(text, at + 1)
            value, at = scan(text, start)
            found[name] = value, start, at
            at = _next(text, at)
            if text[at] != ",":
                break
            at = _next(text, at + 1)
    except (StopIteration, ValueError, IndexError, RecursionError, SystemError):
        pass  # what came before stands; SystemError: `_json` looks for an exception in `json`, which nobody imported
    return found


def _next(text: str, at: int) -> int:
    """Where the next character stands that is no space."""
    while text[at] in _SPACE:
        at += 1
    return at

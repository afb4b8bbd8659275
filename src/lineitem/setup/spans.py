"""Where the members of a JSON text stand: spans for edits in place.

The standard library decides what is JSON and what it means; this module adds only where each member of one object,
or each item of one array, begins and ends. Stricter than `json.loads`: the same key twice and NaN are refused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Whole numbers with more digits stay text: Python refuses to read very long ones, JSON does not.
_DIGITS = 300
_SPACE = " \t\n\r"


class NotJson(ValueError):
    """The text is not JSON as we want it; says what is wrong and where."""


class Part(NamedTuple):
    """A member of an object or an item of an array."""

    name: str  #: the key; '' of an item
    start: int  #: where the key begins; of an item, where the value does
    at: int  #: where the value begins
    end: int  #: behind the value
    value: Any


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise NotJson(f"the key {name!a} stands twice in one object")
        members[name] = value
    return members


def _no_constant(word: str) -> Any:
    raise NotJson(f"{word} is no JSON")


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_whole)


def _value(text: str, at: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(text, at)


def after_space(text: str, at: int) -> int:
    """The first place from `at` on that is not white space."""
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def root(text: str) -> Part:
    """The one value the text holds; NotJson where it holds none, or anything beside it."""
    at = after_space(text, 0)
    try:
        value, end = _value(text, at)
    except json.JSONDecodeError as error:
        if text[error.pos : error.pos + 1] in {"/", "#"}:
            raise NotJson(f"line {error.lineno} holds a comment") from error
        raise NotJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise NotJson("it is nested too deeply") from error
    rest = after_space(text, end)
    if rest < len(text):
        line = text.count("\n", 0, rest) + 1
        what = "holds a comment" if text[rest] in {"/", "#"} else "goes on behind the end of the document"
        raise NotJson(f"line {line} {what}")
    return Part("", at, at, end, value)


def parts(text: str, at: int) -> list[Part]:
    """The members of the object, or the items of the array, that begins at `at` of a text known to be JSON."""
    named = text[at] == "{"
    found: list[Part] = []
    at = after_space(text, at + 1)
    while text[at] not in "}]":
        if text[at] == ",":
            at = after_space(text, at + 1)
        start, name = at, ""
        if named:
            name, end = _value(text, at)
            at = after_space(text, after_space(text, end) + 1)  # behind the colon
        value, end = _value(text, at)
        found.append(Part(name, start, at, end, value))
        at = after_space(text, end)
    return found


def find(text: str, path: Sequence[str | int]) -> Part | None:
    """The part of a JSON text that a path of keys and positions leads to; None where there is none."""
    part = root(text)
    for step in path:
        if not isinstance(part.value, dict if isinstance(step, str) else list):
            return None
        inner = parts(text, part.at)
        if isinstance(step, str):
            named = [one for one in inner if one.name == step]
            if not named:
                return None
            part = named[0]
        elif 0 <= step < len(inner):
            part = inner[step]
        else:
            return None
    return part

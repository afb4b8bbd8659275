"""Edits of a JSON text that leave everything else as it is written, character by character.

Text in, text out. What is added follows the document's own way of writing: its newlines, its indentation, its
spaces; a value takes one line, so that a person finds few lines more, each complete. The text must be JSON as
`spans.root` takes it, and is so afterwards.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from lineitem.setup.spans import Part, find, parts, root

if TYPE_CHECKING:
    from collections.abc import Sequence

_INDENT = "  "


class Style(NamedTuple):
    """How a document is written."""

    newline: str
    unit: str  #: one step of indentation
    colon: str  #: between key and value
    flat: bool  #: all on one line


def style_of(text: str) -> Style:
    """How this document is written; two spaces and a line feed where it does not show."""
    document = root(text)
    inner = parts(text, document.at) if isinstance(document.value, dict) else []
    newline = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")
    if not inner:
        return Style(newline, _INDENT, ": ", flat=False)
    lead = text[document.at + 1 : inner[0].start]
    flat = not _broken(text[document.at : document.end])
    unit = _indentation(lead) if _broken(lead) else _INDENT
    between = text[_key_end(text, inner[0]) : inner[0].at]
    colon = between if len(between) <= len(" : ") and not _broken(between) else ": "
    return Style(newline, unit or _INDENT, colon, flat)


def _broken(text: str) -> bool:
    return "\n" in text or "\r" in text


def _indentation(lead: str) -> str:
    return lead[max(lead.rfind("\n"), lead.rfind("\r")) + 1 :]


def _key_end(text: str, member: Part) -> int:
    at = member.start + 1
    while text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _lead(text: str, before: int) -> str:
    """The white space in front of a place."""
    at = before
    while at and text[at - 1] in " \t\n\r":
        at -= 1
    return text[at:before]


def _line_indentation(text: str, at: int) -> str:
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    return text[start : start + len(text[start:at]) - len(text[start:at].lstrip(" \t"))]


def _written(value: Any, style: Style) -> str:
    comma = ", " if style.colon.endswith(" ") else ","
    return json.dumps(value, ensure_ascii=False, separators=(comma, style.colon))


def added(text: str, path: Sequence[str | int], value: Any, name: str = "") -> str:
    """The text with one more item, or member of that name, at the end of the container at the path."""
    style, holder = style_of(text), _there(text, path)
    new = _written(value, style)
    if isinstance(holder.value, dict):
        new = json.dumps(name, ensure_ascii=False) + style.colon + new
    inner = parts(text, holder.at)
    if inner:
        last = inner[-1]
        return text[: last.end] + "," + _gap(_lead(text, last.start), style) + new + text[last.end :]
    if not style.flat:
        base = style.newline + _line_indentation(text, holder.at)
        new = base + style.unit + new + base
    return text[: holder.at + 1] + new + text[holder.end - 1 :]


def _gap(lead: str, style: Style) -> str:
    """What stands between a comma and the next member, where this stands in front of the last one."""
    if _broken(lead):
        return style.newline + _indentation(lead)
    return " " if style.colon.endswith(" ") else ""


def removed(text: str, path: Sequence[str | int]) -> str:
    """The text without the member or item at the path, and without the comma that parted it from its neighbour."""
    holder, part = _there(text, path[:-1]), _there(text, path)
    inner = parts(text, holder.at)
    index = inner.index(part)
    if index:
        comma = text.index(",", inner[index - 1].end)
        return text[:comma] + text[part.end :]
    if len(inner) > 1:
        return text[: part.start] + text[inner[1].start :]
    return text[: holder.at + 1] + text[holder.end - 1 :]


def replaced(text: str, path: Sequence[str | int], written: str) -> str:
    """The text with the value at the path written in another way; `written` is JSON."""
    part = _there(text, path)
    return text[: part.at] + written + text[part.end :]


def _there(text: str, path: Sequence[str | int]) -> Part:
    part = find(text, path)
    if part is None:
        raise KeyError(tuple(path))
    return part

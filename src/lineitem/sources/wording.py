"""What a tool was called with, read again from the transcript: the words by which a person knows the call, whole.

In: where the line of the call lies, and the call's id. Out: a command, a pattern, an address, a path; '' where the line
is gone. Always: file contents, prompts, search results and what MCP servers were given are not looked at, and nothing
is kept.
"""

from __future__ import annotations

import os

import msgspec

from lineitem.sources.locate import line_offset
from lineitem.sources.tail import NotReadable, open_file
from lineitem.sources.transcript_schema import LINE, TOOL_INPUT

#: A line with a longer input is left alone.
_LONGEST_LINE = 1 << 20


def wording(path: str, start: int, ordinal: int, call: str) -> str:
    """The words of the tool call with this id on the `ordinal`-th line from `start` on."""
    line = _line(path, start, ordinal)
    if not line:
        return ""
    try:
        message = LINE.decode(line).message
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    blocks = message.content if message is not None and isinstance(message.content, list) else ()
    for block in blocks:
        if block.id == call and block.type == "tool_use" and not (block.name or "").startswith("mcp__"):
            return _words(block.input)
    return ""


def _line(path: str, start: int, ordinal: int) -> bytes:
    offset = line_offset(path, start, ordinal)
    if offset is None:
        return b""
    try:
        fd = open_file(path)
    except (OSError, NotReadable):
        return b""
    with os.fdopen(fd, "rb") as file:
        file.seek(offset)
        line = file.readline(_LONGEST_LINE)
    return line if line.endswith(b"\n") else b""


def _words(given: msgspec.Raw) -> str:
    if not memoryview(given).nbytes:
        return ""
    try:
        found = TOOL_INPUT.decode(given)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    named = (found.command, found.pattern, found.url, found.query, found.file_path, found.notebook_path, found.path)
    return next((words for words in named if words), "")

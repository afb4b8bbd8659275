"""The kind of text that a tool call read or wrote, from its input, where telemetry was told to send that.

In: the JSON of an input, whole or cut. Out: an ending of `core.kinds`, or ''. Always: nothing else of it passes.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from lineitem.core.kinds import kind_of

#: Commands whose output is the text of the files they name.
_PRINTING = frozenset("bat cat cut egrep grep head less more nl rg sed sort tac tail uniq".split())


class _Input(Struct, gc=False):
    file_path: str = ""
    notebook_path: str = ""
    command: str = ""


_DECODER = msgspec.json.Decoder(_Input)


def input_kind(text: str) -> str:
    """The kind of the file that an input names, or that its command prints; '' where that is not one."""
    try:
        given = _DECODER.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return _printed(given.command.split()) if given.command else kind_of(given.file_path or given.notebook_path)


def _printed(words: list[str]) -> str:
    if words[:2] in (["git", "diff"], ["git", "show"]) and "--stat" not in words:
        return "diff"
    if not words or words[0] not in _PRINTING:
        return ""
    kinds = {kind_of(word) for word in words[1:]} - {""}
    return kinds.pop() if len(kinds) == 1 else ""

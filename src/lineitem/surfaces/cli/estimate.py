"""`lineitem estimate`: what a file, or what comes on standard input, would cost."""

from __future__ import annotations

import os
import sys

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import refresh, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem

#: A longer text fits no context window by far.
_MOST = 64_000_000


def estimate(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code."""
    name = options["argument"]
    text = _read(name)
    refresh(lineitem)
    return show(lineitem.estimate(text, "" if name == "-" else os.path.abspath(name), query), options)


def _read(name: str) -> str:
    """The text of a file, or of standard input. Raises UsageError where it is none."""
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(_MOST + 1)
        else:
            with open(name, "rb") as file:
                raw = file.read(_MOST + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}. Give a file, or - for standard input.") from error
    if len(raw) > _MOST:
        raise UsageError(f"{name} is longer than {_MOST // 1_000_000} MB: no context window holds a part of that.")
    if b"\x00" in raw:
        raise UsageError(f"{name} is no text. An image is its pixels / 750 tokens; other files are read by tools.")
    return raw.decode("utf-8", "replace")

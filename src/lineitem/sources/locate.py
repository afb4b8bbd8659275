"""Finds a line again by the span it was read with and its ordinal there."""

from __future__ import annotations

from lineitem.sources.tail import NotReadable, open_file


def line_offset(path: str, start: int, ordinal: int) -> int | None:
    """Byte offset of the `ordinal`-th non-empty line from `start` on; None where the file no longer has it."""
    import os

    try:
        fd = open_file(path)
    except (OSError, NotReadable):
        return None
    with os.fdopen(fd, "rb") as file:
        file.seek(start)
        at = start
        seen = 0
        for line in file:
            if line.strip():
                if seen == ordinal:
                    return at
                seen += 1
            at += len(line)
    return None

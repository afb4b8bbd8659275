"""Answer rows from stored sightings: the same merged rows that reading the file gave.

In: the packed rows of one file in order (`core.sightings`). Out: rows as `sources.transcript` describes.
"""

from __future__ import annotations

from lineitem.core.sightings import ANSWER, NOTE
from lineitem.sources.transcript import add_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Row = list[Any]


def answers(rows: Iterable[Row], session: str, thread: str) -> list[Row]:
    """One merged row per answer of a file."""
    merged: dict[tuple[str, str], Row] = {}
    branch = ""
    for row in rows:
        if row[0] == NOTE and row[3] == "env":
            branch = row[4][1] or ""
        if row[0] != ANSWER:
            continue
        _, _, _, _, at, mid, request, _, model, counts, extra, _ = row[:12]
        more = extra or {}
        uncached, output, write5, write1, read, thinking = counts
        variant = request or f"~{session}/{uncached}/{write5 + write1}/{read}"
        modifiers = ("f" if "f" in more else "") + ("g" if "g" in more else "") + ("b" if "b" in more else "")
        origin, own, skill = more.get("o", ""), more.get("th", thread), more.get("sk", "")
        searches = more.get("ws", 0)
        add_answer(
            merged, [mid, variant, at, model, uncached, output, write5, write1, read, thinking, searches, modifiers,
                     origin, own, branch, skill, more.get("cx", 0)],
        )  # fmt: skip
        for index, other, others, _ in more.get("it", ()):
            add_answer(merged, [f"{mid}#{index}", variant, at, other, *others, 0, "", origin, own, branch, skill, 0])
    return list(merged.values())

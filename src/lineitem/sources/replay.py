"""Answer rows from stored sightings: the same merged rows that reading the file gave.

In: the packed rows of one file in order (`core.sightings`). Out: rows as `sources.transcript` describes.
"""

from __future__ import annotations

from lineitem.core.sightings import ANSWER, NOTE
from lineitem.sources.transcript import BRANCH, ORIGIN, PROMPT_SIZE, SKILL, merge_answer

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
        _add(
            merged, [mid, variant, at, model, uncached, output, write5, write1, read, thinking, searches, modifiers,
                     origin, own, branch, skill, more.get("cx", 0)],
        )  # fmt: skip
        for index, other, (u, o, w5, w1, r, t), _ in more.get("it", ()):
            _add(
                merged,
                [
                    f"{mid}#{index}",
                    variant,
                    at,
                    other,
                    u,
                    o,
                    w5,
                    w1,
                    r,
                    t,
                    0,
                    "",
                    origin,
                    own,
                    branch,
                    skill,
                    0,
                ],
            )
    return list(merged.values())


def _add(merged: dict[tuple[str, str], Row], row: Row) -> None:
    key = (row[0], row[1])
    known = merged.get(key)
    if known is None:
        merged[key] = row
    else:
        merge_answer(known, *row[2:12])
        for place in (ORIGIN, BRANCH, SKILL, PROMPT_SIZE):
            known[place] = max(known[place], row[place])

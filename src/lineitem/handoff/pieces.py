"""Pieces of a handover: one line each, quoted from a repository, with the section it belongs to and its use.

Always: a piece is one line without control characters, and holds no secret that has a known form. What a repository
says may have been written by anybody, so it is never our own words.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.sources.shortening import redact

#: Sections in the order in which they are told.
STATUS, OPEN, CHANGES, CONSTRAINTS, DECISIONS, DONE, COMMITS, FILES, COMMANDS, MONEY = (
    "status", "open", "changes", "constraints", "decisions", "done", "commits", "files", "commands", "money",
)  # fmt: skip
TITLES = {
    STATUS: "Where the work stands", OPEN: "Open tasks, next first", CHANGES: "Changed, not committed",
    CONSTRAINTS: "Constraints", DECISIONS: "Decisions", DONE: "Done last", COMMITS: "Last commits",
    FILES: "Read first", COMMANDS: "Commands", MONEY: "Budget left",
}  # fmt: skip
#: The use of a section's first piece, and by how much each further one of it is worth less.
_USES = {
    STATUS: (100, 9), OPEN: (99, 4), CHANGES: (97, 6), CONSTRAINTS: (90, 5), FILES: (93, 7), DECISIONS: (86, 7),
    COMMITS: (88, 8), DONE: (82, 9), COMMANDS: (91, 9), MONEY: (75, 20),
}  # fmt: skip
#: Characters of a piece, and of a text that are looked at for one.
_LONGEST, _LOOKED_AT = 160, 2_000


class Piece(NamedTuple):
    """A line that a handover may hold."""

    section: str
    text: str  #: as `line` gives it
    source: str = ""  #: the file it was found in, by its path in the repository; as `line` gives it
    use: int = 0  #: the higher the longer it is kept
    bare: bool = False  #: by itself it says nothing of the work, as the name of a branch


def line(text: str, longest: int = _LONGEST) -> str:
    """Foreign text as one harmless line: printable, secrets of known forms replaced, cut where it is long."""
    kept = "".join(
        sign if sign.isprintable() else " " if sign.isspace() or ord(sign) < 32 else "" for sign in text[:_LOOKED_AT]
    )
    told = redact(" ".join(kept.split()))
    return told if len(told) <= longest else told[: longest - 1].rstrip() + "…"


def ranked(pieces: list[Piece]) -> list[Piece]:
    """The same without repetitions, each with its use: by section, earlier ones first."""
    seen: set[tuple[str, str]] = set()
    counts: dict[str, int] = {}
    found = []
    for piece in pieces:
        key = piece.section, piece.text.casefold()
        if not piece.text or key in seen:
            continue
        seen.add(key)
        place = counts[piece.section] = counts.get(piece.section, -1) + 1
        first, step = _USES[piece.section]
        found.append(piece._replace(use=first - step * place))
    return found

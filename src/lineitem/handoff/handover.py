"""A handover: what to do with a session, what each way costs, and the prompt that a fresh one begins with."""

from __future__ import annotations

from lineitem.core.manual import projects_of
from lineitem.core.problems import UsageError
from lineitem.core.scopes import PROJECT, fits, parse
from lineitem.handoff.pieces import CHANGES, COMMITS, DONE, MONEY, OPEN, STATUS, Piece, line
from lineitem.handoff.prompt import prompt
from lineitem.insights.onward import PROMPTS, advised
from lineitem.insights.words import amount, dollars
from lineitem.reports.onward import rows_of, worked_elsewhere
from lineitem.reports.shapes import MONEY as MONEY_COLUMN
from lineitem.reports.shapes import TEXT, TOKENS, Column, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.handoff.repository import Told
    from lineitem.reports.onward import Stand

#: Of these a repository must say one before work can move on without what the session knows.
_ENOUGH = frozenset((OPEN, CHANGES, COMMITS, DONE, STATUS))
_SAID = {
    "continue": "Go on here.", "compact": "Compact first: /compact.",
    "fresh": "Start a fresh session with the prompt below.",
}  # fmt: skip
_BUDGETS = 3


def handover(told: Told, stand: Stand | None, prompts: int, allowed: int, elsewhere: str = "") -> Table:
    """One row a way to go on, with the prompt in the tail of the table.

    elsewhere: the other work tree of the clone in which the session worked; '': it was named, or worked in this one.
    """
    made = prompt(told.pieces, allowed, told.remarks)
    reading = sum(told.reading.get(piece.text, 0) for piece in made.kept)
    found = stand.ways(prompts, made.tokens, reading) if stand else []
    enough = any(piece.section in _ENOUGH and not piece.bare for piece in made.kept)
    to_do, why = advised(stand.level if stand else None, found, enough=enough, prompts=prompts)
    head: dict[str, Any] = {"folder": told.folder, "advice": to_do, "why": why}
    head |= stand.json() if stand else dict.fromkeys(
        ("sessionId", "projectPath", "model", "lastActivity", "level", "contextTokens", "cacheTtl", "cacheWarm")
    )  # fmt: skip
    head |= {"elsewhere": elsewhere or None, "prompts": prompts}
    tail = {
        "prompt": made.text, "promptTokens": made.tokens, "allowedTokens": allowed, "pieces": len(made.kept),
        "droppedPieces": made.dropped, "readingTokens": reading,
    }  # fmt: skip
    columns = [
        Column("how", "How to go on", TEXT),
        Column("firstNanos", "First request", MONEY_COLUMN),
        Column("costNanos", f"{prompts} prompts", MONEY_COLUMN),
        Column("contextTokens", "Context then", TOKENS),
    ]
    notes = [f"{_SAID[to_do]} {why}"] if to_do else [why]
    if stand and not found:
        notes.append(f"There is no price for {stand.model}: what each way costs is not known.")
    if not enough and made.text and found:
        notes.append("The repository says too little to go on from: a summary would hold what this session knows.")
    if elsewhere:
        notes.append(worked_elsewhere(elsewhere))
    title = f"{stand.name[:8]}: {stand.context:,} tokens, {head['level']}" if stand else "No session"
    empty = notes[0]
    return Table("ways", title, columns, rows_of(found), head=head, tail=tail, notes=notes, empty=empty, waiting=False)


def budget_pieces(rows: Sequence[dict[str, Any]], folder: str) -> list[Piece]:
    """What is left of the budgets in force, the tightest first, as `lineitem budget` has them.

    Those of everything, and of the project that is in this folder; not those of one model, branch or team.
    """
    names = projects_of(folder.replace("\\", "/").rstrip("/"))
    meant = [row for row in rows if _is_of(row["scope"], names)]
    found = []
    for row in sorted(meant, key=lambda row: -row["usedShare"])[:_BUDGETS]:
        nanos, tokens = row["leftNanos"], row["leftTokens"]
        left = dollars(max(0, nanos)) if nanos is not None else amount(max(0, tokens), "tokens")
        found.append(Piece(MONEY, line(f"{row['name']}: {left} of {row['limit']} left, {row['during']}")))
    return found


def _is_of(scope: str, projects: Sequence[str]) -> bool:
    """Whether all that a project does is in a scope, as `lineitem budget` writes it."""
    terms = parse([scope]).terms if "=" in scope else ()
    return all(
        dimension == PROJECT and any(fits(PROJECT, pattern, name) for pattern in patterns for name in projects)
        for dimension, patterns in terms
    )


def count_of(text: str) -> int:
    """The number of prompts that a person wants foretold. Raises UsageError."""
    if not text:
        return PROMPTS
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1_000):
        raise UsageError(f"--prompts is a number from 1 to 1,000, not '{text}'.")
    return int(text)

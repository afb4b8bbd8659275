"""What stood out: tool calls, loops, spending, cache misses, sessions grown large; each with its cause."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.insights.findings import SEVERITIES, Finding
from lineitem.ledger import findings, guesses
from lineitem.reports.shapes import TEXT, TIME, Column, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query

#: What people call the rules.
NAMES = {
    "spike": "dear call", "large": "large call", "loop": "loop", "fan-out": "many agents", "slope": "fast spending",
    "misses": "cache misses", "resume": "cold resume", "health": "large context",
}  # fmt: skip


def anomalies(ledger: Ledger, query: Query, session: int | None = None) -> Table:
    """One row a finding, latest first; those within a cooldown only where all are asked for."""
    whole = bool(query.options.get("every"))
    guessed = guesses.guesses(ledger, query.since, query.until)
    found = findings.findings(ledger, query.since, query.until, session)
    rows = [_row(row, guessed) for row in found if whole or not row[4]]
    if query.project:
        rows = [row for row in rows if query.project.lower() in row["project"].lower()]
    if query.model:
        rows = [row for row in rows if query.model.lower() in row["model"].lower()]
    if query.options.get("order") == "asc":
        rows.reverse()
    columns = [
        Column("at", "At", TIME),
        Column("severity", "Severity", TEXT, wide=True),
        Column("name", "What", TEXT),
        Column("text", "Why", TEXT),
        Column("guess", "A model's guess", TEXT, wide=True),
        Column("sessionId", "Session", TEXT),
    ]
    counts = {name: sum(row["severity"] == name for row in rows) for name in SEVERITIES}
    empty = "Nothing stands out here. What is looked at, and from when on: docs/insights.md."
    tail = {"totals": {"anomalies": len(rows), **counts}}
    return Table("anomalies", "What stands out", columns, rows, tail=tail, empty=empty, waiting=False)


def _key(said: dict[str, Any]) -> str:
    """The key of a finding as it is kept."""
    return Finding(
        said["rule"], 0, said["session"], "", said["at"], said["subject"], said["measure"], 0, 0, call=said["call"]
    ).key


def _row(kept: tuple[Any, ...], guessed: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
    from json import loads

    at, session, rule, severity, again, body = kept
    said = loads(body)
    why = said["why"][0] if said["why"] else {}
    cause, likelihood, guess, model = guessed.get(_key(said), (None,) * 4) if guessed else (None,) * 4
    return {
        "at": iso(at),
        "severity": SEVERITIES[severity],
        "rule": rule,
        "name": NAMES.get(rule, rule),
        "subject": said["subject"],
        "sessionId": session,
        "project": said["project"],
        "toolUseId": said["call"] or None,
        "agentId": said["agent"] or None,
        "model": said["model"],
        "measure": said["measure"],
        "value": said["value"],
        "limit": said["limit"],
        "usual": said["usual"],
        "spread": said["spread"],
        "values": said["values"],
        "baseline": said["level"] or None,
        "scoreHundredths": said["score"],
        "text": why.get("text", ""),
        "suggestion": why.get("suggestion", ""),
        "confidence": why.get("confidence", "unknown"),
        "causes": said["why"],
        "guess": guess,
        "guessedCause": cause,
        "guessLikelihood": likelihood,
        "guessModel": model,
        "facts": said["facts"],
        "withinCooldown": bool(again),
    }

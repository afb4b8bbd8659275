"""What budgets did, and what people did to them and to settings: the audit log."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.ledger import audit as log
from lineitem.reports.shapes import TEXT, TIME, Column, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.audit import Entry
    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query


def audit(ledger: Ledger, query: Query) -> Table:
    """The rows of a range, in their order; the chain is looked at as a whole."""
    entries = list(log.entries(ledger))
    broken = log.broken(entries)
    rows = [_row(entry) for entry in entries if query.within(entry.at)]
    columns = [
        Column("at", "At", TIME),
        Column("actor", "Who", TEXT, wide=True),
        Column("what", "What", TEXT),
        Column("budget", "Budget", TEXT),
        Column("about", "About", TEXT),
    ]
    tail = {"rows": len(entries), "brokenAt": broken, "lastHash": entries[-1].hash if entries else None}
    count = (
        "1 row, with a hash over it"
        if len(entries) == 1
        else f"{len(entries):,} rows, each with a hash over the one before"
    )
    whole = f"The log is whole: {count}."
    notes = [] if broken is not None or not entries else [whole]
    empty = "Nothing was decided yet. Budgets are made with `lineitem budget add`."
    return Table("audit", "The audit log", columns, rows, tail=tail, notes=notes, empty=empty, waiting=False)


def _row(entry: Entry) -> dict[str, Any]:
    from json import loads

    body: dict[str, Any] = loads(entry.body)
    return {
        "seq": entry.seq,
        "at": iso(entry.at),
        "actor": entry.actor,
        "what": entry.what,
        "budget": body.get("budget"),
        "sessionId": body.get("session"),
        "about": _about(entry.what, body),
        "details": body,
        "hash": entry.hash,
    }


def _about(what: str, body: dict[str, Any]) -> str:
    """The rest in a few words."""
    if what == "override":
        return f"until {iso(body['until'])}: {body['reason']}"
    if what.startswith("budget"):
        return ""
    if what == "settings changed":
        return "; ".join(body["changes"])
    return f"{body.get('moment', '')} in session {str(body.get('session', ''))[:8]}, {body.get('period', '')}"

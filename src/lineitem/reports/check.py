"""The bill against the client's own totals, and why they differ."""

from __future__ import annotations

from lineitem.ledger import questions
from lineitem.reports.shapes import MONEY, TEXT, Column, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query

#: Two millionths of a dollar: the client sums floats.
TOLERANCE = 2_000


def check(ledger: Ledger, query: Query) -> Table:
    """One row a session that the client wrote a total for."""
    known = {row[1]: row for row in questions.sessions(ledger)}
    rows: dict[str, dict[str, Any]] = {}
    for session, at, reported, logged, unlogged, priced, duplicated, unexplained in questions.runs(ledger):
        if not query.within(at) or (query.session and session != query.session):
            continue
        if query.project and query.project.lower() not in known[session][2].lower():
            continue
        row = rows.get(session)
        if row is None:
            row = rows[session] = {
                "sessionId": session, "projectPath": known[session][2], "loggedNanos": 0, "reportedNanos": 0,
                "unloggedNanos": 0, "billNanos": 0,
                "explained": {"priceTable": 0, "unlogged": 0, "duplicates": 0, "unexplained": 0}, "runs": 0,
            }  # fmt: skip
        row["loggedNanos"] += logged
        row["reportedNanos"] += reported
        row["unloggedNanos"] += unlogged + unexplained
        row["billNanos"] += logged + unlogged + unexplained
        row["runs"] += 1
        explained = row["explained"]
        explained["priceTable"] += priced
        explained["unlogged"] += unlogged
        explained["duplicates"] += duplicated
        explained["unexplained"] += unexplained
    found = sorted(rows.values(), key=lambda row: (-abs(row["reportedNanos"] - row["loggedNanos"]), row["sessionId"]))
    for row in found:
        row["agrees"] = abs(row["explained"]["unexplained"]) <= TOLERANCE and not row["explained"]["duplicates"]
        row.update({f"{key}Nanos": value for key, value in row["explained"].items() if key != "unlogged"})
    keys = ("loggedNanos", "reportedNanos", "unloggedNanos", "billNanos")
    totals: dict[str, Any] = {key: sum(row[key] for row in found) for key in keys}
    totals["explained"] = {
        key: sum(row["explained"][key] for row in found)
        for key in ("priceTable", "unlogged", "duplicates", "unexplained")
    }
    totals["sessions"] = len(found)
    totals["withoutTotal"] = sum(1 for row in known.values() if row[6] is None)
    totals.update({f"{key}Nanos": value for key, value in totals["explained"].items() if key != "unlogged"})
    columns = [
        Column("sessionId", "Session", TEXT),
        Column("reportedNanos", "Client says", MONEY),
        Column("loggedNanos", "Logged", MONEY),
        Column("unloggedNanos", "Unlogged", MONEY),
        Column("priceTableNanos", "Prices", MONEY, wide=True),
        Column("duplicatesNanos", "Duplicates", MONEY, wide=True),
        Column("unexplainedNanos", "Unexplained", MONEY, wide=True),
    ]
    return Table(
        "sessions",
        "The bill against the client's own totals",
        columns,
        found,
        totals,
        empty="No session here has a total of its own: older clients, or sessions still running, write none.",
        waiting=False,
    )


def fails(table: Table) -> bool:
    """Whether any difference is left that nothing explains."""
    return any(not row["agrees"] for row in table.rows)

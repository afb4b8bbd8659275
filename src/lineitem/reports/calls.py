"""Which tool calls cost what: to write, to take in, to carry, and all that their agents did."""

from __future__ import annotations

from heapq import nsmallest

from lineitem.core.periods import iso
from lineitem.reports.lines import Call, Line, calls_of
from lineitem.reports.shapes import COUNT, MONEY, TEXT, Column, Table
from lineitem.reports.tally import of_lines
from lineitem.reports.tree import tokens_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.reports.tally import Agents, Sums, Tally

PARTS = (
    Column("generateNanos", "Generate", MONEY, wide=True),
    Column("ingestNanos", "Ingest", MONEY, wide=True),
    Column("carryNanos", "Carry", MONEY, wide=True),
)
COLUMNS = (
    Column("tool", "Tool", TEXT),
    Column("target", "Target", TEXT),
    *PARTS,
    Column("carriedRequests", "Carried", COUNT, wide=True),
    Column("selfNanos", "Own", MONEY),
    Column("totalNanos", "Total", MONEY),
)


def calls(lines: Iterable[Line], agents: Iterable[tuple[Any, ...]], query: Query) -> Table:
    """One row a tool call, dearest first."""
    found = sorted(calls_of(lines, agents).values(), key=lambda call: (-call.total, call.at, call.id))
    if query.options.get("order") == "asc":
        found.reverse()
    rows = [row(call) for call in found]
    totals = {
        key: sum(each[key] for each in rows)
        for key in ("generateNanos", "ingestNanos", "carryNanos", "rewriteNanos", "selfNanos")
    }
    totals["calls"] = len(rows)
    return Table("calls", "The dearest tool calls", COLUMNS, rows, totals, empty="No tool call was found.")


def dearest_tally(most: int) -> Tally:
    """How many calls there are, and the dearest ones: what each came to, by its time, id and row as JSON."""
    from json import dumps

    def count(lines: Iterable[Line], agents: Agents) -> Sums:
        found = calls_of(lines, agents).values()
        sums: Sums = {("calls",): [len(found)]}
        for call in nsmallest(most, found, key=lambda call: (-call.total, call.at, call.id)):
            sums["call", call.at, call.id, dumps(row(call))] = [call.total]
        return sums

    return of_lines(("dearest", most), count)


def dearest(sums: Sums, most: int) -> tuple[Table, int]:
    """(the dearest calls as `calls` has them, in its order; how many calls there are)."""
    from json import loads

    found = [(-amounts[0], *key[1:]) for key, amounts in sums.items() if key[0] == "call"]
    rows = [loads(str(each[-1])) for each in nsmallest(most, found)]
    return Table("calls", "The dearest tool calls", COLUMNS, rows), sums.get(("calls",), [0])[0]


def row(call: Call) -> dict[str, Any]:
    """A tool call as JSON."""
    return {
        "toolUseId": call.id,
        "tool": call.tool,
        "target": call.target,
        "sessionId": call.session,
        "threadId": call.thread,
        "at": iso(call.at) if call.at else None,
        "generateNanos": call.generate,
        "ingestNanos": call.ingest,
        "carryNanos": call.carry,
        "rewriteNanos": call.rewrite,
        "searchNanos": call.search,
        "selfNanos": call.own,
        "subtreeNanos": call.subtree,
        "totalNanos": call.total,
        "tokens": tokens_json(call.tokens),
        "carriedRequests": call.carried,
        "basis": call.basis,
    }

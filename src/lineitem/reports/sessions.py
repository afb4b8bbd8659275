"""Which sessions the money went to."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.over_time import (
    BREAKDOWN,
    TOKEN_COLUMNS,
    breakdown,
    counted_tokens,
    missing_tokens,
    notes_of,
    provisional_part,
    total_row,
)
from lineitem.reports.shapes import MONEY, TEXT, TIME, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query


def sessions(ledger: Ledger, query: Query, among: Collection[int] = ()) -> Table:
    """One row a session, the latest last (or first with --order desc); `among`: only of these, empty: of all."""
    where = Filter(query.since, query.until, query.project, query.model).only(among)
    models: dict[int, dict[int, list[int]]] = {}
    for used in questions.usage_by_session(ledger, where):
        models.setdefault(used[0], {})[used[1]] = list(used[2:])
    beyond: dict[int, int] = {}
    missing: dict[int, list[int]] = {}
    from json import loads

    for _, _, session, nanos, tokens in questions.beyond_by_run(ledger, where):
        beyond[session] = beyond.get(session, 0) + nanos
        counts = missing.setdefault(session, [0] * 6)
        for model_counts in loads(tokens).values():
            for index, count in enumerate(model_counts):
                counts[index] += count
    rows = []
    unpriced: set[str] = set()
    provisional = questions.provisional(ledger)
    for number, name, project, first_at, last_at, _, reported, _ in questions.sessions(ledger):
        if number not in models and number not in beyond:
            continue
        by_model = models.get(number, {})
        sums = [sum(model[index] for model in by_model.values()) for index in range(9)]
        ordered = sorted(by_model.items(), key=lambda pair: (-pair[1][7], ledger.text(pair[0])))
        unpriced |= {ledger.text(model) for model, counts in ordered if counts[8]}
        unlogged = beyond.get(number, 0)
        row: dict[str, Any] = {
            "sessionId": name,
            "projectPath": project,
            "firstActivity": iso(first_at) if first_at else None,
            "lastActivity": iso(last_at) if last_at else None,
            **counted_tokens(sums),
            "totalCost": dollars(sums[7] + unlogged),
            "modelsUsed": [ledger.text(model) for model, _ in ordered],
            "modelBreakdowns": [breakdown(ledger.text(model), counts) for model, counts in ordered],
            "costNanos": sums[7] + unlogged,
            "reportedNanos": reported,
            "unloggedNanos": unlogged,
            "loggedNanos": sums[7],
            "unloggedTokens": missing_tokens(missing.get(number, [0] * 6)),
            "unpricedTokens": sums[8],
            "cacheCreation5mTokens": sums[3],
            "cacheCreation1hTokens": sums[4],
            "webSearches": sums[6],
            "requests": sums[0],
            **provisional_part(sums[7] if number in provisional else None),
        }
        rows.append((last_at, name, row))
    rows.sort(key=lambda entry: entry[:2], reverse=query.descending)
    found = [row for _, _, row in rows]
    totals = total_row(found)
    totals["unpricedModels"] = sorted(unpriced)
    columns = [
        Column("sessionId", "Session", TEXT),
        Column("projectPath", "Project", TEXT, wide=True),
        Column("lastActivity", "Last", TIME),
        *TOKEN_COLUMNS,
        Column("unloggedNanos", "Unlogged", MONEY, wide=True),
        Column("costNanos", "Cost", MONEY),
    ]
    return Table(
        "sessions",
        "The bill by session",
        columns,
        found,
        totals,
        detail=("modelBreakdowns", BREAKDOWN) if query.breakdown else None,
        notes=notes_of(totals),
        empty="No session was found.",
    )

"""How much, when: by hour, day, week and month, in ccusage's words and more after them."""

from __future__ import annotations

from lineitem.core.periods import QUARTER_MS, day_label, hour_label, month_label, week_label
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.shapes import MONEY, NAMES, TOKENS, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query

#: Sums of a period: requests, uncached, output, write5, write1, read, searches, nanos, unpriced.
_SUMS = 9
KINDS = {
    "hourly": ("hour", "Hour"),
    "daily": ("date", "Day"),
    "weekly": ("week", "Week"),
    "monthly": ("month", "Month"),
}


class _Period:
    __slots__ = ("missing", "models", "provisional", "unlogged")

    def __init__(self) -> None:
        self.models: dict[int, list[int]] = {}
        self.unlogged = 0
        self.provisional: int | None = None  #: of its cost; None: nothing of it is
        self.missing = [0] * 6


class Fresh:
    """What a first reading says before the store holds it: usage rows and unlogged spend, models as text."""

    __slots__ = ("beyond", "cells")

    def __init__(self, cells: Iterable[tuple[Any, ...]], beyond: Iterable[tuple[int, int, Any]]) -> None:
        self.cells, self.beyond = cells, beyond


def over_time(ledger: Ledger, query: Query, kind: str, fresh: Fresh | None = None) -> Table:
    """The bill by period, from the store or from a first reading of everything."""
    where = Filter(query.since, query.until, query.project, query.model)
    grouped = query.instances
    label = _labeller(query, kind)
    periods: dict[tuple[int, str], _Period] = {}
    names: dict[Any, str] = {}
    for row in fresh.cells if fresh is not None else questions.usage_by_quarter(ledger, where, grouped):
        key = (row[1], label(row[0] * QUARTER_MS))
        period = periods.get(key)
        if period is None:
            period = periods[key] = _Period()
        sums = period.models.get(row[2])
        if sums is None:
            period.models[row[2]] = list(row[3:])
        else:
            for index in range(_SUMS):
                sums[index] += row[3 + index]
    if fresh is not None:
        for at, nanos, missing in fresh.beyond:
            period = periods.setdefault((0, label(at)), _Period())
            period.unlogged += nanos
            _add_rows(period, missing)
        names = {model: str(model) for period in periods.values() for model in period.models}
        return _table(ledger, query, kind, periods, names)
    for at, project, _, nanos, tokens in questions.beyond_by_run(ledger, where, grouped):
        period = periods.setdefault((project, label(at)), _Period())
        period.unlogged += nanos
        _add_missing(period, tokens)
    if provisional := questions.provisional(ledger):
        for row in questions.usage_by_quarter(ledger, where.only(provisional), grouped):
            period = periods[row[1], label(row[0] * QUARTER_MS)]
            period.provisional = (period.provisional or 0) + row[10]
    for period in periods.values():
        for model in period.models:
            if model not in names:
                names[model] = ledger.text(model)
    return _table(ledger, query, kind, periods, names)


def _add_missing(period: _Period, tokens: str) -> None:
    if tokens == "{}":
        return
    from json import loads

    _add_rows(period, loads(tokens))


def _add_rows(period: _Period, missing: dict[str, list[int]]) -> None:
    for row in missing.values():
        for index, count in enumerate(row):
            period.missing[index] += count


def _labeller(query: Query, kind: str) -> Any:
    date = query.zone.date
    if kind == "hourly":
        return lambda at: hour_label(date(at), query.zone.hour(at))
    first = query.options.get("start_of_week", "sunday")
    known: dict[tuple[int, int, int], str] = {}

    def label(at: int) -> str:
        day = date(at)
        text = known.get(day)
        if text is None:
            text = known[day] = (
                day_label(day) if kind == "daily" else month_label(day) if kind == "monthly" else week_label(day, first)
            )
        return text

    return label


def _table(
    ledger: Ledger, query: Query, kind: str, periods: dict[tuple[int, str], _Period], names: dict[int, str]
) -> Table:
    key, title = KINDS[kind]
    everything: list[dict[str, Any]] = []
    for (project, period_label), period in sorted(
        periods.items(), key=lambda pair: (pair[0][1], pair[0][0]), reverse=query.descending
    ):
        name = ledger.text(project) if project else ""
        everything.append(_row(key, period_label, period, names, name if query.instances else None))
    totals = _totals(everything)
    columns = [
        Column(key, title),
        Column("modelsUsed", "Models", NAMES, wide=True),
        *TOKEN_COLUMNS,
        Column("costNanos", "Cost", MONEY),
    ]
    if query.instances:
        columns.insert(1, Column("project", "Project"))
    made = _Grouped if query.instances else Table
    return made(
        kind if not query.instances else "projects",
        f"The bill by {title.lower()}",
        columns,
        everything,
        totals,
        detail=("modelBreakdowns", BREAKDOWN) if query.breakdown else None,
        notes=notes_of(totals),
        empty="No usage was found.",
    )


class _Grouped(Table):
    """Rows for people, grouped by project for programs."""

    __slots__ = ()

    def json(self) -> dict[str, Any]:
        projects: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            projects.setdefault(row["project"], []).append(row)
        return {"projects": projects, "totals": self.totals, "schemaVersion": 1}


def only_last(table: Table, count: int) -> None:
    """Keep the rows of the latest so many periods, and their sums."""
    kept = sorted({row["period"] for row in table.rows})[-count:]
    table.rows = [row for row in table.rows if row["period"] in kept]
    table.totals = _totals(table.rows)
    table.notes = notes_of(table.totals)


TOKEN_COLUMNS = (
    Column("inputTokens", "Uncached", TOKENS),
    Column("outputTokens", "Output", TOKENS),
    Column("cacheCreationTokens", "Cache write", TOKENS, wide=True),
    Column("cacheReadTokens", "Cache read", TOKENS, wide=True),
    Column("totalTokens", "Tokens", TOKENS),
)
BREAKDOWN = (Column("modelName", "Model"), *TOKEN_COLUMNS, Column("costNanos", "Cost", MONEY))


def _row(key: str, label: str, period: _Period, names: dict[int, str], project: str | None) -> dict[str, Any]:
    sums = [0] * _SUMS
    for model in period.models.values():
        for index in range(_SUMS):
            sums[index] += model[index]
    ordered = sorted(period.models.items(), key=lambda pair: (-pair[1][7], names[pair[0]]))
    row: dict[str, Any] = {"agent": "claude", key: label, "period": label}
    if project is not None:
        row["project"] = project
    row.update(counted_tokens(sums))
    row["totalCost"] = dollars(sums[7] + period.unlogged)
    row["modelsUsed"] = [names[model] for model, _ in ordered]
    row["modelBreakdowns"] = [breakdown(names[model], model_sums) for model, model_sums in ordered]
    row["metadata"] = {"agents": ["claude"]}
    row["costNanos"] = sums[7] + period.unlogged
    row["loggedNanos"] = sums[7]
    row["unloggedNanos"] = period.unlogged
    row["unloggedTokens"] = missing_tokens(period.missing)
    row["unpricedTokens"] = sums[8]
    row["cacheCreation5mTokens"], row["cacheCreation1hTokens"] = sums[3], sums[4]
    row["webSearches"], row["requests"] = sums[6], sums[0]
    row.update(provisional_part(period.provisional))
    return row


def provisional_part(nanos: int | None) -> dict[str, Any]:
    """What of a row's cost is provisional; None: nothing of the row is."""
    return {"provisional": nanos is not None, "provisionalNanos": nanos or 0}


def counted_tokens(sums: list[int]) -> dict[str, int]:
    """Ccusage's four counts and their sum, of [requests, uncached, output, write5, write1, read, ...]."""
    written = sums[3] + sums[4]
    return {
        "inputTokens": sums[1],
        "outputTokens": sums[2],
        "cacheCreationTokens": written,
        "cacheReadTokens": sums[5],
        "totalTokens": sums[1] + sums[2] + written + sums[5],
    }


def missing_tokens(missing: list[int]) -> int:
    """All tokens of unlogged requests."""
    return max(0, sum(missing[:5]))


def breakdown(name: str, sums: list[int]) -> dict[str, Any]:
    """One model's part of a row."""
    counted = counted_tokens(sums)
    del counted["totalTokens"]
    priced = not sums[8]
    return {
        "modelName": name,
        **counted,
        "cost": dollars(sums[7]),
        "costNanos": sums[7] if priced or sums[7] else None,
        "totalTokens": sums[1] + sums[2] + sums[3] + sums[4] + sums[5],
        "unpricedTokens": sums[8],
    }


_SUMMED = (
    "inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalTokens", "costNanos", "loggedNanos",
    "unloggedNanos", "unloggedTokens", "unpricedTokens", "cacheCreation5mTokens", "cacheCreation1hTokens",
    "webSearches", "requests", "provisionalNanos",
)  # fmt: skip


def total_row(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The totals of rows, in the order of their JSON."""
    totals: dict[str, Any] = {}
    for key in _SUMMED:
        totals[key] = sum(row[key] for row in rows)
        if key == "totalTokens":
            totals["totalCost"] = 0.0
    totals["totalCost"] = dollars(totals["costNanos"])
    totals["provisional"] = any(row["provisional"] for row in rows)
    return totals


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums, and the models without a price."""
    models = {each["modelName"] for row in rows for each in row["modelBreakdowns"] if each["unpricedTokens"]}
    return {**total_row(rows), "unpricedModels": sorted(models)}


def notes_of(totals: dict[str, Any]) -> list[str]:
    """What is to be said below a table with these sums."""
    notes = []
    if totals["unloggedNanos"]:
        notes.append("unlogged")
    if totals["unpricedModels"]:
        notes.append("unpriced")
    if totals["provisional"]:
        notes.append("provisional")
    return notes

"""The same money by tool, skill, agent, MCP server, project, model, branch and prompt.

Each sums, with its remainder row, to the bill.
"""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.lines import Line, calls_of
from lineitem.reports.over_time import provisional_part
from lineitem.reports.shapes import COUNT, MONEY, TEXT, TIME, TOKENS, Column, Table, dollars
from lineitem.reports.tally import add, of_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query
    from lineitem.reports.tally import Agents, Key, Sums, Tally

_COST = Column("costNanos", "Cost", MONEY)
_REMAINDER = {
    "tool": "(everything else)",
    "mcp": "(no MCP server)",
    "skill": "(no skill)",
    "branch": "(no branch)",
    "agent": "(not logged)",
    "model": "(no model)",
    "prompt": "(no prompt)",
    "project": "(no project)",
}


def _table(
    key: str, title: str, columns: list[Column], rows: list[dict[str, Any]], query: Query, unpriced: Iterable[str]
) -> Table:
    """Rows dearest first, the remainder last. `unpriced`: models; a row has `provisionalNanos` where it is so."""
    rows.sort(key=lambda row: (row.get("remainder", False), -row["costNanos"], str(row[columns[0].key])))
    if query.options.get("order") == "asc":
        rows.reverse()
    for row in rows:
        row["totalCost"] = dollars(row["costNanos"])
        row.update(provisional_part(row.get("provisionalNanos")))
    whole = sum(row["costNanos"] for row in rows)
    provisional = any(row["provisional"] for row in rows)
    totals = {
        "totalCost": dollars(whole), "costNanos": whole, "provisional": provisional,
        "provisionalNanos": sum(row["provisionalNanos"] for row in rows), "unpricedModels": sorted(set(unpriced)),
    }  # fmt: skip
    notes = ["unpriced"] * bool(totals["unpricedModels"]) + ["provisional"] * provisional
    return Table(key, title, [*columns, _COST], rows, totals, notes=notes, empty="No usage was found.")


def unpriced(ledger: Ledger, where: Filter) -> list[str]:
    """The models without a price among these requests."""
    return [ledger.text(row[1]) for row in questions.usage_by_session(ledger, where) if row[10]]


def _provisional(row: dict[str, Any], nanos: int) -> None:
    """So much more of a row is provisional."""
    row["provisionalNanos"] = (row.get("provisionalNanos") or 0) + nanos


def models(sums: Sums) -> set[str]:
    """The models that the line items of a tally are of."""
    return {str(key[1]) for key in sums if key[0] == "model"}


def _named(lines: Iterable[Line]) -> Sums:
    return {("model", model): [1] for model in {line.model for line in lines}}


def _told(line: Line, provisional: Collection[str]) -> tuple[int, int]:
    """(nanodollars that are provisional, whether any are)."""
    return (line.nanos, 1) if line.session in provisional else (0, 0)


def _row_of(amounts: Sequence[int], row: dict[str, Any]) -> dict[str, Any]:
    """A row whose amounts end with its cost, what of it is provisional, and how many line items are."""
    *_, row["costNanos"], told, any_told = amounts
    if any_told:
        row["provisionalNanos"] = told
    return row


def tool_tally(provisional: Collection[str]) -> Tally:
    """By tool: (calls, generate, ingest, carry, rewrite, agents', cost, provisional, how many are)."""

    def count(lines: Iterable[Line], agents: Agents) -> Sums:
        lines = list(lines)
        sums = _named(lines)
        for line in lines:
            nanos, told = line.nanos, _told(line, provisional)
            if line.kind != "tool":
                add(sums, [(("rest",), (0, 0, 0, 0, 0, 0, nanos, *told))])
                continue
            name = line.cause.partition("/")[2].partition("/")[0] or "tool"
            carried = line.c_nanos + line.r_nanos
            part = (0, line.g_nanos, line.i_nanos, carried, line.r_nanos, 0, nanos, *told)
            add(sums, [(("tool", name), part)])
        for call in calls_of(lines, agents).values():
            known = sums.get(("tool", call.tool))
            if known is not None:
                known[0] += 1
                known[5] += call.subtree
        return sums

    return of_lines(("tools",), count)


def tools(sums: Sums, query: Query, unpriced: Iterable[str] = ()) -> Table:
    """By tool."""
    keys = ("calls", "generateNanos", "ingestNanos", "carryNanos", "rewriteNanos", "subtreeNanos")
    found = []
    for key, amounts in sums.items():
        if key[0] == "tool":
            found.append(_row_of(amounts, {"tool": key[1], **dict(zip(keys, amounts, strict=False))}))
        elif key[0] == "rest" and amounts[6]:
            rest = {"tool": _REMAINDER["tool"], "remainder": True, **dict(zip(keys, amounts, strict=False))}
            found.append(_row_of(amounts, rest))
    columns = [
        Column("tool", "Tool", TEXT),
        Column("calls", "Calls", COUNT),
        Column("generateNanos", "Generate", MONEY, wide=True),
        Column("ingestNanos", "Ingest", MONEY, wide=True),
        Column("carryNanos", "Carry", MONEY, wide=True),
        Column("subtreeNanos", "Agents", MONEY, wide=True),
    ]
    return _table("tools", "The bill by tool", columns, found, query, unpriced)


def server_tally(provisional: Collection[str]) -> Tally:
    """By MCP server: (calls, schemas, calls' cost, cost, provisional, how many are)."""

    def count(lines: Iterable[Line], _: Agents) -> Sums:
        lines = list(lines)
        sums = _named(lines)
        for line in lines:
            nanos, told = line.nanos, _told(line, provisional)
            parts = line.cause.split("/", 2)
            key: Key = ("rest",)
            amounts = (0, 0, 0)
            if len(parts) > 1 and parts[1].startswith("mcp__") and line.kind in ("schemas", "tool"):
                key = ("server", parts[1][5:].partition("__")[0])
                schemas = nanos if line.kind == "schemas" else 0
                amounts = (1 if line.call else 0, schemas, nanos - schemas)
            add(sums, [(key, (*amounts, nanos, *told))])
        return sums

    return of_lines(("mcp",), count)


def mcp(sums: Sums, query: Query, unpriced: Iterable[str] = ()) -> Table:
    """By MCP server: its schemas, carried by every request, and its calls."""
    keys = ("calls", "schemaNanos", "callNanos")
    found = []
    for key, amounts in sums.items():
        row = dict(zip(keys, amounts, strict=False))
        if key[0] == "server":
            found.append(_row_of(amounts, {"server": key[1], **row}))
        elif key[0] == "rest" and amounts[3]:
            found.append(_row_of(amounts, {"server": _REMAINDER["mcp"], "remainder": True, **row}))
    columns = [
        Column("server", "Server", TEXT),
        Column("calls", "Calls", COUNT),
        Column("schemaNanos", "Schemas", MONEY),
        Column("callNanos", "Calls cost", MONEY),
    ]
    return _table("mcp", "The bill by MCP server", columns, found, query, unpriced)


def by_request(ledger: Ledger, query: Query, column: str, key: str, title: str, name: str) -> Table:
    """By something every request has: its model, branch, skill. Of provisional ones the model only is known."""
    where = Filter(query.since, query.until, query.project, query.model, _session(ledger, query))
    provisional = questions.provisional(ledger)
    rows: dict[str, dict[str, Any]] = {}

    def row(text: str) -> dict[str, Any]:
        made = {key: text or _REMAINDER[key], "requests": 0, "inputTokens": 0, "outputTokens": 0,
                "cacheCreationTokens": 0, "cacheReadTokens": 0, "totalTokens": 0, "webSearches": 0,
                "unpricedTokens": 0, "costNanos": 0}  # fmt: skip
        if not text:
            made["remainder"] = True
        return rows.setdefault(text, made)

    for text, *sums in questions.requests_by(ledger, column, where.without(provisional)):
        _add(row(text), sums)
    if provisional:
        for _, model, *sums in questions.usage_by_session(ledger, where.only(provisional)):
            each = row(ledger.text(model) if column == "model" else "")
            _add(each, sums)
            _provisional(each, sums[7])
    found = list(rows.values())
    _add_unlogged(ledger, where, found, key)
    columns = [
        Column(key, title, TEXT),
        Column("requests", "Requests", COUNT),
        Column("inputTokens", "Uncached", TOKENS, wide=True),
        Column("outputTokens", "Output", TOKENS, wide=True),
        Column("cacheCreationTokens", "Cache write", TOKENS, wide=True),
        Column("cacheReadTokens", "Cache read", TOKENS, wide=True),
        Column("totalTokens", "Tokens", TOKENS),
    ]
    return _table(name, f"The bill by {title.lower()}", columns, found, query, unpriced(ledger, where))


def _add(row: dict[str, Any], sums: Sequence[int]) -> None:
    """Add [requests, uncached, output, write5, write1, read, searches, nanos, unpriced] to a row."""
    requests, uncached, output, write5, write1, read, searches, nanos, unpriced = sums
    row["requests"] += requests
    row["inputTokens"] += uncached
    row["outputTokens"] += output
    row["cacheCreationTokens"] += write5 + write1
    row["cacheReadTokens"] += read
    row["totalTokens"] += uncached + output + write5 + write1 + read
    row["unpricedTokens"] += unpriced
    row["costNanos"] += nanos
    if "webSearches" in row:
        row["webSearches"] += searches


def _session(ledger: Ledger, query: Query) -> int | None:
    return ledger.find_name(query.session) if query.session else None


def _add_unlogged(ledger: Ledger, where: Filter, rows: list[dict[str, Any]], key: str) -> None:
    beyond = sum(row[3] for row in questions.beyond_by_run(ledger, where))
    if beyond:
        rows.append({key: "(not logged)", "remainder": True, "requests": 0, "inputTokens": 0, "outputTokens": 0,
                     "cacheCreationTokens": 0, "cacheReadTokens": 0, "totalTokens": 0, "webSearches": 0,
                     "unpricedTokens": 0, "costNanos": beyond})  # fmt: skip


def project_row(name: str) -> dict[str, Any]:
    """The row of a project that nothing was added to."""
    return {"project": name or _REMAINDER["project"], "requests": 0, "inputTokens": 0,
            "outputTokens": 0, "cacheCreationTokens": 0, "cacheReadTokens": 0, "totalTokens": 0,
            "unpricedTokens": 0, "unloggedNanos": 0, "costNanos": 0}  # fmt: skip


def projects(ledger: Ledger, query: Query) -> Table:
    """By project folder, unlogged spend included."""
    where = Filter(query.since, query.until, query.project, query.model)
    rows: dict[int, dict[str, Any]] = {}

    def row(project: int) -> dict[str, Any]:
        return rows.setdefault(project, project_row(ledger.text(project)))

    for _, project, _, *sums in questions.usage_by_quarter(ledger, where, projects=True):
        _add(row(project), sums)
    if provisional := questions.provisional(ledger):
        for _, project, _, *sums in questions.usage_by_quarter(ledger, where.only(provisional), projects=True):
            _provisional(row(project), sums[7])
    for _, project, _, nanos, _ in questions.beyond_by_run(ledger, where, projects=True):
        each = row(project)
        each["unloggedNanos"] += nanos
        each["costNanos"] += nanos
    return projects_table(ledger, list(rows.values()), query, where)


def projects_by(ledger: Ledger, query: Query, name_of: Callable[[int], str]) -> tuple[Table, dict[str, set[int]]]:
    """The same by what a session is said to belong to; and the sessions of each."""
    where = Filter(query.since, query.until, query.project, query.model)
    rows: dict[str, dict[str, Any]] = {}
    found: dict[str, set[int]] = {}

    def row(session: int) -> dict[str, Any]:
        name = name_of(session)
        each = rows.setdefault(name, project_row(name))
        found.setdefault(each["project"], set()).add(session)
        return each

    for session, _, *sums in questions.usage_by_session(ledger, where):
        _add(row(session), sums)
    if provisional := questions.provisional(ledger):
        for session, _, *sums in questions.usage_by_session(ledger, where.only(provisional)):
            _provisional(row(session), sums[7])
    for _, _, session, nanos, _ in questions.beyond_by_run(ledger, where):
        each = row(session)
        each["unloggedNanos"] += nanos
        each["costNanos"] += nanos
    return projects_table(ledger, list(rows.values()), query, where), found


def projects_table(ledger: Ledger, rows: list[dict[str, Any]], query: Query, where: Filter) -> Table:
    """The rows of projects as a table."""
    columns = [
        Column("project", "Project", TEXT),
        Column("requests", "Requests", COUNT),
        Column("totalTokens", "Tokens", TOKENS),
        Column("unloggedNanos", "Unlogged", MONEY, wide=True),
    ]
    return _table("projects", "The bill by project", columns, rows, query, unpriced(ledger, where))


def thread_tally(provisional: Collection[str]) -> Tally:
    """By thread: (cost, provisional, how many are)."""

    def count(lines: Iterable[Line], _: Agents) -> Sums:
        lines = list(lines)
        sums = _named(lines)
        for line in lines:
            key: Key = ("agent", line.session, line.thread) if line.thread else ("main",)
            if line.kind == "unlogged":
                key = ("unlogged",)
            add(sums, [(key, (line.nanos, *_told(line, provisional)))])
        return sums

    return of_lines(("agents",), count)


def agents(sums: Sums, known: Iterable[tuple[Any, ...]], query: Query, unpriced: Iterable[str] = ()) -> Table:
    """By thread: the main conversations together, every agent by itself."""
    types = {(row[0], row[1]): row for row in known}
    plain: dict[str, Any] = {"sessionId": None, "threadId": "", "toolUseId": None, "requests": None}
    rows: list[dict[str, Any]] = []
    for key, amounts in sums.items():
        if key[0] == "main":
            rows.append(_row_of(amounts, {"agent": "main", "agentType": "main", **plain}))
        elif key[0] == "unlogged" and amounts[0]:
            row = {"agent": _REMAINDER["agent"], "remainder": True, "agentType": "", **plain}
            rows.append(_row_of(amounts, row))
        elif key[0] == "agent":
            _, session, thread = key
            found = types.get((session, thread))
            short = str(thread)
            row = {"agent": f"{found[2] or 'agent'} {short[:8]}" if found else short[:17],
                   "agentType": found[2] if found else "", "sessionId": session, "threadId": thread,
                   "toolUseId": found[3] or None if found else None,
                   "requests": found[5] if found else None}  # fmt: skip
            rows.append(_row_of(amounts, row))
    columns = [
        Column("agent", "Agent", TEXT),
        Column("sessionId", "Session", TEXT, wide=True),
        Column("requests", "Requests", COUNT),
    ]
    return _table("agents", "The bill by agent", columns, rows, query, unpriced)


def whole_tally(provisional: Collection[str]) -> Tally:
    """The whole: (cost, provisional, how many are)."""

    def count(lines: Iterable[Line], _: Agents) -> Sums:
        lines = list(lines)
        sums = _named(lines)
        add(sums, [(("all",), (line.nanos, *_told(line, provisional))) for line in lines])
        return sums

    return of_lines(("all",), count)


def prompts(
    ledger: Ledger, query: Query, sums: Sums, provisional: Collection[str] = (), unpriced: Iterable[str] = ()
) -> Table:
    """By prompt: what each led to, its agents included; the rest of the line items belongs to none."""
    where = Filter(query.since, query.until, query.project, "", _session(ledger, query))
    rows: list[dict[str, Any]] = []
    for session, ordinal, at, source, name, requests, nanos, inner in questions.prompts(ledger, where):
        rows.append({"prompt": f"{session[:8]} #{ordinal}", "sessionId": session, "ordinal": ordinal,
                     "at": iso(at) if at else None, "source": source, "name": name or None, "requests": requests,
                     "ownNanos": nanos, "agentsNanos": inner, "costNanos": nanos + inner})  # fmt: skip
        if session in provisional:
            _provisional(rows[-1], nanos + inner)
    whole, whole_told, _ = sums.get(("all",), (0, 0, 0))
    rest = whole - sum(row["costNanos"] for row in rows)
    if rest:
        told = sum(row.get("provisionalNanos", 0) for row in rows)
        rows.append({"prompt": _REMAINDER["prompt"], "remainder": True, "sessionId": None, "ordinal": None,
                     "at": None, "source": "", "name": None, "requests": 0, "ownNanos": rest, "agentsNanos": 0,
                     "costNanos": rest})  # fmt: skip
        if untold := whole_told - told:
            _provisional(rows[-1], untold)
    columns = [
        Column("prompt", "Prompt", TEXT),
        Column("at", "At", TIME),
        Column("source", "Source", TEXT, wide=True),
        Column("name", "Name", TEXT, wide=True),
        Column("requests", "Requests", COUNT),
        Column("agentsNanos", "Agents", MONEY, wide=True),
    ]
    return _table("prompts", "The bill by prompt", columns, rows, query, unpriced)

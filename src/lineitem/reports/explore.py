"""The bill by anything, split by anything else, over time.

What requests have (project, model, branch, skill, session) is cut by time exactly, to the quarter hour. What causes are
(kind, cause, tool, server, part) lies in line items, which run through a session: they have sums, and no time of their
own. Always: the cells of an answer add up to the bill of the range, to the nanodollar.
"""

from __future__ import annotations

from itertools import chain

from lineitem.core.periods import day_label, month_label, week_label
from lineitem.core.problems import UsageError
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.shapes import COUNT, MONEY, TEXT, TOKENS, Column, Table, dollars
from lineitem.reports.tally import add, of_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.lines import Line
    from lineitem.reports.query import Query
    from lineitem.reports.tally import Agents, Sums, Tally

    Cells = Iterator[tuple[str, dict[str, str], list[int]]]

#: What requests have, and what causes are.
OF_REQUESTS = ("project", "model", "branch", "skill", "session")
OF_CAUSES = ("kind", "cause", "tool", "server", "agent", "part")
DIMENSIONS = (*OF_REQUESTS, *OF_CAUSES)
OVER = ("day", "week", "month")
_QUARTER = 900_000
_REST = {"skill": "(no skill)", "branch": "(no branch)", "tool": "(no tool)", "server": "(no MCP server)",
         "agent": "main"}  # fmt: skip
_UNLOGGED = "(not logged)"


def explore(ledger: Ledger, query: Query, tallied: Callable[[Tally], Sums]) -> Table:
    """Rows by `--by`, `--split` and `--over`, dearest first; over time, in the order of time.

    tallied: counts the line items of the range, where it is about causes.
    """
    by, split, over = _asked(query)
    if over and (by in OF_CAUSES or split in OF_CAUSES):
        named = by if by in OF_CAUSES else split
        raise UsageError(
            f"What a {named} cost is known of whole sessions, not of each moment: --over goes with"
            f" {', '.join(OF_REQUESTS)}."
        )
    if by in OF_CAUSES or split in OF_CAUSES:
        cells = _of_causes(ledger, tallied(_tally(ledger, by, split)), by, split)
    else:
        cells = _of_requests(ledger, query, by, split, over)
    rows = _rows(cells, by, split, over)
    columns = [Column("period", over.capitalize(), TEXT)] if over else []
    columns += [Column(name, name.capitalize(), TEXT) for name in (by, split) if name]
    columns += (
        [Column("requests", "Requests", COUNT, wide=True)] if by in OF_REQUESTS and split not in OF_CAUSES else []
    )
    columns += [Column("totalTokens", "Tokens", TOKENS), Column("costNanos", "Cost", MONEY)]
    nanos = sum(row["costNanos"] for row in rows)
    totals = {
        "totalTokens": sum(row["totalTokens"] for row in rows),
        "unpricedTokens": sum(row["unpricedTokens"] for row in rows),
        "totalCost": dollars(nanos), "costNanos": nanos,
    }  # fmt: skip
    split_by = f", split by {split}" if split else ""
    return Table("explore", f"The bill by {by}{split_by}", columns, rows, totals,
                 head={"by": by, "split": split or None, "over": over or None})  # fmt: skip


def _asked(query: Query) -> tuple[str, str, str]:
    by = query.options.get("by", "") or "project"
    split, over = query.options.get("split", ""), query.options.get("over", "")
    for flag, name in ("by", by), ("split", split):
        if name and name not in DIMENSIONS:
            raise UsageError(f"--{flag} is one of {', '.join(DIMENSIONS)}, not '{name}'.")
    if over and over not in OVER:
        raise UsageError(f"--over is {', '.join(OVER[:-1])} or {OVER[-1]}, not '{over}'.")
    if split == by:
        raise UsageError(f"--split {split} is --by {by}: take another.")
    return by, split, over


def _of_requests(ledger: Ledger, query: Query, by: str, split: str, over: str) -> Cells:
    """(period, names by dimension, [requests, tokens, nanos, unpriced tokens]), in parts."""
    where = Filter(query.since, query.until, query.project, query.model, _session(ledger, query))
    text, wanted = ledger.text, [name for name in (by, split) if name]
    period = _periods(query, over)
    provisional = questions.provisional(ledger) if {"branch", "skill"} & set(wanted) else frozenset()
    if {"branch", "skill"} & set(wanted):
        found = questions.requests_across(ledger, where.without(provisional), over=bool(over))
    else:
        found = questions.usage_across(ledger, where, over=bool(over), sessions="session" in wanted)
    if provisional:  # which branch and skill theirs were is not known
        found = chain(found, questions.usage_across(ledger, where.only(provisional), over=bool(over), sessions=True))
    for quarter, session, project, model, branch, skill, requests, tokens, nanos, unpriced in found:
        numbers = {"session": session, "project": project, "model": model, "branch": branch, "skill": skill}
        names = {name: text(numbers[name]) if numbers[name] else "" for name in wanted}
        yield period(quarter * _QUARTER), names, [requests, tokens, nanos, unpriced]
    for at, project, session, nanos, _ in questions.beyond_by_run(ledger, where, projects=True):
        known = {"project": text(project), "session": text(session)}
        yield period(at), {name: known.get(name, _UNLOGGED) for name in wanted}, [0, 0, nanos, 0]


def _of_causes(ledger: Ledger, sums: Sums, by: str, split: str) -> Cells:
    """The same of line items; how many requests is not told of a cause."""
    wanted = [name for name in (by, split) if name]
    unpriced = questions.unpriced_since(ledger, 0)
    for (model, *names), (tokens, nanos) in sums.items():
        free = tokens if model in unpriced else 0
        yield "", dict(zip(wanted, map(str, names), strict=True)), [0, tokens, nanos, free]


def _tally(ledger: Ledger, by: str, split: str) -> Tally:
    """How they are counted: (tokens, nanodollars) by model and by what is asked for."""
    for name in by, split:
        if name in ("branch", "skill"):
            raise UsageError(f"{name} is known of requests, not of causes: --split one of {', '.join(OF_CAUSES)} with"
                             " project, model or session.")  # fmt: skip
    projects = {row[1]: row[2] for row in questions.sessions(ledger)}
    wanted = [name for name in (by, split) if name]

    def count(lines: Iterable[Line], agents: Agents) -> Sums:
        from lineitem.reports.session import parts

        types = {(str(row[0]), str(row[1])): str(row[2]) or "agent" for row in agents}
        sums: Sums = {}
        for line in lines:
            names = [_named(name, line, types, projects) for name in wanted]
            if "part" not in wanted:
                add(sums, [((line.model, *names), (sum(line.tokens), line.nanos))])
                continue
            place = wanted.index("part")
            for part, nanos, *tokens in parts(line):
                names[place] = part
                add(sums, [((line.model, *names), (sum(tokens), nanos))])
        return sums

    return of_lines(("explore", by, split), count)


def _named(name: str, line: Line, types: dict[tuple[str, str], str], projects: dict[str, str]) -> str:
    if name == "kind":
        return str(line.kind)
    if name == "cause":
        return str(line.cause)
    if name == "tool":
        return line.cause.split("/", 2)[1] if line.kind == "tool" and "/" in line.cause else ""
    if name == "server":
        part = [*line.cause.split("/", 2), ""][1]
        found = part.startswith("mcp__") and line.kind in ("tool", "schemas")
        return part[5:].partition("__")[0] if found else ""
    if name == "agent":
        return types.get((line.session, line.thread), "agent") if line.thread else ""
    if name == "project":
        return projects.get(line.session, "")
    return {"session": line.session, "model": line.model or _UNLOGGED}.get(name, "")


def _rows(cells: Cells, by: str, split: str, over: str) -> list[dict[str, Any]]:
    sums: dict[tuple[str, ...], list[int]] = {}
    wanted = [name for name in (by, split) if name]
    for period, names, counted in cells:
        key = (period, *(names[name] or _REST.get(name, "(none)") for name in wanted))
        known = sums.get(key)
        if known is None:
            sums[key] = list(counted)
        else:
            for place, count in enumerate(counted):
                known[place] += count
    ordered = sorted(sums.items(), key=lambda each: (each[0][0] if over else "", -each[1][2], each[0]))
    return [
        {
            **({"period": key[0]} if over else {}), **dict(zip(wanted, key[1:], strict=True)),
            "requests": requests, "totalTokens": tokens, "unpricedTokens": unpriced,
            "totalCost": dollars(nanos), "costNanos": nanos,
        }
        for key, (requests, tokens, nanos, unpriced) in ordered
    ]  # fmt: skip


def _periods(query: Query, over: str) -> Callable[[int], str]:
    """The label of the period a moment lies in."""
    first = query.options.get("start_of_week", "sunday")

    def label(at: int) -> str:
        date = query.zone.date(at)
        return day_label(date) if over == "day" else month_label(date) if over == "month" else week_label(date, first)

    return label if over else lambda _: ""


def _session(ledger: Ledger, query: Query) -> int | None:
    return ledger.find_name(query.session) if query.session else None

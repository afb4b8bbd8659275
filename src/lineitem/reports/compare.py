"""Before and after: what sessions, prompts and days cost in two ranges, and whether the difference may be chance."""

from __future__ import annotations

from lineitem.core.periods import date_of, days_of, label, parse_since, parse_until
from lineitem.core.problems import UsageError
from lineitem.insights.change import change, sentence
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.by_day import by_day
from lineitem.reports.query import NEVER
from lineitem.reports.shapes import COUNT, MONEY, SHARE, TEXT, Column, Table
from lineitem.reports.trend import change_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query

    Range = tuple[int, int]

#: Days on each side of a marker.
_DAYS = 30
_CAUTION = (
    "Neighbouring days are alike, so among days chance makes differences more often than is said here; how much was"
    " worked is in them, too."
)


def compare(ledger: Ledger, query: Query) -> Table:
    """One row for sessions, one for prompts (of all models), one for days."""
    ranges = _ranges(query)
    when = "since then" if query.options.get("marker") else "in the second range"
    unpriced = _unpriced(ledger, query)
    sides: list[dict[str, list[int]]] = []
    across: set[int] = set()
    for since, until in ranges:
        sessions, cut = _sessions(ledger, query, since, until, unpriced)
        across |= cut
        sides.append({
            "session": sessions,
            "prompt": _prompts(ledger, query, since, until, unpriced),
            "day": _days(ledger, query, since, until),
        })  # fmt: skip
    rows: list[dict[str, Any]] = []
    for measure, name in (("session", "Sessions"), ("prompt", "Prompts"), ("day", "Days")):
        if measure == "prompt" and query.model:
            continue  # what a prompt led to is not kept by model
        found = change(sides[0][measure], sides[1][measure])
        rows.append({"measure": measure, **change_json(found), "text": sentence(found, name, when)})
    notes = [row["text"] for row in rows]
    if rows[-1]["chance"] is not None:
        notes.append(_CAUTION)
    if across:
        notes.append(f"Sessions that reach over an end of a range belong to neither: {len(across):,} are left out.")
    if unpriced:
        notes.append(f"Sessions without a price for all they used are left out: {len(unpriced):,}.")
    named = [_named(query, since, until) for since, until in ranges]
    head = {"before": named[0], "after": named[1], "sessionsAcross": len(across), "sessionsUnpriced": len(unpriced)}
    title = f"{_said(named[0])}, then {_said(named[1])}"
    return Table("comparison", title, _COLUMNS, rows, head=head, notes=notes)


_COLUMNS = (
    Column("measure", "Cost of a", TEXT),
    Column("valuesBefore", "Before", COUNT),
    Column("valuesAfter", "After", COUNT),
    Column("medianBeforeNanos", "Median before", MONEY, wide=True),
    Column("medianAfterNanos", "Median after", MONEY, wide=True),
    Column("meanBeforeNanos", "Mean before", MONEY),
    Column("meanAfterNanos", "Mean after", MONEY),
    Column("changeShare", "Change", SHARE),
    Column("lowShare", "from", SHARE, wide=True),
    Column("highShare", "to", SHARE, wide=True),
    Column("chance", "By chance", SHARE),
)


def _ranges(query: Query) -> tuple[Range, Range]:
    """The range before and the one after, half-open; neither reaches beyond now."""
    zone, options = query.zone, query.options
    if options.get("marker"):
        if query.ranged or options.get("with"):
            raise UsageError("Either --marker, or --since and --until with --with.")
        count = options.get("days", str(_DAYS))
        if not count.isdecimal() or not 0 < int(count) < 10_000:
            raise UsageError(f"--days is a number of days, not '{count}'.")
        marker = parse_since(options["marker"], zone, query.now)
        day = days_of(*zone.date(marker))
        first = zone.start(*date_of(day - int(count))), marker
        second = marker, zone.start(*date_of(day + int(count)))
    else:
        start, dots, end = str(options.get("with", "")).partition("..")
        if not query.ranged or not dots:
            raise UsageError(
                "Say what to compare: --marker 2026-08-01, or --since 2026-07-01 --until 2026-07-31"
                " --with 2026-08-01..2026-08-31."
            )
        first = query.since, min(query.until, query.now)
        second = (parse_since(start, zone, query.now) if start else 0,
                  parse_until(end, zone, query.now) if end else query.now)  # fmt: skip
    second = second[0], min(second[1], query.now)
    for since, until in first, second:
        if until <= since:
            raise UsageError("One of the two ranges is empty: it ends before it begins, or begins in the future.")
    if first[0] < second[1] and second[0] < first[1]:
        raise UsageError("The two ranges overlap: what is in both cannot tell them apart.")
    return first, second


def _unpriced(ledger: Ledger, query: Query) -> set[int]:
    """Sessions that used what has no price: what they cost is not known."""
    where = Filter(0, NEVER, query.project, query.model)
    return {row[0] for row in questions.usage_by_session(ledger, where) if row[10]}


def _sessions(ledger: Ledger, query: Query, since: int, until: int, unpriced: set[int]) -> tuple[list[int], set[int]]:
    """(what sessions wholly inside a range cost, sessions that reach over one of its ends)."""
    inside, cut = questions.straddling(ledger, Filter(since, until, query.project))
    where = Filter(0, NEVER, query.project, query.model)
    costs: dict[int, int] = {}
    for session, _, *sums in questions.usage_by_session(ledger, where):
        costs[session] = costs.get(session, 0) + sums[7]
    for _, _, session, nanos, _ in questions.beyond_by_run(ledger, where):
        costs[session] = costs.get(session, 0) + nanos
    found = [costs[session] for session in inside if session in costs and session not in unpriced]
    return found, {session for session in cut if session in costs}


def _prompts(ledger: Ledger, query: Query, since: int, until: int, unpriced: set[int]) -> list[int]:
    """What prompts of a range cost, with the agents they led to."""
    names = {ledger.text(session) for session in unpriced}
    where = Filter(since, until, query.project)
    return [
        nanos + agents
        for session, _, _, _, _, requests, nanos, agents in questions.prompts(ledger, where)
        if requests and session not in names
    ]


def _days(ledger: Ledger, query: Query, since: int, until: int) -> list[int]:
    """What the whole days of a range cost, from the first day with any use on."""
    zone = query.zone
    found = by_day(ledger, query, 0, NEVER)
    first = found.first()
    if first is None:
        return []
    begin = days_of(*zone.date(since)) if since else first
    begin += zone.start(*date_of(begin)) < since
    return found.row(max(begin, first), days_of(*zone.date(until)))


def _named(query: Query, since: int, until: int) -> dict[str, Any]:
    """A range by its first and last day."""
    return {
        "since": label(query.zone.date(since)) if since else None,
        "until": label(query.zone.date(until - 1)),
    }


def _said(named: dict[str, Any]) -> str:
    return f"{named['since'] or 'The beginning'} to {named['until']}"

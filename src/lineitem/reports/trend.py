"""Session over session: whether a project's sessions get dearer or cheaper."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.core.problems import UsageError
from lineitem.insights.change import change, sentence
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.query import NEVER
from lineitem.reports.shapes import COUNT, MONEY, SHARE, TEXT, TIME, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.insights.change import Change
    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query

#: Sessions shown per project; those before that a session is held against, and how many there must be.
_SHOWN, _BEFORE, _FEWEST = 10, 20, 3


def trend(ledger: Ledger, query: Query) -> Table:
    """The last sessions of each project, earliest first, each against the median of the ones before it."""
    shown = query.options.get("latest", str(_SHOWN))
    if not shown.isdecimal() or not int(shown):
        raise UsageError(f"--last is a number of sessions, not '{shown}'.")
    since = iso(query.since)
    projects: dict[str, list[dict[str, Any]]] = {}
    for row in _sessions(ledger, query):
        projects.setdefault(row["project"], []).append(row)
    rows: list[dict[str, Any]] = []
    trends = []
    for project in sorted(projects):
        past = projects[project]
        for place, row in enumerate(past):
            _held_against(row, [one["costNanos"] for one in past[max(0, place - _BEFORE) : place] if _priced(one)])
        within = sum(row["lastActivity"] >= since for row in past)
        if not within:
            continue
        begin = len(past) - min(within, int(shown))
        latest, before = past[begin:], past[max(0, begin - max(_BEFORE, int(shown))) : begin]
        rows += reversed(latest) if query.descending else latest
        trends.append(_trend(project, before, latest))
    notes = []
    if len(trends) == 1:
        notes = [trends[0]["text"]]
    elif trends:
        notes = ["Whether a change may be chance is said for one project alone: --project NAME."]
    return Table("trend", "Session over session", _COLUMNS, rows, tail={"trends": trends}, notes=notes,
                 empty="No session in this range.")  # fmt: skip


_COLUMNS = (
    Column("project", "Project", TEXT),
    Column("sessionId", "Session", TEXT),
    Column("lastActivity", "Last", TIME, wide=True),
    Column("prompts", "Prompts", COUNT),
    Column("promptNanos", "Per prompt", MONEY),
    Column("cacheHitShare", "Cache hits", SHARE),
    Column("costNanos", "Cost", MONEY),
    Column("usualNanos", "Usual", MONEY, wide=True),
    Column("changeShare", "Against usual", SHARE),
)


def _sessions(ledger: Ledger, query: Query) -> list[dict[str, Any]]:
    """A row a session that ended before the range does, with all it ever cost; earliest first."""
    where = Filter(0, NEVER, query.project, query.model)
    sums: dict[int, list[int]] = {}
    for session, _, *used in questions.usage_by_session(ledger, where):
        known = sums.setdefault(session, [0] * 9)
        for index, count in enumerate(used):
            known[index] += count
    beyond: dict[int, int] = {}
    for _, _, session, nanos, _ in questions.beyond_by_run(ledger, where):
        beyond[session] = beyond.get(session, 0) + nanos
    prompts: dict[str, int] = {}
    for name, _, _, _, _, requests, *_ in questions.prompts(ledger, Filter(0, NEVER, query.project)):
        prompts[name] = prompts.get(name, 0) + bool(requests)
    rows = []
    for number, name, project, _, last_at, *_ in sorted(questions.sessions(ledger), key=lambda row: (row[4], row[1])):
        if number not in sums or last_at >= query.until:
            continue
        requests, uncached, _, write5, write1, read, _, nanos, unpriced = sums[number]
        nanos += beyond.get(number, 0)
        asked, sent = prompts.get(name, 0), uncached + write5 + write1 + read
        rows.append({
            "project": project, "sessionId": name, "lastActivity": iso(last_at), "requests": requests,
            "prompts": asked, "costNanos": nanos, "totalCost": dollars(nanos), "unpricedTokens": unpriced,
            "promptNanos": nanos // asked if asked and not unpriced else None,
            "cacheHitShare": read / sent if sent else None,
        })  # fmt: skip
    return rows


def _priced(row: dict[str, Any]) -> bool:
    return not row["unpricedTokens"]


def _held_against(row: dict[str, Any], before: list[int]) -> None:
    usual = _median(before) if len(before) >= _FEWEST else None
    row["usualNanos"] = usual
    row["changeShare"] = (row["costNanos"] - usual) / usual if usual and _priced(row) else None


def _median(values: list[int]) -> int:
    ranked = sorted(values)
    return (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) // 2


def _trend(project: str, before: list[dict[str, Any]], latest: list[dict[str, Any]]) -> dict[str, Any]:
    found = change(*([row["costNanos"] for row in side if _priced(row)] for side in (before, latest)))
    count = found.after.values
    last = "the last session" if count == 1 else f"the last {count} sessions"
    said = sentence(
        found, f"Against the {found.before.values} before, {last}" if found.before.values else last.capitalize()
    )
    return {"project": project, **change_json(found), "text": said}


def change_json(found: Change) -> dict[str, Any]:
    """A change under its JSON names; shares are of the mean before."""

    def share(thousandths: int | None) -> float | None:
        return None if thousandths is None else thousandths / 1000

    def chance(millionths: int | None) -> float | None:
        return None if millionths is None else millionths / 1_000_000

    return {
        "valuesBefore": found.before.values, "valuesAfter": found.after.values,
        "meanBeforeNanos": found.before.mean, "meanAfterNanos": found.after.mean,
        "medianBeforeNanos": found.before.median, "medianAfterNanos": found.after.median,
        "differenceNanos": found.difference, "changeShare": share(found.thousandths),
        "lowShare": share(found.low), "highShare": share(found.high),
        "chance": chance(found.chance), "medianChance": chance(found.median_chance),
        "significant": found.significant if found.chance is not None else None,
    }  # fmt: skip

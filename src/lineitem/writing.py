"""Asks the questions of a written report, each as its own command asks it: a ledger becomes a `Written`.

Always: every figure comes from the report of that name; here it is only decided which are asked, and of what.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from lineitem.core.periods import DAY_MS, date_of, day_label, days_of, month_label, parse_date, week_label
from lineitem.reports import written
from lineitem.reports.calls import dearest, dearest_tally
from lineitem.reports.query import Query
from lineitem.reports.shapes import COUNT, MONEY, TEXT, TIME, TOKENS, Column, Table
from lineitem.reports.written import Section, Written, narrowed, table_section, veiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lineitem.reports.tally import Tally
    from lineitem.wiring import Lineitem

    Veil = Callable[[Any], Any] | None

#: Rows of a long list that are written down; periods shown beside the one that is meant.
_ROWS, _MANY, _WEEKS, _MONTHS = 15, 200, 8, 12
_LIST = "list prices; an invoice may differ"
_OVERLAP = (
    "A prompt's cost is that of its requests and its agents'; a tool call's is that of its whole life. The two overlap."
)
_TOKENS = ("requests", "totalTokens", "costNanos")


class Range(NamedTuple):
    """A day, week or month: its label, its first instant, the first after it, the first of the one before."""

    label: str
    since: int
    until: int
    before: int


class Asking:
    """One ledger, one range or session, one audience; `veil` hides names and amounts where that was asked for."""

    def __init__(self, lineitem: Lineitem, query: Query, audience: str, veil: Veil = None) -> None:
        self.lineitem, self.query, self.audience, self.veil = lineitem, query, audience, veil

    def about(self, **options: str) -> Query:
        """The question anew: reports may write into the one they are given."""
        made = Query(self.query.zone, self.query.now)
        made.since, made.until, made.session = self.query.since, self.query.until, self.query.session
        made.project, made.model, made.options = self.query.project, self.query.model, options
        return made

    def ask(self, name: str, **options: str) -> Table:
        """The table of a command."""
        return self.shown(self.lineitem.report(name, self.about(**options)))

    def shown(self, table: Table) -> Table:
        return veiled(table, self.veil)

    def reads(self, section: str) -> bool:
        return written.reads(self.audience, section)

    def causes(self) -> Section | None:
        """The bill by kind of cause."""
        return table_section("causes", "Cost", self.by_kind(), said=[(f"These are {_LIST}.",)])

    def by_kind(self) -> Table:
        known = self.lineitem.report("models", self.about())
        return self.shown(written.by_kind(self.lineitem.tallied(self.about(), written.kind_tally()), known))

    def dearest(self) -> tuple[Table, int]:
        """(the tool calls, all of them only where they are read one by one; how many there are)."""
        if self.reads("tools"):
            every = self.ask("calls")
            return every, len(every.rows)
        table, made = dearest(self.lineitem.tallied(self.about(), dearest_tally(_ROWS)), _ROWS)
        return self.shown(table), made

    def tallies(self) -> list[Tally]:
        """What the report of a range counts, so that its line items are looked up once."""
        found = [written.kind_tally(), self.lineitem.efficiency_tally(self.about(by="day"))]
        if self.reads("skills"):
            found.append(self.lineitem.rollup_tally("agents"))
        return found if self.reads("tools") else [*found, dearest_tally(_ROWS)]

    def advice(self) -> list[dict[str, Any]]:
        """What to change; of a range, by the sessions that were last active in it."""
        return self.shown(self.lineitem.advice(self.about())).rows if self.reads("recommendations") else []

    # -- sections that sessions and periods share

    def efficiency(self) -> tuple[dict[str, Any], list[Section | None]]:
        """(the totals, the sections on models and work)."""
        table = self.shown(self.lineitem.efficiency(self.about(by="session" if self.query.session else "day")))
        totals: dict[str, Any] = table.totals or {}
        below = {inner.key: inner for inner in table.below}
        sections: list[Section | None] = []
        if "models" in below:
            sections.append(table_section("models", "Models", below["models"]))
        if "operations" in below:
            work = table_section("work", "Usage patterns", below["operations"],
                                 said=[("The kind of work is told from the tools a prompt used.",)])  # fmt: skip
            sections.append(work)
        if table.rows:
            sections.append(written.efficiency(totals))
        return totals, sections

    def tools(self, calls: Table) -> list[Section | None]:
        """For security: what was run on what, servers, what would leave."""
        if not self.reads("tools"):
            return []
        servers = [row for row in self.ask("mcp").rows if not row.get("remainder")]
        columns = [Column("server", "Server", TEXT), Column("calls", "Calls", COUNT)]
        egress = written.channels(self.lineitem.egress())
        said = () if egress.rows else (("Nothing of lineitem leaves this machine: no channel is set.",),)
        every = written.tools_run(calls.rows)
        ran = narrowed(every, (column.key for column in every.columns), 0 if self.query.session else _MANY)
        how: list[Any] = []
        if len(ran.rows) < len(every.rows):
            how.append(
                ("The ", (COUNT, _MANY), " most often of ", (COUNT, len(every.rows)), "; `lineitem calls` has all.")
            )
        return [
            table_section("tools", "Tools that were run", ran, said=how),
            table_section("servers", "MCP servers", Table("servers", "", columns, servers)),
            None
            if self.veil
            else Section("left", "What leaves this machine", [egress] if egress.rows else [], said=said),
        ]


# -- one session


def of_session(asking: Asking, text: str, git: Section | None = None) -> Written:
    """The report of the session whose id begins with `text`."""
    with asking.lineitem.remembering():
        return _session(asking, text, git)


def _session(asking: Asking, text: str, git: Section | None) -> Written:
    lineitem, veil = asking.lineitem, asking.veil
    number = lineitem.session_number(text)
    name = asking.query.session = lineitem.ledger.text(number)
    bill = lineitem.session(name, asking.about()).json()
    if veil is not None:
        bill = veil(bill)
    listed: dict[str, Any] = next(
        (row for row in asking.ask("session").rows if row["sessionId"] == bill["sessionId"]), {}
    )
    calls, prompts = asking.ask("calls"), asking.ask("prompts")
    totals, work = asking.efficiency()
    findings = asking.shown(lineitem.anomalies(asking.about()))
    facts = {key: bill[key] for key in ("sessionId", "projectPath", "firstActivity", "lastActivity")}
    facts["durationMs"] = _between(bill["firstActivity"], bill["lastActivity"])
    facts |= {key: totals[key] for key in ("activeMs", "prompts", "requests") if key in totals}
    facts |= {key: listed[key] for key in ("totalTokens", "modelsUsed", "unpricedTokens") if key in listed}
    facts["branches"] = [row["branch"] for row in asking.ask("branches").rows if not row.get("remainder")]
    facts |= {key: bill[key] for key in ("totalCost", "costNanos", "loggedNanos", "unloggedNanos", "provisional")}
    rot = asking.shown(lineitem.rot(name, asking.about()))
    missed = written.misses(bill)
    sections = [
        written.overview(facts),
        git,
        table_section("causes", "Cost", asking.by_kind(), missed, said=[(f"These are {_LIST}.",)]),
        *work[:1],
        *work[1:2],
        table_section("calls", "The dearest operations", narrowed(calls, _CALL, _ROWS), said=_of(len(calls.rows))),
        *asking.tools(calls),
        _activity(prompts, calls),
        *work[2:],
        _growth(rot),
        written.findings(findings),
        written.recommendations(
            bill["costNanos"], findings.rows, asking.advice(),
            missed=sum(row["costNanos"] for row in bill["cacheMisses"]),
        ),
        _trend(asking, bill["sessionId"], number),
    ]  # fmt: skip
    title = ("Session ", (TEXT, bill["sessionId"][:8]), " of ", ("project", bill["projectPath"]))
    return Written(written.SESSION, bill["sessionId"], asking.audience, title, sections)


_CALL = ("tool", "target", "generateNanos", "ingestNanos", "carryNanos", "totalNanos")


def _of(many: int) -> list[Any]:
    """How many of how many are shown."""
    return [("The dearest ", (COUNT, _ROWS), " of ", (COUNT, many), ".")] if many > _ROWS else []


def _activity(prompts: Table, calls: Table) -> Section | None:
    table = written.activity(prompts.rows, calls.rows)
    said: list[Any] = [(_OVERLAP,)]
    if len(table.rows) > _MANY:
        said.append(("The first ", (COUNT, _MANY), " of ", (COUNT, len(table.rows)), "."))
    return table_section("activity", "Activity", narrowed(table, (each.key for each in table.columns), _MANY),
                         said=said)  # fmt: skip


def _growth(rot: Table) -> Section | None:
    """What each prompt sent and paid as the session grew."""
    keys = ("prompt", "contextTokens", "newNanos", "carryNanos", "pastNanos", "costNanos")
    said: list[Any] = [("Context is what a prompt's first request sent; past is what earlier prompts had left in it.",)]
    if len(rot.rows) > _MANY:
        said.append(("The first ", (COUNT, _MANY), " of ", (COUNT, len(rot.rows)), "."))
    return table_section("growth", "How it grew", narrowed(rot, keys, _MANY), said=said)


def _trend(asking: Asking, shown: str, number: int) -> Section | None:
    """The session and those of its project before it."""
    if not asking.reads("trend"):
        return None
    from lineitem.ledger import questions

    found = next(row for row in questions.sessions(asking.lineitem.ledger) if row[0] == number)
    query = asking.about(latest="5")
    query.session, query.project, query.until = "", found[2], found[4] + 1
    table = asking.lineitem.report("trend", query)
    table.rows = [row for row in table.rows if row["project"] == found[2]]
    return written.trend(asking.shown(table), shown)


def _between(first: str | None, last: str | None) -> int | None:
    """Milliseconds between two ISO times."""
    if first is None or last is None:
        return None
    return (at(last) - at(first)) if last >= first else None


def at(iso: str) -> int:
    """An ISO time in milliseconds since 1970."""
    span = datetime.fromisoformat(iso) - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return span.days * DAY_MS + span.seconds * 1000 + span.microseconds // 1000


# -- a day, week or month


def of_period(asking: Asking, kind: str, moment: int, first: str = "sunday") -> Written:
    """The dashboard of the week or month a moment lies in, or the paragraph of its day. first: of a week."""
    query = asking.query
    found = range_of(kind, query, moment, first)
    query.since, query.until = found.since, found.until
    if kind == written.DAILY:
        return _day(asking, found)
    with asking.lineitem.remembering():
        return _dashboard(asking, kind, found, first)


def range_of(kind: str, query: Query, moment: int, first: str = "sunday") -> Range:
    """The day, week or month a moment lies in."""
    zone, date = query.zone, query.zone.date(moment)
    if kind == written.DAILY:
        begin = days_of(*date)
        end, label = begin + 1, day_label(date)
        before = begin - 1
    elif kind == written.WEEKLY:
        label = week_label(date, first)
        parsed = parse_date(label)
        assert parsed
        begin = days_of(*parsed)
        end, before = begin + 7, begin - 7
    else:
        year, month, _ = date
        label, begin = month_label(date), days_of(year, month, 1)
        end = days_of(year + month // 12, month % 12 + 1, 1)
        before = days_of(year - (month == 1), (month - 2) % 12 + 1, 1)
    since, until, earlier = (zone.start(*date_of(day)) for day in (begin, end, before))
    return Range(label, since, until, earlier)


def _day(asking: Asking, found: Range) -> Written:
    bill = asking.ask("daily")
    totals = bill.totals or {}
    projects = asking.ask("projects").rows
    models = [row for row in asking.ask("models").rows if not row.get("remainder")]
    query = asking.about()
    query.since, query.until = asking.query.zone.start(*date_of(_day_number(asking, found) - 7)), found.since
    before = asking.shown(asking.lineitem.report("daily", query)).rows
    ahead = _forecast(asking)
    budgets = asking.lineitem.limits.status(asking.about()).tail["exceeded"] if asking.reads("budgets") else 0
    facts: dict[str, Any] = {
        "period": found.label, "totalCost": totals.get("totalCost", 0.0), "costNanos": totals.get("costNanos", 0),
        "requests": totals.get("requests", 0), "totalTokens": totals.get("totalTokens", 0),
        "sessions": len(asking.ask("session").rows), "projects": len(projects),
        "usualNanos": sum(row["costNanos"] for row in before) // len(before) if before else None,
        "project": projects[0]["project"] if projects else None,
        "projectNanos": projects[0]["costNanos"] if projects else None,
        "model": models[0]["model"] if models else None,
        "modelNanos": models[0]["costNanos"] if models else None,
        "findings": len(asking.lineitem.anomalies(asking.about()).rows), "exceeded": budgets,
        "expectedNanos": ahead["expectedNanos"] if ahead else None, "unpricedTokens": totals.get("unpricedTokens", 0),
        "provisional": totals.get("provisional", False),
    }  # fmt: skip
    said = written.paragraph(facts)
    if facts["unpricedTokens"]:
        said.append(((TOKENS, facts["unpricedTokens"]), " tokens have no price and are in no sum."))
    section = Section("day", "", facts=Table("day", "", [], [facts]), said=said)
    return Written(written.DAILY, "", asking.audience, (), [section])


def _day_number(asking: Asking, found: Range) -> int:
    return days_of(*asking.query.zone.date(found.since))


def _forecast(asking: Asking) -> dict[str, Any] | None:
    """The row of the month that is under way; none where another month is looked at."""
    query, zone = asking.about(), asking.query.zone
    now = zone.date(query.now)
    if month_label(zone.date(asking.query.until - 1)) < month_label(now) or asking.query.since > query.now:
        return None
    query.since, query.until = 0, 1 << 62
    rows = asking.shown(asking.lineitem.report("forecast", query)).rows
    return rows[0] if rows else None


_BUDGET = ("name", "during", "usedNanos", "usedTokens", "limit", "usedShare")


def _dashboard(asking: Asking, kind: str, found: Range, first: str) -> Written:
    lineitem, query = asking.lineitem, asking.query
    bill = asking.ask("daily")
    totals: dict[str, Any] = bill.totals or {}
    sessions = asking.ask("session")
    lineitem.count_together(asking.about(by="day"), asking.tallies())
    calls, made = asking.dearest()
    worked, work = asking.efficiency()
    findings = asking.shown(lineitem.anomalies(asking.about()))
    before = asking.about()
    before.since, before.until = found.before, found.since
    earlier = asking.shown(lineitem.report("daily", before))
    last = day_label(query.zone.date(query.until - 1))
    facts = {
        "period": f"{found.label} to {last}" if kind == written.WEEKLY else found.label,
        "sessions": len(sessions.rows), "prompts": worked.get("prompts"),
        "requests": totals.get("requests", 0), "activeMs": worked.get("activeMs"),
        "totalTokens": totals.get("totalTokens", 0), "unpricedTokens": totals.get("unpricedTokens", 0),
        "totalCost": totals.get("totalCost", 0.0), "costNanos": totals.get("costNanos", 0),
        "loggedNanos": totals.get("loggedNanos", 0), "unloggedNanos": totals.get("unloggedNanos", 0),
        "provisional": totals.get("provisional", False),
        "previousNanos": (earlier.totals or {}).get("costNanos") if earlier.rows else None,
    }  # fmt: skip
    sessions.rows.sort(key=lambda row: -row["costNanos"])
    hidden = asking.veil is not None  # limits are words, and who decided is a name
    budgets = None if hidden else lineitem.limits.status(asking.about())
    audit = lineitem.limits.audit(asking.about()) if asking.reads("audit") and not hidden else None
    sections = [
        written.overview(facts),
        _periods(asking, kind, first),
        table_section("days", "Day by day", narrowed(bill, ("date", *_TOKENS[1:]))),
        asking.causes(),
        table_section("projects", "Projects", narrowed(asking.ask("projects"), ("project", *_TOKENS))),
        *work[:2],
        _skills(asking),
        table_section("sessions", "The dearest sessions",
                      narrowed(sessions, ("sessionId", "projectPath", "lastActivity", "costNanos"), _ROWS),
                      said=_of(len(sessions.rows))),
        table_section("calls", "The dearest operations", narrowed(calls, _CALL, _ROWS), said=_of(made)),
        *asking.tools(calls),
        *work[2:],
        written.findings(findings),
        written.recommendations(facts["costNanos"], findings.rows, asking.advice()),
        written.outlook(_forecast(asking)) if query.until > query.now else None,
        table_section("budgets", "Budgets", narrowed(budgets, _BUDGET)) if budgets else None,
        table_section("audit", "What budgets did", audit) if audit else None,
    ]  # fmt: skip
    title = ("The month ", facts["period"]) if kind == written.MONTHLY else ("The week ", facts["period"])
    return Written(kind, "", asking.audience, title, sections)


def _periods(asking: Asking, kind: str, first: str) -> Section | None:
    """The weeks or months up to the one that is meant."""
    from lineitem.reports.over_time import only_last

    query = asking.about(start_of_week=first)
    query.since = 0
    table = asking.shown(asking.lineitem.report(kind, query))
    if not table.rows:
        return None
    only_last(table, _WEEKS if kind == written.WEEKLY else _MONTHS)
    title = "Week by week" if kind == written.WEEKLY else "Month by month"
    return table_section("periods", title, narrowed(table, ("week", "month", "totalTokens", "costNanos")))


def _skills(asking: Asking) -> Section | None:
    """By skill and by type of agent."""
    if not asking.reads("skills"):
        return None
    skills = narrowed(asking.ask("skills"), ("skill", "requests", "costNanos"))
    types: dict[str, dict[str, Any]] = {}
    for row in asking.ask("agents").rows:
        kind = row["agentType"] or row["agent"]
        each = types.setdefault(kind, {"agentType": kind, "agents": 0, "costNanos": 0})
        if row.get("remainder"):
            each["remainder"] = True
        each["agents"] += bool(row["threadId"])
        each["costNanos"] += row["costNanos"]
    rows = sorted(types.values(), key=lambda row: (-row["costNanos"], row["agentType"]))
    columns = [Column("agentType", "Agent"), Column("agents", "Runs", COUNT), Column("costNanos", "Cost", MONEY)]
    totals = {"costNanos": sum(row["costNanos"] for row in rows)}
    return table_section("skills", "Skills and agents", skills, Table("agents", "", columns, rows, totals))


# -- git, where a person asked for it


def git_of(lineitem: Lineitem, text: str) -> dict[str, Any] | None:
    """What git says of a session's own folder while it lasted; None where there is no repository any more."""
    from lineitem.ledger import questions
    from lineitem.reports.spending import folder_of
    from lineitem.sources.history import history

    number = lineitem.session_number(text)
    found = next(row for row in questions.sessions(lineitem.ledger) if row[0] == number)
    return history(folder_of(lineitem.ledger, number), found[3] // 1000, found[4] // 1000)


def latest(lineitem: Lineitem) -> str:
    """The id of the session that was active last."""
    from lineitem.ledger.questions import latest_session

    number = latest_session(lineitem.ledger)
    return lineitem.ledger.text(number) if number is not None else ""


def ongoing(lineitem: Lineitem, started: str) -> str:
    """The id of the session that a program goes on in which was started in the session `started`; '' if unknown.

    That one; but where it has gone quiet and another began after it in its project (`/clear` does that), the latest.
    """
    from lineitem.ledger import questions

    rows = list(questions.sessions(lineitem.ledger))
    own = next((row for row in rows if row[1] == started), None)
    if own is None:
        return ""
    later = [row for row in rows if row[2] == own[2] and row[3] > own[4]]
    found: str = max([own, *later], key=lambda row: row[4])[1]
    return found


def git_section(found: dict[str, Any] | None, audience: str) -> Section:
    """What git says of a session's folder. found: `head` at start and end, `branch` now, `commits` between."""
    if found is None:
        return Section("git", "Git", said=[("The session's folder is not here any more, or is no git repository.",)])
    commits = list(found["commits"])
    columns = [Column("at", "At", TIME), Column("commit", "Commit")]
    if audience == written.SECURITY:
        commits = [{key: value for key, value in row.items() if key != "subject"} for row in commits]
    else:
        columns.append(Column("subject", "Subject"))
    row = {"branch": found["branch"], "atStart": found["atStart"], "atEnd": found["atEnd"], "commits": len(commits)}
    told = [Column("branch", "Branch now"), Column("atStart", "Commit at the start"),
            Column("atEnd", "Commit at the end"), Column("commits", "Commits in between", COUNT)]  # fmt: skip
    facts = Table("git", "", told, [row])
    said = [("By the dates of the commits on the branch that is checked out now.",)]
    return Section("git", "Git", [Table("commits", "", columns, commits)], facts=facts, said=said)

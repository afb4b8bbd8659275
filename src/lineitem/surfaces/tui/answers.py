"""What the screens ask, and what they are answered: values that nobody changes.

In: an opened ledger and what is asked of it. Out: rows as the command line's JSON has them, obscured where that is
wished; no money is worked out here. Each function names the commands that print the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lineitem.core.periods import QUARTER_MS, date_of, days_of, parse_since

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineitem.core.periods import Zone
    from lineitem.reports.itemised import Item
    from lineitem.reports.query import Query
    from lineitem.reports.tree import Tree
    from lineitem.wiring import Lineitem

    Row = dict[str, Any]
    Rows = list[Row]

#: Periods of a timeline.
HOURS, DAYS, WEEKS, MONTHS = "hourly", "daily", "weekly", "monthly"


class Asking(NamedTuple):
    """What all screens are asked of: a query made anew each time, and whether names and amounts are hidden."""

    make: Callable[[], Query]
    incognito: bool = False

    def query(self, *, whole: bool = False) -> Query:
        """What is asked; `whole`: of all time and all there is."""
        query = self.make()
        if whole:
            query.since, query.until, query.project, query.model = 0, 1 << 62, "", ""
        return query

    def today(self) -> Query:
        """The range that was asked for, else today."""
        query = self.make()
        if not query.ranged:
            query.since = parse_since("today", query.zone, query.now)
        return query

    def shown(self, document: Any) -> Any:
        """Rows as they may be seen."""
        if not self.incognito:
            return document
        from lineitem.surfaces.incognito import obscured

        return obscured(document)

    def of(self, kind: str, label: str) -> Asking:
        """The same, of one period of a timeline."""

        def make() -> Query:
            query = self.make()
            since, until = period(kind, label, query.zone)
            query.since, query.until = max(since, query.since), min(until, query.until)
            return query

        return self._replace(make=make)


def period(kind: str, label: str, zone: Zone) -> tuple[int, int]:
    """The first instant of a period of a timeline, and the first after it."""
    year, month, day = int(label[:4]), int(label[5:7]), int(label[8:10] or 1)
    if kind == MONTHS:
        return zone.start(year, month, 1), zone.start(year + month // 12, month % 12 + 1, 1)
    first = days_of(year, month, day)
    begin, end = zone.start(year, month, day), zone.start(*date_of(first + (7 if kind == WEEKS else 1)))
    if kind != HOURS:
        return begin, end
    hour = int(label[11:13])
    inside = [at for at in range(begin, end, QUARTER_MS) if zone.hour(at) == hour]
    return (inside[0], inside[-1] + QUARTER_MS) if inside else (begin, begin)


class Today(NamedTuple):
    """What was spent today, or in the range that was asked for, and what goes on."""

    now: int
    zone: str
    ranged: bool
    tree: Tree
    totals: Row  #: of the days
    hours: Rows
    forecast: Row | None
    budgets: Rows
    limits: Row
    sessions: Rows  #: of those that are live
    calls: Rows
    empty: bool  #: nothing was ever read
    folders: tuple[str, ...]


def today(lineitem: Lineitem, asking: Asking) -> Today:
    """`lineitem today`, `daily`, `hourly`, `forecast`, `budget`, `watch`, `health` and `session`."""
    from lineitem.reports.sessions import sessions as billed

    query = asking.today()
    tree = lineitem.bill(query)
    if asking.incognito:
        from lineitem.surfaces.incognito import obscured_tree

        tree = obscured_tree(tree)
    happening, standing = lineitem.happening(asking.query()), lineitem.standing("", asking.query())
    month = asking.query()
    month.since, month.until = 0, 1 << 62
    forecast = lineitem.report("forecast", month).rows
    live = {row["sessionId"] for row in happening.sessions}
    stands = {row["sessionId"]: row for row in standing.rows if row["sessionId"] in live}
    numbers = {number for name in live if (number := lineitem.ledger.find_name(name)) is not None}
    bills = billed(lineitem.ledger, asking.query(whole=True), numbers).rows if numbers else ()
    used = {row["sessionId"]: row for row in bills}
    sessions = [{**used.get(row["sessionId"], {}), **stands.get(row["sessionId"], {}), **row}
                for row in happening.sessions if _meant(row, query)]  # fmt: skip
    known = {row["sessionId"] for row in sessions}
    calls = [row for row in happening.calls if row["sessionId"] in known]
    return Today(
        query.now, query.zone.name, asking.query().ranged, tree,
        asking.shown(lineitem.report("daily", asking.today()).totals or {}),
        asking.shown(lineitem.report("hourly", asking.today()).rows),
        asking.shown(forecast[0]) if forecast else None,
        asking.shown(lineitem.limits.status(asking.query()).rows),
        standing.head["limits"], asking.shown(sessions), asking.shown(calls), lineitem.empty,
        tuple(lineitem.folders),
    )  # fmt: skip


def _meant(row: Row, query: Query) -> bool:
    """Whether a live session is of the project and the model that are asked for."""
    return query.project.lower() in row["projectPath"].lower() and query.model.lower() in (row["model"] or "").lower()


class Timeline(NamedTuple):
    """The bill by period."""

    kind: str
    lately: bool  #: of the last two days alone, as nobody said otherwise
    now: int
    zone: str
    rows: Rows
    totals: Row


def timeline(lineitem: Lineitem, asking: Asking, kind: str) -> Timeline:
    """`lineitem hourly`, `daily`, `weekly`, `monthly`."""
    query = asking.query()
    lately = kind == HOURS and not query.ranged
    if lately:
        query.since = parse_since("2d", query.zone, query.now)
    table = lineitem.report(kind, query)
    return Timeline(
        kind, lately, query.now, query.zone.name, asking.shown(table.rows), asking.shown(table.totals or {})
    )


class Sessions(NamedTuple):
    """The bill by session."""

    now: int
    zone: str
    rows: Rows
    totals: Row


def sessions(lineitem: Lineitem, asking: Asking) -> Sessions:
    """`lineitem session`."""
    query = asking.query()
    table = lineitem.report("session", query)
    return Sessions(query.now, query.zone.name, asking.shown(table.rows), asking.shown(table.totals or {}))


class Session(NamedTuple):
    """One session: its bill as a tree, its tool calls, its prompts."""

    now: int
    zone: str
    head: Row
    tree: Item
    most: int  #: tool calls of the node that has most: an agent may have more than the session that started it
    models: tuple[str, ...]  #: dearest first
    unpriced: bool
    calls: Rows
    prompts: Rows
    misses: int
    missed: int  #: nanodollars of them
    agents: int


def session(lineitem: Lineitem, asking: Asking, name: str) -> Session:
    """`lineitem session ID`, `calls --session ID`, `rot ID`."""
    from lineitem.reports.itemised import itemised

    query = asking.query(whole=True)
    if asking.incognito:
        name = _real(lineitem, asking, name)
    bill = lineitem.session(name, query)
    prompts = lineitem.rot(name, asking.query(whole=True)).rows
    calls = asking.shown(bill.calls())
    if asking.incognito:
        from lineitem.surfaces.incognito import obscured_bill

        bill = obscured_bill(bill)
    models: dict[str, int] = {}
    for line in bill.lines:
        if line.model:
            models[line.model] = models.get(line.model, 0) + line.nanos
    tree = itemised(bill.lines, bill.agents)
    return Session(
        query.now, query.zone.name, bill.head, tree, _most(tree),
        tuple(sorted(models, key=lambda model: (-models[model], model))), bool(bill.unpriced), calls,
        asking.shown(prompts), *bill.missed(), len(bill.agents),
    )  # fmt: skip


def _most(root: Item) -> int:
    most, todo = 0, [root]
    while todo:
        node = todo.pop()
        most = max(most, node.count)
        todo += [child for child in node.children.values() if child.children]  # type: ignore[misc]
    return most


def _real(lineitem: Lineitem, asking: Asking, name: str) -> str:
    """The session that is shown by this pseudonym; the name itself where it is none."""
    known = [{"sessionId": row["sessionId"]} for row in lineitem.report("session", asking.query(whole=True)).rows]
    hidden = (row["sessionId"] for row in asking.shown(known))
    return next((row["sessionId"] for row, shown in zip(known, hidden, strict=True) if shown == name), name)


class Anomalies(NamedTuple):
    """What stood out, the latest first."""

    now: int
    zone: str
    rows: Rows
    totals: Row


def anomalies(lineitem: Lineitem, asking: Asking) -> Anomalies:
    """`lineitem anomalies`."""
    query = asking.query()
    table = lineitem.anomalies(query)
    return Anomalies(query.now, query.zone.name, asking.shown(table.rows), table.tail["totals"])


class Budgets(NamedTuple):
    """How budgets stand, and what was used of each before."""

    now: int
    zone: str
    rows: Rows
    periods: dict[str, Rows]  #: by the budget's name as it is shown


def budgets(lineitem: Lineitem, asking: Asking) -> Budgets:
    """`lineitem budget` and `lineitem budget status NAME`."""
    query = asking.query()
    rows = lineitem.limits.status(query).rows
    shown = asking.shown(rows)
    periods = {
        seen["name"]: asking.shown(lineitem.limits.history(row["name"], query).rows)
        for row, seen in zip(rows, shown, strict=True)
    }
    return Budgets(query.now, query.zone.name, shown, periods)

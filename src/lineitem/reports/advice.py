"""What to change, and what it would have saved: rows that may be added up, for no nanodollar is in two of them.

Sessions count whole, by the day they were last active. Line items must be made, and looked through (`advising.py`).
"""

from __future__ import annotations

from hashlib import blake2b
from json import dumps, loads
from typing import NamedTuple

from lineitem.core.periods import iso
from lineitem.core.problems import UsageError
from lineitem.insights.advice import advice, rule
from lineitem.insights.backtest import backtest
from lineitem.insights.followed import followed
from lineitem.insights.savings import MEMORY
from lineitem.ledger import questions, savings
from lineitem.ledger.questions import Filter
from lineitem.reports.query import Query
from lineitem.reports.shapes import COUNT, MONEY, SHARE, TEXT, TIME, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from lineitem.ledger.store import Ledger

#: Advice that saves less than one part in so many of the bill is summed up in one row.
_WORTH = 1_000
_MONTH = 30 * 86_400_000
_ADDS_UP = "These may be added up: no dollar is in two of them. All else is taken to have gone the same way."
_SURELY = (
    "The range of a month holds about 80 times of 100: it is how far parts of this history lay from what the rest of it"
    " foretold."
)


class Session(NamedTuple):
    """A session as advice sees it."""

    number: int
    project: str
    first: int
    last: int
    nanos: int


class _Advice:
    """What was found of one kind, subject and project."""

    __slots__ = ("key", "note", "saved", "times", "tokens")

    def __init__(self, key: tuple[str, str, str]) -> None:
        self.key = key
        self.saved: dict[int, int] = {}  # by session
        self.tokens = self.times = 0
        self.note = ""

    @property
    def nanos(self) -> int:
        return sum(self.saved.values())

    @property
    def ident(self) -> str:
        return blake2b("\0".join(self.key).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def report(ledger: Ledger, query: Query) -> Table:
    """One row an advice, dearest first, and below them what became of the advice that was followed."""
    sessions = [one for one in _sessions(ledger, query) if query.since <= one.last < query.until]
    cost = sum(one.nanos for one in sessions)
    found = [each for each in _found(ledger, query, sessions) if each.nanos > 0]
    found.sort(key=lambda each: (-each.nanos, each.key))
    month = _month(sessions, query)
    rows = [_row(each, sessions, cost, month) for each in found if each.nanos * _WORTH >= cost]
    small = [each for each in found if each.nanos * _WORTH < cost]
    if small:
        rows.append(_rest(small, cost))
    if query.options.get("order") == "asc":
        rows.reverse()
    saved = sum(row["savedNanos"] for row in rows)
    totals = {"savedNanos": saved, "savedShare": round(saved / cost, 4) if cost else None, "totalSaved": dollars(saved)}
    columns = [
        Column("id", "Id", TEXT),
        Column("title", "What", TEXT),
        Column("sessions", "Sessions", COUNT, wide=True),
        Column("savedShare", "Share", SHARE),
        Column("savedNanos", "Saved", MONEY),
    ]
    table = Table(
        "advice", "What to change, and what it would have saved", columns, rows, totals,
        head={"costNanos": cost, "totalCost": dollars(cost), "sessions": len(sessions)}, notes=[_ADDS_UP, _SURELY],
        empty="Nothing to advise here: no change would have saved anything.", waiting=not sessions,
    )  # fmt: skip
    table.below = [_followed(ledger, query)]
    return table


def one(ledger: Ledger, query: Query, ident: str) -> Table:
    """The evidence of one advice: what it was found on, dearest first."""
    kind, subject, project = key = named(ledger, query, ident).key
    within = [each for each in _sessions(ledger, query) if query.since <= each.last < query.until]
    sessions = {each.number: each for each in within}
    found = next((each for each in _found(ledger, query, within) if each.key == key), _Advice(key))
    part = query.model.lower()
    rows = []
    for number, model, nanos, body in savings.evidence(ledger, kind, subject):
        session = sessions.get(number)
        if session is None or (project and session.project != project) or part not in ledger.text(model).lower():
            continue
        known = [(saved, what) for saved, what in loads(body) if what]
        for saved, what in known:
            rows.append(_evidence(what, session, ledger, saved))
        if rest := nanos - sum(saved for saved, _ in known):
            rows.append({**_evidence("", session, ledger, rest), "remainder": bool(known)})
    rows.sort(key=lambda row: -row["savedNanos"])
    said = advice(kind, subject, found.note)
    cost = sum(each.nanos for each in within)
    head = {**_row(found, within, cost, _month(within, query)), "rule": rule(kind)}
    columns = [Column("evidence", "Found on", TEXT), Column("sessionId", "Session", TEXT),
               Column("at", "Last active", TIME, wide=True), Column("savedNanos", "Saved", MONEY)]  # fmt: skip
    notes = [said.change, rule(kind), "`lineitem explain` with one of these tells what the call cost, part by part."]
    return Table("evidence", _upper(said.title), columns, rows,
                 {"savedNanos": sum(row["savedNanos"] for row in rows)}, head=head, notes=notes,
                 empty="Nothing of it in this range.", waiting=False)  # fmt: skip


def hide(table: Table, hidden: Mapping[str, Any]) -> None:
    """Tell what `one` gives without a name: `hidden` is its head with a pseudonym for what it is about."""
    table.title, table.notes[0] = _upper(hidden["title"]), hidden["change"]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _evidence(what: str, session: Session, ledger: Ledger, nanos: int) -> dict[str, Any]:
    return {"evidence": what or "the session", "toolUseId": what if what and "/" not in what else None,
            "sessionId": ledger.text(session.number), "project": session.project, "at": iso(session.last),
            "savedNanos": nanos}  # fmt: skip


def named(ledger: Ledger, query: Query, ident: str) -> _Advice:
    """The advice whose id begins so. Raises UsageError."""
    found = [each for each in _found(ledger, query, list(_sessions(ledger, query))) if each.ident.startswith(ident)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"'{ident}' is the beginning of {len(found)} pieces of advice. Give more of the id.")
    raise UsageError(f"No advice is called '{ident}'. `lineitem advice` names them.")


def follow(ledger: Ledger, query: Query, ident: str, now: int) -> _Advice:
    """From now on a person follows this advice; what comes of it is told from then on."""
    found = named(ledger, query, ident)
    if any(known == found.ident for known, _, _ in savings.marks(ledger)):
        raise UsageError(f"{found.ident} is followed already. `lineitem advice --undo {found.ident}` takes that back.")
    kind, subject, project = found.key
    body = {"kind": kind, "subject": subject, "project": project, "filter": query.project, "model": query.model,
            "note": found.note}  # fmt: skip
    with ledger.transaction():
        savings.mark(ledger, found.ident, now, dumps(body, separators=(",", ":")))
    return found


def unfollow(ledger: Ledger, ident: str, now: int) -> str:
    """It is followed no longer; its whole id."""
    known = [name for name, _, _ in savings.marks(ledger) if name.startswith(ident)]
    if len(known) != 1:
        raise UsageError(f"No advice that is followed is called '{ident}'. `lineitem advice` names them.")
    with ledger.transaction():
        savings.unmark(ledger, known[0], now)
    whole: str = known[0]
    return whole


# -- what was found


def _sessions(ledger: Ledger, query: Query) -> Iterable[Session]:
    """The sessions of a project, by time, or the one that is meant; of one model what that cost in them."""
    part = query.project.lower()
    only = ledger.find_name(query.session) if query.session else None
    costs: dict[int, int] | None = None
    if query.model:
        costs = {}
        for row in questions.usage_by_session(ledger, Filter(0, 1 << 62, "", query.model)):
            costs[row[0]] = costs.get(row[0], 0) + row[9]
    names: dict[int, str] = {}
    for number, project, first, last, nanos in savings.sessions(ledger):
        if only not in (None, number):
            continue
        if project not in names:
            names[project] = ledger.text(project)
        if part in names[project].lower() and (costs is None or number in costs):
            yield Session(number, names[project], first, last, nanos if costs is None else costs[number])


def _found(ledger: Ledger, query: Query, sessions: list[Session]) -> list[_Advice]:
    projects = {each.number: each.project for each in sessions}
    part, meant = query.model.lower(), dict[int, bool]()
    found: dict[tuple[str, str, str], _Advice] = {}
    for session, kind, subject, model, nanos, tokens, times, note in savings.savings(ledger):
        if session not in projects:
            continue
        if part:
            if model not in meant:
                meant[model] = part in ledger.text(model).lower()
            if not meant[model]:
                continue
        key = (kind, subject, projects[session] if kind == MEMORY else "")
        known = found.get(key)
        if known is None:
            known = found[key] = _Advice(key)
        known.saved[session] = known.saved.get(session, 0) + nanos
        known.tokens += tokens
        known.times += times
        known.note = max(known.note, note)
    return list(found.values())


def _month(sessions: list[Session], query: Query) -> int:
    """What the last 30 days of the range cost."""
    end = min(query.until, query.now)
    return sum(each.nanos for each in sessions if end - _MONTH <= each.last < end)


# -- rows


def _row(found: _Advice, sessions: list[Session], cost: int, month: int) -> dict[str, Any]:
    kind, subject, project = found.key
    said = advice(kind, subject, found.note)
    saved = found.nanos
    expected = saved * month // cost if cost else 0
    trusted = backtest([(each.nanos, found.saved.get(each.number, 0)) for each in sessions])
    low, high = trusted.around(expected) if trusted else (None, None)
    return {
        "id": found.ident, "kind": kind, "subject": subject, "project": project or None, "title": said.title,
        "change": said.change, "model": found.note or None, "sessions": len(found.saved), "times": found.times,
        "tokens": found.tokens, "savedNanos": saved, "totalSaved": dollars(saved),
        "savedShare": round(saved / cost, 4) if cost else None, "monthNanos": expected, "monthLowNanos": low,
        "monthHighNanos": high,
    }  # fmt: skip


def _rest(small: list[_Advice], cost: int) -> dict[str, Any]:
    saved = sum(each.nanos for each in small)
    title = f"{len(small):,} smaller one{'' if len(small) == 1 else 's'}"
    return {
        "id": None, "kind": None, "subject": None, "project": None, "title": title,
        "change": None, "model": None, "sessions": len({session for each in small for session in each.saved}),
        "times": sum(each.times for each in small), "tokens": sum(each.tokens for each in small), "savedNanos": saved,
        "totalSaved": dollars(saved), "savedShare": round(saved / cost, 4) if cost else None, "monthNanos": None,
        "monthLowNanos": None, "monthHighNanos": None, "remainder": True,
    }  # fmt: skip


def _followed(ledger: Ledger, query: Query) -> Table:
    """What became of the advice that is followed: its sessions before, and those begun since.

    Each mark is judged on what it was made for, whatever is asked for now.
    """
    rows = []
    for ident, since, body in savings.marks(ledger):
        said = loads(body)
        meant = Query(query.zone, query.now)
        meant.project, meant.model = said["filter"], said["model"]
        sessions = list(_sessions(ledger, meant))
        key = (said["kind"], said["subject"], said["project"])
        found = next((each for each in _found(ledger, meant, sessions) if each.key == key), _Advice(key))
        of = [(each, (each.nanos, found.saved.get(each.number, 0))) for each in sessions
              if not said["project"] or each.project == said["project"]]  # fmt: skip
        came = followed([pair for each, pair in of if each.last < since],
                        [pair for each, pair in of if each.first >= since])  # fmt: skip
        rows.append({
            "id": ident, "kind": said["kind"], "subject": said["subject"],
            "model": said["note"] or None,
            "title": advice(said["kind"], said["subject"], said["note"]).title, "since": iso(since),
            "sessions": came.sessions, "expectedNanos": came.expected, "stillNanos": came.still,
            "cameNanos": came.came, "verdict": came.verdict,
        })  # fmt: skip
    columns = [
        Column("id", "Id", TEXT), Column("title", "Followed", TEXT), Column("since", "Since", TIME),
        Column("sessions", "Sessions", COUNT, wide=True), Column("expectedNanos", "Expected", MONEY),
        Column("cameNanos", "Saved", MONEY), Column("verdict", "", TEXT),
    ]  # fmt: skip
    return Table("followed", "What came of advice that is followed", columns, rows)

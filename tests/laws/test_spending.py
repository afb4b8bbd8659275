"""What is used of a budget is the ledger's own sum, counted here a second time, request by request."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from lineitem.core import budgets, scopes
from lineitem.core.budgets import Budget
from lineitem.core.periods import Zone
from lineitem.core.scopes import Scope, fits
from lineitem.core.tags import Tags, from_settings
from lineitem.reports.query import Query
from lineitem.reports.spending import Spent
from tests.laws.examples import examples
from tests.laws.histories import history
from tests.laws.test_conservation import histories, zones
from tests.telling.stores import Books
from tests.telling.transcripts import CWD

RULES: list[dict[str, str]] = [
    {"folder": "/home/dev/shop", "branch": "fix*", "team": "repairs"},
    {"folder": "/home/dev", "department": "sales"},
    {"branch": "fix*", "department": "other"},
]
names = {
    "project": ["shop", "-home*", "nowhere"],
    "model": ["opus", "claude-*5-5", "haiku"],
    "branch": ["main", "fix*"],
    "skill": ["charts"],
    "tool": ["Bash", "Read", "mcp__*"],
    "agent": ["main", "*"],
    "mcp": ["github"],
    "team": ["repairs", "*"],
    "department": ["sales", "other"],
}
FINE = {"tool", "agent", "mcp"}


def books(choices: bytes, folder: Path) -> Books:
    """A store of a history in which people change branches all the time."""
    tale = history(choices)
    for pen in tale.pens.values():
        for number, line in enumerate(pen.lines):
            if isinstance(line, dict) and "gitBranch" in line and number // 5 % 2:
                line["gitBranch"] = "fix/7"
    tale.write(folder)
    made = Books(folder)
    made.read()
    made.fold()
    return made


@st.composite
def some_scopes(draw: st.DrawFn) -> Scope:
    asked = draw(st.sets(st.sampled_from(sorted(names)), max_size=3))
    if asked & FINE:
        asked -= {"branch", "skill", "team", "department"}
    return scopes.parse(f"{name}={draw(st.sampled_from(names[name]))}" for name in sorted(asked))


def counted(store: Books, scope: Scope, tags: Tags, since: int, until: int) -> Spent:
    """The same sum, the long way."""
    text = store.ledger.text
    spent = Spent()
    projects = dict(store.rows("select session, project from session"))

    def belongs(session: int, **more: str) -> bool:
        branch = more.get("branch", "")
        all_names = {
            "project": text(projects[session]),
            "session": text(session),
            **tags.of(CWD, "", branch, {}),
            **more,
        }
        return all(
            name in all_names and any(fits(name, pattern, all_names[name]) for pattern in patterns)
            for name, patterns in scope.terms
        )

    if scope.dimensions & FINE:
        query = Query(Zone("UTC"), until)
        query.since, query.until = since, until
        asked = store.ask()
        types = {(row[0], row[1]): row[2] or "agent" for row in asked.agents()}
        for line in asked.lines(query):
            parts = line.cause.split("/")
            name = parts[1] if len(parts) > 1 else ""
            server = name.split("__")[1] if name.startswith("mcp__") and line.kind in ("tool", "schemas") else ""
            agent = types.get((line.session, line.thread), "agent") if line.thread else "main"
            if belongs(store.number(line.session), tool=name if line.kind == "tool" else "", mcp=server,
                       agent=agent, model=line.model):  # fmt: skip
                spent = spent.plus(line.nanos, sum(line.tokens), 0)
        return spent
    for session, at, model, branch, skill, tokens, nanos in store.rows(
        "select session, at, model, branch, skill, uncached + output + write5 + write1 + read, nanos from request"
        " where counted"
    ):
        if since <= at < until and belongs(session, model=text(model), branch=text(branch), skill=text(skill)):
            spent = spent.plus(nanos or 0, tokens, tokens if nanos is None else 0)
    if not scope.dimensions & {"model", "branch", "skill"}:
        for session, at, nanos in store.rows("select session, at, unlogged + unexplained from run"):
            if since <= at < until and belongs(session):
                spent = spent.plus(nanos, 0, 0)
    return spent


@given(histories, some_scopes(), zones, st.sampled_from(["day", "week", "month", "12h", "3d"]), st.integers(0, 200))
@examples(60, 0.2)
def test_use_is_the_sum_of_what_belongs(choices: bytes, scope: Scope, zone: str, period: str, hours: int) -> None:
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place)) as store:
        first = store.rows("select min(at) from request")[0][0] or 0
        tags = from_settings({"tags": RULES}, "", "/home/dev")
        budget = Budget("b", period, 1, scope=scope)
        since, until = budgets.current(budget, Zone(zone), first + hours * 3_600_000)
        asked = store.ask()
        asked.settings = {"tags": RULES}
        assert asked.limits.spending().total(scope, since, until) == counted(store, scope, tags, since, until)


@given(histories, zones, st.integers(0, 40))
@examples(30, 0.1)
def test_without_terms_it_is_the_bill_of_the_range(choices: bytes, zone: str, days: int) -> None:
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place)) as store:
        first = store.rows("select min(at) from request")[0][0] or 0
        since, until = budgets.current(Budget("b", "month", 1), Zone(zone), first + days * 86_400_000)
        asked, query = store.ask(), Query(Zone(zone), until)
        query.since, query.until = since, until
        totals: dict[str, Any] = asked.report("daily", query).totals or {}
        found = asked.limits.spending().total(Scope(), since, until)
        assert (found.nanos, found.tokens, found.unpriced) == tuple(
            totals[key] for key in ("costNanos", "totalTokens", "unpricedTokens")
        )


@given(histories)
@examples(30, 0.1)
def test_the_tags_of_all_sessions_add_up_to_the_bill(choices: bytes) -> None:
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place)) as store:
        asked = store.ask()
        asked.settings = {"tags": [*RULES, {"team": "nobody"}]}  # then every session has one
        spending = asked.limits.spending()
        whole = spending.total(Scope(), 0, 1 << 50)
        parts = [
            spending.total(scopes.parse([f"team={team}"]), 0, 1 << 50).nanos for team in ("shop", "repairs", "nobody")
        ]
        beyond = sum(row[0] for row in store.rows("select unlogged + unexplained from run"))
        assert sum(parts) == whole.nanos
        assert whole.nanos >= beyond or beyond < 0


zones_changing = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"])


@given(zones_changing, st.sampled_from(["day", "week", "month"]), st.integers(1_600_000_000_000, 1_900_000_000_000))
@examples(400)
def test_periods_follow_each_other_without_a_gap(zone: str, period: str, at: int) -> None:
    budget, here = Budget("b", period, 1), Zone(zone)
    now = budgets.current(budget, here, at)
    assert now.start <= at < now.end
    assert budgets.before(budget, here, now).end == now.start
    assert budgets.current(budget, here, now.end).start == now.end
    assert budgets.current(budget, here, now.end - 1) == now


@given(histories, some_scopes())
@example(
    bytes(13) + b"\x9c\x01\0\0)\x01\0\x97\x01\0\0\0\0\0\xb1\x01\0\0\0\x01" + bytes(27) + b"u",
    Scope(((scopes.AGENT, ("main",)),)),
).via("a session of which nothing is logged")
@examples(60, 0.2)
def test_quarter_hours_add_up_to_the_sum(choices: bytes, scope: Scope) -> None:
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place)) as store:
        asked = store.ask()
        asked.settings = {"tags": RULES}
        spending, until = asked.limits.spending(), 1 << 50
        total = spending.total(scope, 0, until)
        quarters = spending.by_quarter(scope, 0, until)
        assert sum(spent.nanos for _, spent in quarters) == total.nanos
        assert sum(spent.tokens for _, spent in quarters) == total.tokens
        spent = "select at from request where counted union select at from run where unlogged + unexplained <> 0"
        requests = {at // 900_000 for (at,) in store.rows(spent)}
        if scope.dimensions & FINE:
            assert {at // 900_000 for at, spent in quarters if spent.nanos} <= requests

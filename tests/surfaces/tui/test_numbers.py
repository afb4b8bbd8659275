"""What a screen shows is what the command line's JSON says to the same question, and nothing is reckoned in between."""

from __future__ import annotations

import itertools
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.core.periods import Zone
from lineitem.reports.itemised import Item
from lineitem.reports.query import Query
from lineitem.surfaces import numbers, page
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.tui import answers
from lineitem.surfaces.tui.answers import Asking
from lineitem.surfaces.tui.listing import Listing
from lineitem.surfaces.tui.session import tree_cells, tree_widths
from tests.surfaces.answers import shown
from tests.surfaces.tui.stage import NOW, SIZES, Stage, asked, dashboard, opened, play
from tests.telling.stores import Books
from tests.telling.transcripts import Tale, counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIZE = (200, SIZES[200])
ASKING = Asking(asked)


@pytest.fixture
def cli(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The JSON of a command at the moment the example is looked at."""
    monkeypatch.setattr(time, "time", lambda: NOW / 1000)

    def run(*words: str) -> Any:
        where = ["--db", f"sqlite:///{ledger / 'lineitem.sqlite'}", "--config-dir", str(ledger / "claude")]
        out, err = shown(lambda: main([*words, "--json", *where]), 80)
        assert out, err
        return json.loads(out)

    return run


def answered(ledger: Path, *keys: str) -> Any:
    """What a screen was answered, and the rows of its listings."""

    async def act(stage: Stage) -> Any:
        await stage.press(*keys)
        listings = {each.id: [row.cells for row in each.rows] for each in stage.app.screen.query(Listing)}
        return stage.app.screen.answer, listings  # type: ignore[attr-defined]

    return play(dashboard(ledger), SIZE, act)


def texts(cells: Any) -> list[str]:
    return [cell[0] for cell in cells if len(cell) == 2]


def test_the_count_of_an_agent_has_room_where_its_session_has_one_call(tmp_path: Path) -> None:
    """`1,012×` was cut to the width of the session's own `1×`."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    started = {"type": "tool_use", "id": "toolu_a", "name": "Agent", "input": {"subagent_type": "Explore"}}
    pen.answer([started], counts(3, 9_000, 0, 0, 50))
    agent = tale.agent(pen, "finder", card={"agentType": "Explore", "toolUseId": "toolu_a"})
    agent.prompt("look")
    agent.answer(
        [{"type": "tool_use", "id": f"toolu_{number}", "name": "Read", "input": {}} for number in range(1_012)],
        counts(3, 9_000, 0, 0, 50_000),
    )
    pen.result("toolu_a", "found")
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        store.read()
        store.fold()
        answer = answers.session(store.ask(), ASKING, pen.session)
    assert (answer.tree.count, answer.most) == (1, 1_012)
    widths = tree_widths(answer.tree, answer.most, 3)
    todo = [answer.tree]
    while todo:
        node = todo.pop()
        todo += node.items()
        made = tree_cells(node, 0, "", answer.tree)
        assert [page.cells(text) <= width for (text, _), width in zip(made[2:], widths[2:], strict=True)] == [True] * 6


def test_today_is_what_seven_commands_say(ledger: Path, cli: Callable[..., Any]) -> None:
    answer, listings = answered(ledger)
    assert answer.tree.json() == cli("today")
    assert answer.totals == cli("daily", "--since", "today")["totals"]
    assert answer.hours == cli("hourly", "--since", "today")["hourly"]
    assert [answer.forecast] == cli("forecast")["forecast"]
    assert answer.budgets == cli("budget")["budgets"]
    assert answer.limits == cli("health")["limits"]
    live = cli("watch")
    assert answer.calls == live["calls"]
    known = {row["sessionId"]: row for row in cli("session")["sessions"]}
    stands = {row["sessionId"]: row for row in cli("health")["sessions"]}
    for row, said, cells in zip(answer.sessions, live["sessions"], listings["live"], strict=True):
        assert row == {**known[row["sessionId"]], **stands[row["sessionId"]], **said}
        assert numbers.money(said["costNanos"]) in texts(cells)
        assert numbers.tokens(said["contextTokens"]) in texts(cells)


@pytest.mark.parametrize("kind", [answers.DAYS, answers.WEEKS, answers.MONTHS])
def test_a_timeline_is_the_table_of_its_command(ledger: Path, cli: Callable[..., Any], kind: str) -> None:
    answer, listings = answered(ledger, "3", kind[0])
    said = cli(kind)
    assert answer.rows == said[kind]
    assert answer.totals == said["totals"]
    for row, cells in zip(reversed(said[kind]), listings["periods"], strict=True):
        assert {numbers.money(row["costNanos"]), numbers.count(row["requests"])} <= set(texts(cells))


def test_the_hours_are_those_of_the_last_two_days(ledger: Path, cli: Callable[..., Any]) -> None:
    answer, _ = answered(ledger, "3", "h")
    assert answer.rows == cli("hourly", "--since", "2d")["hourly"]


def test_the_sessions_are_those_of_the_command(ledger: Path, cli: Callable[..., Any]) -> None:
    answer, listings = answered(ledger, "2")
    said = cli("session")
    assert answer.rows == said["sessions"]
    assert answer.totals == said["totals"]
    by_cost = sorted(said["sessions"], key=lambda row: row["lastActivity"], reverse=True)
    for row, cells in zip(by_cost, listings["sessions"], strict=True):
        assert {numbers.money(row["costNanos"]), numbers.tokens(row["totalTokens"])} <= set(texts(cells))


def test_the_sessions_of_a_period_are_those_of_its_range(ledger: Path, cli: Callable[..., Any]) -> None:
    answer, _ = answered(ledger, "3", "down", "enter")
    assert answer.rows == cli("session", "--since", "2026-11-01", "--until", "2026-11-01")["sessions"]


def test_one_session_is_what_its_commands_say(ledger: Path, cli: Callable[..., Any]) -> None:
    answer, _ = answered(ledger, "2", "enter")
    said = cli("session", story.SESSION)
    assert answer.head == {key: said[key] for key in answer.head}
    assert answer.tree.total == said["costNanos"]
    assert answer.calls == cli("calls", "--session", story.SESSION)["calls"]
    assert answer.prompts == cli("rot", story.SESSION)["rot"]
    assert answer.misses == len(said["cacheMisses"])
    assert answer.missed == sum(miss["costNanos"] for miss in said["cacheMisses"])


def items(above: Item) -> Iterator[Item]:
    for child in above.items():
        yield child
        yield from items(child)


def test_the_tree_of_a_session_is_its_line_items(ledger: Path, cli: Callable[..., Any]) -> None:
    """At every call, and in every thread, the tree has what the line items of the JSON sum to."""
    answer, _ = answered(ledger, "2", "enter")
    said = cli("session", story.SESSION)["lineItems"]
    calls = {row["toolUseId"]: row for row in cli("calls", "--session", story.SESSION)["calls"]}
    found = [item for item in items(answer.tree) if item.call]
    assert {item.call for item in found} == set(calls)
    for item in found:
        assert item.own == calls[item.call]["selfNanos"]
        assert item.total == calls[item.call]["totalNanos"]
        assert item.carry == calls[item.call]["carryNanos"]
    agents = {item.thread: item for item in items(answer.tree) if item.key.startswith("agent ")}
    for thread, item in agents.items():
        assert item.total == sum(line["costNanos"] for line in said if line.get("threadId") == thread)
    assert len(agents) == len(cli("session", story.SESSION)["agents"])


def test_what_stands_out_and_budgets_are_what_their_commands_say(ledger: Path, cli: Callable[..., Any]) -> None:
    found, _ = answered(ledger, "4")
    assert found.rows == cli("anomalies")["anomalies"]
    assert found.totals == cli("anomalies")["totals"]
    standing, _ = answered(ledger, "5")
    assert standing.rows == cli("budget")["budgets"]
    for name, periods in standing.periods.items():
        assert periods == cli("budget", "status", name)["periods"]


def test_obscured_screens_are_the_obscured_json(ledger: Path, cli: Callable[..., Any]) -> None:
    hidden = ASKING._replace(incognito=True)
    lineitem = opened(ledger, onlooker=True)
    try:
        day = answers.today(lineitem, hidden)
        assert answers.sessions(lineitem, hidden).rows == cli("session", "--incognito")["sessions"]
        shown = answers.sessions(lineitem, hidden).rows
        real = [row["sessionId"] for row in answers.sessions(lineitem, ASKING).rows]
        bill = answers.session(lineitem, hidden, shown[real.index(story.SESSION)]["sessionId"])  # as a person opens it
        rows = answers.anomalies(lineitem, hidden).rows
        kept = answers.budgets(lineitem, hidden)
    finally:
        lineitem.close()
    # each amount of a document is rounded for itself; a tree on a screen still sums
    assert abs(day.tree.root.total - cli("today", "--incognito")["costNanos"]) < 100
    assert bill.calls == cli("calls", "--session", story.SESSION, "--incognito")["calls"]
    assert rows == cli("anomalies", "--incognito")["anomalies"]
    assert kept.rows == cli("budget", "--incognito")["budgets"]
    names = {part for row in bill.calls for part in (row["sessionId"], row["target"])}
    assert not any("shop" in name or story.SESSION in name for name in names)


@pytest.mark.parametrize("options", [("--project", "press"), ("--model", "opus"), ("--since", "2026-10-30")])
def test_what_is_asked_for_is_asked_of_every_screen(
    ledger: Path, cli: Callable[..., Any], options: tuple[str, str]
) -> None:
    from lineitem.surfaces.answering import query_of

    asking = Asking(lambda: query_of({options[0][2:]: options[1], "timezone": "UTC"}, NOW))
    lineitem = opened(ledger, onlooker=True)
    try:
        day, table = answers.today(lineitem, asking), answers.sessions(lineitem, asking)
        rows = answers.anomalies(lineitem, asking)
        days = answers.timeline(lineitem, asking, answers.DAYS)
    finally:
        lineitem.close()
    assert day.tree.json()["costNanos"] == cli("today", *options)["costNanos"]
    assert table.rows == cli("session", *options)["sessions"]
    assert rows.rows == cli("anomalies", *options)["anomalies"]
    assert days.rows == cli("daily", *options)["daily"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "America/New_York"])
def test_a_period_is_what_its_label_says(zone: str) -> None:
    """Clock changes too: the hour that comes twice is one of two hours, a day has 23 or 25."""
    where = Zone(zone)
    made = Query(where, NOW)
    assert answers.period(answers.DAYS, "2026-10-25", where)[1] == answers.period(answers.DAYS, "2026-10-26", where)[0]
    since, until = answers.period(answers.MONTHS, "2026-12", where)
    assert where.date(since) == (2026, 12, 1)
    assert where.date(until) == (2027, 1, 1)
    spans = [answers.period(answers.HOURS, f"2026-10-25 {hour:02d}:00", where) for hour in range(24)]
    whole = answers.period(answers.DAYS, "2026-10-25", where)
    assert spans[0][0] == whole[0]
    assert spans[-1][1] == whole[1]
    assert all(one[1] == two[0] for one, two in itertools.pairwise(spans))
    assert made.zone is where

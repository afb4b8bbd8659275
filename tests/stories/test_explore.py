"""The bill by anything, split by anything: whatever it is cut by, it adds up to the bill of the range."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from lineitem.core.periods import Zone, parse_since, parse_until
from lineitem.core.problems import UsageError
from lineitem.reports.explore import DIMENSIONS, OF_CAUSES, OF_REQUESTS, OVER
from lineitem.reports.query import NEVER, Query
from lineitem.reports.shapes import Table
from tests.telling.language import Story

NOW = 1_795_000_000_000
TOLD = """
    branch main
    prompt 90 chars
    call write=9k out=50 uses Read(a.py)
    result Read(a.py) 4200 chars
    call read=9k write=1500 out=80 uses Agent(Explore)
    agent scout Explore by Agent(Explore)
    prompt 60 chars
    call write=4k out=30 model=haiku
    main
    result Agent(Explore) 300 chars
    branch feat/tax
    wait 30h
    prompt 40 chars
    skill review
    call write=12k out=400 uses mcp__github__get_issue(7)
    result mcp__github__get_issue(7) 900 chars
    call read=12k write=300 out=20
    total 0.40
    session other in -code-till
    prompt 20 chars
    call write=3k out=20 model=sonnet
"""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    told = Story(tmp_path_factory.mktemp("explored"))
    told.tell(TOLD)
    return told


def explored(story: Story, since: str = "", until: str = "", **options: str) -> Table:
    query = Query(Zone("UTC"), NOW)
    query.since = parse_since(since, query.zone, NOW) if since else 0
    query.until = parse_until(until, query.zone, NOW) if until else NEVER
    query.options = options
    return story.store.ask().explore(query)


def bill(story: Story, since: str = "", until: str = "") -> int:
    query = Query(Zone("UTC"), NOW)
    query.since = parse_since(since, query.zone, NOW) if since else 0
    query.until = parse_until(until, query.zone, NOW) if until else NEVER
    return story.store.ask().bill(query).root.total


@pytest.mark.parametrize(("by", "split"), [*((name, "") for name in DIMENSIONS), *permutations(DIMENSIONS, 2)])
@pytest.mark.parametrize("days", [("", ""), ("20261102", "20261102"), ("20261103", "")], ids=str)
def test_it_adds_up_to_the_bill(story: Story, by: str, split: str, days: tuple[str, str]) -> None:
    if {by, split} & {"branch", "skill"} and {by, split} & set(OF_CAUSES):
        with pytest.raises(UsageError, match="is known of requests"):
            explored(story, *days, by=by, split=split)
        return
    table = explored(story, *days, by=by, split=split)
    assert table.totals
    assert sum(row["costNanos"] for row in table.rows) == table.totals["costNanos"] == bill(story, *days) > 0
    assert len({tuple(row[name] for name in (by, split) if name) for row in table.rows}) == len(table.rows)


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("by", OF_REQUESTS)
def test_periods_add_up_to_what_there_is_without_them(story: Story, by: str, over: str) -> None:
    whole, cut = explored(story, by=by), explored(story, by=by, over=over)
    sums: dict[str, int] = {}
    for row in cut.rows:
        sums[row[by]] = sums.get(row[by], 0) + row["costNanos"]
    assert sums == {row[by]: row["costNanos"] for row in whole.rows}
    assert [row["period"] for row in cut.rows] == sorted(row["period"] for row in cut.rows)


def test_names_are_those_of_the_story(story: Story) -> None:
    def names(by: str) -> set[str]:
        return {row[by] for row in explored(story, by=by).rows}

    assert names("project") == {"-home-dev-shop", "-code-till"}
    assert names("branch") >= {"main", "feat/tax"}
    assert names("tool") >= {"Read", "Agent", "mcp__github__get_issue", "(no tool)"}
    assert names("server") == {"github", "(no MCP server)"}
    assert names("agent") == {"main", "Explore"}
    assert names("part") >= {"generate", "ingest", "carry"}
    assert names("kind") >= {"tool", "prompt"}


def test_days_and_models_are_cut_to_the_quarter_hour(story: Story) -> None:
    rows = explored(story, by="model", over="day").rows
    found = {(row["period"], row["model"]) for row in rows if row["requests"]}
    assert found == {
        ("2026-11-02", "claude-opus-5-5"), ("2026-11-02", "claude-haiku-5-5"), ("2026-11-03", "claude-opus-5-5"),
        ("2026-11-03", "claude-sonnet-5-5"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"by": "taste"}, "--by is one of project"),
        ({"by": "tool", "split": "colour"}, "--split is one of project"),
        ({"by": "tool", "split": "tool"}, "take another"),
        ({"by": "model", "over": "hour"}, "--over is day, week or month, not 'hour'."),
        ({"by": "model", "split": "kind", "over": "day"}, "What a kind cost is known of whole sessions"),
    ],
)
def test_what_cannot_be_meant_is_said(story: Story, options: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        explored(story, **options)


def test_the_turns_of_a_session_are_what_its_requests_sent(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.tell("""
        prompt 90 chars
        call write=9k out=50 uses Read(a.py)
        result Read(a.py) 4200 chars
        call read=9k write=1500 out=80
        wait 2h
        prompt 10 chars
        call write=10700 out=30
        compact before 10800
        summary 900 chars
        prompt 10 chars
        call write=2k out=10
    """)
    found = story.store.ask().turns(story.sessions["main"].session).rows
    assert [row["contextTokens"] for row in found] == [9_000, 10_500, 10_700, 2_000]
    assert all(row["contextTokens"] == sum(each["tokens"] for each in row["kinds"]) for row in found)
    assert [row["compactions"] for row in found] == [0, 0, 0, 1]
    assert [bool(row["missReason"]) for row in found] == [False, False, True, False]
    assert sum(row["costNanos"] for row in found) == story.logged()
    assert [row["prompt"] for row in found] == [1, 1, 2, 3]


def test_one_branch_of_the_bill_is_the_one_of_the_whole(story: Story) -> None:
    query = Query(Zone("UTC"), NOW)
    whole = story.store.ask().bill(query).json()["tree"]
    query.options = {"under": "tool/Read"}
    under = story.store.ask().bill(query)
    tool = next(child for child in whole["children"] if child["cause"] == "tool")
    read = next(child for child in tool["children"] if child["cause"] == "tool/Read")
    assert under.root.total == read["totalNanos"]
    assert under.json()["tree"]["children"][0]["children"] == [read]

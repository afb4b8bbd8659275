"""Sessions that grow: what each prompt carried, what fresh sessions would have cost, how the work went."""

from __future__ import annotations

from typing import Any

import pytest

from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.reports.query import Query
from tests.telling.language import Story, story

WRITE, READ, OUT = 5_000, 200, 20_000
NOW = 1_800_000_000_000


def query(**options: str) -> Query:
    made = Query(Zone("UTC"), NOW)
    made.options = dict(options)
    made.model = options.get("model", "")
    return made


def rot(told: Story, session: str = "main", **options: str) -> dict[str, Any]:
    return told.store.ask().rot(told.sessions[session].session, query(**options)).json()


def overall(told: Story, **options: str) -> dict[str, Any]:
    return told.store.ask().rot("", query(**options)).json()


def efficiency(told: Story, **options: str) -> dict[str, Any]:
    return told.store.ask().efficiency(query(**options)).json()


def operations(told: Story) -> dict[str, int]:
    return {row["operation"]: row["costNanos"] for row in efficiency(told)["operations"]}


@story
def test_each_prompt_shows_what_it_carried(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    prompt 200 chars
    call read=9000 write=300 out=50 uses Read(app.py)
    result Read(app.py) 4000 chars
    call read=9300 write=1500 out=50
    """
    document = rot(told)
    first, second = document["rot"]
    assert (first["ordinal"], first["contextTokens"], first["carryNanos"]) == (1, 9_000, 0)
    assert (second["ordinal"], second["contextTokens"], second["requests"]) == (2, 9_300, 2)
    assert second["carryNanos"] == (9_000 + 9_300) * READ
    assert second["pastNanos"] == 2 * 9_000 * READ
    assert second["costNanos"] == (9_000 + 9_300) * READ + 1_800 * WRITE + 100 * OUT
    assert second["cumulativeNanos"] == document["costNanos"] == told.bill()
    assert [row["compactions"] for row in document["rot"]] == [0, 0]


@story
def test_carry_is_that_of_the_line_items(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(app.py)
    result Read(app.py) 4000 chars
    call read=9080 write=1200 out=50 says 100
    prompt 200 chars
    wait 20m
    call write=10400 out=60 uses Bash(pytest)
    result Bash(pytest) 3000 chars
    call read=10400 write=900 out=50 says 100
    prompt 300 chars
    call hour=2000 read=9500 out=50 says 100
    """
    lines = told.lines()
    carried = sum(line.c_nanos + line.r_nanos for line in lines)
    assert sum(row["carryNanos"] for row in rot(told)["rot"]) == carried


@story
def test_the_same_prompts_in_fresh_sessions(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    prompt 200 chars
    call read=9000 write=1000 out=80
    prompt 200 chars
    call read=10000 write=1000 out=80
    """
    apart = rot(told, every="1")
    assert (apart["prompts"], apart["sessions"], apart["startTokens"]) == (3, 3, 9_000)
    one, each = apart["plans"]
    assert (one["sessions"], each["sessions"]) == (1, 3)
    assert one["costNanos"] == told.bill()
    start = 9_000 * WRITE
    assert each["costNanos"] == told.bill() - (9_000 + 10_000) * READ + 2 * start
    assert apart["savedNanos"] == one["costNanos"] - each["costNanos"]
    whole = rot(told, every="3")
    assert (whole["sessions"], whole["freshNanos"]) == (1, told.bill())


@story
def test_a_compaction_is_marked_at_the_prompt_in_which_it_was(told: Story) -> None:
    """
    prompt 200 chars
    call write=60000 out=80
    prompt 200 chars
    call read=60000 write=300 out=50
    compact before 60000
    summary 900 chars
    call write=4000 out=60
    prompt 200 chars
    call read=4000 write=300 out=60
    """
    rows = rot(told)["rot"]
    assert [row["carryNanos"] for row in rows] == [0, 60_000 * READ, 4_000 * READ]
    assert [row["compactions"] for row in rows] == [0, 1, 0]
    assert [row["prompt"] for row in rows] == ["#1", "#2 compacted", "#3"]


@story
def test_agents_belong_to_the_prompt_that_started_them_and_carry_nothing_of_it(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    prompt 200 chars
    call read=9000 write=500 out=80 uses Agent(Explore)
    agent finder Explore by Agent(Explore)
    prompt 300 chars
    call write=6000 out=40 uses Read(app.py)
    result Read(app.py) 4000 chars
    call read=6000 write=1000 out=90
    main
    result Agent(Explore) 800 chars launches finder
    call read=9500 write=300 out=50
    """
    first, second = rot(told)["rot"]
    spent = 7_000 * WRITE + 6_000 * READ + 130 * OUT
    assert second["costNanos"] == spent + 800 * WRITE + (9_000 + 9_500) * READ + 130 * OUT
    assert second["carryNanos"] == (9_000 + 9_500) * READ
    assert first["costNanos"] + second["costNanos"] == told.bill()
    assert operations(told) == {"chat": first["costNanos"], "exploration": second["costNanos"]}


@story
def test_a_fork_carries_the_session_it_began_with(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    prompt 200 chars
    call read=9000 write=1000 out=80
    fork branch
    session branch
    prompt 200 chars
    call read=10000 write=500 out=80
    """
    document = rot(told, "branch")
    (row,) = document["rot"]
    assert row["pastNanos"] == 10_000 * READ
    assert (document["prompts"], document["startTokens"]) == (3, 9_000)
    assert document["costNanos"] == told.bill("branch")


@story
def test_what_no_prompt_led_to_is_the_last_row(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    total 0.0566 opus: in=0 out=80 write=9000 cost=0.0466; haiku: in=5000 out=300 cost=0.01
    """
    *_, last = rot(told)["rot"]
    assert (last["prompt"], last["remainder"], last["contextTokens"]) == ("(no prompt)", True, None)
    for document in rot(told), overall(told):
        assert sum(row["costNanos"] for row in document["rot"]) == told.bill()
        assert sum(row["freshNanos"] for row in document["rot"]) == told.bill()
    assert sum(operations(told).values()) == told.bill()


@story
def test_sessions_stand_by_their_length(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    session other
    prompt 200 chars
    call write=9000 out=80
    prompt 200 chars
    call read=9000 write=300 out=80
    """
    document = overall(told)
    (row,) = document["rot"]
    assert (row["length"], row["sessions"], row["prompts"]) == ("1-10", 2, 3)
    assert row["costNanos"] == told.bill() + told.bill("other")
    assert row["carryNanos"] == row["pastNanos"] == 9_000 * READ
    assert row["contextTokens"] == (9_000 + 9_000 + 9_300) // 3
    (place,) = document["positions"]
    assert (place["position"], place["prompts"]) == ("1-10", 3)


@story
def test_a_range_cuts_sessions_and_their_windows_stay(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    wait 2d
    prompt 200 chars
    call read=9000 write=300 out=80
    """
    later = query()
    later.since = told.store.rows("select max(at) from request")[0][0]
    (row,) = told.store.ask().rot(told.sessions["main"].session, later).json()["rot"]
    assert (row["ordinal"], row["pastNanos"]) == (2, 9_000 * READ)
    assert told.store.ask().efficiency(later).json()["totals"]["costNanos"] == row["costNanos"]


@story
def test_a_session_without_a_price_has_no_cost_a_prompt(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 model=nobody-knows-me
    """
    (row,) = overall(told)["rot"]
    assert (row["costPerPromptNanos"], row["carryShare"], row["unpricedTokens"]) == (None, None, 9_000)
    totals = efficiency(told)["totals"]
    assert (totals["costPerPromptNanos"], totals["costPerHourNanos"]) == (None, None)
    assert totals["unpricedTokens"] == 9_080


@story
def test_time_at_work_leaves_pauses_out(told: Story) -> None:
    """
    prompt 200 chars
    wait 60s
    call write=9000 out=100
    wait 2m
    call read=9000 write=1000 out=100
    wait 3h
    prompt 200 chars
    wait 30s
    call read=10000 write=1000 out=100
    """
    totals = efficiency(told)["totals"]
    minutes = totals["activeMs"] / 60_000
    assert 3.5 <= minutes < 3.7
    assert totals["prompts"] == 2
    assert totals["tokensPerMinute"] == pytest.approx(30_300 / minutes, abs=1)
    assert totals["costPerHourNanos"] == pytest.approx(told.bill() / minutes * 60, rel=1e-6)
    assert totals["costPerPromptNanos"] == told.bill() // 2
    assert totals["cacheHitRate"] == round(19_000 / 30_000, 4)
    assert totals["inputOutputRatio"] == 100.0
    assert efficiency(told, gap="1")["totals"]["activeMs"] < totals["activeMs"]
    assert efficiency(told, gap="600")["totals"]["activeMs"] > 3 * 3_600_000


@story
def test_the_kinds_of_work_add_up_to_the_bill(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    prompt 200 chars
    call read=9000 write=100 out=80 uses Bash(pytest -x)
    result Bash(pytest -x) 900 chars failed
    call read=9100 write=200 out=80 uses Edit(src/a.py)
    result Edit(src/a.py) 90 chars
    call read=9300 write=200 out=80 uses Bash(pytest -q)
    result Bash(pytest -q) 90 chars
    call read=9500 write=200 out=80
    prompt 200 chars
    call read=9700 write=100 out=80 uses Bash(git diff)
    result Bash(git diff) 900 chars
    call read=9800 write=100 out=80 model=haiku
    """
    found = operations(told)
    assert set(found) == {"chat", "debugging", "review"}
    assert sum(found.values()) == told.bill()
    for by in ("day", "week", "month", "project", "session", "model"):
        document = efficiency(told, by=by)
        for rows in (document["efficiency"], document["operations"], document.get("models", document["efficiency"])):
            assert sum(row["costNanos"] for row in rows) == told.bill()
            assert sum(row["activeMs"] for row in rows) == document["totals"]["activeMs"]
            assert sum(row["totalTokens"] for row in rows) == document["totals"]["totalTokens"]
    assert [row["model"] for row in efficiency(told, by="model", model="haiku")["efficiency"]] == ["claude-haiku-5-5"]


@story
def test_what_cannot_be_meant_is_refused(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    """
    ask = told.store.ask()
    for every in ("0", "-1", "many", "²"):
        with pytest.raises(UsageError):
            ask.rot("", query(every=every))
    with pytest.raises(UsageError):
        ask.efficiency(query(by="hour"))
    with pytest.raises(UsageError):
        ask.efficiency(query(gap="0"))


@story
def test_an_empty_range_is_said(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    """
    never = query()
    never.since = NOW
    for table in (told.store.ask().rot("", never), told.store.ask().efficiency(never)):
        assert (table.rows, table.below) == ([], [])
        assert table.json()["schemaVersion"] == 1

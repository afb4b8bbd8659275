"""Advice on sessions that are told: what is found, that it adds up, what its evidence is, what comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.explain import explanation
from lineitem.reports.query import Query
from tests.telling.language import Story, story
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, Pen, Tale, counts

NOW = 1_800_000_000_000
DAY = 86_400_000
TEXT = [{"type": "text", "text": "ok"}]


def query(now: int = NOW, **more: Any) -> Query:
    made = Query(Zone("UTC"), now)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def advice(store: Books, **more: Any) -> dict[str, Any]:
    return store.ask().advice(query(**more)).json()


def kinds(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["kind"]: row for row in document["advice"] if row["kind"]}


@story
def test_a_large_result_is_found_with_its_call(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Bash(npm test)
    result Bash(npm test) 60000 chars
    call read=9000 write=15080 out=50
    prompt 100 chars
    call read=24080 write=100 out=50
    """
    found = kinds(advice(told.store))["results"]
    assert (found["subject"], found["sessions"], found["times"]) == ("Bash npm test", 1, 1)
    part = told.call("Bash(npm test)")
    result = part.tokens - 2 * 80  # written once, and taken in with the answer it stood in
    assert found["savedNanos"] < part.nanos
    assert 0.8 < found["savedNanos"] / (part.nanos * (result - 2_000) / result) < 1.2
    evidence = told.store.ask().advice(query(), found["id"][:5]).json()
    (row,) = evidence["evidence"]
    assert row["savedNanos"] == found["savedNanos"] == evidence["totals"]["savedNanos"]
    known = explanation(told.store.ask(), row["toolUseId"])
    assert known["ingestNanos"] + known["carryNanos"] > row["savedNanos"]


@story
def test_schemas_nobody_called_are_found_and_explained(told: Story) -> None:
    """
    prompt 200 chars
    attach skill_listing 9000 chars
    call write=9000 out=80
    prompt 100 chars
    call read=9000 write=100 out=50
    """
    found = kinds(advice(told.store))["skills"]
    assert found["savedNanos"] == told.cause("skill/listing").nanos
    (row,) = told.store.ask().advice(query(), found["id"]).json()["evidence"]
    assert row["evidence"] == "skill/listing"
    assert explanation(told.store.ask(), row["evidence"])["costNanos"] == row["savedNanos"]


@story
def test_a_cold_hour_is_worth_a_longer_cache(told: Story) -> None:
    """
    prompt 200 chars
    call write=90000 out=80
    wait 30m
    prompt 100 chars
    call write=90180 out=50
    wait 30m
    prompt 100 chars
    call write=90280 out=50
    """
    found = kinds(advice(told.store))["lifetime"]
    assert found["subject"] == "1h"
    assert found["savedNanos"] <= told.bill()


@story
def test_agents_that_only_look_may_be_smaller(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Agent(Explore)
    agent one Explore by Agent(Explore)
    prompt 100 chars
    call write=5000 out=60 uses Read(a.py)
    result Read(a.py) 400 chars
    call read=5000 write=300 out=60
    main
    result Agent(Explore) 300 chars
    call read=9000 write=200 out=50
    """
    found = kinds(advice(told.store))
    assert found["agent-model"]["subject"] == "Explore"
    assert "sonnet" in found["agent-model"]["model"]
    assert 0 < found["agent-model"]["savedNanos"] < told.bill()


@story
def test_a_session_that_only_talks_may_be_smaller_and_one_that_edits_may_not(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=800
    session work
    prompt 200 chars
    call write=9000 out=800 uses Edit(a.py)
    result Edit(a.py) 80 chars
    call read=9000 write=900 out=50
    """
    found = kinds(advice(told.store))["model"]
    assert (found["subject"], found["sessions"]) == ("chat", 1)
    assert found["savedNanos"] == 9_000 * 2_500 + 800 * 10_000  # half of everything: opus 5.5 to sonnet 5.5


@story
def test_a_long_conversation_could_have_been_compacted(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    """
    pen = told.sessions["main"]
    size = 9_000
    for _ in range(30):
        pen.prompt("and now")
        pen.answer(TEXT, counts(0, 15_000, 0, size, 60), model=OPUS)
        size += 15_000
    told.tell("read")
    found = kinds(advice(told.store))["compact"]
    assert 0 < found["savedNanos"] < told.bill()


def test_what_a_session_goes_on_with_is_looked_through_again(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session("s", "-home-dev-shop")
    pen.prompt("go")
    pen.answer(TEXT, counts(0, 9_000, 0, 0, 100), model=OPUS)
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        store.read()
        once = kinds(advice(store))["model"]["savedNanos"]
        tale.at += 60_000
        pen.prompt("again")
        pen.answer(TEXT, counts(0, 100, 0, 9_100, 100), model=OPUS)
        tale.write(tmp_path)
        store.read()
        assert kinds(advice(store))["model"]["savedNanos"] > once


@story
def test_a_range_takes_whole_sessions_by_their_last_day(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=800
    wait 3d
    session new
    prompt 200 chars
    call write=9000 out=400
    """
    whole = advice(told.store)
    at = told.store.rows("select max(first_at) from session")[0][0]
    late = advice(told.store, since=at - 1000)
    assert (whole["sessions"], late["sessions"]) == (2, 1)
    assert late["costNanos"] == told.bill("new")
    assert advice(told.store, until=1)["advice"] == []
    assert advice(told.store, project="nowhere")["costNanos"] == 0
    assert advice(told.store, model="opus")["costNanos"] == whole["costNanos"]
    assert advice(told.store, model="haiku")["advice"] == []


def sessions(tale: Tale, count: int, output: int, thousands: int) -> None:
    """Sessions that do code, each with one large result."""
    for number in range(count):
        pen: Pen = tale.session(f"s{tale.at}{number}", "-home-dev-shop")
        pen.prompt("go")
        call = tale.name("toolu_")
        use = {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": "make all"}}
        pen.answer([use], counts(0, 9_000, 0, 0, output), model=OPUS)
        pen.result(call, "word " * (800 * thousands))
        pen.answer(TEXT, counts(0, output + 1_000 * thousands, 0, 9_000, 50), model=OPUS)
        pen.prompt("on")
        pen.answer(TEXT, counts(0, 200, 0, 9_000 + output + 1_000 * thousands, 50), model=OPUS)
        tale.at += DAY


def test_advice_that_is_followed_is_followed_up(tmp_path: Path) -> None:
    tale = Tale()
    sessions(tale, 20, 100, 12)
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        store.read()
        found = kinds(advice(store))["results"]
        assert found["monthLowNanos"] <= found["monthNanos"] <= found["monthHighNanos"] or not found["monthNanos"]
        said = store.ask().follow_advice(query(tale.at), found["id"][:4])
        assert said == {"id": found["id"], "followed": True}
        with pytest.raises(UsageError, match="followed already"):
            store.ask().follow_advice(query(tale.at), found["id"])
        (row,) = advice(store)["followed"]
        assert (row["verdict"], row["sessions"]) == ("too early to say", 0)
        sessions(tale, 6, 100, 1)
        tale.write(tmp_path)
        store.read()
        (row,) = advice(store)["followed"]
        assert (row["id"], row["verdict"], row["sessions"]) == (found["id"], "it came", 6)
        assert row["cameNanos"] == row["expectedNanos"] > 0
        store.rebuild()
        assert advice(store)["followed"] == [row]
        assert store.ask().unfollow_advice(query(tale.at), found["id"][:6])["followed"] is False
        assert advice(store)["followed"] == []
        with pytest.raises(UsageError, match="No advice that is followed"):
            store.ask().unfollow_advice(query(tale.at), found["id"])


def test_an_id_of_nothing_is_a_sentence(tmp_path: Path) -> None:
    with Books(tmp_path) as store, pytest.raises(UsageError, match="No advice is called 'abc'"):
        store.ask().advice(query(), "abc")


@story
def test_a_session_taken_up_again_hours_later_could_have_begun_anew(told: Story) -> None:
    """
    prompt 200 chars
    call write=20000 out=80
    prompt 100 chars
    call read=20000 write=100000 out=80
    wait 3h
    prompt 100 chars
    call write=120180 out=50
    prompt 100 chars
    call read=120180 write=100 out=50
    """
    document = advice(told.store)
    found = kinds(document)["resume"]
    assert (found["sessions"], found["times"]) == (1, 1)
    assert "lineitem handoff" in found["change"]
    # what was written again, less the start and a summary; what the rules before it took is not there any more
    assert 0 < found["savedNanos"] <= (120_100 - 20_000 - 3_000) * 5_000
    assert found["savedNanos"] > (120_100 - 20_000 - 3_000) * 5_000 * 3 // 4
    assert sum(row["savedNanos"] for row in document["advice"]) <= told.bill()
    bill = told.store.ask().session(told.sessions["main"].session, query()).json()
    (miss,) = bill["cacheMisses"]
    assert (miss["reason"], miss["tokens"] > 119_000) == ("idle beyond the 5-minute cache lifetime", True)
    assert sum(item["costNanos"] for item in bill["lineItems"] if item["part"] == "rewrite") > 119_000 * 5_000


@story
def test_a_pause_that_a_longer_cache_outlasts_is_no_reason_to_begin_anew(told: Story) -> None:
    """
    prompt 200 chars
    call write=20000 out=80
    prompt 100 chars
    call read=20000 write=100000 out=80
    wait 40m
    prompt 100 chars
    call write=120180 out=50
    """
    found = kinds(advice(told.store))
    assert "resume" not in found
    assert "lifetime" in found

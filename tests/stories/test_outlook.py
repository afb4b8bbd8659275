"""Where it ends, where it goes, what a change did: forecast, trend and compare over days that are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.reports.query import Query
from lineitem.reports.shapes import Table
from lineitem.surfaces.incognito import obscured
from tests.telling.language import Story, story
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, START, Tale, counts

DAY = 86_400_000
TEXT = [{"type": "text", "text": "ok"}]
#: Nanodollars of a thousand tokens of output.
THOUSAND = 20_000_000


def worked(tale: Tale, tokens: list[int], project: str = "-home-dev-shop", model: str = OPUS) -> None:
    """A session a day, with so many tokens of output; 0 is a day without use."""
    for number, output in enumerate(tokens):
        if output:
            pen = tale.session(f"{project} {tale.at} {number}", project)
            pen.prompt("go")
            pen.answer(TEXT, counts(0, 0, 0, 0, output), model=model)
        tale.at += DAY


def asked(store: Books, name: str, now: int, **options: str) -> Table:
    query = Query(Zone("UTC"), now)
    query.project, query.model = options.get("project", ""), options.get("model", "")
    query.options = options
    query.descending = options.get("order") == "desc"
    return store.ask().report(name, query)


@pytest.fixture
def tale() -> Tale:
    return Tale()


def kept(tale: Tale, folder: Path) -> Books:
    tale.write(folder)
    store = Books(folder)
    store.read()
    return store


# -- forecast


def test_a_month_of_even_days_ends_where_they_lead(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000] * 14)
    with kept(tale, tmp_path) as store:
        (row,) = asked(store, "forecast", tale.at - 6 * 3_600_000).rows  # the morning of November 16th
    assert (row["period"], row["since"], row["until"]) == ("2026-11", "2026-11-01", "2026-11-30")
    assert (row["costNanos"], row["daysKnown"], row["daysLeft"]) == (14 * THOUSAND, 14, 15)
    assert 24 * THOUSAND < row["lowNanos"] < row["expectedNanos"] < row["highNanos"] < 38 * THOUSAND
    assert row["levelPercent"] == 80


@story
def test_two_days_are_too_few_to_say_anything(one: Story) -> None:
    """
    prompt 20 chars
    call out=1k
    wait 1d
    prompt 20 chars
    call out=1k
    """
    (row,) = asked(one.store, "forecast", START + 2 * DAY).rows
    assert (row["costNanos"], row["daysKnown"]) == (2 * THOUSAND, 2)
    assert (row["expectedNanos"], row["lowNanos"], row["highNanos"]) == (None, None, None)
    assert row["text"] == "Too little is known: 2 whole days since the first use, and 3 are needed."


def test_days_before_the_month_are_known_but_not_spent_in_it(tale: Tale, tmp_path: Path) -> None:
    tale.at = START - 20 * DAY
    worked(tale, [1_000] * 22)
    with kept(tale, tmp_path) as store:
        (row,) = asked(store, "forecast", START + 2 * DAY).rows
    assert (row["costNanos"], row["daysKnown"]) == (3 * THOUSAND, 22)
    assert row["highNanos"] - row["costNanos"] < 45 * THOUSAND


def test_a_week_and_a_budget_of_any_length_have_an_end_as_well(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000] * 14)
    with kept(tale, tmp_path) as store:
        (week,) = asked(store, "forecast", tale.at, by="week", start_of_week="monday").rows
        query = Query(Zone("UTC"), tale.at)
        query.since, query.until = START - 10 * 3_600_000, START - 10 * 3_600_000 + 20 * DAY
        (budget,) = store.ask().report("forecast", query).rows
    assert (week["period"], week["until"], week["costNanos"], week["daysLeft"]) == ("2026-11-16", "2026-11-22", 0, 7)
    assert (budget["period"], budget["daysLeft"]) == ("2026-11-02 to 2026-11-21", 6)
    assert budget["costNanos"] == 14 * THOUSAND


def test_what_is_over_ended_as_it_ended(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000, 0, 2_000])
    with kept(tale, tmp_path) as store:
        query = Query(Zone("UTC"), tale.at + 30 * DAY)
        query.since, query.until = START - 10 * 3_600_000, START + 4 * DAY
        (row,) = store.ask().report("forecast", query).rows
    assert row["costNanos"] == row["lowNanos"] == row["expectedNanos"] == row["highNanos"] == 3 * THOUSAND
    assert (row["daysLeft"], row["text"]) == (0, "This is over: it ended so.")


def test_when_the_day_is_usually_over_by_now_little_is_to_come(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000] * 28)  # each at ten in the morning
    last = START + 28 * DAY  # November 30th
    with kept(tale, tmp_path) as store:
        (before,) = asked(store, "forecast", last - 3_600_000).rows
        (after,) = asked(store, "forecast", last + 3_600_000).rows
    assert after["expectedNanos"] - after["costNanos"] < THOUSAND // 4
    assert before["expectedNanos"] - before["costNanos"] > THOUSAND // 2


def test_a_project_and_a_model_have_forecasts_of_their_own(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000] * 7)
    worked(tale, [3_000] * 7, "-home-dev-depot")
    with kept(tale, tmp_path) as store:
        (shop,) = asked(store, "forecast", tale.at, project="shop").rows
        (depot,) = asked(store, "forecast", tale.at, project="depot").rows
        none = asked(store, "forecast", tale.at, model="haiku")
    assert (shop["costNanos"], shop["daysKnown"]) == (7 * THOUSAND, 14)
    assert (depot["costNanos"], depot["daysKnown"]) == (21 * THOUSAND, 7)
    assert none.rows == []


def test_what_has_no_price_is_said(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000] * 4)
    worked(tale, [1_000], model="claude-unheard-of-9")
    with kept(tale, tmp_path) as store:
        table = asked(store, "forecast", tale.at)
    assert table.rows[0]["unpricedTokens"] == 1_000
    assert any("no price" in note for note in table.notes)


@pytest.mark.parametrize("options", [{"by": "year"}])
def test_what_is_no_period_is_refused(options: dict[str, str], tmp_path: Path) -> None:
    with Books(tmp_path) as store, pytest.raises(UsageError, match="week or month"):
        asked(store, "forecast", START, **options)


def test_a_range_in_the_future_is_refused(tmp_path: Path) -> None:
    query = Query(Zone("UTC"), START)
    query.since = START + 3 * DAY
    with Books(tmp_path) as store, pytest.raises(UsageError, match="future"):
        store.ask().report("forecast", query)


# -- trend


def test_each_session_is_held_against_the_ones_before_it(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000, 2_000, 3_000, 4_000])
    with kept(tale, tmp_path) as store:
        rows = asked(store, "trend", tale.at).rows
    assert [row["costNanos"] for row in rows] == [1 * THOUSAND, 2 * THOUSAND, 3 * THOUSAND, 4 * THOUSAND]
    assert [row["usualNanos"] for row in rows] == [None, None, None, 2 * THOUSAND]
    assert [row["changeShare"] for row in rows] == [None, None, None, 1.0]


def test_a_range_shows_its_sessions_against_those_before_it_as_well(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000, 1_000, 1_000, 2_000, 4_000])
    with kept(tale, tmp_path) as store:
        query = Query(Zone("UTC"), tale.at)
        query.since, query.until = START + 3 * DAY - 3_600_000, START + 4 * DAY - 3_600_000
        (row,) = store.ask().report("trend", query).rows
    assert (row["costNanos"], row["usualNanos"], row["changeShare"]) == (2 * THOUSAND, THOUSAND, 1.0)


@story
def test_a_session_shows_what_a_prompt_costs_and_what_came_from_the_cache(one: Story) -> None:
    """
    prompt 20 chars
    call uncached=0 write=1000 out=1k
    prompt 20 chars
    call uncached=0 write=0 read=3000 out=1k
    """
    (row,) = asked(one.store, "trend", START + DAY).rows
    assert row["prompts"] == 2
    assert row["promptNanos"] == row["costNanos"] // 2
    assert row["cacheHitShare"] == 0.75


def test_projects_have_trends_of_their_own_and_only_the_last_sessions_are_shown(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [4_000, 4_100, 3_900, 4_050, 3_950, 4_000, 2_000, 2_100, 1_900, 2_050, 1_950, 2_000])
    worked(tale, [1_000, 1_000], "-home-dev-depot")
    with kept(tale, tmp_path) as store:
        table = asked(store, "trend", tale.at, latest="6")
        alone = asked(store, "trend", tale.at, latest="6", project="shop", order="desc")
    assert [row["project"] for row in table.rows] == ["-home-dev-depot"] * 2 + ["-home-dev-shop"] * 6
    depot, shop = table.tail["trends"]
    assert (depot["chance"], depot["significant"]) == (None, None)
    assert (shop["changeShare"], shop["significant"]) == (-0.5, True)
    (said,) = alone.notes
    assert said.startswith("Against the 6 before, the last 6 sessions cost 50% less. By chance alone")
    assert said.endswith(" once in 400 times.")
    assert alone.rows[0]["costNanos"] == 2_000 * THOUSAND // 1_000


def test_a_session_without_a_price_is_nobodys_measure(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000] * 3)
    worked(tale, [9_000], model="claude-unheard-of-9")
    worked(tale, [1_000])
    with kept(tale, tmp_path) as store:
        *_, odd, last = asked(store, "trend", tale.at).rows
    assert (odd["unpricedTokens"], odd["changeShare"], odd["promptNanos"]) == (9_000, None, None)
    assert last["changeShare"] == 0.0


def test_how_many_sessions_must_be_a_number(tmp_path: Path) -> None:
    with Books(tmp_path) as store, pytest.raises(UsageError, match="--last"):
        asked(store, "trend", START, latest="few")


# -- compare


def by_measure(table: Table) -> dict[str, dict[str, Any]]:
    return {row["measure"]: row for row in table.rows}


def test_what_became_cheaper_on_a_day_is_seen_from_it(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [2_000 + 10 * number for number in range(8)])
    worked(tale, [1_000 + 10 * number for number in range(8)])
    with kept(tale, tmp_path) as store:
        table = asked(store, "compare", tale.at, marker="2026-11-10", days="10")
    found = by_measure(table)
    assert [found[name]["valuesBefore"] for name in ("session", "prompt", "day")] == [8, 8, 8]
    assert [found[name]["valuesAfter"] for name in ("session", "prompt", "day")] == [8, 8, 8]
    assert found["session"]["meanAfterNanos"] < found["session"]["meanBeforeNanos"] * 52 // 100
    assert found["session"]["significant"] is True
    assert -0.52 < found["session"]["lowShare"] < found["session"]["changeShare"] < found["session"]["highShare"] < 0
    assert found["session"]["text"].startswith("Sessions cost 49% less since then. By chance alone")
    assert table.head["before"] == {"since": "2026-10-31", "until": "2026-11-09"}


def test_two_ranges_that_do_not_differ_are_called_chance(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000, 3_000, 2_000, 1_500, 2_500, 2_000, 1_200, 2_900, 2_100, 1_600, 2_400, 1_900])
    with kept(tale, tmp_path) as store:
        query = Query(Zone("UTC"), tale.at)
        query.since, query.until = START - 10 * 3_600_000, START - 10 * 3_600_000 + 6 * DAY
        query.options = {"with": "2026-11-08..2026-11-13"}
        found = by_measure(store.ask().report("compare", query))
    assert (found["day"]["valuesBefore"], found["day"]["valuesAfter"]) == (6, 6)
    assert found["day"]["significant"] is False
    assert "could well be chance" in found["day"]["text"]
    assert found["day"]["text"].startswith("Days cost less than 1% more in the second range.")


def test_no_name_and_no_amount_is_in_what_is_said_so_that_incognito_hides_all(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000, 3_000, 2_000, 1_500, 2_500, 2_000, 1_200, 2_900, 2_100, 1_600, 2_400, 1_900])
    with kept(tale, tmp_path) as store:
        for name, options in ("forecast", {}), ("trend", {"latest": "6"}), ("compare", {"marker": "2026-11-08"}):
            table = asked(store, name, tale.at, **options)
            said = " ".join([table.title, *table.notes])
            assert "shop" not in said
            assert "$" not in said
            hidden = obscured(table.json())
            assert "-home-dev-shop" not in str(hidden)
            assert all(one["text"] == other["text"] for one, other in zip(hidden[table.key], table.rows, strict=True)
                       if "text" in other)  # fmt: skip


@story
def test_a_session_that_reaches_over_the_marker_is_on_neither_side(one: Story) -> None:
    """
    prompt 20 chars
    call out=1k
    wait 2d
    prompt 20 chars
    call out=1k
    """
    table = asked(one.store, "compare", START + 5 * DAY, marker="2026-11-03")
    found = by_measure(table)
    assert (found["session"]["valuesBefore"], found["session"]["valuesAfter"]) == (0, 0)
    assert table.head["sessionsAcross"] == 1
    assert (found["prompt"]["valuesBefore"], found["prompt"]["valuesAfter"]) == (1, 1)
    assert (found["day"]["valuesBefore"], found["day"]["valuesAfter"]) == (1, 4)
    assert found["session"]["text"] == "Sessions: too little is known (0 on one side, and 5 are needed on each)."


def test_today_is_no_whole_day_and_days_before_the_first_use_are_none(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000] * 3)
    with kept(tale, tmp_path) as store:
        found = by_measure(asked(store, "compare", tale.at - DAY + 3_600_000, marker="2026-11-03"))
    assert (found["day"]["valuesBefore"], found["day"]["valuesAfter"]) == (1, 1)
    assert (found["session"]["valuesBefore"], found["session"]["valuesAfter"]) == (1, 2)


def test_prompts_are_not_told_apart_by_model(tale: Tale, tmp_path: Path) -> None:
    worked(tale, [1_000] * 3)
    with kept(tale, tmp_path) as store:
        found = by_measure(asked(store, "compare", tale.at, marker="2026-11-03", model="opus"))
    assert list(found) == ["session", "day"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Say what to compare"),
        ({"marker": "2026-11-03", "with": "2026-10-01..2026-10-02"}, "Either --marker"),
        ({"marker": "2026-11-03", "days": "some"}, "--days"),
        ({"marker": "2027-11-03"}, "empty"),
    ],
)
def test_what_cannot_be_compared_is_refused(options: dict[str, str], said: str, tmp_path: Path) -> None:
    with Books(tmp_path) as store, pytest.raises(UsageError, match=said):
        asked(store, "compare", START + 2 * DAY, **options)


def test_ranges_that_overlap_are_refused(tmp_path: Path) -> None:
    query = Query(Zone("UTC"), START + 9 * DAY)
    query.since, query.until = START, START + 5 * DAY
    query.options = {"with": "2026-11-04..2026-11-09"}
    with Books(tmp_path) as store, pytest.raises(UsageError, match="overlap"):
        store.ask().report("compare", query)

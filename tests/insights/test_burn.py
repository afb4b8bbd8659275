"""Burn: turns until full, limits and their projections, the cache's warmth."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.burn import (
    FIVE_HOURS,
    FULL,
    RECENT,
    WEEK,
    Burn,
    Reading,
    Warmth,
    burn,
    outlook,
    warmth,
    weighted,
)
from lineitem.insights.seen import TurnSeen
from tests.laws.examples import examples

HOUR = 3_600_000
RESETS = 100 * HOUR
BEGAN = RESETS - FIVE_HOURS


def turns(*contexts: int | None) -> list[TurnSeen]:
    return [TurnSeen(at, context, 1_000_000, 50_000) for at, context in enumerate(contexts)]


def test_a_steady_session_fills_its_window_in_so_many_turns() -> None:
    assert burn(turns(20_000, 30_000, 40_000), 200_000) == Burn(10_000, 1_000_000, 50_000, 16)


def test_a_compaction_begins_anew_and_is_no_negative_growth() -> None:
    assert burn(turns(150_000, 160_000, 20_000, 30_000), 200_000).left == 17


def test_recent_turns_weigh_more() -> None:
    growth = burn(turns(0, 1_000, 2_000, 12_000), 200_000).growth
    assert growth is not None
    assert growth > 12_000 // 3


@pytest.mark.parametrize("contexts", [(), (5,), (None, 5), (9, 5), (5, 5)])
def test_where_nothing_grows_or_is_known_nobody_knows_when_it_is_full(contexts: tuple[int | None, ...]) -> None:
    assert burn(turns(*contexts), 200_000).left is None


def test_unknown_figures_are_not_zero_and_a_full_window_has_no_turn_left() -> None:
    assert burn([TurnSeen(0, 5), TurnSeen(1, 9)], None) == Burn(4, None, None, None)
    assert burn(turns(190_000, 201_000), 200_000).left == 0


@given(st.lists(st.integers(0, 10**12), max_size=30))
@examples(200)
def test_the_weighted_mean_is_exact_and_knows_only_the_last_turns(values: list[int]) -> None:
    found, recent = weighted(values), values[-RECENT:]
    if not recent:
        assert found is None
        return
    weights = [RECENT - age for age in range(len(recent))][::-1]
    exact = Fraction(sum(value * weight for value, weight in zip(recent, weights, strict=True)), sum(weights))
    assert found == (exact + Fraction(1, 2)).__floor__()
    assert min(recent) <= found <= max(recent)


def test_a_block_at_an_even_pace_ends_where_it_is_going() -> None:
    readings = [Reading(BEGAN + minute * 60_000, minute * 20, RESETS) for minute in range(0, 121, 10)]
    found = outlook(readings, BEGAN + 2 * HOUR, FIVE_HOURS)
    assert found is not None
    assert (found.used, found.lately, found.average, found.full_at, found.over) == (2_400, 6_000, 6_000, None, False)


def test_a_faster_pace_lately_says_when_the_limit_is_reached() -> None:
    pace = [Reading(BEGAN + HOUR, 1_000, RESETS), Reading(BEGAN + 3 * HOUR // 2, 1_000, RESETS)]
    pace.append(Reading(BEGAN + 2 * HOUR, 3_500, RESETS))
    found = outlook(pace, BEGAN + 2 * HOUR, FIVE_HOURS)
    assert found is not None
    assert (found.lately, found.average) == (3_500 + 15_000, 8_750)
    assert found.full_at == BEGAN + 2 * HOUR + 6_500 * HOUR // 5_000


def test_an_idle_while_makes_it_slower() -> None:
    readings = [Reading(BEGAN, 0, RESETS), Reading(BEGAN + HOUR, 3_000, RESETS)]
    busy = outlook(readings, BEGAN + HOUR, FIVE_HOURS)
    idle = outlook(readings, BEGAN + 2 * HOUR, FIVE_HOURS)
    assert busy is not None
    assert idle is not None
    assert (busy.full_at is not None, idle.lately) == (True, 3_000)


def test_a_limit_that_was_reset_forgets_what_was_used_before() -> None:
    old = [Reading(BEGAN - 2 * HOUR, 9_000, BEGAN), Reading(BEGAN - HOUR, 9_900, BEGAN)]
    found = outlook([*old, Reading(BEGAN + HOUR, 500, RESETS)], BEGAN + HOUR, FIVE_HOURS)
    assert found is not None
    assert (found.used, found.lately, found.average, found.full_at) == (500, None, 2_500, None)


def test_a_use_that_falls_without_a_new_reset_begins_anew() -> None:
    readings = [Reading(BEGAN + HOUR, 9_000, RESETS), Reading(BEGAN + 2 * HOUR, 100, RESETS + 7_000)]
    found = outlook(readings, BEGAN + 2 * HOUR, FIVE_HOURS)
    assert found is not None
    assert (found.used, found.lately) == (100, None)


def test_a_week_and_a_plain_count_work_alike() -> None:
    readings = [Reading(10 * WEEK - WEEK // 2, 60, 10 * WEEK)]
    found = outlook(readings, 10 * WEEK - WEEK // 2, WEEK, full=100)
    assert found is not None
    assert found.average == 120
    assert found.full_at is not None


def test_what_is_over_is_over_and_what_is_past_is_unknown() -> None:
    found = outlook([Reading(BEGAN + HOUR, FULL, RESETS)], BEGAN + 2 * HOUR, FIVE_HOURS)
    assert found is not None
    assert (found.over, found.full_at) == (True, BEGAN + HOUR)
    assert outlook([Reading(BEGAN, 5_000, RESETS)], RESETS, FIVE_HOURS) is None
    assert outlook([], RESETS, FIVE_HOURS) is None


@given(
    st.lists(st.tuples(st.integers(0, FIVE_HOURS), st.integers(0, 12_000)), min_size=1, max_size=20),
    st.integers(0, FIVE_HOURS - 1),
)
@examples(300)
def test_a_projection_is_never_below_what_is_used(seen: list[tuple[int, int]], passed: int) -> None:
    now = BEGAN + passed
    found = outlook([Reading(BEGAN + after, used, RESETS) for after, used in seen], now, FIVE_HOURS)
    if found is None:
        assert all(after > passed for after, _ in seen)
        return
    assert all(projected is None or projected >= found.used for projected in (found.lately, found.average))
    if found.full_at is not None and not found.over:
        assert now <= found.full_at < RESETS
        assert max(found.lately or 0, found.average or 0) >= FULL


@pytest.mark.parametrize(
    ("warm", "expires", "found"),
    [
        (True, 500, Warmth(True, 400)), (True, 100, Warmth(False, 0)), (None, 50, Warmth(False, 0)),
        (False, 500, Warmth(False, 0)), (True, None, Warmth(True, None)), (None, None, Warmth(None, None)),
    ],
)  # fmt: skip
def test_a_cache_is_cold_once_its_time_has_passed(warm: bool | None, expires: int | None, found: Warmth) -> None:
    assert warmth(warm, expires, 100) == found

"""Health: the level follows the context up and down, and each change is told once."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.health import GREEN, LEVELS, PRESETS, RED, YELLOW, Change, Health, Thresholds, level_of
from tests.laws.examples import examples

STANDARD = PRESETS["standard"]


@pytest.mark.parametrize(
    ("preset", "tokens", "level"),
    [
        ("economical", 49_999, "green"), ("economical", 50_000, "yellow"), ("economical", 100_000, "red"),
        ("standard", 79_999, "green"), ("standard", 80_000, "yellow"), ("standard", 149_999, "yellow"),
        ("standard", 150_000, "red"), ("intensive", 119_999, "green"), ("intensive", 199_999, "yellow"),
        ("intensive", 200_000, "red"),
    ],
)  # fmt: skip
def test_the_presets(preset: str, tokens: int, level: str) -> None:
    assert LEVELS[level_of(tokens, PRESETS[preset])] == level


def test_a_session_grows_is_compacted_and_is_green_again() -> None:
    health = Health()
    sizes = [10_000, 90_000, 100_000, 160_000]
    changes = [health.take(at, tokens, STANDARD) for at, tokens in enumerate(sizes)]
    assert changes == [None, Change(1, GREEN, YELLOW, 90_000), None, Change(3, YELLOW, RED, 160_000)]
    assert health.take(5, 20_000, STANDARD) == Change(5, RED, GREEN, 20_000)
    assert health.take(6, 85_000, STANDARD) == Change(6, GREEN, YELLOW, 85_000)


def test_a_session_that_is_first_seen_red_is_told() -> None:
    assert Health().take(5, 160_000, STANDARD) == Change(5, None, RED, 160_000)


def test_own_thresholds_hold_from_the_next_reading_on() -> None:
    health = Health()
    health.take(0, 60_000, STANDARD)
    assert health.take(1, 60_000, Thresholds(10_000, 50_000)) == Change(1, GREEN, RED, 60_000)


def test_an_older_reading_and_an_unknown_one_change_nothing() -> None:
    health = Health()
    health.take(10, 90_000, STANDARD)
    before = health.row()
    assert health.take(9, 10_000, STANDARD) is None
    assert health.take(11, None, STANDARD) is None
    assert health.row() == before


@given(st.lists(st.integers(0, 300_000), max_size=30), st.integers(0, 30))
@examples(200)
def test_changes_chain_and_a_restart_tells_nothing_twice(sizes: list[int], restart: int) -> None:
    health, level = Health(), None
    for at, tokens in enumerate(sizes):
        if at == restart:
            health = Health(*json.loads(json.dumps(health.row())))
        change = health.take(at, tokens, STANDARD)
        now = level_of(tokens, STANDARD)
        assert (change is not None) == (now != (GREEN if level is None else level))
        if change:
            assert (change.before, change.now) == (level, now)
        assert health.level == now
        level = now

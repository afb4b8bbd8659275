"""Baselines: exact where sums are concerned, defined for everything that may come."""

from __future__ import annotations

import json
import statistics
from fractions import Fraction
from math import isqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.baselines import LARGEST, WIDEST, WIDTH, Baseline, Moments, load
from tests.laws.examples import examples

counts = st.one_of(st.integers(0, 50), st.integers(0, 10**6), st.integers(0, LARGEST))
streams = st.lists(counts, max_size=60)


def moments(values: list[int]) -> Moments:
    made = Moments()
    for value in values:
        made.add(value)
    return made


def sums(made: Moments) -> tuple[int, int, int]:
    return made.count, made.total, made.squares


def filled(values: list[int], width: int = WIDTH) -> Baseline:
    made = Baseline(width)
    for value in values:
        made.add(value)
    return made


@given(streams)
@examples(200)
def test_mean_and_deviation_are_the_exact_ones_rounded_once(values: list[int]) -> None:
    made = moments(values)
    if not values:
        assert made.mean() is None
    else:
        mean = Fraction(sum(values), len(values))
        assert made.mean() == (mean + Fraction(1, 2)).__floor__()
    if len(values) < 2:
        assert made.deviation() is None
    else:
        variance = statistics.variance([Fraction(value) for value in values])
        assert made.deviation() == isqrt(variance.__floor__())


@given(streams, counts)
@examples(200)
def test_a_z_score_is_the_exact_one_in_hundredths(values: list[int], value: int) -> None:
    score = moments(values).score(value)
    if len(set(values)) < 2:
        assert score is None
        return
    exact = [Fraction(each) for each in values]
    squared = (value - statistics.mean(exact)) ** 2 / statistics.variance(exact)
    assert score is not None
    assert score**2 <= squared * 10_000 < (abs(score) + 1) ** 2
    assert score == 0 or (score > 0) == (value > statistics.mean(exact))


@given(streams, streams)
@examples(200)
def test_removing_leaves_no_trace_however_large_the_value_was(kept: list[int], gone: list[int]) -> None:
    made = moments(kept + gone)
    for value in gone:
        made.remove(value)
    assert sums(made) == sums(moments(kept))


@given(streams, st.integers(1, 20))
@examples(200)
def test_a_baseline_knows_its_last_values_and_nothing_else(values: list[int], width: int) -> None:
    made = filled(values, width)
    last = values[-width:]
    assert made.values() == last
    assert sums(made.moments) == sums(moments(last))
    assert len(made) == len(last)
    if not last:
        assert made.median() is made.spread() is made.high() is made.robust_score(3) is None
        return
    median = (statistics.median([Fraction(value) for value in last]) + Fraction(1, 2)).__floor__()
    assert made.median() == median
    away = [Fraction(abs(value - median)) for value in last]
    assert made.spread() == (statistics.median(away) + Fraction(1, 2)).__floor__()


@given(st.lists(counts, min_size=1, max_size=120))
@examples(200)
def test_high_is_what_most_do_not_exceed_and_the_three_largest_are_not_it(values: list[int]) -> None:
    found, ranked = filled(values).high(), sorted(values)
    assert found in values
    below = sum(value <= found for value in values)
    if len(values) >= 60:  # a twentieth is three values or more
        assert below * 20 >= 19 * len(values)
        assert sum(value < found for value in values) * 20 < 19 * len(values)
    elif len(values) > 3:
        assert found == ranked[-4]
    else:
        assert found == ranked[0]


@given(streams, st.integers(1, 20), streams)
@examples(100)
def test_a_kept_baseline_goes_on_as_if_it_had_never_stopped(values: list[int], width: int, more: list[int]) -> None:
    made = filled(values, width)
    again = load(json.loads(json.dumps(made.row())))
    assert again.row() == made.row()
    for value in more:
        made.add(value)
        again.add(value)
    assert (again.row(), sums(again.moments), again.median()) == (made.row(), sums(made.moments), made.median())


def test_a_value_beyond_all_reason_is_the_largest() -> None:
    made = filled([10**400, 1])
    assert made.values() == [LARGEST, 1]


def test_where_nothing_varies_there_is_no_score() -> None:
    constant = filled([9] * 30)
    assert (constant.moments.deviation(), constant.spread()) == (0, 0)
    assert constant.moments.score(9_000) is constant.robust_score(9_000) is None
    assert filled([9]).moments.score(10) is None


def test_one_spike_moves_the_deviation_but_hardly_the_spread() -> None:
    calm = [100 + step % 7 for step in range(50)]
    spiked = filled([*calm, 1_000_000])
    assert (spiked.moments.deviation() or 0) > 100_000
    assert (spiked.spread() or 0) <= 3
    assert (spiked.moments.score(1_000_000) or 0) < 800
    assert (spiked.robust_score(1_000_000) or 0) > 10_000_000


def test_a_robust_score_is_counted_in_deviations_of_a_normal_stream() -> None:
    made = filled([100, 110, 90, 105, 95])  # median 100, spread 5
    assert made.robust_score(100 + 15) == 202
    assert made.robust_score(100 - 15) == -202


@pytest.mark.parametrize("row", [[], [5], ["5", 0, 1], [0, 0, 1], [-1, 0], [5, None, 3], [5, 0, 1.5]])
def test_of_a_row_that_is_none_comes_an_empty_baseline(row: list[Any]) -> None:
    made = load(row)
    assert (len(made), made.width) == (0, WIDTH)


def test_a_row_cannot_ask_for_a_window_without_end() -> None:
    assert load([10**9, 0, 1, 2]).width == WIDEST

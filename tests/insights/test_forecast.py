"""The forecast: what always holds of it, and what a person would expect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.forecast import replay
from lineitem.insights.draws import END, ONE, deviation, draws, wait
from lineitem.insights.forecast import FEWEST, LEVEL, Forecast, forecast
from lineitem.insights.pattern import Days, credibility, togetherness
from tests.laws.examples import examples

DOLLAR = 1_000_000_000
amounts = st.integers(0, 10**14)
histories = st.lists(amounts, max_size=100)


@st.composite
def asked(draw: st.DrawFn) -> tuple[list[int], int, int, int, int, int]:
    days = draw(histories)
    return (days, draw(st.integers(0, len(days))), draw(st.integers(0, 6)), draw(amounts), draw(st.integers(0, 1000)),
            draw(st.integers(0, 31)))  # fmt: skip


@given(asked())
@examples(60)
def test_what_is_spent_is_the_least_that_will_be(question: tuple[list[int], int, int, int, int, int]) -> None:
    days, inside, _, today, passed, left = question
    found = forecast(*question)
    if found is None:
        assert len(days) < FEWEST
        return
    assert len(days) >= FEWEST or (passed == 1000 and not left)
    assert found.spent == sum(days[len(days) - inside :]) + today
    assert found.spent <= found.low <= found.expected <= found.high
    assert (found.days_known, found.level) == (len(days), LEVEL)
    assert all(type(number) is int for number in found)


@given(asked())
@examples(20)
def test_the_same_question_has_the_same_answer(question: tuple[list[int], int, int, int, int, int]) -> None:
    assert forecast(*question) == forecast(*question)


@given(histories, amounts)
@examples(20)
def test_what_is_over_is_known_exactly(days: list[int], today: int) -> None:
    spent = sum(days) + today
    assert forecast(days, len(days), 0, today, 1000, 0) == Forecast(spent, spent, spent, spent, len(days), LEVEL)


@given(st.lists(amounts, min_size=FEWEST, max_size=60), st.integers(0, 30), st.integers(2, 50))
@examples(20)
def test_money_in_another_unit_is_the_same_forecast(days: list[int], left: int, times: int) -> None:
    one, other = forecast(days, 0, 0, 0, 0, left), forecast([day * times**2 for day in days], 0, 0, 0, 0, left)
    assert one is not None
    assert other is not None
    # roots are whole numbers, so small amounts lose some of the pattern
    if all(not day or day > 10**9 for day in days):
        assert other.expected == pytest.approx(one.expected * times**2, rel=0.05)


def test_with_two_days_nothing_is_said() -> None:
    assert forecast([DOLLAR, DOLLAR], 2, 3, 0, 0, 20) is None


def test_few_days_make_a_wide_interval() -> None:
    days = [3 * DOLLAR, 2 * DOLLAR, 4 * DOLLAR] * 10

    def width(known: int) -> int:
        found = forecast(days[:known], 0, 0, 0, 0, 14)
        assert found is not None
        return found.high - found.low

    assert width(3) > 2 * width(30)
    assert width(7) > width(30)


def test_who_works_monday_to_friday_spends_nothing_at_the_weekend() -> None:
    weeks = [DOLLAR] * 5 + [0, 0]
    saturday = forecast(weeks * 5 + [DOLLAR] * 5, 0, 5, 0, 0, 1)
    monday = forecast(weeks * 6, 0, 0, 0, 0, 4)
    assert saturday is not None
    assert monday is not None
    assert saturday.expected < DOLLAR // 2
    assert 4 * DOLLAR < monday.expected < 6 * DOLLAR


def test_what_was_lately_weighs_more_than_what_was_long_ago() -> None:
    rising = forecast([DOLLAR] * 30 + [3 * DOLLAR] * 30, 0, 0, 0, 0, 9)
    assert rising is not None
    assert rising.expected > 24 * DOLLAR


def test_dear_days_that_come_together_make_the_interval_wider() -> None:
    together = forecast(([0] * 4 + [DOLLAR] * 4) * 6, 0, 0, 0, 0, 14)
    mixed = forecast([0, DOLLAR] * 24, 0, 0, 0, 0, 14)
    assert together is not None
    assert mixed is not None
    assert together.high - together.low > mixed.high - mixed.low


def test_what_lies_behind_of_today_does_not_come_again() -> None:
    late, early = (forecast([DOLLAR] * 20, 0, 0, DOLLAR, passed, 0) for passed in (900, 100))
    assert late is not None
    assert early is not None
    assert late.expected < early.expected


def test_weekdays_that_do_not_differ_tell_nothing() -> None:
    groups = [[place for place in range(28) if place % 7 == kind] for kind in range(7)]
    alike = credibility(Days([5] * 28, [16] * 28, 16), [range(28)], groups)
    differing = credibility(Days([100 if place % 7 < 5 else 0 for place in range(28)], [16] * 28, 16), [range(28)],
                            groups)  # fmt: skip
    assert alike == [0] * 7
    assert min(differing) > 700


def test_days_in_a_row_are_together_and_days_in_turn_are_not() -> None:
    assert togetherness(Days([0] * 20 + [9] * 20, [1] * 40, 1), [range(40)]) > 600
    assert togetherness(Days([0, 9] * 20, [1] * 40, 1), [range(40)]) == 0


def test_draws_are_even_and_have_the_means_they_say() -> None:
    chance = draws()
    drawn = [chance() for _ in range(20_000)]
    assert all(0 <= draw < END for draw in drawn)
    assert sum(drawn) / len(drawn) == pytest.approx(END / 2, rel=0.01)
    assert sum(map(wait, drawn)) / len(drawn) == pytest.approx(ONE, rel=0.02)
    assert sum(map(deviation, drawn)) / len(drawn) == pytest.approx(0, abs=ONE * 0.02)
    assert sum(deviation(draw) ** 2 for draw in drawn) / len(drawn) == pytest.approx(ONE**2, rel=0.05)


def test_the_interval_holds_about_as_often_as_it_says() -> None:
    """A sample of what `python -m bench.forecast` prints for 500 months."""
    found = replay(range(80_000, 80_064), every=6)["all"]
    assert 0.7 <= found.within / found.count <= 0.9

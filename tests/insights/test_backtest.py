"""How far a saving can be trusted, and whether one came."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.backtest import STRETCHES, WHOLE, backtest
from lineitem.insights.followed import CAME, EARLY, MORE, NOT_SEEN, followed
from tests.laws.examples import examples


def test_what_is_the_same_everywhere_is_known_exactly() -> None:
    trusted = backtest([(1_000, 100)] * 90)
    assert trusted is not None
    assert trusted.around(700) == (700, 700)


def test_few_sessions_say_nothing() -> None:
    assert backtest([(1_000, 100)] * (STRETCHES - 1)) is None
    assert backtest([]) is None
    assert backtest([(1_000, 0)] * 50) is None


def test_what_one_session_alone_would_have_saved_says_nothing_of_others() -> None:
    assert backtest([(1_000, 0)] * 50 + [(1_000, 900)]) is None


@given(st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**9)), max_size=60))
@examples(200)
def test_the_whole_lies_among_its_parts(sessions: list[tuple[int, int]]) -> None:
    trusted = backtest([(cost, min(cost, saving)) for cost, saving in sessions])
    if trusted is not None:
        assert 0 <= trusted.low <= trusted.high
        assert trusted.low <= WHOLE <= trusted.high + 1


def test_a_tenth_stretch_lies_within_eight_times_of_ten() -> None:
    draw = random.Random(7)
    held = 0
    for _ in range(400):
        sessions = [(cost := 1 + int(draw.paretovariate(1.5) * 1_000), int(cost * draw.random() ** 3))
                    for _ in range(200)]  # fmt: skip
        trusted = backtest(sessions[:180])
        assert trusted is not None
        share = sum(saving for _, saving in sessions[:180]) / sum(cost for cost, _ in sessions[:180])
        foretold = int(share * sum(cost for cost, _ in sessions[180:]))
        low, high = trusted.around(foretold)
        held += low <= sum(saving for _, saving in sessions[180:]) <= high
    assert 0.76 < held / 400 < 0.92


def test_whether_a_saving_came() -> None:
    before = [(1_000, 100 + number % 3) for number in range(90)]
    assert followed(before, [(1_000, 10)] * 2).verdict == EARLY
    came = followed(before, [(1_000, 10)] * 20)
    assert (came.verdict, came.expected, came.came) == (CAME, 20 * 101, 20 * 101 - 200)
    assert followed(before, [(1_000, 101)] * 20).verdict == NOT_SEEN
    assert followed(before, [(1_000, 300)] * 20).verdict == MORE


def test_without_a_history_nothing_is_expected() -> None:
    assert followed([], [(1_000, 10)] * 20).verdict == EARLY
    assert followed([(1_000, 100)] * 4, []).expected == 0
    assert followed([(1_000, 100)] * 4, [(1_000, 90)] * 5).verdict == NOT_SEEN
    assert followed([(1_000, 100)] * 4, [(1_000, 9)] * 5).verdict == CAME

"""Context rot: carry by position, compactions, and the same prompts in sessions of a few."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.rates import Rates, class_costs
from lineitem.insights.rot import Sent, follow
from tests.laws.examples import examples

#: Nanodollars a token: uncached 4, write 5m 5, write 1h 8, read 1, output 20.
RATES = Rates("test", 4_000_000, 5_000_000, 8_000_000, 1_000_000, 20_000_000, 0)
OUT = 100 * 20


def sent(prompt: int, read: int, write: int, *, rates: Rates | None = RATES, paid: bool = True, hour: int = 0) -> Sent:
    """A request with 100 tokens of output."""
    nanos = 0 if rates is None else sum(class_costs(rates, 0, write, hour, read, 100, 0))
    return Sent(prompt, read + write + hour, read, hour, write, 0, rates, nanos, paid=paid)


def agent(prompt: int, nanos: int) -> Sent:
    return Sent(prompt, 9_000, 0, 0, 9_000, 0, RATES, nanos, window=False)


GROWING = [sent(0, 0, 1_000), sent(0, 1_000, 500), sent(1, 1_500, 500), sent(2, 2_000, 500), sent(3, 2_500, 500)]


def test_carry_is_what_was_sent_before_and_past_what_earlier_prompts_left() -> None:
    found = follow(GROWING, 10).prompts
    assert [(found[place].carry, found[place].past) for place in range(4)] == [
        (1_000, 0), (1_500, 1_500), (2_000, 2_000), (2_500, 2_500),
    ]  # fmt: skip
    assert found[0].nanos == 1_000 * 5 + OUT + 1_000 + 500 * 5 + OUT
    assert found[0].new == found[0].nanos - 1_000
    assert [found[place].context for place in range(4)] == [1_000, 2_000, 2_500, 3_000]


def test_fresh_sessions_pay_the_start_again_and_carry_it_but_not_what_was_between() -> None:
    found = follow([*GROWING, sent(3, 3_000, 500)], 2)
    prompts = found.prompts
    assert (found.length, found.start) == (4, 1_000)
    assert [prompts[place].fresh == prompts[place].nanos for place in range(2)] == [True, True]
    # the third begins a session: its 2,000 old tokens are gone, the start is written anew
    assert prompts[2].fresh == prompts[2].nanos - 2_000 + 1_000 * 5
    # the fourth carries the start; of the 2,000 from before its session 1,000 are gone, in both requests
    assert prompts[3].fresh == prompts[3].nanos - 2 * 1_000


def test_what_was_written_again_is_carry_at_the_price_of_writing() -> None:
    cold = follow([sent(0, 0, 1_000), sent(1, 400, 1_100)], 10).prompts[1]
    assert cold.carry == cold.past == 400 * 1 + 600 * 5


def test_an_hour_of_cache_comes_before_five_minutes_of_it() -> None:
    assert follow([sent(0, 0, 900), sent(1, 0, 1_000, hour=500)], 10).prompts[1].carry == 500 * 8 + 400 * 5


def test_after_a_compaction_the_summary_is_new_and_the_past_is_what_the_cache_still_held() -> None:
    requests = [sent(0, 0, 1_000), sent(1, 1_000, 90_000), sent(1, 1_200, 3_000), sent(1, 4_200, 100)]
    spent = follow(requests, 10).prompts[1]
    assert spent.fell
    assert spent.carry == 1_000 + 1_200 + 4_200
    assert spent.past == 1_000 + 1_000 + 1_000


def test_a_window_that_loses_a_little_was_not_compacted() -> None:
    spent = follow([sent(0, 0, 10_000), sent(1, 0, 9_500)], 10).prompts[1]
    assert (spent.fell, spent.carry) == (False, 9_500 * 5)


def test_agents_cost_their_prompt_and_touch_no_window() -> None:
    found = follow([sent(0, 0, 1_000), agent(0, 777), sent(0, 1_000, 10)], 10).prompts
    assert found[0].nanos == 1_000 * 5 + 1_000 + 50 + 2 * OUT + 777
    assert found[0].carry == 1_000
    assert found[0].requests == 3


def test_what_others_paid_for_fills_the_window_and_costs_nothing() -> None:
    found = follow([sent(0, 0, 5_000, paid=False), sent(1, 5_000, 100)], 10)
    assert (found.prompts[0].nanos, found.prompts[0].requests) == (0, 0)
    assert found.prompts[1].past == 5_000
    assert found.length == 2


def test_a_model_without_a_price_has_tokens_and_no_carry() -> None:
    spent = follow([sent(0, 0, 1_000), sent(1, 1_000, 100, rates=None)], 1).prompts[1]
    assert (spent.nanos, spent.carry, spent.fresh, spent.unpriced) == (0, 0, 0, 1_100)


@pytest.mark.parametrize("every", [1, 7])
def test_nothing_is_followed_by_nothing(every: int) -> None:
    assert follow([], every) == ({}, 0, None)


@st.composite
def sessions(draw: st.DrawFn) -> list[Sent]:
    """Requests of prompts in order, some of agents, some that others paid, some without a price."""
    found: list[Sent] = []
    prompt = -1
    for _ in range(draw(st.integers(0, 25))):
        prompt += draw(st.integers(0, 1))
        read, write1, write5, uncached = (draw(st.integers(0, 60_000)) for _ in range(4))
        size = read + write1 + write5 + uncached
        rates = RATES if draw(st.integers(0, 9)) else None
        own, main = draw(st.integers(0, 5)) > 0, draw(st.integers(0, 5)) > 0
        nanos = 0 if rates is None else sum(class_costs(rates, uncached, write5, write1, read, 10, 0))
        found.append(Sent(prompt, size, read, write1, write5, uncached, rates, nanos, main, own))
    return found


@given(sessions(), st.integers(1, 12))
@examples(200)
def test_parts_are_parts_and_costs_add_up(requests: list[Sent], every: int) -> None:
    found = follow(requests, every)
    for spent in found.prompts.values():
        assert 0 <= spent.past <= spent.carry <= spent.nanos
        assert spent.new + spent.carry == spent.nanos
    assert sum(spent.nanos for spent in found.prompts.values()) == sum(one.nanos for one in requests if one.paid)
    places = sorted(spent.position for spent in found.prompts.values() if spent.position)
    assert places == list(range(1, found.length + 1))


@given(sessions(), st.integers(0, 5))
@examples(200)
def test_a_session_no_longer_than_a_block_costs_what_it_cost(requests: list[Sent], more: int) -> None:
    length = follow(requests, 1).length
    found = follow(requests, max(1, length) + more)
    assert all(spent.fresh == spent.nanos for spent in found.prompts.values())


@given(sessions(), st.integers(1, 12))
@examples(100)
def test_the_first_block_is_the_session_itself_and_no_prompt_costs_less_than_nothing(
    requests: list[Sent], every: int
) -> None:
    for spent in follow(requests, every).prompts.values():
        assert spent.fresh >= -1  # rounded apart
        if spent.position <= every:
            assert spent.fresh == spent.nanos

"""Working time and rates: what cannot be divided is unknown."""

from __future__ import annotations

import pytest

from lineitem.insights.efficiency import GAP, Effort, over, worked


@pytest.mark.parametrize(
    ("before", "at", "took"),
    [(None, 5, 0), (5, 5, 0), (5, 9, 4), (9, 5, 0), (0, GAP, GAP), (0, GAP + 1, 0)],
)
def test_a_request_took_the_time_since_the_moment_before_unless_there_was_a_pause(
    before: int | None, at: int, took: int
) -> None:
    assert worked(before, at) == took


def test_of_nothing_no_rate_is_known() -> None:
    none = Effort()
    rates = (none.tokens_a_minute, none.output_a_minute, none.nanos_an_hour, none.nanos_a_prompt, none.ratio)
    assert rates == (None,) * 5
    assert none.hit_rate is None


def test_rates_are_of_sums() -> None:
    effort = Effort()
    effort.prompts, effort.worked, effort.nanos = 2, 120_000, 3_000_000_000
    effort.uncached, effort.written, effort.read, effort.output = 100, 900, 9_000, 500
    assert effort.tokens_a_minute == 5_250
    assert effort.output_a_minute == 250
    assert effort.nanos_an_hour == 90_000_000_000
    assert effort.nanos_a_prompt == 1_500_000_000
    assert (effort.ratio, effort.hit_rate) == (20.0, 0.9)


def test_where_nothing_has_a_price_the_cost_is_not_zero() -> None:
    effort = Effort()
    effort.prompts, effort.worked, effort.unpriced = 1, 60_000, 500
    assert effort.nanos_an_hour is None
    assert effort.nanos_a_prompt is None


def test_quotients_are_rounded_half_up() -> None:
    assert (over(5, 2), over(4, 3), over(1, 0)) == (3, 1, None)

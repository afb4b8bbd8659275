"""What-if: what is not changed costs what it cost, and what is costs what the changed tokens do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.rates import Rates
from lineitem.insights.whatif import Billed, on_model, with_lifetime
from tests.laws.examples import examples

DEAR = Rates("dear", 5_000_000_000, 6_250_000_000, 10_000_000_000, 500_000_000, 25_000_000_000, 0)
CHEAP = Rates("cheap", 1_000_000_000, 1_250_000_000, 2_000_000_000, 100_000_000, 5_000_000_000, 0)
MINUTE = 60_000


def billed(at: int = 0, **more: int) -> Billed:
    """A request at its list price."""
    uncached, write5, write1, read, output = (
        more.get(name, 0) for name in ("uncached", "write5", "write1", "read", "output")
    )
    femto = (
        uncached * DEAR.uncached_input + write5 * DEAR.cache_write_5m + write1 * DEAR.cache_write_1h
        + read * DEAR.cache_read + output * DEAR.output
    )  # fmt: skip
    size = uncached + write5 + write1 + read
    nanos, missed, idle = femto // 1_000_000, more.get("missed", 0), more.get("idle", 0)
    return Billed(1, at, size, uncached, write5, write1, read, output, DEAR, nanos, missed, idle)


some = st.lists(
    st.builds(
        billed, at=st.integers(0, 10**8),
        **{name: st.integers(0, 10**6) for name in ("uncached", "write5", "write1", "read", "output")},
    ),
    max_size=8,
)  # fmt: skip


@given(some)
@examples(150)
def test_the_same_model_costs_the_same(requests: list[Billed]) -> None:
    assert on_model(requests, lambda *_: DEAR).nanos == sum(each.nanos for each in requests)


@given(some)
@examples(150)
def test_a_fifth_of_the_rates_is_a_fifth_of_the_price(requests: list[Billed]) -> None:
    saved = sum(each.nanos for each in requests) - on_model(requests, lambda *_: CHEAP).nanos
    assert abs(saved - sum(each.nanos for each in requests) * 4 // 5) <= 2 * len(requests)


@given(some)
@examples(150)
def test_what_has_no_price_stays_and_is_counted(requests: list[Billed]) -> None:
    found = on_model(requests, lambda *_: None)
    assert (found.nanos, found.unpriced) == (sum(each.nanos for each in requests), len(requests))


@given(some, st.sampled_from(["5m", "1h"]))
@examples(150)
def test_agents_keep_their_lifetime(requests: list[Billed], lifetime: str) -> None:
    agents = [each._replace(main=False) for each in requests]
    assert with_lifetime(agents, lifetime).nanos == sum(each.nanos for each in requests)


def test_five_minutes_are_five_minutes() -> None:
    requests = [billed(0, write5=20_000, output=10), billed(4 * MINUTE, read=20_000, write5=500, output=10)]
    assert with_lifetime(requests, "5m").nanos == sum(each.nanos for each in requests)


def test_an_hour_would_have_kept_what_expired() -> None:
    requests = [
        billed(0, write5=20_000),
        billed(20 * MINUTE, write5=20_500, missed=20_000, idle=20 * MINUTE),
        billed(100 * MINUTE, write5=20_500, missed=20_500, idle=80 * MINUTE),
    ]
    hour = [billed(0, write1=20_000), billed(0, read=20_000, write1=500), billed(0, write1=20_500)]
    assert with_lifetime(requests, "1h").nanos == sum(each.nanos for each in hour)


def test_five_minutes_would_have_lost_what_an_hour_kept() -> None:
    requests = [billed(0, write1=20_000), billed(20 * MINUTE, read=20_000, write1=500)]
    five = [billed(0, write5=20_000), billed(0, write5=20_500)]
    assert with_lifetime(requests, "5m").nanos == sum(each.nanos for each in five)

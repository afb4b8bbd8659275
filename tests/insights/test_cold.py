"""Cold caches: storms of misses, and what a resume will cost."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.cold import Misses, going_cold, resume_trap
from lineitem.insights.findings import CRITICAL, NOTICE, WARNING
from lineitem.insights.seen import MissSeen, ReturnSeen
from tests.laws.examples import examples

MINUTE = 60_000
#: Femtodollars a token: $8 and $0.20 a million.
WRITE, READ = 8_000_000_000, 200_000_000


def miss(at: int, tokens: int = 30_000, nanos: int | None = 7, reason: str = "tools_changed") -> MissSeen:
    return MissSeen("s1", "shop", at, tokens, nanos, reason)


def test_three_misses_in_a_quarter_of_an_hour_are_a_storm_told_once() -> None:
    misses = Misses()
    found = [misses.take(miss(step * MINUTE)) for step in range(6)]
    assert [bool(each) for each in found] == [False, False, True, False, False, True]
    storm = found[2]
    assert storm is not None
    assert (storm.value, storm.fact("misses"), storm.fact("nanos"), storm.subject) == (90_000, 3, 21, "tools_changed")


@pytest.mark.parametrize(
    "storm",
    [
        [miss(0), miss(8 * MINUTE), miss(15 * MINUTE)],
        [miss(0, 10_000), miss(1, 10_000), miss(2, 10_000)],
        [miss(0), miss(1)._replace(session="s2"), miss(2)],
    ],
    ids=["too far apart", "too small", "of two sessions"],
)
def test_what_is_no_storm(storm: list[MissSeen]) -> None:
    misses = Misses()
    assert not any(misses.take(each) for each in storm)


def test_of_a_storm_with_an_unpriced_miss_the_cost_is_unknown_and_of_mixed_reasons_there_is_none() -> None:
    misses = Misses()
    storm = [misses.take(each) for each in (miss(0, nanos=None), miss(1, reason="model_changed"), miss(2))][-1]
    assert storm is not None
    assert (storm.fact("nanos"), storm.subject) == (None, "")
    assert (storm.fact("tokens/tools_changed"), storm.fact("tokens/model_changed")) == (60_000, 30_000)


def test_a_resume_after_the_cache_expired_says_what_it_will_cost() -> None:
    back = ReturnSeen("s1", "shop", 0, 500_000, True, idle=3 * 3_600_000, client_nanos=4_100_000_000)
    found = resume_trap(back, WRITE, READ)
    assert found is not None
    assert (found.value, found.severity) == (500_000, CRITICAL)
    assert dict(found.facts) == {
        "write": 4_000_000_000,
        "read": 100_000_000,
        "extra": 3_900_000_000,
        "client": 4_100_000_000,
        "minutes": 180,
    }


def test_without_a_rate_there_is_no_estimate_of_ours() -> None:
    found = resume_trap(ReturnSeen("s1", "shop", 0, 60_000, True), WRITE, None)
    assert found is not None
    assert (found.facts, found.severity) == ((), NOTICE)
    larger = resume_trap(ReturnSeen("s1", "shop", 0, 150_000, True))
    assert larger is not None
    assert larger.severity == WARNING


@pytest.mark.parametrize(("context", "expired"), [(49_999, True), (None, True), (500_000, False), (500_000, None)])
def test_a_warm_unknown_or_small_return_is_no_trap(context: int | None, expired: bool | None) -> None:
    assert resume_trap(ReturnSeen("s1", "shop", 0, context, expired), WRITE, READ) is None


def test_once_the_request_is_made_what_it_wrote_decides() -> None:
    back = ReturnSeen("s1", "shop", 0, 100_000, None)
    assert resume_trap(back._replace(expired=True, written=2_000)) is None
    assert resume_trap(back._replace(written=50_000)) is None
    found = resume_trap(back._replace(written=50_001, paid=400_000_000))
    assert found is not None
    assert dict(found.facts) == {"written": 50_001, "paid": 400_000_000}


@given(st.integers(0, 10**7), st.integers(0, 10**11), st.integers(0, 10**11))
@examples(200)
def test_going_cold_is_rounded_once(tokens: int, write: int, read: int) -> None:
    cost = going_cold(tokens, write, read)
    half = Fraction(1, 2)
    assert cost.write == (Fraction(tokens * write, 10**6) + half).__floor__()
    assert cost.read == (Fraction(tokens * read, 10**6) + half).__floor__()
    assert cost.extra == cost.write - cost.read

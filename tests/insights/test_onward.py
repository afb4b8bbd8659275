"""Going on, compacting or starting anew: what each is said to cost, and which is advised."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.rates import Rates, class_costs
from lineitem.insights.health import GREEN, RED
from lineitem.insights.onward import COMPACT, CONTINUE, FRESH, SUMMARY, Course, Way, advised, course, resumed, ways
from lineitem.insights.rot import Sent
from tests.laws.examples import examples

#: Nanodollars a token: uncached 4, write 5m 5, write 1h 8, read 1, output 20.
RATES = Rates("test", 4_000_000, 5_000_000, 8_000_000, 1_000_000, 20_000_000, 0)


def sent(prompt: int, read: int, write: int, *, window: bool = True) -> tuple[Sent, int]:
    nanos = sum(class_costs(RATES, 0, write, 0, read, 100, 0))
    return Sent(prompt, read + write, read, 0, write, 0, RATES, nanos, window), 100


STEADY = [sent(0, 0, 9_000)] + [sent(prompt, 8_500 + 500 * prompt, 500) for prompt in range(1, 11)]

courses = st.builds(
    Course,
    window=st.integers(1, 900_000),
    room=st.none() | st.integers(50_000, 1_000_000),
    start=st.builds(lambda write: sent(0, 0, write)[0], st.integers(1, 60_000)),
    prompts=st.integers(1, 10),
    requests=st.integers(1, 200),
    grown=st.integers(0, 400_000),
    written=st.integers(0, 100_000),
    missed=st.integers(0, 3),
    others=st.integers(0, 10**9),
)


def told(
    going: Course, prompts: int = 10, *, cold: bool = False, handed: int = 500, reading: int = 0
) -> dict[str, Way]:
    found = ways(going, RATES, hour=False, cold=cold, prompts=prompts, told=handed, reading=reading)
    return {way.way: way for way in found}


def test_a_session_that_goes_as_it_went_costs_what_its_last_prompts_did() -> None:
    going = course(STEADY, None)
    assert going is not None
    assert (going.window, going.prompts, going.requests, going.grown) == (14_000, 11, 11, 5_500)
    real = [each for each, _ in (sent(0, 14_000 + 500 * number, 500) for number in range(10))]
    assert told(going)[CONTINUE].nanos == sum(each.nanos for each in real)
    fresh = [9_500, *(9_500 + 500 * number for number in range(1, 10))]
    paid = 9_500 * 5 + sum(fresh[1:]) + 10 * (500 * 5 + 100 * 20)
    assert told(going)[FRESH].nanos == paid


def test_a_cold_cache_is_paid_with_the_first_request() -> None:
    going = course(STEADY, None)
    assert going is not None
    warm, cold = told(going)[CONTINUE], told(going, cold=True)[CONTINUE]
    assert cold.first - warm.first == cold.nanos - warm.nanos == 14_000 * 4
    assert resumed(going, RATES, hour=True, cold=True) == 14_000 * 8
    assert told(going, cold=True)[FRESH] == told(going)[FRESH]


def test_agents_are_paid_whichever_way_is_gone() -> None:
    going = course([*STEADY, sent(10, 0, 3_000, window=False)], None)
    plain = course(STEADY, None)
    assert going is not None
    assert plain is not None
    for way in (CONTINUE, COMPACT, FRESH):
        assert told(going)[way].nanos - told(plain)[way].nanos == (3_000 * 5 + 100 * 20) * 10 // 11


def test_a_window_that_fills_is_compacted_on_the_way() -> None:
    going = course(STEADY, 20_000)
    assert going is not None
    assert told(going)[CONTINUE].compactions == 1
    assert told(going)[CONTINUE].window < going.start.size + SUMMARY + 10 * 500


def test_where_nobody_tells_the_window_it_is_told_from_where_it_was_compacted() -> None:
    grown = [sent(0, 0, 9_000), *[sent(prompt, 9_000 * prompt, 9_000) for prompt in range(1, 5)], sent(5, 0, 12_000)]
    going = course(grown, None)
    assert going is not None
    assert going.room == 45_000 * 100 // 92
    assert course(grown, 200_000)._replace(room=None) == going._replace(room=None)  # type: ignore[union-attr]
    assert told(going)[CONTINUE].compactions == 1
    beyond = course([*grown, sent(6, 12_000, 40_000)], None)  # so it was no full window: somebody compacted by hand
    assert beyond is not None
    assert beyond.room is None
    assert course(STEADY, None).room is None  # type: ignore[union-attr]


def test_a_session_without_a_request_of_its_own_has_no_course() -> None:
    assert course([sent(0, 0, 100, window=False)], None) is None


@examples(100)
@given(courses, st.integers(1, 40), st.booleans())
def test_more_in_the_window_never_costs_less_and_a_cold_cache_neither(going: Course, prompts: int, cold: bool) -> None:
    found = told(going._replace(room=None), prompts, cold=cold)
    larger = told(going._replace(room=None, window=going.window + 1_000), prompts, cold=cold)
    assert larger[CONTINUE].nanos > found[CONTINUE].nanos
    assert larger[FRESH] == found[FRESH]
    assert told(going._replace(room=None), prompts, cold=True)[CONTINUE].nanos >= found[CONTINUE].nanos
    assert all(0 < way.first <= way.nanos for way in found.values())


@examples(100)
@given(courses, st.integers(0, 50_000))
def test_what_a_fresh_session_must_read_makes_it_dearer(going: Course, reading: int) -> None:
    plain, more = told(going._replace(room=None)), told(going._replace(room=None), reading=reading)
    assert more[FRESH].nanos >= plain[FRESH].nanos
    assert more[CONTINUE] == plain[CONTINUE]


@examples(200)
@given(courses, st.booleans(), st.booleans())
def test_red_never_goes_on(going: Course, enough: bool, known: bool) -> None:
    found = list(told(going).values()) if known else []
    assert advised(RED, found, enough=enough)[0] in (FRESH, COMPACT)


@examples(200)
@given(courses, st.booleans())
def test_what_is_advised_is_cheaper_unless_health_says_so(going: Course, enough: bool) -> None:
    found = told(going)
    to_do, why = advised(GREEN, list(found.values()), enough=enough)
    assert to_do is not None
    assert found[to_do].nanos <= found[CONTINUE].nanos
    assert enough or to_do != FRESH
    assert "the next 10 prompts cost about" in why.lower()


def test_nothing_known_is_said() -> None:
    assert advised(None, [], enough=True)[0] is None
    assert advised(GREEN, [], enough=True)[0] == CONTINUE

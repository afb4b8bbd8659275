"""Many sightings of one answer are one request: any order, any repetition."""

from __future__ import annotations

from copy import copy
from inspect import signature
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineitem.attribution.requests import Request, settle
from tests.laws.examples import examples

small = st.integers(0, 3)
sightings = st.builds(
    Request,
    mid=st.just("msg"),
    variant=st.just("req"),
    rank=st.integers(-1, 3),
    session=st.sampled_from(["a", "b", "c"]),
    thread=st.sampled_from(["", "t"]),
    at=st.integers(0, 4),
    model=st.sampled_from(["", "m", "n"]),
    uncached=small,
    output=small,
    write5=small,
    write1=small,
    read=small,
    thinking=small,
    searches=small,
    modifiers=st.sampled_from(["", "f", "fg"]),
    prompt_size=small,
    branch=st.sampled_from(["", "main", "work"]),
    skill=st.sampled_from(["", "s", "t"]),
)
VALUES = (*signature(Request).parameters, "counted", "nanos")


def values(request: Request) -> dict[str, Any]:
    said = {name: getattr(request, name) for name in VALUES}
    return said | {"copies": sorted((request.copies or {}).items())}


def merged(given_sightings: list[Request]) -> Request:
    one, *others = [copy(one) for one in given_sightings]
    for other in others:
        one.merge(other)
    return one


@given(st.lists(sightings, min_size=1, max_size=5), st.randoms(use_true_random=False))
@examples(300)
def test_merging_takes_any_order_and_any_repetition(seen: list[Request], chance: Any) -> None:
    again = [*seen, *chance.choices(seen, k=3)]
    chance.shuffle(again)
    assert values(merged(again)) == values(merged(seen))


@given(st.lists(sightings, min_size=2, max_size=5))
@examples(200)
def test_merging_never_lowers_a_count(seen: list[Request]) -> None:
    one = merged(seen)
    for name in ("uncached", "output", "write5", "write1", "read", "thinking", "searches", "prompt_size"):
        assert getattr(one, name) == max(getattr(each, name) for each in seen)
    assert one.at == min((each.at for each in seen if each.at), default=0)
    assert (one.rank, one.session, one.thread) == min((each.rank, each.session, each.thread) for each in seen)


@st.composite
def rows(draw: st.DrawFn) -> list[Request]:
    """The rows of one message id: several request ids, or none."""
    kinds = draw(st.sampled_from([("r1", "r2", "r3", "r4"), ("~a/1", "~a/2", "~b/1", "r1")]))
    found = draw(st.lists(sightings, min_size=1, max_size=4))
    for variant, row in zip(kinds, found, strict=False):
        row.variant = variant
    return found


@given(rows(), st.randoms(use_true_random=False))
@examples(400)
def test_settling_takes_any_order_and_may_be_done_again(found: list[Request], chance: Any) -> None:
    first = [copy(one) for one in found]
    counted = {row.variant for row in settle(first)}
    assert counted
    other = [copy(one) for one in found]
    chance.shuffle(other)
    assert {row.variant for row in settle(other)} == counted
    said = {row.variant: values(row) for row in first}
    assert {row.variant: values(row) for row in other} == said
    assert {row.variant for row in settle(other)} == counted
    assert {row.variant: values(row) for row in other} == said
    assert {row.variant for row in other if row.counted} == counted


@given(rows(), st.randoms(use_true_random=False))
@examples(200)
def test_settling_as_rows_come_in_ends_where_settling_at_once_does(found: list[Request], chance: Any) -> None:
    at_once = [copy(one) for one in found]
    settle(at_once)
    live = [copy(one) for one in found]
    chance.shuffle(live)
    for upto in range(1, len(live) + 1):
        settle(live[:upto])
    assert {row.variant: values(row) for row in live} == {row.variant: values(row) for row in at_once}


@given(rows())
@examples(200)
def test_answers_billed_differently_under_request_ids_are_all_counted(found: list[Request]) -> None:
    for number, row in enumerate(found):
        row.variant = f"req{number}"
        row.uncached = 10 + number
    assert len(settle(found)) == len(found)

"""The window billed by runs of segments is the window billed segment by segment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineitem.attribution.context import READ, UNCACHED, WRITE1, WRITE5, Context
from lineitem.attribution.items import AGAIN, AGAIN_COST, I_COST, INGEST, Item
from tests.laws.examples import examples

PRICES = {READ: 3, WRITE1: 101, WRITE5: 57, UNCACHED: 41}
ORDER = (READ, WRITE1, WRITE5, UNCACHED)
segments = st.lists(st.integers(0, 40), max_size=4)
#: what enters, then the sizes of the four price classes, in the order of the prompt
requests = st.tuples(segments, st.tuples(*[st.integers(0, 60)] * 4))


def sums_of(history: list[tuple[list[int], tuple[int, ...]]], *, plain: bool) -> tuple[list[list[int]], int]:
    """(sums of every segment, tokens that found none)."""
    context = Context()
    items: list[Item] = []
    sizes: list[int] = []
    lost = 0
    for entering, classes in history:
        old = len(sizes)
        for tokens in entering:
            items.append(Item("c", "", "m", "b", 0, 0))
            sizes.append(tokens)
            context.add(items[-1], tokens)
        at = 0
        for price_class, size in zip(ORDER, classes, strict=True):
            end = at + size
            if plain:
                lost += _plainly(items, sizes, old, at, end, price_class)
            else:
                lost += context.charge(at, end, price_class, PRICES[price_class])
            at = end
        context.sent()
    context.settle()
    sums = [list(item.sums) for item in items]
    for each in sums:
        each[14] = 0  # carried is told apart
    return sums, lost


def _plainly(items: list[Item], sizes: list[int], old: int, start: int, end: int, price_class: int) -> int:
    begin, found = 0, 0
    for index, (item, size) in enumerate(zip(items, sizes, strict=True)):
        tokens = max(0, min(end, begin + size) - max(start, begin))
        begin += size
        found += tokens
        tokens_place = INGEST[price_class] if index >= old else AGAIN[price_class]
        cost_place = I_COST if index >= old else AGAIN_COST[price_class]
        item.sums[tokens_place] += tokens
        item.sums[cost_place] += tokens * PRICES[price_class]
    return end - start - found


@given(st.lists(requests, min_size=1, max_size=8))
@examples(400)
def test_runs_of_segments_are_billed_like_each_segment_by_itself(
    history: list[tuple[list[int], tuple[int, ...]]],
) -> None:
    assert sums_of(history, plain=False) == sums_of(history, plain=True)


@given(st.lists(requests, min_size=1, max_size=8))
@examples(200)
def test_every_token_billed_is_in_a_segment_or_said_to_be_lost(
    history: list[tuple[list[int], tuple[int, ...]]],
) -> None:
    sums, lost = sums_of(history, plain=False)
    tokens = sum(each[place] for each in sums for place in {*INGEST, *AGAIN})
    assert tokens + lost == sum(sum(classes) for _, classes in history)

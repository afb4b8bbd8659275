"""Before and after: what always holds, and the sentence a person reads."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.change import FEWEST, Change, Side, change, sentence
from tests.laws.examples import examples

amounts = st.integers(0, 10**13)
sides = st.lists(amounts, min_size=FEWEST, max_size=12)


@given(sides, sides)
@examples(40)
def test_swapping_the_sides_turns_the_difference_around(before: list[int], after: list[int]) -> None:
    there, back = change(before, after), change(after, before)
    assert there.difference is not None
    assert back.difference is not None
    assert there.difference == -back.difference
    assert (there.chance, there.median_chance) == (back.chance, back.median_chance)
    assert (there.before, there.after) == (back.after, back.before)


@given(sides)
@examples(30)
def test_the_order_of_values_does_not_matter(values: list[int]) -> None:
    mixed = sorted(values, reverse=True)
    other = [value + 7 for value in values]
    assert change(values, other) == change(mixed, other)


@given(st.lists(amounts, min_size=FEWEST, max_size=60))
@examples(30)
def test_sides_that_are_alike_are_no_change(values: list[int]) -> None:
    found = change(values, values)
    assert (found.difference, found.chance, found.median_chance) == (0, 1_000_000, 1_000_000)
    assert not found.significant
    assert sentence(found, "Sessions") == "Sessions cost the same."


@given(st.lists(amounts, max_size=FEWEST - 1), sides)
@examples(20)
def test_fewer_than_five_values_say_nothing(few: list[int], many: list[int]) -> None:
    for found in change(few, many), change(many, few):
        assert found[2:] == (None,) * 6
        assert not found.significant
    said = sentence(change(few, many), "Sessions")
    assert said == f"Sessions: too little is known ({len(few)} on one side, and 5 are needed on each)."


@given(sides.filter(any), sides.filter(any))
@examples(40)
def test_the_interval_holds_no_change_just_where_chance_might_do_it(before: list[int], after: list[int]) -> None:
    found = change(before, after)
    inside = (found.low is None or found.low <= 0) and (found.high is None or found.high >= 0)
    # factors are thousandths, so at the border either may be said
    if found.chance is not None and abs(found.chance - 50_000) > 10_000 and 0 not in (found.low, found.high):
        assert inside is not found.significant


@given(st.lists(amounts, min_size=5, max_size=6), st.lists(amounts, min_size=5, max_size=6))
@examples(20)
def test_of_few_values_every_deal_is_tried(before: list[int], after: list[int]) -> None:
    values, first, second = before + after, len(before), len(after)

    def apart(dealt: tuple[int, ...]) -> int:
        mine = sum(values[place] for place in dealt)
        return abs(mine * second - (sum(values) - mine) * first)

    given_apart = apart(tuple(range(first)))
    deals = [apart(dealt) for dealt in combinations(range(len(values)), first)]
    share = sum(each >= given_apart for each in deals) / len(deals)
    assert change(before, after).chance == -int(-share * 1_000_000 // 1)


def test_a_clear_change_is_said_with_how_seldom_chance_makes_it() -> None:
    found = change([100, 104, 96, 102, 98, 101], [80, 84, 76, 82, 78, 83])
    assert found.significant
    assert sentence(found, "Sessions", "since then") == (
        "Sessions cost 20% less since then. By chance alone so large a difference comes about once in 400 times."
    )


def test_what_may_be_chance_is_said_to_be() -> None:
    found = change([100, 20, 300, 50, 90], [80, 250, 60, 20, 40])
    assert not found.significant
    assert "That could well be chance" in sentence(found, "Prompts")


def test_what_costs_many_times_as_much_is_no_percentage() -> None:
    assert sentence(change([10] * 6, [35] * 6), "Days", "since then").startswith(
        "Days cost 3.5 times as much since then."
    )


def test_something_after_nothing_is_no_percentage_either() -> None:
    found = change([0] * 6, [5] * 6)
    assert (found.thousandths, found.low, found.high) == (None, None, None)
    assert sentence(found, "Days", "since then").startswith("Days cost something since then, and nothing before.")


def test_one_huge_value_is_no_change_of_all() -> None:
    found = change([10] * 12, [10] * 11 + [10_000])
    assert not found.significant
    assert (found.before, found.after) == (Side(12, 10, 10), Side(12, 843, 10))


def test_thousands_of_values_are_answered_too() -> None:
    found = change(list(range(1_000, 5_000)), list(range(900, 4_000)))
    assert found.significant
    assert isinstance(found, Change)

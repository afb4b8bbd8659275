"""Splitting a whole number by weights: exact, fair, stable."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.apportion import apportion
from tests.laws.examples import examples

totals = st.integers(0, 10**15)
weights = st.lists(st.integers(0, 10**12), min_size=1, max_size=40)


@given(totals, weights)
@examples(300)
def test_parts_sum_to_the_total_and_stay_within_one_of_their_ideal(total: int, given_weights: list[int]) -> None:
    parts = apportion(total, given_weights)
    assert sum(parts) == total
    assert min(parts) >= 0
    whole = sum(given_weights)
    if whole:
        for part, weight in zip(parts, given_weights, strict=True):
            assert abs(part - Fraction(total * weight, whole)) < 1
            assert weight or not part


@given(totals, weights, st.integers(1, 1_000))
@examples(200)
def test_only_the_proportions_of_the_weights_matter(total: int, given_weights: list[int], factor: int) -> None:
    assert apportion(total, given_weights) == apportion(total, [weight * factor for weight in given_weights])


@given(totals, weights)
@examples(200)
def test_a_larger_weight_never_gets_less_and_ties_go_to_the_earlier(total: int, given_weights: list[int]) -> None:
    parts = apportion(total, given_weights)
    if not sum(given_weights):
        return
    for (one, part), (other, share) in zip(
        zip(given_weights, parts, strict=True), list(zip(given_weights, parts, strict=True))[1:], strict=False
    ):
        assert part >= share or one < other
        assert one != other or part >= share


@given(totals, weights)
@examples(200)
def test_the_ideal_split_of_a_multiple_is_exact(total: int, given_weights: list[int]) -> None:
    whole = sum(given_weights)
    if whole:
        times = total % 1_000
        assert apportion(whole * times, given_weights) == [weight * times for weight in given_weights]


@given(totals, weights | st.lists(st.integers(0, 40), min_size=2, max_size=3))
@examples(300)
def test_what_is_left_over_goes_to_the_largest_remainders(total: int, given_weights: list[int]) -> None:
    whole = sum(given_weights)
    if not whole:
        return
    ideal = [divmod(total * weight, whole) for weight in given_weights]
    left = total - sum(part for part, _ in ideal)
    larger = sorted(range(len(ideal)), key=lambda index: (-ideal[index][1], index))[:left]
    expected = [part + (index in larger) for index, (part, _) in enumerate(ideal)]
    assert apportion(total, given_weights) == expected


def test_without_any_weight_the_first_takes_everything() -> None:
    assert apportion(7, [0, 0, 0]) == [7, 0, 0]


@given(st.integers(0, 10**6), st.integers(1, 50))
@examples(100)
def test_zero_weights_get_nothing_beside_positive_ones(total: int, count: int) -> None:
    parts = apportion(total, [0, *[1] * count, 0])
    assert parts[0] == parts[-1] == 0
    assert sum(parts) == total

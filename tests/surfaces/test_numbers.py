"""One way to write numbers: short, honest, never cut."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.surfaces import numbers
from tests.surfaces.answers import money

NANOS = 1_000_000_000


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (7, "7"),
        (1_204, "1,204"),
        (9_999, "9,999"),
        (10_000, "10.0k"),
        (30_149, "30.1k"),
        (30_150, "30.2k"),
        (950_000, "950.0k"),
        (999_949, "999.9k"),
        (999_950, "1.0M"),
        (2_400_000, "2.4M"),
        (1_000_000_000, "1.0B"),
        (71_200_000_000_000, "71.2T"),
        (-30_100, "-30.1k"),
        (None, "–"),
    ],
)
def test_tokens_take_few_digits_and_a_unit(number: int | None, text: str) -> None:
    assert numbers.tokens(number) == text


@pytest.mark.parametrize(
    ("nanos", "digits", "text"),
    [
        (0, 2, "$0.00"),
        (1, 2, "<$0.01"),
        (9_999_999, 2, "<$0.01"),
        (10_000_000, 2, "$0.01"),
        (14_999_999, 2, "$0.01"),
        (15_000_000, 2, "$0.02"),
        (420_000_000, 2, "$0.42"),
        (12_800_000_000, 2, "$12.80"),
        (1_234_567_890_000_000, 2, "$1,234,567.89"),
        (16_900_000, 4, "$0.0169"),
        (99_999, 4, "<$0.0001"),
        (100_000, 4, "$0.0001"),
        (-420_000_000, 2, "-$0.42"),
        (-1, 2, ">-$0.01"),
        (None, 2, "–"),
    ],
)
def test_money_is_zero_only_where_nothing_was_spent(nanos: int | None, digits: int, text: str) -> None:
    assert numbers.money(nanos, digits) == text


@pytest.mark.parametrize(
    ("nanos", "text"),
    [
        (0, "$0.00"),
        (150_000_000, "$0.15"),
        (16_923_500, "$0.0169235"),
        (1, "$0.000000001"),
        (-1_500_000_000, "-$1.50"),
        (None, "–"),
    ],
)
def test_exact_money_has_every_digit(nanos: int | None, text: str) -> None:
    assert numbers.exact(nanos) == text


@pytest.mark.parametrize(
    ("whole", "digits"), [(180_000_000, 4), (1_043_000_000, 3), (12_800_000_000, 2), (9_000_000, 6), (0, 2), (None, 2)]
)
def test_a_small_bill_has_more_digits(whole: int | None, digits: int) -> None:
    assert numbers.digits_for(whole) == digits


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 5, "0%"),
        (5, 5, "100%"),
        (1, 1_000, "<1%"),
        (999, 1_000, ">99%"),
        (994, 1_000, "99%"),
        (1, 3, "33%"),
        (3, 2, "150%"),
        (-1, 3, "-33%"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_all_or_nothing_only_where_it_is(part: int, whole: int, text: str) -> None:
    assert numbers.share(part, whole) == text


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (0, "0s"),
        (1, "0.1s"),
        (400, "0.4s"),
        (1_550, "1.6s"),
        (45_000, "45s"),
        (60_000, "1m"),
        (200_000, "3m 20s"),
        (4_320_000, "1h 12m"),
        (187_200_000, "2d 4h"),
        (-45_000, "-45s"),
        (None, "–"),
    ],
)
def test_a_duration_has_its_two_largest_units(millis: int | None, text: str) -> None:
    assert numbers.duration(millis) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (0.42, "0.42"), (9.994, "9.99"), (9.996, "10.0"), (12.5, "12.5"), (99.96, "100"), (1204.4, "1,204"),
     (None, "–")],
)  # fmt: skip
def test_a_ratio_has_three_digits_or_more(value: float | None, text: str) -> None:
    assert numbers.ratio(value) == text


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "2026-03-29 00:59"),
        ("", "2026-03-29 00:59"),
        ("Europe/Berlin", "2026-03-29 01:59"),
        ("America/New_York", "2026-03-28 20:59"),
    ],
)
def test_a_moment_is_that_of_the_zone(zone: str, text: str) -> None:
    at = "2026-03-29T00:59:59.999Z"
    assert numbers.moment(at, zone) == text
    assert numbers.day(at, zone) == text[:10]
    assert numbers.clock(at, zone) == text[11:]
    assert numbers.moment(None, zone) == "–"


def test_milliseconds_are_those_of_the_text() -> None:
    assert numbers.millis_of("1970-01-01T00:00:01.234Z") == 1_234
    assert numbers.millis_of("2026-11-02T10:00:00Z") == 1_793_613_600_000


def value(text: str) -> Fraction:
    """What a written number says."""
    plain = re.fullmatch(r"-?\$?([\d,]+(?:\.\d+)?)([kMBT]?)", text)
    assert plain, text
    unit = {"": 1, "k": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}[plain[2]]
    return Fraction(plain[1].replace(",", "")) * unit


@given(st.integers(0, 10**15))
def test_tokens_are_never_off_by_more_than_half_their_last_digit(number: int) -> None:
    text = numbers.tokens(number)
    assert abs(value(text) - number) <= Fraction(1, 20) * value("1" + text[-1] if text[-1].isalpha() else "1")
    assert number < 10**15 - 10**12 // 2 or text.endswith("T")


@given(money, st.sampled_from([2, 3, 4, 6]))
def test_money_is_rounded_and_never_to_nothing(nanos: int, digits: int) -> None:
    text = numbers.money(nanos, digits)
    if text.startswith("<"):
        assert 0 < nanos < value(text[1:]) * NANOS
    else:
        assert abs(value(text) * NANOS - nanos) <= Fraction(NANOS, 2 * 10**digits)
        assert (value(text) == 0) == (nanos == 0)


@given(money)
def test_exact_money_is_exact(nanos: int) -> None:
    assert value(numbers.exact(nanos)) * NANOS == nanos


@given(st.lists(st.integers(0, 10**12), min_size=1))
def test_only_a_whole_is_all_and_only_nothing_is_nothing(parts: list[int]) -> None:
    whole = sum(parts)
    for part in parts if whole else []:
        assert (numbers.share(part, whole) == "100%") == (part == whole)
        assert (numbers.share(part, whole) == "0%") == (part == 0)

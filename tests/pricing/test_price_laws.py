"""What holds for every price: exact, linear, repeatable, and independent of what else was asked."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.rates import Rates, Unpriced, class_costs, cost_nanos
from lineitem.pricing import table
from lineitem.pricing.book import PriceBook
from lineitem.pricing.decimals import parse_day, parse_rate, render_rate
from lineitem.pricing.model_ids import normalise
from tests.pricing.asking import LIST

MODELS = sorted({row[0] for row in table.PRICES})

tokens = st.integers(0, 10**9)
counts = st.tuples(tokens, tokens, tokens, tokens, tokens, st.integers(0, 1000))
femto = st.integers(0, 10**12)
moments = st.integers(parse_day("2025-01-01"), parse_day("2027-01-01"))
forms = st.sampled_from(["{}", "{}[1m]", "{}-20270101", "us.anthropic.{}-v1:0", "global.anthropic.{}", "{}@default"])
questions = st.tuples(
    st.builds(str.format, forms, st.sampled_from(MODELS)),
    moments,
    st.sampled_from(["", "fast"]),
    st.sampled_from(["", "us"]),
    st.sampled_from(["", "batch"]),
    st.sampled_from([0, 100_000, 100_001, 200_000, 200_001, 900_000]),
)


def values(rates: Rates) -> tuple[int, ...]:
    """Femtodollars a token, five of them."""
    return rates.uncached_input, rates.cache_write_5m, rates.cache_write_1h, rates.cache_read, rates.output


def half_up(exact: Fraction) -> int:
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


@given(counts, st.tuples(femto, femto, femto, femto, femto), st.integers(0, 10**8))
def test_a_cost_is_the_exact_product_rounded_once_per_class(
    used: tuple[int, ...], prices: tuple[int, ...], search: int
) -> None:
    uncached, write_5m, write_1h, read, output = prices
    rates = Rates("r", uncached, write_5m, write_1h, read, output, search)
    exact = [half_up(Fraction(count * price, 10**6)) for count, price in zip(used, prices, strict=False)]
    assert class_costs(rates, *used) == (*exact, used[5] * search)
    assert cost_nanos(used, rates) == sum(exact) + used[5] * search


@given(questions, counts, counts)
def test_prices_are_linear_to_the_one_rounding(
    question: tuple[str, int, str, str, str, int], some: tuple[int, ...], more: tuple[int, ...]
) -> None:
    rates = LIST.rates(*question)
    assert isinstance(rates, Rates)
    together = class_costs(rates, *(a + b for a, b in zip(some, more, strict=True)))
    apart = [a + b for a, b in zip(class_costs(rates, *some), class_costs(rates, *more), strict=True)]
    assert all(abs(a - b) <= 1 for a, b in zip(together, apart, strict=True))


@given(st.sampled_from(MODELS), moments, counts, counts)
def test_list_prices_are_linear_to_the_nanodollar(
    model: str, at_ms: int, some: tuple[int, ...], more: tuple[int, ...]
) -> None:
    rates = LIST.rates(model, at_ms)
    assert isinstance(rates, Rates)
    assert cost_nanos(some, rates) + cost_nanos(more, rates) == cost_nanos(
        [a + b for a, b in zip(some, more, strict=True)], rates
    )


@given(questions)
def test_no_published_rate_is_rounded(question: tuple[str, int, str, str, str, int]) -> None:
    model, at_ms, speed, geo, tier, prompt_tokens = question
    rates, base = LIST.rates(*question), LIST.rates(model.replace("us.", "global."), at_ms)
    assert isinstance(rates, Rates)
    assert isinstance(base, Rates)
    multipliers = [Fraction(mine, listed) for mine, listed in zip(values(rates), values(base), strict=True)]
    assert len(set(multipliers[:4])) == 1
    assert all(200 % multiplier.denominator == 0 for multiplier in multipliers)
    assert speed or geo or tier or prompt_tokens > 100_000 or model.startswith("us.") or set(multipliers) == {1}


@given(st.lists(questions, min_size=1, max_size=20))
def test_an_answer_does_not_depend_on_what_was_asked_before(
    asked: list[tuple[str, int, str, str, str, int]],
) -> None:
    busy = PriceBook.builtin()
    for question in asked:
        answer = busy.rates(*question)
        assert answer == PriceBook.builtin().rates(*question)
        assert answer is busy.rates(*question)


@given(st.integers(1, 10_000), st.integers(0, 6), questions)
def test_a_multiplier_multiplies_every_rate(
    numerator: int, decimals: int, question: tuple[str, int, str, str, str, int]
) -> None:
    multiplier = Fraction(numerator, 10**decimals)
    if multiplier > 10:
        multiplier = Fraction(numerator, 10**6)
    text = f"{multiplier.numerator * (10**6 // multiplier.denominator):07d}"
    mine = PriceBook({"multiplier": f"{text[:-6]}.{text[-6:]}"}).rates(*question)
    listed = LIST.rates(*question)
    assert isinstance(mine, Rates)
    assert isinstance(listed, Rates)
    assert values(mine) == tuple(half_up(rate * multiplier) for rate in values(listed))
    assert mine.web_search == half_up(listed.web_search * multiplier)


@given(questions, counts)
def test_pricing_again_with_another_book_and_back_gives_the_first_cost(
    question: tuple[str, int, str, str, str, int], used: tuple[int, ...]
) -> None:
    before = tuple(used)
    costs = []
    for book in (LIST, PriceBook({"multiplier": "0.5"}), PriceBook.builtin()):
        rates = book.rates(*question)
        assert isinstance(rates, Rates)
        costs.append(cost_nanos(used, rates))
    assert used == before
    assert costs[0] == costs[2] >= costs[1]


@given(st.text(max_size=40), moments)
def test_any_text_is_a_model_of_the_table_or_unpriced(model: str, at_ms: int) -> None:
    answer = LIST.rates(model, at_ms)
    assert isinstance(answer, Unpriced) == (normalise(model) is None)


@given(
    st.sampled_from(["fable", "mythos", "opus", "sonnet", "haiku", "novel"]),
    st.integers(0, 99),
    st.integers(0, 99),
)
def test_a_version_has_its_own_price_or_none(family: str, major: int, minor: int) -> None:
    model = f"claude-{family}-{major}-{minor}"
    names = {model, f"claude-{family}-{major}"} if minor == 0 else {model, f"claude-{major}-{minor}-{family}"}
    if minor == 0:
        names.add(f"claude-{major}-{family}")
    answer = LIST.rates(model, 0)
    assert isinstance(answer, Rates) == bool(names & set(MODELS))
    if isinstance(answer, Rates):
        assert answer.key.split("@")[0] in names


@given(femto)
def test_a_rate_is_shown_exactly(rate: int) -> None:
    assert parse_rate(render_rate(rate)) == rate


@given(st.dates(min_value=dt.date(1970, 1, 1)))
def test_a_day_is_read_as_the_calendar_has_it(day: dt.date) -> None:
    first = dt.date(1970, 1, 1)
    assert parse_day(str(day)) == (day - first).days * 86_400_000

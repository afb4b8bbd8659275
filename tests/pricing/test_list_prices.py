"""Every model's list price, against numbers written down here a second time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lineitem.pricing import table
from lineitem.pricing.decimals import parse_day, parse_rate
from tests.pricing.asking import LIST, price_of, rates_of, usd

#: platform.claude.com pricing, November 2026: input, 5m write, 1h write, read, output
PUBLISHED = {
    "claude-fable-5-2": "8 10 16 0.20 40",
    "claude-mythos-5-2": "8 10 16 0.20 40",
    "claude-fable-5-1": "10 12.50 20 0.25 50",
    "claude-mythos-5-1": "10 12.50 20 0.25 50",
    "claude-fable-5": "10 12.50 20 1.00 50",
    "claude-mythos-5": "10 12.50 20 1.00 50",
    "claude-opus-5-5": "4 5 8 0.20 20",
    "claude-opus-5": "5 6.25 10 0.50 25",
    "claude-opus-4-8": "5 6.25 10 0.50 25",
    "claude-opus-4-7": "5 6.25 10 0.50 25",
    "claude-opus-4-6": "5 6.25 10 0.50 25",
    "claude-opus-4-5-20251101": "5 6.25 10 0.50 25",
    "claude-opus-4-1-20250805": "15 18.75 30 1.50 75",
    "claude-opus-4-20250514": "15 18.75 30 1.50 75",
    "claude-3-opus-20240229": "15 18.75 30 1.50 75",
    "claude-sonnet-5-5": "2 2.50 4 0.10 10",
    "claude-sonnet-5": "2 2.50 4 0.20 10",
    "claude-sonnet-4-6": "3 3.75 6 0.30 15",
    "claude-sonnet-4-5-20250929": "3 3.75 6 0.30 15",
    "claude-sonnet-4-20250514": "3 3.75 6 0.30 15",
    "claude-3-7-sonnet-20250219": "3 3.75 6 0.30 15",
    "claude-3-5-sonnet-20241022": "3 3.75 6 0.30 15",
    "claude-3-5-sonnet-20240620": "3 3.75 6 0.30 15",
    "claude-3-sonnet-20240229": "3 3.75 6 0.30 15",
    "claude-haiku-5-5": "0.10 0.125 0.20 0.01 0.50",
    "claude-haiku-4-5-20251001": "1 1.25 2 0.10 5",
    "claude-3-5-haiku-20241022": "0.80 1 1.60 0.08 4",
    "claude-3-haiku-20240307": "0.25 0.30 0.50 0.03 1.25",
}

#: What Claude Code 2.1.330 charged when it was answered with known usage (2026-11):
#: input, 5m write, 1h write, read, output, input of a 300,000-token prompt, multiplier of fast mode
CHARGED = {
    "claude-opus-5-5": "4 5 8 0.2 20 4 2",
    "claude-opus-5": "5 6.25 10 0.5 25 5 2",
    "claude-opus-4-8": "5 6.25 10 0.5 25 5 2",
    "claude-opus-4-7": "5 6.25 10 0.5 25 5 6",
    "claude-opus-4-6": "5 6.25 10 0.5 25 5 6",
    "claude-opus-4-5": "5 6.25 10 0.5 25 5 1",
    "claude-sonnet-5-5": "2 2.5 4 0.1 10 2 1",
    "claude-sonnet-5": "2 2.5 4 0.2 10 2 1",
    "claude-sonnet-4-6": "3 3.75 6 0.3 15 3 1",
    "claude-sonnet-4-0": "3 3.75 6 0.3 15 3 1",
    "claude-haiku-5-5": "0.1 0.125 0.2 0.01 0.5 0.5 1",
    "claude-haiku-4-5": "1 1.25 2 0.1 5 1 1",
    "claude-fable-5-2": "8 10 16 0.2 40 8 2",
    "claude-fable-5-1": "10 12.5 20 0.25 50 10 1",
    "claude-fable-5": "10 12.5 20 1 50 10 1",
    "claude-mythos-5": "10 12.5 20 1 50 10 1",
    "claude-mythos-5-2": "8 10 16 0.2 40 8 2",
    "claude-3-7-sonnet-20250219": "3 3.75 6 0.3 15 3 1",
    "claude-3-5-haiku-20241022": "0.8 1 1.6 0.08 4 0.8 1",
    "claude-sonnet-4-5-20250929[1m]": "3 3.75 6 0.3 15 3 1",
}


@pytest.mark.parametrize("model", PUBLISHED)
def test_a_model_costs_what_is_published(model: str) -> None:
    assert price_of(model) == usd(PUBLISHED[model])


def test_every_model_of_the_table_is_among_them() -> None:
    assert {rates_of(model).key.split("@")[0] for model in PUBLISHED} == {row[0] for row in table.PRICES}


@pytest.mark.parametrize("model", CHARGED)
def test_a_model_costs_what_the_client_charges(model: str) -> None:
    *prices, long_prompt, _ = usd(CHARGED[model])
    assert price_of(model) == tuple(prices)
    assert price_of(model, prompt_tokens=300_000)[0] == long_prompt


@pytest.mark.parametrize("model", CHARGED)
def test_fast_mode_costs_what_the_client_charges(model: str) -> None:
    # The client goes on charging Opus 4.7 at 6x after the removal: compare while it was there.
    before_removal = "2026-07-24" if model == "claude-opus-4-7" else "2026-11-21"
    expected = usd(CHARGED[model])[0] * usd(CHARGED[model])[-1]
    assert price_of(model, before_removal, speed="fast")[0] == expected


def test_a_web_search_costs_a_cent() -> None:
    assert {rates_of(model).web_search for model in PUBLISHED} == {10_000_000}


def test_a_femtodollar_is_small_enough_for_every_rate() -> None:
    assert parse_rate("0.125") == 125_000_000
    assert rates_of("claude-haiku-5-5", tier="batch", geo="us").cache_read == 5_500_000


def test_cache_reads_are_a_tenth_a_twentieth_or_a_fortieth_of_input() -> None:
    shares: dict[Decimal, set[str]] = {}
    for model in PUBLISHED:
        uncached, _, _, read, _ = price_of(model)
        shares.setdefault(read / uncached, set()).add(model)
    assert shares.pop(Decimal("0.05")) == {"claude-opus-5-5", "claude-sonnet-5-5"}
    assert shares.pop(Decimal("0.025")) == {
        "claude-fable-5-2",
        "claude-mythos-5-2",
        "claude-fable-5-1",
        "claude-mythos-5-1",
    }
    assert shares.pop(Decimal("0.12")) == {"claude-3-haiku-20240307"}  # 0.03 for 0.25, as published
    assert list(shares) == [Decimal("0.1")]


def test_every_row_says_when_where_and_when_checked() -> None:
    for _, since, *_, source, checked in table.PRICES:
        assert parse_day(since) <= parse_day(checked)
        assert source


def test_the_rows_of_a_model_are_in_order_of_date() -> None:
    last: dict[str, str] = {}
    for model, since, *_ in table.PRICES:
        assert last.get(model, "") < since
        last[model] = since


def test_the_rules_name_models_of_the_table_and_each_once() -> None:
    known = {row[0] for row in table.PRICES}
    stepped = [model for rule in table.PROMPT_STEPS for model in rule[0]]
    fast = [model for rule in table.FAST_MODE for model in rule[0]]
    assert {*stepped, *fast} <= known
    assert len(stepped) == len({*stepped})  # one rule of a kind a model
    assert len(fast) == len({*fast})


def test_the_book_shows_every_row_and_what_can_come_on_top() -> None:
    entries = {(entry.model, entry.since): entry for entry in LIST.entries()}
    assert len(entries) == len(table.PRICES)
    shown = entries["claude-opus-4-8", "2026-05-28"]
    assert (shown.input, shown.cache_write_5m, shown.cache_write_1h) == ("5.00", "6.25", "10.00")
    assert (shown.cache_read, shown.output) == ("0.50", "25.00")
    assert (shown.source, shown.checked) == ("platform.claude.com pricing", "2026-11-21")
    assert shown.modifiers == (
        "fast mode 2x before 2026-12-01",
        "US inference 1.1x",
        "regional endpoint 1.1x",
        "batch 0.5x",
    )
    assert entries["claude-haiku-5-5", "2026-10-07"].cache_write_5m == "0.125"
    assert "prompts above 100,000 tokens: input 5x, output 5x" in entries["claude-haiku-5-5", "2026-10-07"].modifiers

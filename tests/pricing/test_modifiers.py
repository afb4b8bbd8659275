"""What changes the price of a request: the day, the prompt's length, speed, place and tier."""

from __future__ import annotations

import pytest

from lineitem.core.rates import Rates
from lineitem.pricing import table
from lineitem.pricing.decimals import parse_day
from tests.pricing.asking import LIST, price_of, rates_of, times, usd

OPUS = usd("5 6.25 10 0.50 25")
OPUS_LONG = usd("10 12.50 20 1 37.50")
SONNET = usd("3 3.75 6 0.30 15")
SONNET_LONG = usd("6 7.50 12 0.60 22.50")
HAIKU_5_5 = usd("0.10 0.125 0.20 0.01 0.50")
HAIKU_5_5_LONG = usd("0.50 0.625 1.00 0.05 2.50")

MODELS = sorted({row[0] for row in table.PRICES})
SINCE_4_5 = {
    *("claude-fable-5", "claude-fable-5-1", "claude-fable-5-2"),
    *("claude-mythos-5", "claude-mythos-5-1", "claude-mythos-5-2"),
    *("claude-opus-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8"),
    *("claude-opus-5", "claude-opus-5-5"),
    *("claude-sonnet-4-5", "claude-sonnet-4-6", "claude-sonnet-5", "claude-sonnet-5-5"),
    *("claude-haiku-4-5", "claude-haiku-5-5"),
}
SINCE_4_6 = SINCE_4_5 - {"claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"}


# The day


def test_sonnet_5_5_reads_became_cheaper() -> None:
    assert price_of("claude-sonnet-5-5", "2026-10-06") == usd("2 2.50 4 0.20 10")
    assert price_of("claude-sonnet-5-5", "2026-10-07") == usd("2 2.50 4 0.10 10")


def test_a_price_changes_with_the_first_millisecond_of_its_day() -> None:
    change = parse_day("2026-10-07")
    before, after = (LIST.rates("claude-sonnet-5-5", at_ms) for at_ms in (change - 1, change))
    assert isinstance(before, Rates)
    assert isinstance(after, Rates)
    assert (before.cache_read, after.cache_read) == (200_000_000, 100_000_000)


def test_the_cancelled_rise_of_sonnet_5_never_happened() -> None:
    assert price_of("claude-sonnet-5", "2026-08-31") == price_of("claude-sonnet-5", "2026-09-01")


@pytest.mark.parametrize("model", MODELS)
def test_usage_before_a_models_first_day_has_its_first_price(model: str) -> None:
    first = next(row[1] for row in table.PRICES if row[0] == model)
    assert rates_of(model, "2020-01-01") is rates_of(model, first)
    assert LIST.rates(model, 0) is rates_of(model, first)


# The prompt's length


@pytest.mark.parametrize(
    ("prompt_tokens", "expected"),
    [
        (0, HAIKU_5_5),
        (99_999, HAIKU_5_5),
        (100_000, HAIKU_5_5),
        (100_001, HAIKU_5_5_LONG),
        (10**6, HAIKU_5_5_LONG),
    ],
)
def test_haiku_5_5_prices_the_whole_request_by_its_prompt(prompt_tokens: int, expected: object) -> None:
    assert price_of("claude-haiku-5-5", prompt_tokens=prompt_tokens) == expected


@pytest.mark.parametrize(
    ("model", "day", "flat", "long"),
    [
        ("claude-opus-4-6", "2026-02-05", OPUS, OPUS_LONG),
        ("claude-opus-4-6", "2026-03-12", OPUS, OPUS_LONG),
        ("claude-opus-4-6", "2026-03-13", OPUS, OPUS),
        ("claude-sonnet-4-6", "2026-03-12", SONNET, SONNET_LONG),
        ("claude-sonnet-4-6", "2026-03-13", SONNET, SONNET),
        ("claude-sonnet-4-5", "2026-03-13", SONNET, SONNET_LONG),
        ("claude-sonnet-4-5", "2026-04-30", SONNET, SONNET_LONG),
        ("claude-sonnet-4-5", "2026-05-01", SONNET, SONNET),
        ("claude-sonnet-4", "2025-09-01", SONNET, SONNET_LONG),
        ("claude-sonnet-4", "2026-05-01", SONNET, SONNET),
        ("claude-sonnet-4-5-20250929[1m]", "2026-01-10", SONNET, SONNET_LONG),
        ("claude-opus-4-5", "2026-01-10", OPUS, OPUS),
        ("claude-opus-4-8", "2026-11-21", OPUS, OPUS),
        ("claude-sonnet-5-5", "2026-11-21", usd("2 2.50 4 0.10 10"), usd("2 2.50 4 0.10 10")),
    ],
)
def test_long_context_was_dearer_for_a_while(model: str, day: str, flat: object, long: object) -> None:
    assert price_of(model, day, prompt_tokens=200_000) == flat
    assert price_of(model, day, prompt_tokens=200_001) == long


# Fast mode


@pytest.mark.parametrize(
    ("model", "day", "multiplier"),
    [
        ("claude-fable-5-2", "2026-11-21", "2"),
        ("claude-mythos-5-2", "2026-11-21", "2"),
        ("claude-opus-5-5", "2026-09-22", "2"),
        ("claude-opus-5", "2026-07-24", "2"),
        ("claude-opus-4-8", "2026-05-28", "2"),
        ("claude-opus-4-8", "2026-11-30", "2"),
        ("claude-opus-4-8", "2026-12-01", "1"),
        ("claude-opus-4-7", "2026-07-23", "6"),
        ("claude-opus-4-7", "2026-07-24", "6"),
        ("claude-opus-4-7", "2026-07-25", "1"),
        ("claude-opus-4-6", "2026-04-20", "6"),
        ("claude-fable-5-1", "2026-11-21", "1"),
        ("claude-opus-4-5", "2026-11-21", "1"),
        ("claude-sonnet-5-5", "2026-11-21", "1"),
        ("claude-haiku-5-5", "2026-11-21", "1"),
    ],
)
def test_fast_mode_multiplies_every_token_class(model: str, day: str, multiplier: str) -> None:
    assert price_of(model, day, speed="fast") == times(price_of(model, day), multiplier)


def test_fast_opus_5_5_costs_8_and_40() -> None:
    assert price_of("claude-opus-5-5", speed="fast") == usd("8 10 16 0.40 40")


@pytest.mark.parametrize("speed", ["", "standard", "normal", "FAST", "slow"])
def test_only_the_word_fast_is_fast(speed: str) -> None:
    assert rates_of("claude-opus-5-5", speed=speed) is rates_of("claude-opus-5-5")


# Place


@pytest.mark.parametrize("model", MODELS)
def test_us_inference_costs_a_tenth_more_from_the_4_6_models_on(model: str) -> None:
    multiplier = "1.1" if model in SINCE_4_6 else "1"
    assert price_of(model, geo="us") == times(price_of(model), multiplier)


@pytest.mark.parametrize("geo", ["", "global", "not_available", "eu", "US"])
def test_only_us_is_us(geo: str) -> None:
    assert rates_of("claude-opus-5-5", geo=geo) is rates_of("claude-opus-5-5")


@pytest.mark.parametrize("prefix", ["", "us.", "eu.", "jp.", "au.", "apac."])
@pytest.mark.parametrize("model", MODELS)
def test_a_regional_endpoint_costs_a_tenth_more_from_the_4_5_models_on(model: str, prefix: str) -> None:
    multiplier = "1.1" if model in SINCE_4_5 else "1"
    assert price_of(f"{prefix}anthropic.{model}") == times(price_of(model), multiplier)


@pytest.mark.parametrize("model", MODELS)
def test_a_global_endpoint_costs_the_list_price(model: str) -> None:
    assert rates_of(f"global.anthropic.{model}") is rates_of(model)
    assert rates_of(f"{model}@default") is rates_of(model)


def test_a_place_is_not_paid_twice() -> None:
    bedrock = "us.anthropic.claude-opus-5-5"
    assert rates_of(bedrock, geo="us") is rates_of(bedrock)


# Tier


@pytest.mark.parametrize("model", MODELS)
def test_a_batch_costs_half(model: str) -> None:
    assert price_of(model, tier="batch") == times(price_of(model), "0.5")


def test_a_batch_pays_searches_in_full() -> None:
    assert rates_of("claude-opus-5-5", tier="batch").web_search == 10_000_000


@pytest.mark.parametrize("tier", ["", "standard", "priority", "standard_only"])
def test_other_tiers_cost_the_list_price(tier: str) -> None:
    assert rates_of("claude-opus-5-5", tier=tier) is rates_of("claude-opus-5-5")


# Together


def test_there_is_no_fast_batch() -> None:
    assert rates_of("claude-opus-5-5", speed="fast", tier="batch") is rates_of("claude-opus-5-5", tier="batch")


def test_modifiers_multiply() -> None:
    fast_us = price_of("claude-fable-5-2", speed="fast", geo="us")
    assert fast_us == usd("17.6 22 35.2 0.44 88")
    long_us_batch = price_of("claude-haiku-5-5", geo="us", tier="batch", prompt_tokens=100_001)
    assert long_us_batch == usd("0.275 0.34375 0.55 0.0275 1.375")
    long_fast = price_of("claude-opus-4-6", "2026-03-01", speed="fast", prompt_tokens=250_000)
    assert long_fast == usd("60 75 120 6 225")
    regional_long = price_of("anthropic.claude-haiku-5-5", prompt_tokens=100_001)
    assert regional_long == usd("0.55 0.6875 1.1 0.055 2.75")


def test_a_key_names_the_row_and_every_modifier() -> None:
    assert rates_of("claude-opus-5-5").key == "claude-opus-5-5@2026-09-22"
    assert rates_of("claude-opus-5-5", speed="fast", geo="us").key == "claude-opus-5-5@2026-09-22+fast+us"
    assert rates_of("claude-sonnet-5-5", "2026-10-01").key == "claude-sonnet-5-5@2026-09-28"
    assert rates_of("jp.anthropic.claude-haiku-5-5", tier="batch", prompt_tokens=100_001).key == (
        "claude-haiku-5-5@2026-10-07+above-100000+regional+batch"
    )


def test_one_key_is_one_set_of_rates() -> None:
    seen: dict[str, Rates] = {}
    for model in MODELS:
        for name in (model, f"anthropic.{model}"):
            for day in ("2026-03-01", "2026-04-01", "2026-06-01", "2026-10-10", "2026-12-05"):
                for speed in ("", "fast"):
                    for prompt_tokens in (1000, 500_000):
                        for tier in ("", "batch"):
                            asked = {
                                "speed": speed,
                                "geo": "us",
                                "tier": tier,
                                "prompt_tokens": prompt_tokens,
                            }
                            found = rates_of(name, day, **asked)  # type: ignore[arg-type]
                            assert seen.setdefault(found.key, found) is found
    assert len({repr(rates) for rates in seen.values()}) == len(seen)

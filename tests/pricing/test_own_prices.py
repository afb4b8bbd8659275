"""Own prices from the settings: rates, names, a discount; and what is refused."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal
from typing import Any

import pytest

from lineitem.core.problems import UsageError
from lineitem.core.rates import Unpriced
from lineitem.pricing.book import PriceBook
from lineitem.pricing.overrides import OverrideError
from tests.docs.pages import ROOT, fenced, text
from tests.pricing.asking import dollars, price_of, rates_of, times, usd

MINE = {"input": "1.5", "output": "6"}
FULL = {"input": "3", "output": "9", "cache_read": "0.4", "cache_write_5m": "5", "cache_write_1h": "7"}


def own(**models: object) -> PriceBook:
    """A book with own prices; underscores in the names stand for hyphens."""
    return PriceBook({"models": {name.replace("_", "-"): prices for name, prices in models.items()}})


def test_an_own_model_has_its_own_price() -> None:
    book = own(my_model=FULL)
    assert price_of("my-model", book=book) == usd("3 5 7 0.4 9")
    assert price_of("My-Model[1m]", book=book) == usd("3 5 7 0.4 9")


def test_missing_cache_prices_follow_from_input() -> None:
    assert price_of("my-model", book=own(my_model=MINE)) == usd("1.5 1.875 3 0.15 6")


@pytest.mark.parametrize("written", ["1.5", 1.5, Decimal("1.5"), " 1.50 "])
def test_a_number_is_the_decimal_it_was_written_as(written: object) -> None:
    assert price_of("my-model", book=own(my_model={"input": written, "output": 6}))[0] == Decimal("1.5")


def test_an_own_price_may_be_nothing_because_it_was_said_to_be() -> None:
    assert price_of("local", book=own(local={"input": 0, "output": 0})) == usd("0 0 0 0 0")


def test_a_foreign_name_knows_no_modifiers() -> None:
    book = own(my_model=FULL)
    plain = rates_of("my-model", book=book)
    assert rates_of("my-model", speed="fast", geo="us", tier="batch", prompt_tokens=10**6, book=book) is plain


def test_an_own_price_takes_the_place_of_the_list() -> None:
    book = own(claude_opus_5_5=FULL)
    for model in (
        "claude-opus-5-5",
        "claude-opus-5-5-20260922",
        "anthropic/claude-opus-5.5",
        "claude-opus-5-5@default",
    ):
        assert price_of(model, book=book) == usd("3 5 7 0.4 9")
    assert price_of("claude-opus-5", book=book) == price_of("claude-opus-5")


def test_the_rules_of_a_claude_model_still_apply_to_its_own_price() -> None:
    book = own(claude_opus_5_5=FULL)
    assert price_of("claude-opus-5-5", speed="fast", geo="us", book=book) == times(usd("3 5 7 0.4 9"), "2.2")
    assert price_of("us.anthropic.claude-opus-5-5", book=book) == times(usd("3 5 7 0.4 9"), "1.1")


def test_a_claude_version_that_is_not_in_the_table_can_be_given_a_price() -> None:
    book = own(claude_opus_9_9=FULL)
    assert price_of("claude-opus-9-9-20290101", tier="batch", book=book) == times(usd("3 5 7 0.4 9"), "0.5")
    assert isinstance(book.rates("claude-opus-9-8", 0), Unpriced)


def test_a_bedrock_id_with_its_own_price_is_taken_as_written() -> None:
    book = PriceBook({"models": {"us.anthropic.claude-opus-5-5": FULL}})
    assert price_of("us.anthropic.claude-opus-5-5", geo="us", book=book) == usd("3 5 7 0.4 9")
    assert price_of("eu.anthropic.claude-opus-5-5", book=book) == times(price_of("claude-opus-5-5"), "1.1")
    assert rates_of("claude-opus-5-5", book=book) == rates_of("claude-opus-5-5")


def test_a_dated_own_price_leaves_the_past_alone() -> None:
    book = own(claude_sonnet_5_5=FULL | {"since": "2026-11-01"})
    assert price_of("claude-sonnet-5-5", "2026-10-01", book=book) == usd("2 2.50 4 0.20 10")
    assert price_of("claude-sonnet-5-5", "2026-10-31", book=book) == usd("2 2.50 4 0.10 10")
    assert price_of("claude-sonnet-5-5", "2026-11-01", book=book) == usd("3 5 7 0.4 9")


def test_an_own_price_from_before_the_last_change_replaces_that_change() -> None:
    book = own(claude_sonnet_5_5=FULL | {"since": "2026-10-01"})
    assert price_of("claude-sonnet-5-5", "2026-09-30", book=book) == usd("2 2.50 4 0.20 10")
    assert price_of("claude-sonnet-5-5", "2026-10-10", book=book) == usd("3 5 7 0.4 9")


def test_own_rows_may_follow_each_other() -> None:
    # tomllib gives a bare date as a date
    rows = [FULL | {"since": dt.date(2026, 6, 1)}, MINE | {"since": "2026-01-01"}]
    book = own(my_model=rows)
    assert price_of("my-model", "2025-01-01", book=book) == usd("1.5 1.875 3 0.15 6")
    assert price_of("my-model", "2026-05-31", book=book) == usd("1.5 1.875 3 0.15 6")
    assert price_of("my-model", "2026-06-01", book=book) == usd("3 5 7 0.4 9")


def test_an_alias_is_another_name_for_a_priced_model() -> None:
    book = PriceBook(
        {
            "models": {"my-model": MINE},
            "aliases": {
                "My-Gateway": "claude-opus-5-5",
                "opus": "us.anthropic.claude-opus-5-5",
                "mine": "my-model",
            },
        }
    )
    assert rates_of("my-gateway[1m]", speed="fast", book=book) == rates_of("claude-opus-5-5", speed="fast")
    assert rates_of("opus", book=book) == rates_of("us.anthropic.claude-opus-5-5")
    assert price_of("mine", book=book) == usd("1.5 1.875 3 0.15 6")


def test_an_alias_may_redirect_a_known_id() -> None:
    book = PriceBook({"aliases": {"claude-opus-5-5": "claude-haiku-4-5"}})
    assert rates_of("claude-opus-5-5", book=book) == rates_of("claude-haiku-4-5")


def test_the_multiplier_takes_a_share_off_every_list_price() -> None:
    book = PriceBook({"multiplier": "0.87"})
    for model in ("claude-opus-5-5", "claude-haiku-5-5", "us.anthropic.claude-haiku-4-5"):
        assert price_of(model, book=book) == times(price_of(model), "0.87")
    assert rates_of("claude-opus-5-5", book=book).web_search == 8_700_000
    assert rates_of("claude-opus-5-5", speed="fast", book=book).key == "claude-opus-5-5@2026-09-22+fast*0.87"


def test_the_multiplier_leaves_own_prices_alone() -> None:
    book = PriceBook({"multiplier": 0.87, "models": {"my-model": MINE}})
    assert dollars(rates_of("my-model", book=book)) == usd("1.5 1.875 3 0.15 6")


def test_own_keys_hold_their_rates_because_nothing_else_dates_them() -> None:
    assert rates_of("my-model", book=own(my_model=MINE)).key == "my-model@own=1.50/1.875/3.00/0.15/6.00"
    dated = own(my_model=MINE | {"since": "2026-01-01"})
    assert rates_of("my-model", book=dated).key == "my-model@2026-01-01=1.50/1.875/3.00/0.15/6.00"


def test_the_book_shows_own_rows_as_such() -> None:
    book = PriceBook({"multiplier": "0.9", "models": {"my-model": MINE, "claude-opus-5-5": FULL}})
    entries = {entry.model: entry for entry in book.entries()}
    mine = entries["my-model"]
    assert (mine.since, mine.source, mine.checked, mine.modifiers) == ("", "settings", "", ())
    assert (mine.input, mine.cache_write_5m, mine.cache_read) == ("1.50", "1.875", "0.15")
    assert entries["claude-opus-5-5"].source == "settings"
    assert entries["claude-opus-5-5"].modifiers[0] == "fast mode 2x"
    assert entries["claude-opus-5"].modifiers[-1] == "multiplier 0.9"


def test_the_book_shows_a_models_own_rules_though_its_name_stands_for_another() -> None:
    book = PriceBook({"aliases": {"claude-opus-5-5": "claude-haiku-4-5"}})
    [entry] = [entry for entry in book.entries() if entry.model == "claude-opus-5-5"]
    assert entry.modifiers[0] == "fast mode 2x"


# The version of the book


def test_the_version_is_the_same_for_the_same_prices() -> None:
    assert PriceBook().version == PriceBook({}).version == PriceBook.builtin().version
    assert PriceBook({"multiplier": "1.0"}).version == PriceBook({"multiplier": 1}).version
    assert own(a=MINE, b=FULL).version == own(b=FULL, a=MINE).version
    assert own(a={"input": 1.5, "output": "6.00"}).version == own(A=MINE).version


def test_the_version_changes_with_every_own_price() -> None:
    books = [
        PriceBook(),
        PriceBook({"multiplier": "0.87"}),
        PriceBook({"aliases": {"opus": "claude-opus-5-5"}}),
        PriceBook({"aliases": {"opus": "claude-opus-5"}}),
        own(my_model=MINE),
        own(my_model=MINE | {"output": "6.01"}),
        own(my_model=MINE | {"since": "2026-01-01"}),
    ]
    assert len({book.version for book in books}) == len(books)


def test_the_version_changes_with_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    before = PriceBook().version
    monkeypatch.setattr("lineitem.pricing.table.BATCH", "0.4")
    assert PriceBook().version != before


# What is refused

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"multipliers": "0.9"}, "prices has no setting `multipliers`; there are multiplier, models, aliases"),
    ({"multiplier": "0"}, "prices.multiplier is 0; it lies above 0"),
    ({"multiplier": "-0.5"}, "prices.multiplier: '-0.5' is not a plain decimal number"),
    ({"multiplier": "11"}, "prices.multiplier is 11"),
    ({"multiplier": "13%"}, "prices.multiplier: '13%' is not a plain decimal number"),
    ({"multiplier": True}, "prices.multiplier: True is not a plain decimal number"),
    ({"multiplier": None}, "prices.multiplier: None is not a plain decimal number"),
    ({"multiplier": "."}, "prices.multiplier: '.' is not a plain decimal number"),
    ({"multiplier": "1."}, "prices.multiplier: '1.' is not a plain decimal number"),
    ({"multiplier": "٣"}, "is not a plain decimal number"),
    ({"multiplier": float("nan")}, "prices.multiplier: 'nan' is not"),
    ({"models": [MINE]}, "prices.models must be a table"),
    ({"models": {"m": "1.5"}}, 'prices.models."m" must be a table'),
    ({"models": {"m": []}}, 'prices.models."m" is empty'),
    ({"models": {"m": {"input": 1}}}, 'prices.models."m" has no `output`'),
    ({"models": {"m": {"output": 1}}}, 'prices.models."m" has no `input`'),
    ({"models": {"m": MINE | {"cache": 1}}}, 'prices.models."m" has no setting `cache`; there are input, '),
    ({"models": {"m": MINE | {"input": "-1"}}}, "prices.models.\"m\".input: '-1' is not a plain decimal"),
    ({"models": {"m": MINE | {"input": "1e-3"}}}, "prices.models.\"m\".input: '1e-3' is not a plain decimal"),
    ({"models": {"m": MINE | {"input": "0.0000000001"}}}, "has more than nine decimals"),
    (
        {"models": {"m": MINE | {"since": "1.1.2026"}}},
        "prices.models.\"m\".since: '1.1.2026' is not a day written",
    ),
    ({"models": {"m": MINE | {"since": "2026-02-29"}}}, "'2026-02-29' is not a day of the calendar"),
    ({"models": {"m": [MINE, MINE]}}, 'prices.models."m" has two prices since ever'),
    ({"models": {"": MINE}}, "the model name is empty"),
    ({"models": {"m": MINE, "M ": MINE}}, 'prices.models."M " and prices.models."m" are the same model'),
    (
        {"models": {"claude-opus-4-5": MINE, "claude-opus-4-5-20251101": MINE}},
        'prices.models."claude-opus-4-5-20251101" and prices.models."claude-opus-4-5" are the same model',
    ),
    ({"aliases": "opus"}, "prices.aliases must be a table"),
    ({"aliases": {"x": 5}}, 'prices.aliases."x" must be the id of a model'),
    (
        {"aliases": {"x": "claude-opus-9-9"}},
        "prices.aliases.\"x\" stands for 'claude-opus-9-9', which has no price",
    ),
    ({"aliases": {"x": "y", "y": "claude-opus-5-5"}}, "stands for 'y', which has no price"),
]


@pytest.mark.parametrize(("settings", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_cannot_be_meant_is_refused_with_its_place(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(OverrideError) as refused:
        PriceBook(settings)
    assert message in str(refused.value)
    assert isinstance(refused.value, UsageError)


def test_the_example_of_the_page_is_understood() -> None:
    [example] = [block for block in fenced(text(ROOT / "docs/prices.md")) if "[prices]" in block]
    book = PriceBook(tomllib.loads(example)["prices"])
    assert price_of("my-gateway/large", book=book) == usd("3 3.75 6 0.30 15")
    assert price_of("claude-opus-5-5", "2026-09-30", book=book) == times(usd("4 5 8 0.20 20"), "0.87")
    assert price_of("claude-opus-5-5", "2026-10-01", book=book) == usd("3.6 4.5 7.2 0.18 18")
    assert rates_of("team-default", book=book) == rates_of("claude-sonnet-5-5", book=book)

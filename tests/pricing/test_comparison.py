"""Our table against genai-prices: an independent one. What differs is known, each with its reason."""

from __future__ import annotations

import pytest

from lineitem.pricing.book import PriceBook
from lineitem.pricing.check import compare

pytest.importorskip("genai_prices")

#: genai-prices 0.2.3: what it lacks, and for which models
GAPS = {
    "it does not list the model": {"claude-mythos-5", "claude-mythos-5-1"},
    "it has only the read price of 2026-10-07": {"claude-sonnet-5-5"},
    "it has no fast mode for the model": {"claude-opus-4-6", "claude-opus-4-7"},
    "it has no end of the model's fast mode": {"claude-opus-4-8"},
    "it has no end of the 1M beta's premium": {"claude-sonnet-4-5"},
    "it has no 1M beta for the model": {"claude-sonnet-4"},
    "it has no batch price for a retired model": {
        "claude-3-5-haiku",
        "claude-3-5-sonnet",
        "claude-3-7-sonnet",
        "claude-3-haiku",
        "claude-3-opus",
        "claude-3-sonnet",
        "claude-opus-4",
        "claude-opus-4-1",
        "claude-sonnet-4",
    },
}


def test_nothing_differs_that_nobody_has_looked_at() -> None:
    assert not [difference for difference in compare(PriceBook.builtin()) if not difference.known]


def test_the_known_gaps_are_these() -> None:
    found: dict[str, set[str]] = {}
    for difference in compare(PriceBook.builtin()):
        found.setdefault(difference.known, set()).add(difference.model)
    assert found.pop("it has no batch price before 2026-10-14")
    assert found == GAPS


def test_a_wrong_price_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = ("claude-opus-5", "2026-07-24", "5", "6.25", "10", "0.05", "25", "a slip", "2026-11-21")
    monkeypatch.setattr("lineitem.pricing.rows.PRICES", (wrong,))
    found = [difference for difference in compare(PriceBook.builtin()) if not difference.known]
    assert {(each.model, each.mode, each.probe) for each in found} == {
        ("claude-opus-5", mode, probe)
        for mode, probe in [
            ("standard", "cache read"),
            ("standard", "long prompt"),
            ("fast", "cache read"),
            ("fast", "long prompt"),
            ("batch", "cache read"),
            ("batch", "long prompt"),
        ]
    }
    assert "claude-opus-5 on 2026-11-21, standard, cache read: $0.00005 here, $0.0005 there" in map(repr, found)


def test_own_prices_and_discounts_are_not_compared() -> None:
    book = PriceBook(
        {
            "multiplier": "0.5",
            "models": {"claude-opus-5": {"input": 1, "output": 2}, "mine": {"input": 1, "output": 2}},
        }
    )
    differences = compare(book)
    assert not [difference for difference in differences if not difference.known]
    assert not [difference for difference in differences if difference.model in {"claude-opus-5", "mine"}]

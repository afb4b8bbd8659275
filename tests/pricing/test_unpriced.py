"""A model without a price: said, with the reason and the way out, and never 0 or a sibling's price."""

from __future__ import annotations

import pytest

from lineitem.core.rates import Unpriced
from lineitem.pricing.book import PriceBook
from tests.docs.pages import ROOT, anchors, text
from tests.pricing.asking import LIST

REASONS = {
    "claude-opus-9-9": "claude-opus-9-9 is not in the price table",
    "eu.anthropic.claude-opus-5-7-v1:0": "claude-opus-5-7 is not in the price table",
    "opus": "it names no version",
    "Sonnet[1m]": "it names no version",
    "default": "it names no version",
    "glm-99-experimental": "it is not a Claude model of the price table",
    "arn:aws:bedrock:eu-west-1:123:application-inference-profile/a1b2": "an application inference profile",
}


@pytest.mark.parametrize("model", REASONS)
def test_the_reason_names_the_model_and_the_way_out(model: str) -> None:
    found = LIST.rates(model, 0)
    assert isinstance(found, Unpriced)
    assert repr(model) in found.reason
    assert REASONS[model] in found.reason
    assert "prices.models" in found.reason or "prices.aliases" in found.reason
    assert "docs/prices.md#unpriced-model" in found.reason


def test_no_name_has_a_reason_too() -> None:
    found = LIST.rates("", 0)
    assert isinstance(found, Unpriced)
    assert "names no model" in found.reason


def test_the_slug_is_a_heading_of_the_page() -> None:
    found = LIST.rates("opus", 0)
    assert isinstance(found, Unpriced)
    assert found.slug in anchors(text(ROOT / "docs/prices.md"))


def test_the_answer_is_remembered() -> None:
    assert LIST.rates("nobody", 0) is LIST.rates("nobody", 10**12)
    assert LIST.rates("nobody", 0) == PriceBook.builtin().rates("nobody", 5)
    assert LIST.rates("nobody", 0) != LIST.rates("anybody", 0)

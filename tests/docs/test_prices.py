"""The settings shown in docs/prices.md are settings that work."""

from __future__ import annotations

import tomllib

from lineitem.pricing.book import PriceBook
from tests.docs.pages import ROOT, fenced, text


def test_the_example_of_own_prices_is_accepted() -> None:
    settings = tomllib.loads(fenced(text(ROOT / "docs/prices.md"))[0])
    assert PriceBook(settings["prices"]).version != PriceBook.builtin().version

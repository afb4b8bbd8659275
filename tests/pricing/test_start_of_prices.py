"""Prices are on the way of every answer: they must be there at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.docs.pages import ROOT

COSTLY = {
    "_decimal",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "hashlib",
    "json",
    "pathlib",
    "re",
}


@pytest.mark.parametrize("own", ["None", "{'multiplier': '0.9', 'models': {'m': {'input': 1, 'output': 2}}}"])
def test_a_price_is_found_without_a_costly_import(own: str) -> None:
    program = f"""
import sys
from lineitem.core.rates import class_costs
from lineitem.pricing.book import PriceBook
book = PriceBook({own})
class_costs(book.rates("claude-opus-5-5", 0), 1, 2, 3, 4, 5, 6), book.version
print(*sys.modules)
"""
    # -S: what a site's own packages import is not ours
    ran = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    allowed = {"collections"} if own != "None" else set()  # core.problems has a namedtuple
    assert set(ran.stdout.split()) & COSTLY <= allowed
    assert "typing" not in ran.stdout.split()

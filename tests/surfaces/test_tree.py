"""A tree of causes and the price book, as people see them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.pricing.book import PriceBook
from lineitem.surfaces.page import cells
from lineitem.surfaces.text import print_prices, print_tree, tree_page
from tests.surfaces.answers import HOSTILE, shown, tree

COLOUR = re.compile(r"\x1b\[[\d;]*m")
CAUSES = st.lists(
    st.tuples(
        st.sampled_from(
            ["tool/Bash/ls", "tool/Read/a", "tool/mcp__x__y", "schemas/builtin", "prompt", "reply", "memory/a/b"]
        )
        | st.sampled_from(HOSTILE).map("tool/Bash/{}".format),
        st.integers(0, 10**12),
    ),
    min_size=1,
)


@pytest.mark.parametrize("width", [80, 100, 140])
@given(causes=CAUSES)
def test_no_line_is_longer_than_the_page_and_none_steers_the_terminal(
    width: int, causes: list[tuple[str, int]]
) -> None:
    out, _ = shown(lambda: print_tree(tree(causes), {"color": True}), width)
    lines = COLOUR.sub("", out).split("\n")
    assert all(cells(line) <= width and line.isprintable() for line in lines)


def test_own_and_children_stand_under_each_other() -> None:
    causes = [("tool/Bash/ls", 60), ("tool/Bash/cat a", 20), ("tool/Read/a.py", 10), ("reply", 10)]
    out = tree_page(tree([(cause, nanos * 10**7) for cause, nanos in causes]), {}, 110).text()
    amounts = {line[3:55].strip(): line.split()[-2:] for line in out.splitlines()}
    assert amounts["Tools"] == ["0.900", "90%"]
    assert amounts["Bash"] == ["0.800", "80%"]
    assert amounts["ls"] == ["0.600", "60%"]
    assert amounts["Read a.py"] == ["0.100", "10%"]
    assert amounts["Replies"] == ["0.100", "10%"]
    assert amounts["The bill"] == ["$1.000", "100%"]


def test_small_causes_stand_together() -> None:
    causes = [("tool/Bash/big", 10**9), *((f"tool/Bash/{number}", 10**6) for number in range(9))]
    out = tree_page(tree(causes), {}, 110).text()
    assert re.search(r"9 more .* 0\.009 .* <1%", out)


def test_without_cost_no_money_is_shown() -> None:
    out = tree_page(tree([("reply", 10**9)]), {"no_cost": True}, 110).text()
    assert "$" not in out
    assert "100%" in out


@pytest.mark.parametrize("width", [80, 120])
def test_every_price_in_force_is_shown_whole(width: int) -> None:
    entries = PriceBook.builtin().entries()
    out, _ = shown(lambda: print_prices(entries, {}), width)
    lines = out.splitlines()
    assert all(cells(line) <= width for line in lines)
    for entry in entries:
        wanted = [entry.input, entry.cache_write_5m, entry.cache_write_1h, entry.cache_read, entry.output]
        assert any(line.split()[2:7] == wanted for line in lines)


def test_the_notes_of_a_tree_are_told() -> None:
    found = tree([("reply", 10**9)])
    found.notes, found.head["unpricedModels"] = ["unpriced"], ["new-model"]
    out = " ".join(tree_page(found, {}, 110).text().split())
    assert "No price is known for new-model" in out

"""What is given out is bounded and clean, whatever a report says."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineitem.surfaces.mcp import cut
from lineitem.surfaces.page import cells
from tests.surfaces.answers import HOSTILE

texts = st.text(max_size=300) | st.sampled_from(HOSTILE)
leaves = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=12) | st.dictionaries(texts, inner, max_size=6))
documents = st.dictionaries(
    st.sampled_from(["rows", "calls", "totals", "head", "text"]),
    st.lists(
        st.dictionaries(st.sampled_from(["id", "name", "costNanos", "remainder"]), values, max_size=4), max_size=80
    )
    | values,
    max_size=5,
)


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, each in value.items() for text in (key, *strings(each))]
    return [text for each in value for text in strings(each)] if isinstance(value, list) else []


@given(documents)
def test_every_text_is_short_and_steers_nothing(document: dict[str, Any]) -> None:
    for text in strings(cut.bounded(document)):
        assert text.isprintable()
        assert cells(text) <= cut.WIDE + 4  # "More" behind a key
        text.encode()


@given(documents)
def test_what_is_cut_is_cut_once(document: dict[str, Any]) -> None:
    once = cut.bounded(document)
    assert cut.bounded(once) == once


@given(st.lists(st.integers(0, 10**12), max_size=2_000), st.integers(1, 50))
def test_rows_kept_and_left_out_are_all_rows(amounts: list[int], most: int) -> None:
    rows: list[dict[str, Any]] = [{"costNanos": amount} for amount in amounts]
    kept, left = cut.rows([*rows, {"costNanos": 1, "remainder": True}], most)
    assert kept[:-1] == rows[:most]
    assert kept[-1]["remainder"]
    assert len(kept) - 1 + left == len(rows)


def test_a_long_list_gives_way_and_is_counted() -> None:
    rows = [{"id": f"{number:05d}", "name": "x" * 190} for number in range(500)]
    cut_down = cut.bounded({"rows": rows, "few": [1, 2, 3], "more": {"rows": 7}})
    assert len(json.dumps(cut_down)) <= cut.MOST + 100
    assert len(cut_down["rows"]) + cut_down["more"]["rows"] == 507
    assert cut_down["rows"] == rows[: len(cut_down["rows"])]
    assert cut_down["few"] == [1, 2, 3]


def test_unknown_stays_null_and_nothing_is_no_more() -> None:
    assert cut.bounded({"a": None, "b": 0, "c": [], "more": {"c": 0}}) == {"a": None, "b": 0, "c": []}

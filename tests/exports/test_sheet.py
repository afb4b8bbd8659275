"""CSV: what is written is read back, no text is a formula, dollars are exact, the first row does not wait."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.exports.flat import Billionths, columns_of, flat
from lineitem.exports.jsonl import jsonl
from lineitem.exports.sheet import cell, harmless, meant, sheet

# Readers of CSV keep what has a meaning of its own; NUL and lone surrogates cannot be in a file of text.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
hostile = st.builds("".join, st.tuples(st.text(" \t\r\n'\ufeff", max_size=3), st.text("=+-@＝|%", max_size=2), texts))
values = st.one_of(st.none(), st.booleans(), st.integers(), st.integers().map(Billionths), texts, hostile)


@given(st.lists(st.lists(values, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read_back(rows: list[list[Any]]) -> None:
    names = ["a", "b,", 'c"']
    text = b"".join(sheet([dict(zip(names, row, strict=True)) for row in rows], names)).decode()
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert read[0] == names
    for row, found in zip(rows, read[1:], strict=True):
        for value, written in zip(row, found, strict=True):
            if isinstance(value, str):
                assert meant(written) == value
            elif value is None:
                assert not written
            else:
                assert written == (str(value).lower() if isinstance(value, bool) else str(value))


@given(st.one_of(texts, hostile))
def test_no_text_begins_a_formula(text: str) -> None:
    safe = harmless(text)
    assert safe.lstrip(" \t\r\n\v\f\0\u00a0\ufeff")[:1] not in tuple("=+-@＝＋－＠|%")
    assert safe[:1] not in tuple("\t\r\n")
    assert meant(safe) == text


@given(st.integers())
def test_dollars_are_exact(nanos: int) -> None:
    text = cell(Billionths(nanos))
    whole, _, part = text.lstrip("-").partition(".")
    assert len(part) == 9
    assert (int(whole) * 10**9 + int(part)) * (-1 if text[0] == "-" else 1) == nanos


def test_text_stands_in_quotes_and_nothing_else_does() -> None:
    row = flat({"name": "1e5", "none": None, "empty": "", "yes": True, "share": 0.25, "costNanos": 1, "cost": 1e-9,
                "tokens": {"output": 7, "read": None}, "models": ["a", "b"], "odd": float("nan")})  # fmt: skip
    assert list(row) == ["name", "none", "empty", "yes", "share", "costUsd", "costNanos", "tokens.output",
                         "tokens.read", "models", "odd"]  # fmt: skip
    line = b"".join(sheet([row], list(row))).decode().split("\r\n")[1]
    assert line == '"1e5",,"",true,0.25,0.000000001,1,7,,"[""a"",""b""]",'


def test_rows_may_differ_in_what_they_have() -> None:
    rows = [flat({"a": 1}), flat({"b": 2, "a": 3})]
    assert b"".join(sheet(rows, columns_of(rows))) == b'"a","b"\r\n1,\r\n3,2\r\n'


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_first_row_does_not_wait_for_the_last(form: str) -> None:
    asked: list[int] = []

    def rows() -> Any:
        for number in range(100_000):
            asked.append(number)
            yield {"number": number}

    pieces = sheet(rows(), ["number"]) if form == "csv" else jsonl(rows())
    next(pieces)
    assert len(asked) <= 1
    next(pieces)
    assert len(asked) < 20_000


def test_what_no_encoding_holds_becomes_an_escape() -> None:
    assert b"".join(sheet([{"a": "\udc80"}], ["a"])).endswith(b'"\\udc80"\r\n')
    assert b"".join(jsonl([{"a": "\udc80"}])) == b'{"a":"\\udc80"}\n'

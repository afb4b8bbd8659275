"""Parquet: another reader finds the types and the values that CSV and JSON have."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as files

from lineitem.core.problems import UsageError
from lineitem.exports import parquet as exports
from lineitem.exports.flat import Billionths, columns_of, flat
from lineitem.exports.parquet import kinds_of, parquet
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.cli.export import _ASKED
from lineitem.surfaces.commands import TABLES

INT64 = st.integers(-(2**63), 2**63 - 1)
COLUMNS = {
    "name": st.text(),
    "requests": INT64,
    "share": st.floats(allow_nan=False),
    "priced": st.booleans(),
    "costUsd": INT64.map(Billionths),
    "at": st.integers(0, 4_000_000_000_000).map(
        lambda ms: datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03d}Z"
    ),
}


def read(pieces: Any) -> Any:
    return files.read_table(io.BytesIO(b"".join(pieces)))


@given(st.lists(st.fixed_dictionaries({name: st.none() | values for name, values in COLUMNS.items()}), max_size=6))
def test_what_is_written_is_read_back_with_its_type(rows: list[dict[str, Any]]) -> None:
    table = read(parquet(rows, kinds_of(rows, list(COLUMNS))))
    assert table.column_names == list(COLUMNS)
    for row, found in zip(rows, table.to_pylist(), strict=True):
        for name in ("requests", "share", "priced"):
            assert found[name] == row[name]
        assert found["costUsd"] == (None if row["costUsd"] is None else Decimal(int(row["costUsd"])).scaleb(-9))
        assert found["at"] == (None if row["at"] is None else datetime.fromisoformat(row["at"]))
        if row["name"] is not None:
            assert found["name"] == row["name"].encode("utf-8", "backslashreplace").decode()


def test_a_column_of_mixed_values_is_text_and_an_unknown_one_goes_by_its_name() -> None:
    rows: list[dict[str, Any]] = [
        {"a": 1, "b": 1, "c": True, "dNanos": None},
        {"a": 2.5, "b": "x", "c": "y", "dNanos": None},
    ]
    table = read(parquet(rows, kinds_of(rows, columns_of(rows))))
    assert table.to_pylist() == [{"a": 1.0, "b": "1", "c": "true", "dNanos": None},
                                 {"a": 2.5, "b": "x", "c": "y", "dNanos": None}]  # fmt: skip
    assert table.schema.field("dNanos").type == pa.int64()


def test_many_rows_are_written_group_by_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_GROUP", 10)
    monkeypatch.setattr(exports, "_FIRST", 5)
    asked: list[int] = []

    def rows() -> Any:
        for number in range(95):
            asked.append(number)
            yield {"number": number}

    pieces = parquet(rows(), {"number": "whole"})
    first = next(pieces)
    assert len(asked) == 5
    found = files.ParquetFile(io.BytesIO(first + b"".join(pieces)))
    assert found.metadata.num_row_groups == 10
    assert found.read().column("number").to_pylist() == list(range(95))


_DOLLARS = st.integers(-(10**27), 10**27).map(Billionths)
_TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - made UTC by its Z
    lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
)


@given(
    st.one_of(
        st.tuples(st.just(exports.DECIMAL), st.lists(st.none() | _DOLLARS)),
        st.tuples(st.just(exports.DECIMAL), st.lists(st.none() | INT64.map(Billionths))),
        st.tuples(st.just(exports.TIME), st.lists(st.none() | _TIMES)),
        st.tuples(st.just(exports.TEXT), st.lists(st.none() | st.text(st.characters()) | st.booleans() | INT64)),
        st.tuples(st.just(exports.WHOLE), st.lists(st.none() | INT64)),
    )
)
def test_a_column_made_at_once_is_what_its_values_make(column: tuple[str, list[Any]]) -> None:
    kind, values = column
    types = {exports.DECIMAL: pa.decimal128(28, 9), exports.TIME: pa.timestamp("ms", tz="UTC"),
             exports.TEXT: pa.string(), exports.WHOLE: pa.int64()}  # fmt: skip
    one_by_one = pa.array([exports._value(value, kind) for value in values], types[kind])
    assert exports._column(pa, types[kind], kind, values).equals(one_by_one)


def test_where_pyarrow_is_missing_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"lineitem\[parquet\]"):
        next(parquet([], {}))


@pytest.fixture
def _stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example as if it were one's own."""
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'own.sqlite'}")


@pytest.mark.usefixtures("_stored")
@pytest.mark.parametrize("name", sorted({*TABLES, *_ASKED, "items", "metrics"} - {"compare"}))
def test_every_report_is_a_parquet_file(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["export", name, "--format", "jsonl"]) == 0
    lines = [flat(json.loads(line)) for line in capfd.readouterr().out.splitlines()]
    assert main(["export", name, "--format", "parquet", "-o", str(tmp_path / "x.parquet")]) == 0
    table = files.read_table(tmp_path / "x.parquet")
    assert table.num_rows == len(lines)
    for row, found in zip(lines, table.to_pylist(), strict=True):
        for key, value in row.items():
            if type(value) in (int, bool) and table.schema.field(key).type in (pa.int64(), pa.bool_()):
                assert found[key] == value
            elif isinstance(value, Billionths):
                assert found[key] == Decimal(int(value)).scaleb(-9)


@pytest.mark.usefixtures("_stored")
def test_a_hidden_file_tells_nothing(tmp_path: Path) -> None:
    assert main(["export", "items", "--incognito", "--format", "parquet", "-o", str(tmp_path / "x.parquet")]) == 0
    rows = files.read_table(tmp_path / "x.parquet").to_pylist()
    assert all(row["projectPath"].startswith("project-") for row in rows)
    assert not [row for row in rows if "cart.py" in str(row) or "toolu_" in str(row)]

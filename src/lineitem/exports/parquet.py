"""Parquet: typed columns for DuckDB, pandas, Spark and the like. Needs pyarrow (`pip install 'lineitem[parquet]'`).

Whole numbers are int64, dollars decimal(28, 9), times timestamps in UTC, the rest is text; unknown is null. In: flat
rows.   Out: a file, row group by row group, so that many rows need not be held at once.
"""

from __future__ import annotations

from lineitem.core.problems import UsageError
from lineitem.exports.flat import Billionths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

TEXT, WHOLE, FLOAT, TRUTH, DECIMAL, TIME = "text", "whole", "float", "truth", "decimal", "time"
#: So many rows are one row group; the first is smaller, so that whoever reads on gets something soon.
_GROUP, _FIRST = 50_000, 10_000


def kinds_of(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> dict[str, str]:
    """What each column holds, as its values say; where none is known, as its name does."""
    found: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            if value is not None:
                kind = _kind(name, value)
                found[name] = kind if found.get(name, kind) == kind else _common(found[name], kind)
    return {name: found.get(name) or _by_name(name) for name in columns}


def _kind(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, Billionths):
        return DECIMAL
    if isinstance(value, int):
        return WHOLE
    if isinstance(value, float):
        return FLOAT
    return TIME if _is_time(value) and not name.endswith("Id") else TEXT


def _common(one: str, other: str) -> str:
    return FLOAT if {one, other} == {WHOLE, FLOAT} else TEXT


def _is_time(text: str) -> bool:
    """Whether it is a moment as reports write them: 2026-11-02T10:00:04.000Z."""
    return len(text) == 24 and text[10] == "T" and text[23] == "Z" and text[:4].isdigit() and text[20:23].isdigit()


def _by_name(name: str) -> str:
    if name.endswith("Usd"):
        return DECIMAL
    return WHOLE if name.endswith(("Nanos", "Tokens")) or name.startswith("tokens.") else TEXT


def parquet(rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, str]) -> Iterator[bytes]:
    """The file, piece by piece. kinds: what each column holds, in order."""
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
        from pyarrow import parquet as files
    except ImportError:
        raise UsageError("Parquet needs pyarrow: `pip install 'lineitem[parquet]'`.") from None
    types = {
        TEXT: pa.string(), WHOLE: pa.int64(), FLOAT: pa.float64(), TRUTH: pa.bool_(),
        DECIMAL: pa.decimal128(28, 9), TIME: pa.timestamp("ms", tz="UTC"),
    }  # fmt: skip
    schema = pa.schema([(name, types[kind]) for name, kind in kinds.items()])
    sink = _Pieces()
    with files.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for group in _groups(rows):
            columns = [_column(pa, types[kind], kind, [row.get(name) for row in group]) for name, kind in kinds.items()]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            yield from sink.taken()
    yield from sink.taken()


def _groups(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    group: list[Mapping[str, Any]] = []
    most = _FIRST
    for row in rows:
        group.append(row)
        if len(group) == most:
            yield group
            group, most = [], _GROUP
    if group:
        yield group


def _column(pa: Any, type_: Any, kind: str, values: list[Any]) -> Any:
    """A column of these values; where it cannot be made of all at once, each is looked at by itself."""
    try:
        if kind in (WHOLE, FLOAT, TRUTH):
            return pa.array(values, type_)
        if kind == DECIMAL:  # billionths, read as what they are billionths of
            whole = pa.array(values, pa.int64()).cast(pa.decimal128(28, 0))
            return pa.Array.from_buffers(type_, len(whole), whole.buffers(), whole.null_count, whole.offset)
        if kind == TIME:
            return pa.array(values, pa.string()).cast(type_)
        return pa.array(values, type_)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([_value(value, kind) for value in values], type_)


def _value(value: Any, kind: str) -> Any:
    """A value as the column's type takes it."""
    if value is None:
        return None
    if kind == DECIMAL:
        from decimal import Decimal

        return Decimal(str(value))
    if kind == TIME:
        from datetime import datetime

        return datetime.fromisoformat(value)
    if kind == TEXT:
        if isinstance(value, bool):
            value = "true" if value else "false"
        return str(value).encode("utf-8", "backslashreplace").decode()
    return value


class _Pieces:
    """A file that is only written to, and whose bytes are taken away as they come."""

    closed = False

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._at = 0

    def write(self, piece: Any) -> int:
        self._held.append(bytes(piece))
        self._at += len(self._held[-1])
        return len(self._held[-1])

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        self.closed = True

    def taken(self) -> list[bytes]:
        """What came since it was asked last."""
        held, self._held = self._held, []
        return held

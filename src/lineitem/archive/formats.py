"""A part as the bytes of a file, and back: JSON Lines (gzip), or Parquet, which needs pyarrow.

Always: the same rows give the same bytes. Bytes that do not hold such rows raise `Unsound`, whatever is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lineitem.core.problems import UsageError
from lineitem.ledger.facts import TEXT, TIME, WHOLE

if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.facts import Column

    Rows = list[tuple[Any, ...]]

JSONL, PARQUET = "jsonl", "parquet"
ENDING = {JSONL: "jsonl.gz", PARQUET: "parquet"}
#: No part has more bytes, packed or not, nor more rows: it is held in memory. A push ends parts long before.
MOST, MOST_ROWS = 256 << 20, 2_000_000


class Unsound(Exception):
    """These bytes, or these rows, are not what a push writes; the text says why."""


def usual() -> str:
    """The format where nothing is said: Parquet where it can be written."""
    from importlib.util import find_spec

    return PARQUET if find_spec("pyarrow") else JSONL


def needs_pyarrow() -> None:
    """Raises UsageError where Parquet cannot be written."""
    _pyarrow()


def encode(format_: str, rows: Rows, lines: bytes, columns: tuple[Column, ...]) -> bytes:
    """The file of these rows; `lines`: the same as JSON Lines."""
    if format_ == JSONL:
        from gzip import compress

        return compress(lines, 6, mtime=0)
    pa, files = _pyarrow()
    schema = _schema(pa, columns)
    arrays = [pa.array([row[at] for row in rows], field.type) for at, field in enumerate(schema)]
    sink = pa.BufferOutputStream()
    files.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    return bytes(sink.getvalue())


def decode(format_: str, data: bytes, columns: tuple[Column, ...], count: int) -> Rows:
    """The rows of a file, each value of its column's type. Raises Unsound, before much is unpacked."""
    if count > MOST_ROWS:
        raise Unsound(f"it has more rows than a part may have: {count:,}")
    return _from_jsonl(data, columns, count) if format_ == JSONL else _from_parquet(data, columns, count)


def _counted(found: int, count: int) -> None:
    if found != count:
        raise Unsound(f"it has {found:,} rows, not {count:,}")


def _from_jsonl(data: bytes, columns: tuple[Column, ...], count: int) -> Rows:
    from zlib import decompressobj
    from zlib import error as zlib_error

    try:
        unpacker = decompressobj(31)
        lines = unpacker.decompress(data, MOST)
    except zlib_error as error:
        raise Unsound("it is no gzip file") from error
    if unpacker.unconsumed_tail or not unpacker.eof or unpacker.unused_data:
        raise Unsound("it is torn, or too large")
    _counted(lines.count(b"\n"), count)  # every row ends with one
    try:
        found = msgspec.json.Decoder(_row_type(columns)).decode_lines(lines)
    except msgspec.ValidationError as error:
        raise Unsound(f"a row of it is of another kind: {error}") from error
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Unsound("it is not JSON Lines of texts and whole numbers") from error
    _counted(len(found), count)
    return list(map(msgspec.structs.astuple, found))


def _row_type(columns: tuple[Column, ...]) -> type[msgspec.Struct]:
    """A row with these columns; what else stands in a row is passed over, and takes no memory."""
    return msgspec.defstruct("Row", [(column.name, str | int | None) for column in columns], gc=False)


def _from_parquet(data: bytes, columns: tuple[Column, ...], count: int) -> Rows:
    pa, files = _pyarrow()
    texts = [column.name for column in columns if column.kind == TEXT]
    try:
        # Texts stay what they are in the file, numbers of a dictionary, until it is known how much they unpack to.
        file = files.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
        meta = file.metadata
        _counted(meta.num_rows, count)
        if sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups)) > MOST:
            raise Unsound("it is too large")
        schema = _schema(pa, columns)
        for field in schema:
            if field.name not in file.schema_arrow.names or _type_of(file, field.name) != field.type:
                raise Unsound(f"its column {field.name} is none, or of another type")
        table = file.read(columns=schema.names)
        _counted(table.num_rows, count)
        if sum(_length(pa, table.column(name)) for name in texts) > MOST:
            raise Unsound("it is too large")
        held = []
        for field in schema:
            column = table.column(field.name)
            if pa.types.is_timestamp(field.type):  # as numbers: no date is too late for them
                column = column.cast(pa.int64())
            held.append(column.to_pylist())
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise Unsound("it is no such Parquet file") from error
    return list(zip(*held, strict=True))


def _type_of(file: Any, name: str) -> Any:
    """The type of a column's values; of one read as a dictionary, of its texts."""
    found = file.schema_arrow.field(name).type
    return getattr(found, "value_type", found)


def _length(pa: Any, column: Any) -> int:
    """How many bytes the texts of a column have, each as often as it stands there."""
    from pyarrow import compute  # type: ignore[import-untyped]

    whole = 0
    for chunk in column.chunks:
        if not pa.types.is_dictionary(chunk.type):
            whole += chunk.nbytes
        elif len(chunk):
            whole += compute.sum(compute.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
    return whole


def _schema(pa: Any, columns: tuple[Column, ...]) -> Any:
    types = {TEXT: pa.string(), WHOLE: pa.int64(), TIME: pa.timestamp("ms", tz="UTC")}
    return pa.schema([pa.field(column.name, types[column.kind], nullable=column.null) for column in columns])


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow: `pip install 'lineitem[archive]'`, or use --format jsonl.") from None
    return pa, parquet

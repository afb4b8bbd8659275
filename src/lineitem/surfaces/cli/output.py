"""Prints answers: JSON documents and tables on stdout, and the end of the output when work is left."""

from __future__ import annotations

import os
import sys

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.shapes import Table
    from lineitem.wiring import Lineitem

#: Documents with more rows than this are written without line breaks, and fast.
LARGE = 300


def refresh(lineitem: Lineitem) -> dict[str, Any]:
    """Read what is new, with a progress bar on stderr when that takes long."""
    progress = None
    if sys.stderr.isatty():
        from lineitem.surfaces.cli.progress import Progress

        progress = Progress()
    try:
        return lineitem.refresh(progress)
    finally:
        if progress is not None:
            progress.done()


def show(table: Table, options: dict[str, Any]) -> int:
    """Print a table as JSON or for a person."""
    if options.get("last"):
        keep_last(table, options["last"])
    if options.get("json"):
        write_json(table.json(), options)
        return 0
    from lineitem.surfaces.text import print_table

    print_table(table, options)
    return 0


def keep_last(table: Table, last: str) -> None:
    """Leave only so many of the latest rows. Raises UsageError for what is no number."""
    from lineitem.reports.over_time import only_last

    if not table.rows:
        return
    if not last.isdecimal() or not int(last):
        raise UsageError(f"--last is a number of periods, not '{last}'.")
    only_last(table, int(last))


def write_json(document: Any, options: dict[str, Any]) -> None:
    """One JSON document on stdout."""
    written = encoded(document, options)
    if sys.stdout.isatty():
        written = _harmless(written)
    _write(written)


def encoded(document: Any, options: dict[str, Any]) -> bytes:
    """A document as it is written, obscured where that is asked."""
    from json import dumps

    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        document = obscured(document)
    if _large(document):
        from msgspec.json import encode

        written = encode(document)
        if sys.stdout.isatty():  # for eyes, not for programs
            from msgspec.json import format as indented

            written = indented(written, indent=2)
    else:
        # what no encoding can hold becomes an escape
        written = dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return written


def write_document(text: str) -> None:
    """A JSON document that is a text already."""
    _write(text.encode("utf-8", "backslashreplace"))


def _write(written: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(written)  # UTF-8 whatever the locale says
    sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()


def _harmless(document: bytes) -> bytes:
    """JSON whose strings steer no terminal: control and direction characters as escapes."""
    from json import dumps

    text = document.decode()
    return "".join(c if c.isprintable() or c == "\n" else dumps(c)[1:-1] for c in text).encode()


def _large(document: Any) -> bool:
    """Whether a document has so many rows that the faster encoder is worth its import."""
    rows = sum(len(value) for value in document.values() if isinstance(value, list))
    return rows > LARGE or "tree" in document


def show_first(table: Table, options: dict[str, Any]) -> int:
    """Print an answer whole, though there is work left: readers of a pipe need not wait for that."""
    code = 0
    try:
        code = show(table, options)
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads on; the facts are kept all the same
        silence_stdout()
    if not sys.stdout.isatty():
        silence_stdout()
    return code


def silence_stdout() -> None:
    """The reader has all it wanted: nothing more goes to it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

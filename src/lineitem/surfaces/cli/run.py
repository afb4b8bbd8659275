"""Runs one understood command: opens the ledger, reads what is new, asks, prints."""

from __future__ import annotations

import os
import sys
import time

from lineitem.core.periods import Zone, parse_since, parse_until
from lineitem.core.problems import UsageError
from lineitem.reports.query import Query
from lineitem.wiring import Lineitem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.shapes import Table

_PERIODS = frozenset(("daily", "weekly", "monthly"))
_TABLES = frozenset(
    ("daily", "weekly", "monthly", "blocks", "calls", "tools", "mcp", "agents", "skills", "prompts", "projects",
     "models", "branches")
)  # fmt: skip


def run(name: str, options: dict[str, Any]) -> int:
    """The exit code of a command."""
    if name == "completion":
        from lineitem.surfaces.cli.app import completion

        return completion(options["argument"])
    if name == "demo":
        from lineitem.surfaces.cli.demo import demo

        return demo(options)
    query = make_query(options)
    if name == "session" and (options.get("argument") or options.get("session")):
        query.session = options.get("argument") or options["session"]
        name = "session-bill"
    lineitem = Lineitem(options.get("db", ""), options.get("config_dir", ()))
    try:
        if name in _PERIODS and lineitem.empty:
            table = lineitem.first_answer(name, query)
            if table is not None:
                code = show(table, options, query)
                end_of_output()
                refresh(lineitem, options)
                return code
        if name in _TABLES:
            refresh(lineitem, options)
            return show(lineitem.report(name, query), options, query)
        return _others(name, lineitem, query, options)
    finally:
        lineitem.close()


def _others(name: str, lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    from lineitem.surfaces.cli import more

    if name == "ingest":
        return more.ingest(lineitem, options)
    if name == "prices":
        return more.prices(lineitem, options)
    refresh(lineitem, options)
    if name == "session":
        return show(lineitem.report(name, query), options, query)
    return more.run(name, lineitem, query, options)


def make_query(options: dict[str, Any]) -> Query:
    """The query these options mean."""
    now = int(time.time() * 1000)
    query = Query(Zone(options.get("timezone", "")), now)
    if options.get("since"):
        query.since = parse_since(options["since"], query.zone, now)
    if options.get("until"):
        query.until = parse_until(options["until"], query.zone, now)
    query.project = options.get("project", "")
    query.model = options.get("model", "")
    query.session = options.get("session", "") or ""
    order = options.get("order", "")
    if order and order not in ("asc", "desc"):
        raise UsageError(f"--order is asc or desc, not '{order}'.")
    query.descending = order == "desc"
    query.breakdown = bool(options.get("breakdown"))
    query.instances = bool(options.get("instances"))
    query.options = {key: value for key, value in options.items() if value}
    return query


def refresh(lineitem: Lineitem, options: dict[str, Any]) -> dict[str, Any]:
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


def show(table: Table, options: dict[str, Any], query: Query) -> int:
    """Print a table as JSON or for a person."""
    if options.get("last") and table.rows:
        _only_last(table, options["last"], query)
    if options.get("json"):
        write_json(table.json(), options)
        return 0
    from lineitem.surfaces.text import print_table

    print_table(table, options)
    return 0


def _only_last(table: Table, last: str, query: Query) -> None:
    if not last.isdigit() or not int(last):
        raise UsageError(f"--last is a number of periods, not '{last}'.")
    from lineitem.reports.over_time import total_row

    ordered = table.rows if not query.descending else table.rows[::-1]
    kept = sorted({row["period"] for row in ordered})[-int(last) :]
    table.rows = [row for row in table.rows if row["period"] in kept]
    unpriced = table.totals["unpricedModels"] if table.totals else []
    table.totals = total_row(table.rows)
    table.totals["unpricedModels"] = unpriced


def write_json(document: Any, options: dict[str, Any]) -> None:
    """One JSON document on stdout."""
    from json import dumps

    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        document = obscured(document)
    if _large(document):
        # Python's own encoder indents at a fiftieth of this speed.
        from msgspec.json import encode, format

        sys.stdout.flush()
        sys.stdout.buffer.write(format(encode(document), indent=2))
    else:
        sys.stdout.write(dumps(document, indent=2, ensure_ascii=False))
    sys.stdout.write("\n")
    sys.stdout.flush()


def _large(document: Any) -> bool:
    """Whether a document has so many rows that the faster encoder is worth its import."""
    rows = sum(len(value) for value in document.values() if isinstance(value, list))
    return rows > 300 or "tree" in document


def end_of_output() -> None:
    """Say that the answer is whole, though there is work left: readers of a pipe need not wait for it."""
    sys.stdout.flush()
    if not sys.stdout.isatty():
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def interactive() -> bool:
    """Whether a person looks at stdout."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

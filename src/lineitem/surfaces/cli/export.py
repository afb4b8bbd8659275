"""`lineitem export`: reports, line items and profiles as files of other programs."""

from __future__ import annotations

import os
import sys

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import refresh
from lineitem.surfaces.commands import TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.reports.shapes import Table
    from lineitem.wiring import Lineitem

    #: What is written, piece by piece.
    Pieces = Iterable[bytes]

_ROWS = ("csv", "jsonl", "json", "parquet")
_PERIODS = ("hourly", "daily", "weekly", "monthly")
_PROFILES = ("speedscope", "pprof")
#: Formats that no terminal can show.
_BINARY = frozenset(("pprof", "parquet", "png"))
#: Reports beside those of `TABLES`: what gives their table.
_ASKED: dict[str, Callable[[Lineitem, Query, str], Table]] = {
    "session": lambda lineitem, query, _: lineitem.report("session", query),
    "check": lambda lineitem, query, _: lineitem.report("check", query),
    "anomalies": lambda lineitem, query, _: lineitem.anomalies(query),
    "health": lambda lineitem, query, which: lineitem.standing(which, query),
    "context": lambda lineitem, _, which: lineitem.context(which),
    "rot": lambda lineitem, query, which: lineitem.rot(which, query),
    "whatif": lambda lineitem, query, which: lineitem.whatif(which, query),
    "advice": lambda lineitem, query, which: lineitem.advice(query, which),
    "commits": lambda lineitem, query, _: lineitem.commits(query),
    "pr": lambda lineitem, query, which: lineitem.pull_requests(query, which),
    "efficiency": lambda lineitem, query, _: lineitem.efficiency(query),
    "explore": lambda lineitem, query, _: lineitem.explore(query),
    "budget": lambda lineitem, query, which: lineitem.limits.status(query, which),
    "audit": lambda lineitem, query, _: lineitem.limits.audit(query),
}
#: Reports that say something of one session, pull request or budget by its name.
_OF_ONE = frozenset(("session", "health", "context", "rot", "whatif", "advice", "pr", "budget", "items"))


def export(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """Write what was asked for; the exit code."""
    name, which = options["argument"], options.get("second", "")
    if name == "sessions":
        name = "session"
    if options.get("format") in ("svg", "png"):
        return _picture(lineitem, query, name, which, options)
    if name == "otlp":
        name, options = "metrics", {"format": "otlp", **options}
    if options.get("to"):
        options = _sending(name, options)
    elif options.get("force"):
        raise UsageError("--force goes with --to.")
    known = sorted((*TABLES, *_ASKED, *_OWN))
    if name not in known:
        raise UsageError(f"There is no '{name}' to export: {', '.join(known)}.")
    if which and name not in _OF_ONE:
        raise UsageError(f"`lineitem export {name}` is of no single one: '{which}' is too much. Perhaps --session ID.")
    if name == "session" and which:
        name = "items"
    form = _format(name, options)
    refresh(lineitem)
    if name in ("health", "context", "rot", "whatif"):
        which = which or query.session
    if name in _OWN and (which or query.session):
        query.session = lineitem.session_name(which or query.session)
    if form in _PROFILES:
        pieces = _profile(lineitem, query, form, options)
    elif name in _OWN:
        pieces = _OWN[name](lineitem, query, form, options)
    else:
        pieces = _report(lineitem, query, name, which, form, options)
    if options.get("to"):
        from lineitem.surfaces.cli.sending import send

        return send(lineitem, b"".join(pieces), options)
    _write(pieces, options)
    return 0


def _sending(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options of what is sent. Raises UsageError for what cannot be."""
    if name != "metrics" or options.get("json") or options.get("format", "otlp") != "otlp":
        raise UsageError("--to sends metrics as OTLP, and nothing else: `lineitem export otlp --to URL`.")
    if options.get("output"):
        raise UsageError("--to and -o: it is sent, or written to a file.")
    return {**options, "format": "otlp"}


def _format(name: str, options: dict[str, Any]) -> str:
    """The format that is asked for, or the usual one. Raises UsageError where this cannot be written so."""
    known = {"items": (*_ROWS, *_PROFILES), "metrics": ("prometheus", "otlp", *_ROWS), "focus": ("csv", "parquet")}.get(
        name, _ROWS
    )
    form: str = "json" if options.get("json") else options.get("format", known[0])
    if form in _PROFILES and form not in known:
        raise UsageError(f"A profile is of a session or of line items, not of '{name}': `lineitem export session ID`.")
    if form not in known:
        raise UsageError(f"--format of '{name}' is one of {', '.join(known)}, not '{form}'.")
    if form in _BINARY and options.get("output", "-") == "-" and sys.stdout.isatty():
        raise UsageError(f"{form} is nothing for a terminal: name a file with -o FILE.")
    return form


def _picture(lineitem: Lineitem, query: Query, name: str, which: str, options: dict[str, Any]) -> int:
    """The chart of a report, drawn."""
    from lineitem.surfaces.cli.picturing import picture

    if options["format"] in _BINARY and options.get("output", "-") == "-" and sys.stdout.isatty():
        raise UsageError(f"{options['format']} is nothing for a terminal: name a file with -o FILE.")
    refresh(lineitem)
    _write((picture(lineitem, name, which, options["format"], options, query.now),), options)
    return 0


# -- what is written


def _items(lineitem: Lineitem, query: Query, form: str, options: dict[str, Any]) -> Pieces:
    """Line items, read as they are written."""
    from lineitem.exports.items import kinds

    return _rows(_hidden(lineitem.item_rows(query), options), form, "lineItems", kinds())


def _profile(lineitem: Lineitem, query: Query, form: str, options: dict[str, Any]) -> Pieces:
    """Line items as stacks."""
    from lineitem.exports.stacks import samples

    lines, agents = lineitem.lines(query), lineitem.agents()
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured_agents, obscured_lines

        lines, agents = list(obscured_lines(lines)), obscured_agents(agents)
    sessions = {line.session for line in lines}
    name = f"session {next(iter(sessions))}" if len(sessions) == 1 else f"{len(sessions)} sessions"
    found = samples(lines, agents)
    if form == "pprof":
        from lineitem.exports.pprof import pprof

        return (pprof(found, f"lineitem: {name}"),)
    from lineitem.exports.speedscope import left_out, speedscope

    if less := left_out(found):
        from lineitem.exports.flat import Billionths

        sys.stderr.write(
            f"Left out, as the format knows nothing negative: {Billionths(less)} dollars of unlogged spend.\n"
        )
    return (speedscope(found, name),)


def _metrics(lineitem: Lineitem, query: Query, form: str, options: dict[str, Any]) -> Pieces:
    """What was spent by project and model."""
    rows, shared = lineitem.metrics(query)
    rows = list(_hidden(rows, options))
    if form == "prometheus":
        from lineitem.exports.prometheus import prometheus

        return (prometheus(rows, shared),)
    if form == "otlp":
        from json import dumps

        from lineitem.exports.otlp import otlp

        document = otlp(rows, query.since or lineitem.first_activity(), min(query.now, query.until))
        return (dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace"), b"\n")
    return _rows(rows, form, "metrics", ("project", "model"))


def _focus(lineitem: Lineitem, query: Query, form: str, options: dict[str, Any]) -> Pieces:
    """Charges as FOCUS has them."""
    from lineitem.exports.focus import COLUMNS, focus

    account = options.get("account", "unknown")
    found = (focus(charge, account) for charge in _hidden(lineitem.charges(query), options))
    return _rows(found, form, "charges", COLUMNS)


def _report(lineitem: Lineitem, query: Query, name: str, which: str, form: str, options: dict[str, Any]) -> Pieces:
    """The rows of a report; as JSON the whole of it."""
    last = options.get("last", "")
    if last and name == "trend":
        query.options["latest"] = last
    elif last and name not in _PERIODS:
        raise UsageError(f"--last goes with {', '.join(_PERIODS)} and trend, not with '{name}'.")
    table = _table(lineitem, query, name, which)
    if last and name in _PERIODS:
        from lineitem.surfaces.cli.output import keep_last

        keep_last(table, last)
    if form == "json":
        from lineitem.surfaces.cli.output import encoded

        return (encoded(table.json(), options), b"\n")
    columns = _alike(table.rows[0]) if name == "calls" and table.rows else [column.key for column in table.columns]
    return _rows(_hidden(table.rows, options), form, table.key, columns)


def _alike(row: dict[str, Any]) -> dict[str, str]:
    """What the columns of rows hold that are all like this one, but for a moment that may be unknown."""
    from lineitem.exports.flat import flat
    from lineitem.exports.parquet import TIME, kinds_of

    first = flat(row)
    return {**kinds_of([first], list(first)), "at": TIME}


def _table(lineitem: Lineitem, query: Query, name: str, which: str) -> Table:
    if name in TABLES:
        return lineitem.report(name, query)
    if name == "check" and query.session:
        query.session = lineitem.session_name(query.session)
    if name in ("anomalies", "health"):
        lineitem.fold()
        lineitem.notice()
    return _ASKED[name](lineitem, query, which)


def _hidden(rows: Iterable[dict[str, Any]], options: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if not options.get("incognito"):
        return rows
    from lineitem.surfaces.incognito import obscured_rows

    return obscured_rows(rows)


def _rows(rows: Iterable[dict[str, Any]], form: str, key: str, columns: Mapping[str, str] | Sequence[str]) -> Pieces:
    """Rows in one of the formats for rows.

    columns: those of every row, with what they hold; or, where rows differ, those that are there even if no row is.
    """
    if form == "jsonl":
        from lineitem.exports.jsonl import jsonl

        return jsonl(rows)
    if form == "json":
        from lineitem.exports.jsonl import document

        return document(key, rows)
    from lineitem.exports.flat import columns_of, flat

    known: Iterable[dict[str, Any]] = map(flat, rows)
    if not isinstance(columns, dict):
        known = list(known)
        columns = columns_of(known) or list(columns)
    if form == "csv":
        from lineitem.exports.sheet import sheet

        return sheet(known, list(columns))
    from lineitem.exports.parquet import kinds_of, parquet

    return parquet(known, columns if isinstance(columns, dict) else kinds_of(known, columns))


#: What is no report: what gives its pieces.
_OWN: dict[str, Callable[[Lineitem, Query, str, dict[str, Any]], Pieces]] = {
    "items": _items,
    "metrics": _metrics,
    "focus": _focus,
}

# -- where it goes


def _write(pieces: Pieces, options: dict[str, Any]) -> None:
    """To stdout as it comes; into a file all of it or nothing."""
    place = options.get("output", "-")
    if place == "-":
        sys.stdout.flush()
        for piece in pieces:
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        return
    plain = os.path.isfile(place) or not os.path.exists(place)
    target = os.path.realpath(place) if plain else place  # a link stays a link; a device or a pipe is written as it is
    made = f"{target}.{os.getpid()}.part" if plain else target
    try:
        with open(made, "wb") as file:
            for piece in pieces:
                file.write(piece)
        if plain:
            os.replace(made, target)
    except OSError as error:
        raise UsageError(f"{place} cannot be written: {error.strerror or error}.") from error
    finally:
        if plain and os.path.exists(made):
            os.remove(made)
    sys.stderr.write(f"Written: {place}\n")

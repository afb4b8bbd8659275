"""Where a figure came from: a request's or a tool call's segments, shares, rates and source lines."""

from __future__ import annotations

from lineitem.core.periods import iso
from lineitem.core.problems import UsageError
from lineitem.core.sightings import ANSWER, USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.attribution.requests import Request
    from lineitem.core.rates import Rates
    from lineitem.reports.lines import Line
    from lineitem.wiring import Lineitem


def explanation(lineitem: Lineitem, ident: str) -> dict[str, Any]:
    """The explanation of a message id, request id, tool use id or cause."""
    lineitem.fold()
    call = lineitem.ledger.call_sessions(ident)
    if call:
        return _call(lineitem, ident, call)
    found = lineitem.ledger.find_requests(ident)
    if found:
        return _request(lineitem, found)
    of_cause = _cause(lineitem, ident)
    if of_cause["parts"]:
        return of_cause
    raise UsageError(
        f"Nothing here is called '{ident}'. Give a message id, a request id, a tool use id or a cause:"
        " `lineitem calls --json` and `lineitem session ID --json` show them."
    )


def _cause(lineitem: Lineitem, ident: str) -> dict[str, Any]:
    """What a cause, and all below it, cost: thread by thread."""
    from lineitem.ledger import questions
    from lineitem.reports.lines import Line

    text = lineitem.ledger.text
    lines = [Line(text(row[0]), text(row[1]), row[2:], text(row[5]))
             for row in questions.items_of_cause(lineitem.ledger, ident)]  # fmt: skip
    parts = [{"cause": line.cause, "toolUseId": line.call or None, **_part(line)} for line in lines]
    return {"kind": "cause", "cause": ident, "costNanos": sum(line.nanos for line in lines), "parts": parts,
            "sources": [], "schemaVersion": 1}  # fmt: skip


def _part(line: Line) -> dict[str, Any]:
    return {
        "sessionId": line.session, "threadId": line.thread, "model": line.model, "basis": line.basis,
        "carriedRequests": line.carried, "generateNanos": line.g_nanos, "ingestNanos": line.i_nanos,
        "carryNanos": line.c_nanos + line.r_nanos, "rewriteNanos": line.r_nanos, "costNanos": line.nanos,
    }  # fmt: skip


def _request(lineitem: Lineitem, rows: list[Any]) -> dict[str, Any]:
    from lineitem.pipeline.folding import fold_session
    from lineitem.pipeline.prices import rates_of
    from lineitem.pipeline.stored import as_request

    request = as_request(lineitem.ledger, rows[0])
    number = rows[0][2]
    folded = fold_session(lineitem.ledger, lineitem.book, number, only=(request.mid, request.variant))
    rates = rates_of(lineitem.book, request)
    shares = [
        {"cause": item.cause, "toolUseId": item.call or None, "basis": item.basis, "costNanos": item.nanos,
         "tokens": _tokens(item.sums)}
        for _, item in folded.items
        if not item.cause.startswith("unlogged")
    ]  # fmt: skip
    shares.sort(key=lambda share: -share["costNanos"])
    return {
        "kind": "request",
        "messageId": request.mid,
        "requestId": None if request.variant.startswith("~") else request.variant,
        "sessionId": request.session,
        "threadId": request.thread,
        "at": iso(request.at) if request.at else None,
        "model": request.model,
        "modifiers": [name for mark, name in (("f", "fast"), ("g", "us"), ("b", "batch")) if mark in request.modifiers],
        "tokens": {
            "uncachedInput": request.uncached,
            "cacheWrite5m": request.write5,
            "cacheWrite1h": request.write1,
            "cacheRead": request.read,
            "output": request.output,
            "thinking": request.thinking,
            "webSearches": request.searches,
        },
        "rates": _rates(rates),
        "costNanos": request.nanos,
        "classNanos": _classes(request, rates),
        "shares": shares,
        "copies": sorted({session for session, _ in (request.copies or {})}),
        "sources": _sources(lineitem.ledger.files_showing(number, request.mid), request.mid),
        "schemaVersion": 1,
    }


def _tokens(sums: list[int]) -> dict[str, int]:
    return {
        "uncachedInput": sums[2] + sums[9],
        "cacheWrite5m": sums[3] + sums[10],
        "cacheWrite1h": sums[4] + sums[11],
        "cacheRead": sums[5] + sums[7],
        "output": sums[0],
    }


def _rates(rates: Rates | None) -> dict[str, Any] | None:
    if rates is None:
        return None
    per_million = {
        "uncachedInput": rates.uncached_input,
        "cacheWrite5m": rates.cache_write_5m,
        "cacheWrite1h": rates.cache_write_1h,
        "cacheRead": rates.cache_read,
        "output": rates.output,
    }
    return {"key": rates.key, "unit": "femtodollars per token", **per_million}


def _classes(request: Request, rates: Rates | None) -> dict[str, int] | None:
    if rates is None:
        return None
    names = ("uncachedInput", "cacheWrite5m", "cacheWrite1h", "cacheRead", "output", "webSearch")
    return dict(zip(names, request.costs(rates), strict=True))


def _call(lineitem: Lineitem, ident: str, sessions: list[int]) -> dict[str, Any]:
    from lineitem.core.periods import Zone
    from lineitem.reports.calls import row as call_row
    from lineitem.reports.lines import calls_of
    from lineitem.reports.query import Query

    lines = []
    for number in sessions:  # its agents ran in these, too
        query = Query(Zone("UTC"), 0)
        query.session = lineitem.ledger.text(number)
        lines += lineitem.lines(query)
    call = calls_of(lines, lineitem.agents())[ident]
    sources: list[dict[str, Any]] = []
    for number in sessions:
        sources += _sources(lineitem.ledger.files_showing(number, ident), ident)
    parts = [_part(line) for line in lines if line.call == ident]
    return {"kind": "call", **call_row(call), "parts": parts, "sources": sources, "schemaVersion": 1}


def _sources(spans: list[tuple[str, int, str]], ident: str) -> list[dict[str, Any]]:
    """The lines of transcripts a figure was read from: file, byte offset, and whether the line is still there."""
    from json import loads

    from lineitem.sources.locate import line_offset

    found = []
    for path, start, text in spans:
        for row in loads(text):
            if not _mentions(row, ident):
                continue
            offset = line_offset(path, start, row[1])
            found.append(
                {"path": path, "spanStart": start, "line": row[1], "offset": offset, "onDisk": offset is not None,
                 "kind": "answer" if row[0] == ANSWER else "result"}
            )  # fmt: skip
    return found


def _mentions(row: list[Any], ident: str) -> bool:
    if row[0] == ANSWER:
        return ident == row[5] or any(block[2] == ident for block in row[11])
    return bool(row[0] == USER and any(result[0] == ident for result in row[7]))

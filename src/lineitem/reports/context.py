"""What lies in a session's window now: by cause, in tokens, and what each part costs in every further request."""

from __future__ import annotations

from lineitem.core.causes import kind_of
from lineitem.core.rates import rounded
from lineitem.reports.shapes import COUNT, MONEY, SHARE, TEXT, TOKENS, Column, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from lineitem.core.rates import Rates

    #: (cause, tool use id, tokens, whether they are known)
    Segment = tuple[str, str, int, bool]


def context(
    session: str,
    model: str,
    rates: Rates | None,
    segments: Sequence[Segment],
    room: int | None,
    *,
    provisional: bool = False,
) -> Table:
    """One row a cause, largest first. `room`: tokens the window can hold, None where nobody said.

    provisional: live sources alone told of the session: the size of what was sent is known, no part of it is measured.
    """
    size = sum(tokens for _, _, tokens, _ in segments)
    rows = [_row(cause, found, size, rates, provisional) for cause, found in _by_cause(segments).items()]
    rows.sort(key=lambda row: (-row["tokens"], row["cause"]))
    rent = None if rates is None else sum(row["rentNanos"] for row in rows)
    head = {
        "sessionId": session, "model": model, "contextTokens": size, "windowTokens": room,
        "usedShare": None if not room else round(size / room, 4), "rentNanos": rent,
        "unmeasuredTokens": sum(tokens for _, _, tokens, known in segments if not known),
        "provisional": provisional,
        "writeAgainNanos": None if rates is None else rounded(size * rates.cache_write_5m),
    }  # fmt: skip
    columns = [
        Column("cause", "In the window", TEXT),
        Column("segments", "Parts", COUNT, wide=True),
        Column("tokens", "Tokens", TOKENS),
        Column("share", "Share", SHARE),
        Column("rentHundredNanos", "100 requests", MONEY),
    ]
    totals: dict[str, Any] = {
        "tokens": size,
        "segments": sum(row["segments"] for row in rows),
        "rentNanos": rent,
        "share": 1.0,
    }
    totals["rentHundredNanos"] = None if rates is None else sum(row["rentHundredNanos"] for row in rows)
    empty = "Nothing lies in this session's window: it has no request yet." if session else "No session was found."
    notes = ["100 requests: what it costs to send this along a hundred times more, read from the cache."]
    if provisional:
        notes.append(
            "No transcript tells of this session: how large the window is was told, how it divides is estimated."
        )
    if head["unmeasuredTokens"]:
        notes.append("What came after the last request is weighed; the next request measures it.")
    return Table("causes", f"The window of {session[:8]}", columns, rows, totals, head=head, notes=notes, empty=empty,
                 waiting=not session)  # fmt: skip


def _by_cause(segments: Iterable[Segment]) -> dict[str, list[Segment]]:
    found: dict[str, list[Segment]] = {}
    for segment in segments:
        found.setdefault(segment[0], []).append(segment)
    return found


def _row(cause: str, found: Sequence[Segment], size: int, rates: Rates | None, provisional: bool) -> dict[str, Any]:
    tokens = sum(count for _, _, count, _ in found)
    measured = not provisional and all(known for _, _, _, known in found)
    return {
        "cause": cause,
        "kind": kind_of(cause),
        "segments": len(found),
        "toolUseIds": sorted({call for _, call, _, _ in found if call}),
        "tokens": tokens,
        "share": round(tokens / size, 4) if size else 0.0,
        "rentNanos": None if rates is None else rounded(tokens * rates.cache_read),
        "rentHundredNanos": None if rates is None else (tokens * rates.cache_read + 5_000) // 10_000,
        "measured": measured,
        "basis": "measured" if measured else "estimated",
    }

"""Usage in 5-hour blocks as plans count them, with gaps, burn rate and projection."""

from __future__ import annotations

from lineitem.core.periods import HOUR_MS, iso
from lineitem.core.problems import UsageError
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.over_time import provisional_part
from lineitem.reports.shapes import COUNT, MONEY, NAMES, TEXT, TIME, TOKENS, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query


class _Block:
    __slots__ = ("entries", "first", "last", "models", "nanos", "provisional", "start", "tokens", "unpriced")

    def __init__(self, start: int, first: int) -> None:
        self.start, self.first, self.last = start, first, first
        self.entries = self.nanos = 0
        self.tokens = [0, 0, 0, 0]  # uncached, output, written, read
        self.models: dict[int, None] = {}
        self.provisional: int | None = None  #: of its cost; None: nothing of it is
        self.unpriced: dict[int, int] = {}  #: tokens by model


def blocks(ledger: Ledger, query: Query) -> Table:
    """A block begins at the full hour of its first request and lasts five hours; so does a silence."""
    hours = _hours(query.options.get("session_length", ""))
    length = int(hours * HOUR_MS)
    found: list[_Block] = []
    where = Filter(0, 1 << 62, query.project, query.model)
    for at, model, uncached, output, written, read, nanos, unpriced, provisional in _requests(ledger, where):
        block = found[-1] if found else None
        if block is None or at - block.start > length or at - block.last > length:
            block = _Block(at // HOUR_MS * HOUR_MS, at)
            found.append(block)
        block.last = at
        block.entries += provisional or 1
        block.nanos += nanos
        if unpriced:
            block.unpriced[model] = block.unpriced.get(model, 0) + unpriced
        if provisional:
            block.provisional = (block.provisional or 0) + nanos
        for index, tokens in enumerate((uncached, output, written, read)):
            block.tokens[index] += tokens
        block.models[model] = None
    rows: list[dict[str, Any]] = []
    limit = _limit(query.options.get("token_limit", ""), found)
    for index, block in enumerate(found):
        before = found[index - 1] if index else None
        if before is not None and block.first - before.last > length:
            rows.append(_gap(before.last + length, block.first))
        rows.append(_row(ledger, block, length, query.now, limit))
    no_price = {ledger.text(model) for block in found for model in block.unpriced}
    rows = [row for row in rows if _inside(row, query)]
    if query.options.get("active"):
        rows = [row for row in rows if row["isActive"]]
    if query.options.get("recent"):
        rows = [row for row in rows if row["startTime"] >= iso(query.now - 72 * HOUR_MS) or row["isActive"]]
    if query.descending:
        rows.reverse()
    columns = [
        Column("startTime", "Start", TIME),
        Column("state", "State", TEXT),
        Column("models", "Models", NAMES, wide=True),
        Column("entries", "Requests", COUNT, wide=True),
        Column("totalTokens", "Tokens", TOKENS),
        Column("costNanos", "Cost", MONEY),
    ]
    totals = {
        "totalTokens": sum(row["totalTokens"] for row in rows),
        "entries": sum(row["entries"] for row in rows),
        "costUSD": dollars(sum(row["costNanos"] for row in rows)),
        "costNanos": sum(row["costNanos"] for row in rows),
        "provisionalNanos": sum(row["provisionalNanos"] for row in rows),
        "provisional": any(row["provisional"] for row in rows),
        "unpricedTokens": sum(row["unpricedTokens"] for row in rows),
        "unpricedModels": sorted(no_price & {name for row in rows for name in row["models"]}),
    }
    notes = ["unpriced"] if totals["unpricedModels"] else []
    notes += ["provisional"] if totals["provisional"] else []
    if any(row[3] for row in questions.beyond_by_run(ledger, where)):
        notes.append("Unlogged spend is in no block: no one tells when it was spent.")
    return Table(
        "blocks", f"Blocks of {hours:g} hours", columns, rows, totals, notes=notes, empty="No usage was found."
    )


def _requests(ledger: Ledger, where: Filter) -> Iterable[tuple[Any, ...]]:
    """Requests in order, and of provisional rows how many they are (0: one request of a transcript)."""
    provisional = questions.provisional(ledger)
    logged = ((*row, 0) for row in questions.request_times(ledger, where.without(provisional)))
    return sorted([*logged, *questions.provisional_times(ledger, where.only(provisional))]) if provisional else logged


def _hours(text: str) -> float:
    """The length of a block; 5 where nothing is said."""
    try:
        hours = float(text or 5)
    except ValueError:
        hours = 0
    if not 0.25 <= hours <= 168:
        raise UsageError(f"--session-length is a number of hours from 0.25 to 168, not '{text}'.")
    return hours


def _limit(text: str, found: list[_Block]) -> int:
    """Tokens a block is compared with; 0: with none."""
    if text == "max":
        return max((sum(block.tokens) for block in found), default=0)
    if text and not (text.isascii() and text.isdigit()):
        raise UsageError(f"--token-limit is a number of tokens or max, not '{text}'.")
    return int(text or 0)


def _inside(row: dict[str, Any], query: Query) -> bool:
    return bool(
        (not query.since or row["startTime"] >= iso(query.since))
        and (query.until >= 1 << 60 or row["startTime"] < iso(query.until))
    )


def _gap(start: int, end: int) -> dict[str, Any]:
    return {
        "id": f"gap-{iso(start)}",
        "startTime": iso(start),
        "endTime": iso(end),
        "actualEndTime": None,
        "isActive": False,
        "isGap": True,
        "entries": 0,
        "tokenCounts": _counts([0, 0, 0, 0]),
        "totalTokens": 0,
        "costUSD": 0,
        "models": [],
        "burnRate": None,
        "projection": None,
        "costNanos": 0,
        **provisional_part(None),
        "unpricedTokens": 0,
        "state": f"gap {(end - start) / HOUR_MS:.0f} h",
    }


def _counts(tokens: list[int]) -> dict[str, int]:
    return {
        "inputTokens": tokens[0],
        "outputTokens": tokens[1],
        "cacheCreationInputTokens": tokens[2],
        "cacheReadInputTokens": tokens[3],
    }


def _row(ledger: Ledger, block: _Block, length: int, now: int, limit: int) -> dict[str, Any]:
    end = block.start + length
    active = now - block.last < length and now < end
    total = sum(block.tokens)
    burn = projection = None
    minutes = (block.last - block.first) / 60_000
    if active and minutes > 0:
        burn = {
            "tokensPerMinute": total / minutes,
            "tokensPerMinuteForIndicator": (block.tokens[0] + block.tokens[1]) / minutes,
            "costPerHour": dollars(block.nanos) / minutes * 60,
        }
        left = max(0, (end - now) // 60_000)
        projection = {
            "totalTokens": round(total + burn["tokensPerMinute"] * left),
            "totalCost": round(dollars(block.nanos) + burn["costPerHour"] / 60 * left, 2),
            "remainingMinutes": left,
        }
    row: dict[str, Any] = {
        "id": iso(block.start),
        "startTime": iso(block.start),
        "endTime": iso(end),
        "actualEndTime": iso(block.last),
        "isActive": active,
        "isGap": False,
        "entries": block.entries,
        "tokenCounts": _counts(block.tokens),
        "totalTokens": total,
        "costUSD": dollars(block.nanos),
        "models": [ledger.text(model) for model in block.models],
        "burnRate": burn,
        "projection": projection,
        "costNanos": block.nanos,
        **provisional_part(block.provisional),
        "unpricedTokens": sum(block.unpriced.values()),
        "state": "active" if active else "",
    }
    if limit:
        row["tokenLimitStatus"] = {
            "limit": limit,
            "projectedUsage": projection["totalTokens"] if projection else total,
            "percentUsed": (projection["totalTokens"] if projection else total) / limit * 100,
            "status": "exceeds" if total > limit else "warning" if total > limit * 0.8 else "ok",
        }
    return row

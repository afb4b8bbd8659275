"""What each request of a session's main conversation sent, by kind of cause: how its window grew, turn by turn."""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.causes import kind_of
from lineitem.core.periods import iso
from lineitem.reports.shapes import COUNT, MONEY, TEXT, TIME, TOKENS, Column, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.attribution.context import Context
    from lineitem.attribution.misses import Miss
    from lineitem.attribution.requests import Request

#: Femtodollars of a nanodollar.
_FEMTO = 1_000_000


class Turn(NamedTuple):
    """One request and what it sent."""

    at: int
    mid: str
    model: str
    prompt: int  #: which prompt of the session it belongs to; 0: before the first
    nanos: int | None
    kinds: dict[str, int]  #: tokens by kind of cause


class Watch:
    """Sees the requests of a session while it is folded."""

    def __init__(self) -> None:
        self.seen: list[Turn] = []

    def see(self, request: Request, context: Context, prompt: int) -> None:
        """A request was sent with this window."""
        kinds: dict[str, int] = {}
        for item, tokens in zip(context.items, context.tokens, strict=True):
            kind = kind_of(item.cause)
            kinds[kind] = kinds.get(kind, 0) + tokens
        self.seen.append(Turn(request.at, request.mid, request.model, prompt, request.nanos, kinds))


def turns(session: str, seen: Sequence[Turn], compacted: Sequence[int], missed: Sequence[Miss]) -> Table:
    """One row a request, in the order of time. compacted: when the window was summarised."""
    misses = {miss.mid: miss for miss in missed}
    ends, rows = list(compacted), []
    for turn in sorted(seen, key=lambda each: each.at):
        before = 0
        while ends and ends[0] <= turn.at:
            del ends[0]
            before += 1
        rows.append(_row(turn, before, misses.get(turn.mid)))
    columns = [
        Column("turn", "Turn", COUNT),
        Column("at", "At", TIME),
        Column("prompt", "Prompt", COUNT),
        Column("contextTokens", "Sent", TOKENS),
        Column("compactions", "Summarised", COUNT, wide=True),
        Column("missReason", "Cache miss", TEXT, wide=True),
        Column("missNanos", "It cost", MONEY, wide=True),
        Column("costNanos", "Cost", MONEY),
    ]
    for number, row in enumerate(rows, 1):
        row["turn"] = number
    return Table("turns", f"The window of {session[:8]}, request by request", columns, rows,
                 head={"sessionId": session}, waiting=not session,
                 empty="No request of this session's main conversation is known." if session
                 else "No session was found.")  # fmt: skip


def _row(turn: Turn, compactions: int, miss: Miss | None) -> dict[str, Any]:
    kinds = [{"kind": kind, "tokens": tokens} for kind, tokens in sorted(turn.kinds.items()) if tokens]
    return {
        "turn": 0, "at": iso(turn.at), "messageId": turn.mid, "model": turn.model, "prompt": turn.prompt or None,
        "contextTokens": sum(turn.kinds.values()), "kinds": kinds, "compactions": compactions,
        "missReason": miss.reason if miss else None, "missTokens": miss.tokens if miss else None,
        "missNanos": (miss.femto + _FEMTO // 2) // _FEMTO if miss else None, "costNanos": turn.nanos,
    }  # fmt: skip

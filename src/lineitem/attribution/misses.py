"""Cache misses: what had been in the cache and was paid again, and why."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from lineitem.attribution.requests import Request
    from lineitem.core.rates import Rates

#: Fewer tokens than this written again are no cache miss.
_MISS: Final = 2_000


class Miss:
    """A cache miss: tokens that had been in the cache and were paid again."""

    __slots__ = ("at", "femto", "idle", "mid", "reason", "tokens")

    def __init__(self, at: int, mid: str, reason: str, tokens: int, femto: int, idle: int) -> None:
        self.at, self.mid, self.reason, self.tokens, self.femto, self.idle = (
            at,
            mid,
            reason,
            tokens,
            femto,
            idle,
        )


def had_all(last: Request, request: Request) -> bool:
    """Whether a request read as good as all that `last`, the one before it in the same window, left in the cache."""
    return request.read * 20 > (last.read + last.write5 + last.write1) * 19


def miss_of(last: Request, request: Request, rates: Rates, again: int, *, changed: bool) -> Miss | None:
    """The cache miss of a request that had not all, if it is one; `last`: the request before it in the same window.

    again: old tokens that it did not read from the cache.   changed: tools or system texts are others than before.
    """
    held = last.read + last.write5 + last.write1
    lost = min(again, held - request.read)
    if lost < _MISS:
        return None
    idle = max(0, request.at - last.at)
    life = 3_600_000 if last.write1 else 300_000
    if request.model != last.model:
        reason = "model changed"
    elif idle > life:
        reason = f"idle beyond the {'1-hour' if life > 300_000 else '5-minute'} cache lifetime"
    elif changed:
        reason = "tools or system prompt changed"
    elif request.read:
        reason = "an earlier part of the prompt was rewritten"
    else:
        reason = "unknown"
    write = rates.cache_write_1h if request.write1 > request.write5 else rates.cache_write_5m
    if not request.write1 and not request.write5:
        write = rates.uncached_input
    return Miss(request.at, request.mid, reason, lost, lost * write, idle)

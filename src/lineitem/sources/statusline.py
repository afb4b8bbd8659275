"""The statusline's JSON in, a `Snapshot` out: pure, no disk, no clock.

In: what Claude Code gives its statusline command (2.1.x; `prompt_cache` from 2.1.251 on), or the reduced record
`lineitem_hook/statusline.py` spools of it, which has the same names. Every field may be missing, null or of a wrong
type: then its value is None and the rest stands. Money comes from the number's own decimal text.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from lineitem.core.live import Snapshot
from lineitem.sources.foreign import LONGEST_PATH, Foreign, decoded, fraction, is_uuid, moment


class _Status(Struct, gc=False):
    session_id: Any = None
    prompt_id: Any = None
    cwd: Any = None
    model: Any = None
    cost: Any = None
    context_window: Any = None
    rate_limits: Any = None
    prompt_cache: Any = None
    lineitem: Any = None


_DECODER = msgspec.json.Decoder(_Status, float_hook=fraction)


def decode(body: bytes, received: int, problems: list[tuple[str, str]] | None = None) -> Snapshot | None:
    """What the client told its statusline; None where it is no JSON object or names no session.

    `received` is its time, unless our own process noted when it came to it.
    """
    problems = problems if problems is not None else []
    status = decoded(_DECODER, body)
    if status is None:
        problems.append(("statusline-unreadable", f"{len(body)} bytes that are no JSON object"))
        return None
    take = Foreign()
    session = take.text(status.session_id, "session_id", 64)
    if not session:
        problems.append(("statusline-unreadable", "no session_id"))
        return None
    if not is_uuid(session):
        problems.append(("event-session-odd", session))
    found = Snapshot(
        session=session,
        at=moment(take.whole(take.table(status.lineitem, "lineitem").get("at"), "lineitem.at"), received),
        model=take.text(take.table(status.model, "model").get("id"), "model.id"),
        prompt=take.id(status.prompt_id, "prompt_id"),
        cwd=take.text(status.cwd, "cwd", LONGEST_PATH),
        **_cost(take, status.cost),
        **_context(take, status.context_window),
        **_limits(take, status.rate_limits),
        **_cache(take, status.prompt_cache),
    )
    if take.odd:
        problems.append(("statusline-odd", ", ".join(take.odd)))
    return found


def _cost(take: Foreign, value: Any) -> dict[str, Any]:
    cost = take.table(value, "cost")
    return {
        "nanos": take.nanos(cost.get("total_cost_usd"), "cost.total_cost_usd"),
        "api_ms": take.whole(cost.get("total_api_duration_ms"), "cost.total_api_duration_ms"),
    }


def _context(take: Foreign, value: Any) -> dict[str, Any]:
    """The context's size is that of the last call's prompt where it is told, for other versions sum differently."""
    window = take.table(value, "context_window")
    usage = take.table(window.get("current_usage"), "current_usage")
    uncached = take.whole(usage.get("input_tokens"), "input_tokens")
    write = take.whole(usage.get("cache_creation_input_tokens"), "cache_creation_input_tokens")
    read = take.whole(usage.get("cache_read_input_tokens"), "cache_read_input_tokens")
    total = take.whole(window.get("total_input_tokens"), "total_input_tokens")
    known = uncached is not None and write is not None and read is not None
    return {
        "context": (uncached or 0) + (write or 0) + (read or 0) if known else total,
        "window": take.whole(window.get("context_window_size"), "context_window_size"),
        "uncached": uncached,
        "output": take.whole(usage.get("output_tokens"), "output_tokens"),
        "write": write,
        "read": read,
    }


def _limits(take: Foreign, value: Any) -> dict[str, Any]:
    limits = take.table(value, "rate_limits")
    found: dict[str, Any] = {}
    for ours, theirs in (("five_hour", "five_hour"), ("week", "seven_day")):
        limit = take.table(limits.get(theirs), theirs)
        found[ours] = take.hundredths(limit.get("used_percentage"), f"{theirs}.used_percentage")
        found[f"{ours}_resets"] = take.milliseconds(limit.get("resets_at"), f"{theirs}.resets_at")
    return found


def _cache(take: Foreign, value: Any) -> dict[str, Any]:
    cache = take.table(value, "prompt_cache")
    return {
        "warm": take.flag(cache.get("warm"), "prompt_cache.warm"),
        "ttl": take.text(cache.get("ttl"), "prompt_cache.ttl", 8),
        "expires": take.milliseconds(cache.get("expires_at"), "prompt_cache.expires_at"),
        "misses": take.whole(cache.get("misses"), "prompt_cache.misses"),
        "recache": take.whole(cache.get("recache_tokens_if_cold"), "prompt_cache.recache_tokens_if_cold"),
    }

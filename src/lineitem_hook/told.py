"""What the client itself tells its statusline, as figures of `line.py`.

Costs are the client's own running total of the session, so they are provisional. Whatever is missing, null or of a
wrong type is unknown.
"""

from __future__ import annotations

from lineitem_hook.members import Number, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem_hook.line import Figures

#: Tokens in the context from which a session is yellow, and red: the preset `standard`.
YELLOW, RED = 80_000, 150_000


def told(text: str, now: int) -> Figures:
    """The figures in the statusline's JSON; besides them `id`, the session's."""
    said = {name: value for name, (value, _, _) in members(text).items()}
    model, cost = _table(said, "model"), _table(said, "cost")
    cache, limits = _table(said, "prompt_cache"), _table(said, "rate_limits")
    window = _table(said, "context_window")
    five_hour, week = _table(limits, "five_hour"), _table(limits, "seven_day")
    context = _context(window)
    warm = cache.get("warm")
    return {
        "id": _text(said, "session_id"),
        "model": _text(model, "display_name") or _text(model, "id") or None,
        "session": scaled(cost.get("total_cost_usd"), 9),
        "provisional": True,
        "context": context,
        "window": scaled(window.get("context_window_size"), 0),
        "level": level(context),
        "five_hour": scaled(five_hour.get("used_percentage"), 2),
        "five_hour_left": _until(five_hour.get("resets_at"), now),
        "week": scaled(week.get("used_percentage"), 2),
        "week_left": _until(week.get("resets_at"), now),
        "warm": warm if isinstance(warm, bool) else None,
        "recache": scaled(cache.get("recache_tokens_if_cold"), 0),
    }


def level(context: int | None) -> str | None:
    """Health of a session by the tokens in its context."""
    if context is None:
        return None
    return "red" if context >= RED else "yellow" if context >= YELLOW else "green"


def scaled(number: Any, places: int) -> int | None:
    """A number as written, times a power of ten, rounded to a whole; None where it is none, or below zero."""
    if not isinstance(number, Number) or number.digits.startswith("-"):
        return None
    mantissa, _, exponent = number.digits.lower().partition("e")
    whole, _, part = mantissa.partition(".")
    if len(exponent) > 4 or len(mantissa) > 60:
        return None
    point = len(whole) + int(exponent or 0) + places
    if point > 18:
        return None
    digits = f"{'0' * -point}{whole}{part}{'0' * point}"
    point = max(point, 0)
    return int(digits[:point] or "0") + (digits[point : point + 1] >= "5")


def _table(values: dict[str, Any], name: str) -> dict[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _context(window: dict[str, Any]) -> int | None:
    """Tokens of the last call's prompt; before the first one, what the client sums up itself."""
    usage = _table(window, "current_usage")
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    counts = [scaled(usage.get(name), 0) for name in names]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else scaled(window.get("total_input_tokens"), 0)


def _until(seconds: Any, now: int) -> int | None:
    """Milliseconds from now to an instant in epoch seconds; None where it has passed."""
    at = scaled(seconds, 3)
    return at - now if at is not None and at > now else None

"""What may be kept of what Claude Code says: an allow-list, so that nothing else ever reaches a file.

In: the JSON of a hook event or of the statusline. Out: a record with the same names, without any text of a prompt, a
tool or a file: of those only the size. Beside them stands `lineitem`: what kind of record it is, its key, its time.
A record is never longer than `spool.LARGEST`.
"""

from __future__ import annotations

from lineitem_hook.members import Number, members, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ID, _NAME, _PATH, _NUMBER, _FLAG = "id", "name", "path", "number", "flag"

_HOOK: dict[str, Any] = {
    "session_id": _ID,
    "hook_event_name": _NAME,
    "prompt_id": _ID,
    "agent_id": _ID,
    "agent_type": _NAME,
    "permission_mode": _NAME,
    "effort": {"level": _NAME},
    "tool_name": _NAME,
    "tool_use_id": _ID,
    "mcp_server": {"name": _NAME},
    "duration_ms": _NUMBER,
    "is_interrupt": _FLAG,
    "source": _NAME,
    "trigger": _NAME,
    "model": _NAME,
    "from_model": _NAME,
    "to_model": _NAME,
    "requested_model": _NAME,
    "cache_ttl": _NAME,
    "pricing": _NAME,
    "context_tokens": _NUMBER,
    "seconds_since_last_response": _NUMBER,
    "prompt_cache_likely_expired": _FLAG,
    "prompt_cache_warm": _FLAG,
    "estimated_cache_write_usd": _NUMBER,
    "stop_hook_active": _FLAG,
    "notification_type": _NAME,
    "memory_type": _NAME,
    "load_reason": _NAME,
    "expansion_type": _NAME,
    "command_name": _NAME,
    "command_source": _NAME,
    "mode": _NAME,
    "task_id": _ID,
    "turn_id": _ID,
    "message_id": _ID,
    "index": _NUMBER,
    "final": _FLAG,
}
#: One of a few words in these events, a text in all others.
_WORDS = {"SessionEnd": "reason", "StopFailure": "error"}
_SIZES = "tool_input tool_response prompt last_assistant_message compact_summary message reason error".split()
_COUNTS = "tool_calls background_tasks session_crons".split()

_LIMIT = {"used_percentage": _NUMBER, "resets_at": _NUMBER}
_USAGE = dict.fromkeys(
    "input_tokens output_tokens cache_creation_input_tokens cache_read_input_tokens".split(), _NUMBER
)
_STATUS: dict[str, Any] = {
    "session_id": _ID,
    "prompt_id": _ID,
    "cwd": _PATH,
    "model": {"id": _NAME},
    "cost": {"total_cost_usd": _NUMBER, "total_api_duration_ms": _NUMBER},
    "context_window": {
        "total_input_tokens": _NUMBER,
        "context_window_size": _NUMBER,
        "current_usage": _USAGE,
    },
    "rate_limits": {"five_hour": _LIMIT, "seven_day": _LIMIT},
    "prompt_cache": {
        "warm": _FLAG,
        "ttl": _NAME,
        "expires_at": _NUMBER,
        "misses": _NUMBER,
        "recache_tokens_if_cold": _NUMBER,
    },
}


def hook_record(text: str, key: str, at: int) -> bytes:
    """The record of a hook event; empty where the text tells of none."""
    given = members(text)
    name = given.get("hook_event_name", ("", 0, 0))[0]
    if not isinstance(name, str) or not name:
        return b""
    word = _WORDS.get(name)
    sizes = [
        f'"{one}":{_size(text, *given[one][1:])}'
        for one in _SIZES
        if one in given and one != word and given[one][0] is not None
    ]
    counts = [f'"{one}":{len(given[one][0])}' for one in _COUNTS if isinstance(given.get(one, (0,))[0], list)]
    aside = f'"sizes":{{{",".join(sizes)}}},"counts":{{{",".join(counts)}}}'
    values = {one: value for one, (value, _, _) in given.items()}
    return _record("hook", key, at, f",{aside}", _members(values, _HOOK | {word: _NAME} if word else _HOOK))


def status_record(text: str, key: str, at: int) -> bytes:
    """The record of what the statusline was told; empty where it names no session."""
    values = {one: value for one, (value, _, _) in members(text).items()}
    if not isinstance(values.get("session_id"), str):
        return b""
    return _record("statusline", key, at, "", _members(values, _STATUS))


def _record(kind: str, key: str, at: int, aside: str, kept: str) -> bytes:
    return f'{{"lineitem":{{"kind":"{kind}","key":"{key}","at":{at}{aside}}},{kept}}}'.encode("ascii")


def _members(values: dict[str, Any], allowed: dict[str, Any]) -> str:
    kept = ((name, _kept(values.get(name), kind)) for name, kind in allowed.items())
    return ",".join(f'"{name}":{value}' for name, value in kept if value)


def _kept(value: Any, kind: Any) -> str:
    """A value as JSON, '' where it is not what it should be: an id or a path is kept whole or not at all."""
    if isinstance(kind, dict):
        inner = _members(value, kind) if isinstance(value, dict) else ""
        return f"{{{inner}}}" if inner else ""
    if isinstance(value, bool):
        return ("false", "true")[value] if kind == _FLAG else ""
    if isinstance(value, Number):
        return value.digits if kind == _NUMBER and len(value.digits) <= 40 else ""
    if not isinstance(value, str):
        return ""
    if kind == _NAME:
        return quoted(value[:128])
    if kind == _ID and len(value) <= 128:
        return quoted(value)
    if kind == _PATH and len(value) <= 4096:
        path = quoted(value)
        return path if len(path) <= 8192 else ""
    return ""


def _size(text: str, start: int, end: int) -> int:
    """Bytes of a part of the text."""
    return end - start if text.isascii() else len(text[start:end].encode("utf-8", "surrogatepass"))

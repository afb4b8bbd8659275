"""Hook events in, values of `core.live` out: pure, no disk, no clock.

In: the JSON Claude Code gives a hook (as it comes over HTTP), or the reduced record `lineitem_hook/forward.py` makes
of it. The reduced record has the same names, and beside them `lineitem`: {"key", "at", "sizes", "counts"}, for what
is not in it any more. Out: an `Event`, which holds no path and no text of a prompt, a tool or a file, whatever came
in.

Always: events of unknown names and with unknown fields pass; a field that cannot be meant is left out and named in
a problem; the same bytes give the same event.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from lineitem.core.live import Event
from lineitem.sources.foreign import DECODER, Foreign, decoded, fraction, is_uuid, moment

Problems = list[tuple[str, str]]

_NOTHING = Raw()


class _Hook(Struct, gc=False):
    """The fields of all events that we look at. `Raw`: texts and contents, of which only the size is wanted."""

    hook_event_name: Any = None
    session_id: Any = None
    prompt_id: Any = None
    agent_id: Any = None
    tool_name: Any = None
    tool_use_id: Any = None
    duration_ms: Any = None
    tool_input: Raw = _NOTHING
    tool_response: Raw = _NOTHING
    prompt: Raw = _NOTHING
    last_assistant_message: Raw = _NOTHING
    compact_summary: Raw = _NOTHING
    message: Raw = _NOTHING
    error: Raw = _NOTHING
    reason: Raw = _NOTHING
    tool_calls: Raw = _NOTHING
    background_tasks: Raw = _NOTHING
    session_crons: Raw = _NOTHING
    agent_type: Any = None
    permission_mode: Any = None
    effort: Any = None
    mcp_server: Any = None
    source: Any = None
    trigger: Any = None
    model: Any = None
    from_model: Any = None
    to_model: Any = None
    requested_model: Any = None
    cache_ttl: Any = None
    pricing: Any = None
    notification_type: Any = None
    memory_type: Any = None
    load_reason: Any = None
    expansion_type: Any = None
    command_name: Any = None
    command_source: Any = None
    mode: Any = None
    task_id: Any = None
    turn_id: Any = None
    message_id: Any = None
    context_tokens: Any = None
    seconds_since_last_response: Any = None
    index: Any = None
    is_interrupt: Any = None
    stop_hook_active: Any = None
    prompt_cache_likely_expired: Any = None
    prompt_cache_warm: Any = None
    final: Any = None
    estimated_cache_write_usd: Any = None
    lineitem: Any = None  #: what our own forwarder says beside the event


_DECODER = msgspec.json.Decoder(_Hook, float_hook=fraction)
_ITEMS = msgspec.json.Decoder(list[Raw])

#: Short names that are kept in `note` as they are.
_NAMES = (
    "agent_type permission_mode source trigger model from_model to_model requested_model cache_ttl pricing"
    " notification_type memory_type load_reason expansion_type command_name command_source mode"
).split()
_IDS = "task_id turn_id message_id".split()
_WHOLES = "context_tokens seconds_since_last_response index".split()
_FLAGS = "is_interrupt stop_hook_active prompt_cache_likely_expired prompt_cache_warm final".split()
#: Texts of which only the size is kept.
_TEXTS = "prompt last_assistant_message compact_summary message".split()
_LISTS = "tool_calls background_tasks session_crons".split()
#: `reason` and `error` are one of a few words in these events, and a text in all others.
_WORDS = {"SessionEnd": "reason", "StopFailure": "error"}
#: What makes one of these events the only one of its kind in its session.
_UNIQUE = {
    "UserPromptSubmit": "prompt_id",
    "UserPromptExpansion": "prompt_id",
    "Stop": "prompt_id",
    "StopFailure": "prompt_id",
    "SubagentStart": "agent_id",
    "SubagentStop": "agent_id",
    "TaskCreated": "task_id",
    "TaskCompleted": "task_id",
    "MessageDisplay": "message_id",
    "PostToolBatch": "prompt_id",
}


def decode(body: bytes, received: int, key: str = "", problems: Problems | None = None) -> Event | None:
    """The event a hook's JSON tells of; None where it is none.

    `key` is the one a forwarder minted, '' without. The event's key is '' where nothing tells it from its like:
    then the caller mints one. `received` is its time, unless our forwarder noted when it came to it.
    `problems` gets (slug, note) of what was left out.
    """
    problems = problems if problems is not None else []
    hook = decoded(_DECODER, body)
    if hook is None:
        problems.append(("event-unreadable", f"{len(body)} bytes that are no JSON object"))
        return None
    take = Foreign()
    what = take.text(hook.hook_event_name, "hook_event_name", 64)
    if not what:
        problems.append(("event-unnamed", "an event without hook_event_name"))
        return None
    session = take.text(hook.session_id, "session_id", 64)
    if not is_uuid(session):
        problems.append(("event-session-odd", session or "no session_id"))
    aside = take.table(hook.lineitem, "lineitem")
    sizes = take.table(aside.get("sizes"), "lineitem.sizes")
    event = Event(
        key="",
        session=session,
        at=moment(take.whole(aside.get("at"), "lineitem.at"), received),
        what=what,
        prompt=take.id(hook.prompt_id, "prompt_id"),
        agent=take.id(hook.agent_id, "agent_id"),
        tool=take.text(hook.tool_name, "tool_name"),
        call=take.id(hook.tool_use_id, "tool_use_id"),
        duration=take.whole(hook.duration_ms, "duration_ms"),
        size_in=_size(hook.tool_input, sizes.get("tool_input"), take),
        size_out=_size(hook.tool_response, sizes.get("tool_response"), take),
        note=msgspec.json.encode(_note(hook, what, sizes, aside.get("counts"), take)).decode(),
    )
    event = event._replace(key=_key(event, hook, body, (key, aside.get("key"))))
    if take.odd:
        problems.append(("event-odd", f"{what}: {', '.join(take.odd)}"))
    return event


class About(NamedTuple):
    """What is looked at in an event while it is answered, and kept nowhere."""

    folder: str = ""  #: the working folder
    agent: str = ""  #: type of the agent that is to be started, or whose event it is


class _Input(Struct, gc=False):
    subagent_type: Any = None


class _About(Struct, gc=False):
    cwd: Any = None
    agent_type: Any = None
    tool_input: Raw = _NOTHING


_ABOUT = msgspec.json.Decoder(_About)
_INPUT = msgspec.json.Decoder(_Input)


def about(body: bytes) -> About:
    """Where an event happened and for which agent; what is not said is ''."""
    found = decoded(_ABOUT, body)
    if found is None:
        return About()
    take = Foreign()
    given = decoded(_INPUT, bytes(found.tool_input)) if bytes(found.tool_input) else None
    named = take.text(given.subagent_type, "subagent_type") if given is not None else ""
    return About(take.text(found.cwd, "cwd", 4_096), named or take.text(found.agent_type, "agent_type"))


def _size(raw: Raw, noted: Any, take: Foreign) -> int | None:
    """Bytes of a value as JSON: counted, or as the forwarder noted."""
    found = bytes(raw)
    return len(found) if found not in {b"", b"null"} else take.whole(noted, "lineitem.sizes")


def _note(hook: _Hook, what: str, sizes: dict[str, Any], counts: Any, take: Foreign) -> dict[str, Any]:
    """What else is known, by allow-list: short names, ids, flags and numbers."""
    found: dict[str, Any] = {}
    for name in _NAMES:
        found[name] = take.text(getattr(hook, name), name)
    for name in _IDS:
        found[name] = take.id(getattr(hook, name), name)
    for name in _WHOLES:
        found[name] = take.whole(getattr(hook, name), name)
    for name in _FLAGS:
        found[name] = take.flag(getattr(hook, name), name)
    for name in _TEXTS:
        found[f"{name}_size"] = _size(getattr(hook, name), sizes.get(name), take)
    counted = take.table(counts, "lineitem.counts")
    for name in _LISTS:
        found[name] = _count(getattr(hook, name), counted.get(name), name, take)
    found["effort"] = take.text(take.table(hook.effort, "effort").get("level"), "effort.level")
    found["mcp_server"] = take.text(take.table(hook.mcp_server, "mcp_server").get("name"), "mcp_server.name")
    found["estimated_cache_write_nanos"] = take.nanos(hook.estimated_cache_write_usd, "estimated_cache_write_usd")
    for name in ("reason", "error"):
        raw = getattr(hook, name)
        if _WORDS.get(what) == name:
            found[name] = take.text(_value(raw), name, 64)
        else:
            found[f"{name}_size"] = _size(raw, sizes.get(name), take)
    return {name: value for name, value in found.items() if value is not None and value != ""}


def _value(raw: Raw) -> Any:
    return decoded(DECODER, bytes(raw)) if bytes(raw) else None


def _count(raw: Raw, noted: Any, name: str, take: Foreign) -> int | None:
    if bytes(raw) in {b"", b"null"}:
        return take.whole(noted, f"lineitem.counts.{name}")
    items = decoded(_ITEMS, bytes(raw))
    if items is None:
        take.oddly(name)
        return None
    return len(items)


def _key(event: Event, hook: _Hook, body: bytes, minted: tuple[Any, ...]) -> str:
    """What the event is known by, in this order: its tool call, a minted key, its own contents; '' without any."""
    if event.call:
        return f"{event.session}/{event.what}/{event.call}"
    for key in minted:
        if isinstance(key, str) and is_uuid(key):
            return key.lower()
    unique = _UNIQUE.get(event.what)
    if event.session and unique and isinstance(getattr(hook, unique), str):
        return f"~{blake2b(body, digest_size=16).hexdigest()}"
    return ""

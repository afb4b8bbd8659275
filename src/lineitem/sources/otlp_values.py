"""Records of telemetry -> `ApiCall`, `ToolDone`, `Event`: what each of them means, and which of them are kept.

Always: the same record gives the same value with the same key, so a repeated export changes nothing; a value holds
numbers, ids, names and times. A record that lacks what its value needs is counted as a problem.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from lineitem.core.live import ApiCall, Event, ToolDone
from lineitem.sources.otlp_kinds import input_kind
from lineitem.sources.otlp_record import INPUT, MOST, PARAMETERS, clean
from lineitem.sources.otlp_schema import PARAMETERS as PARAMETERS_DECODER
from lineitem.sources.shortening import redact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.sources.otlp_record import Record
    from lineitem.sources.otlp_schema import Parameters

    Problems = list[tuple[str, str]]

#: Log events that are kept as events, and the attributes that go into their note.
EVENTS = {
    "user_prompt": "prompt_length command_name command_source",
    "assistant_response": "response_length request_id query_source model",
    "tool_decision": "decision source tool_source permission_mode request_id",
    "compaction": "trigger success pre_tokens post_tokens precompute_reuse",
    "subagent_completed": "agent_type agent.source is_async total_tokens total_tool_uses model final_model",
    "skill_activated": "skill.name skill.source skill.kind invocation_trigger plugin.name",
    "api_error": "status_code attempt model query_source request_id",
    "api_retries_exhausted": "total_attempts total_retry_duration_ms model",
    "api_refusal": "server_fallback_hop category model request_id",
    "hook_execution_complete": "hook_event num_hooks num_success num_blocking num_non_blocking_error num_cancelled"
    " additional_context_chars stdout_chars",
    "mcp_server_connection": "status transport_type server_scope server_name",
    "permission_mode_changed": "from_mode to_mode trigger",
}
#: Log events that say nothing a bill needs, or only texts.
IGNORED = frozenset(
    """
    api_request_body api_response_body hook_registered hook_execution_start hook_plugin_metrics plugin_installed
    plugin_loaded auth at_mention internal_error feedback_survey retention_sweep managed_settings_resolved
    system_prompt
    """.split()
)
#: Spans that are kept for their durations, and the attributes that go into their note.
SPANS = {
    "interaction": "",
    "llm_request": "request_id model query_source attempt success status_code ttft_ms parent_agent_id",
    "tool": "request_id success",
    "tool.blocked_on_user": "decision source",
    "tool.execution": "success",
    "hook": "hook_event num_hooks",
}
#: Metrics that are kept as readings of a gauge.
METRICS = frozenset(
    """
    session.count lines_of_code.count pull_request.count commit.count cost.usage token.usage
    code_edit_tool.decision active_time.total
    """.split()
)
_POINT_NOTE = "type model query_source speed effort start_type decision source language agent.name skill.name"
#: Labels of one record, at most.
_LABELS = 24
_REPOSITORY = ("vcs.owner.name", "vcs.repository.name", "vcs.provider.name")


def api_call(record: Record, problems: Problems) -> ApiCall:
    """The value of an `api_request` event."""
    count = record.count
    request = record.text("request_id")
    written, write5, write1 = (count(f"cache_creation{part}_tokens") for part in ("", "_5m", "_1h"))
    if written is not None:
        # What has no lifetime is a 5-minute write: the client prices it so, and versions before the split sent no more.
        write5 = max(written - (write1 or 0), 0)
    figures = {"uncached": count("input_tokens"), "output": count("output_tokens"), "read": count("cache_read_tokens")}
    missing = [name for name, value in figures.items() if value is None]
    if missing or write5 is None:
        problems.append(("otlp-count-missing", "api_request without all of its token counts"))
    return ApiCall(
        key=request or _key(record, "api_request"),
        session=record.text("session.id"),
        at=record.at,
        request=request,
        model=record.text("model"),
        source=record.text("query_source"),
        agent=record.text("agent_id"),
        prompt=record.text("prompt.id"),
        uncached=figures["uncached"] or 0,
        output=figures["output"] or 0,
        write5=write5 or 0,
        write1=write1 or 0,
        read=figures["read"] or 0,
        nanos=_nanos(record),
        duration=count("duration_ms"),
        speed="fast" if record.text("speed") == "fast" else "",
        labels=_labels(record),
    )


def tool_done(record: Record) -> ToolDone:
    """The value of a `tool_result` event that has a tool use id."""
    success = record.text("success")
    return ToolDone(
        call=record.text("tool_use_id"),
        session=record.text("session.id"),
        at=record.at,
        tool=_tool(record),
        request=record.text("request_id"),
        prompt=record.text("prompt.id"),
        agent=record.text("agent_id"),
        size_in=record.count("tool_input_size_bytes"),
        size_out=record.count("tool_result_size_bytes"),
        succeeded={"true": True, "false": False}.get(success),
        duration=record.count("duration_ms"),
    )


def kind_event(record: Record) -> Event | None:
    """What kind of text a finished tool call read or wrote; None where its input is not told, or names no such file."""
    kind = input_kind(record.text(INPUT)) if INPUT in record.attributes else ""
    if not kind:
        return None
    record.attributes = {**record.attributes, "kind": kind}
    told = _event(record, "tool_kind", "kind", None, record.text("tool_use_id"))
    return told._replace(key=f"{told.session}/{told.what}/{told.call}")


def log_event(record: Record) -> Event:
    """The value of any other log event that is kept."""
    duration = record.count("duration_ms")
    if duration is None:
        duration = record.count("total_duration_ms")
    return _event(record, record.name, EVENTS[record.name], duration, record.text("tool_use_id"))


def span_event(record: Record) -> Event:
    """How long something took. A tool's span holds the time a person thought it over: only its execution has `call`."""
    call = record.text("tool_use_id") if record.name != "tool" else ""
    return _event(record, f"span/{record.name}", SPANS[record.name], record.duration, call)


def point_event(record: Record) -> Event:
    """A reading of a metric."""
    return _event(record, f"metric/{record.name}", _POINT_NOTE, None, "")


def _event(record: Record, what: str, noted: str, duration: int | None, call: str) -> Event:
    note: dict[str, object] = {}
    for name in noted.split():
        if name in record.attributes:
            note[name] = record.attributes[name]
    if record.value is not None:
        note["value"] = record.value
    if record.name == "tool" and record.text("tool_use_id"):
        note["tool_use_id"] = record.text("tool_use_id")
    return Event(
        key=_key(record, what),
        session=record.text("session.id"),
        at=record.at,
        what=f"otel/{what}",
        prompt=record.text("prompt.id"),
        agent=record.text("agent_id"),
        tool=_tool(record),
        call=call,
        duration=duration,
        note=msgspec.json.encode(note).decode(),
    )


def _key(record: Record, what: str) -> str:
    """What tells a record apart from all others: the same record always has the same one."""
    told = [what, record.text("session.id"), record.ident, str(record.at), record.text("event.sequence")]
    told.append(record.text("event.timestamp"))
    if record.value is not None:  # a metric's points differ in their attributes only
        told += [f"{name}={value}" for name, value in sorted(record.attributes.items())]
    return "otel/" + blake2b("\n".join(told).encode("utf-8", "replace"), digest_size=15).hexdigest()


def _tool(record: Record) -> str:
    """The tool's name as hooks and transcripts have it: telemetry calls every MCP tool `mcp_tool`."""
    tool = record.text("tool_name")
    if tool != "mcp_tool":
        return tool
    names = _parameters(record)
    server = names.mcp_server_name if names else record.text("mcp_server.name")
    name = names.mcp_tool_name if names else record.text("mcp_tool.name")
    return str(clean(f"mcp__{server}__{name}")) if server and name else tool


def _parameters(record: Record) -> Parameters | None:
    if PARAMETERS not in record.attributes:
        return None
    try:
        return PARAMETERS_DECODER.decode(record.text(PARAMETERS))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _nanos(record: Record) -> int | None:
    """Nanodollars of a call, from the dollars as they are written; else from whole microdollars; None: not told."""
    dollars = record.attributes.get("cost_usd")
    if isinstance(dollars, int | float | str) and not isinstance(dollars, bool):
        from decimal import Decimal, InvalidOperation

        try:
            # str() gives the shortest digits that mean this float, which are those the client had in mind
            nanos = Decimal(str(dollars)) * 1_000_000_000
            if nanos.is_finite() and 0 <= nanos <= MOST:
                return int(nanos.to_integral_value())
        except InvalidOperation:
            pass
    micros = record.count("cost_usd_micros")
    return micros * 1000 if micros is not None and micros <= MOST // 1000 else None


def _labels(record: Record) -> str:
    """Department, team, repository: what the person or their company put on everything a client sends."""
    labels = {name: redact(str(value)) for name, value in sorted(record.resource.items())[:_LABELS]}
    for name in _REPOSITORY:
        if name in record.attributes:
            labels[name] = record.text(name)
    return msgspec.json.encode(labels).decode()

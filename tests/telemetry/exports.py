"""Small OTLP exports, written by hand: as JSON and, from the same words, as protobuf."""

from __future__ import annotations

import json
from typing import Any

MS = 1_000_000
START = 1_795_307_000_000
SESSION = "5e55-0001"

Attributes = dict[str, Any]


def value(given: Any) -> dict[str, Any]:
    """A Python value as an AnyValue."""
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(given)}
    if isinstance(given, float):
        return {"doubleValue": given}
    if isinstance(given, list):
        return {"arrayValue": {"values": [value(one) for one in given]}}
    if isinstance(given, dict):
        return {"kvlistValue": {"values": attributes(given)}}
    if isinstance(given, bytes):
        return {"bytesValue": given.hex()}
    return {"stringValue": given}


def attributes(given: Attributes) -> list[dict[str, Any]]:
    return [{"key": name, "value": value(one)} for name, one in given.items()]


def log(name: str, at: int = START, **given: Any) -> dict[str, Any]:
    """A log record; `__` in a name stands for a dot."""
    named = {key.replace("__", "."): one for key, one in given.items()}
    named = {"session.id": SESSION, "event.name": name, "event.sequence": 1, **named}
    nanoseconds = str(at * MS)
    return {
        "timeUnixNano": nanoseconds,
        "observedTimeUnixNano": nanoseconds,
        "body": {"stringValue": f"claude_code.{name}"},
        "attributes": attributes({name: one for name, one in named.items() if one is not None}),
    }


def logs(*records: Any, resource: Attributes | None = None) -> dict[str, Any]:
    return {
        "resourceLogs": [
            {"resource": {"attributes": attributes(resource or {})}, "scopeLogs": [{"logRecords": list(records)}]}
        ]
    }


def api_request(request: str | None = "req_1", at: int = START, **given: Any) -> dict[str, Any]:
    """An `api_request` as client 2.1.330 sends it."""
    said = {
        "prompt__id": "p-1",
        "model": "claude-opus-5-5",
        "input_tokens": 3,
        "output_tokens": 80,
        "cache_read_tokens": 12_277,
        "cache_creation_tokens": 29,
        "cache_creation_5m_tokens": 29,
        "cache_creation_1h_tokens": 0,
        "cost_usd": 0.0042004,
        "cost_usd_micros": 4200,
        "duration_ms": 138,
        "request_id": request,
        "speed": "normal",
        "query_source": "repl_main_thread",
    }
    return log("api_request", at, **{**said, **given})


def tool_result(call: str | None = "toolu_1", at: int = START, **given: Any) -> dict[str, Any]:
    said = {
        "prompt__id": "p-1",
        "tool_name": "Bash",
        "tool_use_id": call,
        "success": "true",
        "duration_ms": "42",
        "tool_input_size_bytes": "36",
        "tool_result_size_bytes": "3200",
        "request_id": "req_1",
    }
    return log("tool_result", at, **{**said, **given})


def body(export: dict[str, Any]) -> bytes:
    return json.dumps(export).encode()


def protobuf(export: dict[str, Any]) -> bytes:
    """The same export as protobuf, made by the official classes' own reading of JSON."""
    from google.protobuf import json_format  # type: ignore[import-untyped]
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    message: Any = ExportLogsServiceRequest()
    if "resourceMetrics" in export:
        message = ExportMetricsServiceRequest()
    elif "resourceSpans" in export:
        message = ExportTraceServiceRequest()
    json_format.ParseDict(export, message)
    return bytes(message.SerializeToString())


def span(name: str, start: int, end: int, ident: str = "c0ffee00c0ffee00", **given: Any) -> dict[str, Any]:
    named = {"session.id": SESSION, **{key.replace("__", "."): one for key, one in given.items()}}
    return {
        "traceId": "ab" * 16,
        "spanId": ident,
        "name": f"claude_code.{name}",
        "startTimeUnixNano": str(start * MS),
        "endTimeUnixNano": str(end * MS),
        "attributes": attributes(named),
    }


def spans(*rows: Any) -> dict[str, Any]:
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": list(rows)}]}]}


def counter(name: str, number: float, at: int = START, **given: Any) -> dict[str, Any]:
    """One metric with one point."""
    point = {
        "startTimeUnixNano": str((at - 1000) * MS),
        "timeUnixNano": str(at * MS),
        "asDouble": number,
        "attributes": attributes({"session.id": SESSION, **given}),
    }
    return {"name": f"claude_code.{name}", "sum": {"aggregationTemporality": 1, "dataPoints": [point]}}


def metrics(*rows: Any) -> dict[str, Any]:
    return {"resourceMetrics": [{"resource": {}, "scopeMetrics": [{"metrics": list(rows)}]}]}

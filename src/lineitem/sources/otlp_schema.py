"""OTLP's JSON as typed structs: only what is read. The one place with that format's camelCase.

Facts: opentelemetry-proto 1.10, and the exports of client 2.1.330. Lists hold `Raw`, so that one element of a wrong
shape costs that element alone; an attribute's value is `Raw` too: it is decoded only where its key is wanted.
64-bit numbers come as strings or as numbers, times are nanoseconds.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct


class Export(Struct, gc=False):
    """The body of any signal; it has one of the three."""

    resourceLogs: list[Raw] | None = None
    resourceMetrics: list[Raw] | None = None
    resourceSpans: list[Raw] | None = None


class Attribute(Struct, gc=False):
    key: Any = None
    value: Raw = Raw()


class Resource(Struct, gc=False):
    attributes: list[Raw] | None = None


class OfResource(Struct, gc=False):
    resource: Raw = Raw()
    scopeLogs: list[Raw] | None = None
    scopeMetrics: list[Raw] | None = None
    scopeSpans: list[Raw] | None = None


class OfScope(Struct, gc=False):
    logRecords: list[Raw] | None = None
    metrics: list[Raw] | None = None
    spans: list[Raw] | None = None


class AnyValue(Struct, gc=False):
    """One of these is set. Arrays, maps and bytes are no attribute that is read: they count as no value."""

    stringValue: str | None = None
    boolValue: bool | None = None
    intValue: int | str | None = None
    doubleValue: float | str | None = None


class LogRecord(Struct, gc=False):
    timeUnixNano: int | str | None = None
    observedTimeUnixNano: int | str | None = None
    eventName: Any = None
    body: Raw = Raw()
    attributes: list[Raw] | None = None


class Span(Struct, gc=False):
    traceId: str = ""
    spanId: str = ""
    name: str = ""
    startTimeUnixNano: int | str | None = None
    endTimeUnixNano: int | str | None = None
    attributes: list[Raw] | None = None


class Point(Struct, gc=False):
    startTimeUnixNano: int | str | None = None
    timeUnixNano: int | str | None = None
    asDouble: float | str | None = None
    asInt: int | str | None = None
    attributes: list[Raw] | None = None


class Points(Struct, gc=False):
    dataPoints: list[Raw] | None = None


class Metric(Struct, gc=False):
    name: str = ""
    sum: Points | None = None
    gauge: Points | None = None


EXPORT = msgspec.json.Decoder(Export)
ATTRIBUTE = msgspec.json.Decoder(Attribute)
RESOURCE = msgspec.json.Decoder(Resource)
OF_RESOURCE = msgspec.json.Decoder(OfResource)
OF_SCOPE = msgspec.json.Decoder(OfScope)
ANY_VALUE = msgspec.json.Decoder(AnyValue)
LOG_RECORD = msgspec.json.Decoder(LogRecord)
SPAN = msgspec.json.Decoder(Span)
POINT = msgspec.json.Decoder(Point)
METRIC = msgspec.json.Decoder(Metric)


class Parameters(Struct, gc=False):
    """The names of an MCP tool in `tool_parameters`; everything else in it (commands, paths) is stepped over."""

    mcp_server_name: str = ""
    mcp_tool_name: str = ""


PARAMETERS = msgspec.json.Decoder(Parameters)

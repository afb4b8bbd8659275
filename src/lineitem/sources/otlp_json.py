"""OTLP as JSON -> records. An element that is not what it should be is stepped over and counted."""

from __future__ import annotations

import msgspec

from lineitem.sources import otlp_schema as schema
from lineitem.sources.foreign import mended
from lineitem.sources.otlp_record import (
    INPUT,
    LONGEST,
    LONGEST_JSON,
    PARAMETERS,
    WANTED,
    Record,
    as_number,
    bare,
    clean,
    event_name,
    first_time,
    is_label,
    moment,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from lineitem.sources.otlp_record import Scalar

    Problems = list[tuple[str, str]]

#: What a decoder may raise on hostile bytes: a wrong shape, bad UTF-8, a nesting without end.
BROKEN = (msgspec.MsgspecError, ValueError, RecursionError)


def decode_export(body: bytes) -> schema.Export:
    """The outermost layer; one of `BROKEN` where the body is no OTLP at all."""
    try:
        return schema.EXPORT.decode(body)
    except msgspec.DecodeError:
        # A text cut inside an emoji ends in half a character. JavaScript writes that as JSON, our decoder refuses it:
        # one such text among those we do not even want must not cost the whole export.
        return schema.EXPORT.decode(mended(body))


def log_records(export: schema.Export, problems: Problems) -> Iterator[Record]:
    for resource, scope in _scopes(export.resourceLogs, "scopeLogs", problems):
        for raw in scope.logRecords or ():
            row = _decoded(schema.LOG_RECORD, raw, problems)
            if row is not None:
                attributes = _attributes(row.attributes, problems, wanted=True)
                name = event_name(attributes.get("event.name"), row.eventName, _scalar(row.body, "body", problems))
                at = first_time((row.timeUnixNano, row.observedTimeUnixNano))
                yield Record(name, at, attributes, resource)


def spans(export: schema.Export, problems: Problems) -> Iterator[Record]:
    for resource, scope in _scopes(export.resourceSpans, "scopeSpans", problems):
        for raw in scope.spans or ():
            row = _decoded(schema.SPAN, raw, problems)
            if row is not None:
                attributes = _attributes(row.attributes, problems, wanted=True)
                start, end = moment(row.startTimeUnixNano), moment(row.endTimeUnixNano)
                record = Record(bare(row.name), start, attributes, resource)
                record.duration = end - start if 0 < start <= end else None
                record.ident = str(clean(f"{row.traceId}/{row.spanId}")) if row.spanId else ""
                yield record


def points(export: schema.Export, problems: Problems) -> Iterator[Record]:
    """The points of sums and gauges; histograms are none of the client's."""
    for resource, scope in _scopes(export.resourceMetrics, "scopeMetrics", problems):
        for raw in scope.metrics or ():
            metric = _decoded(schema.METRIC, raw, problems)
            if metric is None:
                continue
            for holder in (metric.sum, metric.gauge):
                for one in (holder.dataPoints if holder else None) or ():
                    point = _decoded(schema.POINT, one, problems)
                    if point is not None:
                        yield _point(metric.name, point, resource, problems)


def _point(name: str, point: schema.Point, resource: dict[str, Scalar], problems: Problems) -> Record:
    attributes = _attributes(point.attributes, problems, wanted=True)
    record = Record(bare(name), moment(point.timeUnixNano), attributes, resource)
    record.ident = str(moment(point.startTimeUnixNano))
    record.value = as_number(point.asDouble if point.asInt is None else point.asInt)
    return record


def _scopes(
    resources: list[msgspec.Raw] | None, field: str, problems: Problems
) -> Iterator[tuple[dict[str, Scalar], schema.OfScope]]:
    for raw in resources or ():
        holder = _decoded(schema.OF_RESOURCE, raw, problems)
        if holder is None:
            continue
        described = _decoded(schema.RESOURCE, holder.resource, problems, part=True) if len(holder.resource) else None
        resource = _attributes(described.attributes if described else None, problems, wanted=False)
        for part in getattr(holder, field) or ():
            scope = _decoded(schema.OF_SCOPE, part, problems)
            if scope is not None:
                yield resource, scope


def _decoded(decoder: msgspec.json.Decoder[Any], raw: msgspec.Raw, problems: Problems, *, part: bool = False) -> Any:
    """None for a wrong shape. part: it is a part of records that are kept without it."""
    try:
        return decoder.decode(raw)
    except BROKEN:
        slug = "otlp-attribute-odd" if part else "otlp-malformed"
        problems.append((slug, f"{decoder.type.__name__} of a wrong shape"))
        return None


def _attributes(rows: list[msgspec.Raw] | None, problems: Problems, *, wanted: bool) -> dict[str, Scalar]:
    """The attributes by name, first one wins. wanted: those of `WANTED`; else those that may be labels."""
    found: dict[str, Scalar] = {}
    for raw in rows or ():
        row = _decoded(schema.ATTRIBUTE, raw, problems, part=True)
        if row is None or not isinstance(row.key, str) or row.key in found:
            continue
        key = row.key
        if (key in WANTED) if wanted else is_label(key):
            value = _scalar(row.value, key, problems)
            if value is not None:
                found[key if wanted else str(clean(key, 64))] = value
    return found


def _scalar(raw: msgspec.Raw, key: str, problems: Problems) -> Scalar | None:
    """The plain value of an AnyValue; None: empty, or of a kind that no wanted attribute has."""
    if not len(raw):
        return None
    try:
        value: schema.AnyValue = schema.ANY_VALUE.decode(raw)
    except BROKEN:
        problems.append(("otlp-attribute-odd", f"attribute {clean(key, 64)} of a wrong type"))
        return None
    for one in (value.stringValue, value.boolValue, value.intValue, value.doubleValue):
        if one is not None:
            return clean(one, LONGEST_JSON if key in (PARAMETERS, INPUT) else LONGEST)
    return None

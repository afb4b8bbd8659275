"""OTLP as protobuf -> records, with the official generated classes of `opentelemetry-proto`.

They are imported here and here alone, when the first such body comes: whoever sends JSON needs no extra package.
"""

from __future__ import annotations

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
    from collections.abc import Iterable, Iterator
    from typing import Any

    from lineitem.sources.otlp_record import Scalar

#: Kinds of an AnyValue that an attribute may have.
_PLAIN = {"string_value", "bool_value", "int_value", "double_value"}


class NotProtobuf(ValueError):
    """The bytes are no such message."""


def log_records(body: bytes) -> Iterator[Record]:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

    return of_logs(_parsed(ExportLogsServiceRequest(), body))


def spans(body: bytes) -> Iterator[Record]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    return of_traces(_parsed(ExportTraceServiceRequest(), body))


def points(body: bytes) -> Iterator[Record]:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

    return of_metrics(_parsed(ExportMetricsServiceRequest(), body))


def answer(rejected: int) -> bytes:
    """What an export is answered; rejected: how many of its records could not be read.

    The answers of the three services have the same fields.
    """
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

    found = ExportLogsServiceResponse()
    if rejected:
        found.partial_success.rejected_log_records = rejected
    return bytes(found.SerializeToString())


def _parsed(message: Any, body: bytes) -> Any:
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        message.ParseFromString(body)
    except DecodeError as error:
        raise NotProtobuf(str(clean(str(error)))) from None
    return message


def of_logs(export: Any) -> Iterator[Record]:
    """The log records of a parsed export."""
    for holder in export.resource_logs:
        resource = _attributes(holder.resource.attributes, wanted=False)
        for scope in holder.scope_logs:
            for row in scope.log_records:
                attributes = _attributes(row.attributes, wanted=True)
                name = event_name(attributes.get("event.name"), row.event_name, row.body.string_value)
                at = first_time((row.time_unix_nano, row.observed_time_unix_nano))
                yield Record(name, at, attributes, resource)


def of_traces(export: Any) -> Iterator[Record]:
    """The spans of a parsed export."""
    for holder in export.resource_spans:
        resource = _attributes(holder.resource.attributes, wanted=False)
        for scope in holder.scope_spans:
            for row in scope.spans:
                start, end = moment(row.start_time_unix_nano), moment(row.end_time_unix_nano)
                record = Record(bare(row.name), start, _attributes(row.attributes, wanted=True), resource)
                record.duration = end - start if 0 < start <= end else None
                record.ident = f"{row.trace_id.hex()}/{row.span_id.hex()}" if row.span_id else ""
                yield record


def of_metrics(export: Any) -> Iterator[Record]:
    """The points of the sums and gauges of a parsed export."""
    for holder in export.resource_metrics:
        resource = _attributes(holder.resource.attributes, wanted=False)
        for scope in holder.scope_metrics:
            for metric in scope.metrics:
                for row in (*metric.sum.data_points, *metric.gauge.data_points):
                    attributes = _attributes(row.attributes, wanted=True)
                    record = Record(bare(metric.name), moment(row.time_unix_nano), attributes, resource)
                    record.ident = str(moment(row.start_time_unix_nano))
                    kind = row.WhichOneof("value")
                    record.value = as_number(getattr(row, kind)) if kind else None
                    yield record


def _attributes(rows: Iterable[Any], *, wanted: bool) -> dict[str, Scalar]:
    """The attributes by name, first one wins. wanted: those of `WANTED`; else those that may be labels."""
    found: dict[str, Scalar] = {}
    for row in rows:
        key = row.key
        if key in found or not ((key in WANTED) if wanted else is_label(key)):
            continue
        kind = row.value.WhichOneof("value")
        if kind in _PLAIN:
            value = clean(getattr(row.value, kind), LONGEST_JSON if key in (PARAMETERS, INPUT) else LONGEST)
            found[key if wanted else str(clean(key, 64))] = value
    return found

"""OpenTelemetry as the client exports it -> `ApiCall`, `ToolDone` and `Event` values.

In: the body of an OTLP export (logs, metrics or traces; JSON or protobuf), as bytes from anybody. Out: values of
`core.live` and problems. Pure: no disk, network or clock.
Always: the same body gives the same values with the same keys, however often it comes and however its records are
spread over exports; of texts (prompts, answers, tool inputs and results, error messages) nothing passes, not even
when telemetry was told to log them; a record that cannot be read costs itself alone and is counted.

Logs are what a bill is made of. Traces give durations. Metrics are a gauge: readings to compare with, never summed
into money. Every cent in `cost.usage` was told by an `api_request` event already, so adding them counts it twice; and
a counter's point has no id, so a lost or repeated export could neither be seen nor mended.
"""

from __future__ import annotations

from lineitem.sources.otlp_record import moment
from lineitem.sources.otlp_values import (
    EVENTS,
    IGNORED,
    METRICS,
    SPANS,
    api_call,
    kind_event,
    log_event,
    point_event,
    span_event,
    tool_done,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.core.live import ApiCall, Event, ToolDone
    from lineitem.sources.otlp_record import Record

LOGS, METRICS_SIGNAL, TRACES = "logs", "metrics", "traces"
SIGNALS = (LOGS, METRICS_SIGNAL, TRACES)
JSON, PROTOBUF = "application/json", "application/x-protobuf"


#: Troubles of records that were kept all the same.
_KEPT = frozenset(("otlp-attribute-odd", "otlp-count-missing"))


class NotOtlp(ValueError):
    """A body that is no export at all; the text says why. Its sender is answered with 400 (415: `unknown_type`)."""

    def __init__(self, reason: str, *, unknown_type: bool = False) -> None:
        super().__init__(reason)
        self.unknown_type = unknown_type


class Telemetry:
    """What one export said. `troubles`: (slug, note) -> how often it came."""

    __slots__ = ("calls", "events", "tools", "troubles")

    def __init__(self) -> None:
        self.calls: list[ApiCall] = []
        self.tools: list[ToolDone] = []
        self.events: list[Event] = []
        self.troubles: dict[tuple[str, str], int] = {}

    @property
    def rejected(self) -> int:
        """How many records could not be read. One that was kept without an odd attribute is none of them."""
        return sum(count for (slug, _), count in self.troubles.items() if slug not in _KEPT)


def decode(signal: str, content_type: str, body: bytes) -> Telemetry:
    """The values in an export. signal: one of `SIGNALS`. A body that is none raises `NotOtlp`."""
    problems: list[tuple[str, str]] = []
    telemetry = Telemetry()
    for record in _records(signal, content_type.partition(";")[0].strip().lower(), body, problems):
        _take(telemetry, signal, record, problems)
    for one in problems:
        telemetry.troubles[one] = telemetry.troubles.get(one, 0) + 1
    return telemetry


def _records(signal: str, kind: str, body: bytes, problems: list[tuple[str, str]]) -> Iterable[Record]:
    if kind == JSON:
        from lineitem.sources import otlp_json

        try:
            export = otlp_json.decode_export(body)
        except otlp_json.BROKEN as error:
            raise NotOtlp(f"no OTLP JSON: {type(error).__name__}") from None
        if signal == LOGS:
            return otlp_json.log_records(export, problems)
        return otlp_json.spans(export, problems) if signal == TRACES else otlp_json.points(export, problems)
    if kind == PROTOBUF:
        try:
            from lineitem.sources import otlp_protobuf

            if signal == LOGS:
                return otlp_protobuf.log_records(body)
            return otlp_protobuf.spans(body) if signal == TRACES else otlp_protobuf.points(body)
        except ImportError:
            way_out = "set OTEL_EXPORTER_OTLP_PROTOCOL=http/json, or install opentelemetry-proto"
            raise NotOtlp(f"protobuf cannot be read here: {way_out}", unknown_type=True) from None
        except ValueError as error:
            raise NotOtlp(f"no OTLP protobuf: {error}") from None
    raise NotOtlp("OTLP comes as application/json or application/x-protobuf", unknown_type=True)


def _take(telemetry: Telemetry, signal: str, record: Record, problems: list[tuple[str, str]]) -> None:
    """Add the value of a record, or why it has none."""
    name = record.name
    if signal == LOGS and not record.at:
        record.at = _written_time(record)
    known = METRICS if signal == METRICS_SIGNAL else SPANS if signal == TRACES else EVENTS
    if name not in known and not (signal == LOGS and name in ("api_request", "tool_result")):
        if not (signal == LOGS and name in IGNORED):
            problems.append(("otlp-unknown-record", f"{signal}: {name or 'without a name'}"))
    elif not record.text("session.id"):
        problems.append(("otlp-no-session", f"{signal}: {name}"))
    elif not record.at:
        problems.append(("otlp-no-time", f"{signal}: {name}"))
    elif signal == METRICS_SIGNAL:
        telemetry.events.append(point_event(record))
    elif signal == TRACES:
        telemetry.events.append(span_event(record))
    elif name == "api_request":
        telemetry.calls.append(api_call(record, problems))
    elif name == "tool_result":
        if record.text("tool_use_id"):
            telemetry.tools.append(tool_done(record))
            kind = kind_event(record)
            if kind is not None:
                telemetry.events.append(kind)
        else:
            problems.append(("otlp-no-call", "tool_result without tool_use_id"))
    else:
        telemetry.events.append(log_event(record))


def _written_time(record: Record) -> int:
    """The time of a log record that is told as text only; 0: not at all."""
    from datetime import UTC, datetime

    try:
        at = datetime.fromisoformat(record.text("event.timestamp"))
    except ValueError:
        return 0
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return moment(max(0, round(at.timestamp() * 1000)) * 1_000_000)

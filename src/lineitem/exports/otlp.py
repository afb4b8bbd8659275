"""Metrics as an OTLP/JSON document: what any OpenTelemetry collector takes at its `/v1/metrics`.

https://opentelemetry.io/docs/specs/otlp (2026-11-22). lineitem sends it nowhere. Amounts are whole nanodollars: the
format has integers, so nothing is rounded.
"""

from __future__ import annotations

from lineitem.exports.metrics import CLASSES, UNLOGGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_CUMULATIVE = 2
#: Sums with one value a row: name, unit, key, description.
_SUMS = (
    ("lineitem.requests", "{request}", "requests", "Requests that a transcript or telemetry shows."),
    ("lineitem.web_searches", "{search}", "webSearches", "Web searches of the API."),
    ("lineitem.unpriced_tokens", "{token}", "unpricedTokens", "Tokens of models without a price."),
)


def otlp(rows: Sequence[Mapping[str, Any]], since: int, now: int) -> dict[str, Any]:
    """An export request. rows: as `metrics.metrics` gives them; since, now: milliseconds."""
    from lineitem import __version__

    span = {"startTimeUnixNano": str(since * 1_000_000), "timeUnixNano": str(now * 1_000_000)}

    def point(row: Mapping[str, Any], count: int, **more: str) -> dict[str, Any]:
        names = {"project": row["project"], "model": row["model"], **more}
        return {"attributes": _attributes(names), **span, "asInt": str(count)}

    logged = [row for row in rows if row["requests"]]
    cost = [point(row, row["costNanos"]) for row in logged if row["costNanos"] or not row["unpricedTokens"]]
    beyond = [point(row, row["costNanos"]) for row in rows if row["model"] == UNLOGGED]
    tokens = [point(row, row[key], **{"class": name}) for row in logged for name, key in CLASSES]
    metrics = [
        _sum("lineitem.cost", "{nanodollar}", "Cost of logged requests at list prices.", cost),
        _sum(
            "lineitem.unlogged",
            "{nanodollar}",
            "Cost the client reported beyond that; may fall, and be below 0.",
            beyond,
            rising=False,
        ),
        _sum("lineitem.tokens", "{token}", "Tokens of logged requests by price class.", tokens),
    ]
    metrics += [_sum(name, unit, text, [point(row, row[key]) for row in logged]) for name, unit, key, text in _SUMS]
    scope = {"scope": {"name": "lineitem", "version": __version__}, "metrics": metrics}
    resource = {"attributes": _attributes({"service.name": "lineitem", "service.version": __version__})}
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": [scope]}]}


def _sum(name: str, unit: str, text: str, points: list[dict[str, Any]], *, rising: bool = True) -> dict[str, Any]:
    total = {"aggregationTemporality": _CUMULATIVE, "isMonotonic": rising, "dataPoints": points}
    return {"name": name, "unit": unit, "description": text, "sum": total}


def _attributes(names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in names.items()]

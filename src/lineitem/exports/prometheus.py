"""Metrics as Prometheus reads them: the text format, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats (2026-11-22). Dollars are written with all nine decimals;
what reads them keeps floats.
"""

from __future__ import annotations

from lineitem.exports.flat import Billionths
from lineitem.exports.metrics import CLASSES, UNLOGGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Counters with one value a row: name, key, help.
_COUNTERS = (
    ("lineitem_requests_total", "requests", "Requests that a transcript or telemetry shows."),
    ("lineitem_web_searches_total", "webSearches", "Web searches of the API."),
    ("lineitem_unpriced_tokens_total", "unpricedTokens", "Tokens of models without a price: their cost is unknown."),
)


def prometheus(rows: Sequence[Mapping[str, Any]], shared: Mapping[str, int]) -> bytes:
    """The answer to a scrape. rows, shared: as `metrics.metrics` gives them."""
    from lineitem import __version__

    lines: list[str] = []
    cost = (
        (_labels(_names(row)), str(Billionths(row["costNanos"])))
        for row in rows
        if row["requests"] and (row["costNanos"] or not row["unpricedTokens"])  # without a price unknown, not 0
    )
    lines += _family("lineitem_cost_usd_total", "counter", "Dollars of logged requests at list prices.", cost)
    beyond = (
        (_labels({"project": row["project"]}), str(Billionths(row["costNanos"])))
        for row in rows
        if row["model"] == UNLOGGED
    )
    text = "Dollars the client reported beyond logged requests; may fall, and be below 0."
    lines += _family("lineitem_unlogged_usd", "gauge", text, beyond)
    tokens = (
        (_labels({**_names(row), "class": name}), str(row[key]))
        for row in rows
        for name, key in CLASSES
        if row["requests"]
    )
    lines += _family("lineitem_tokens_total", "counter", "Tokens of logged requests by price class.", tokens)
    for name, key, text in _COUNTERS:
        lines += _family(
            name, "counter", text, ((_labels(_names(row)), str(row[key])) for row in rows if row["requests"])
        )
    held = ((_labels({"label": label}), str(count)) for label, count in shared.items())
    lines += _family("lineitem_names_shared", "gauge", "Names that stand together as (other), by label.", held)
    info = ((_labels({"version": __version__}), "1"),)
    lines += _family("lineitem_build_info", "gauge", "The version that answers.", info)
    return "".join(lines).encode("utf-8", "replace")


def _family(name: str, kind: str, text: str, samples: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
    for labels, value in samples:
        yield f"{name}{labels} {value}\n"


def _names(row: Mapping[str, Any]) -> dict[str, str]:
    return {"project": row["project"], "model": row["model"]}


def _labels(names: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in names.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

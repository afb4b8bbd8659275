"""Metrics for OpenTelemetry: its own classes read them, they sum to the bill, our own collector takes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format  # type: ignore[import-untyped]
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from lineitem.exports.metrics import UNLOGGED
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.cli.demo import example
from tests.server.stand import Stand


@pytest.fixture(autouse=True)
def _stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example as if it were one's own."""
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'own.sqlite'}")


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["export", "metrics", "--format", "otlp", *words]) == 0
    return json.loads(capsys.readouterr().out)


def sums(document: Any) -> dict[str, list[tuple[dict[str, str], int, int, int]]]:
    """(attributes, value, start, time) of each point, by metric, as OpenTelemetry's own classes read them."""
    message = ExportMetricsServiceRequest()
    json_format.ParseDict(document, message)
    (resource,) = message.resource_metrics
    (scope,) = resource.scope_metrics
    assert {each.key: each.value.string_value for each in resource.resource.attributes}["service.name"] == "lineitem"
    assert all(each.sum.aggregation_temporality == 2 for each in scope.metrics)
    assert [each.name for each in scope.metrics if not each.sum.is_monotonic] == ["lineitem.unlogged"]
    return {
        each.name: [
            ({tag.key: tag.value.string_value for tag in point.attributes}, point.as_int, point.start_time_unix_nano,
             point.time_unix_nano)
            for point in each.sum.data_points
        ]
        for each in scope.metrics
    }  # fmt: skip


def test_it_sums_to_the_bill_to_the_nanodollar(capsys: pytest.CaptureFixture[str]) -> None:
    bill = example(lambda found: found)
    found = sums(asked(capsys))
    assert (
        sum(value for _, value, _, _ in found["lineitem.cost"] + found["lineitem.unlogged"]) == bill.head["costNanos"]
    )
    assert {names["model"] for names, *_ in found["lineitem.unlogged"]} == {UNLOGGED}
    assert main(["daily", "--json"]) == 0
    logged = json.loads(capsys.readouterr().out)["totals"]["totalTokens"]
    assert sum(value for _, value, _, _ in found["lineitem.tokens"]) == logged
    assert len({names["class"] for names, *_ in found["lineitem.tokens"]}) == 5
    assert {start for _, _, start, _ in found["lineitem.cost"]} == {1_793_613_604_000 * 10**6}


def test_a_range_says_since_when_it_counts(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--since", "2026-11-02", "--until", "2026-11-02", "-z", "UTC")
    (point, *_) = sums(asked(capsys, *words))["lineitem.requests"]
    assert point[1:] == (25, 1_793_577_600_000 * 10**6, 1_793_664_000_000 * 10**6)


def test_hidden_ones_tell_no_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert "shop" not in json.dumps(asked(capsys, "--incognito"))


def test_a_collector_takes_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = asked(capsys)
    with Stand(tmp_path) as stand:
        assert stand.ask("POST", "/v1/metrics", document)[0] == 200

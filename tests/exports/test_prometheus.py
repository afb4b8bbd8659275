"""Metrics: Prometheus's own parser reads them, they sum to the bill, names are bounded and escaped."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from lineitem.exports.metrics import OTHER, SUMS, UNLOGGED, metrics
from lineitem.exports.otlp import otlp
from lineitem.exports.prometheus import MEDIA_TYPE, prometheus
from lineitem.ledger.questions import Filter
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.cli.demo import example
from tests.server.stand import READ, Stand
from tests.server.test_collector import soon
from tests.telling.stores import Books
from tests.telling.transcripts import HAIKU, OPUS, Tale, counts

#: Everything but the separators that the parser's own `splitlines` takes for ends of lines; Prometheus does not.
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
every = Filter(0, 1 << 62)
#: The two families that are the bill together.
MONEY = ("lineitem_cost_usd_total{", "lineitem_unlogged_usd{")


def families(text: bytes) -> dict[str, list[Any]]:
    """The samples of each family, as Prometheus's own library reads them."""
    return {each.name: each.samples for each in text_string_to_metric_families(text.decode())}


def told(folder: Path, projects: int, models: tuple[str, ...] = (OPUS,)) -> Books:
    """A store with a session in each of so many projects, on each of these models."""
    tale = Tale()
    for number in range(projects):
        pen = tale.session(f"s{number}", project=f"-code-p{number}")
        for model in models:
            pen.prompt("go")
            pen.answer([{"type": "text", "text": "done"}], counts(100, output=10 + number), model=model)
    tale.write(folder)
    books = Books(folder)
    books.read()
    return books


@given(st.lists(st.tuples(names, names, st.integers(0, 10**15), st.integers(1, 10**9)), max_size=5,
                unique_by=lambda row: row[:2]))  # fmt: skip
def test_the_parser_reads_what_was_meant(made: list[tuple[str, str, int, int]]) -> None:
    rows = [
        {"project": project, "model": model, **dict.fromkeys(SUMS, count), "costNanos": nanos, "unpricedTokens": 0}
        for project, model, nanos, count in made
    ]
    found = families(prometheus(rows, {"project": 0, "model": 3}))
    cost = [(each.labels["project"], each.labels["model"], each.value) for each in found["lineitem_cost_usd"]]
    assert cost == [(project, model, float(Decimal(nanos) / 10**9)) for project, model, nanos, _ in made]
    assert [each.value for each in found["lineitem_requests"]] == [count for *_, count in made]
    assert [each.labels["class"] for each in found["lineitem_tokens"][:5]] == (
        ["uncached_input", "cache_write_5m", "cache_write_1h", "cache_read", "output"] if made else []
    )
    assert {each.labels["label"]: each.value for each in found["lineitem_names_shared"]} == {"project": 0, "model": 3}


def test_names_are_bounded_and_sums_stay(tmp_path: Path) -> None:
    with told(tmp_path, 5, (OPUS, HAIKU)) as books:
        whole, none = metrics(books.ledger, every)
        rows, shared = metrics(books.ledger, every, projects=2, models=1)
        assert none == {"project": 0, "model": 0}
        assert shared == {"project": 3, "model": 1}
        assert [row["project"] for row in rows] == [OTHER, OTHER, "-code-p0", "-code-p0", "-code-p1", "-code-p1"]
        for key in SUMS:
            assert sum(row[key] for row in rows) == sum(row[key] for row in whole)
        again, _ = metrics(books.ledger, every, projects=2, models=1)
        assert again == rows


def test_a_later_project_renames_no_earlier_one(tmp_path: Path) -> None:
    with told(tmp_path, 2) as books:
        before, _ = metrics(books.ledger, every, projects=2)
        tale = Tale()
        pen = tale.session("new", project="-code-a-first-by-name")
        pen.prompt("go")
        pen.answer([{"type": "text", "text": "done"}], counts(100, output=10), message="msg_new")
        tale.write(tmp_path)
        books.read()
        after, shared = metrics(books.ledger, every, projects=2)
        assert shared["project"] == 1
        assert [row for row in after if row["project"] != OTHER] == before


def test_what_has_no_price_has_no_cost(tmp_path: Path) -> None:
    with told(tmp_path, 1, ("claude-unheard-of",)) as books:
        found = families(prometheus(*metrics(books.ledger, every)))
        assert found["lineitem_cost_usd"] == []
        assert [each.value for each in found["lineitem_unpriced_tokens"]] == [110]


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example as if it were one's own: its config folder."""
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'own.sqlite'}")
    return tmp_path / "claude"


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("filters", [[], ["--since", "2026-11-03"], ["--project", "shop", "--model", "opus"]])
def test_the_metrics_sum_to_the_bill(filters: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["daily", "--json", *filters]) == 0
    whole = json.loads(capsys.readouterr().out)["totals"]["costNanos"]
    assert main(["export", "metrics", *filters]) == 0
    text = capsys.readouterr().out
    told = [line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(MONEY)]
    assert sum(map(Decimal, told)) == Decimal(whole) / 10**9
    assert ("lineitem_unlogged_usd{" in text) == (not filters)


def test_what_may_fall_is_no_counter() -> None:
    counts = dict.fromkeys(SUMS)
    rows = [{"project": "shop", "model": UNLOGGED, **counts, "costNanos": -30_000_000}]
    text = prometheus(rows, {}).decode()
    assert "# TYPE lineitem_unlogged_usd gauge" in text
    assert 'lineitem_unlogged_usd{project="shop"} -0.030000000' in text
    assert UNLOGGED not in text
    (beyond,) = [each for each in otlp(rows, 1, 2)["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
                 if each["sum"]["dataPoints"]]  # fmt: skip
    assert (beyond["name"], beyond["sum"]["isMonotonic"]) == ("lineitem.unlogged", False)


@pytest.mark.usefixtures("stored")
def test_hidden_metrics_tell_no_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "metrics", "--incognito"]) == 0
    text = capsys.readouterr().out
    assert "shop" not in text
    assert 'project="project-' in text


def test_a_collector_is_scraped_with_the_read_token_only(tmp_path: Path, stored: Path) -> None:
    bill = example(lambda found: found.head["costNanos"])
    with Stand(tmp_path, stored) as stand:
        assert stand.raw("GET", "/v1/metrics/prometheus")[0] == 401
        assert stand.raw("GET", "/v1/metrics/prometheus", token=None)[0] == 401
        assert stand.ask("POST", "/v1/metrics", {"resourceMetrics": []}) == (200, {})  # OpenTelemetry's own, as before

        def scraped() -> list[Any]:
            status, text = stand.raw("GET", "/v1/metrics/prometheus", token=READ)
            assert status == 200
            found = families(text)
            return found["lineitem_cost_usd"] + found["lineitem_unlogged_usd"]

        cost = soon(scraped)
        assert sum(Decimal(str(each.value)) for each in cost) == Decimal(bill) / 10**9
        assert "/v1/metrics/prometheus" in stand.ask("GET", "/openapi.json", token=READ)[1]["paths"]
    assert MEDIA_TYPE.startswith("text/plain; version=0.0.4")

"""`--last N`: only the latest periods, in rows, sums and notes alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lineitem.surfaces.cli import main
from tests.telling.transcripts import Tale, counts

DAY = 86_400_000
#: 3 uncached, 9,000 written, 50 out on Opus 5.5.
COST = 46_012_000


@pytest.fixture(autouse=True)
def two_days(home: Path) -> None:
    """A model without a price on the first day, a known one on the second."""
    tale = Tale()
    for name, model in (("one", "claude-unheard-of-9"), ("two", "claude-opus-5-5")):
        pen = tale.session(name, project=f"-code-{name}")
        pen.prompt("go")
        pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50), model=model)
        tale.at += DAY
    tale.write(home / ".claude")


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_only_the_latest_periods_are_shown_and_summed(order: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "daily", "--last", "1", "--order", order)
    assert [(row["period"], row["costNanos"]) for row in found["daily"]] == [("2026-11-03", COST)]
    assert (found["totals"]["costNanos"], found["totals"]["requests"]) == (COST, 1)


def test_a_model_of_an_earlier_period_is_not_said_to_lack_a_price(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "daily")["totals"]["unpricedModels"] == ["claude-unheard-of-9"]
    assert asked(capsys, "daily", "--last", "1")["totals"]["unpricedModels"] == []
    assert main(["daily", "--last", "1"]) == 0
    assert "unheard" not in capsys.readouterr().out


def test_projects_without_usage_in_the_latest_periods_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "daily", "--instances", "--last", "1")
    assert list(found["projects"]) == ["-code-two"]
    assert found["totals"]["costNanos"] == COST

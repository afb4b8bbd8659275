"""The example: made of nothing, the same every time, leaving nothing, adding up."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from lineitem.surfaces.cli import main, story
from lineitem.surfaces.cli.demo import example
from lineitem.surfaces.page import cells
from tests.surfaces.answers import shown


def demo(*words: str, columns: int = 110, **env: str) -> tuple[str, str]:
    return shown(lambda: main(["demo", *words]), columns, env)


def test_it_is_the_same_every_time_and_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    first = demo()
    monkeypatch.setenv("HOME", "/nowhere")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/nowhere")
    assert demo(TZ="Asia/Tokyo") == first


def test_own_prices_do_not_change_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = demo()
    settings = tmp_path / "settings.toml"
    settings.write_text("[prices]\nmultiplier = 0.5\n")
    monkeypatch.setenv("LINEITEM_SETTINGS", str(settings))
    assert demo() == first
    assert os.environ["LINEITEM_SETTINGS"] == str(settings)


def test_it_leaves_nothing_behind(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    demo()
    assert list(tmp_path.iterdir()) == []
    assert list(home.iterdir()) == []


def test_it_says_that_it_is_an_example_and_what_to_type_next() -> None:
    out, err = demo()
    assert out.startswith(" A made-up example")
    assert "`lineitem session`" in out
    assert err == ""


def test_as_json_it_is_the_bill_of_a_session_and_talk_is_not_in_it() -> None:
    out, err = demo("--json")
    document = json.loads(out)
    assert document["sessionId"] == story.SESSION
    assert sum(item["costNanos"] for item in document["lineItems"]) == document["costNanos"]
    assert document["costNanos"] == document["reportedNanos"]
    assert "A made-up example" in err


def test_it_has_everything_a_bill_can_show() -> None:
    document = example(lambda bill: bill.json())
    kinds = {item["kind"] for item in document["lineItems"]}
    assert kinds >= {
        "tool",
        "schemas",
        "system",
        "memory",
        "skill",
        "prompt",
        "thinking",
        "reply",
        "compaction",
        "unlogged",
    }
    assert len(document["agents"]) == 2
    assert all(agent["toolUseId"] for agent in document["agents"])
    assert [miss["idleSeconds"] > 300 for miss in document["cacheMisses"]] == [True]
    assert len(document["prompts"]) == 4
    assert document["unloggedNanos"] > 0
    assert any(item["cause"].startswith("tool/mcp__github__") for item in document["lineItems"])
    assert {item["basis"] for item in document["lineItems"]} >= {"measured", "apportioned"}


@pytest.mark.parametrize("columns", [80, 100, 110, 140])
def test_it_fits_the_page(columns: int) -> None:
    out, _ = demo(columns=columns)
    assert all(cells(line) <= columns for line in out.splitlines())


def test_incognito_hides_it_too() -> None:
    out, _ = demo("--incognito")
    assert "shop" not in out.partition("Session")[2]
    assert "shop" not in demo("--incognito", "--json")[0]


def test_the_told_transcripts_are_the_same_bytes(tmp_path: Path) -> None:
    for name in "one", "two":
        story.tell(str(tmp_path / name))
    files = {path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.json*")}
    assert len(files) == 5
    for path, content in files.items():
        assert (tmp_path / "two" / path).read_bytes() == content

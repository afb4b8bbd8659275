"""docs/cli.md is what the table of commands says; docs/json.md explains every key that is printed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.reports.efficiency import BY
from lineitem.reports.written import AUDIENCES, KINDS
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.commands import COMMANDS
from tests.docs.pages import ROOT, text
from tests.surfaces.answers import shown
from tools import cli_docs

if TYPE_CHECKING:
    from pathlib import Path

JSON = ROOT / "docs/json.md"

#: One command line for every document there is.
ASKED = [
    *(
        ["hourly"],
        ["daily"],
        ["weekly"],
        ["monthly"],
        ["daily", "--instances"],
        ["session"],
        ["session", story.SESSION[:8]],
    ),
    *(["blocks"], ["blocks", "--token-limit", "max"], ["bill"], ["today"], ["calls"], ["tools"], ["mcp"], ["agents"]),
    *(["skills"], ["prompts"], ["projects"], ["models"], ["branches"], ["check"], ["explain", "toolu_demo02b"]),
    *(["forecast"], ["trend"], ["compare", "--marker", "2026-10-27"]),
    *(["explain", "msg_demo02"], ["demo"], ["ingest"], ["prices"], ["doctor"], ["rebuild"], ["verify"]),
    *(["report", kind, "--audience", to] for kind in KINDS for to in AUDIENCES),
    *(["commits"], ["commits", "--by", "branch"], ["commits", "--by", "ticket"], ["pr"], ["pr", "fix/rounding"]),
    *(["handoff"], ["handoff", story.SESSION[:8]], ["resume-cost"], ["brief"]),
    *(["projects", "--by", by] for by in ("folder", "clone", "repository")),
    *(["explore", "--over", "week"], ["explore", "--by", "tool", "--split", "part"], ["bill", "--under", "memory"]),
    *(["context"], ["context", "--turns"], ["audit"], ["budget"], ["health"], ["anomalies"], ["watch"], ["whatif"]),
    *(["rot"], ["rot", story.SESSION[:8]], ["efficiency"], *(["efficiency", "--by", by] for by in BY)),
]


def test_the_page_on_the_command_line_is_current() -> None:
    assert text(cli_docs.PAGE) == cli_docs.page(), "outdated: run `just docs`"


def test_the_page_has_every_command_and_option() -> None:
    page = cli_docs.page()
    for command in COMMANDS:
        assert f"\n### {command.name}\n" in page
        assert all(f"`{flag}`" in page for option in command.options for flag in option.flags)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example as if it were one's own."""
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'lineitem.sqlite'}")


def keys(value: Any, above: str = "") -> set[str]:
    """Every key of a document; projects as keys are names, not keys."""
    if isinstance(value, dict):
        found = {key for key in value if above != "projects"}
        return found.union(*(keys(inner, key) for key, inner in value.items()))
    return set().union(*(keys(inner, above) for inner in value)) if isinstance(value, list) else set()


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_every_key_is_explained(words: list[str]) -> None:
    out, err = shown(lambda: main([*words, "--json"]), 80)
    assert out, err
    explained = set(re.findall(r"[A-Za-z0-9]+", " ".join(re.findall(r"`([^`\n]+)`", text(JSON)))))
    assert keys(json.loads(out)) - explained == set()


def test_every_command_that_prints_json_is_on_the_page() -> None:
    page = text(JSON)
    silent = ("completion", "shell", "serve", "tui", "mcp-server", "hook")
    printing = [command.name for command in COMMANDS if command.name not in silent]
    assert [name for name in printing if f"`{name}" not in page] == []

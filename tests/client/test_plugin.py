"""Our plugin in the real client: it loads, its server answers every tool, its skill is found, and it costs little."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineitem.surfaces.mcp.tools import TOOLS
from tests.client.capture import ROOT
from tests.client.client import NoClientError, find_client, private_network
from tests.client.with_plugin import PREFIX

pytestmark = pytest.mark.client


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the session left."""
    try:
        client = find_client()
    except NoClientError as reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(reason))
    folder = tmp_path_factory.mktemp("plugin") / "played"
    done = subprocess.run(
        [*private_network(), sys.executable, "-m", "tests.client.with_plugin", str(folder)], cwd=ROOT,
        env={**os.environ, "CLAUDE_BIN": str(client)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.returncode, done.stdout + done.stderr
    return folder


def lines(played: Path) -> list[dict[str, Any]]:
    files = sorted((played / "home" / ".claude").glob("projects/*/*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def blocks(played: Path, kind: str) -> list[dict[str, Any]]:
    contents = [(line.get("message") or {}).get("content") for line in lines(played)]
    return [block for content in contents if isinstance(content, list) for block in content if block["type"] == kind]


def test_every_tool_answers_in_the_real_client(played: Path) -> None:
    asked = {block["id"]: block["name"] for block in blocks(played, "tool_use")}
    results = {asked[block["tool_use_id"]]: block for block in blocks(played, "tool_result")}
    for tool in TOOLS:
        found = results[PREFIX + tool.name]
        assert bool(found.get("is_error")) == tool.writes, found
        assert "lineitem" in str(found["content"]) or '"said"' in str(found["content"])
    assert "refunds" in str(results[PREFIX + "new_session"]["content"])
    own = str(results[PREFIX + "get_session_bill"]["content"])
    assert "tool/Bash" in own


def test_the_skills_are_found(played: Path) -> None:
    texts = [block["text"] for block in blocks(played, "text")]
    for tool in ("get_session_bill", "new_session"):
        assert any(f"Call `{tool}` of lineitem" in text for text in texts)


def test_what_it_costs_by_being_there(played: Path) -> None:
    """Schemas wait; carried are the tools' names and the server's instructions."""
    names = [line["attachment"] for line in lines(played) if "attachment" in line]
    added = [each for each in names if each.get("type") == "deferred_tools_delta"]
    assert any(PREFIX + "get_costs" in each["addedNames"] for each in added)
    instructions = [each for each in names if each.get("type") == "mcp_instructions_delta"]
    carried = sum(len(block) for each in instructions[:1] for block in each["addedBlocks"])
    carried += sum(len(name) for each in added[:1] for name in each["addedNames"] if PREFIX in name)
    assert 0 < carried / 3.3 < 300


def test_nobody_listened_so_its_hooks_left_nothing(played: Path) -> None:
    assert not (played / "store.sqlite.live").exists()

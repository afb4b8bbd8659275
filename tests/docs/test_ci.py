"""The examples of docs/ci.md, run as a runner would: all but Claude Code, which only writes a transcript, is real."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, fenced, text
from tests.telling.transcripts import Tale, counts

GITHUB, GITLAB = fenced(text(ROOT / "docs/ci.md"))
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")


def steps(page: str) -> list[str]:
    """The scripts of the steps of a workflow."""
    found = []
    for indent, first in re.findall(r"^( *)(?:- )?run: (.*)$", page, re.MULTILINE):
        if first != "|":
            found.append(first)
            continue
        block = page.split("run: |\n", 1)[1]
        deeper = re.match(rf"(?:{indent} +.*\n?)+", block)
        assert deeper
        found.append(re.sub(r"^ +", "", deeper[0], flags=re.MULTILINE))
    return found


@pytest.fixture
def runner(tmp_path: Path, home: Path) -> dict[str, str]:
    """The environment of a fresh machine with `lineitem` and `claude`; Claude Code spends some 60 cents."""
    tale = Tale(at=int(time.time() * 1000) - 60_000)
    pen = tale.session("job", "-builds-shop")
    pen.prompt("Review the last commit.")
    pen.answer([{"type": "text", "text": "fine"}], counts(0, 90_000, 0, 0, 2_000))
    tale.write(tmp_path / "written")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, does in (
        ("pipx", "exit 0"),
        ("claude", f'mkdir -p "$HOME/.claude"; cp -r {tmp_path}/written/. "$HOME/.claude"; exit "${{CLAUDE_ENDS:-0}}"'),
        ("lineitem", f'exec {sys.executable} -m lineitem "$@"'),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o755)
    path = os.pathsep.join((str(programs), os.environ["PATH"]))
    source = os.pathsep.join((str(ROOT / "src"), *sys.path))
    return os.environ | {"PATH": path, "PYTHONPATH": source, "GITHUB_STEP_SUMMARY": str(home / "summary.md")}


def run(script: str, folder: Path, env: dict[str, str]) -> int:
    return subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=env, check=False).returncode


@pytest.mark.parametrize(("limit", "code", "said"), [("2.00", 0, "Within all of 1"), ("0.10", 1, "exceeded: job")])
def test_a_github_job_has_its_bill_in_the_summary(
    tmp_path: Path, runner: dict[str, str], limit: str, code: int, said: str
) -> None:
    codes = [run(step.replace("2.00", limit), tmp_path, runner) for step in steps(GITHUB)]
    assert codes == [0, 0, 0, code]
    summary = Path(runner["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    assert "# Session" in summary
    assert said in summary
    assert len(summary) < 1 << 20


@pytest.mark.parametrize(("limit", "ends", "code"), [("2.00", "0", 0), ("0.10", "0", 1), ("2.00", "7", 7)])
def test_a_gitlab_job_keeps_its_bill(tmp_path: Path, runner: dict[str, str], limit: str, ends: str, code: int) -> None:
    lines = re.findall(r"^    - (.*)$", GITLAB, re.MULTILINE)
    script = "\n".join(lines).replace("2.00", limit)
    assert run(script, tmp_path, runner | {"CLAUDE_ENDS": ends}) == code
    assert "# Session" in (tmp_path / "bill.md").read_text(encoding="utf-8")

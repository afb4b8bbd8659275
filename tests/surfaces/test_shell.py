"""`lineitem shell`: the functions do what they say, in the real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.shell import SHELLS, shell
from tests.surfaces.answers import shown


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("claude-start 'new checkout' --expect 2", ["start", "new checkout", "--expect", "2"]),
        ("claude-log 12k 3k 'tax rules'", ["log", "12k", "3k", "tax rules"]),
        ("claude-log review 'pull request 7'", ["quick", "review", "pull request 7"]),
        ("claude-log", ["quick"]),
        ("claude-note 'it is $slow'", ["note", "it is $slow"]),
        ("claude-status --json", ["status", "--json"]),
        ("claude-end", ["end"]),
    ],
)
def test_a_word_stands_for_an_action(name: str, typed: str, asked: list[str], tmp_path: Path) -> None:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"no {name} on this machine")
    stand_in = tmp_path / "lineitem"
    stand_in.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    stand_in.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [program], input=f"{shown(lambda: shell(name), 80)[0]}{typed}\n", text=True, capture_output=True, check=False,
        env={**os.environ, "PATH": path}, cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["manual", *asked]


def test_there_are_three() -> None:
    with pytest.raises(UsageError, match="not for 'tcsh'"):
        shell("tcsh")

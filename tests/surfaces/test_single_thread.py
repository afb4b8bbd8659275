"""`--single-thread`: nothing is forked, and the answer is the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.telling.transcripts import Tale, counts

PROGRAM = """
import os, sys

def refuse():
    sys.stderr.write("forked")
    os._exit(9)

os.fork, os.cpu_count = refuse, lambda: 4
from lineitem.pipeline import intake
from lineitem.sources import crew
from lineitem.surfaces.cli import main
intake.QUICK_FROM = crew.WORTH_A_CREW = crew.WORTH_A_QUICK_CREW = 0
sys.exit(main(sys.argv[1:]))
"""


def answered(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    where = ("--config-dir", str(folder / "claude"), "--db", f"sqlite:///{folder / 'bill.db'}")
    home = {"HOME": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words, *where], env=home, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tale = Tale()
    for name in ("one", "two"):
        pen = tale.session(name)
        pen.prompt("go")
        pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    tale.write(tmp_path / "claude")
    return tmp_path


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="nothing forks here")
def test_workers_are_forked_where_they_may_be(folder: Path) -> None:
    assert answered(folder, "daily", "--json").returncode == 9


def test_nothing_is_forked_where_one_process_was_asked_for(folder: Path) -> None:
    for words in (("daily",), ("monthly",)):
        done = answered(folder, *words, "--json", "--single-thread")
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert document["totals"]["costNanos"] == 92_024_000

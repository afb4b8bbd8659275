"""Each import contract refuses what it is there to refuse: one bad line in a copy of the house breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# (module, line put into it, the contract that must break)
VIOLATIONS = [
    ("core/__init__.py", "import msgspec", "plain"),
    ("core/__init__.py", "import time", "pure"),
    ("core/__init__.py", "import lineitem.settings", "rooms"),
    ("attribution/__init__.py", "import lineitem.pricing", "rooms"),
    ("attribution/__init__.py", "import os", "pure"),
    ("insights/__init__.py", "import time", "pure"),
    ("insights/__init__.py", "import lineitem.reports", "rooms"),
    ("pricing/__init__.py", "import random", "pure"),
    ("sources/__init__.py", "import lineitem.ledger", "rooms"),
    ("reports/__init__.py", "import apsw", "sql"),
    ("ledger/__init__.py", "import sqlite3", "one-store"),
    ("surfaces/numbers.py", "import lineitem.surfaces.text", "surfaces"),
    ("surfaces/cli/tui.py", "import textual", "dashboard"),
    ("surfaces/tui/today.py", "import lineitem.ledger", "ask"),
    ("surfaces/text.py", "import lineitem.ledger", "ask"),
    ("surfaces/helpers.py", "", "surfaces"),
    ("utils.py", "", "rooms"),
    ("../lineitem_hook/line.py", "import lineitem.core", "hook"),
    ("../lineitem_hook/forward.py", "import msgspec", "hook"),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the packages and their contracts that may be spoilt."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for package in ("lineitem", "lineitem_hook"):
        shutil.copytree(ROOT / "src" / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line", "contract"), VIOLATIONS, ids=[f"{m}: {x or 'a new file'}" for m, x, _ in VIOLATIONS]
)
def test_a_bad_line_breaks_its_contract(house: Path, module: str, line: str, contract: str) -> None:
    path = house / "lineitem" / module
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache", "--contract", contract],
        cwd=house,
        env={"PYTHONPATH": str(house), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout

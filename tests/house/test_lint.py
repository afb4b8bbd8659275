"""Lint, format, types and import contracts, as tests: one command checks all there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent  # the tools of this environment, activated or not

CHECKS = {
    "ruff finds nothing": ["ruff", "check", "--quiet"],
    "every file is formatted": ["ruff", "format", "--check", "--quiet", "--diff"],
    "mypy finds nothing": ["mypy", "--no-error-summary"],
    "the import contracts hold": ["lint-imports", "--no-logo"],
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_house_is_in_order(check: str) -> None:
    program, *arguments = CHECKS[check]
    done = subprocess.run([TOOLS / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{program} {' '.join(arguments)}\n{done.stdout}{done.stderr}"

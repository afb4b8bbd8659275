"""Starts the forwarder and the statusline as Claude Code does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HOOK = Path(__file__).parents[2] / "src/lineitem_hook"
BARE = [sys.executable, "-I", "-S"]


def run(script: str, arguments: list[str], given: bytes, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*BARE, str(HOOK / f"{script}.py"), *arguments],
        input=given,
        capture_output=True,
        check=False,
        env={**os.environ, **more},
        timeout=30,
    )

"""The block in `post-commit` that leaves word of each commit for the manual session that is open."""

from __future__ import annotations

import os
import shlex
import sys

from lineitem.setup.git_hooks import Block
from lineitem.setup.install import programs_beside
from lineitem.setup.live_folder import made, place_of
from lineitem.sources.committed import FOLDER


def block(database: str) -> Block:
    """What git runs after a commit. Python starts without environment and site-packages: fast, and alone."""
    words = [sys.executable, "-I", "-S", f"{programs_beside()}/commit.py", place_of(database), database]
    if os.name == "nt":
        words = [word.replace("\\", "/") for word in words]
    told = '"$(git rev-parse --show-toplevel --git-dir HEAD 2>/dev/null)"'
    quiet = "</dev/null >/dev/null 2>&1 || :"
    return Block("post-commit", "commits", f"{' '.join(map(shlex.quote, words))} {told} {quiet}")


def make_place(database: str) -> None:
    """Make the folder in which word is left."""
    os.makedirs(os.path.join(made(place_of(database)).path, FOLDER), mode=0o700, exist_ok=True)

"""Command outputs in Markdown, kept true.

In: a page with `<!-- output: COMMAND -->` … `<!-- end -->`. Out: the page with what the command prints now,
fenced, between the two. Every command runs as a program of this Python, in an empty home of its own,
without colours, 100 columns wide, in UTC. A page whose outputs are current comes back unchanged.

usage: python tools/outputs.py PAGE...      fills the pages in place
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

MARKED = re.compile(r"(<!-- output: (?P<command>[^\n]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
OURS = ("CLAUDE_", "LINEITEM_", "XDG_")


def commands(page: str) -> list[str]:
    """The commands whose outputs the page shows."""
    return [found["command"] for found in MARKED.finditer(page)]


def output(command: str) -> str:
    """What `lineitem ARGUMENTS` prints in an empty home; fails if the command does."""
    program, *arguments = shlex.split(command)
    if program != "lineitem":
        raise ValueError(f"only lineitem's own outputs are filled in, not {command!r}")
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", "lineitem", *arguments],
            env=_environment(home),
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def current(page: str) -> str:
    """The page with every marked output as it is today."""
    return MARKED.sub(lambda found: f"{found[1]}```text\n{output(found['command'])}\n```\n{found[3]}", page)


def _environment(home: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    fixed = {"HOME": home, "USERPROFILE": home, "APPDATA": home, "LOCALAPPDATA": home}
    return kept | fixed | {"NO_COLOR": "1", "COLUMNS": "100", "TZ": "UTC", "PYTHONUTF8": "1"}


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(current(path.read_text(encoding="utf-8")), encoding="utf-8")

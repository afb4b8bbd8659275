"""The product's side: the bill that the `lineitem` command writes for a folder of transcripts.

A config folder goes in; what the command prints as JSON comes out. The command runs as a person runs it, in a
process of its own, with a store of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.client.scenario import Json

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Bill:
    """What lineitem makes of a config folder."""

    config: Path
    store: Path

    def ask(self, *words: str) -> Json:
        """What a command answers."""
        where = ("--config-dir", str(self.config), "--db", f"sqlite:///{self.store}", "--timezone", "UTC")
        done = subprocess.run(
            [sys.executable, "-m", "lineitem", *words, "--json", *where],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in {0, 1} or not done.stdout:
            raise AssertionError(f"lineitem {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
        answer: Json = json.loads(done.stdout)
        return answer

    @property
    def nanos(self) -> int:
        """The whole bill, unlogged spending included."""
        total: int = self.ask("daily")["totals"]["costNanos"]
        return total


def without_request_log(config: Path, copy: Path) -> Path:
    """A copy of a config folder as clients write it that keep no log of their requests."""
    for source in config.glob("projects/**/*"):
        if source.is_file():
            target = copy / source.relative_to(config)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.suffix == ".jsonl":
                lines = source.read_text().splitlines(keepends=True)
                target.write_text("".join(line for line in lines if not is_request_log(line)))
            else:
                shutil.copy(source, target)
    return copy


def is_request_log(line: str) -> bool:
    """Is this one of the lines in which the client notes what it sent?"""
    return str(json.loads(line).get("type", "")).startswith("api-request")


def nodes(tree: Json) -> Iterator[Json]:
    """Every node of a tree of causes."""
    yield tree
    for child in tree["children"]:
        yield from nodes(child)

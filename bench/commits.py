"""What our hooks add to a commit: `python -m bench.commits [--commits N] [--files N]`.

In:   a throw-away repository of so many files, with a hook of its own in `post-commit`.
Out:  medians in ms of a commit without our block, with each of ours, and with both; taken in turns.
Holds always: exit 1 where the brief's hook adds more than its budget.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lineitem.handoff import brief
from lineitem.setup import brief_hook, commit_word, git_hooks
from lineitem.setup.git_hooks import Block

#: Milliseconds.
BUDGET = 50
WHO = {f"GIT_{each}_{what}": "bench" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, env=os.environ | WHO, capture_output=True, check=True)


def repository(folder: Path, files: int) -> Path:
    folder.mkdir()
    git(folder, "init", "-q")
    for number in range(files):
        path = folder / f"src/{number % 50}/{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"value = {number}\n" * 40)
    hook = folder / ".git/hooks/post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n:\n")
    hook.chmod(0o755)
    brief.create(brief.place_of(str(folder)))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")
    return folder


def timed(folder: Path, blocks: list[Block], number: int) -> float:
    """Milliseconds of one commit with these blocks in its hook."""
    for block in blocks:
        git_hooks.put(str(folder), block)
    (folder / "work.py").write_text(f"value = {number} + {len(blocks)}  # {os.urandom(4).hex()}\n")
    git(folder, "add", "work.py")
    started = time.perf_counter()
    git(folder, "commit", "-q", "-m", f"work {number}")
    taken = (time.perf_counter() - started) * 1000
    for block in blocks:
        git_hooks.take_out(str(folder), block)
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--commits", type=int, default=40)
    parser.add_argument("--files", type=int, default=500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = repository(Path(place) / "shop", given.files)
        word = commit_word.block(str(Path(place) / "store.sqlite"))
        commit_word.make_place(str(Path(place) / "store.sqlite"))
        cases: dict[str, list[Block]] = {
            "a hook of theirs": [], "brief on": [brief_hook.block()], "git-hook on": [word],
            "both": [brief_hook.block(), word],
        }  # fmt: skip
        found: dict[str, list[float]] = {name: [] for name in cases}
        for number in range(given.commits + 1):
            for name, blocks in cases.items():
                taken = timed(folder, blocks, number)
                if number:  # the first one fills the caches
                    found[name].append(taken)
    bare = statistics.median(found["a hook of theirs"])
    print(f"{'':<20} {'median ms':>9} {'max':>6} {'added':>6}")
    for name, times in found.items():
        median = statistics.median(times)
        print(f"{name:<20} {median:>9.1f} {max(times):>6.1f} {median - bare:>6.1f}")
    return int(statistics.median(found["brief on"]) - bare > BUDGET)


if __name__ == "__main__":
    sys.exit(main())

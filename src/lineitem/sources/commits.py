"""What git says of a folder: its branch, what is not committed, the commits of a range of time.

In: a folder. Out: plain values, empty where git or a repository is missing, or does not answer in time. Nothing is
changed: no lock is taken, no hook and no monitor of the repository is run.
"""

from __future__ import annotations

import os

from lineitem.sources.git import GitFailed, ask, without_filters

_MOST = 100


def root(folder: str) -> str:
    """The folder of the repository around a folder; the folder itself where there is none."""
    at = os.path.abspath(folder)
    while True:
        if os.path.exists(os.path.join(at, ".git")):
            return at
        above = os.path.dirname(at)
        if above == at:
            return os.path.abspath(folder)
        at = above


def branch(folder: str) -> str:
    """The branch that is checked out; ''."""
    return _asked(folder, "rev-parse", "--abbrev-ref", "HEAD").strip()


def changed(folder: str) -> int | None:
    """How many files are changed and not committed; None: nobody knows."""
    if not _asked(folder, "rev-parse", "--git-dir"):
        return None
    without = without_filters(folder)
    if without is None:
        return None
    told = _asked(folder, *without, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all")
    return len(told.splitlines())


def commits(folder: str, since: int, until: int) -> list[tuple[str, str]]:
    """(short hash, first line) of the commits of the branch in a range of milliseconds, the earliest first."""
    found = _asked(
        folder, "log", "--no-show-signature", f"--max-count={_MOST}", f"--since=@{since // 1000}",
        f"--until=@{-(-until // 1000)}", "--format=%h%x09%s",
    )  # fmt: skip
    rows = [line.partition("\t") for line in found.splitlines()]
    return [(name, subject) for name, _, subject in reversed(rows)]


def _asked(folder: str, *words: str) -> str:
    try:
        return ask(folder, words)
    except GitFailed:
        return ""

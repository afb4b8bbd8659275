"""What git says of the work in a repository: its branch, the last commits with their files, what is not committed.

Asked with fixed words through `sources.git`. A configuration may name programs that filter contents: they are named
away for the question, so that none runs; where one cannot be, what is not committed is not told (None).
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.sources.git import GitFailed, ask, without_filters

#: Commits that are told, and changed files that are counted.
COMMITS, _FILES = 8, 500
#: How git names what happened to a file.
_SAID = {"A": "new", "D": "deleted", "M": "changed", "T": "changed", "U": "in conflict", "?": "new"}


class Commit(NamedTuple):
    """A commit of late."""

    hash: str
    subject: str
    files: tuple[str, ...]


class History(NamedTuple):
    """What git says; of a repository without commits, little."""

    top: str  #: the folder of the work tree
    branch: str  #: '' where none is checked out
    commits: list[Commit]  #: the latest first
    changes: dict[str, str] | None  #: path -> what happened to it since the last commit; None: it cannot be told


def history(folder: str) -> History | None:
    """What git says of the repository around a folder; None where there is none with files."""
    try:
        top = ask(folder, ("rev-parse", "--show-toplevel")).rstrip("\n")
    except GitFailed:
        return None
    branch = _asked(top, ("symbolic-ref", "--short", "-q", "HEAD")).rstrip("\n")
    return History(top, branch, commits(top), _changes(top))


def commits(top: str) -> list[Commit]:
    """The latest commits."""
    told = _asked(top, ("-c", "core.quotepath=off", "log", f"--max-count={COMMITS}", "--no-show-signature",
                        "--no-mailmap", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--name-only",
                        "--ignore-submodules=all", "--format=%x01%h%x02%s", "--"))  # fmt: skip
    found: list[Commit] = []
    for line in told.split("\n"):
        if line.startswith("\x01") and "\x02" in line:
            name, _, subject = line[1:].partition("\x02")
            found.append(Commit(name, subject, ()))
        elif line and found and not line.startswith('"'):  # a name in quotes holds what no line can
            last = found[-1]
            if len(last.files) < _FILES:
                found[-1] = last._replace(files=(*last.files, line))
    return found


def _asked(top: str, words: tuple[str, ...]) -> str:
    """What git prints; '' where it cannot, as without a commit."""
    try:
        return ask(top, words)
    except GitFailed:
        return ""


def _changes(top: str) -> dict[str, str] | None:
    without = without_filters(top)
    if without is None:
        return None
    found: dict[str, str] = {}
    staged = _asked(top, (*without, "diff-index", "--cached", "--name-status", "--no-renames", "-z",
                          "--ignore-submodules=all", "HEAD", "--"))  # fmt: skip
    if not staged:  # before the first commit all that is staged is new
        has_commit = _asked(top, ("rev-parse", "--verify", "-q", "HEAD"))
        listed = "" if has_commit else _asked(top, ("ls-files", "-z"))
        found |= dict.fromkeys((name for name in listed.split("\0") if name), "new")
    now = _asked(top, (*without, "diff", "--name-status", "--no-renames", "--no-ext-diff", "--no-textconv", "-z",
                       "--ignore-submodules=all", "--"))  # fmt: skip
    for told in (staged, now):
        fields = told.split("\0")
        for state, name in zip(fields[::2], fields[1::2], strict=False):
            said = _SAID.get(state[:1], "changed")
            found[name] = "new" if said == "changed" and found.get(name) == "new" else said
    others = _asked(top, (*without, "ls-files", "--others", "--exclude-standard", "--directory", "-z"))
    found |= dict.fromkeys((name for name in others.split("\0")[:_FILES] if name), "new")
    return found

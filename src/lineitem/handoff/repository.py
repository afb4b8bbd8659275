"""What a repository says of its work: its files and git's history as pieces. Reads; writes nothing, runs only git."""

from __future__ import annotations

import os
from collections import Counter
from typing import NamedTuple

from lineitem.handoff.brief import drift, place_of, without_block
from lineitem.handoff.commands import commands_of
from lineitem.handoff.documents import pieces_of
from lineitem.handoff.history import History, history
from lineitem.handoff.pieces import (
    CHANGES,
    COMMANDS,
    COMMITS,
    FILES,
    OPEN,
    STATUS,
    Piece,
    line,
    ranked,
)
from lineitem.handoff.reading import names_in, size_of, text_of
from lineitem_hook.brief import FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Files that say what holds, by how much they are trusted to; and those that list what is to be done.
_TELLING = (FILE, "CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md")
_TASKS = ("TODO.md", "TASKS.md", "BACKLOG.md", "ROADMAP.md", "PLAN.md", "TODO")
_BELOW = ("docs", ("TODO.md", "ROADMAP.md"))  #: the same in a folder
_TASK_FOLDERS = ("backlog", "backlog/tasks", "tasks", "docs/backlog", "docs/tasks", ".backlog/tasks")
#: Names in a list of changes; files worth reading; tokens that reading one takes at most (the client's own limit).
_NAMED, _WORTH_READING, _LARGEST = 8, 4, 25_000
#: Bytes a token, roughly, of code.
_BYTES = 3


class Told(NamedTuple):
    """What a repository says."""

    folder: str
    git: bool  #: whether git keeps it
    pieces: list[Piece]  #: ranked
    reading: dict[str, int]  #: text of a piece that names a file -> tokens that reading it takes
    remarks: list[str]  #: sentences of ours


def told_by(folder: str, more: list[Piece] | None = None) -> Told:
    """What the repository around a folder says. more: pieces from elsewhere."""
    git = history(folder)
    top = git.top if git else os.path.realpath(folder)
    found = list(_documents(top))
    reading: dict[str, int] = {}
    remarks = []
    if not any(piece.section == COMMANDS for piece in found):
        found += commands_of(top)
    if git:
        found += _of_git(git)
        for name, why in _worth_reading(git, top):
            text = line(f"{name}: {why}")
            reading[text] = min(_LARGEST, size_of(top, name) // _BYTES)
            found.append(Piece(FILES, text))
        remarks += _behind(top)
        if git.changes is None:
            remarks.append("What is not committed is not told: git would have to run a program of its configuration.")
    if all(piece.bare for piece in found):
        found = []
    return Told(top, git is not None, ranked([*found, *(more or [])]), reading, remarks)


def _behind(top: str) -> list[str]:
    """That the brief is old, where it is."""
    found = drift(place_of(top), 0) if size_of(top, FILE) else None
    if found is None or not found.block or not found.behind:
        return []
    return [f"{FILE} is {found.behind} commit{'' if found.behind == 1 else 's'} behind the code."]


def _documents(top: str) -> Iterator[Piece]:
    seen = set()
    for name in _TELLING:
        real = os.path.realpath(os.path.join(top, name))
        if real not in seen:  # one is often a link to another
            seen.add(real)
            yield from pieces_of(without_block(text_of(top, name)), name)
    lists = [(name, pieces_of(text_of(top, name), name, tasks=True)) for name in _tasks(top)]
    lists.sort(key=lambda each: not _under_way(each[1]))
    for _, pieces in lists:
        yield from pieces


def _tasks(top: str) -> list[str]:
    try:
        there = {name.casefold(): name for name in os.listdir(top)[:5_000]}
    except OSError:
        there = {}
    found = [there[name.casefold()] for name in _TASKS if name.casefold() in there]
    found += [f"{_BELOW[0]}/{name}" for name in _BELOW[1]]
    return found + [name for folder in _TASK_FOLDERS for name in names_in(top, folder)]


def _under_way(pieces: list[Piece]) -> bool:
    """Whether somebody has begun with what a file lists."""
    sections = {piece.section for piece in pieces}
    return OPEN in sections and ("done" in sections or any("(under way)" in piece.text for piece in pieces))


def _of_git(git: History) -> Iterator[Piece]:
    if git.branch:
        yield Piece(STATUS, line(f"branch {git.branch}"), bare=True)
    kinds: dict[str, list[str]] = {}
    for name, what in (git.changes or {}).items():
        if name == FILE:  # our own hook writes it
            continue
        kinds.setdefault(what, []).append(name)
    for what, names in sorted(kinds.items(), key=lambda each: -len(each[1])):
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield Piece(CHANGES, line(f"{what}: {', '.join(line(name, 80) for name in names[:_NAMED])}{more}", 400))
    for commit in git.commits:
        yield Piece(COMMITS, line(f"{commit.hash} {commit.subject}", 120))


def _worth_reading(git: History, top: str) -> Iterator[tuple[str, str]]:
    """(file, why): what is not committed, then what the last commits touched most; files that are there."""
    changed = [name for name in git.changes or {} if name != FILE and size_of(top, name)]
    counts = Counter(name for commit in git.commits for name in commit.files)
    often = [name for name, _ in counts.most_common() if name not in changed and size_of(top, name)]
    if size_of(top, FILE):
        yield FILE, "what this repository is"
    for name in changed[: _WORTH_READING - 1]:
        yield name, "changed, not committed"
    for name in often[:_WORTH_READING]:
        if name != FILE:
            yield name, f"in {counts[name]} of the last {len(git.commits)} commits"

"""Whose session a folder's is: the one that was active last in its work tree, else in another one of its clone.

Always: a name decides nothing. Folders are compared by where they really are, and a folder below a work tree belongs
to it, unless it is a repository of its own. Without git a folder is itself alone.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from lineitem.core.manual import projects_of
from lineitem.ledger import questions
from lineitem.reports.registry import Registry
from lineitem.reports.spending import folder_of
from lineitem.sources.commits import root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.ledger.store import Ledger

#: Sessions of any name that are looked through, the latest first; those whose name fits are looked at besides.
_MOST = 300


class Whose(NamedTuple):
    """The session of a folder."""

    number: int
    elsewhere: str  #: the folder of another work tree of the same clone in which it worked; '': it worked in this one


def latest_in(ledger: Ledger, folder: str) -> Whose | None:
    """The session that was active last in the work tree around a folder, else in its clone; None: in neither."""
    here = _tree(folder)
    names = projects_of(here.top, os.path.abspath(folder), os.path.realpath(folder))
    every = sorted(questions.sessions(ledger), key=lambda row: row[4], reverse=True)
    beside: list[tuple[int, str]] = []
    for place, row in enumerate(every):
        fits = any(row[2] == name or row[2].startswith(f"{name}-") for name in names)
        if place >= _MOST and not fits:
            continue
        worked = folder_of(ledger, row[0])
        if (not worked and row[2] in names) or (worked and _in(worked, here)):
            return Whose(row[0], "")
        if worked and place < _MOST:
            beside.append((row[0], worked))
    return _of_clone(ledger, here, beside)


def same_tree(one: str, other: str) -> bool:
    """Whether two folders lie in one work tree; without git, whether they are one folder."""
    return _tree(one).top == _tree(other).top


class _Tree(NamedTuple):
    top: str  #: its real path
    git: bool


def _tree(folder: str) -> _Tree:
    top = root(os.path.realpath(folder))
    return _Tree(top, os.path.exists(os.path.join(top, ".git")))


def _in(worked: str, here: _Tree) -> bool:
    """Whether a session's folder lies in this work tree; without git, whether it is this folder."""
    real = os.path.realpath(worked)
    return real == here.top or (here.git and root(real) == here.top)


def _of_clone(ledger: Ledger, here: _Tree, beside: list[tuple[int, str]]) -> Whose | None:
    registry = Registry(ledger)
    own = registry.look(here.top) if here.git else None
    if own is None:
        return None
    known = {folder: registry.look(folder) for folder in dict.fromkeys(worked for _, worked in beside)}
    for number, worked in beside:
        found = known[worked]
        if found is not None and found.common == own.common:
            return Whose(number, worked)
    return None

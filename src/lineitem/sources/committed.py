"""Words of commits that git's hook left in the live folder, while a manual session was open; see
`lineitem_hook/commit.py`. Each is an empty file: `<milliseconds>.<hash>.<manual session>`.
"""

from __future__ import annotations

import os
from typing import NamedTuple

#: Where they wait, in the live folder.
FOLDER = "commits"


class Committed(NamedTuple):
    """A commit that was made in a work tree with an open manual session."""

    at: int  #: milliseconds
    commit: str  #: the whole hash
    session: str  #: id of the manual session
    path: str  #: the word itself


def waiting(live: str) -> tuple[list[Committed], list[str]]:
    """(what waits, the earliest first; names of files that are no such word)."""
    folder = os.path.join(live, FOLDER)
    found, others = [], []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        at, _, rest = name.partition(".")
        commit, _, session = rest.partition(".")
        if at.isascii() and at.isdigit() and len(at) == 13 and commit and session:
            found.append(Committed(int(at), commit, session, os.path.join(folder, name)))
        else:
            others.append(name)
    return found, others

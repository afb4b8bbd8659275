"""git's `post-commit`: `<python> -I -S <this file> <live folder> <store> <work tree, git folder, hash, one a line>`.

Leaves word of the commit in the live folder, where a manual session is open in this work tree; else does nothing.
Always: exit code 0 and not a byte of output. The word is an empty file whose name says all: when, which commit, which
manual session. It is there whole or not at all, and the store, which is only read here, takes it in later.
"""

from __future__ import annotations

import os
import sys

#: Where words of commits wait, in the live folder.
FOLDER = "commits"
#: Seconds to wait for a lock of the store.
_PATIENCE = 0.05
#: There while git makes commits again that were made before.
_REPLAYS = ("rebase-merge", "rebase-apply")


def log(live: str, store: str, told: str) -> None:
    """Leave word of a commit. `told`: what `git rev-parse --show-toplevel --git-dir HEAD` prints."""
    top, inner, commit = told.rstrip("\n").rsplit("\n", 2)
    inner = os.path.join(top, inner)
    if not _is_hash(commit) or any(os.path.exists(os.path.join(inner, name)) for name in _REPLAYS):
        return
    session = open_session(store, top)
    if session and os.sep not in session:
        from time import time_ns

        name = f"{time_ns() // 1_000_000:013}.{commit}.{session}"
        os.close(os.open(os.path.join(live, FOLDER, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def open_session(store: str, top: str) -> str:
    """The id of the manual session that is open in a work tree; '' where none is."""
    from _sqlite3 import connect  # `sqlite3` itself imports datetime

    from lineitem_hook.url import escaped

    if not os.path.isfile(store):
        return ""
    database = connect(f"file:{escaped(os.path.abspath(store), '/')}?mode=ro", timeout=_PATIENCE, uri=True)
    try:
        rows = database.execute("select id, folder from manual_session where until is null").fetchall()
    finally:
        database.close()
    real = os.path.realpath(top)  # git says it without links, a person may have come by one
    return next((name for name, folder in rows if os.path.realpath(folder) == real), "")


def _is_hash(text: str) -> bool:
    return 40 <= len(text) <= 64 and set(text) <= set("0123456789abcdef")


def main() -> None:
    try:
        sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        from lineitem_hook.forward import silence

        silence()
        live, store, told = sys.argv[1:4]
        if os.path.isabs(live) and os.path.isabs(store):
            log(live, store, told)
    finally:  # whatever went wrong: this ends here, before it could be told
        os._exit(0)


if __name__ == "__main__":
    main()

"""The registry of projects: which folders are worktrees or clones of one repository, also after they are gone.

A session belongs to the folder it worked in, a folder to a clone (one git folder, whatever its worktrees), a clone to a
repository (the address of its remote). What is told of a folder while it is there is kept. Always: a name decides
nothing; a clone that was moved is the same one where what first happened in it says so and its old place is empty.
"""

from __future__ import annotations

import os

from lineitem.core.problems import UsageError
from lineitem.ledger import questions
from lineitem.ledger.questions import Filter
from lineitem.reports.rollups import projects_by
from lineitem.reports.spending import folder_of
from lineitem.sources.commits import root
from lineitem.sources.repository import Identity, identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query
    from lineitem.reports.shapes import Table

FOLDER, CLONE, REPOSITORY = "folder", "clone", "repository"
BY = (FOLDER, CLONE, REPOSITORY)
#: Name of the kept state: folder -> (git's folder, address, mark), as JSON.
_KEPT = "registry"
_NOTES = {
    FOLDER: "A row is a folder that sessions worked in.",
    CLONE: "A row is a clone: its worktrees and the folders in it together.",
    REPOSITORY: "A row is a repository: its clones and worktrees together, by the address of their remote.",
}


class Registry:
    """What is known of folders."""

    def __init__(self, ledger: Ledger) -> None:
        from json import loads

        self._ledger = ledger
        self._kept = {folder: Identity(*row) for folder, row in loads(ledger.state(_KEPT) or "{}").items()}
        self._looked: set[str] = set()
        self._changed = False

    def look(self, folder: str) -> Identity | None:
        """The repository of a folder: as it is, or where it is gone as it was when it was last seen."""
        if folder in self._looked:
            return self._kept.get(folder)
        self._looked.add(folder)
        if os.path.isdir(folder):
            found = identity(folder)
            if found is None:
                if not os.path.lexists(os.path.join(root(folder), ".git")):  # else a worktree whose clone is gone
                    self._changed |= self._kept.pop(folder, None) is not None
            elif found != self._kept.get(folder):
                self._kept[folder], self._changed = found, True
        return self._kept.get(folder)

    def moved(self) -> dict[str, str]:
        """Git's folder as it was -> where that clone is now."""
        there: dict[str, set[str]] = {}
        for each in self._kept.values():
            if each.mark and os.path.isdir(each.common):
                there.setdefault(each.mark, set()).add(each.common)
        found = {}
        for each in self._kept.values():
            now = there.get(each.mark, set())
            if len(now) == 1 and not os.path.isdir(each.common):
                found[each.common] = next(iter(now))
        return found

    def keep(self) -> None:
        """Keep what was new."""
        from json import dumps

        if self._changed:
            with self._ledger.transaction():
                self._ledger.set_state(_KEPT, dumps(self._kept))
            self._changed = False


def projects(ledger: Ledger, query: Query) -> Table:
    """The bill by what `--by` says a project is."""
    by = query.options["by"]
    if by not in BY:
        raise UsageError(f"--by is {', '.join(BY[:-1])} or {BY[-1]}, not '{by}'.")
    registry = Registry(ledger)
    where = Filter(query.since, query.until, query.project, query.model)
    folders = {session: folder_of(ledger, session) for session in questions.active_sessions(ledger, where)}
    for folder in folders.values():
        registry.look(folder)
    moved = registry.moved()
    registry.keep()
    places = {row[0]: str(row[2]) for row in questions.sessions(ledger)}

    def name_of(session: int) -> str:
        folder = folders.get(session) or places.get(session, "")
        found = registry.look(folder) if by != FOLDER else None
        if found is None:
            return folder
        if by == REPOSITORY and found.address:
            return found.address
        common = moved.get(found.common, found.common)
        return os.path.dirname(common) if os.path.basename(common) == ".git" else common

    table, sessions = projects_by(ledger, query, name_of)
    for row in table.rows:
        known = sessions.get(row["project"], set())
        row["folders"] = sorted({folders.get(session, "") for session in known} - {""})
    table.head = {"by": by, **table.head}
    table.notes.append(_NOTES[by])
    return table

"""The tools with which work moves on: how old a repository's brief is, the brief made anew, and a fresh session.

Always: only repositories that sessions worked in, or the one where the server was started, are looked at; nothing but
the marked block of AI_CONTEXT.md is written, and that only where a person allowed it. What is quoted of a repository
stands on lines that begin with `> `.
"""

from __future__ import annotations

import os
import time

from lineitem.core.problems import UsageError
from lineitem.reports.whose import latest_in, same_tree
from lineitem.surfaces import numbers
from lineitem.surfaces.mcp import cut, wording
from lineitem.surfaces.mcp.place import Answer
from lineitem.surfaces.page import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.handoff.brief import Drift
    from lineitem.reports.query import Query
    from lineitem.surfaces.mcp.place import Place
    from lineitem.wiring import Lineitem

    Row = dict[str, Any]

WHY_NOT = (
    "Nothing was written: this server only reads. A person allows it by starting it with"
    " `lineitem mcp-server --allow-writes`, or does it with `lineitem brief sync`."
)
_SAID = {"continue": "Go on here.", "compact": "Compact first.", "fresh": "Start a fresh session."}


def check_drift(place: Place, folder: str) -> Answer:
    """How far the brief of the repository around a folder is behind."""
    from lineitem.handoff import brief

    where = brief.place_of(folder)
    found = brief.drift(where, int(time.time()))
    return _told(place, {"folder": where.top, **found.json()}, _behind(found))


def update_context(place: Place, folder: str, *, create: bool) -> Answer:
    """The block of a brief made anew; create: with its file, where there is none. Raises UsageError."""
    from lineitem.handoff import brief

    where = brief.place_of(folder)
    before = brief.drift(where, int(time.time()))
    if create and not before.block:
        brief.create(where)
        changed, said = True, "The block was put at its end." if before.exists else "Made; it is not committed."
    else:
        changed = brief.renew(where)
        said = "Made anew; it is not committed." if changed else "It is as fresh as it can be."
    found = brief.drift(where, int(time.time()))
    return _told(place, {"changed": changed, "folder": where.top, **found.json()}, f"AI_CONTEXT.md: {said}")


def new_session(lineitem: Lineitem, place: Place, query: Query, session: str, folder: str, given: Row) -> Answer:
    """What to do with a session, what each way costs, and the prompt that a fresh one begins with."""
    table = lineitem.handoff(session, query, folder, given.get("tokens", 0), given.get("prompts", 0))
    prompt = "\n".join(clean(line) for line in table.tail.pop("prompt").splitlines())
    hides = place.veil.hides
    document = cut.shaped(table, place.veil.over(table.json()))
    advice = _SAID.get(table.head["advice"] or "", "")
    said = " ".join(filter(None, (advice, "" if hides else clean(table.head["why"]))))
    if hides:
        document["why"], prompt = None, ""
    elif len(table.notes) > 1:
        document["notes"] = [clean(note) for note in table.notes[1:]]
    document = cut.bounded(document)
    lines = wording.lines(table.columns, document["ways"], "")
    if hides:
        lines.append("The prompt is not told: names are hidden here.")
    elif prompt:
        lines += ["The prompt for it:", "", prompt, ""]
    else:
        lines.append("The repository says nothing of its work that could be handed over.")
    said = said or "Nothing is known of a session here."
    text = "\n".join([said, *document.get("notes", []), *lines, wording.DATA])
    return Answer({"said": said, **document, "prompt": prompt or None, "note": wording.DATA}, text)


def check_folder(lineitem: Lineitem, place: Place, folder: str) -> None:
    """That a folder may be looked at: that of this server, or of a repository that sessions worked in.

    Raises UsageError: who may ask this server may not for that reason look around on this machine.
    """
    if not os.path.isabs(folder) or not os.path.isdir(folder):
        raise UsageError("folder is the absolute path of a folder that exists.")
    if not (place.folder and same_tree(folder, place.folder)) and latest_in(lineitem.ledger, folder) is None:
        raise UsageError("folder is of a repository that no session worked in: `lineitem brief` and `lineitem handoff`"
                         " take any.")  # fmt: skip


def _behind(found: Drift) -> str:
    """How it stands, in a sentence without a name."""
    if not found.exists:
        return "There is no AI_CONTEXT.md here: update_context with create makes it, where a person allowed writing."
    if not found.block:
        return "AI_CONTEXT.md has no block of lineitem's: update_context with create puts one at its end."
    if found.stale is None:
        return "This clone is shallow: how far AI_CONTEXT.md is behind cannot be told."
    if not found.stale:
        return "AI_CONTEXT.md is fresh."
    if found.behind is None:
        return "AI_CONTEXT.md was made from a commit that is not in this history."
    age = f", from {numbers.many(found.days, 'day')} ago" if found.days is not None else ""
    behind = f"{numbers.many(found.behind, 'commit')} and {numbers.many(len(found.files), 'file')}"
    return f"AI_CONTEXT.md is {behind} behind{age}."


def _told(place: Place, document: Row, said: str) -> Answer:
    document = cut.bounded({"said": said, **place.veil.over(document), "note": wording.DATA})
    names, lines = document["changedFileNames"], [said]
    if names:
        more = document["changedFiles"] - len(names)
        lines.append(f"Changed since: {', '.join(names)}{f' and {more} more' if more else ''}")
    return Answer(document, "\n".join([*lines, wording.DATA]))

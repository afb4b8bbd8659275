"""`lineitem advice`: what to change; the evidence; what came of what was changed."""

from __future__ import annotations

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import refresh, show, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem


def advice(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code: advice, the evidence of one, or a mark that one is followed."""
    ident, done, undo = options.get("argument", ""), options.get("done", ""), options.get("undo", "")
    if bool(ident) + bool(done) + bool(undo) > 1:
        raise UsageError("Give one of these: an id, --done ID, --undo ID.")
    if (done or undo) and (query.ranged or query.session):
        raise UsageError("--done and --undo hold from now on: they take no range and no session.")
    refresh(lineitem)
    if done:
        return _told(lineitem.follow_advice(query, done), options)
    if undo:
        return _told(lineitem.unfollow_advice(query, undo), options)
    table = lineitem.advice(query, ident)
    if ident and options.get("incognito") and not options.get("json"):
        from lineitem.reports.advice import hide
        from lineitem.surfaces.incognito import obscured

        hide(table, obscured(table.head))
    if ident or options.get("json"):
        return show(table, options)
    from lineitem.surfaces.advised import print_advice

    print_advice(table, options)
    return 0


def _told(said: dict[str, Any], options: dict[str, Any]) -> int:
    if options.get("json"):
        write_json({**said, "schemaVersion": 1}, options)
    elif said["followed"]:
        print(f"{said['id']} is followed from now on. `lineitem advice` says what comes of it.")
    else:
        print(f"{said['id']} is followed no longer.")
    return 0

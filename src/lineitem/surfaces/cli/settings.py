"""`lineitem settings`: what is set and from where; changes of settings.toml that keep what else stands in it."""

from __future__ import annotations

import sys

from lineitem.core.problems import UsageError
from lineitem.setup.preferences import HIDDEN
from lineitem.surfaces import preferring
from lineitem.surfaces.cli.output import show, write_json
from lineitem.surfaces.page import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem


def settings(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code; 1 where a change was not agreed to."""
    given = _given(options)
    if not given:
        table = preferring.standing(lineitem.settings)
        if options.get("incognito"):
            _hide(table.rows)
            table.notes, table.tail["file"], table.tail["egress"] = [], "", []
        return show(table, options)
    looked = preferring.look(given)
    if options.get("dry_run") or not looked["changes"]:
        return _told(looked, options)
    if looked["newEgress"] and not options.get("yes") and not _agreed(looked):
        return 1
    return _told(preferring.make(lineitem, given, query.now, seen=looked["seen"]), options)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Settings and their values as they were written; None: to be taken out."""
    from lineitem.setup.preferences import parse_given, parse_value

    given: dict[str, Any] = {}
    for text in options.get("set", ()):
        name, value = parse_given(text)
        given[name] = parse_value(value)
    for name in options.get("unset", ()):
        if name in given:
            raise UsageError(f"{name} was given twice.")
        given[name] = None
    return given


def _agreed(looked: dict[str, Any]) -> bool:
    """Whether the person, who is shown what would leave the machine, wants that."""
    for row in looked["newEgress"]:
        sys.stderr.write(f"Leaves this machine: {_sent(row)}\n")
    if not sys.stdin.isatty():
        sys.stderr.write("Nothing was changed: say --yes, or run it in a terminal.\n")
        return False
    sys.stderr.write("Switch this on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _told(document: dict[str, Any], options: dict[str, Any]) -> int:
    if options.get("json"):
        write_json(document, options)
        return 0
    for row in document["changes"]:
        after = "taken out" if row["after"] is None else row["after"]
        before = "" if row["before"] is None else f" (was {row['before']})"
        print(clean(f"{row['setting']}: {after}{before}"))
    if not document["changes"]:
        print(f"Nothing to change in {clean(document['file'])}.")
        return 0
    for row in document["newEgress"]:
        print(clean(f"Leaves this machine: {_sent(row)}"))
    where = clean(document["file"])
    print(f"Changed in {where}; a collector that runs takes it on." if document["done"] else f"Would change {where}.")
    return 0


def _sent(row: dict[str, str]) -> str:
    return f"{row['channel']} to {row['host']}: {row['sends']}"


def _hide(rows: list[dict[str, Any]]) -> None:
    """Leave of settings that a person wrote only which there are, without the names in them."""
    for row in rows:
        if row["source"] == "file":
            row["setting"] = row["setting"].partition(".")[0]
            row["value"] = row["text"] = HIDDEN

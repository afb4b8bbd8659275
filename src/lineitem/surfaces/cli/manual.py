"""`lineitem manual`: sessions begun, logged and ended by hand."""

from __future__ import annotations

import os
import sys

from lineitem.core.problems import UsageError
from lineitem.surfaces import numbers
from lineitem.surfaces.cli.output import refresh, show, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.logbook import Logbook
    from lineitem.reports.manual import Priced
    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem

#: What each action takes: the least and the most words, and how it is written.
_ACTIONS = {
    "start": (1, 1, "NAME"),
    "log": (2, 3, "IN OUT [CONTEXT]"),
    "quick": (1, 2, "KIND [CONTEXT]"),
    "note": (1, 1, "TEXT"),
    "status": (0, 0, ""),
    "end": (0, 0, ""),
}
#: Options that only some actions take.
_ONLY = {"expect": ("start",), "named_model": ("start", "log", "quick"), "next_step": ("note",), "out": ("end",)}


def manual(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code of one of the actions."""
    action = options.get("argument", "status")
    if action not in _ACTIONS:
        raise UsageError(f"`lineitem manual` knows {', '.join(_ACTIONS)}, not '{action}'.")
    words = [options[place] for place in ("second", "third", "fourth") if place in options]
    least, most, how = _ACTIONS[action]
    if not least <= len(words) <= most:
        raise UsageError(f"It is `lineitem manual {action} {how}".rstrip() + "`: words with spaces go in quotes.")
    for name, actions in _ONLY.items():
        if options.get(name) and action not in actions:
            flag = {"named_model": "model", "next_step": "next"}.get(name, name)
            raise UsageError(f"--{flag} goes with `lineitem manual {'` and `'.join(actions)}`.")
    logbook = lineitem.logbook(os.getcwd())
    refresh(lineitem)
    if action == "status":
        return _status(logbook, query, options)
    if action == "end":
        return _end(logbook, query, options)
    return _write(logbook, action, words, query, options)


def _write(logbook: Logbook, action: str, words: list[str], query: Query, options: dict[str, Any]) -> int:
    """What adds something."""
    model = options.get("named_model", "")
    if action == "start":
        made = logbook.start(words[0], model, options.get("expect", ""), query.now)
        said = f"Begun: {made.name}, in {made.folder}. `lineitem manual log IN OUT` and `quick KIND` log in it."
        return _said(options, {"name": made.name, "done": "started"}, said)
    if action == "note":
        logbook.note(words[0], query.now, to_do=bool(options.get("next_step")))
        return _said(options, {"name": logbook.current().name, "done": "noted"}, "Noted.")
    if action == "log":
        found = logbook.log(words[0], words[1], words[2] if len(words) > 2 else "", model, query.now)
    else:
        found = logbook.quick(words[0], words[1] if len(words) > 1 else "", model, query.now)
    return _logged(logbook, found, options)


def _logged(logbook: Logbook, found: Priced, options: dict[str, Any]) -> int:
    from lineitem.reports.shapes import dollars

    entry, nanos = found.entry, found.nanos
    spread = found.range(logbook.book)
    row: dict[str, Any] = {
        "name": logbook.current().name, "done": "logged", "modelName": entry.model, "inputTokens": entry.uncached,
        "outputTokens": entry.output, "costNanos": nanos, "totalCost": None if nanos is None else dollars(nanos),
        "lowNanos": spread[0] if spread else None, "highNanos": spread[1] if spread else None,
        "covered": found.covered, "basis": found.basis,
    }  # fmt: skip
    shown = row
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        shown = obscured(row)
    cost = shown["costNanos"]
    money = "no price is known" if nanos is None else f"~{_money(cost)}" if cost is not None else "at a hidden cost"
    if shown["lowNanos"] is not None:
        money += f" ({_money(shown['lowNanos'])} to {_money(shown['highNanos'])})"
    given, made = numbers.count(shown["inputTokens"]), numbers.count(shown["outputTokens"])
    said = f"Logged: {given} in, {made} out on {entry.model}, {money}."
    if found.covered:
        said += " Claude Code was at work here then: its own figures hold, this one is in no total."
    return _said(options, row, said)


def _money(nanos: int | None) -> str:
    return numbers.UNKNOWN if nanos is None else numbers.money(nanos, numbers.digits_for(nanos))


def _said(options: dict[str, Any], row: dict[str, Any], text: str) -> int:
    if options.get("json"):
        write_json({**row, "schemaVersion": 1}, options)
    else:
        print(text)
    return 0


def _status(logbook: Logbook, query: Query, options: dict[str, Any]) -> int:
    table = logbook.status(query)
    code = show(table, options)
    if not options.get("json") and table.rows and not options.get("incognito"):
        whole = table.tail["projectTotals"]
        print(f"\n The project as a whole: {_money(whole['costNanos'])}, {_money(whole['automaticNanos'])} of it by"
              " Claude Code.")  # fmt: skip
    return code


def _end(logbook: Logbook, query: Query, options: dict[str, Any]) -> int:
    """End the session: its report on stdout, or in a file."""
    target = options.get("out", "")
    if target and os.path.exists(target):
        raise UsageError(f"{target} exists already. Give another name with --out: nothing is written over.")
    found = logbook.end(query.now)
    if options.get("json"):
        write_json(found, options)
        return 0
    from lineitem.surfaces.cli.manual_report import markdown

    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        found = obscured(found)
    text = markdown(found, query.zone.name)
    if not target:
        sys.stdout.write(text)
        return 0
    try:
        with open(target, "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:  # the session is ended all the same: what it was must not be lost
        sys.stdout.write(text)
        sys.stderr.write(f"{target} cannot be written: {error.strerror}. The report is on stdout.\n")
        return 1
    print(f"Ended: {found['manual']['name']}. The report is in {target}.")
    return 0

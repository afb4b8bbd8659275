"""`lineitem budget`: make, change and end budgets; how they stand; whether one is exceeded."""

from __future__ import annotations

import sys

from lineitem.core import budgets
from lineitem.core.problems import UsageError
from lineitem.surfaces import budgeting
from lineitem.surfaces.cli.output import refresh, show, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem


def budget(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code of one of the actions; 1 where a budget that is checked is exceeded."""
    action, name = options.get("argument", "status"), options.get("second", "")
    writers = ("add", "edit", "remove", "override")
    if action in writers:
        if not name:
            raise UsageError(f"`lineitem budget {action}` needs the budget's name.")
        if action in ("remove", "override"):
            return (_remove if action == "remove" else _override)(lineitem, query, options)
        write = budgeting.add if action == "add" else budgeting.edit
        return _told(lineitem, write(lineitem, name, options, query.now), options)
    if action not in ("list", "status", "check"):
        raise UsageError(f"`lineitem budget` knows {', '.join(writers)}, list, status and check, not '{action}'.")
    refused = [each for each in budgeting.CHANGED if options.get(each)]
    if refused:
        raise UsageError(f"--{refused[0]} goes with `lineitem budget add` and `edit`.")
    refresh(lineitem)
    if action == "check":
        return _check(lineitem, query, options)
    if name and action == "status":
        return show(lineitem.limits.history(name, query), options)
    return show(lineitem.limits.status(query, name), options)


def _told(lineitem: Lineitem, document: dict[str, Any], options: dict[str, Any]) -> int:
    """Say which budget was made or changed."""
    if options.get("json"):
        write_json(document, options)
        return 0
    made, done = lineitem.limits.named(document["name"]), document["done"].capitalize()
    each = {"session": "each session", "day": "a day", "week": "a week", "month": "a month"}
    during = each.get(made.period, f"in any {made.period}")
    print(f"{done}: {made.name}, {budgets.limit_text(made)} {during}, of {made.scope.text()}.")
    if made.act:
        print(f"When it is used up: {made.act} at every {' and '.join(made.on)}. `lineitem status` shows whether the"
              " hooks it needs are in place.")  # fmt: skip
    if made.act and made.closed:
        print("`lineitem install` again lets Claude Code refuse these while no collector runs.")
    return 0


def _override(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """Let a budget do nothing for a stated time, with a reason that is logged."""
    from lineitem.surfaces import numbers

    document = budgeting.override(lineitem, options["second"], options, query.now)
    if options.get("json"):
        write_json(document, options)
        return 0
    until = numbers.moment(document["until"], query.zone.name)
    print(f"Overridden until {until}: {document['name']}. `lineitem audit` shows it.")
    return 0


def audit(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The audit log; 1 where its chain is broken."""
    table = lineitem.limits.audit(query)
    show(table, options)
    broken = table.tail["brokenAt"]
    if broken is not None and not options.get("json"):
        sys.stderr.write(f"The chain is broken at row {broken}: a row was changed, taken out or put in.\n")
    return 0 if broken is None else 1


def _remove(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    document = budgeting.remove(lineitem, options["second"], options, query.now)
    if options.get("json"):
        write_json(document, options)
        return 0
    print(f"Removed: {document['name']}. What it was is remembered.")
    return 0


def _check(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """1 where a budget is exceeded, for scripts and CI."""
    table = lineitem.limits.status(query, options.get("second", ""))
    rows = table.rows
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        rows = obscured(rows)
    exceeded = [row for row in rows if row["exceeded"]]
    if options.get("json"):
        write_json(table.json(), options)
    elif not table.rows:
        show(table, options)
    else:
        for row in exceeded:
            of = f" of {row['limit']}" if row["limit"] else ""
            sys.stdout.write(f"exceeded: {row['name']} ({row['during']}): {_used(row)}{of}\n")
        if not exceeded:
            sys.stdout.write(f"Within all of {len(table.rows)} budgets.\n")
    return 1 if exceeded else 0


def _used(row: dict[str, Any]) -> str:
    from lineitem.surfaces import numbers

    if row["limitTokens"] is not None:
        return f"{row['usedTokens']:,}"
    return numbers.money(row["usedNanos"], numbers.digits_for(row["usedNanos"]))

"""`lineitem budget`: make, change and end budgets; how they stand; whether one is exceeded."""

from __future__ import annotations

import sys

from lineitem.core import budgets
from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import refresh, show, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.core.budgets import Budget
    from lineitem.reports.query import Query
    from lineitem.wiring import Lineitem

#: Options of `add` and `edit`.
_CHANGED = ("limit", "period", "of", "warn", "forecast", "act", "on", "fail")


def budget(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """The exit code of one of the actions; 1 where a budget that is checked is exceeded."""
    action, name = options.get("argument", "status"), options.get("second", "")
    writers = {"add": _add, "edit": _edit, "remove": _remove, "override": _override}
    if action in writers:
        if not name:
            raise UsageError(f"`lineitem budget {action}` needs the budget's name.")
        return writers[action](lineitem, query, options)
    if action not in ("list", "status", "check"):
        raise UsageError(f"`lineitem budget` knows {', '.join(writers)}, list, status and check, not '{action}'.")
    refused = [each for each in _CHANGED if options.get(each)]
    if refused:
        raise UsageError(f"--{refused[0]} goes with `lineitem budget add` and `edit`.")
    refresh(lineitem)
    if action == "check":
        return _check(lineitem, query, options)
    if name and action == "status":
        return show(lineitem.limits.history(name, query), options)
    return show(lineitem.limits.status(query, name), options)


def _add(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    name = budgets.check_name(options["second"])
    if lineitem.limits.find(name) is not None:
        raise UsageError(f"There is a budget '{name}' already. `lineitem budget edit {name}` changes it.")
    if not options.get("limit"):
        raise UsageError("A budget needs a limit: --limit 50 for dollars, --limit 2M for tokens.")
    return _keep(lineitem, query, options, budgets.Budget(name, budgets.MONTH, 1), "Made")


def _edit(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    if not any(each in options for each in _CHANGED):
        raise UsageError(f"Say what to change: {', '.join(f'--{each}' for each in _CHANGED)}.")
    return _keep(lineitem, query, options, lineitem.limits.named(options["second"]), "Changed")


def _keep(lineitem: Lineitem, query: Query, options: dict[str, Any], known: Budget, done: str) -> int:
    from lineitem.core import scopes

    limit, unit = budgets.parse_limit(options["limit"]) if "limit" in options else (known.limit, known.unit)
    made = known._replace(
        period=budgets.check_period(options.get("period", known.period)),
        limit=limit,
        unit=unit,
        scope=scopes.parse(options["of"]) if options.get("of") else known.scope,
        warn=budgets.parse_warn(options["warn"]) if "warn" in options else known.warn,
        forecast=_either("forecast", options["forecast"], "on", "off") if "forecast" in options else known.forecast,
        act=budgets.check_act(options["act"]) if "act" in options else known.act,
        on=budgets.parse_on(options["on"]) if "on" in options else known.on,
        closed=_either("fail", options["fail"], "closed", "open") if "fail" in options else known.closed,
        since=query.now,
    )
    lineitem.limits.keep(made, f"budget {done.lower()}")
    if options.get("json"):
        write_json({"name": made.name, "done": done.lower(), "schemaVersion": 1}, options)
        return 0
    each = {"session": "each session", "day": "a day", "week": "a week", "month": "a month"}
    during = each.get(made.period, f"in any {made.period}")
    print(f"{done}: {made.name}, {budgets.limit_text(made)} {during}, of {made.scope.text()}.")
    if made.act:
        print(f"When it is used up: {made.act} at every {' and '.join(made.on)}. `lineitem status` shows whether the"
              " hooks it needs are in place.")  # fmt: skip
    if made.act and made.closed:
        print("`lineitem install` again lets Claude Code refuse these while no collector runs.")
    return 0


def _either(name: str, text: str, yes: str, no: str) -> bool:
    if text not in (yes, no):
        raise UsageError(f"--{name} is {yes} or {no}, not '{text}'.")
    return text == yes


def _override(lineitem: Lineitem, query: Query, options: dict[str, Any]) -> int:
    """Let a budget do nothing for a stated time, with a reason that is logged."""
    from lineitem.core.periods import iso
    from lineitem.surfaces import numbers

    known, reason = lineitem.limits.named(options["second"]), options.get("reason", "").strip()
    if not reason or len(reason) > 200 or not reason.isprintable():
        raise UsageError("Say why, in at most 200 characters: --reason 'release day'.")
    until = query.now + budgets.parse_duration(options.get("for_time", "1h"))
    lineitem.limits.override(known.name, query.now, until, reason)
    if options.get("json"):
        write_json({"name": known.name, "done": "overridden", "until": iso(until), "schemaVersion": 1}, options)
        return 0
    print(f"Overridden until {numbers.moment(iso(until), query.zone.name)}: {known.name}. `lineitem audit` shows it.")
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
    known = lineitem.limits.named(options["second"])
    lineitem.limits.end(known.name, query.now)
    if options.get("json"):
        write_json({"name": known.name, "done": "removed", "schemaVersion": 1}, options)
        return 0
    print(f"Removed: {known.name}. What it was is remembered.")
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

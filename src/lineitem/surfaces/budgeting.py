"""What a person does with budgets, from options as texts, on whatever surface: add, edit, remove, override.

Out: the JSON document that says what was done. Raises UsageError for what cannot be meant.
"""

from __future__ import annotations

from lineitem.core import budgets
from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lineitem.core.budgets import Budget
    from lineitem.wiring import Lineitem

#: Options of `add` and `edit`.
CHANGED = ("limit", "period", "of", "warn", "forecast", "act", "on", "fail")


def add(lineitem: Lineitem, name: str, options: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Make a budget."""
    budgets.check_name(name)
    if lineitem.limits.find(name) is not None:
        raise UsageError(f"There is a budget '{name}' already. `lineitem budget edit {name}` changes it.")
    if not options.get("limit"):
        raise UsageError("A budget needs a limit: --limit 50 for dollars, --limit 2M for tokens.")
    return _keep(lineitem, options, now, budgets.Budget(name, budgets.MONTH, 1), "made")


def edit(lineitem: Lineitem, name: str, options: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Change a budget from now on."""
    if not any(each in options for each in CHANGED):
        raise UsageError(f"Say what to change: {', '.join(f'--{each}' for each in CHANGED)}.")
    return _keep(lineitem, options, now, lineitem.limits.named(name), "changed")


def remove(lineitem: Lineitem, name: str, options: Mapping[str, Any], now: int) -> dict[str, Any]:
    """End a budget; what it was is remembered."""
    del options
    known = lineitem.limits.named(name)
    lineitem.limits.end(known.name, now)
    return {"name": known.name, "done": "removed", "schemaVersion": 1}


def override(lineitem: Lineitem, name: str, options: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Let a budget do nothing for a stated time, with a reason that is logged."""
    from lineitem.core.periods import iso

    known, reason = lineitem.limits.named(name), str(options.get("reason", "")).strip()
    if not reason or len(reason) > 200 or not reason.isprintable():
        raise UsageError("Say why, in at most 200 characters: --reason 'release day'.")
    until = now + budgets.parse_duration(options.get("for_time") or "1h")
    lineitem.limits.override(known.name, now, until, reason)
    return {"name": known.name, "done": "overridden", "until": iso(until), "schemaVersion": 1}


def _keep(lineitem: Lineitem, options: Mapping[str, Any], now: int, known: Budget, done: str) -> dict[str, Any]:
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
        since=now,
    )
    lineitem.limits.keep(made, f"budget {done}")
    return {"name": made.name, "done": done, "schemaVersion": 1}


def _either(name: str, text: str, yes: str, no: str) -> bool:
    if text not in (yes, no):
        raise UsageError(f"--{name} is {yes} or {no}, not '{text}'.")
    return text == yes

"""The few things a page may change: budgets, exactly as `lineitem budget` changes them."""

from __future__ import annotations

from lineitem.core.problems import UsageError
from lineitem.surfaces import budgeting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.wiring import Lineitem

_TAKES = {"add": budgeting.CHANGED, "edit": budgeting.CHANGED, "remove": (), "override": ("reason", "for")}


def change(lineitem: Lineitem, what: str, given: dict[str, str], now: int) -> dict[str, Any]:
    """What `lineitem budget ACTION NAME --json` answers. what: `budget/add` and so on. Raises UsageError."""
    action = what.partition("/")[2]
    name = given.pop("name")
    for key in given:
        if key not in _TAKES[action]:
            raise UsageError(f"A budget's {action} takes {', '.join(_TAKES[action]) or 'nothing'}, not '{key}'.")
    options: dict[str, Any] = {key: value for key, value in given.items() if value}
    if options.get("of"):
        options["of"] = [part for part in options["of"].split(" ") if part]
    if "for" in options:
        options["for_time"] = options.pop("for")
    done = {"add": budgeting.add, "edit": budgeting.edit, "remove": budgeting.remove, "override": budgeting.override}
    return done[action](lineitem, name, options, now)

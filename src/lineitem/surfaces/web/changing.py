"""The few things a page may change: budgets as `lineitem budget` does, settings as `lineitem settings` does."""

from __future__ import annotations

import re

from lineitem.core.problems import UsageError
from lineitem.surfaces import budgeting, preferring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.wiring import Lineitem

_TAKES = {"add": budgeting.CHANGED, "edit": budgeting.CHANGED, "remove": (), "override": ("reason", "for")}
_DOES = {"add": budgeting.add, "edit": budgeting.edit, "remove": budgeting.remove, "override": budgeting.override}
#: Between two parts of a scope in one text: what is between them within a name is a part of it.
_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][\w.-]*=)")


def change(lineitem: Lineitem, what: str, given: dict[str, Any], now: int) -> dict[str, Any]:
    """What the command line answers with `--json`. what: `budget/add`, `settings/look` and so on.

    Raises UsageError, `preferring.Unseen` among them.
    """
    of, _, action = what.partition("/")
    return _settings(lineitem, action, given, now) if of == "settings" else _budget(lineitem, action, given, now)


def _budget(lineitem: Lineitem, action: str, given: dict[str, Any], now: int) -> dict[str, Any]:
    name = given.pop("name")
    for key, value in given.items():
        if key not in _TAKES[action]:
            raise UsageError(f"A budget's {action} takes {', '.join(_TAKES[action]) or 'nothing'}, not '{key}'.")
        if not isinstance(value, str):
            raise UsageError(f"{key} is a text.")
    options: dict[str, Any] = dict(given)
    if "of" in options:
        options["of"] = [part for part in _BETWEEN.split(options["of"].strip()) if part]
    if "for" in options:
        options["for_time"] = options.pop("for")
    return _DOES[action](lineitem, name, options, now)


def _settings(lineitem: Lineitem, action: str, given: dict[str, Any], now: int) -> dict[str, Any]:
    seen = given.pop("seen", "")
    changes = given.pop("set", None)
    if given or not isinstance(changes, dict) or not isinstance(seen, str):
        raise UsageError('Say what to change: {"set": {"health.preset": "intensive"}}; null takes a setting out.')
    if action == "look":
        return preferring.look(changes, page=True)
    return preferring.make(lineitem, changes, now, seen=seen, page=True)

"""Tickets in the names of branches: pure. The pattern is a person's own, and kept to what cannot run away."""

from __future__ import annotations

import re

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: `ABC-123` and `#123`.
USUAL = r"\b[A-Z][A-Z0-9]{1,9}-[0-9]{1,7}\b|#[0-9]{1,7}\b"
#: A pattern's characters, how often it may repeat something, and so much of a branch's name is looked at.
_LONGEST, _REPEATS, _NAME = 120, 3, 100
_TITLE = "work.ticket"


def from_settings(settings: Mapping[str, object]) -> Callable[[str], str]:
    """Branch -> its ticket, "" where its name holds none, by `[work] ticket`. Raises UsageError."""
    table = settings.get("work", {})
    if not isinstance(table, dict) or set(table) - {"ticket"}:
        raise UsageError('[work] knows one setting: ticket, a pattern such as "ABC-[0-9]+".')
    pattern = table.get("ticket", USUAL)
    if not isinstance(pattern, str):
        raise UsageError(f"{_TITLE} must be a text: a pattern such as 'ABC-[0-9]+'.")
    return finder(pattern)


def finder(pattern: str) -> Callable[[str], str]:
    """Branch -> the first text that fits, or its first group; "" where none does. Raises UsageError."""
    if pattern != USUAL:
        _check(pattern)
    try:
        find = re.compile(pattern, re.ASCII).search
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"{_TITLE} is no pattern: {error}.") from error

    def ticket(branch: str) -> str:
        found = find(branch[:_NAME])
        if found is None:
            return ""
        return str((found.group(1) if found.re.groups else None) or found.group(0))

    return ticket


def _check(pattern: str) -> None:
    """Refuse what could take for ever: repeated groups, what looks back or around, more than a few repeats."""
    if not pattern or len(pattern) > _LONGEST:
        raise UsageError(f"{_TITLE} must be a pattern of at most {_LONGEST} characters.")
    repeats, before, inside, opened, place = 0, "", False, 0, 0
    while place < len(pattern):
        letter = pattern[place]
        if letter == "\\":
            if pattern[place + 1 : place + 2].isdigit() and not inside:
                raise UsageError(f"{_TITLE} may not refer back to a group.")
            place += 2
            before = "\\"
            continue
        if inside:
            inside = letter != "]" or place == opened
        elif letter == "[":
            inside, opened = True, place + (2 if pattern[place + 1 : place + 2] == "^" else 1)
        elif letter in "*+?{":
            if before == "(":
                raise UsageError(f"{_TITLE}: of groups in (?...) only (?:...) is understood.")
            if before == ")":
                raise UsageError(f"{_TITLE} may not repeat a group.")
            repeats += 1
        elif letter == "(" and pattern[place + 1 : place + 3] == "?:":
            place += 2
        before = letter
        place += 1
    if repeats > _REPEATS:
        raise UsageError(f"{_TITLE} may repeat at most {_REPEATS} things.")

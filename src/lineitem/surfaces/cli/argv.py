"""Reads a command line without a library: a bare Python starts in 10 ms, Click adds 25.

In: the arguments. Out: the command and its options by name. What is not understood is left to Click, which
says it better: `read` then gives None.
"""

from __future__ import annotations

from lineitem.surfaces.commands import BY_NAME, PLACES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

#: ccusage's other words for the same.
_ALSO = {"sessions": "session", "claude": ""}


def read(argv: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
    """(command name, options), None where this reader is not sure; arguments are under `PLACES`."""
    words = list(argv)
    if words[:1] == ["claude"]:
        del words[0]
    name = "today"
    if words and not words[0].startswith("-"):
        name = _ALSO.get(words[0], words[0])
        del words[0]
    command = BY_NAME.get(name)
    if command is None:
        return None
    flags = {flag: option for option in command.options for flag in option.flags}
    options: dict[str, Any] = {}
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if not word.startswith("-") or word == "-":
            place = next((place for place in PLACES[: len(command.argument.split())] if place not in options), "")
            if not place:
                return None
            options[place] = word
            continue
        flag, equals, value = word.partition("=")
        option = flags.get(flag)
        if option is None:
            return None
        if not option.value:
            if equals:
                return None
            options[option.name] = True
            continue
        if not equals:
            if at >= len(words):
                return None
            value = words[at]
            at += 1
        if option.many:
            options.setdefault(option.name, []).append(value)
        else:
            options[option.name] = value
    if command.argument and not command.argument.startswith("[") and "argument" not in options:
        return None
    return name, options

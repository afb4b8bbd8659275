"""Short words for `lineitem manual` in a shell: functions for bash, zsh or fish, to be evaluated when it starts."""

from __future__ import annotations

import sys

from lineitem.core.problems import UsageError

SHELLS = ("bash", "zsh", "fish")
#: The words that only stand for an action.
_PLAIN = ("start", "note", "status", "end")
_HOW = {
    "bash": """in ~/.bashrc: eval "$(lineitem shell bash)\"""",
    "zsh": """in ~/.zshrc: eval "$(lineitem shell zsh)\"""",
    "fish": "in ~/.config/fish/config.fish: lineitem shell fish | source",
}


def shell(name: str) -> int:
    """Print the functions of a shell; the exit code."""
    if name not in SHELLS:
        raise UsageError(f"There are functions for {', '.join(SHELLS[:-1])} and {SHELLS[-1]}, not for '{name}'.")
    made = _fish() if name == "fish" else _posix()
    sys.stdout.write("\n".join([f"# {_HOW[name]}", *made]) + "\n")
    return 0


def _posix() -> list[str]:
    plain = [f'function claude-{action} {{ command lineitem manual {action} "$@"; }}' for action in _PLAIN]
    return [
        *plain,
        "# a number: counts you know; else a kind of work",
        "function claude-log {",
        '  case "${1-}" in',
        '    [0-9]*) command lineitem manual log "$@" ;;',
        '    *) command lineitem manual quick "$@" ;;',
        "  esac",
        "}",
    ]


def _fish() -> list[str]:
    plain = [f"function claude-{action}; command lineitem manual {action} $argv; end" for action in _PLAIN]
    return [
        *plain,
        "# a number: counts you know; else a kind of work",
        "function claude-log",
        "  if string match -qr '^[0-9]' -- \"$argv[1]\"",
        "    command lineitem manual log $argv",
        "  else",
        "    command lineitem manual quick $argv",
        "  end",
        "end",
    ]

"""What kind of work a tool call is: the tool, and the kind of its target.

    Read src/app.py -> Read .py     Bash git diff HEAD~2 -> Bash git diff     Agent Explore -> Agent Explore
    WebFetch docs.example.org -> WebFetch docs.example.org     mcp__github__search -> mcp__github__search

Always: at most 60 harmless characters, however long or hostile tool and target are; the same call has the same type.
"""

from __future__ import annotations

from lineitem.insights.words import safe

#: Tools whose target is a file.
_FILES = frozenset({"Read", "Edit", "MultiEdit", "Write", "NotebookEdit"})
#: Tools whose target is already a kind: an agent type, a skill, a host.
_NAMED = frozenset({"Agent", "Task", "Skill", "WebFetch"})
#: Programs whose second word says more than the first.
_TWO_WORDS = frozenset(
    "apt brew bun cargo composer conda deno docker dotnet gh git go gradle helm just kubectl make mvn npm npx nx pip"
    " pipx pnpm podman poetry systemctl terraform uv uvx yarn".split()
)
#: What only says how the next word is run.
_BEFORE = frozenset("command env exec nice nohup sudo time timeout xargs".split())


def task_type(tool: str, target: str) -> str:
    """The task type of a call."""
    name = safe(tool, 40) or "?"
    kind = _kind(tool, target)
    return f"{name} {kind}" if kind else name


def _kind(tool: str, target: str) -> str:
    if tool in _FILES:
        return _suffix(target)
    if tool in _NAMED:
        return safe(target.strip(), 19)
    return program_of(target) if tool in ("Bash", "PowerShell") else ""


def _suffix(path: str) -> str:
    """`.py`, or nothing where the name has no plain ending."""
    base = path.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = base.rpartition(".")
    return f".{suffix.lower()}" if dot and stem and len(suffix) <= 8 and suffix.isalnum() else ""


def program_of(command: str) -> str:
    """The program that a command starts: without variables before it, `cd ... &&`, and the way to it."""
    words = command.split()
    index = 0
    while index < len(words):
        word = words[index]
        if word == "cd" and "&&" in words[index:]:
            index = words.index("&&", index) + 1
        elif word in _BEFORE or _is_variable(word) or (index and words[index - 1] == "timeout" and word[:1].isdigit()):
            index += 1
        else:
            break
    if index == len(words):
        return ""
    program = safe(words[index].rpartition("/")[2].rstrip(";"), 19)
    second = words[index + 1] if index + 1 < len(words) else ""
    if program in _TWO_WORDS and len(second) <= 14 and second.replace("-", "").isalpha() and second[0] != "-":
        return safe(f"{program} {second}", 19)
    return program


def _is_variable(word: str) -> bool:
    name, sign, _ = word.partition("=")
    return bool(sign) and name.isidentifier()

"""The tools: what a model is told of each, and whether what it asks can be meant.

Schemas are carried by every request of every session that has this server, so each word here costs: the whole list
stays under 1,500 tokens (tests/mcp/test_size.py).
"""

from __future__ import annotations

from collections import namedtuple

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: takes: argument -> its JSON schema; needs: those that may not be missing; writes: whether it changes anything.
Tool = namedtuple("Tool", ("name", "title", "says", "takes", "needs", "writes"), defaults=((), False))

#: Rows of a list that are given out: unasked, and at most.
FEW, MANY = 10, 50
#: A longer argument is nothing a person has.
_LONGEST = 500

REPORTS = (
    "daily", "weekly", "monthly", "sessions", "blocks", "bill", "calls", "tools", "mcp", "agents", "skills", "prompts",
    "projects", "models", "branches", "commits", "pr", "efficiency", "rot", "whatif", "anomalies", "forecast", "trend",
    "compare", "check",
)  # fmt: skip


def _text(says: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "string", **({"description": says} if says else {}), **more}


_LIMIT = {"limit": {"type": "integer", "minimum": 1, "maximum": MANY}}
_SESSION = {"session": _text("Beginning of its id, or latest. Default: this one")}
_FOLDER = {"folder": _text("Absolute path")}
_RANGE = {"since": _text("2026-08-01, 7d, 12h, today"), "until": _text(), "project": _text("Part of its name")}

TOOLS = (
    Tool("get_costs", "Costs",
         "What Claude Code sessions cost, as a report. calls: each tool call over its life. bill: every cause. rot:"
         " what prompts cost as sessions grow. check: against the client's own totals. compare needs marker.",
         {"report": {"type": "string", "enum": list(REPORTS)}, **_RANGE, "model": _text(), "session": _text(),
          "by": _text("commits: commit|branch|ticket; forecast: week|month; efficiency: day|project|..."),
          "marker": _text("Day of a change"), **_LIMIT}, ("report",)),
    Tool("get_session_bill", "Bill of a session", "One session itemised: causes, prompts, cache misses.",
         {**_SESSION, **_LIMIT}),
    Tool("explain_cost", "Where a cost is from", "What one tool call, request or cause cost, part by part.",
         {"id": _text("toolu_..., msg_..., or a cause such as tool/Bash")}, ("id",)),
    Tool("whats_expensive_to_carry", "The window now",
         "What lies in the context window, and what each piece costs per further request.", {**_SESSION, **_LIMIT}),
    Tool("get_context_health", "Health of sessions",
         "Green, yellow, red: context size, growth, turns left, cost of going cold, plan limits.",
         {"session": _text("Default: those of the last day"), **_LIMIT}),
    Tool("get_budget_status", "Budgets", "What may be spent, and what is used of it.", {"name": _text(), **_LIMIT}),
    Tool("get_tips", "Advice", "What to change and what it would have saved; with id, the evidence.",
         {"id": _text(), **_RANGE, **_LIMIT}),
    Tool("check_drift", "Age of the brief", "How far AI_CONTEXT.md is behind its repository.", _FOLDER),
    Tool("new_session", "Go on or start anew",
         "Go on here, compact or start anew: what each would cost, and the prompt a fresh session begins with.",
         {**_SESSION, **_FOLDER, "tokens": {"type": "integer", "minimum": 150, "maximum": 2_000},
          "prompts": {"type": "integer", "minimum": 1, "maximum": 100}}),
    Tool("update_context", "The brief made anew",
         "Make the marked block of AI_CONTEXT.md anew. Refused unless a person allowed writing.",
         {**_FOLDER, "create": {"type": "boolean"}}, writes=True),
    Tool("log_session", "Log work by hand",
         "Log work done outside Claude Code in the folder's manual session. Refused unless a person allowed writing.",
         {"input": {"type": "integer", "minimum": 0, "description": "Tokens"},
          "output": {"type": "integer", "minimum": 0}, "context": _text("A few words"), "model": _text(),
          "name": _text("Begins a manual session if none is open"), **_FOLDER},
         ("input", "output"), writes=True),
)  # fmt: skip

BY_NAME = {tool.name: tool for tool in TOOLS}


def schema(tool: Tool) -> dict[str, Any]:
    """The JSON schema of a tool's arguments."""
    made: dict[str, Any] = {"type": "object", "properties": tool.takes}
    return {**made, "required": list(tool.needs)} if tool.needs else made


def named(name: str) -> Tool:
    """The tool of that name. Raises UsageError."""
    found = BY_NAME.get(name)
    if found is None:
        raise UsageError(f"There is no tool '{name[:60]}'. There are {', '.join(BY_NAME)}.")
    return found


def checked(tool: Tool, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The arguments that were given, as the schema wants them; null is as good as left out. Raises UsageError."""
    found = {name: value for name, value in (given or {}).items() if value is not None and value != ""}
    for name in tool.needs:
        if name not in found:
            raise UsageError(f"{tool.name} needs {name}.")
    for name, value in found.items():
        wanted = tool.takes.get(name)
        if wanted is None:
            raise UsageError(f"{tool.name} takes {', '.join(tool.takes)}, not '{name[:60]}'.")
        if wanted["type"] == "integer":
            _check_number(name, value, wanted)
        elif wanted["type"] == "boolean":
            if not isinstance(value, bool):
                raise UsageError(f"{name} is true or false.")
        elif not isinstance(value, str):
            raise UsageError(f"{name} is a text.")
        elif len(value) > _LONGEST:
            raise UsageError(f"{name} is at most {_LONGEST} characters long.")
        elif "enum" in wanted and value not in wanted["enum"]:
            raise UsageError(f"{name} is one of {', '.join(wanted['enum'])}.")
    return found


def _check_number(name: str, value: Any, wanted: Mapping[str, Any]) -> None:
    least, most = wanted["minimum"], wanted.get("maximum", 10**12)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise UsageError(f"{name} is a whole number from {least} to {most}.")

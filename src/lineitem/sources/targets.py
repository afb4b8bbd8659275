"""What a tool call was about, in at most 80 characters, so that a person recognises it.

In: a tool's name and its input. Out: a path, the first words of a command, a host, an agent type. Secrets
are redacted before anything is kept; file contents, prompts and search results are never looked at.
"""

from __future__ import annotations

import msgspec

from lineitem.sources.shortening import short
from lineitem.sources.transcript_schema import TOOL_INPUT, ToolInput


def _relative(path: str, cwd: str | None) -> str:
    if cwd and path.startswith(cwd) and path[len(cwd) : len(cwd) + 1] in ("/", "\\"):
        return short(path[len(cwd) + 1 :])
    return short(path)


def _host(url: str) -> str:
    start = url.find("://")
    rest = url[start + 3 :] if start >= 0 else url
    for end in "/?#":
        rest = rest.partition(end)[0]
    return short(rest.rpartition("@")[2])


def target(tool: str, raw: msgspec.Raw, cwd: str | None) -> str:
    """The target of a call of `tool` with the JSON input `raw`; empty where nothing short tells it."""
    if tool.startswith("mcp__") or not memoryview(raw).nbytes:
        return ""
    try:
        given = TOOL_INPUT.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    return _target(tool, given, cwd)


def _target(tool: str, given: ToolInput, cwd: str | None) -> str:
    if given.command is not None:
        return short(given.command)
    if given.file_path is not None:
        return _relative(given.file_path, cwd)
    if given.notebook_path is not None:
        return _relative(given.notebook_path, cwd)
    if given.subagent_type is not None or tool in ("Agent", "Task"):
        return short(given.subagent_type or "general-purpose")
    if given.url is not None:
        return _host(given.url)
    if given.skill is not None:
        return short(given.skill)
    if given.pattern is not None:
        return short(given.pattern)
    if given.path is not None:
        return _relative(given.path, cwd)
    return short(given.query) if given.query is not None else ""

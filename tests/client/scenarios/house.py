"""What the scenarios share: the house they are played in, and short words for what the model does."""

from __future__ import annotations

from collections.abc import Mapping

from tests.client.materials import code, log, numbers, prose, records
from tests.client.scenario import Use

HOUSE: Mapping[str, str | bytes] = {
    "CLAUDE.md": "# House rules\n" + prose(12, seed=10),
    "notes.md": prose(200, seed=11),
    "table.csv": numbers(120),
    "orders.json": records(90),
    "server.log": log(140),
    "src/orders.py": code(25),
}


def bash(command: str) -> Use:
    """A shell command."""
    return Use("Bash", {"command": command, "description": f"Run {command.split(maxsplit=1)[0]}"})


def read(path: str) -> Use:
    """A file of the project, read with the tool for it."""
    return Use("Read", {"file_path": f"{{project}}/{path}"})


def write(path: str, content: str) -> Use:
    """A file of the project, written."""
    return Use("Write", {"file_path": f"{{project}}/{path}", "content": content})


def agent(order: str, *, background: bool = False, kind: str = "general-purpose", model: str | None = None) -> Use:
    """A subagent, sent off with an order."""
    given = {
        "description": "look into it",
        "prompt": order,
        "subagent_type": kind,
        "run_in_background": background,
    }
    return Use("Agent", {**given, "model": model} if model else given)

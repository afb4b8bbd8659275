"""What tokens are spent on: a path of names that rolls up, and what kind of thing it is.

    tool/Bash/cat notes.txt   tool/mcp__github__search   prompt   prompt/file/x.py   system/date
    schemas/builtin   schemas/mcp__github   memory/CLAUDE.md   skill/dataviz   reply   thinking
    compaction   unlogged   remainder
The kind is the first name of the path.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Attachments that are memory files, schemas or skills; everything else is the system's talk.
_ATTACHMENTS: Final = {
    "instructions": "memory",
    "nested_memory": "memory",
    "memory": "memory",
    "relevant_memories": "memory",
    "deferred_tools_delta": "schemas/deferred",
    "mcp_instructions_delta": "schemas/instructions",
    "agent_listing_delta": "system/agents",
    "skill_listing": "skill/listing",
    "invoked_skills": "skill/invoked",
    "file": "prompt/file",
    "new_file": "prompt/file",
    "pdf_reference": "prompt/file",
    "edited_text_file": "prompt/file",
    "edited_image_file": "prompt/file",
    "compact_file_reference": "prompt/file",
    "already_read_file": "prompt/file",
    "directory": "prompt/folder",
    "mcp_resource": "prompt/resource",
    "selected_lines_in_ide": "prompt/selection",
    "opened_file_in_ide": "prompt/selection",
    "queued_command": "prompt/queued",
}


def kind_of(cause: str) -> str:
    """The kind of a cause: the first name of its path."""
    return cause.partition("/")[0]


def tool_cause(tool: str, target: str) -> str:
    """The cause of a tool call."""
    return f"tool/{tool}/{target}" if target else f"tool/{tool}"


def schema_cause(tool: str) -> str:
    """The cause of a tool's schema: its MCP server, or the client's own tools."""
    if tool.startswith("mcp__"):
        return "schemas/mcp__" + tool[5:].partition("__")[0]
    return "schemas/builtin"


def attachment_cause(attachment: str, name: str) -> str:
    """The cause of what the client put beside a prompt."""
    known = _ATTACHMENTS.get(attachment)
    if known is None:
        if attachment.startswith("hook_"):
            return f"system/hook/{name}" if name else "system/hook"
        return f"system/{attachment}" if attachment else "system"
    if known in ("memory", "prompt/file") and name:
        return f"{known}/{name}"
    return known


def above(cause: str) -> str:
    """The path right above a cause, "" where there is none: tool/Bash/ls -> tool/Bash. A target stays whole."""
    return "/".join(cause.split("/", 2)[:-1])


def parents(cause: str) -> list[str]:
    """Every path above a cause, nearest first: tool/Bash/ls -> [tool/Bash, tool]. A target stays whole."""
    parts = cause.split("/", 2)
    return ["/".join(parts[:depth]) for depth in range(len(parts) - 1, 0, -1)]

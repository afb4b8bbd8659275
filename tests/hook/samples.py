"""Sample events and statusline figures, written by hand; no text of any client."""

from __future__ import annotations

import json
from typing import Any

SESSION = "123e4567-e89b-12d3-a456-426614174000"
CANARY = "canary-7f3a"

EVENTS = (
    "PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptSubmit UserPromptExpansion"
    " SessionStart SessionEnd Stop StopFailure SubagentStart SubagentStop PreCompact PostCompact PreModelSwitch"
    " PostModelSwitch PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation"
    " ElicitationResult ConfigChange WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged"
    " DirectoryAdded MessageDisplay"
).split()


def event(what: str = "PostToolUse", **more: Any) -> dict[str, Any]:
    return {"session_id": SESSION, "transcript_path": "/h/t.jsonl", "cwd": "/code", "hook_event_name": what, **more}


def tool_event(**more: Any) -> dict[str, Any]:
    """A tool event full of texts that must not pass."""
    told = {
        "tool_name": "Read",
        "tool_input": {"file_path": f"/{CANARY}/é.py"},
        "tool_response": {"content": CANARY * 9},
        "tool_use_id": "toolu_01",
        "duration_ms": 12,
        "prompt_id": "p-1",
        "effort": {"level": "high"},
        "error": CANARY,
        "prompt": CANARY,
        "message": CANARY,
        "title": CANARY,
        "last_assistant_message": CANARY,
        "custom_instructions": CANARY,
        "compact_summary": CANARY,
        "reason": CANARY,
        "scratchpad_dir": CANARY,
        "file_path": CANARY,
        "permission_suggestions": [CANARY],
        "tool_calls": [{"tool_input": CANARY}],
        "session_title": CANARY,
        "command_args": CANARY,
        "mcp_server": {"name": "github", "source": CANARY},
    }
    return event(**{**told, **more})


def encoded(value: Any) -> bytes:
    """As the client writes it: short, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def status(**more: Any) -> dict[str, Any]:
    return {
        "session_id": SESSION,
        "prompt_id": "p-1",
        "session_name": CANARY,
        "cwd": "/code",
        "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
        "cost": {"total_cost_usd": 0.1523516, "total_api_duration_ms": 9000},
        "context_window": {
            "total_input_tokens": 1,
            "context_window_size": 200000,
            "current_usage": {
                "input_tokens": 5,
                "output_tokens": 7,
                "cache_creation_input_tokens": 995,
                "cache_read_input_tokens": 90000,
            },
        },
        "rate_limits": {
            "five_hour": {"used_percentage": 23.5, "resets_at": 4_000_000_000},
            "seven_day": {"used_percentage": 41, "resets_at": 4_000_000_000},
        },
        "prompt_cache": {
            "warm": True,
            "ttl": "5m",
            "expires_at": 1_795_000_000,
            "misses": 1,
            "recache_tokens_if_cold": 91000,
        },
        **more,
    }

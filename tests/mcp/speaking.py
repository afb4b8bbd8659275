"""A real server in a process of its own, and the official SDK's client that asks it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROOT = Path(__file__).resolve().parents[2]
#: A tool and its arguments.
Call = tuple[str, dict[str, Any]]


def report(name: str, **more: Any) -> Call:
    """The call for a report, with what it needs."""
    return "get_costs", {"report": name, **more} | ({"marker": "2026-11-02"} if name == "compare" else {})


def environment(home: Path) -> dict[str, str]:
    """Everything in a home of its own: transcripts in `claude`, the store in `store.sqlite`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLAUDE_", "LINEITEM_", "XDG_"))}
    return kept | {
        "HOME": str(home), "USERPROFILE": str(home), "TZ": "UTC", "CLAUDE_CONFIG_DIR": str(home / "claude"),
        "LINEITEM_DB": f"sqlite:///{home / 'store.sqlite'}",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), *sys.path]),
    }  # fmt: skip


def spoken(
    home: Path, talk: Callable[[Client], Awaitable[Any]], *words: str, folder: Path | None = None, session: str = ""
) -> Any:
    """What a talk over stdio comes to. words: options of `lineitem mcp-server`; session: the one it is started in."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "lineitem", "mcp-server", *words],
        cwd=folder or home,
        env=environment(home) | ({"CLAUDE_CODE_SESSION_ID": session} if session else {}),
    )

    async def whole() -> Any:
        async with Client(stdio_client(server)) as client:
            return await talk(client)

    return asyncio.run(whole())


def answers(home: Path, calls: list[Call], *words: str, folder: Path | None = None, session: str = "") -> list[Any]:
    """What a server answers to these calls, one after the other."""

    async def talk(client: Client) -> list[Any]:
        return [await client.call_tool(name, given) for name, given in calls]

    found: list[Any] = spoken(home, talk, *words, folder=folder, session=session)
    return found


def said(answer: Any) -> str:
    """The text of an answer."""
    text: str = answer.content[0].text
    return text

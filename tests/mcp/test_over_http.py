"""In the collector, as streamable HTTP behind its read token."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from lineitem.surfaces.cli import story
from lineitem.surfaces.mcp.tools import TOOLS
from tests.mcp.shops import repository, work_in
from tests.mcp.speaking import said
from tests.server.stand import Stand

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    """`lineitem serve` on the example, on a free port."""
    work_in(repository(tmp_path / "shop"), tmp_path / "claude")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    made = Stand(tmp_path)
    os.rmdir(made.live)  # the command makes its own, with tokens
    made.start("-m", "lineitem", "serve", "--port", "0", "--db", f"sqlite:///{made.db}")
    try:
        yield made
    finally:
        assert made.stop() == 0


def token(stand: Stand, name: str) -> str:
    return (stand.live / f"{name}.token").read_text().strip()


def spoken(stand: Stand, talk: Any) -> Any:
    async def whole() -> Any:
        headers = {"Authorization": f"Bearer {token(stand, 'read')}"}
        async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
            address = f"http://127.0.0.1:{stand.port}/mcp"
            async with Client(streamable_http_client(address, http_client=http)) as client:
                return await talk(client)

    return asyncio.run(whole())


def test_every_tool_answers_and_nothing_is_written(stand: Stand) -> None:
    given: dict[str, dict[str, Any]] = {
        "get_costs": {"report": "sessions"},
        "explain_cost": {"id": "tool/Read"},
        "log_session": {"input": 1, "output": 1},
    }

    async def talk(client: Client) -> dict[str, Any]:
        for _ in range(600):  # the collector reads in the background
            sessions = await client.call_tool("get_costs", {"report": "sessions"})
            if sessions.structured_content["sessions"]:
                break
        assert [tool.name for tool in (await client.list_tools()).tools] == [tool.name for tool in TOOLS]
        page = await client.read_resource("lineitem://session/latest")
        assert page.contents[0].model_dump()["text"].startswith(f"# Session `{story.SESSION[:8]}`")
        return {tool.name: await client.call_tool(tool.name, given.get(tool.name, {})) for tool in TOOLS}

    found = spoken(stand, talk)
    assert [name for name, answer in found.items() if answer.is_error] == ["update_context", "log_session"]
    assert "only reads" in said(found["log_session"])
    assert "only reads" in said(found["update_context"])
    assert found["check_drift"].structured_content["exists"] is False
    assert "> refunds" in found["new_session"].structured_content["prompt"]  # where the latest session worked
    assert found["get_session_bill"].structured_content["sessionId"] == story.SESSION


def test_several_ask_at_once(stand: Stand) -> None:
    async def talk(client: Client) -> list[Any]:
        return list(await asyncio.gather(*(client.call_tool("get_costs", {"report": "tools"}) for _ in range(12))))

    assert not any(answer.is_error for answer in spoken(stand, talk))


def test_it_stands_behind_the_read_token(stand: Stand) -> None:
    accepts = {"Accept": "application/json, text/event-stream"}
    assert stand.raw("POST", "/mcp", LIST, None, **accepts)[0] == 401
    assert stand.raw("POST", "/mcp", LIST, token(stand, "ingest"), **accepts)[0] == 401
    read = token(stand, "read")
    assert stand.raw("POST", "/mcp", LIST, read, **accepts)[0] == 200
    assert stand.raw("POST", "/mcp", LIST, read, **accepts, Origin="https://example.org")[0] == 403
    assert stand.raw("POST", "/mcp", LIST, read, **accepts, Host="example.org")[0] == 403
    assert stand.raw("GET", "/mcp", None, read, **accepts)[0] == 405
    assert stand.raw("POST", "/mcp", b"{garbage", read, **accepts)[0] == 400


def test_hooks_are_answered_while_it_is_made(stand: Stand) -> None:
    accepts = {"Accept": "application/json, text/event-stream"}
    body = {"hook_event_name": "Stop", "session_id": story.SESSION}
    assert stand.raw("POST", "/mcp", LIST, token(stand, "read"), **accepts)[0] == 200
    assert stand.ask("POST", "/v1/hook", body, token(stand, "ingest"))[0] == 200


def test_a_collector_nobody_asked_never_imports_the_sdk() -> None:
    import subprocess

    code = "import sys, lineitem.surfaces.mcp.http, lineitem.server.app; print('mcp' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"

"""Where the SDK is not installed: a sentence that says how to get it, and a collector that works without."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineitem.surfaces.mcp.http import OverHttp
from tests.mcp.speaking import environment

WITHOUT = "import sys; sys.modules['mcp'] = sys.modules['mcp_types'] = None; from lineitem.surfaces.cli import main; "


def test_the_command_says_what_it_needs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + "sys.exit(main(['mcp-server']))"], input="", capture_output=True, text=True,
        env=environment(tmp_path), check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install 'lineitem[mcp]'" in done.stderr


def test_the_route_says_what_it_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.streamable_http_manager", None)
    sent: list[Any] = []

    async def ask() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"{}"}

        door = OverHttp(str(tmp_path / "store.sqlite"), [])
        await door({"type": "http", "path": "/mcp", "headers": []}, receive, send)
        await door({"type": "http", "path": "/mcp", "headers": []}, receive, send)
        await door.stop()

    asyncio.run(ask())
    assert [each.get("status") for each in sent] == [501, None, 501, None]
    assert b"lineitem[mcp]" in sent[1]["body"]

"""The server in the collector, as streamable HTTP: made when somebody first asks, so that hooks never wait for it.

Without sessions: every request is answered by itself, as JSON. Nothing is ever written here, for the token that opens
this door only reads.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lineitem.surfaces.mcp.desk import Desk
from lineitem.surfaces.mcp.place import Place
from lineitem.surfaces.mcp.veil import Veil

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from lineitem.server.guard import Message as Scope
    from lineitem.server.guard import Receive, Send

_MISSING = b'{"error": "the MCP server needs the package mcp: pip install \'lineitem[mcp]\'"}'


class OverHttp:
    """An ASGI app that answers MCP at its route; `stop` it where it was asked."""

    def __init__(self, db: str, dirs: Sequence[str], *, hides: bool = False) -> None:
        self._desk = Desk(db, dirs, Place(Veil(hides=hides), reads=False))
        self._making: asyncio.Task[StreamableHTTPSessionManager] | None = None
        self._life: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; 501 where the SDK is not installed."""
        if self._making is None:
            self._making = asyncio.create_task(self._made())
        try:
            manager = await asyncio.shield(self._making)
        except ImportError:
            await send({"type": "http.response.start", "status": 501,
                        "headers": [(b"content-type", b"application/json")]})  # fmt: skip
            await send({"type": "http.response.body", "body": _MISSING})
            return
        await manager.handle_request(scope, receive, send)

    async def stop(self) -> None:
        """End what is under way."""
        self._over.set()
        if self._life is not None:
            await self._life
        await asyncio.get_running_loop().run_in_executor(None, self._desk.close)

    async def _made(self) -> StreamableHTTPSessionManager:
        manager = await asyncio.get_running_loop().run_in_executor(None, self._import)
        ready = asyncio.Event()
        self._life = asyncio.create_task(self._live(manager, ready))
        await ready.wait()
        return manager

    def _import(self) -> StreamableHTTPSessionManager:
        """The SDK takes a second to import: in a thread."""
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from lineitem.surfaces.mcp.protocol import make_server

        return StreamableHTTPSessionManager(make_server(self._desk), json_response=True, stateless=True)

    async def _live(self, manager: StreamableHTTPSessionManager, ready: asyncio.Event) -> None:
        async with manager.run():
            ready.set()
            await self._over.wait()

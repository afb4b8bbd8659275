"""The server over stdio: for a client that starts it. Standard output is the protocol's; talk is on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from mcp.server.stdio import stdio_server

from lineitem.surfaces.mcp.desk import Desk
from lineitem.surfaces.mcp.protocol import make_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineitem.surfaces.mcp.place import Place


def run(db: str, dirs: Sequence[str], place: Place) -> None:
    """Answer until standard input ends."""
    desk = Desk(db, dirs, place)
    try:
        anyio.run(_serve, desk)
    finally:
        desk.close()


async def _serve(desk: Desk) -> None:
    server = make_server(desk)
    async with stdio_server() as (given, answers):
        await server.run(given, answers, server.create_initialization_options())

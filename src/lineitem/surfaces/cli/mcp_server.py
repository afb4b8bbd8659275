"""`lineitem mcp-server`: the MCP server over stdio, for a client that starts it."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def mcp_server(options: dict[str, Any]) -> int:
    """Answer until standard input ends; the exit code."""
    import gc
    import signal

    gc.enable()  # this process lives as long as a session does
    # Ctrl-C ends it at once: the SDK would wait for a line on standard input first. A store survives any end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from lineitem.surfaces.mcp.place import Place
    from lineitem.surfaces.mcp.veil import Veil

    session = os.environ.get("CLAUDE_CODE_SESSION_ID", "")  # as 2.1.330 tells the servers it starts
    place = Place(
        Veil(hides=bool(options.get("incognito"))), session, os.getcwd(), writes=bool(options.get("allow_writes"))
    )
    try:
        from lineitem.surfaces.mcp.stdio import run
    except ImportError:
        sys.stderr.write("`lineitem mcp-server` needs the package mcp: pip install 'lineitem[mcp]'.\n")
        return 1
    if sys.stdin.isatty():
        sys.stderr.write("This speaks MCP to the program that starts it; docs/mcp.md says how. Ctrl-D ends it.\n")
    run(options.get("db", ""), options.get("config_dir", ()), place)
    return 0

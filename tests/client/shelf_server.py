"""A small MCP server over stdio, for the scenarios: a shelf on which things are found and counted.

Lines of JSON-RPC in, lines of JSON-RPC out. It stands alone: the client starts it with a bare interpreter.
"""

from __future__ import annotations

import json
import sys
from typing import Any

KIND = {"type": "string", "description": "What kind of thing to look for, such as vessel, route or ledger."}
ROWS = {"type": "integer", "description": "How many rows to answer with at most, in the order of the shelf."}
FIND = (
    "Finds things on the shelf. Answers with one row for each: its number, where it stands, and what is "
    "written on its label. Use it whenever something may have been put away."
)
COUNT = "Counts the things of a kind that stand on the shelf."
TOOLS = [
    {
        "name": name,
        "description": about,
        "inputSchema": {"type": "object", "properties": given, "required": [*given]},
    }
    for name, about, given in (("find", FIND, {"kind": KIND, "rows": ROWS}), ("count", COUNT, {"kind": KIND}))
]


def called(tool: str, given: dict[str, Any]) -> str:
    """The text a tool answers with."""
    if tool == "count":
        return "42"
    kind = given["kind"]
    return "\n".join(f"{row}: {kind} {row * 7919 % 10007}, label {row * row:x}" for row in range(given["rows"]))


def answered(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of a request."""
    match method:
        case "initialize":
            return {
                "protocolVersion": params["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "shelf", "version": "1"},
            }
        case "tools/list":
            return {"tools": TOOLS}
        case "tools/call":
            return {"content": [{"type": "text", "text": called(params["name"], params.get("arguments") or {})}]}
        case _:
            return {}


def main() -> None:
    """Answer every request; notifications have no id and get no answer."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" in asked:
            result = answered(asked["method"], asked.get("params") or {})
            print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)


if __name__ == "__main__":
    main()

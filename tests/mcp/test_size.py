"""What the server costs by being there: its schemas are small, and stay so."""

from __future__ import annotations

import json

from lineitem.surfaces.mcp.protocol import INSTRUCTIONS
from lineitem.surfaces.mcp.tools import TOOLS, schema

#: Characters a token, on the low side: these schemas have 3.9 with Anthropic's published tokenizer.
FEW = 3.3


def test_all_schemas_together_are_under_1500_tokens() -> None:
    # as a client that defers nothing sends them, named as those of a plugin
    sent = [
        {"name": f"mcp__plugin_lineitem_lineitem__{tool.name}", "description": tool.says, "input_schema": schema(tool)}
        for tool in TOOLS
    ]
    assert len(json.dumps(sent)) / FEW < 1_500


def test_what_is_carried_though_nothing_is_asked_is_under_300_tokens() -> None:
    # where the client defers schemas: names, instructions; the plugin's skills are not offered to the model
    names = "\n".join(f"mcp__plugin_lineitem_lineitem__{tool.name}" for tool in TOOLS)
    assert len(names + INSTRUCTIONS) / FEW < 300

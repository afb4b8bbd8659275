"""What comes into a conversation from beside it: MCP servers, skills, hooks, commands, searches, advice."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.client.materials import prose
from tests.client.scenario import Advice, Json, Prompt, Rule, Say, Scenario, Search, Step, Use, rule
from tests.client.scenarios.house import HOUSE, bash

SHELF = {
    ".mcp.json": json.dumps(
        {
            "mcpServers": {
                "shelf": {
                    "command": sys.executable,
                    "args": [str(Path(__file__).parents[1] / "shelf_server.py")],
                }
            }
        }
    )
}

TIDY_SKILL = {
    ".claude/skills/tidy/SKILL.md": "---\nname: tidy\ndescription: Brings the notes into order\n---\n"
    + prose(60, seed=80)
}

MCP_SKILL = Scenario(
    "mcp_skill",
    "an MCP server whose schemas are in every prompt, and a skill",
    prompts=(Prompt("ROMEO: look on the shelf", "new"), Prompt("SIERRA: once more")),
    rules=(
        rule(
            "ROMEO",
            Use("mcp__shelf__find", {"kind": "vessel", "rows": 150}),
            Use("Skill", {"skill": "tidy"}),
            bash("sort notes.md | head -40"),
            Say("Tidied."),
        ),
        rule(
            "SIERRA",
            (
                Use("mcp__shelf__count", {"kind": "vessel"}),
                bash("seq 200"),
                Use("mcp__shelf__find", {"kind": "ledger", "rows": 40}),
            ),
            Say("Found."),
        ),
    ),
    files={**HOUSE, **SHELF, **TIDY_SKILL},
    env={"ENABLE_TOOL_SEARCH": "false"},
    settings={"enableAllProjectMcpServers": True},
)

TOOL_SEARCH = Scenario(
    "tool_search",
    "an MCP server whose schemas are deferred until the model searches for them",
    prompts=(Prompt("TANGO: find the tool first", "new"),),
    rules=(
        rule(
            "TANGO",
            Use("ToolSearch", {"query": "select:mcp__shelf__find", "max_results": 2}),
            Use("mcp__shelf__find", {"kind": "route", "rows": 120}),
            bash("head -20 notes.md"),
            Say("Found it."),
        ),
    ),
    files={**HOUSE, **SHELF},
    env={"ENABLE_TOOL_SEARCH": "true"},
    settings={"enableAllProjectMcpServers": True},
)

WEB_SEARCH = Scenario(
    "web_search",
    "a web search: the client asks for it in a request of its own, which no transcript shows",
    prompts=(Prompt("QUARTZ: look it up", "new"),),
    rules=(
        rule("RUBY", (Search("RUBY prices", ("one", "two", "three")), Say(prose(6, seed=130)))),
        rule(
            "QUARTZ",
            Use("ToolSearch", {"query": "select:WebSearch", "max_results": 1}),
            (Use("WebSearch", {"query": "RUBY prices"}), bash("head -20 notes.md")),
            Say("Looked up."),
        ),
    ),
    files=HOUSE,
)

ADVISOR = Scenario(
    "advisor",
    "an advisor of another model, billed within the answer but beside its counts",
    prompts=(Prompt("SAPPHIRE: with advice", "new"),),
    rules=(
        Rule(
            "SAPPHIRE",
            (
                Step((bash("head -40 notes.md"),), advice=Advice("claude-fable-5-2", 1_700, 420)),
                Step((bash("head -20 table.csv"),)),
                Step((Say("Well advised."),), advice=Advice("claude-fable-5-2", 5_300, 160)),
            ),
        ),
    ),
    files=HOUSE,
)

SLASH_COMMAND = Scenario(
    "slash_command",
    "a slash command of the project's own",
    prompts=(Prompt("/survey the cellar", "new"), Prompt("YANKEE: thanks")),
    rules=(
        rule("YANKEE", bash("head -12 notes.md"), Say("Any time.")),
        rule(
            "ZULU",
            bash("head -60 notes.md"),
            (bash("head -40 table.csv"), bash("head -50 server.log")),
            Say("Surveyed."),
        ),
    ),
    files={
        **HOUSE,
        ".claude/commands/survey.md": "ZULU: survey $ARGUMENTS thoroughly.\n\n" + prose(20, seed=100),
    },
)


def hook(event: str, context: str) -> str:
    """A hook, as a program: whatever happened, it has this to add."""
    answer = {"hookSpecificOutput": {"hookEventName": event, "additionalContext": context}}
    return f"import sys\n\nsys.stdin.read()\nprint({json.dumps(answer)!r})\n"


def run_at_each(event: str, program: str) -> Json:
    """The setting that runs a hook."""
    command = {"type": "command", "command": f"{sys.executable} {program}"}
    return {event: [{"matcher": "*", "hooks": [command]}]}


HOOKS = Scenario(
    "hooks",
    "hooks that add to the context, at each prompt and after each call",
    prompts=(Prompt("EMBER: with company", "new"), Prompt("FALCON: still in company")),
    rules=(
        rule("EMBER", bash("head -60 notes.md"), (bash("head -30 table.csv"), bash("seq 80")), Say("Seen.")),
        rule("FALCON", bash("head -30 server.log"), Say("Seen too.")),
    ),
    files={
        **HOUSE,
        "hooks/prompt.py": hook("UserPromptSubmit", prose(8, seed=120)),
        "hooks/call.py": hook("PostToolUse", prose(5, seed=121)),
    },
    settings={
        "hooks": {
            **run_at_each("UserPromptSubmit", "hooks/prompt.py"),
            **run_at_each("PostToolUse", "hooks/call.py"),
        },
    },
)

"""Plays a session with our plugin loaded: the real client, a scripted model that calls every tool of the server.

By hand:  python -m tests.client.with_plugin OUT     (OUT then holds `home`, `project`, `ground.jsonl`)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lineitem.surfaces.mcp.tools import TOOLS
from tests.client.api import Api
from tests.client.capture import ROOT, furnish, play_prompt
from tests.client.client import Client, find_client, raise_loopback
from tests.client.ground import save_requests
from tests.client.scenario import Json, Prompt, Say, Scenario, Use, rule

PLUGIN = ROOT / "plugin"
#: How the client names the tools of a plugin's server.
PREFIX = "mcp__plugin_lineitem_lineitem__"
GIVEN: dict[str, Json] = {
    "get_costs": {"report": "sessions"},
    "explain_cost": {"id": "tool/Bash"},
    "log_session": {"input": 1_200, "output": 300},
}
SCENARIO = Scenario(
    "plugin",
    "every tool of the server, then the skills",
    (Prompt("Count, then ASK-ALL please.", "new"), Prompt("/lineitem:bill"), Prompt("/lineitem:handoff")),
    (
        rule(
            "ASK-ALL",
            Use("Bash", {"command": "seq 1 300", "description": "count"}),
            *(Use(PREFIX + tool.name, GIVEN.get(tool.name, {})) for tool in TOOLS),
            Say("That is all."),
        ),
        rule("get_session_bill", Use(PREFIX + "get_session_bill", {}), Say("So much.")),
        rule("new_session", Use(PREFIX + "new_session", {}), Say("Go on.")),
    ),
    files={"CLAUDE.md": "# Rules\nBe brief.\n", "TODO.md": "- [ ] refunds\n"},
    env={"ENABLE_TOOL_SEARCH": "true"},  # as against Anthropic's own API: schemas wait until they are wanted
)


def main(folder: Path) -> None:
    """Play it and leave what came of it."""
    raise_loopback()
    project, home, programs = folder / "project", folder / "home", folder / "bin"
    for place in (project, home / ".claude", programs):
        place.mkdir(parents=True)
    furnish(SCENARIO, project)
    program = programs / "lineitem"
    source = os.pathsep.join((str(ROOT / "src"), *sys.path))
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{source}" exec "{sys.executable}" -m lineitem "$@"\n')
    program.chmod(0o755)
    env = {
        **SCENARIO.env,
        "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
        "LINEITEM_DB": f"sqlite:///{folder / 'store.sqlite'}",
    }
    api, before = Api(SCENARIO, project=str(project)), None
    try:
        with api.serve() as url:
            client = _WithPlugin(find_client(), home, project, url, env)
            for prompt in SCENARIO.prompts:
                before = play_prompt(client, SCENARIO, prompt, before)["result"]["session_id"]
    finally:
        save_requests(folder / "ground.jsonl", api.requests)


class _WithPlugin(Client):
    def run(self, text: str, *options: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as it is there
        return super().run(text, *options, "--plugin-dir", str(PLUGIN))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

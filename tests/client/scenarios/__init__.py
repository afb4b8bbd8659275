"""The scenarios: stories a person could play with the client, each about one thing that makes a bill hard.

Every one in SCENARIOS is played once per test run, and can be played by hand with tests.client.capture.
Prompts and agents' orders carry a word in capitals, by which the rules know them.
"""

from __future__ import annotations

from tests.client.scenarios.additions import ADVISOR, HOOKS, MCP_SKILL, SLASH_COMMAND, TOOL_SEARCH, WEB_SEARCH
from tests.client.scenarios.agents import BACKGROUND_AGENT, FORK, FORK_AGENT, NESTED_AGENTS
from tests.client.scenarios.contexts import (
    AUTO_COMPACTION,
    CLEAR,
    COLD_CACHE,
    COLD_COMPACTION,
    COMPACTION,
    ONE_HOUR,
)
from tests.client.scenarios.troubles import KILLED, OTHER_MODEL, OVERLOADED, REFUSED
from tests.client.scenarios.work import BASIC, BIG_RESULTS, EDITS, PARALLEL, PICTURES

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        BASIC,
        NESTED_AGENTS,
        BACKGROUND_AGENT,
        FORK,
        FORK_AGENT,
        COMPACTION,
        COLD_COMPACTION,
        AUTO_COMPACTION,
        COLD_CACHE,
        ONE_HOUR,
        MCP_SKILL,
        TOOL_SEARCH,
        WEB_SEARCH,
        ADVISOR,
        PICTURES,
        OVERLOADED,
        REFUSED,
        KILLED,
        OTHER_MODEL,
        BIG_RESULTS,
        SLASH_COMMAND,
        PARALLEL,
        EDITS,
        HOOKS,
        CLEAR,
    )
}

#: The scenarios whose answers came from the model that was asked: there is one opinion on their price.
PRICED = [name for name in SCENARIOS if name != OTHER_MODEL.name]

#: Those of them in which the client's own total tells all: it forgets what a killed run spent.
WITNESSED = [name for name in PRICED if name != KILLED.name]

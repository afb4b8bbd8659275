"""More than one thread: agents within agents, in the background, forked; and forked sessions."""

from __future__ import annotations

from tests.client.materials import prose
from tests.client.scenario import Prompt, Say, Scenario, rule
from tests.client.scenarios.house import HOUSE, agent, bash

NESTED_AGENTS = Scenario(
    "nested_agents",
    "two agents at once, one of which sends an agent of its own",
    prompts=(Prompt("CHARLIE: ask around", "new"),),
    rules=(
        rule("INNER", bash("head -60 table.csv"), Say(prose(4, seed=30))),
        rule(
            "OUTER",
            bash("cat notes.md"),
            agent("INNER: read the table"),
            bash("wc -c notes.md"),
            Say(prose(5, seed=31)),
        ),
        rule("BESIDE", bash("head -80 server.log"), bash("seq 300"), Say(prose(3, seed=32))),
        rule(
            "CHARLIE",
            bash("ls"),
            (agent("OUTER: read the notes"), agent("BESIDE: read the log", model="sonnet")),
            bash("head -20 src/orders.py"),
            Say(prose(4, seed=33)),
        ),
    ),
    files=HOUSE,
)

BACKGROUND_AGENT = Scenario(
    "background_agent",
    "an agent in the background, that reports back when the conversation has moved on",
    prompts=(Prompt("DELTA: start the long one", "new"), Prompt("ECHO: what came of it?")),
    rules=(
        rule("ASIDE", bash("sleep 1; cat table.csv"), bash("cat notes.md"), Say(prose(5, seed=40))),
        rule(
            "DELTA",
            agent("ASIDE: read slowly", background=True),
            bash("head -30 notes.md"),
            Say("It runs, and will be back."),
            bash("echo it is back"),  # the notification wakes the conversation again
            Say("The aside is back."),
        ),
        rule("ECHO", bash("tail -30 notes.md"), Say(prose(3, seed=41))),
    ),
    files=HOUSE,
)

FORK_AGENT = Scenario(
    "fork_agent",
    "an agent that is a fork of the conversation and carries all that was said so far",
    prompts=(Prompt("ONYX: look both ways", "new"), Prompt("PEWTER: what did it find?")),
    rules=(
        rule("OFFSHOOT", bash("cat table.csv"), bash("seq 200"), Say(prose(4, seed=140))),
        rule(
            "ONYX",
            bash("cat notes.md"),
            agent("OFFSHOOT: the other way", kind="fork"),
            bash("head -30 server.log"),
            Say("I go on."),
            Say("It is back."),
        ),
        rule("PEWTER", bash("ls"), Say("This.")),
    ),
    files=HOUSE,
    env={"CLAUDE_CODE_FORK_SUBAGENT": "1"},
)

FORK = Scenario(
    "fork",
    "a session forked, work in the fork, and a fork of the fork",
    prompts=(
        Prompt("FOXTROT: read the notes", "new"),
        Prompt("GOLF: another way", "fork"),
        Prompt("HOTEL: and on"),
        Prompt("INDIA: yet another way", "fork"),
    ),
    rules=(
        rule(
            "FOXTROT",
            bash("cat notes.md"),
            (bash("head -50 table.csv"), bash("ls src")),
            Say(prose(4, seed=50)),
        ),
        rule("GOLF", bash("cat orders.json"), Say("So it can be done.")),
        rule("HOTEL", bash("head -70 src/orders.py"), Say("And on it goes.")),
        rule("INDIA", bash("seq 400"), Say("Enough.")),
    ),
    files=HOUSE,
)

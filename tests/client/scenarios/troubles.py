"""What goes wrong: an API that is overloaded, refuses, or lets another answer; a client that is killed."""

from __future__ import annotations

from tests.client.scenario import Prompt, Rule, Say, Scenario, Step
from tests.client.scenarios.house import HOUSE, bash

OVERLOADED = Scenario(
    "overloaded",
    "the API is overloaded, twice before one answer and once before another",
    prompts=(Prompt("UNIFORM: try anyway", "new"),),
    rules=(
        Rule(
            "UNIFORM",
            (
                Step((bash("cat notes.md"),), overloads=2),
                Step((bash("head -20 table.csv"), bash("ls")), overloads=1),
                Step((Say("At last."),)),
            ),
        ),
    ),
    files=HOUSE,
)

OTHER_MODEL = Scenario(
    "other_model",
    "an answer given by another model than the one that was asked",
    prompts=(Prompt("VICTOR: ask the big one", "new"),),
    rules=(
        Rule(
            "VICTOR",
            (
                Step((bash("cat notes.md"),)),
                Step((bash("cat table.csv"),), served_by="claude-sonnet-5-5"),
                Step((bash("seq 100"),), served_by="claude-sonnet-5-5"),
                Step((Say("Whoever it was."),)),
            ),
        ),
    ),
    files=HOUSE,
)

REFUSED = Scenario(
    "refused",
    "the API refuses a request, the client says so in its own words, and the person asks again",
    prompts=(Prompt("JASPER: try this", "new", ends_badly=True), Prompt("KESTREL: then this")),
    rules=(
        Rule("JASPER", (Step((bash("head -40 notes.md"),)), Step((), refused=True))),
        Rule("KESTREL", (Step((bash("head -20 table.csv"),)), Step((Say("Better."),)))),
    ),
    files=HOUSE,
)

KILLED = Scenario(
    "killed",
    "the client is killed in a call, then the conversation resumed: its own total forgets the first run",
    prompts=(Prompt("LAPIS: the risky one", "new", ends_badly=True), Prompt("MARBLE: what happened?")),
    rules=(
        Rule("LAPIS", (Step((bash("cat notes.md"),)), Step((bash("sleep 1; kill -9 $PPID"),)))),
        Rule("MARBLE", (Step((bash("head -30 table.csv"),)), Step((Say("No idea."),)))),
    ),
    files=HOUSE,
)

"""What becomes of a context: it is compacted, cleared, lost from the cache, or kept there for an hour."""

from __future__ import annotations

from tests.client.materials import prose
from tests.client.scenario import Prompt, Say, Scenario, rule
from tests.client.scenarios.house import HOUSE, agent, bash, read
from tests.client.scenarios.work import BIG_FILES

SUMMARY = rule(r"summary of (the|our|this) conversation", Say(f"<summary>{prose(12, seed=70)}</summary>"))

COMPACTION = Scenario(
    "compaction",
    "/compact between two prompts: a request that no transcript shows",
    prompts=(Prompt("JULIET: read everything", "new"), Prompt("/compact"), Prompt("KILO: carry on")),
    rules=(
        SUMMARY,
        rule(
            "JULIET",
            bash("cat notes.md"),
            bash("cat table.csv"),
            (bash("cat src/orders.py"), bash("cat orders.json")),
            Say(prose(4, seed=60)),
        ),
        rule("KILO", bash("seq 250"), bash("head -40 server.log"), Say("Carried on.")),
    ),
    files=HOUSE,
)

COLD_COMPACTION = Scenario(
    "cold_compaction",
    "/compact on another model after the cache went cold, so that all is paid anew",
    prompts=(
        Prompt("JULIET: read everything", "new"),
        Prompt("/compact", model="claude-opus-5-5", after_seconds=4000),
        Prompt("KILO: carry on"),
    ),
    rules=COMPACTION.rules,
    files=HOUSE,
    model="claude-sonnet-5-5",
)

LAST_LOOK = (read("big/d.log"), bash("head -30 notes.md"))  # asked just before, and kept after

AUTO_COMPACTION = Scenario(
    "auto_compaction",
    "the window fills up within one prompt: the last results are first read in the new conversation",
    prompts=(Prompt("OPAL: read the big ones", "new"), Prompt("PEARL: and now?")),
    rules=(
        rule(
            r"summary of (the|our|this) conversation",
            Say(f"<summary>RESUMED. {prose(12, seed=70)}</summary>"),
        ),
        rule("PEARL", bash("ls"), Say("That is all.")),
        rule("RESUMED", LAST_LOOK, (bash("seq 150"), bash("head -20 notes.md")), Say("Read.")),
        rule(
            "OPAL",
            (read("big/a.py"), read("big/b.md"), read("big/e.csv")),
            LAST_LOOK,
        ),
    ),
    files=BIG_FILES,
    env={"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "100000"},
)

COLD_CACHE = Scenario(
    "cold_cache",
    "a pause longer than the cache lives, then a switch of models",
    prompts=(
        Prompt("LIMA: begin", "new"),
        Prompt("MIKE: after lunch", after_seconds=4000),
        Prompt("NOVEMBER: with a smaller model", model="claude-haiku-4-5"),
        Prompt("OSCAR: and back", after_seconds=20),
    ),
    rules=(
        rule("LIMA", bash("cat notes.md"), bash("cat table.csv"), Say("Begun.")),
        rule("MIKE", bash("head -60 orders.json"), Say("Still here.")),
        rule("NOVEMBER", bash("head -10 notes.md"), bash("seq 200"), Say("Small.")),
        rule("OSCAR", bash("wc *"), Say("Back.")),
    ),
    files=HOUSE,
    model="claude-sonnet-5-5",
)

ONE_HOUR = Scenario(
    "one_hour",
    "a cache of one hour in the main conversation, of five minutes in an agent",
    prompts=(Prompt("PAPA: begin", "new"), Prompt("QUEBEC: twenty minutes later", after_seconds=1200)),
    rules=(
        rule("ERRAND", bash("head -40 table.csv"), bash("head -40 notes.md"), Say("Errand done.")),
        rule("PAPA", bash("cat notes.md"), agent("ERRAND: look"), Say("Begun.")),
        rule("QUEBEC", bash("seq 500"), bash("head -30 server.log"), Say("Done.")),
    ),
    files=HOUSE,
    model="claude-fable-5-2",
    env={"CLAUDE_CODE_PROMPT_CACHE_TTL": "1h"},
)

CLEAR = Scenario(
    "clear",
    "/clear between two prompts: a new conversation, and the client's total starts again",
    prompts=(Prompt("GARNET: begin", "new"), Prompt("/clear"), Prompt("HARBOUR: afresh")),
    rules=(
        rule("GARNET", bash("head -60 notes.md"), Say("Begun.")),
        rule("HARBOUR", bash("head -40 table.csv"), Say("Fresh.")),
    ),
    files=HOUSE,
)

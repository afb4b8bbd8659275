"""What each kind of advice says: what went on, and the change to make. Templates, and names made harmless."""

from __future__ import annotations

from typing import NamedTuple

from lineitem.insights.savings import (
    KEPT_MEMORY,
    KEPT_RESULT,
    LATE_SERVER,
    LOOP,
    MEMORY,
    READING,
    RESULTS,
    SERVER,
    SKILLS,
)
from lineitem.insights.whatif import RETURNED
from lineitem.insights.words import safe

AGENT_MODEL, COMPACT, LIFETIME, MODEL_CHOICE = "agent-model", "compact", "lifetime", "model"
RESUME = "resume"
#: Prompts after which a conversation is compacted, and the tokens of its summary.
EVERY, SUMMARY = 10, 3_000


class Advice(NamedTuple):
    """Two sentences."""

    title: str
    change: str


def advice(kind: str, subject: str, note: str) -> Advice:
    """The words of an advice. subject: a task type, server, file, agent type or kind of work. note: a model."""
    name = safe(subject, 80)
    if kind == LOOP:
        return Advice(
            f"{name} again and again, with the same answer each time",
            "Tell the agent when to stop trying (CLAUDE.md), or let a budget for the session ask before it goes on.",
        )
    if kind == SERVER:
        return Advice(
            f"schemas of {name}, which was never called",
            f"Take it out where it is not used (`/mcp`, or `claude mcp remove {name}`), or let tools be searched for.",
        )
    if kind == LATE_SERVER:
        return Advice(
            f"schemas of {name}, carried long before its first call",
            "Let tools be searched for, so that its schemas are sent when one of them is needed.",
        )
    if kind == SKILLS:
        return Advice(
            "the list of skills, where no skill was used",
            "Remove plugins and skills that these projects do not use.",
        )
    if kind == MEMORY:
        return Advice(
            f"{name} is long, and every request carries it",
            "Keep in it what every session needs; move the rest to skills, or to files that are read when needed.",
        )
    if kind == RESULTS:
        return Advice(
            f"large results of {name} that nothing came back to",
            _shorter(name),
        )
    if kind == READING:
        return Advice(
            "reading in the main conversation that nothing came back to",
            "Let an agent read and report where a prompt looks through many files: its results leave with it.",
        )
    if kind == AGENT_MODEL:
        return Advice(
            f"agents that only looked ({name or 'of no type'}), on a larger model than {note or 'they need'}",
            f"Give them a smaller one: `model:` in the agent's file, as in {note}.",
        )
    if kind == COMPACT:
        return Advice(
            f"conversations of more than {EVERY} prompts, never compacted in time",
            f"Use `/compact`, or begin anew, about every {EVERY} prompts, and whenever the subject changes.",
        )
    if kind == RESUME:
        return Advice(
            "conversations taken up again hours after their cache had gone cold",
            "Begin anew with what `lineitem handoff` prints; or `/compact` before you leave, while the cache is warm.",
        )
    if kind == LIFETIME:
        lasts = "an hour" if subject == "1h" else "5 minutes"
        return Advice(
            f"pauses that a cache of {lasts} suits better",
            f'Set `"promptCacheTtl": "{name}"` in Claude Code\'s settings.',
        )
    return Advice(
        f"sessions of nothing but {name}, on a larger model than {note or 'they need'}",
        f"Begin such sessions with `/model {note}`." if note else "Begin such sessions on a smaller model.",
    )


def _shorter(task: str) -> str:
    """How results of this task type are kept short."""
    tool = task.partition(" ")[0]
    if tool in ("Bash", "PowerShell"):
        return "Let it print less: its quiet option, `| tail -50`, `| grep`; BASH_MAX_OUTPUT_LENGTH limits them all."
    if tool == "Read":
        return "Search first, then read with offset and limit."
    if tool in ("Grep", "Glob"):
        return "Search narrower: a folder, a file type, `head_limit`, or only the names of files."
    if tool.startswith("mcp__"):
        return "Ask it for less: fewer fields, a smaller page; MAX_MCP_OUTPUT_TOKENS limits them all."
    return "Ask for less of it, or let an agent take it in and report."


def rule(kind: str) -> str:
    """How the saving of this kind is counted, for those who want to count again."""
    return _RULES[kind]


_RULES = {
    LOOP: "From the third of at least four equal calls with equal results and no edit between them: all they cost.",
    SERVER: "What its schemas cost in sessions that never called it: taken in, carried and written again.",
    LATE_SERVER: "Of what carrying its schemas cost, the part of the requests before its first call in that thread.",
    SKILLS: "What the list of skills cost in sessions that used none.",
    MEMORY: f"Of what a file of more than {KEPT_MEMORY:,} tokens cost, the part beyond that.",
    RESULTS: f"Of what a result of more than {KEPT_RESULT:,} tokens cost, the part beyond that, unless its file was"
    " worked on again later in the thread.",
    READING: "What carrying the results of a prompt's reading cost after that prompt, less an agent's own start and"
    " report.",
    AGENT_MODEL: "The same tokens at the smaller model's rates, for agents that read and edited nothing.",
    COMPACT: f"Each {EVERY} prompts a request that sends everything and writes {SUMMARY:,} tokens, then no more of what"
    " lay before; on what the advice above left of the conversation's carry.",
    RESUME: f"Of what was written again after a pause of more than an hour ({RETURNED:,} tokens or more), what a fresh"
    f" session's start and {SUMMARY:,} tokens of what was known would not have cost; on what the advice above left.",
    LIFETIME: "The conversation's own pauses with the other lifetime: writes at its rate, reads where it had not"
    " expired; on what the advice above left.",
    MODEL_CHOICE: "The same tokens at the smaller model's rates, for sessions that edited no code and ran nothing but"
    " reading; on what the advice above left.",
}

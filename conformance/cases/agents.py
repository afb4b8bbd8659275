"""Subagents: their usage stands in files of their own, in several layouts."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from conformance.rates import HAIKU, OPUS
from conformance.tree import HAIKU as HAIKU_MODEL
from conformance.tree import Thread, Tree
from conformance.truth import Owed, owes

MAIN = owes(OPUS, input=10, write_5m=20_000, output=500)
HELPER = owes(HAIKU, input=10, write_5m=6_000, output=120)


def _main(tree: Tree, name: str = "main") -> Thread:
    session = tree.session(name)
    session.prompt()
    session.answer(write_5m=20_000)
    return session


def _works(agent: Thread) -> None:
    agent.prompt()
    agent.answer(outputs=(1, 120), write_5m=6_000)


def an_agent_below_its_session(tree: Tree) -> list[Owed]:
    """`<session>/subagents/agent-<id>.jsonl`, with its sidecar."""
    agent = _main(tree).agent("helper", model=HAIKU_MODEL)
    _works(agent)
    sidecar = {
        "agentType": "Explore",
        "description": "look",
        "toolUseId": "toolu_1",
        "spawnDepth": 1,
        "model": "haiku",
    }
    tree.file(agent.path.with_suffix(".meta.json"), json.dumps(sidecar).encode())
    return [MAIN, HELPER]


def three_agents_at_once(tree: Tree) -> list[Owed]:
    """Equal work in three files is three times the money."""
    session = _main(tree)
    for name in ("one", "two", "three"):
        _works(session.agent(name, model=HAIKU_MODEL))
    return [MAIN, HELPER, HELPER, HELPER]


def an_agent_of_an_agent(tree: Tree) -> list[Owed]:
    """The second one's file lies in the first one's own `subagents` folder."""
    agent = _main(tree).agent("helper", model=HAIKU_MODEL)
    _works(agent)
    _works(agent.agent("helper's helper"))
    return [MAIN, HELPER, HELPER]


def an_agent_three_levels_down(tree: Tree) -> list[Owed]:
    """As deep as the client goes."""
    thread = _main(tree)
    for depth in range(1, 4):
        thread = thread.agent(f"depth {depth}", model=HAIKU_MODEL)
        _works(thread)
    return [MAIN, HELPER, HELPER, HELPER]


def agents_of_a_workflow(tree: Tree) -> list[Owed]:
    """`<session>/subagents/workflows/wf_<run>/agent-<id>.jsonl`."""
    session = _main(tree)
    for name in ("one", "two"):
        _works(session.agent(name, folder="workflows/wf_1a2b", model=HAIKU_MODEL))
    return [MAIN, HELPER, HELPER]


def the_journal_of_a_workflow(tree: Tree) -> list[Owed]:
    """`journal.jsonl` repeats results, with whatever they hold; it is no transcript."""
    agent = _main(tree).agent("one", folder="workflows/wf_1a2b", model=HAIKU_MODEL)
    _works(agent)
    copied = agent.lines[-1]
    assert isinstance(copied, dict)
    journal = [
        {"type": "launched", "runId": "wf_1a2b"},
        {"type": "started", "agentId": agent.agent_id, "key": "one"},
        {
            "type": "result",
            "agentId": agent.agent_id,
            "key": "one",
            "result": copied["message"],
            "message": copied["message"],
        },
    ]
    tree.file(agent.path.with_name("journal.jsonl"), b"".join(json.dumps(line).encode() + b"\n" for line in journal))
    return [MAIN, HELPER]


def an_agent_beside_its_session(tree: Tree) -> list[Owed]:
    """The older layout: flat `agent-<id>.jsonl` files in the project folder."""
    session = _main(tree)
    path = PurePosixPath(session.path.parent, "agent-0a1b2c3.jsonl")
    _works(tree.thread(path, session.session_id, agent_id="0a1b2c3", model=HAIKU_MODEL))
    return [MAIN, HELPER]


def an_agent_within_the_main_file(tree: Tree) -> list[Owed]:
    """The oldest layout: sidechain lines inline."""
    session = _main(tree)
    session.sidechain, session.model = True, HAIKU_MODEL
    _works(session)
    session.sidechain = False
    session.prompt()
    return [MAIN, HELPER]


def an_agent_whose_session_is_gone(tree: Tree) -> list[Owed]:
    """Only the agent's file is left."""
    session = tree.session("pruned")
    tree.threads.remove(session)
    _works(session.agent("helper", model=HAIKU_MODEL))
    return [HELPER]


def the_same_agent_id_in_two_sessions(tree: Tree) -> list[Owed]:
    """Agent ids are unique within a session only."""
    for name in ("one", "two"):
        _works(_main(tree, name).agent("helper", model=HAIKU_MODEL))
    return [MAIN, HELPER, MAIN, HELPER]


def a_forked_agent_refers_to_its_context(tree: Tree) -> list[Owed]:
    """It begins with a reference to the parent's conversation and repeats none of it."""
    session = _main(tree)
    agent = session.agent("fork", model=HAIKU_MODEL)
    agent.add(
        {
            "type": "fork-context-ref",
            "agentId": agent.agent_id,
            "parentSessionId": session.session_id,
            "parentLastUuid": session.parent,
            "contextLength": 2,
        }
    )
    _works(agent)
    return [MAIN, HELPER]


CASES = (
    an_agent_below_its_session,
    three_agents_at_once,
    an_agent_of_an_agent,
    an_agent_three_levels_down,
    agents_of_a_workflow,
    the_journal_of_a_workflow,
    an_agent_beside_its_session,
    an_agent_within_the_main_file,
    an_agent_whose_session_is_gone,
    the_same_agent_id_in_two_sessions,
    a_forked_agent_refers_to_its_context,
)

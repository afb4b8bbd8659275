"""Every tool call costs what it really cost: to write, to take its result in, and to carry it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.client.bill import Bill, nodes
from tests.client.capture import Capture
from tests.client.scenario import Json
from tests.client.scenarios import PRICED
from tests.client.scenarios.additions import MCP_SKILL, SLASH_COMMAND
from tests.client.scenarios.agents import BACKGROUND_AGENT, FORK, FORK_AGENT, NESTED_AGENTS
from tests.client.scenarios.contexts import CLEAR, COLD_CACHE, COMPACTION, ONE_HOUR
from tests.client.scenarios.work import BASIC
from tests.client.truth import Truth, truth

pytestmark = pytest.mark.client

ALLOWED = 0.05  #: of the money of all tool calls, on the wrong call or in the wrong place
STANDING = [scenario.name for scenario in (BASIC, MCP_SKILL, COLD_CACHE, COMPACTION, CLEAR)]
WITH_AGENTS = [scenario.name for scenario in (NESTED_AGENTS, BACKGROUND_AGENT, ONE_HOUR, FORK_AGENT)]


@pytest.mark.parametrize("capture", PRICED, indirect=True)
def test_tool_calls_cost_what_they_really_cost(
    capture: Capture, bill: Bill, record_property: Callable[[str, object], None]
) -> None:
    really = {ident: call.own for ident, call in truth(capture.requests).calls.items()}
    billed = {call["toolUseId"]: call["selfNanos"] for call in bill.ask("calls")["calls"]}
    error = sum(abs(billed.get(ident, 0) - nanos) for ident, nanos in really.items()) / sum(really.values())
    record_property("error on tool calls", f"{error:.2%}")
    assert error < ALLOWED


@pytest.mark.parametrize("capture", PRICED, indirect=True)
def test_every_tool_call_is_listed_once_and_adds_up(capture: Capture, bill: Bill) -> None:
    calls = bill.ask("calls")["calls"]
    assert sorted(call["toolUseId"] for call in calls) == sorted(truth(capture.requests).calls)
    for call in calls:
        parts = call["generateNanos"] + call["ingestNanos"] + call["carryNanos"]
        assert call["selfNanos"] == parts
        assert call["totalNanos"] == call["selfNanos"] + call["subtreeNanos"]
        assert 0 <= call["rewriteNanos"] <= call["carryNanos"]


@pytest.mark.parametrize("capture", WITH_AGENTS, indirect=True)
def test_an_agents_subtree_is_all_that_it_and_its_agents_spent(capture: Capture, bill: Bill) -> None:
    found = truth(capture.requests)
    calls = {call["toolUseId"]: call for call in bill.ask("calls")["calls"]}
    assert capture.agents
    for ident in capture.agents:
        assert calls[ident]["subtreeNanos"] == subtree(found, capture.agents, ident)
    assert all(call["subtreeNanos"] == 0 for ident, call in calls.items() if ident not in capture.agents)


@pytest.mark.parametrize("capture", [FORK.name], indirect=True)
def test_a_forked_session_owns_only_what_it_spent_itself(capture: Capture, bill: Bill) -> None:
    found = truth(capture.requests)
    spent: dict[str, int] = {}
    for request in capture.requests:
        spent[request.session] = spent.get(request.session, 0) + found.requests[request.message]
    sessions = bill.ask("session")["sessions"]
    assert {session["sessionId"]: session["costNanos"] for session in sessions} == spent


@pytest.mark.parametrize("capture", [MCP_SKILL.name], indirect=True)
def test_servers_and_skills_have_causes_of_their_own(bill: Bill) -> None:
    causes = by_cause(bill)
    assert causes["skill/tidy"] > 0
    assert causes["tool/mcp__shelf__find"] > causes["tool/mcp__shelf__count"] > 0


@pytest.mark.parametrize("capture", [MCP_SKILL.name], indirect=True)
def test_the_request_log_tells_whose_schemas_they_are(capture: Capture, bill_as_written: Bill) -> None:
    causes = by_cause(bill_as_written)
    shelf, builtin = causes["schemas/mcp__shelf"], causes["schemas/builtin"]
    assert 0 < shelf < builtin
    assert_close(shelf + builtin, truth(capture.requests).kinds["schema"])


@pytest.mark.parametrize("capture", STANDING, indirect=True)
def test_what_stands_before_the_conversation_costs_what_it_really_cost(capture: Capture, bill: Bill) -> None:
    """Schemas and system texts; without the request log they are what the rest of the prompt leaves.

    What is left then also holds the reminders that no transcript tells of, so it may be more, by no more than those.
    """
    kinds = truth(capture.requests).kinds
    tree = {node["cause"]: node for node in nodes(bill.ask("bill")["tree"])}
    schemas = tree["schemas"]["totalNanos"] if "schemas" in tree else 0
    billed, really = schemas + tree["system"]["ownNanos"], kinds["schema"] + kinds["system"]
    reminders = 0 if bill.config == capture.config else kinds.get("system.text", 0)
    assert really * 0.9 <= billed <= (really + reminders) * 1.1


@pytest.mark.parametrize("capture", [COLD_CACHE.name], indirect=True)
def test_a_cold_cache_is_paid_again_by_what_was_carried(bill: Bill) -> None:
    first, *_, last = sorted(bill.ask("calls")["calls"], key=lambda call: str(call["at"]))
    assert first["rewriteNanos"] > first["ingestNanos"]
    assert last["rewriteNanos"] == 0


@pytest.mark.parametrize("capture", [BASIC.name, SLASH_COMMAND.name], indirect=True)
def test_prompts_and_memory_have_causes_of_their_own(bill: Bill) -> None:
    kinds = {item["kind"] for item in line_items(bill)}
    assert {"prompt", "memory", "system", "schemas", "tool", "reply"} <= kinds


def line_items(bill: Bill) -> list[Json]:
    """The line items of every session."""
    sessions = [session["sessionId"] for session in bill.ask("session")["sessions"]]
    return [item for session in sessions for item in bill.ask("session", session)["lineItems"]]


def by_cause(bill: Bill) -> dict[str, int]:
    """Nanodollars of every cause, its children included."""
    return {node["cause"]: node["totalNanos"] for node in nodes(bill.ask("bill")["tree"])}


def assert_close(billed: int, really: int) -> None:
    """Within a tenth: estimates of texts that are not tool calls have no law to pin them."""
    assert abs(billed - really) <= really / 10


def subtree(found: Truth, agents: dict[str, str], ident: str) -> int:
    """What the agent that a call sent spent, its own agents' spending included."""
    agent = agents[ident]
    inner = (other for other in agents if found.calls[other].thread == agent)
    return found.threads[agent] + sum(subtree(found, agents, other) for other in inner)

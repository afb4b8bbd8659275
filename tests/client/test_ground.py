"""The ground truth itself: the real client, asked about its own total, agrees with it.

Nothing here runs lineitem. If these fail, the other tests of this folder prove nothing.
"""

from __future__ import annotations

import pytest

from tests.client.capture import Capture
from tests.client.scenarios import SCENARIOS, WITNESSED
from tests.client.scenarios.additions import WEB_SEARCH
from tests.client.scenarios.agents import BACKGROUND_AGENT, FORK_AGENT, NESTED_AGENTS
from tests.client.scenarios.contexts import AUTO_COMPACTION, COLD_COMPACTION, COMPACTION, ONE_HOUR
from tests.client.scenarios.troubles import KILLED, OTHER_MODEL, OVERLOADED
from tests.client.truth import truth

pytestmark = pytest.mark.client

#: How many requests of a scenario no transcript shows, and how many agents it sends; none where it is not named.
UNTOLD = {COMPACTION.name: 1, COLD_COMPACTION.name: 1, AUTO_COMPACTION.name: 1, WEB_SEARCH.name: 1}
AGENTS = {NESTED_AGENTS.name: 3, BACKGROUND_AGENT.name: 1, FORK_AGENT.name: 1, ONE_HOUR.name: 1}

MILLIONTH = 2_000  #: nanodollars: 0.000002 dollars, what a sum of floats may be off by


@pytest.mark.parametrize("capture", WITNESSED, indirect=True)
def test_the_client_counts_what_the_api_counts(capture: Capture) -> None:
    assert abs(capture.reported_nanos - truth(capture.requests).total) <= MILLIONTH


@pytest.mark.parametrize("capture", SCENARIOS, indirect=True)
def test_the_client_keeps_to_the_script(capture: Capture) -> None:
    assert all(request.scripted for request in capture.requests)
    prompts = SCENARIOS[capture.folder.name].prompts
    assert [run.ended_badly for run in capture.runs] == [prompt.ends_badly for prompt in prompts]


@pytest.mark.parametrize("capture", SCENARIOS, indirect=True)
def test_only_compactions_and_searches_leave_no_trace_in_transcripts(capture: Capture) -> None:
    answered = {request.message for request in capture.requests if request.message}
    assert len(answered - capture.logged) == UNTOLD.get(capture.folder.name, 0)


@pytest.mark.parametrize("capture", SCENARIOS, indirect=True)
def test_agents_were_sent_and_had_threads_of_their_own(capture: Capture) -> None:
    threads = {request.agent for request in capture.requests if request.agent}
    assert len(threads) == AGENTS.get(capture.folder.name, 0)
    assert threads == set(capture.agents.values())


@pytest.mark.parametrize("capture", [ONE_HOUR.name], indirect=True)
def test_the_conversation_is_cached_for_an_hour_and_its_agent_for_less(capture: Capture) -> None:
    written = {
        bool(request.agent): (request.tokens("write_5m") > 0, request.tokens("write_1h") > 0)
        for request in capture.requests
    }
    assert written == {False: (False, True), True: (True, False)}


@pytest.mark.parametrize("capture", [OVERLOADED.name], indirect=True)
def test_the_api_was_overloaded_and_asked_again(capture: Capture) -> None:
    assert [request.status for request in capture.requests] == [529, 529, 200, 529, 200, 200]


@pytest.mark.parametrize("capture", [OTHER_MODEL.name], indirect=True)
def test_the_client_charges_the_model_that_it_asked_for(capture: Capture) -> None:
    """Whoever answers: so its total is no witness for a bill that prices the answer by its own model."""
    assert capture.reported_nanos > truth(capture.requests).total
    assert list(capture.runs[-1].result["modelUsage"]) == [OTHER_MODEL.model]


@pytest.mark.parametrize("capture", [KILLED.name], indirect=True)
def test_the_client_forgets_what_a_killed_run_spent(capture: Capture) -> None:
    """Its total is written at the end of a run, and this run never came to its end."""
    killed, resumed = capture.runs
    assert killed.session == resumed.session
    assert resumed.nanos < truth(capture.requests).total

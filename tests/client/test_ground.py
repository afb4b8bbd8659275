"""The ground truth itself: the real client, asked about its own total, agrees with it.

Nothing here runs lineitem. If these fail, the other tests of this folder prove nothing.
"""

from __future__ import annotations

import pytest

from tests.client.capture import Capture
from tests.client.scenarios import SCENARIOS, WITNESSED
from tests.client.scenarios.troubles import KILLED, OTHER_MODEL, OVERLOADED
from tests.client.truth import truth

pytestmark = pytest.mark.client

MILLIONTH = 2_000  #: nanodollars: 0.000002 dollars, what a sum of floats may be off by


@pytest.mark.parametrize("capture", WITNESSED, indirect=True)
def test_the_client_counts_what_the_api_counts(capture: Capture) -> None:
    assert abs(capture.reported_nanos - truth(capture.requests).total) <= MILLIONTH


@pytest.mark.parametrize("capture", SCENARIOS, indirect=True)
def test_the_client_keeps_to_the_script(capture: Capture) -> None:
    assert all(request.scripted for request in capture.requests)
    prompts = SCENARIOS[capture.folder.name].prompts
    assert [run.ended_badly for run in capture.runs] == [prompt.ends_badly for prompt in prompts]


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

"""Where the transcripts and the client's own total differ, `check` says by how much and why."""

from __future__ import annotations

import pytest

from tests.client.bill import Bill
from tests.client.capture import Capture
from tests.client.scenarios import PRICED, WITNESSED
from tests.client.scenarios.troubles import KILLED, OTHER_MODEL
from tests.client.truth import truth

pytestmark = pytest.mark.client

MILLIONTH = 2_000  #: nanodollars, as in test_totals


@pytest.mark.parametrize("capture", WITNESSED, indirect=True)
def test_the_gap_to_the_clients_total_is_named(bill: Bill) -> None:
    for session in bill.ask("check")["sessions"]:
        explained = session["explained"]
        assert session["reportedNanos"] == session["loggedNanos"] + session["unloggedNanos"]
        assert abs(explained["unexplained"]) <= MILLIONTH
        assert explained["priceTable"] == 0


@pytest.mark.parametrize("capture", PRICED, indirect=True)
def test_what_no_transcript_shows_is_found_to_the_dollars_millionth(capture: Capture, bill: Bill) -> None:
    found = truth(capture.requests)
    hidden = sum(nanos for message, nanos in found.requests.items() if message not in capture.logged)
    sessions = bill.ask("check")["sessions"]
    assert sum(session["loggedNanos"] for session in sessions) == found.total - hidden
    assert abs(sum(session["unloggedNanos"] for session in sessions) - hidden) <= MILLIONTH


@pytest.mark.parametrize("capture", [KILLED.name], indirect=True)
def test_what_a_killed_run_spent_is_billed_though_the_client_forgot_it(capture: Capture, bill: Bill) -> None:
    (session,) = bill.ask("check")["sessions"]
    assert session["loggedNanos"] == truth(capture.requests).total
    assert session["unloggedNanos"] == 0


@pytest.mark.parametrize("capture", [OTHER_MODEL.name], indirect=True)
def test_an_answer_is_priced_by_the_model_that_gave_it(capture: Capture, bill: Bill) -> None:
    """The client prices it by the model it asked: the difference is in the price, not in hidden requests."""
    (session,) = bill.ask("check")["sessions"]
    assert session["loggedNanos"] == truth(capture.requests).total

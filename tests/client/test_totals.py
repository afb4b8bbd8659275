"""The bill of a session is what the client says it cost; and every sum on it adds up."""

from __future__ import annotations

import pytest

from tests.client.bill import Bill, nodes
from tests.client.capture import Capture
from tests.client.ground import Request
from tests.client.scenarios import PRICED, WITNESSED
from tests.client.truth import truth

pytestmark = pytest.mark.client

of_all = pytest.mark.parametrize("capture", PRICED, indirect=True)
of_the_witnessed = pytest.mark.parametrize("capture", WITNESSED, indirect=True)

MILLIONTH = 2_000  #: nanodollars: 0.000002 dollars, what the client's sum of floats may be off by


@of_the_witnessed
def test_the_bill_is_the_clients_own_total(capture: Capture, bill: Bill) -> None:
    assert abs(bill.nanos - capture.reported_nanos) <= MILLIONTH


@of_all
def test_the_bill_is_what_it_really_cost(capture: Capture, bill: Bill) -> None:
    assert abs(bill.nanos - truth(capture.requests).total) <= MILLIONTH


@of_all
def test_the_days_are_the_sum_of_the_requests(capture: Capture, bill: Bill) -> None:
    daily = bill.ask("daily")
    logged = [request for request in capture.requests if request.message in capture.logged]
    for key, tokens in tokens_of(logged).items():
        assert daily["totals"][key] == tokens
        assert sum(day[key] for day in daily["daily"]) == tokens
    assert sum(day["costNanos"] for day in daily["daily"]) == daily["totals"]["costNanos"]


@of_all
def test_the_sessions_are_the_bill(bill: Bill) -> None:
    sessions = bill.ask("session")["sessions"]
    assert sum(session["costNanos"] for session in sessions) == bill.nanos


@of_all
def test_the_line_items_of_a_session_sum_to_it_exactly(bill: Bill) -> None:
    for session in bill.ask("session")["sessions"]:
        one = bill.ask("session", session["sessionId"])
        assert one["costNanos"] == session["costNanos"]
        assert sum(item["costNanos"] for item in one["lineItems"]) == one["costNanos"]


@of_all
def test_every_cause_is_its_own_share_and_its_children(bill: Bill) -> None:
    tree = bill.ask("bill")
    assert tree["costNanos"] == tree["tree"]["totalNanos"] == bill.nanos
    for node in nodes(tree["tree"]):
        assert node["totalNanos"] == node["ownNanos"] + sum(child["totalNanos"] for child in node["children"])


def tokens_of(requests: list[Request]) -> dict[str, int]:
    """Tokens by price class, as the report names them; an advisor's are a call more."""
    advice = [request.advice for request in requests if request.advice]
    return {
        "inputTokens": sum(request.tokens("uncached") for request in requests)
        + sum(advised.uncached for advised in advice),
        "cacheCreationTokens": sum(request.tokens("write_5m") + request.tokens("write_1h") for request in requests),
        "cacheReadTokens": sum(request.tokens("read") for request in requests),
        "outputTokens": sum(request.output_tokens for request in requests) + sum(advised.output for advised in advice),
    }

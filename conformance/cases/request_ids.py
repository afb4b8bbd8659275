"""Requests that cannot be told apart by `message.id` and `requestId` alone.

Behind gateways and third-party endpoints there is no request id; some answer everything with one message id.
"""

from __future__ import annotations

from conformance.rates import HAIKU, OPUS
from conformance.tree import HAIKU as HAIKU_MODEL
from conformance.tree import Tree, usage
from conformance.truth import Owed, owes


def two_snapshots_of_one_answer(tree: Tree) -> list[Owed]:
    """No request id; one message id, output grows: one answer."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(1, 500), write_5m=20_000, request=None)
    return [owes(OPUS, input=10, write_5m=20_000, output=500)]


def the_final_usage_three_times(tree: Tree) -> list[Owed]:
    """No request id; three lines with the same usage."""
    session = tree.session()
    session.prompt()
    session.answer(outputs=(88, 88, 88), write_5m=20_000, request=None)
    session.prompt()
    session.answer(outputs=(99, 99), read=20_010, request=None)
    return [owes(OPUS, input=10, write_5m=20_000, output=88), owes(OPUS, input=10, read=20_010, output=99)]


def a_placeholder_of_zeros(tree: Tree) -> list[Owed]:
    """A gateway that tells the counts at the end: the first line has none."""
    session = tree.session()
    session.prompt()
    session.block("chatcmpl-conformance", usage(input=0, output=0), stop_reason=None)
    session.block("chatcmpl-conformance", usage(input=45_000, output=800))
    return [owes(OPUS, input=45_000, output=800)]


def one_message_id_for_everything(tree: Tree) -> list[Owed]:
    """A gateway that calls every answer the same: different usage, different answers."""
    session = tree.session()
    owed = []
    for turn in range(4):
        session.prompt()
        session.answer(message="gateway", request=None, outputs=(200 + turn,), read=9_000 + 1_000 * turn)
        owed.append(owes(OPUS, input=10, read=9_000 + 1_000 * turn, output=200 + turn))
    return owed


def one_message_id_on_several_lines(tree: Tree) -> list[Owed]:
    """The same gateway, two lines an answer."""
    session = tree.session()
    owed = []
    for turn in range(3):
        session.prompt()
        session.answer(message="gateway", request=None, outputs=(200 + turn,) * 2, read=9_000 + 1_000 * turn)
        owed.append(owes(OPUS, input=10, read=9_000 + 1_000 * turn, output=200 + turn))
        session.wait(minutes=3)
    return owed


def one_message_id_in_two_sessions(tree: Tree) -> list[Owed]:
    """The same gateway, two conversations."""
    owed = []
    for number, name in enumerate(("one", "two")):
        session = tree.session(name, at=f"2026-11-02T1{number}:00:00Z")
        session.prompt()
        session.answer(message="gateway", request=None, outputs=(70 + number,), write_5m=3_000 + number)
        owed.append(owes(OPUS, input=10, write_5m=3_000 + number, output=70 + number))
    return owed


def an_agent_without_request_ids(tree: Tree) -> list[Owed]:
    """The main conversation has request ids, its agent has none."""
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    agent = session.agent("helper", model=HAIKU_MODEL)
    agent.prompt()
    agent.answer(outputs=(1, 60), write_5m=4_000, request=None)
    return [
        owes(OPUS, input=10, write_5m=20_000, output=500),
        owes(HAIKU, input=10, write_5m=4_000, output=60),
    ]


def a_fork_copies_answers_without_request_ids(tree: Tree) -> list[Owed]:
    """The copied lines have the message id, the time and the uuid of the originals."""
    tree.doubt = "a tool that keeps answers without a request id apart per session counts the copy again"
    parent = tree.session("parent", first="5")
    parent.prompt()
    parent.answer(outputs=(1, 500), write_5m=20_000, request=None)
    child = parent.fork("child", first="0")
    child.prompt()
    child.answer(outputs=(40,), read=20_010, request=None)
    return [owes(OPUS, input=10, write_5m=20_000, output=500), owes(OPUS, input=10, read=20_010, output=40)]


def one_line_of_an_answer_lost_its_request_id(tree: Tree) -> list[Owed]:
    """Two lines of one message, only the second with a request id: one answer."""
    session = tree.session()
    session.prompt()
    session.block("msg_01ConformanceHalf", usage(output=1, write_5m=20_000), stop_reason=None)
    session.block("msg_01ConformanceHalf", usage(output=500, write_5m=20_000), request="req_011ConformanceHalf")
    return [owes(OPUS, input=10, write_5m=20_000, output=500)]


CASES = (
    two_snapshots_of_one_answer,
    the_final_usage_three_times,
    a_placeholder_of_zeros,
    one_message_id_for_everything,
    one_message_id_on_several_lines,
    one_message_id_in_two_sessions,
    an_agent_without_request_ids,
    a_fork_copies_answers_without_request_ids,
    one_line_of_an_answer_lost_its_request_id,
)

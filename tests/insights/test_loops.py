"""Loops and fan-out: what does not get on is found, what gets on is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.insights.findings import CRITICAL, NOTICE, WARNING, Finding
from lineitem.insights.loops import FanOut, Loops
from lineitem.insights.seen import CallSeen
from tests.laws.examples import examples


def call(tool: str, target: str, size_out: int | None = 100, **more: Any) -> CallSeen:
    return CallSeen("s1", "shop", "opus", tool, target, more.pop("at", 0), size_out=size_out, **more)


def taken(loops: Loops, calls: list[CallSeen]) -> list[Finding]:
    return [finding for each in calls if (finding := loops.take(each)) is not None]


def test_the_same_call_with_the_same_answer_is_a_loop_at_four_and_at_every_doubling() -> None:
    found = taken(Loops(), [call("Bash", "make build", nanos=5)] * 17)
    assert [(each.value, each.severity) for each in found] == [(4, NOTICE), (8, WARNING), (16, CRITICAL)]
    assert found[0].subject == "Bash make build"
    assert [each.fact("nanos") for each in found] == [20, 40, 80]


def test_answers_that_differ_are_a_loop_only_at_eight() -> None:
    found = taken(Loops(), [call("Bash", "curl localhost", size) for size in range(8)])
    assert [(each.value, each.limit, each.fact("same")) for each in found] == [(8, 8, 0)]


def test_failures_are_the_same_answer_whatever_they_say() -> None:
    found = taken(Loops(), [call("Edit", "a.py", size, failed=True) for size in range(4)])
    assert [(each.value, each.fact("failed")) for each in found] == [(4, 4)]


def test_tests_after_every_change_are_no_loop() -> None:
    assert taken(Loops(), [call("Bash", "pytest"), call("Edit", "a.py")] * 30) == []


def test_calls_between_them_do_not_hide_a_loop() -> None:
    calls = [each for step in range(4) for each in (call("Read", "a.py"), call("Grep", f"x{step}"))]
    assert [each.subject for each in taken(Loops(), calls)] == ["Read a.py"]


def test_a_steady_rate_is_told_once_and_again_after_it_stopped() -> None:
    """Every tenth call the same: four of them lie among the last forty at all times."""
    steady = [call("Read", "a.py" if step % 10 == 0 else f"f{step}") for step in range(300)]
    other = [call("Read", f"g{step}") for step in range(50)]
    assert [each.value for each in taken(Loops(), steady)] == [4]
    assert [each.value for each in taken(Loops(), [*steady, *other, *steady])] == [4, 4]
    first, second = Loops(), Loops()
    assert len(taken(first, steady[:100])) == 1
    second.load(json.loads(json.dumps(first.state())))
    assert taken(second, steady[100:]) == []


def test_an_agent_a_minute_is_told_once() -> None:
    fan_out = FanOut()
    found = [fan_out.take(call("Task", "Explore")._replace(at=step * 60_000)) for step in range(100)]
    assert len([each for each in found if each is not None]) == 1


def test_what_lies_forty_calls_back_is_forgotten() -> None:
    calls = [call("Read", "a.py" if step % 20 == 0 else f"f{step}") for step in range(200)]
    assert taken(Loops(), calls) == []


def test_every_agent_is_a_thread_of_its_own() -> None:
    assert taken(Loops(), [call("Read", "a.py", agent=f"agent-{step}") for step in range(10)]) == []


def test_without_a_target_the_input_size_tells_calls_apart() -> None:
    loops = Loops()
    assert taken(loops, [call("mcp__x__find", "", size_in=size) for size in range(10)]) == []
    assert taken(loops, [call("mcp__x__find", "") for _ in range(10)]) == []
    assert len(taken(loops, [call("mcp__x__find", "", size_in=77)] * 4)) == 1


def test_a_file_read_part_by_part_is_no_repetition() -> None:
    assert taken(Loops(), [call("Read", "a.py", size_in=60 + step) for step in range(20)]) == []


def test_an_edit_that_fails_in_ever_new_words_is_a_loop() -> None:
    assert len(taken(Loops(), [call("Edit", "a.py", size_in=60 + step, failed=True) for step in range(4)])) == 1


@pytest.mark.parametrize("tool", ["Agent", "Skill", "Task", "WebFetch"])
def test_an_agent_type_or_a_host_does_not_make_calls_the_same(tool: str) -> None:
    assert taken(Loops(), [call(tool, "Explore") for _ in range(20)]) == []
    assert taken(Loops(), [call(tool, "Explore", size_in=60 + step) for step in range(20)]) == []
    assert len(taken(Loops(), [call(tool, "Explore", size_in=60)] * 4)) == 1


def test_answers_of_unknown_size_are_not_taken_for_equal() -> None:
    assert [each.value for each in taken(Loops(), [call("Read", "a.py", None)] * 8)] == [8]


def test_money_that_nobody_knows_is_not_nothing() -> None:
    (found,) = taken(Loops(), [call("Read", "a.py")] * 4)
    assert found.fact("nanos") is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1)), max_size=60))
@examples(100)
def test_no_finding_with_fewer_repetitions_than_its_limit(steps: list[tuple[str, int]]) -> None:
    loops = Loops()
    for index, (target, size) in enumerate(steps):
        found = loops.take(call("Read", target, size))
        if found:
            assert found.value == sum(name == target for name, _ in steps[max(0, index - 39) : index + 1])
            assert found.value >= found.limit


@pytest.mark.parametrize(("apart", "found"), [(1_000, [10, 20, 40]), (59_000, [10]), (60_000, [10]), (67_000, [])])
def test_agents_are_many_when_they_start_close_together(apart: int, found: list[int]) -> None:
    fan_out = FanOut()
    alarms = [fan_out.take(call("Agent", "Explore", at=step * apart)) for step in range(45)]
    values = {each.value for each in alarms if each}
    assert values == set(found)


def test_many_agents_carry_what_they_cost_where_all_of_it_is_known() -> None:
    for last, expected in ((7, 10 * (5 + 7)), (None, None)):
        fan_out = FanOut()
        calls = [call("Agent", "Explore", nanos=5, agents=7) for _ in range(9)]
        calls.append(call("Agent", "Explore", nanos=5, agents=last))
        (found,) = [each for one in calls if (each := fan_out.take(one)) is not None]
        assert found.fact("nanos") == expected


def test_starts_that_were_kept_without_their_costs_count() -> None:
    fan_out = FanOut()
    fan_out.load([["s1", [0] * 9]])
    found = fan_out.take(call("Agent", "Explore", nanos=5, agents=7))
    assert found is not None
    assert found.fact("nanos") is None
    again = FanOut()
    again.load(json.loads(json.dumps(fan_out.state())))
    assert json.dumps(again.state()) == json.dumps(fan_out.state())


def test_other_tools_and_other_sessions_are_no_fan_out() -> None:
    fan_out = FanOut()
    assert not any(fan_out.take(call("Read", "a.py")) for _ in range(50))
    for step in range(50):
        assert fan_out.take(call("Task", "Explore")._replace(session=f"s{step}")) is None

"""A session that telemetry alone tells of is itemised like any other."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineitem.attribution.conversation import forked_from, resumed
from lineitem.attribution.delta import implied_calls
from lineitem.attribution.items import C_COST, R_COST
from lineitem.attribution.session import Folded
from lineitem.attribution.telemetry import fold_telemetry
from lineitem.core.live import ApiCall, Event, ToolDone
from lineitem.core.rates import Rates, class_costs
from tests.laws.examples import examples
from tests.telemetry.sessions import (
    RATES,
    SESSION,
    TOKENS,
    api_calls,
    call,
    causes,
    cost,
    entered,
    event,
    item_of,
    live_events,
    rates_of,
    reading,
    rows,
    self_nanos,
    tool,
    tools_done,
    written,
)


def bill(calls: list[ApiCall], tools: list[ToolDone], events: list[Event] | None = None) -> Folded:
    return fold_telemetry(SESSION, calls, tools, events or [], rates_of)


def test_a_tool_call_is_written_taken_in_and_carried() -> None:
    folded = bill(
        [
            call("r1", 10, write=10_000, out=20),
            call("r2", 20, read=10_000, write=1_020, out=5),
            call("r3", 30, read=11_020, write=5),
        ],
        [tool("t1", 15, "r1", 4_000)],
    )
    item = item_of(folded, "t1")
    assert written(item) == 20 * 20_000
    assert entered(item) == 1_020 * 5_000
    assert item.sums[C_COST] == 1_020 * 200
    assert item.basis == "apportioned"
    assert item.cause == "tool/Bash"


def test_parallel_calls_share_by_size() -> None:
    folded = bill(
        [call("r1", 10, write=10_000, out=40), call("r2", 20, read=10_000, write=3_040)],
        [tool("t1", 15, "r1", 8_000), tool("t2", 16, "r1", 4_000)],
    )
    first, second = entered(item_of(folded, "t1")), entered(item_of(folded, "t2"))
    assert first == 2_020 * 5_000
    assert second == 1_020 * 5_000


def kind(name: str, of: str) -> Event:
    """What telemetry says of the text of a tool call."""
    return event("otel/tool_kind", 15, f'{{"kind":"{of}"}}', call=name, key=f"kind/{name}")


def test_parallel_calls_share_by_the_kind_of_their_text() -> None:
    """Numbers are cut into more tokens than prose: equal sizes were billed as equal."""
    calls = [call("r1", 10, write=10_000, out=40), call("r2", 20, read=10_000, write=3_040)]
    tools = [tool("t1", 15, "r1", 6_000), tool("t2", 16, "r1", 6_000)]
    folded = bill(calls, tools, [kind("t1", "csv"), kind("t2", "py")])
    first, second = entered(item_of(folded, "t1")), entered(item_of(folded, "t2"))
    assert first > 2 * second
    assert first + second == 3_040 * 5_000


def test_what_is_written_to_a_file_weighs_by_its_kind() -> None:
    calls = [call("r1", 10, write=10_000, out=1_500), call("r2", 20, read=10_000, write=1_600)]
    tools = [tool(name, 15, "r1", 100, tool="Write", size_in=2_000) for name in ("t1", "t2")]
    folded = bill(calls, tools, [kind("t1", "csv"), kind("t2", "py")])
    assert written(item_of(folded, "t1")) > 2 * written(item_of(folded, "t2"))


def test_a_text_that_was_seen_alone_is_known_among_others() -> None:
    """A file that is read again is as large as it was."""
    calls = [
        call("r1", 10, write=10_000, out=20),
        call("r2", 20, read=10_000, write=2_520, out=40),  # 2,500: twice what is usual
        call("r3", 30, read=12_520, write=4_140),
    ]
    tools = [tool("t1", 15, "r1", 4_000), tool("t2", 25, "r2", 4_000), tool("t3", 26, "r2", 6_000)]
    again = entered(item_of(bill(calls, tools, [kind("t1", "txt"), kind("t2", "txt")]), "t2"))
    assert 2_450 * 5_000 < again < 2_550 * 5_000
    assert entered(item_of(bill(calls, tools), "t2")) < 1_800 * 5_000  # without a kind, it may be another text


def test_what_an_agent_is_told_beside_its_first_result_is_the_systems() -> None:
    """Every agent's first result was billed some 480 tokens that list the agents it may start."""
    said: dict[str, Any] = {"agent": "a1", "source": "agent:builtin:general-purpose"}
    calls = [
        call("r1", 10, write=9_000, **said),
        call("r2", 20, read=9_000, write=1_490, **said),
        call("r3", 30, read=10_490, write=1_010, **said),
    ]
    tools = [tool("t1", 15, "r1", 4_000, agent="a1"), tool("t2", 25, "r2", 4_000, agent="a1")]
    folded = bill(calls, tools)
    assert entered(item_of(folded, "t1")) < 1_050 * 5_000
    assert entered(item_of(folded, "t2")) == 1_010 * 5_000
    alone = bill([one._replace(source="agent:builtin:Explore") for one in calls], tools)  # starts none, is told none
    assert entered(item_of(alone, "t1")) == 1_490 * 5_000


def test_text_and_thinking_of_an_answer_are_not_the_tool_calls() -> None:
    told = event("otel/assistant_response", 11, '{"request_id":"r1","response_length":400}')
    folded = bill([call("r1", 10, write=9_000, out=1_000)], [tool("t1", 15, "r1", 10, size_in=40)], [told])
    shares = causes(folded)
    assert shares["thinking"] > shares["reply"] > shares["tool/Bash"] > 0


def test_a_length_that_is_no_number_stops_nothing() -> None:
    odd = event("otel/assistant_response", 11, '{"request_id":"r1","response_length":"²"}')
    asked = event("otel/user_prompt", 9, '{"prompt_length":"²"}')
    calls = [call("r1", 10, write=9_000, out=1_000)]
    folded = bill(calls, [tool("t1", 15, "r1", 10, size_in=40)], [asked, odd])
    assert sum(causes(folded).values()) == sum(causes(bill(calls, [], [])).values())


def test_an_agent_is_apart_and_belongs_to_its_call() -> None:
    calls = [
        call("r1", 100, write=9_000),
        call("r2", 120, write=5_000, agent="a1", source="agent:builtin:Explore"),
        call("r3", 130, read=5_000, write=900, agent="a1", source="agent:builtin:Explore"),
        call("r4", 160, read=9_000, write=200),
    ]
    tools = [
        tool("ta", 150, "r1", 300, tool="Agent", duration=45),
        tool("tb", 125, "r2", 3_000, agent="a1"),
    ]
    over = event("otel/subagent_completed", 148, '{"agent_type":"Explore","is_async":false}', agent="a1", duration=40)
    folded = bill(calls, tools, [over, event("otel/user_prompt", 90)])
    (agent,) = folded.agents
    assert (agent.thread, agent.call, agent.parent, agent.type, agent.requests) == ("a1", "ta", "", "Explore", 2)
    assert agent.nanos == cost(0, 20, 5_900, 5_000)
    assert {thread for thread, item in folded.items if item.call == "tb"} == {"a1"}
    assert folded.prompts[0].agents == agent.nanos


def test_an_agent_in_the_background_belongs_to_the_call_before_it() -> None:
    calls = [
        call("r1", 100, write=9_000),
        call("r2", 200, write=5_000, agent="a1"),
        call("r3", 210, write=5_000, agent="a2"),
    ]
    tools = [tool("t1", 110, "r1", 300, tool="Agent"), tool("t2", 195, "r1", 300, tool="Agent")]
    over = [
        event("otel/subagent_completed", at, '{"is_async":true}', key=name, agent=name, duration=took)
        for at, name, took in ((400, "a1", 285), (410, "a2", 214))
    ]
    folded = bill(calls, tools, over)
    assert [(agent.thread, agent.call) for agent in folded.agents] == [("a1", "t1"), ("a2", "t2")]


def test_a_compaction_is_paid_by_what_lay_in_the_window() -> None:
    calls = [
        call("r1", 10, write=10_000),
        call("r2", 20, read=10_000, write=4_010),
        call("r3", 30, read=14_010, write=1_300, out=500, source="compact"),
        call("r4", 40, write=9_000),
        call("r5", 50, read=9_000, write=10),
    ]
    done = event("otel/compaction", 31, '{"success":"true"}')
    for events in ([done], []):  # told, or seen by the smaller window
        folded = bill(calls, [tool("t1", 15, "r1", 16_000)], events)
        item = item_of(folded, "t1")
        assert item.sums[C_COST] == 4_010 * 200  # once, for the summary; not after it
        assert causes(folded)["compaction"] >= 500 * 20_000
        assert folded.nanos == sum(one.nanos or 0 for one in calls)


def test_a_summary_in_the_middle_of_the_work_keeps_the_last_results() -> None:
    calls = [
        call("r1", 10, write=10_000),
        call("r2", 20, read=10_000, write=1_300, out=500, source="compact"),
        call("r3", 30, write=14_000),
    ]
    folded = bill(calls, [tool("t1", 15, "r1", 16_000)], [event("otel/compaction", 21, '{"trigger":"auto"}')])
    assert entered(item_of(folded, "t1")) > 4_000 * 5_000


def test_a_summary_that_failed_leaves_the_window_as_it_was() -> None:
    calls = [
        call("r1", 10, write=10_000),
        call("r2", 20, read=10_000, uncached=1_300, source="compact"),
        call("r3", 30, read=10_000, write=4_010),
        call("r4", 40, read=14_010, write=10),
    ]
    folded = bill(calls, [tool("t1", 15, "r1", 16_000)], [event("otel/compaction", 21, '{"success":"false"}')])
    assert entered(item_of(folded, "t1")) == 4_010 * 5_000
    assert causes(folded)["compaction"] == cost(1_300, 10, 0, 10_000)


def test_helper_calls_are_unlogged_by_name() -> None:
    folded = bill([call("r1", 10, write=9_000), call("r2", 11, write=300, source="generate_session_title")], [])
    assert causes(folded)["unlogged/generate_session_title"] == cost(0, 10, 300)


def test_a_cache_miss_is_rewrite() -> None:
    calls = [
        call("r1", 10, write=10_000),
        call("r2", 20, read=10_000, write=4_010),
        call("r3", 400_000, write=14_020),
    ]
    folded = bill(calls, [tool("t1", 15, "r1", 16_000)])
    assert item_of(folded, "t1").sums[R_COST] == 4_010 * 5_000
    ((_, miss),) = folded.misses
    assert (miss.tokens, miss.reason) == (14_010, "idle beyond the 5-minute cache lifetime")


def test_an_unknown_model_with_a_cost_is_divided_all_the_same() -> None:
    calls = [
        call("r1", 10, write=10_000, model="new", nanos=777),
        call("r2", 20, read=10_000, write=4_010, model="new", nanos=333),
    ]
    folded = bill(calls, [tool("t1", 15, "r1", 16_000)])
    assert folded.nanos == 1_110
    assert 0 < self_nanos(folded)["t1"] < 1_110


def test_what_is_neither_told_nor_priced_costs_something_unknown() -> None:
    folded = bill([call("r1", 10, write=10_000, model="new", nanos=None)], [])
    assert folded.nanos == 0
    assert sum(item.sums[3] for _, item in folded.items) == 10_000  # its tokens are there


def test_a_skills_text_is_not_its_calls_result() -> None:
    calls = [call("r1", 10, write=10_000), call("r2", 20, read=10_000, write=800)]
    activated = event("otel/skill_activated", 14, '{"skill.name":"tidy"}')
    shares = causes(bill(calls, [tool("t1", 15, "r1", 20, tool="Skill", size_in=16)], [activated]))
    assert shares["skill/tidy"] > 10 * (shares["tool/Skill/tidy"] - 10 * 20_000)


def test_what_no_result_can_be_is_the_systems() -> None:
    calls = [call("r1", 10, write=10_000), call("r2", 20, read=10_000, write=5_000)]
    folded = bill(calls, [tool("t1", 15, "r1", 100)])
    assert entered(item_of(folded, "t1")) < 100 * 5_000


def test_a_shells_long_answer_is_seen_in_part() -> None:
    calls = [call("r1", 10, write=10_000, out=20), call("r2", 20, read=10_000, write=4_020)]
    folded = bill(calls, [tool("t1", 15, "r1", 40_000), tool("t2", 15, "r1", 12_000, tool="Read")])
    assert entered(item_of(folded, "t2")) > 3 * entered(item_of(folded, "t1"))


def test_a_call_that_was_refused_was_written_all_the_same() -> None:
    calls = [call("r1", 10, write=10_000, out=60), call("r2", 20, read=10_000, write=100)]
    refused = event("otel/tool_decision", 12, '{"request_id":"r1"}', call="t9", tool="Bash")
    assert written(item_of(bill(calls, [], [refused]), "t9")) > 0


def test_a_tool_call_without_a_request_goes_to_the_answer_before_it() -> None:
    calls = [call("r1", 10, write=10_000), call("r2", 20, read=10_000, write=1_010), call("r3", 30, read=11_010)]
    folded = bill(calls, [tool("t1", 15, "", 4_000)])
    assert entered(item_of(folded, "t1")) == 1_010 * 5_000


def test_another_sessions_records_are_nobodys() -> None:
    folded = bill([call("r1", 10, write=10_000), call("r2", 11, write=5, session="other")], [])
    assert folded.nanos == cost(0, 10, 10_000)


PARENT = "5e55-0000"
FORKED = [
    call("p1", 1, write=10_000, session=PARENT),
    call("p2", 2, read=10_000, write=4_010, session=PARENT),
    call("p3", 9, read=14_010, write=900, session=PARENT),
    call("r1", 10, read=14_010, write=15),
]


def test_a_fork_carries_what_its_parent_took_in() -> None:
    assert forked_from(FORKED) == {SESSION: PARENT}
    folded = fold_telemetry(
        SESSION, FORKED, [tool("t1", 1, "p1", 16_000, session=PARENT)], [], rates_of, parents=forked_from(FORKED)
    )
    assert item_of(folded, "t1").sums[C_COST] == 4_010 * 200
    assert self_nanos(folded) == {"t1": 4_010 * 200}  # what the parent paid is the parent's
    assert folded.nanos == cost(0, 10, 15, 14_010)


RESUMED = event("otel/metric/session.count", 10, '{"start_type":"resume"}')
COLD = [*FORKED[:-1], call("r1", 10, write=14_010 + 900 + 10 + 15)]


def test_a_fork_that_finds_the_cache_cold_pays_again_for_what_its_parent_took_in() -> None:
    """All that a cold fork inherited was billed as one system text."""
    assert forked_from(COLD) == {}  # any session might begin with so many tokens
    hooked = event("SessionStart", 10, '{"source":"fork"}')
    assert forked_from(COLD, resumed([RESUMED])) == forked_from(COLD, resumed([hooked])) == {SESSION: PARENT}
    parents = forked_from(COLD, resumed([RESUMED]))
    read = tool("t1", 1, "p1", 16_000, session=PARENT)
    folded = fold_telemetry(SESSION, COLD, [read], [RESUMED], rates_of, parents=parents)
    assert item_of(folded, "t1").sums[R_COST] == 4_010 * 5_000
    assert folded.nanos == cost(0, 10, 14_935)


def test_a_cold_fork_is_told_by_one_parent_alone() -> None:
    begun = resumed([RESUMED])
    other = [one._replace(key=f"o{one.key}", session="5e55-0002") for one in COLD[:-1]]
    assert forked_from([*COLD, *other], begun) == {}  # which of the two?
    larger = COLD[-1]._replace(write5=COLD[-1].write5 + 3_000)
    assert forked_from([*COLD[:-1], larger], begun) == {}  # no prompt is as large
    assert forked_from([*COLD[:-1], COLD[-1]._replace(at=5)], begun) == {}  # it had not come so far


def test_the_same_first_prompt_again_is_no_fork() -> None:
    calls = [call("p1", 1, write=10_000, session=PARENT), call("r1", 10, read=10_000)]
    assert forked_from(calls) == {}


@given(api_calls(), api_calls(), tools_done(), live_events())
@examples(60)
def test_a_fork_is_billed_for_its_own_calls(
    calls: list[ApiCall], other: list[ApiCall], tools: list[ToolDone], events: list[Event]
) -> None:
    """Whatever is said about who forked from whom, round in circles too."""
    calls = calls + [one._replace(session=PARENT, at=one.at - 30) for one in other]
    parents = {SESSION: PARENT, PARENT: SESSION}
    folded = fold_telemetry(SESSION, calls, tools, events, rates_of, parents=parents)
    assert folded.nanos == bill(calls, tools, events).nanos


def price(one: ApiCall) -> int:
    if one.nanos is not None:
        return one.nanos
    if one.model != "opus":
        return 0
    return sum(one.costs(RATES))


@given(api_calls(), tools_done(), live_events())
@examples(150)
def test_the_items_sum_to_the_calls(calls: list[ApiCall], tools: list[ToolDone], events: list[Event]) -> None:
    folded = bill(calls, tools, events)
    chosen: dict[str, ApiCall] = {}
    for one in sorted(calls, key=repr):
        chosen.setdefault(one.key, one)
    assert folded.nanos == sum(item.nanos for _, item in folded.items) == sum(map(price, chosen.values()))
    assert all(item.basis != "measured" for _, item in folded.items)
    assert all(part >= 0 for _, item in folded.items for part in item.sums)
    keys = [(thread, item.cause, item.call, item.model, item.basis) for thread, item in folded.items]
    assert len(keys) == len(set(keys))


@given(api_calls(), tools_done(), live_events(), st.data())
@examples(100)
def test_order_and_repetition_do_not_matter(
    calls: list[ApiCall], tools: list[ToolDone], events: list[Event], data: st.DataObject
) -> None:
    again = bill(
        data.draw(st.permutations(calls * 2)),
        data.draw(st.permutations(tools * 2)),
        data.draw(st.permutations(events * 2)),
    )
    assert rows(again) == rows(bill(calls, tools, events))


@given(api_calls(), tools_done(), live_events(), st.integers(999, 1_061))
@examples(60)
def test_two_spans_of_time_sum_to_the_whole(
    calls: list[ApiCall], tools: list[ToolDone], events: list[Event], cut: int
) -> None:
    whole = bill(calls, tools, events)
    before = fold_telemetry(SESSION, calls, tools, events, rates_of, lambda at: at < cut)
    after = fold_telemetry(SESSION, calls, tools, events, rates_of, lambda at: at >= cut)
    assert before.nanos + after.nanos == whole.nanos


#: Rates of which no count but 0 is a whole number of nanodollars: where a sum is rounded shows.
ODD = Rates("odd", 4_000_300_001, 5_000_400_003, 8_000_200_007, 200_300_009, 20_000_400_011, 0)


@given(TOKENS, TOKENS, TOKENS, TOKENS, TOKENS)
@examples(100)
def test_a_call_costs_the_same_wherever_it_is_billed(uncached: int, out: int, write: int, hour: int, read: int) -> None:
    """As an answer, as a helper and as what a reading shows: each price class is rounded once."""
    one = call("r1", 10, uncached=uncached, out=out, write=write, read=read, write1=hour, nanos=None)
    costs = sum(class_costs(ODD, uncached, write, hour, read, out, 0))

    def alone(calls: list[ApiCall]) -> int:
        return fold_telemetry(SESSION, calls, [], [], lambda _: ODD).nanos

    assert alone([one]) == alone([one._replace(source="generate_session_title")]) == costs
    if uncached + write + read:  # the first reading of a resumed session: the call it shows is its own
        shown = reading(20, 1 << 60, (uncached, out, write, read))
        told = implied_calls(SESSION, [shown], [event("SessionStart", 1, '{"source":"resume"}')], lambda _: ODD)
        assert told[-1].nanos == sum(class_costs(ODD, uncached, write, 0, read, out, 0))

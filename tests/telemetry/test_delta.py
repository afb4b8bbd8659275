"""A session that its statusline and its hooks alone tell of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineitem.attribution.delta import fold_delta, implied_calls
from lineitem.attribution.items import C_COST, R_COST
from lineitem.attribution.readings import steps
from lineitem.attribution.session import Folded
from lineitem.core.live import Event, Snapshot
from tests.laws.examples import examples
from tests.telemetry.sessions import (
    SESSION,
    causes,
    cost,
    entered,
    event,
    hook_events,
    hooked,
    item_of,
    rates_of,
    reading,
    readings,
    rows,
    self_nanos,
    written,
)

START = event("SessionStart", 0, '{"source":"startup"}')
FIRST = cost(0, 40, 10_000)
SECOND = cost(0, 10, 4_040, 10_000)
USUAL = [reading(1_300, FIRST, (0, 40, 10_000, 0)), reading(5_300, FIRST + SECOND, (0, 10, 4_040, 10_000))]


def bill(snapshots: list[Snapshot], events: list[Event]) -> Folded:
    return fold_delta(SESSION, snapshots, events, rates_of)


def test_a_reading_for_every_call_tells_each_tool_call() -> None:
    folded = bill(
        USUAL,
        [START, *hooked("t1", 1_050, 3_000, 16_000), event("Stop", 5_050)],
    )
    item = item_of(folded, "t1")
    assert entered(item) == 4_040 * 5_000  # what the model wrote, and what came back
    assert written(item) == 40 * 20_000
    assert item.basis != "measured"
    assert folded.nanos == FIRST + SECOND


def test_a_range_holds_only_what_was_paid_in_it() -> None:
    """It was left aside: a session on both sides of midnight was billed whole on both days."""
    events = [START, *hooked("t1", 1_050, 3_000, 16_000), event("Stop", 5_050)]
    before = fold_delta(SESSION, USUAL, events, rates_of, lambda at: at < 3_000)
    after = fold_delta(SESSION, USUAL, events, rates_of, lambda at: at >= 3_000)
    assert (before.nanos, after.nanos) == (FIRST, SECOND)


def test_parallel_calls_share_by_size() -> None:
    folded = bill(
        USUAL,
        [START, *hooked("t1", 1_050, 3_000, 12_000), *hooked("t2", 1_060, 2_000, 4_000), event("Stop", 5_050)],
    )
    told = self_nanos(folded)
    assert 2 * told["t2"] < told["t1"] < 4 * told["t2"]


def test_a_lost_reading_is_made_up_for() -> None:
    """Two calls made tools, one ended the turn, and only the last was read."""
    one, two, three = cost(0, 40, 10_000), cost(0, 40, 4_040, 10_000), cost(0, 10, 2_040, 14_040)
    events = [START, *hooked("t1", 1_000, 1_500, 14_000), *hooked("t2", 4_000, 4_500, 7_000), event("Stop", 7_000)]
    folded = bill([reading(7_300, one + two + three, (0, 10, 2_040, 14_040))], events)
    told = self_nanos(folded)
    assert folded.nanos == one + two + three
    assert 0.9 < told["t1"] / (40 * 20_000 + 4_000 * 5_000 + 4_000 * 200) < 1.2
    assert 0.8 < told["t2"] / (40 * 20_000 + 2_000 * 5_000) < 1.2


def test_agents_are_apart_and_have_what_the_main_conversation_left() -> None:
    agent = 300_000_000
    events = [
        START, event("UserPromptSubmit", 900), *hooked("ta", 1_000, 9_000, 300, tool="Agent"),
        *hooked("t1", 3_000, 3_500, 9_000, agent="a1"),
        event("SubagentStop", 8_000, '{"agent_type":"Explore"}', agent="a1"), event("Stop", 12_000),
    ]  # fmt: skip
    last = cost(0, 10, 140, 10_000)
    folded = bill(
        [reading(1_300, FIRST, (0, 40, 10_000, 0)), reading(12_300, FIRST + agent + last, (0, 10, 140, 10_000))], events
    )
    assert [(one.thread, one.call, one.type, one.nanos) for one in folded.agents] == [("a1", "ta", "Explore", agent)]
    assert item_of(folded, "t1") in [item for thread, item in folded.items if thread == "a1"]
    assert folded.nanos == FIRST + agent + last


def test_agents_of_a_session_with_an_hour_are_told_at_the_price_of_five_minutes() -> None:
    """How large their results were was looked for at the price of an hour, and found to be less than it was."""
    agent = cost(0, 40, 8_000) + cost(0, 40, 5_500, 8_000) + cost(0, 40, 5_500, 13_500)
    told = {}
    for ttl, first, last in (
        ("5m", FIRST, cost(0, 10, 140, 10_000)),
        ("1h", cost(0, 40, hour=10_000), cost(0, 10, read=10_000, hour=140)),
    ):
        events = [
            START, event("UserPromptSubmit", 900), *hooked("ta", 1_000, 9_000, 300, tool="Agent"),
            *hooked("t1", 3_000, 3_500, 12_000, agent="a1"), *hooked("t2", 4_000, 4_500, 12_000, agent="a1"),
            event("SubagentStop", 8_000, '{"agent_type":"Explore"}', agent="a1"), event("Stop", 12_000),
        ]  # fmt: skip
        snapshots = [
            reading(1_300, first, (0, 40, 10_000, 0), ttl=ttl),
            reading(12_300, first + agent + last, (0, 10, 140, 10_000), ttl=ttl),
        ]
        calls = [call for call in implied_calls(SESSION, snapshots, events, rates_of) if call.agent]
        assert [call.write1 for call in calls] == [0, 0, 0]
        told[ttl] = [(call.output, call.write5, call.read, call.nanos) for call in calls]
    assert told["1h"] == told["5m"]


def test_a_compaction_is_the_step_that_emptied_the_window() -> None:
    summary = 30_000_000
    after = cost(0, 10, 9_000)
    total = FIRST + SECOND
    snapshots = [
        reading(1_300, FIRST, (0, 40, 10_000, 0)),
        reading(5_300, total, (0, 10, 4_040, 10_000)),
        reading(8_000, total + summary),
        reading(12_000, total + summary + after, (0, 10, 9_000, 0)),
    ]
    events = [START, *hooked("t1", 1_050, 3_000, 16_000), event("Stop", 5_050), event("Stop", 11_700)]
    for seen in (snapshots, [*snapshots[:2], snapshots[3]]):  # its reading may be lost
        folded = bill(seen, events)
        assert folded.nanos == total + summary + after
        sums = item_of(folded, "t1").sums
        assert sums[C_COST] + sums[R_COST] > 0  # the summary's prompt held it
        assert causes(folded)["compaction"] > 0
        assert "remainder" not in causes(folded)


def test_a_cache_miss_is_rewrite() -> None:
    missed = cost(0, 10, 14_100)
    folded = bill(
        [
            reading(1_300, FIRST, (0, 40, 10_000, 0)),
            reading(5_300, FIRST + SECOND, (0, 10, 4_040, 10_000)),
            reading(905_300, FIRST + SECOND + missed, (0, 10, 14_100, 0)),
        ],
        [START, *hooked("t1", 1_050, 3_000, 16_000), event("Stop", 5_050), event("Stop", 905_000)],
    )
    ((_, miss),) = folded.misses
    assert miss.tokens == 14_040
    assert "idle" in miss.reason


def test_money_without_a_call_is_a_remainder() -> None:
    counts = (0, 40, 10_000, 0)
    folded = bill([reading(1_300, FIRST, counts), reading(9_000, FIRST + 5_000_000, counts)], [START])
    assert causes(folded)["remainder"] == 5_000_000
    assert folded.nanos == FIRST + 5_000_000


def test_a_total_from_before_anybody_listened_is_a_remainder() -> None:
    resumed = event("SessionStart", 0, '{"source":"resume"}')
    before = 900_000_000
    folded = bill([reading(500, before), reading(1_300, before + FIRST, (0, 40, 10_000, 0))], [resumed])
    assert causes(folded)["remainder"] == before
    assert folded.nanos == before + FIRST
    late = bill([reading(1_300, before + FIRST, (0, 40, 10_000, 0))], [])
    assert causes(late)["remainder"] == before


def test_a_fork_does_not_pay_for_its_parent() -> None:
    forked = event("SessionStart", 0, '{"source":"fork"}')
    assert bill([reading(1_300, 900_000_000 + FIRST, (0, 40, 10_000, 0))], [forked]).nanos == FIRST


def test_after_clear_the_total_begins_again() -> None:
    again = cost(0, 10, 1_000)
    folded = bill([reading(1_300, FIRST, (0, 40, 10_000, 0)), reading(9_000, again, (0, 10, 1_000, 0))], [START])
    assert folded.nanos == FIRST + again
    assert not folded.misses
    assert "compaction" not in causes(folded)


def test_an_older_reading_that_comes_late_changes_nothing() -> None:
    counts = (0, 10, 4_040, 10_000)
    usual = [reading(1_300, FIRST, (0, 40, 10_000, 0)), reading(5_300, FIRST + SECOND, counts)]
    late = reading(5_400, FIRST, (0, 40, 10_000, 0))
    assert bill([*usual, late], [START]).nanos == bill(usual, [START]).nanos == FIRST + SECOND


def test_tool_calls_that_no_reading_followed_have_no_line() -> None:
    folded = bill([reading(1_300, FIRST, (0, 40, 10_000, 0))], [START, *hooked("t1", 2_000, 2_500, 900)])
    assert "t1" not in self_nanos(folded)
    assert bill([], [START, *hooked("t1", 2_000, 2_500, 900)]).items == []


def test_every_tool_call_belongs_to_one_step_even_where_a_turn_ends_at_once() -> None:
    """The last tool call and the end of its turn may both come right before a reading."""
    snapshots = [reading(1_100, FIRST, (0, 40, 10_000, 0)), USUAL[1]]
    folded = bill(snapshots, [START, *hooked("t1", 1_050, 1_080, 16_000), event("Stop", 1_090), event("Stop", 5_050)])
    assert self_nanos(folded)["t1"] > 0


def test_readings_without_any_hook_are_replies() -> None:
    folded = bill([reading(1_300, FIRST, (0, 40, 10_000, 0))], [START])
    assert causes(folded) == {"reply": 40 * 20_000, "system": 10_000 * 5_000}


def test_an_edits_answer_is_a_sentence_to_the_model() -> None:
    events = [
        START,
        *hooked("t1", 1_050, 2_000, 60_000, tool="Edit"),
        *hooked("t2", 1_060, 2_000, 12_000),
        event("Stop", 5_050),
    ]
    folded = bill(USUAL, events)
    assert entered(item_of(folded, "t2")) > 20 * entered(item_of(folded, "t1"))


def test_a_model_without_a_price_shares_its_step() -> None:
    snapshots = [
        reading(1_300, 500, (0, 40, 10_000, 0), model="new"),
        reading(5_300, 900, (0, 10, 4_040, 10_000), model="new"),
    ]
    folded = bill(snapshots, [START, *hooked("t1", 1_050, 3_000, 16_000)])
    assert folded.nanos == 900
    assert 0 < self_nanos(folded)["t1"] < 900


@given(readings(rising=True), hook_events())
@examples(120)
def test_the_items_sum_to_the_clients_total(snapshots: list[Snapshot], events: list[Event]) -> None:
    """Of a session whose start was seen; whatever is read, and whenever."""
    folded = bill(snapshots, [event("SessionStart", 0, '{"source":"clear"}', key="s"), *events])
    assert folded.nanos == sum(item.nanos for _, item in folded.items) == sum(one.nanos for one in steps(snapshots))
    totals = [one.nanos for one in sorted(snapshots, key=lambda one: (one.at, repr(one))) if one.nanos is not None]
    if totals == sorted(totals):  # no reading is late, no total began anew
        assert folded.nanos == (totals[-1] if totals else 0)
    assert all(part >= 0 for _, item in folded.items for part in item.sums)
    assert all(item.basis != "measured" for _, item in folded.items)


@given(readings(rising=False), hook_events(), st.data())
@examples(100)
def test_order_and_repetition_do_not_matter(
    snapshots: list[Snapshot], events: list[Event], data: st.DataObject
) -> None:
    again = bill(data.draw(st.permutations(snapshots * 2)), data.draw(st.permutations(events * 2)))
    assert rows(again) == rows(bill(snapshots, events))

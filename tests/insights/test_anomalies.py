"""Anomalies: what is found, what is not, and what a finding does to those after it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bench.anomalies import history, measure
from lineitem.insights.anomalies import RULES, Anomalies
from lineitem.insights.findings import CRITICAL, NOTICE, WARNING, Finding
from lineitem.insights.seen import CallSeen
from tests.laws.examples import examples

MINUTE = 60_000
#: Sizes of 40 ordinary results: around 1,000 tokens, the 95th percentile at 1,400.
USUAL = [1_000 + 12 * (step * 7 % 40) - 60 for step in range(40)]


def call(
    tokens: int | None, at: int = 0, session: str = "s1", target: str = "src/app.py", project: str = "shop"
) -> CallSeen:
    return CallSeen(session, project, "opus", "Read", target, at, f"toolu-{at}", tokens=tokens)


def learnt(project: str = "shop") -> Anomalies:
    anomalies = Anomalies()
    for step, tokens in enumerate(USUAL):
        assert anomalies.take(call(tokens, step, project=project)) is None
    return anomalies


def found(anomalies: Anomalies, seen: CallSeen) -> Finding:
    finding = anomalies.take(seen)
    assert finding is not None
    return finding


def test_a_result_many_times_the_usual_is_found_with_what_is_usual() -> None:
    finding = found(learnt(), call(30_000, MINUTE))
    assert (finding.rule, finding.severity, finding.subject) == ("spike", WARNING, "Read .py")
    assert (finding.value, finding.values, finding.level) == (30_000, 40, "model")
    assert 1_000 <= (finding.usual or 0) <= 1_300
    assert 5 * 1_300 < finding.limit < 6 * 1_500
    assert finding.score == 30_000 * 100 // finding.limit
    assert (finding.fact("z") or 0) > 10_000
    assert (finding.fact("robust") or 0) > 10_000
    assert (finding.session, finding.call, finding.model) == ("s1", "toolu-60000", "opus")


def test_the_value_is_not_among_those_it_is_held_against() -> None:
    anomalies = learnt()
    finding = found(anomalies, call(10**9, MINUTE))
    assert finding.limit == found(learnt(), call(30_000, MINUTE)).limit
    assert finding.severity == CRITICAL


@given(st.lists(st.integers(20_000, 10**18), min_size=4, max_size=4), st.lists(st.integers(0, 12), max_size=4))
@examples(60)
def test_three_spikes_never_hide_the_fourth_whatever_their_sizes(spikes: list[int], between: list[int]) -> None:
    anomalies = learnt()
    for tokens, calm in zip(spikes, [*between, 0, 0, 0, 0], strict=False):
        assert anomalies.take(call(tokens, MINUTE)) is not None
        for usual in USUAL[:calm]:
            assert anomalies.take(call(usual, MINUTE)) is None


def test_many_huge_spikes_do_not_hide_a_smaller_one() -> None:
    anomalies = learnt()
    for _ in range(6):
        found(anomalies, call(10**15, MINUTE))
    found(anomalies, call(1_000_000, MINUTE))


def test_the_limit_itself_is_no_spike() -> None:
    limit = found(learnt(), call(30_000, MINUTE)).limit
    assert learnt().take(call(limit, MINUTE)) is None
    found(learnt(), call(limit + 1, MINUTE))


def test_few_even_values_do_not_make_a_project_even() -> None:
    anomalies = Anomalies()
    for step in range(100):
        anomalies.take(call(100 if step % 4 else 1_000, step, project="uneven"))
    for step in range(20):
        assert anomalies.take(call(100, step, project="new")) is None
    assert anomalies.take(call(1_500, MINUTE, project="new")) is None
    for step in range(200):
        anomalies.take(call(100, MINUTE + step, project="new"))
    assert found(anomalies, call(1_500, 2 * MINUTE, project="new")).values == 200


def test_many_times_little_is_a_warning_and_many_times_much_is_critical() -> None:
    for tokens, severity in ((20_000, WARNING), (60_000, CRITICAL)):
        anomalies = Anomalies()
        for step in range(40):
            anomalies.take(call(100, step))
        assert found(anomalies, call(tokens, MINUTE)).severity == severity


def test_two_spikes_in_a_row_of_which_the_first_is_a_thousand_times_larger() -> None:
    anomalies = learnt()
    found(anomalies, call(30_000_000, MINUTE))
    found(anomalies, call(30_000, 2 * MINUTE))


def test_what_is_large_for_good_becomes_the_usual() -> None:
    anomalies = learnt()
    alarms = [anomalies.take(call(30_000, MINUTE + step)) is not None for step in range(200)]
    assert alarms[0]
    assert sum(alarms) <= 40
    assert not any(alarms[100:])


def test_within_the_cooldown_only_a_worse_one_speaks_but_all_are_found() -> None:
    anomalies = learnt()
    first = found(anomalies, call(15_000, MINUTE))
    second = found(anomalies, call(15_000, 2 * MINUTE))
    worse = found(anomalies, call(200_000, 3 * MINUTE))
    elsewhere = found(anomalies, call(15_000, 4 * MINUTE, session="s2"))
    for usual in USUAL * 2:
        assert anomalies.take(call(usual, 5 * MINUTE)) is None
    later = found(anomalies, call(15_000, 14 * MINUTE))
    assert [each.again for each in (first, second, worse, elsewhere, later)] == [False, True, False, False, False]
    assert (first.severity, worse.severity) == (NOTICE, CRITICAL)
    assert len({each.key for each in (first, second, worse, elsewhere, later)}) == 5


def test_a_type_that_is_hardly_known_alarms_nobody_but_the_guard_speaks() -> None:
    anomalies = Anomalies()
    for step in range(RULES["tokens"].fewest - 1):
        assert anomalies.take(call(100, step)) is None
    assert anomalies.take(call(49_999, MINUTE)) is None  # the twentieth value: it is scored before it joins
    large = found(Anomalies(), call(50_000))
    assert (large.rule, large.severity, large.usual, large.values, large.level) == ("large", NOTICE, None, 0, "")
    assert found(Anomalies(), call(200_000)).severity == WARNING


def test_a_new_project_is_held_against_the_others() -> None:
    anomalies = learnt("shop")
    finding = found(anomalies, call(30_000, MINUTE, project="new"))
    assert (finding.level, finding.values) == ("all", 40)


def test_a_project_with_larger_files_is_held_against_itself() -> None:
    anomalies = learnt("shop")
    for step, tokens in enumerate(USUAL):
        anomalies.take(call(tokens * 4, MINUTE + step, project="large"))
    assert anomalies.take(call(10_000, 2 * MINUTE, project="large")) is None
    assert found(anomalies, call(10_000, 2 * MINUTE, project="shop")).level == "model"


def test_another_kind_of_file_is_another_type() -> None:
    anomalies = learnt()
    assert anomalies.take(call(30_000, MINUTE, target="data.json")) is None


def test_a_little_more_than_nothing_is_not_worth_a_word() -> None:
    anomalies = Anomalies()
    for step in range(40):
        anomalies.take(call(10, step))
    assert anomalies.take(call(500, MINUTE)) is None
    found(anomalies, call(511, MINUTE))


def test_what_is_unknown_is_not_scored_and_teaches_nothing() -> None:
    anomalies = Anomalies()
    assert anomalies.take(call(None)) is None
    assert anomalies.take(call(-5)) is None
    assert list(anomalies.learnt()) == []


def test_every_measure_has_rules_of_its_own() -> None:
    for large in (call(50_000), call(None)._replace(nanos=1_000_000_000)):
        finding = found(Anomalies(), large)
        guard = RULES[finding.measure].guard
        assert (finding.value, finding.limit) == (guard, guard)


def priced(nanos: int | None, at: int, tokens: int = 1_000) -> CallSeen:
    return call(tokens, at)._replace(nanos=nanos)


def learnt_with_money() -> Anomalies:
    anomalies = Anomalies()
    for step, tokens in enumerate(USUAL):
        assert anomalies.take(priced(tokens * 5_000, step, tokens)) is None
    return anomalies


def test_a_call_that_cost_far_more_than_its_tokens_let_expect_is_found() -> None:
    finding = found(learnt_with_money(), priced(400_000_000, MINUTE))
    assert (finding.rule, finding.measure, finding.value) == ("spike", "nanos", 400_000_000)
    assert 5_000_000 <= (finding.usual or 0) <= 6_500_000
    assert learnt_with_money().take(priced(30_000_000, MINUTE)) is None


def test_a_call_that_stands_out_in_tokens_and_money_is_found_once_with_both() -> None:
    anomalies = learnt_with_money()
    finding = found(anomalies, priced(150_000_000, MINUTE, 30_000))
    assert (finding.measure, finding.again, finding.fact("nanos")) == ("tokens", False, 150_000_000)
    dear = found(anomalies, priced(150_000_000, 2 * MINUTE))
    assert (dear.measure, dear.again) == ("nanos", True)
    assert found(learnt_with_money(), priced(9_000_000_000, MINUTE, 30_000)).measure == "nanos"  # there it is worse


def test_of_a_call_without_a_price_no_money_is_told() -> None:
    finding = found(learnt_with_money(), priced(None, MINUTE, 30_000))
    assert (finding.measure, finding.fact("nanos")) == ("tokens", None)


def kept(anomalies: Anomalies) -> dict[tuple[str, tuple[str, ...]], list[int]]:
    """What a store keeps of what was learnt."""
    return {(measure, key): json.loads(json.dumps(row)) for measure, key, row in anomalies.learnt()}


def test_a_state_of_tokens_alone_is_taken_up() -> None:
    rows = [[key, row] for (measure, key), row in kept(learnt()).items() if measure == "tokens"]
    anomalies = Anomalies()
    anomalies.load(json.loads(json.dumps({"measure": "tokens", "unknown": 3, "baselines": rows, "told": []})))
    assert found(anomalies, call(30_000, MINUTE)).rule == "spike"
    assert {measure for measure, _ in kept(anomalies)} == {"tokens"}  # they are kept in their new place


def test_after_a_restart_everything_is_as_before() -> None:
    before = learnt()
    found(before, call(15_000, MINUTE))
    store = kept(before)
    after = Anomalies(recall=lambda measure, key: store.get((measure, key)))
    after.load(json.loads(json.dumps(before.state())))
    seen = call(15_000, 2 * MINUTE)
    assert found(after, seen) == found(before, seen)
    assert kept(after) == kept(before)
    assert found(after, seen).again
    assert kept(after)
    assert kept(after) == {}  # nothing was learnt since


def test_spikes_in_heavy_tails_are_found_without_crying_wolf() -> None:
    """A small version of `python -m bench.anomalies`; the seeds are others than those the rule was chosen on.

    False alarms differ from history to history (a deviation of two): with 30 of them the rate is known to 0.13 or so.
    """
    tally = measure(range(20_000, 20_030), rules=("lineitem",))["lineitem"]
    assert sum(tally.planted[size] for size in (5, 10, 30)) >= 180
    assert tally.recall([5, 10, 30]) >= 0.95
    assert tally.false_alarms() <= 1.2


def test_a_plain_z_rule_cries_wolf_twenty_times_as_often() -> None:
    tallies = measure(range(20_000, 20_006), rules=("lineitem", "plain z > 2"))
    assert tallies["plain z > 2"].false_alarms() > 20 * tallies["lineitem"].false_alarms()


def test_a_history_is_made_from_its_seed_alone() -> None:
    assert list(history(7, 300, 3)) == list(history(7, 300, 3))
    assert list(history(7, 300, 3)) != list(history(8, 300, 3))

"""What is told, when, and that nothing is told twice."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts.kinds import KINDS
from lineitem.alerts.notice import Notice, rank
from lineitem.alerts.rules import Pending, choose, severity_of
from lineitem.alerts.settings import AlertSettings
from lineitem.alerts.tell import gather, note
from tests.alerts.memory_outbox import Memory
from tests.alerts.notices import DOLLAR, HOUR, MINUTE, NOW, SESSION, anomaly, health, limit
from tests.laws.examples import examples


def settings(**more: Any) -> AlertSettings:
    channels = {"desk": {"kind": "desktop", "severity": "warning"}}
    return AlertSettings.from_settings({"timezone": "UTC", "alerts": {"channels": channels, **more}})


def told(outbox: Memory) -> list[str]:
    """The titles of all messages made, in their order."""
    from lineitem.alerts.messages import decode

    messages = [decode(row.body) for row in sorted(outbox.rows.values(), key=lambda row: (row.made, row.id))]
    return [message.title.removeprefix("lineitem: ") for message in messages if message]


def run(outbox: Memory, when: AlertSettings, now: int, *notices: Notice) -> int:
    note(outbox, notices, when, now)
    return gather(outbox, when, now, lambda _, name: name)


def test_a_critical_finding_is_told_at_once() -> None:
    outbox = Memory()
    assert run(outbox, settings(), NOW, anomaly(nanos=9 * DOLLAR)) == 1
    assert told(outbox) == ["Unusually dear tool call"]


def test_a_warning_waits_a_moment_for_others_and_comes_with_them() -> None:
    outbox, when = Memory(), settings()
    assert run(outbox, when, NOW, anomaly("a1", DOLLAR, subject="s1")) == 0
    assert run(outbox, when, NOW + 5_000, anomaly("a2", DOLLAR, subject="s2"), limit(8100)) == 0
    assert run(outbox, when, NOW + 10_000) == 1
    assert told(outbox) == ["3 warning"]


def test_the_same_thing_is_told_once_across_restarts() -> None:
    outbox, when = Memory(), settings()
    for restart in range(5):
        run(outbox, when, NOW + restart * 5 * HOUR, anomaly(nanos=9 * DOLLAR))
    assert len(outbox.rows) == 1


def test_what_happened_long_ago_is_no_news() -> None:
    outbox, when = Memory(), settings()
    assert run(outbox, when, NOW + 25 * HOUR, anomaly(nanos=9 * DOLLAR)) == 0
    assert not outbox.notices


def test_a_session_that_goes_on_is_not_told_again_within_the_cooldown_unless_it_gets_worse() -> None:
    outbox, when = Memory(), settings()
    run(outbox, when, NOW, health("h/1", 155_000, "critical"))
    run(outbox, when, NOW + 2 * MINUTE, health("h/2", 156_000, "critical"))
    assert len(outbox.rows) == 1
    run(outbox, when, NOW + 11 * MINUTE, health("h/3", 157_000, "critical"))
    assert len(outbox.rows) == 2

    outbox = Memory()
    run(outbox, when, NOW, health("h/1", 85_000, "warning"))
    run(outbox, when, NOW + 10_000)
    run(outbox, when, NOW + 2 * MINUTE, health("h/2", 155_000, "critical"))
    assert len(outbox.rows) == 2


def test_another_session_has_a_cooldown_of_its_own() -> None:
    outbox, when = Memory(), settings()
    run(outbox, when, NOW, health("h/1", 155_000, "critical"))
    run(outbox, when, NOW + 2 * MINUTE, health("h/2", 155_000, "critical", subject="another"))
    assert len(outbox.rows) == 2


def test_in_quiet_hours_all_but_the_critical_waits_and_comes_as_one_message() -> None:
    night = NOW - NOW % (24 * HOUR) + 23 * HOUR
    outbox, when = Memory(), settings(quiet="22:00-07:00")
    for minute in range(5):
        run(outbox, when, night + minute * MINUTE, anomaly(f"a{minute}", DOLLAR, subject=str(minute)))
    assert not outbox.rows
    run(outbox, when, night + 6 * MINUTE, anomaly("dear", 9 * DOLLAR, subject="dear"))
    assert told(outbox) == ["Unusually dear tool call"]
    assert run(outbox, when, night + 8 * HOUR - 1) == 0
    assert run(outbox, when, night + 8 * HOUR) == 1
    assert told(outbox)[-1] == "5 warning"


def test_nothing_passes_the_quiet_hours_where_the_person_says_so() -> None:
    night = NOW - NOW % (24 * HOUR) + 23 * HOUR
    outbox, when = Memory(), settings(quiet="22:00-07:00", quiet_except_critical=False)
    assert run(outbox, when, night, anomaly(nanos=9 * DOLLAR)) == 0


def test_that_the_cache_goes_cold_is_not_told_in_the_morning() -> None:
    night = NOW - NOW % (24 * HOUR) + 23 * HOUR
    outbox, when = Memory(), settings(quiet="22:00-07:00")
    cold = Notice("c", "cold", "warning", night, SESSION, {"nanos": 2 * DOLLAR, "left": 5 * MINUTE}, {})
    run(outbox, when, night, cold)
    assert run(outbox, when, night + 9 * HOUR) == 0
    assert outbox.fate[("desk", "c")] == ("dropped", "too late to be of use")


def test_a_cache_that_has_gone_cold_while_others_were_told_is_not_told() -> None:
    outbox, when = Memory(), settings()
    run(outbox, when, NOW, health("h/1", 155_000, "critical"))
    cold = Notice("c", "cold", "warning", NOW, SESSION, {"nanos": 2 * DOLLAR, "left": MINUTE}, {})
    assert run(outbox, when, NOW + 1, cold) == 0
    assert run(outbox, when, NOW + MINUTE + 1) == 0
    assert outbox.fate[("desk", "c")] == ("dropped", "too late to be of use")


def test_a_little_is_not_told_and_presets_say_what_is_little() -> None:
    for preset, expected in (("few", 0), ("standard", 1), ("many", 1)):
        outbox, when = Memory(), settings(preset=preset)
        made = run(outbox, when, NOW, anomaly(nanos=DOLLAR // 2)) + run(outbox, when, NOW + MINUTE)
        assert made == expected, preset


def test_an_unknown_figure_does_not_make_a_finding_small() -> None:
    unknown = anomaly()._replace(figures={"nanos": None}, severity="critical")
    assert severity_of(unknown, settings().thresholds) == "critical"


def test_a_limit_speaks_at_80_and_at_95_percent() -> None:
    limits = settings().thresholds
    assert [severity_of(limit(used), limits) for used in (7999, 8000, 9499, 9500)] == [
        "info", "warning", "warning", "critical",
    ]  # fmt: skip


def test_a_clock_set_back_holds_nothing_for_ever() -> None:
    when = settings()
    waiting = [Pending(NOW, anomaly(nanos=DOLLAR))]
    past = NOW - 1000 * HOUR
    assert not choose(waiting, {}, NOW, past, when).tell
    assert choose(waiting, {}, NOW, NOW + MINUTE, when).tell
    threads = {("anomaly", SESSION): (NOW, 2)}
    assert not choose(waiting, threads, None, past, when).dropped


EVENT = st.tuples(
    st.integers(0, 20 * MINUTE),  # how much later
    st.sampled_from(["anomaly", "health", "limit", "loop", "cold", "hooks"]),
    st.integers(0, 4),  # subject
    st.integers(0, 30),  # key
    st.sampled_from(["info", "warning", "critical"]),
    st.one_of(st.none(), st.integers(0, 12 * DOLLAR)),
)


@examples(80)
@given(st.lists(EVENT, max_size=60), st.booleans())
def test_law_of_telling(events: list[tuple[Any, ...]], quiet: bool) -> None:
    more: dict[str, Any] = {"quiet": "22:00-07:00"} if quiet else {}
    when, outbox, now = settings(**more), Memory(), NOW
    for later, kind, subject, key, severity, figure in events:
        now += later
        figures = {KINDS[kind].measure: figure} if KINDS[kind].measure else {}
        run(outbox, when, now, Notice(f"{kind}/{key}", kind, severity, now, str(subject), figures, {}))
    now += 30 * HOUR
    run(outbox, when, now)
    run(outbox, when, now + MINUTE)

    # every key that was wanted is told once or dropped with a reason: nothing is left, nothing is lost
    assert set(outbox.fate) == set(outbox.notices)
    # never two messages close together
    made = sorted(row.made for row in outbox.rows.values())
    assert all(after - before >= when.spacing for before, after in pairwise(made))
    # within a cooldown the same is told again only if it is more urgent
    history: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for key, (what, at) in outbox.fate.items():
        notice = outbox.notices[key][1]
        if what == "told" and isinstance(at, int):
            history.setdefault((notice.kind, notice.subject), []).append((at, rank(notice.severity)))
            if when.quiet and notice.severity != "critical":
                assert when.quiet.until(at) is None
    for tellings in history.values():
        tellings.sort()
        for (at, urgency), (again, then) in pairwise(tellings):
            assert again - at >= when.cooldown or then > urgency

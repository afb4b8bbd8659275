"""Spending: steep against a session's own past and its project's, never against a guess."""

from __future__ import annotations

import json

from lineitem.insights.findings import CRITICAL, NOTICE, WARNING, Finding
from lineitem.insights.seen import SpendSeen
from lineitem.insights.spend import Slope

DOLLAR = 1_000_000_000
SPAN = 300_000


def spend(slope: Slope, dollars: int, span: int, session: str = "s1", project: str = "shop") -> Finding | None:
    return slope.take(SpendSeen(session, project, span * SPAN + 1, dollars * DOLLAR))


def calm(spans: int = 8) -> Slope:
    slope = Slope()
    for span in range(spans):
        assert spend(slope, 1, span) is None
    return slope


def test_four_times_the_usual_is_steep_and_worse_is_told_again() -> None:
    slope = calm()
    found = [spend(slope, 1, 8) for _ in range(16)]
    told = [(place + 1, each.severity) for place, each in enumerate(found) if each]
    assert told == [(4, NOTICE), (8, WARNING), (16, CRITICAL)]
    first = found[3]
    assert first is not None
    assert (first.value, first.limit, first.usual, first.values) == (4 * DOLLAR, 4 * DOLLAR, DOLLAR, 8)
    assert (first.level, first.again) == ("session", False)


def test_steep_for_long_is_kept_but_told_once() -> None:
    slope = calm()
    found = [spend(slope, 5, span) for span in (8, 9, 10)]
    assert [each.again for each in found if each] == [False, True, True]


def test_a_new_session_is_held_against_its_project() -> None:
    slope = calm(25)
    found = spend(slope, 5, 30, session="s2")
    assert found is not None
    assert (found.level, found.usual) == ("project", DOLLAR)
    assert spend(calm(25), 5, 30, session="s2", project="other") is None


def test_where_nothing_is_usual_yet_only_the_guard_speaks() -> None:
    assert spend(Slope(), 9, 0) is None
    found = spend(Slope(), 10, 0)
    assert found is not None
    assert (found.usual, found.level, found.values, found.spread) == (None, "", 0, None)


def test_cents_are_never_steep() -> None:
    slope = Slope()
    for span in range(10):
        slope.take(SpendSeen("s1", "shop", span * SPAN, 1_000))
    assert slope.take(SpendSeen("s1", "shop", 10 * SPAN, DOLLAR - 1)) is None


def test_a_steep_span_does_not_hide_the_next() -> None:
    slope = calm()
    assert spend(slope, 1_000, 8) is not None
    assert spend(slope, 1, 9) is None
    assert spend(slope, 5, 10) is not None


def test_unknown_money_is_never_steep_and_hides_nothing() -> None:
    slope = calm()
    assert slope.take(SpendSeen("s1", "shop", 8 * SPAN, None)) is None
    assert spend(slope, 4, 8) is not None


def test_a_program_that_begins_anew_after_every_payment_finds_the_same() -> None:
    """What a session spent in the five minutes under way was forgotten: many small payments were never steep."""
    payments = [(1, span) for span in range(8)] + [(1, 8)] * 16 + [(5, 9), (5, 10)]
    whole, found = Slope(), []
    kept = json.dumps(whole.state())
    for dollars, span in payments:
        anew = Slope()
        anew.load(json.loads(kept))
        found.append((spend(whole, dollars, span), spend(anew, dollars, span)))
        kept = json.dumps(anew.state())
    assert [one for one, _ in found] == [other for _, other in found]
    assert [one.again for one, _ in found if one] == [False, False, False, True, True]


def test_a_state_of_before_sessions_were_kept_is_taken_up() -> None:
    state = calm(25).state()
    del state["sessions"]
    slope = Slope()
    slope.load(state)
    assert spend(slope, 5, 30) is not None


def test_the_sessions_at_work_are_written_down_and_no_more() -> None:
    slope = Slope()
    for number in range(200):
        spend(slope, 1, 0, session=f"s{number}")
    assert [session for session, *_ in slope.state()["sessions"]] == [f"s{number}" for number in range(150, 200)]


def test_what_a_project_usually_spends_survives_a_restart() -> None:
    before, after = calm(25), Slope()
    after.load(json.loads(json.dumps(before.state())))
    assert after.state() == before.state()
    assert spend(after, 5, 30, session="s2") == spend(before, 5, 30, session="s2")

"""Which day a request belongs to, in the zone that was asked for."""

from __future__ import annotations

from conformance.rates import OPUS
from conformance.tree import Tree
from conformance.truth import Owed, owes


def _at(tree: Tree, zone: str, moments: dict[str, str]) -> list[Owed]:
    """A prompt at each moment (UTC), answered a second later; the day that it belongs to in `zone`."""
    tree.timezone, tree.check_days = zone, True
    session = tree.session()
    owed = []
    for number, (moment, day) in enumerate(moments.items(), start=1):
        session.now(moment)
        session.prompt()
        session.answer(outputs=(number * 100,), read=number * 1_000)
        owed.append(owes(OPUS, input=10, read=number * 1_000, output=number * 100, on=day))
    return owed


def late_in_the_evening(tree: Tree) -> list[Owed]:
    """23:30 in UTC, asked for in UTC."""
    return _at(tree, "UTC", {"2026-11-02T23:30:00Z": "2026-11-02", "2026-11-03T00:00:00Z": "2026-11-03"})


def the_next_morning_in_tokyo(tree: Tree) -> list[Owed]:
    """23:30 in UTC is the next day's morning."""
    return _at(tree, "Asia/Tokyo", {"2026-11-02T14:59:58Z": "2026-11-02", "2026-11-02T23:30:00Z": "2026-11-03"})


def the_evening_before_in_los_angeles(tree: Tree) -> list[Owed]:
    """05:30 in UTC is the evening before."""
    moments = {"2026-11-03T05:30:00Z": "2026-11-02", "2026-11-03T08:00:00Z": "2026-11-03"}
    return _at(tree, "America/Los_Angeles", moments)


def an_answer_after_midnight(tree: Tree) -> list[Owed]:
    """Asked on one day, answered on the next: a request belongs to the day of its answer."""
    tree.doubt = "a tool may count a whole turn on the day of its prompt"
    tree.check_days = True
    session = tree.session(at="2026-11-02T23:59:30Z")
    session.prompt()
    session.answer(outputs=(1, 100), read=1_000)
    session.tool_result("toolu_1")
    session.wait(minutes=1)
    session.answer(outputs=(1, 200), read=2_000)
    return [
        owes(OPUS, input=10, read=1_000, output=100),
        owes(OPUS, input=10, read=2_000, output=200, on="2026-11-03"),
    ]


def half_an_hour_in_kolkata(tree: Tree) -> list[Owed]:
    """Midnight is at 18:30 in UTC."""
    moments = {"2026-11-02T18:29:58Z": "2026-11-02", "2026-11-02T18:30:00Z": "2026-11-03"}
    return _at(tree, "Asia/Kolkata", moments)


def the_short_day_in_berlin(tree: Tree) -> list[Owed]:
    """2026-03-29 has 23 hours: it begins at 23:00 in UTC and ends at 22:00."""
    moments = {
        "2026-03-28T22:59:58Z": "2026-03-28",
        "2026-03-28T23:00:00Z": "2026-03-29",
        "2026-03-29T21:59:58Z": "2026-03-29",
        "2026-03-29T22:00:00Z": "2026-03-30",
    }
    return _at(tree, "Europe/Berlin", moments)


def the_long_day_in_berlin(tree: Tree) -> list[Owed]:
    """2026-10-25 has 25 hours: it begins at 22:00 in UTC and ends at 23:00."""
    moments = {
        "2026-10-24T21:59:58Z": "2026-10-24",
        "2026-10-24T22:00:00Z": "2026-10-25",
        "2026-10-25T22:59:58Z": "2026-10-25",
        "2026-10-25T23:00:00Z": "2026-10-26",
    }
    return _at(tree, "Europe/Berlin", moments)


def the_turn_of_the_year(tree: Tree) -> list[Owed]:
    """And with it of month and week."""
    return _at(tree, "UTC", {"2025-12-31T23:59:58Z": "2025-12-31", "2026-01-01T00:00:00Z": "2026-01-01"})


def a_day_that_only_leap_years_have(tree: Tree) -> list[Owed]:
    """2024-02-29."""
    return _at(tree, "UTC", {"2024-02-29T12:00:00Z": "2024-02-29", "2024-03-01T00:00:00Z": "2024-03-01"})


def other_ways_to_write_a_time(tree: Tree) -> list[Owed]:
    """Without a fraction, with an offset, with microseconds: the same instant."""
    moments = ("2026-11-02T23:30:00Z", "2026-11-02T23:40:00Z", "2026-11-02T23:50:00Z")
    owed = _at(tree, "UTC", dict.fromkeys(moments, "2026-11-02"))
    ways = iter(("2026-11-02T23:30:00Z", "2026-11-03T01:40:00.000+02:00", "2026-11-02T23:50:00.123456Z"))
    for line in tree.threads[0].lines:
        if isinstance(line, dict) and line["type"] == "assistant":
            line["timestamp"] = next(ways)
    return owed


CASES = (
    late_in_the_evening,
    the_next_morning_in_tokyo,
    the_evening_before_in_los_angeles,
    half_an_hour_in_kolkata,
    an_answer_after_midnight,
    the_short_day_in_berlin,
    the_long_day_in_berlin,
    the_turn_of_the_year,
    a_day_that_only_leap_years_have,
    other_ways_to_write_a_time,
)

"""Warnings in a session: its own only, once, and no word that anybody could have chosen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts.in_session import InSession
from lineitem.alerts.notice import Notice
from lineitem.alerts.settings import AlertSettings
from lineitem.core.problems import UsageError
from tests.alerts.notices import MINUTE, NOW, SESSION, anomaly, health, hostile_notices
from tests.laws.examples import examples

ADVICE = "Print less: head, tail, grep, or a quiet option of the program."


def settings(**more: Any) -> AlertSettings:
    return AlertSettings.from_settings(
        {"timezone": "UTC", "alerts": {"channels": {"here": {"kind": "session"}}, **more}}
    )


def told(here: InSession, *notices: Notice, now: int = NOW) -> None:
    here.take([(notice, ADVICE) for notice in notices], now)


def test_a_warning_is_said_in_its_session_and_in_no_other_and_once() -> None:
    here = InSession(settings())
    told(here, anomaly())
    assert here.say("another", NOW) == ""
    assert here.say(SESSION, NOW).startswith("lineitem: Unusually dear tool call: Bash cost $3")
    assert here.say(SESSION, NOW) == ""


def test_nothing_is_said_unless_it_is_asked_for() -> None:
    here = InSession(AlertSettings.from_settings({"alerts": {"channels": {"desk": {"kind": "desktop"}}}}))
    told(here, anomaly())
    assert here.say(SESSION, NOW) == ""


def test_it_says_what_to_do() -> None:
    here = InSession(settings())
    told(here, anomaly())
    assert here.say(SESSION, NOW).endswith(ADVICE)


def test_a_name_anybody_could_have_chosen_is_not_said() -> None:
    here = InSession(settings())
    for tool, shown in (("mcp__x__ignore previous", "An MCP tool cost"), ("Ignore previous", "A tool cost")):
        notice = anomaly(tool, subject=tool)
        told(here, notice._replace(names={**notice.names, "tool": tool}), now=NOW)
        said = here.say(SESSION, NOW)
        assert shown in said
        assert "revious" not in said
        assert "shop" not in said
        here = InSession(settings())


def test_two_warnings_come_apart_and_repeats_do_not_come() -> None:
    here = InSession(settings())
    told(here, anomaly("a1"))
    assert here.say(SESSION, NOW)
    told(here, anomaly("a2"), health("h1", 160_000, "critical"))
    assert here.say(SESSION, NOW + 1_000) == ""  # a message a minute
    assert "Large context" in (said := here.say(SESSION, NOW + 2 * MINUTE))
    assert "dear" not in said  # within the cooldown
    told(here, anomaly("a1"), now=NOW + 60 * MINUTE)
    assert here.say(SESSION, NOW + 60 * MINUTE) == ""  # the same finding, looked at again


def test_what_is_about_no_session_is_said_in_the_first_that_asks() -> None:
    here = InSession(settings())
    limit = Notice("limit/1/warning", "limit", "warning", NOW, "limit", {"used": 9_000, "left": 60_000}, {})
    for _ in range(3):  # it is found in every round
        told(here, limit)
    assert "5-hour limit" in here.say("one", NOW)
    told(here, limit)
    assert here.say("two", NOW) == ""


def test_what_waited_too_long_is_not_said() -> None:
    here = InSession(settings())
    told(here, anomaly())
    assert here.say(SESSION, NOW + 11 * MINUTE) == ""


def test_at_most_three_at_once() -> None:
    here = InSession(settings())
    told(here, *(anomaly(f"a{number}", subject=f"{SESSION}/{number}") for number in range(6)))
    said = here.say(SESSION, NOW).splitlines()
    assert len(said) == 4
    assert said[-1] == "and 3 more: lineitem anomalies"


def test_quiet_hours_are_for_those_who_sleep() -> None:
    here = InSession(settings(quiet="00:00-23:59"))
    told(here, anomaly())
    assert here.say(SESSION, NOW)


def test_there_is_one_such_channel_and_it_takes_no_names() -> None:
    with pytest.raises(UsageError, match="second channel of kind session"):
        settings(channels={"a": {"kind": "session"}, "b": {"kind": "session"}})
    with pytest.raises(UsageError, match="no setting `names`"):
        settings(channels={"a": {"kind": "session", "names": "hidden"}})
    assert settings(channels={"a": {"kind": "session", "model": True}}).channels == ()


@examples(300)
@given(st.lists(hostile_notices(), max_size=12), st.integers(0, 20 * MINUTE))
def test_only_our_words_and_numbers_are_said(notices: list[Notice], wait: int) -> None:
    here = InSession(settings())
    told(here, *notices)
    sessions = {notice.names.get("session", "") for notice in notices} | {SESSION}
    for session in sorted(sessions, key=repr):
        said = here.say(session, NOW + wait)
        assert len(said.splitlines()) <= 8
        for line in said.splitlines():
            assert re.fullmatch(
                r"(lineitem: [A-Za-z0-9 $%.,:;~×\-]+(…)?( " + re.escape(ADVICE) + ")?|and \\d+ more.*)", line
            ), line
        assert here.say(session, NOW + wait) == ""

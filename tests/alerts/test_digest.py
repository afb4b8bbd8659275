"""Daily and weekly digests: what they say, and when they are due."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts.digest import Figures, Span, digest, due
from lineitem.alerts.messages import LINE, decode, encode
from lineitem.alerts.settings import AlertSettings
from lineitem.alerts.sinks import commonmark, html, plain
from lineitem.core.periods import Zone
from tests.alerts.notices import DOLLAR, HOUR, NOW, hostile_text
from tests.laws.examples import examples

BERLIN = Zone("Europe/Berlin")
BOTH = AlertSettings.from_settings({"alerts": {"digests": ["daily", "weekly"], "digest_at": "08:00"}})
WEEK = Span("weekly", (2026, 11, 9), NOW - 168 * HOUR, NOW, NOW - 336 * HOUR)


def berlin(*clock: int) -> int:
    year, month, day, hour, minute = clock
    return int(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)


def given_figures(**more: Any) -> Figures:
    totals = {"costNanos": 41 * DOLLAR, "totalTokens": 52_300_000, "requests": 1204, "unpricedTokens": 0}
    projects = [{"project": f"-home-ada-work-{name}", "costNanos": DOLLAR * n} for n, name in enumerate("gfedcba", 1)][
        ::-1
    ]
    calls = [{"tool": "Bash", "target": "cat /etc/passwd", "totalNanos": 3 * DOLLAR}]
    whole = {"totals": totals, "before": {"costNanos": 30 * DOLLAR}, "projects": projects, "calls": calls}
    return Figures(**(whole | {"findings": {"critical": 1, "warning": 4, "notice": 2}} | more))


def test_a_week_says_what_it_came_to_and_how_that_changed() -> None:
    message = digest(WEEK, given_figures())
    assert message.title == "lineitem: week of 2026-11-09: $41.00"
    assert plain(message).splitlines() == [
        "$41.00 at list price",
        "1,204 requests, 52.3M tokens",
        "$11.00 (36%) more than the week before, $30.00",
        "Projects",
        "work-a: $7.00", "work-b: $6.00", "work-c: $5.00", "work-d: $4.00", "work-e: $3.00", "and 2 more",
        "Dearest tool calls",
        "Bash: $3.00",
        "Stood out",
        "1 critical", "4 warning", "2 notice",
    ]  # fmt: skip
    assert "<h3>Projects</h3><ul><li>work-a: $7.00</li>" in html(message)
    assert "\n**Projects**\n" in commonmark(message)
    assert "passwd" not in encode(message)


def test_what_is_unknown_is_said_or_left_out() -> None:
    first = digest(WEEK, Figures({"costNanos": None, "unpricedTokens": 1_000_000}))
    assert plain(first).splitlines() == [
        "an unknown amount at list price", "1.0M tokens have no price and are missing in the sum",
    ]  # fmt: skip
    assert "before" not in plain(digest(WEEK, given_figures(before=None)))
    assert "as much as the week before" in plain(digest(WEEK, given_figures(before={"costNanos": 41 * DOLLAR})))
    assert "$41.00 more than the week before, $0.00" in plain(digest(WEEK, given_figures(before={"costNanos": 0})))


def test_projects_are_hidden_where_the_channel_wants_it() -> None:
    text = encode(digest(WEEK, given_figures(), lambda kind, name: f"{kind}-{name[-1:]}7"))
    assert "project-a7" in text
    assert "work-a" not in text


def test_a_digest_is_due_from_its_hour_on_and_not_long_after() -> None:
    assert [span.ident for span in due(BOTH, BERLIN, berlin(2026, 11, 16, 8, 0))] == [
        "digest-daily-2026-11-15", "digest-weekly-2026-11-09",
    ]  # fmt: skip
    assert [span.ident for span in due(BOTH, BERLIN, berlin(2026, 11, 16, 7, 59))] == ["digest-daily-2026-11-14"]
    assert [span.ident for span in due(BOTH, BERLIN, berlin(2026, 11, 19, 12, 0))] == ["digest-daily-2026-11-18"]
    assert due(AlertSettings(), BERLIN, NOW) == []


def test_the_day_the_clocks_change_has_23_hours_and_a_digest() -> None:
    (day,) = [span for span in due(BOTH, BERLIN, berlin(2026, 3, 30, 8, 0)) if span.kind == "daily"]
    assert day.ident == "digest-daily-2026-03-29"
    assert day.until - day.since == 23 * HOUR
    assert day.since - day.before == 24 * HOUR


@examples(100)
@given(st.integers(1_700_000_000_000, 1_900_000_000_000), st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]))
def test_law_a_digest_is_of_whole_days_that_are_over(now: int, name: str) -> None:
    zone = Zone(name)
    for span in due(BOTH, zone, now):
        assert span.before < span.since < span.until <= now
        assert zone.start(*zone.date(span.since)) == span.since
        assert zone.start(*zone.date(span.until)) == span.until
        days = (span.until - span.since + 12 * HOUR) // (24 * HOUR)
        assert days == (1 if span.kind == "daily" else 7)


@examples(100)
@given(hostile_text(), hostile_text(), st.one_of(st.none(), st.integers(), hostile_text()))
def test_law_a_digest_of_hostile_rows_is_harmless(name: str, tool: str, figure: object) -> None:
    rows: Any = [{"project": name, "costNanos": figure}] * 7
    message = digest(WEEK, given_figures(projects=rows, calls=[{"tool": tool, "totalNanos": figure}]))
    assert decode(encode(message)) == message
    text = plain(message)
    assert "evil.example" not in text
    assert not set(text) & set("<>\"'`@\\*[]{}|&/\x1b")
    assert all(len(line) <= LINE for line in text.splitlines())

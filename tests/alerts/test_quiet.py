"""Quiet hours by the clock on the wall, on odd days too."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts.quiet import QuietHours, at_clock, minute_of_day
from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from tests.alerts.notices import HOUR, MINUTE
from tests.laws.examples import examples

ZONES = ["UTC", "", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]


def millis(zone: str, *clock: int) -> int:
    year, month, day, hour, minute = clock
    return int(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def test_a_night_passes_midnight() -> None:
    hours = QuietHours("22:00-07:00", Zone("Europe/Berlin"))
    morning = millis("Europe/Berlin", 2026, 11, 19, 7, 0)
    assert hours.until(millis("Europe/Berlin", 2026, 11, 18, 21, 59)) is None
    assert hours.until(millis("Europe/Berlin", 2026, 11, 18, 22, 0)) == morning
    assert hours.until(millis("Europe/Berlin", 2026, 11, 19, 6, 59)) == morning
    assert hours.until(morning) is None


def test_the_night_the_clocks_change_ends_at_seven_all_the_same() -> None:
    hours = QuietHours("22:00-07:00", Zone("Europe/Berlin"))
    for month, day in ((3, 29), (10, 25)):
        before = millis("Europe/Berlin", 2026, month, day, 0, 30)
        assert hours.until(before) == millis("Europe/Berlin", 2026, month, day, 7, 0)


@pytest.mark.parametrize(
    "text", ["", "22:00", "22-07", "22:00-22:00", "24:00-07:00", "22:60-07:00", "a-b", "٢٢:٠٠-07:00"]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        QuietHours(text, Zone("UTC"))


@examples(200)
@given(
    st.sampled_from(ZONES),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.integers(1_700_000_000_000, 1_900_000_000_000),
)
def test_law_quiet_ends_after_now_and_not_before_it_must(zone: str, begin: int, end: int, now: int) -> None:
    if begin == end:
        return
    hours = QuietHours(f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}", Zone(zone))
    until = hours.until(now)
    if until is not None:
        assert now < until <= now + 26 * HOUR
        assert hours.until(until) is None
        assert hours.until(until - 1) == until


@examples(100)
@given(st.sampled_from(ZONES), st.integers(0, 1439), st.integers(0, 20_000))
def test_law_a_time_of_day_lies_in_its_day(zone: str, minutes: int, day: int) -> None:
    from lineitem.core.periods import date_of

    where, date = Zone(zone), date_of(10_000 + day % 15_000)
    at = at_clock(where, date, minutes)
    start = where.start(*date)
    assert start <= at <= start + 25 * HOUR
    if minute_of_day(where, at) != minutes:  # a clock set forward skips it
        assert zone not in ("UTC", "")


def test_eight_o_clock_is_eight_o_clock_all_year() -> None:
    zone = Zone("America/New_York")
    for month in range(1, 13):
        at = at_clock(zone, (2026, month, 8), 8 * 60)
        local = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo("America/New_York"))
        assert (local.day, local.hour, local.minute) == (8, 8, 0)
    assert at_clock(Zone("UTC"), (1970, 1, 2), 1) == 24 * HOUR + MINUTE

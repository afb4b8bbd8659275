"""Every instant lies in exactly one day, week and month of a zone, also where clocks change."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lineitem.core.periods import (
    DAY_MS,
    QUARTER_MS,
    Zone,
    date_of,
    day_label,
    days_of,
    iso,
    month_label,
    parse_date,
    parse_since,
    parse_until,
    week_label,
)  # fmt: skip
from lineitem.core.problems import UsageError
from tests.laws.examples import examples

ZONES = (
    "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Moscow", "Europe/Istanbul",
    "America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo", "America/Santiago",
    "America/Havana", "America/Nuuk", "America/Caracas", "America/Mexico_City", "America/Asuncion", "America/Adak",
    "Africa/Cairo", "Africa/Casablanca", "Africa/Monrovia", "Africa/Johannesburg", "Asia/Kolkata",
    "Asia/Kathmandu", "Asia/Tehran", "Asia/Tokyo", "Asia/Shanghai", "Asia/Beirut", "Asia/Gaza", "Asia/Kabul",
    "Asia/Yangon", "Australia/Lord_Howe", "Australia/Adelaide", "Australia/Eucla", "Pacific/Chatham",
    "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Marquesas", "Antarctica/Troll", "Etc/GMT+12",
)  # fmt: skip
zones = st.sampled_from(ZONES)
#: 2024 to 2030: while there is usage to bill.
instants = st.integers(1_704_067_200_000, 1_893_456_000_000)
days = st.integers(days_of(2024, 1, 1), days_of(2030, 1, 1))
NOW = 1_793_613_600_000


def test_there_are_forty_zones() -> None:
    assert len(set(ZONES)) == 40


@given(zones, instants)
@examples(400)
def test_an_instant_lies_in_the_day_that_starts_last_before_it(name: str, at: int) -> None:
    zone = Zone(name)
    date = zone.date(at)
    local = dt.datetime.fromtimestamp(at / 1000, ZoneInfo(name))
    assert date == (local.year, local.month, local.day)
    assert zone.start(*date) <= at < zone.start(*date_of(days_of(*date) + 1))


@given(zones, days, st.integers(1, 40))
@examples(300)
def test_days_are_half_open_ranges_that_partition_time(name: str, first: int, count: int) -> None:
    zone = Zone(name)
    starts = [zone.start(*date_of(first + number)) for number in range(count + 1)]
    for number, (start, end) in enumerate(pairwise(starts)):
        assert start < end
        assert zone.date(start) == zone.date(end - 1) == date_of(first + number)
        assert zone.date(start - 1) < date_of(first + number)
        assert 20 * 3_600_000 <= end - start <= 28 * 3_600_000
        assert start % QUARTER_MS == 0


@pytest.mark.parametrize("name", ZONES)
def test_days_hold_at_every_change_of_the_clocks(name: str) -> None:
    zone, info = Zone(name), ZoneInfo(name)
    step = 6 * 3_600_000
    for at in range(1_735_689_600_000, 1_830_297_600_000, step):  # 2025 to 2027
        before = dt.datetime.fromtimestamp(at / 1000, info).utcoffset()
        after = dt.datetime.fromtimestamp((at + step) / 1000, info).utcoffset()
        if before == after:
            continue
        for near in range(at - DAY_MS, at + DAY_MS, QUARTER_MS):
            for instant in (near, near - 1):
                local = dt.datetime.fromtimestamp(instant / 1000, info)
                date = zone.date(instant)
                assert date == (local.year, local.month, local.day)
                assert zone.start(*date) <= instant < zone.start(*date_of(days_of(*date) + 1))


def test_a_day_that_a_zone_left_out_is_empty() -> None:
    """Samoa went from 29 to 31 December 2011."""
    zone = Zone("Pacific/Apia")
    assert zone.start(2011, 12, 30) == zone.start(2011, 12, 31)
    assert zone.date(zone.start(2011, 12, 31) - 1) == (2011, 12, 29)


@given(days, st.sampled_from(["sunday", "monday", "Saturday"]))
@examples(200)
def test_a_week_has_seven_days_and_begins_on_the_day_asked_for(day: int, first: str) -> None:
    label = week_label(date_of(day), first)
    begin = dt.date.fromisoformat(label)
    assert begin.strftime("%A").lower() == first.lower()
    own = dt.date(*date_of(day))
    assert 0 <= (own - begin).days < 7
    week = [week_label(date_of(day + number), first) for number in range(7)]
    assert len(set(week)) <= 2


@given(st.integers(0, days_of(9999, 12, 31)))
@examples(200)
def test_dates_and_day_numbers_are_the_same_thing(day: int) -> None:
    date = date_of(day)
    assert days_of(*date) == day
    assert dt.date(*date) == dt.date(1970, 1, 1) + dt.timedelta(days=day)
    assert parse_date(day_label(date)) == date
    assert parse_date(day_label(date).replace("-", "")) == date
    assert month_label(date) == day_label(date)[:7]


@given(instants)
@examples(100)
def test_an_instant_written_down_is_the_instant(at: int) -> None:
    assert dt.datetime.fromisoformat(iso(at)).timestamp() * 1000 == pytest.approx(at, abs=0.01)


@given(zones, days)
@examples(200)
def test_since_and_until_the_same_date_are_that_day(name: str, day: int) -> None:
    zone, text = Zone(name), day_label(date_of(day))
    assert parse_since(text, zone, NOW) == zone.start(*date_of(day))
    assert parse_until(text, zone, NOW) == zone.start(*date_of(day + 1))


@given(zones, instants, st.integers(0, 2_000), st.sampled_from("hdw"))
@examples(200)
def test_so_long_ago_is_never_later_than_now(name: str, now: int, count: int, unit: str) -> None:
    since = parse_since(f"{count}{unit}", Zone(name), now)
    if unit == "h" or count:
        assert since <= now
    else:  # the last no days begin tomorrow
        assert since <= now + DAY_MS + 3 * 3_600_000


WRONG = (
    "", "x", "2026-13-01", "2026-02-30", "2026-1-111", "20261", "yesterdays", "7", "d", "-3d", "1.5d", "²d", "²0260101",
    "1969-12-31",
)  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_what_is_no_date_says_so(text: str, zone: str) -> None:
    with pytest.raises(UsageError):
        parse_since(text, Zone(zone), NOW)


@pytest.mark.parametrize("zone", ["", "UTC", "Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("text", ["1970-01-01", "9999-12-30", "9999-12-31"])
def test_the_first_and_the_last_day_are_days(text: str, zone: str) -> None:
    assert parse_since(text, Zone(zone), NOW) < parse_until(text, Zone(zone), NOW)


@given(st.text(max_size=12), st.sampled_from(["", "UTC", "Europe/Berlin"]))
@example("9" * 30 + "d", "UTC")
@example("99999999999d", "Europe/Berlin")
@example("9999999999999h", "")
@example("٣d", "UTC")
@examples(300)
def test_any_text_is_a_date_or_wrong_use(text: str, zone: str) -> None:
    for parse in (parse_since, parse_until):
        try:
            assert isinstance(parse(text, Zone(zone), NOW), int)
        except UsageError:
            continue


@pytest.mark.parametrize("name", ["Mars/Phobos", "../etc/passwd", "Europe", "\0", "a" * 300])
def test_what_is_no_zone_says_so(name: str) -> None:
    with pytest.raises(UsageError):
        Zone(name)

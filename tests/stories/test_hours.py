"""The bill by hour: local hours, whatever the zone and however the clocks change."""

from __future__ import annotations

from lineitem.core.periods import Zone
from lineitem.reports.query import Query
from tests.telling.language import Story, story


def hours(told: Story, zone: str) -> dict[str, int]:
    found = told.store.ask().report("hourly", Query(Zone(zone), 1_900_000_000_000))
    assert found.totals
    assert found.totals["costNanos"] == told.bill()
    return {row["hour"]: row["requests"] for row in found.rows}


@story
def test_an_hour_is_that_of_the_zone(told: Story) -> None:
    """
    prompt 200 chars
    call write=900 out=80
    wait 40m
    call read=900 out=80
    wait 40m
    call read=900 out=80
    """
    assert hours(told, "UTC") == {"2026-11-02 10:00": 2, "2026-11-02 11:00": 1}
    assert hours(told, "Asia/Kathmandu") == {"2026-11-02 15:00": 1, "2026-11-02 16:00": 1, "2026-11-02 17:00": 1}
    assert hours(told, "America/Los_Angeles") == {"2026-11-02 02:00": 2, "2026-11-02 03:00": 1}


@story
def test_two_hours_of_one_name_are_one_row(told: Story) -> None:
    """
    wait 369d
    wait 19h
    prompt 200 chars
    wait 30m
    call write=900 out=80    # 01:30 of the summer
    wait 1h
    call write=900 out=80    # 01:30 of the winter
    wait 1h
    call write=900 out=80
    """
    assert hours(told, "America/New_York") == {"2027-11-07 01:00": 2, "2027-11-07 02:00": 1}

"""Hours of a person's day in which nothing but the urgent is told.

In: `22:00-07:00` and a time zone. Out: whether an instant is quiet, and when that ends. Always: the end lies after
the instant, on days of 23 and 25 hours too.
"""

from __future__ import annotations

import time

from lineitem.core.periods import Zone, date_of, days_of
from lineitem.core.problems import UsageError

_MINUTE = 60_000


class QuietHours:
    """Hours by the clock on the wall of a zone; they may pass midnight."""

    __slots__ = ("_begin", "_end", "_zone", "text")

    def __init__(self, text: str, zone: Zone) -> None:
        self.text, self._zone = text, zone
        begin, dash, end = text.partition("-")
        self._begin, self._end = parse_clock(begin, text), parse_clock(end, text)
        if not dash or self._begin == self._end:
            raise UsageError(f"'{text}' are no quiet hours. Write them as 22:00-07:00.")

    def until(self, now: int) -> int | None:
        """When the quiet hours that hold `now` end; None where it is not quiet."""
        if not self._quiet(now):
            return None
        guess = self._next_end(now)
        if not self._quiet(guess) and self._quiet(guess - 1):
            return guess
        at = now // _MINUTE * _MINUTE + _MINUTE  # the clock is changed before the end: look at each minute
        while self._quiet(at):
            at += _MINUTE
        return at

    def _quiet(self, at: int) -> bool:
        minute = minute_of_day(self._zone, at)
        if self._begin < self._end:
            return self._begin <= minute < self._end
        return minute >= self._begin or minute < self._end

    def _next_end(self, now: int) -> int:
        """The end if no clock were changed today."""
        ahead = (self._end - minute_of_day(self._zone, now)) % 1440
        return now // _MINUTE * _MINUTE + ahead * _MINUTE


def minute_of_day(zone: Zone, at: int) -> int:
    """Minutes the clock on the wall shows after midnight."""
    seconds = at // 1000
    if zone.name.upper() in ("UTC", "Z"):
        return seconds // 60 % 1440
    if not zone.name:
        local = time.localtime(seconds)
        return local.tm_hour * 60 + local.tm_min
    from datetime import datetime
    from zoneinfo import ZoneInfo

    there = datetime.fromtimestamp(seconds, ZoneInfo(zone.name))
    return there.hour * 60 + there.minute


def parse_clock(text: str, whole: str = "") -> int:
    """Minutes after midnight of HH:MM."""
    hours, _, minutes = text.strip().partition(":")
    if len(hours) == len(minutes) == 2 and (hours + minutes).isascii() and (hours + minutes).isdigit():
        at = int(hours) * 60 + int(minutes)
        if int(minutes) < 60 and at < 1440:
            return at
    raise UsageError(f"'{whole or text}' is no time of day. Write 08:00, or 22:00-07:00 for a range.")


def at_clock(zone: Zone, date: tuple[int, int, int], minutes: int) -> int:
    """The instant at which the clock shows so many minutes after midnight; the next minute that exists."""
    start = zone.start(*date)
    end = zone.start(*date_of(days_of(*date) + 1))
    guess = start + minutes * _MINUTE
    for shift in (0, -60, 60, -30, 30):
        at = guess + shift * _MINUTE
        if start <= at < end and minute_of_day(zone, at) == minutes:
            return at
    return min(guess, end)

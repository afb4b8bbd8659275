"""Days, weeks, months and ranges: half-open, in any time zone, right across clock changes.

In: instants in milliseconds since 1970 UTC. Out: labels and ranges. Every instant falls into exactly one day,
week and month of a zone. Nothing here asks for the time: `now` is given.
"""

from __future__ import annotations

import time

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo

DAY_MS, HOUR_MS, QUARTER_MS = 86_400_000, 3_600_000, 900_000
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Zone:
    """A time zone by IANA name, "UTC", or "" for the machine's own."""

    __slots__ = ("_dates", "_info", "name")

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._info: tzinfo | None = None
        self._dates: dict[int, tuple[int, int, int]] = {}
        if name and name.upper() not in ("UTC", "Z"):
            from zoneinfo import ZoneInfo

            try:
                self._info = ZoneInfo(name)
            except (KeyError, ValueError, OSError):
                raise UsageError(f"'{name}' is no time zone. Use an IANA name such as Europe/Berlin or UTC.") from None

    def date(self, at: int) -> tuple[int, int, int]:
        """(year, month, day) of an instant here."""
        quarter = at // QUARTER_MS
        known = self._dates.get(quarter)
        if known is None:
            seconds = quarter * 900
            if self._info is not None:
                from datetime import datetime

                try:
                    local = datetime.fromtimestamp(seconds, self._info)
                    known = (local.year, local.month, local.day)
                except (ValueError, OverflowError):  # beyond the year 9999
                    known = time.gmtime(seconds)[:3]
            else:
                known = (time.gmtime(seconds) if self.name else time.localtime(seconds))[:3]
            self._dates[quarter] = known
        return known

    def hour(self, at: int) -> int:
        """The hour of the day of an instant here, 0 to 23."""
        seconds = at // 1000
        if self._info is not None:
            from datetime import datetime

            try:
                return datetime.fromtimestamp(seconds, self._info).hour
            except (ValueError, OverflowError):  # beyond the year 9999
                return time.gmtime(seconds)[3]
        return (time.gmtime(seconds) if self.name else time.localtime(seconds))[3]

    def start(self, year: int, month: int, day: int) -> int:
        """The first instant of a day here."""
        days = days_of(year, month, day)
        if self.name and self._info is None:
            return days * DAY_MS
        guess = days * DAY_MS - 15 * HOUR_MS
        target = (year, month, day)
        # the first quarter hour that bears the date: clocks change by whole quarters
        low, high = guess, guess + 30 * HOUR_MS
        while high - low > QUARTER_MS:
            middle = (low + high) // 2 // QUARTER_MS * QUARTER_MS
            if middle <= low:
                middle = low + QUARTER_MS
            if self.date(middle) < target:
                low = middle
            else:
                high = middle
        return high // QUARTER_MS * QUARTER_MS


def days_of(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def date_of(days: int) -> tuple[int, int, int]:
    """The date that many days after 1970-01-01."""
    return time.gmtime(days * 86_400)[:3]


def label(date: tuple[int, int, int]) -> str:
    return f"{date[0]:04d}-{date[1]:02d}-{date[2]:02d}"


def day_label(date: tuple[int, int, int]) -> str:
    return label(date)


def hour_label(date: tuple[int, int, int], hour: int) -> str:
    return f"{label(date)} {hour:02d}:00"


def month_label(date: tuple[int, int, int]) -> str:
    return f"{date[0]:04d}-{date[1]:02d}"


def week_label(date: tuple[int, int, int], first: str = "sunday") -> str:
    """The date on which the week of this date began."""
    try:
        begins = _DAYS.index(first.lower())
    except ValueError:
        raise UsageError(f"'{first}' is no day of the week.") from None
    days = days_of(*date)
    weekday = (days + 3) % 7  # Monday is 0
    return label(date_of(days - (weekday - begins) % 7))


def parse_date(text: str) -> tuple[int, int, int] | None:
    """YYYY-MM-DD or YYYYMMDD; None where it is neither."""
    if len(text) == 10 and text[4] == text[7] == "-":
        text = text[:4] + text[5:7] + text[8:]
    digits = text
    if len(digits) != 8 or not digits.isascii() or not digits.isdigit():
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if not 1 <= month <= 12 or not 1 <= day <= 31 or year < 1970:
        return None
    return (year, month, day) if date_of(days_of(year, month, day)) == (year, month, day) else None


def parse_since(text: str, zone: Zone, now: int) -> int:
    """The first instant a range takes in: a date, `today`, `yesterday`, or so many hours, days or weeks back."""
    word = text.strip().lower()
    date = parse_date(word)
    if date:
        return zone.start(*date)
    if word == "today":
        return zone.start(*zone.date(now))
    if word == "yesterday":
        return zone.start(*date_of(days_of(*zone.date(now)) - 1))
    amount, unit = word[:-1], word[-1:]
    if amount.isascii() and amount.isdigit() and len(amount) < 6 and unit in ("h", "d", "w"):
        count = int(amount)
        if unit == "h":
            return (now - count * HOUR_MS) // QUARTER_MS * QUARTER_MS
        days = count * (7 if unit == "w" else 1)
        # 7d is the last seven days, today the last of them
        return zone.start(*date_of(days_of(*zone.date(now)) - days + 1))
    raise UsageError(f"'{text}' is no date. Use YYYY-MM-DD, YYYYMMDD, today, yesterday, or 12h, 7d, 4w.")


def parse_until(text: str, zone: Zone, now: int) -> int:
    """The first instant a range no longer takes in: dates are inclusive."""
    word = text.strip().lower()
    date = parse_date(word)
    if word == "today":
        date = zone.date(now)
    elif word == "yesterday":
        date = date_of(days_of(*zone.date(now)) - 1)
    if date:
        return zone.start(*date_of(days_of(*date) + 1))
    return parse_since(text, zone, now)


def iso(at: int) -> str:
    """An instant as ISO 8601 in UTC, with milliseconds."""
    seconds, millis = divmod(at, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{millis:03d}Z"

"""The one way to write numbers for people: tokens, money, counts, shares, durations and moments.

In: whole numbers (nanodollars, milliseconds) and ISO times as reports give them. Out: short text without a unit
that its heading already names. Always: nothing is shown as zero or as all of something unless it is, a number
is never cut, and unknown is "–", not 0. Whole-number arithmetic throughout; imports next to nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import tzinfo

NANOS = 1_000_000_000
UNKNOWN = "–"
_UNITS = ((1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))


def count(number: int | None) -> str:
    """Every digit: 1,204."""
    return UNKNOWN if number is None else f"{number:,}"


def tokens(number: int | None) -> str:
    """Three or four digits and a unit: 1,204 · 30.1k · 2.4M."""
    if number is None:
        return UNKNOWN
    if -10_000 < number < 10_000:
        return f"{number:,}"
    sign, size = ("-", -number) if number < 0 else ("", number)
    # 999,950 is 1.0M: in thousands it would round to 1,000.0
    unit, letter = next(each for each in _UNITS if size >= each[0] - each[0] // 20_000)
    tenths = _rounded(size * 10, unit)
    return f"{sign}{tenths // 10:,}.{tenths % 10}{letter}"


def money(nanos: int | None, digits: int = 2, unit: str = "$") -> str:
    """Dollars with that many digits: $0.42 · $12.80 · <$0.01 for a little; no `unit` where a heading names it."""
    if nanos is None:
        return UNKNOWN
    sign, size = ("-", -nanos) if nanos < 0 else ("", nanos)
    smallest = 10 ** (9 - digits)
    if 0 < size < smallest:
        return f"{'>-' if nanos < 0 else '<'}{unit}{_point(1, digits)}"
    return f"{sign}{unit}{_point(_rounded(size, smallest), digits)}"


def exact(nanos: int | None) -> str:
    """Dollars to the last digit that is not zero, two at least: $0.15 · $0.0169235."""
    if nanos is None:
        return UNKNOWN
    sign, size = ("-", -nanos) if nanos < 0 else ("", nanos)
    whole, part = divmod(size, NANOS)
    return f"{sign}${whole:,}.{f'{part:09d}'.rstrip('0').ljust(2, '0')}"


def digits_for(nanos: int | None) -> int:
    """How many digits a column needs whose largest amount this is: more where the amounts are small."""
    size = abs(nanos or 0)
    if size >= 10 * NANOS or not size:
        return 2
    if size >= NANOS:
        return 3
    return 4 if size >= NANOS // 100 else 6


def share(part: int, whole: int) -> str:
    """A part of a whole: 0% only for nothing, 100% only for all of it."""
    if not whole:
        return UNKNOWN
    if part == whole:
        return "100%"
    if part * whole < 0:
        return f"-{share(-part, whole)}"
    part, whole = abs(part), abs(whole)
    if 0 < part * 100 < whole:
        return "<1%"
    percent = _rounded(part * 100, whole)
    return ">99%" if percent == 100 and part < whole else f"{percent:,}%"


def many(number: int, noun: str) -> str:
    """A count of things: 1 session, 2 sessions."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def about(text: str) -> str:
    """An amount that is not final or not exact: ~$0.42; an upper bound holds all the same."""
    return text if text[:1] in "<>" else f"~{text}"


def ratio(value: float | None) -> str:
    """So many for one: 0.42 · 12.5 · 1,204."""
    if value is None:
        return UNKNOWN
    return f"{value:,.2f}" if value < 9.995 else f"{value:,.1f}" if value < 99.95 else f"{value:,.0f}"


def duration(millis: int | None) -> str:
    """The two largest units: 0.4s · 45s · 3m 20s · 1h 12m · 2d 4h."""
    if millis is None:
        return UNKNOWN
    if millis < 0:
        return f"-{duration(-millis)}"
    if 0 < millis < 10_000 and millis % 1000:
        tenths = max(1, _rounded(millis, 100))
        return f"{tenths // 10}.{tenths % 10}s"
    seconds = millis // 1000
    for size, big, inner, small in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "m"), (60, "m", 1, "s")):
        if seconds >= size:
            rest = seconds % size // inner
            return f"{seconds // size:,}{big} {rest}{small}" if rest else f"{seconds // size:,}{big}"
    return f"{seconds}s"


def day(iso: str | None, zone: str = "") -> str:
    """The local date of an instant: 2026-11-02."""
    return _local(iso, zone)[:10] if iso else UNKNOWN


def clock(iso: str | None, zone: str = "") -> str:
    """The local time of day: 10:04."""
    return _local(iso, zone)[11:] if iso else UNKNOWN


def moment(iso: str | None, zone: str = "") -> str:
    """Local date and time: 2026-11-02 10:04."""
    return _local(iso, zone) if iso else UNKNOWN


def millis_of(iso: str) -> int:
    """An ISO time in UTC, as reports write it, in milliseconds since 1970."""
    from lineitem.core.periods import days_of

    seconds = days_of(int(iso[:4]), int(iso[5:7]), int(iso[8:10])) * 86_400
    seconds += int(iso[11:13]) * 3_600 + int(iso[14:16]) * 60 + int(iso[17:19])
    return seconds * 1000 + int((iso[20:23] if iso[19:20] == "." else "0").ljust(3, "0"))


def _local(iso: str, zone: str) -> str:
    import time

    seconds = millis_of(iso) // 1000
    if zone and zone.upper() not in ("UTC", "Z"):
        from datetime import datetime

        return datetime.fromtimestamp(seconds, _zone(zone)).strftime("%Y-%m-%d %H:%M")
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds) if zone else time.localtime(seconds))


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _rounded(size: int, unit: int) -> int:
    """How many units, half up; `size` is not negative."""
    return (2 * size + unit) // (2 * unit)


def _point(units: int, digits: int) -> str:
    """A number of smallest units with its decimal point."""
    if not digits:
        return f"{units:,}"
    scale = 10**digits
    return f"{units // scale:,}.{units % scale:0{digits}d}"

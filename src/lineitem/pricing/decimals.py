"""Prices and days as text, read exactly into whole numbers.

In: "0.125", "2026-09-22". Out: fractions, femtodollars a token, milliseconds since 1970.
Always: exact, or a ValueError; nothing is rounded here. By hand, because importing decimal and datetime takes
longer than reading every price there is.
"""

from __future__ import annotations

#: $1 a million tokens is 1e-6 $ = 1e9 femtodollars a token
FEMTO_PER_MTOK_DOLLAR = 1_000_000_000

_DAYS_BEFORE_1970 = 719_162  #: from the year 1 on


def parse_decimal(text: str) -> tuple[int, int]:
    """Numerator and denominator: "1.25" is (125, 100). Digits and at most one point, no sign, no exponent."""
    whole, point, part = text.partition(".")
    digits = whole + part
    if not digits.isascii() or not digits.isdigit() or (point and not part):
        raise ValueError(f"{text!r} is not a plain decimal number such as 0.125")
    return int(digits), 10 ** len(part)


def parse_rate(text: str) -> int:
    """Dollars a million tokens, as femtodollars a token: "0.125" is 125_000_000."""
    numerator, denominator = parse_decimal(text)
    femto, lost = divmod(numerator * FEMTO_PER_MTOK_DOLLAR, denominator)
    if lost:
        raise ValueError(f"{text!r} has more than nine decimals")
    return femto


def render_rate(femto: int) -> str:
    """Femtodollars a token, as dollars a million tokens, two decimals or more: 125_000_000 is "0.125"."""
    whole, part = divmod(femto, FEMTO_PER_MTOK_DOLLAR)
    return f"{whole}.{f'{part:09d}'.rstrip('0').ljust(2, '0')}"


def parse_day(text: str) -> int:
    """The first millisecond (since 1970, UTC) of a day written YYYY-MM-DD."""
    year, month, day = text[:4], text[5:7], text[8:]
    digits = year + month + day
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{text!r} is not a day written YYYY-MM-DD")
    y, m, d = int(year), int(month), int(day)
    leap = y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)
    days_in_month = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if y < 1970 or not 1 <= m <= 12 or not 1 <= d <= days_in_month[m - 1]:
        raise ValueError(f"{text!r} is not a day of the calendar since 1970")
    before = y - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 - _DAYS_BEFORE_1970
    return (days + sum(days_in_month[: m - 1]) + d - 1) * 86_400_000

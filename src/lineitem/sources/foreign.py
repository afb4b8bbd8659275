"""Foreign JSON values, taken for what they should be: text, whole number, flag, money, percentage.

In: values as `DECODER` gives them, of any type. Out: the value asked for, or None. What is there but cannot be meant
is left out and its name noted in `odd`; nothing is guessed and nothing raises. Fractions stay decimal on the way:
money never passes through a float.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

import msgspec

#: Longest id and longest name kept: what is longer is no id, and a name is cut.
LONGEST_ID = 128
LONGEST_NAME = 128
LONGEST_PATH = 4096
#: No count, no size and no time in milliseconds is larger.
_MOST = 10**13
#: Dollars: a session that costs more is a broken number.
_MOST_DOLLARS = 10**6
_HEX = frozenset("0123456789abcdefABCDEF")
#: What a decoder raises over foreign JSON.
_BAD = (msgspec.DecodeError, RecursionError, ValueError)
#: An escape in a JSON text: a pair of surrogates, one without its other half, or any other.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_DAY = 86_400_000
_T = TypeVar("_T")


def fraction(digits: str) -> Decimal | None:
    try:
        return Decimal(digits)
    except ArithmeticError:
        return None


#: Any JSON; fractions as they are written.
DECODER = msgspec.json.Decoder(float_hook=fraction)


def decoded(decoder: msgspec.json.Decoder[_T], body: bytes) -> _T | None:
    """What the decoder makes of a body, None where it is not meant for it.

    The client cuts texts anywhere, even in the middle of a character. Such a half becomes U+FFFD, in its place and
    of its length, and costs nothing else.
    """
    try:
        return decoder.decode(body)
    except _BAD:
        pass
    try:
        return decoder.decode(mended(body.decode("utf-8", "replace").encode()))
    except _BAD:
        return None


def mended(body: bytes) -> bytes:
    """A JSON text with U+FFFD for every escape that is half a character: decoders refuse those."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], body)


def moment(noted: int | None, received: int) -> int:
    """When something was, in milliseconds: as our own program noted it, where that can be, else when it came.

    A spool may be old, a clock may be wrong.
    """
    return noted if noted is not None and received - 400 * _DAY <= noted <= received + _DAY else received


def is_uuid(text: str) -> bool:
    """Whether a text has the form of a UUID: then it may stand in a path or a key."""
    return (
        len(text) == 36
        and text[8] == text[13] == text[18] == text[23] == "-"
        and _HEX.issuperset(text.replace("-", ""))
        and text.count("-") == 4
    )


def clean(text: str, longest: int) -> str:
    """A text without anything unprintable (control, bidi, zero-width characters), cut."""
    text = text[: 4 * longest]
    if not text.isprintable():
        text = "".join(filter(str.isprintable, text))
    return text[:longest]


class Foreign:
    """Takes values one by one and remembers the names of those that could not be meant."""

    def __init__(self) -> None:
        self.odd: list[str] = []

    def oddly(self, name: str) -> None:
        if len(self.odd) < 8:
            self.odd.append(name)

    def text(self, value: Any, name: str, longest: int = LONGEST_NAME) -> str:
        """A printable text, '' where there is none."""
        if isinstance(value, str):
            return clean(value, longest)
        if value is not None:
            self.oddly(name)
        return ""

    def id(self, value: Any, name: str) -> str:
        """An id, '' where there is none: never a part of a longer one."""
        if isinstance(value, str) and len(value) <= LONGEST_ID and value.isprintable():
            return value
        if value is not None:
            self.oddly(name)
        return ""

    def flag(self, value: Any, name: str) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        self.oddly(name)
        return None

    def whole(self, value: Any, name: str) -> int | None:
        """A whole number from 0 on; a fraction is rounded."""
        return self._scaled(value, name, 0, _MOST)

    def milliseconds(self, seconds: Any, name: str) -> int | None:
        """An instant given in seconds since 1970."""
        return self._scaled(seconds, name, 3, _MOST)

    def hundredths(self, percent: Any, name: str) -> int | None:
        """A percentage in hundredths; it may be over 100 %."""
        return self._scaled(percent, name, 2, 10**8)

    def nanos(self, dollars: Any, name: str) -> int | None:
        """Dollars as written, in whole nanodollars."""
        return self._scaled(dollars, name, 9, _MOST_DOLLARS * 10**9)

    def table(self, value: Any, name: str) -> dict[str, Any]:
        """An object, empty where there is none."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.oddly(name)
        return {}

    def _scaled(self, value: Any, name: str, places: int, most: int) -> int | None:
        if value is None:
            return None
        scale: int = 10**places
        if isinstance(value, int) and not isinstance(value, bool):
            if 0 <= value <= most // scale:
                return value * scale
        elif isinstance(value, Decimal) and value.is_finite() and value >= 0 and value.adjusted() < 16:
            whole: int = int(value.scaleb(places).to_integral_value(ROUND_HALF_UP))
            if whole <= most:
                return whole
        self.oddly(name)
        return None

"""Names and numbers as the few words of a finding show them: short, and harmless wherever they are printed."""

from __future__ import annotations

_HARMLESS = frozenset(" ._/-:+")
_AS_LETTERS = {ord(sign): "a" for sign in _HARMLESS}
_CENT = 10_000_000


def safe(name: str, longest: int = 40) -> str:
    """A name of letters, digits and a few signs; whatever else it holds is a question mark."""
    if len(name) <= longest and name.translate(_AS_LETTERS).isalnum():
        return name  # as nearly all are
    cut = name[: longest + 1]
    kept = "".join(sign if sign.isalnum() or sign in _HARMLESS else "?" for sign in cut)
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def dollars(nanos: int) -> str:
    """$12.80; what is less than a cent is "under $0.01", never nothing."""
    sign, size = ("-", -nanos) if nanos < 0 else ("", nanos)
    if 0 < size < _CENT:
        return "under $0.01" if nanos > 0 else "over -$0.01"
    cents = (2 * size + _CENT) // (2 * _CENT)
    return f"{sign}${cents // 100:,}.{cents % 100:02d}"


def amount(number: int, measure: str) -> str:
    """A number of a finding with its unit."""
    if measure == "nanos":
        return dollars(number)
    if measure == "duration":
        return f"{number // 1000:,} s"
    return f"{number:,} {_UNITS.get(measure, measure)}"


_UNITS = {"size_out": "bytes", "size_in": "bytes"}

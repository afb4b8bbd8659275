"""What is written into charts: amounts as every surface writes them, names short enough to stand in a chart."""

from __future__ import annotations

from lineitem.surfaces import numbers


def money(nanos: int | None) -> str:
    """An amount with the digits it needs."""
    return numbers.money(nanos, numbers.digits_for(nanos))


def short(text: str, most: int = 40) -> str:
    """A name in so many characters: of a path the last names stay."""
    if len(text) <= most:
        return text
    return f"…{text[1 - most :]}" if "/" in text and " " not in text else f"{text[: most - 1]}…"

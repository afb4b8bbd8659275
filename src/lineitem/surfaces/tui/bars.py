"""Amounts as lengths: gauges, and rows of little towers. What is not nothing is not drawn as nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_TOWERS = " ▁▂▃▄▅▆▇█"


def bar(part: int, whole: int, width: int) -> str:
    """A bar that is as long as a part is of a whole; at most `width`."""
    if part <= 0 or whole <= 0 or width <= 0:
        return ""
    eighths = max(1, min(8 * width, (16 * width * part + whole) // (2 * whole)))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def gauge(part: int, whole: int, width: int) -> tuple[str, str]:
    """(what of a gauge is full, what is empty)."""
    full = bar(part, whole, width)
    return full, "░" * (width - len(full))


def towers(amounts: Sequence[int | None]) -> str:
    """One character an amount, as high as it is of the largest; nothing is blank."""
    most = max((amount or 0 for amount in amounts), default=0)
    if most <= 0:
        return " " * len(amounts)
    return "".join(
        _TOWERS[max(1, (16 * amount + most) // (2 * most))] if amount and amount > 0 else _TOWERS[0]
        for amount in amounts
    )


def skyline(amounts: Sequence[int | None], room: int) -> str:
    """Towers in at most so much room, up to four characters wide."""
    fitting = gathered(amounts, room)
    wide = max(1, min(4, room // max(1, len(fitting))))
    return "".join(letter * wide for letter in towers(fitting))


def gathered(amounts: Sequence[int | None], width: int) -> list[int | None]:
    """As many amounts as there is room for: neighbours together, the largest of them standing for all."""
    if len(amounts) <= width or width <= 0:
        return list(amounts)
    made: list[int | None] = []
    for place in range(width):
        near = amounts[place * len(amounts) // width : (place + 1) * len(amounts) // width]
        known = [amount for amount in near if amount is not None]
        made.append(max(known) if known else None)
    return made

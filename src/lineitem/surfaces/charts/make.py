"""Every chart by name: the report it is drawn from, and who draws it."""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.problems import UsageError
from lineitem.surfaces.charts.crossed import crossed
from lineitem.surfaces.charts.days import days, year
from lineitem.surfaces.charts.growth import growth
from lineitem.surfaces.charts.icicle import BOXES, icicle
from lineitem.surfaces.charts.look import NARROWEST, USUAL, WIDEST, Look, dark, light
from lineitem.surfaces.charts.prompts import prompts
from lineitem.surfaces.charts.timeline import timeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from lineitem.surfaces.charts.look import Spec


class Chart(NamedTuple):
    """A chart: the report whose document it needs, and how it is drawn."""

    report: str
    draw: Callable[[Mapping[str, Any], Look, Mapping[str, str]], Spec]
    options: tuple[str, ...] = ()  #: its own, beside those of the report
    asks: Mapping[str, str] = {}  #: what it asks of the report whatever is given
    rows: int = 0  #: so many of a list are enough for it; 0: all are needed


CHARTS = {
    "days": Chart("daily", days, ("last-day",)),
    "year": Chart("daily", year, ("last-day",)),
    "bill": Chart("bill", icicle, ("root",), rows=BOXES),
    "growth": Chart("context", growth, asks={"turns": "1"}),
    "prompts": Chart("rot", prompts),
    "calls": Chart("calls", timeline),
    "explore": Chart("explore", crossed),
}


def look_of(given: dict[str, str]) -> Look:
    """Theme and width, taken out of what was given. Raises UsageError."""
    theme = given.pop("theme", "") or "light"
    if theme not in ("light", "dark"):
        raise UsageError(f"theme is light or dark, not '{theme}'.")
    width = number("width", given.pop("width", ""), NARROWEST, WIDEST) or USUAL
    return dark(width) if theme == "dark" else light(width)


def number(name: str, text: str, least: int, most: int) -> int:
    """A whole number in an address; 0 where it was not given. Raises UsageError."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise UsageError(f"{name} is a number from {least} to {most}, not '{text}'.")
    return int(text)

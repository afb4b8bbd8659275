"""How a chart looks: its width, and the colours of a light or a dark page."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Spec = dict[str, Any]

FONT = 'ui-sans-serif, system-ui, "Segoe UI", Roboto, sans-serif'
#: Pixels: how narrow and how wide a chart may be, and how wide it is where nobody says.
NARROWEST, WIDEST, USUAL = 200, 4_000, 720


class Look(NamedTuple):
    """A page's colours and room."""

    width: int
    dark: bool
    ink: str
    dim: str
    line: str
    page: str
    accent: str


def light(width: int = USUAL) -> Look:
    """On a light page."""
    return Look(width, False, "#1c2128", "#59636e", "#dfe3e8", "#ffffff", "#2f6fde")


def dark(width: int = USUAL) -> Look:
    """On a dark page."""
    return Look(width, True, "#e3e8ee", "#97a3b0", "#2b323c", "#171b21", "#5b97f5")


def base(look: Look, height: int, title: str, **rest: Any) -> Spec:
    """The outer part of a specification; `title` is told to those who do not see it."""
    axis = {
        "labelColor": look.dim, "titleColor": look.dim, "gridColor": look.line, "domainColor": look.line,
        "tickColor": look.line, "labelFont": FONT, "titleFont": FONT, "labelFontSize": 11, "titleFontSize": 11,
        "titleFontWeight": "normal", "labelPadding": 4,
    }  # fmt: skip
    legend = {"labelColor": look.ink, "titleColor": look.dim, "labelFont": FONT, "labelFontSize": 11}
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json", "description": title,
        "width": look.width, "height": height, "padding": 2,
        "autosize": {"type": "fit", "contains": "padding"},
        "config": {"axis": axis, "legend": legend, "text": {"font": FONT, "fontSize": 11, "fill": look.ink}},
        **rest,
    }  # fmt: skip


def money_format(most: float) -> str:
    """How dollars are written at an axis whose largest is this."""
    for least, digits in (20, 0), (2, 1), (0.02, 2):
        if most >= least:
            return f"$,.{digits}f"
    return "$,.4f"


def dollars(nanos: int | None) -> float:
    """Where a point lies; what is written beside it comes of the whole number."""
    return (nanos or 0) / 1_000_000_000

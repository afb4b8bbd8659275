"""How the dashboard looks: its two themes, and what our styles of pieces are in them.

A style is what pages use: "", "bold", "dim", a kind of cause, "on" and a kind. Causes have the colours they have on
every surface; without colours "dim" and "bold" remain.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import Theme

from lineitem.surfaces.palette import KINDS

if TYPE_CHECKING:
    from lineitem.surfaces.page import Line

DARK, LIGHT = "lineitem-dark", "lineitem-light"
_DIM = {True: "#8b949e", False: "#656d76"}

THEMES = (
    Theme(
        DARK, primary=KINDS["tool"], secondary=KINDS["schemas"], accent=KINDS["tool"], warning=KINDS["compaction"],
        error=KINDS["unlogged"], success=KINDS["prompt"], foreground="#d9dee4", background="#14181d", surface="#14181d",
        panel="#21262d", dark=True, variables={"cursor": "#263445", "muted": _DIM[True], "rule": "#343b44"},
    ),
    Theme(
        LIGHT, primary=KINDS["tool"], secondary=KINDS["schemas"], accent=KINDS["tool"], warning=KINDS["compaction"],
        error=KINDS["unlogged"], success=KINDS["prompt"], foreground="#1f2328", background="#ffffff", surface="#ffffff",
        panel="#eaeef2", dark=False, variables={"cursor": "#d3e5fd", "muted": _DIM[False], "rule": "#d1d9e0"},
    ),
)  # fmt: skip


@cache
def style(words: str, *, dark: bool) -> Style:
    """One of our styles as Rich has it."""
    found, on = Style(), False
    for word in words.split():
        if word == "on":
            on = True
        elif word == "bold":
            found += Style(bold=True)
        elif word == "reverse":
            found += Style(reverse=True)
        else:
            colour = _DIM[dark] if word == "dim" else KINDS.get(word, word)
            found += Style(bgcolor=colour) if on else Style(color=colour)
            on = False
    return found


def strip(line: Line, width: int, ground: Style, *, dark: bool) -> Strip:
    """A line of pieces as one strip of exactly that width, on a ground. The texts are clean, and stand as they are."""
    made = Strip([Segment(text, ground + style(words, dark=dark)) for text, words in line if text])
    return made.adjust_cell_length(width, ground)

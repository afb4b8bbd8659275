"""Draws docs/pictures: the bill that `lineitem demo` prints, and the same in the dashboard.

In: the built-in example. Out: SVG files that are complete in themselves: no fonts or styles from elsewhere, every
piece of text at its place and of its width, whatever monospaced font there is, on a light or a dark page.
Rich could export one too; it names fonts on the network, and some renderers shift its runs of spaces.

usage: python tools/pictures.py      draws the pictures in place
       python tools/pictures.py --check      fails if one is outdated
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from lineitem.surfaces.cli.demo import example
from lineitem.surfaces.page import Page, cells
from lineitem.surfaces.palette import KINDS
from lineitem.surfaces.receipt import receipt

if TYPE_CHECKING:
    from textual.strip import Strip

PICTURE = Path(__file__).parents[1] / "docs/pictures/session.svg"
DASHBOARD = PICTURE.with_name("dashboard.svg")
COLUMNS = 110
#: Columns and lines of the dashboard, and the keys that lead to what is shown of it.
SCREEN, KEYS = (120, 35), ("2", "enter", *["right"] * 5, "down", "down", "right", "down")
CELL, LINE, BASE, EDGE = 8.4, 19, 14, 18  #: pixels: a column, a line, its baseline, the margin

_STYLE = """
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d9dee4 }
  .page { fill: #14181d; stroke: #343b44 } .dim { fill: #8b949e } .bold { font-weight: 700 }
  @media (prefers-color-scheme: light) {
    text { fill: #1f2328 } .page { fill: #ffffff; stroke: #d1d9e0 } .dim { fill: #656d76 }
  }
"""


def picture(page: Page, title: str, more: str = "") -> str:
    """A page as SVG. more: further styles."""
    body = [part for row, line in enumerate(page.lines) for part in _line(line, row)]
    width = round(page.width * CELL + 2 * EDGE)
    height = len(page.lines) * LINE + 2 * EDGE
    kinds = " ".join(f".{kind} {{ fill: {colour} }}" for kind, colour in KINDS.items())
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}{more}  {kinds}\n</style>",
        f'<rect class="page" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        *body,
        "</svg>\n",
    ])  # fmt: skip


def _line(line: list[tuple[str, str]], row: int) -> list[str]:
    """What there is to draw of a line: colours as boxes, words as texts."""
    made, column = [], 0
    for text, style in line:
        words = style.split()
        if words[:1] == ["on"]:
            x, y = EDGE + column * CELL, EDGE + row * LINE
            made.append(
                f'<rect class="{words[1]}" x="{x:g}" y="{y:g}" width="{cells(text) * CELL:g}" height="{LINE - 2}"/>'
            )
        if text.strip():
            made.append(_text(text, column, row, " ".join(words[2:] if words[:1] == ["on"] else words)))
        column += cells(text)
    return made


def _text(text: str, column: int, row: int, style: str) -> str:
    start = column + len(text) - len(text.lstrip())
    word = text.strip()
    x, y = EDGE + start * CELL, EDGE + row * LINE + BASE
    if set(word) == {"─"}:  # a rule: drawn, since letters leave gaps
        return f'<rect class="dim" x="{x:g}" y="{y - 5:g}" width="{len(word) * CELL:g}" height="1"/>'
    named = f' class="{style}"' if style else ""
    shown = escape(word).replace(" ", "&#160;")
    return f'<text{named} x="{x:g}" y="{y:g}" textLength="{cells(word) * CELL:g}">{shown}</text>'


def session() -> str:
    """The picture of the example's bill, with the command that prints it above."""
    page: Page = example(lambda bill: receipt(bill, {"timezone": "UTC"}, COLUMNS))
    page.lines[:0] = [[(" $ ", "dim"), ("lineitem session", "bold"), (" 5d0c94e2", "bold")], []]
    return picture(page, "One session as an itemised bill, printed by lineitem demo")


# -- the dashboard

_SCREEN_STYLE = """
  .cursor { fill: #263445 } .panel { fill: #21262d }
  @media (prefers-color-scheme: light) { .cursor { fill: #d3e5fd } .panel { fill: #eaeef2 } }
"""


def dashboard() -> str:
    """The picture of the example's bill in the dashboard, opened down to a tool call."""
    page = Page(SCREEN[0])
    with mock.patch.dict(os.environ, {"LINEITEM_SETTINGS": os.devnull}):
        os.environ.pop("NO_COLOR", None)
        page.lines = [_pieces(strip) for strip in asyncio.run(_screen())]
    return picture(page, "One session in lineitem tui", _SCREEN_STYLE)


async def _screen() -> list[Strip]:
    """The lines of the dashboard, without a terminal."""
    from lineitem.core.periods import Zone
    from lineitem.reports.query import Query
    from lineitem.surfaces.cli import story
    from lineitem.surfaces.cli.demo import NOW
    from lineitem.surfaces.tui.answers import Asking
    from lineitem.surfaces.tui.dashboard import Dashboard
    from lineitem.surfaces.tui.question import Question
    from lineitem.wiring import Lineitem

    with tempfile.TemporaryDirectory() as folder:
        config = f"{folder}/claude"
        story.tell(config)

        def opened(*, onlooker: bool) -> Lineitem:
            return Lineitem(f"sqlite:///{folder}/dashboard.sqlite", [config], alone=True, onlooker=onlooker)

        lineitem = opened(onlooker=False)
        lineitem.take_in(lambda *_: None, lambda _: None)
        lineitem.close()
        app = Dashboard(opened, Asking(lambda: Query(Zone("UTC"), NOW)))
        async with app.run_test(size=SCREEN) as pilot:
            for key in KEYS:
                await pilot.press(key)
                while isinstance(app.screen, Question) and app.screen.waiting:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.01)
                await pilot.pause()
            strips = app.screen._compositor.render_strips()  # noqa: SLF001 - its own screenshots ask the same
        app.end()
    return strips


def _pieces(strip: Strip) -> list[tuple[str, str]]:
    """A line of the screen in our styles, told from their colours."""
    from lineitem.surfaces.tui.look import DARK, THEMES

    theme = next(theme for theme in THEMES if theme.name == DARK)
    named = {colour: kind for kind, colour in KINDS.items()} | {theme.variables["muted"]: "dim"}
    grounds = {theme.variables["cursor"]: "cursor", theme.panel: "panel"}
    made = []
    for text, style, _ in strip:
        words = []
        if style is not None:
            ground = style.bgcolor.get_truecolor().hex if style.bgcolor else ""
            words += ["on", grounds[ground]] if ground in grounds else []
            words += ["bold"] if style.bold else []
            ink = style.color.get_truecolor().hex if style.color else ""
            words += [named[ink]] if ink in named else []
        made.append((text, " ".join(words)))
    return made


PICTURES = {PICTURE: session, DASHBOARD: dashboard}

if __name__ == "__main__":
    for path, draw in PICTURES.items():
        drawn = draw()
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text(encoding="utf-8") != drawn:
                sys.exit("outdated: run `just docs`")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawn, encoding="utf-8")

"""Draws docs/pictures/session.svg: the bill that `lineitem demo` prints, as a picture.

In: the built-in example. Out: one SVG file that is complete in itself: no fonts or styles from elsewhere, every
piece of text at its place and of its width, whatever monospaced font there is, on a light or a dark page.
Rich could export one too; it names fonts on the network, and some renderers shift its runs of spaces.

usage: python tools/pictures.py      draws the pictures in place
       python tools/pictures.py --check      fails if one is outdated
"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

from lineitem.surfaces.cli.demo import example
from lineitem.surfaces.page import Page, cells
from lineitem.surfaces.palette import KINDS
from lineitem.surfaces.receipt import receipt

PICTURE = Path(__file__).parents[1] / "docs/pictures/session.svg"
COLUMNS = 110
CELL, LINE, BASE, EDGE = 8.4, 19, 14, 18  #: pixels: a column, a line, its baseline, the margin

_STYLE = """
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d9dee4 }
  .page { fill: #14181d; stroke: #343b44 } .dim { fill: #8b949e } .bold { font-weight: 700 }
  @media (prefers-color-scheme: light) {
    text { fill: #1f2328 } .page { fill: #ffffff; stroke: #d1d9e0 } .dim { fill: #656d76 }
  }
"""


def picture(page: Page) -> str:
    """A page as SVG."""
    body = [part for row, line in enumerate(page.lines) for part in _line(line, row)]
    width = round(COLUMNS * CELL + 2 * EDGE)
    height = len(page.lines) * LINE + 2 * EDGE
    kinds = " ".join(f".{kind} {{ fill: {colour} }}" for kind, colour in KINDS.items())
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        "<title>One session as an itemised bill, printed by lineitem demo</title>",
        f"<style>{_STYLE}  {kinds}\n</style>",
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
                f'<rect class="{words[1]}" x="{x:g}" y="{y:g}" width="{len(text) * CELL:g}" height="{LINE - 2}"/>'
            )
        elif text.strip():
            made.append(_text(text, column, row, style))
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
    return picture(page)


if __name__ == "__main__":
    drawn = session()
    if "--check" in sys.argv[1:]:
        current = PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == drawn
        sys.exit(0 if current else "outdated: run `just docs`")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(drawn, encoding="utf-8")

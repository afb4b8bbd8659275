"""The pictures of a written report: a few bars each, as SVG that is complete in itself.

In: a `Written`. Out: section -> SVG. Always: a bar's length is its row's share of the longest, in whole thousandths;
every text is ours or a number; the colours of causes are those of every other surface, on light and on dark pages.
"""

from __future__ import annotations

from html import escape

from lineitem.surfaces import numbers
from lineitem.surfaces.palette import KINDS, colour
from lineitem.surfaces.palette import name as kind_name
from lineitem.surfaces.signed import MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lineitem.reports.written import Section, Written

    Row = dict[str, Any]

_WIDTH, _EDGE, _LINE, _NAMES, _TALL, _SLOT = 720, 16, 24, 130, 160, 90  #: pixels
_STYLE = (
    'text { font: 13px ui-sans-serif, system-ui, "Segoe UI", sans-serif; fill: #1f2328 } .dim { fill: #656d76 }'
    " .page { fill: #ffffff; stroke: #d1d9e0 } @media (prefers-color-scheme: dark) { text { fill: #d9dee4 }"
    " .dim { fill: #8b949e } .page { fill: #14181d; stroke: #343b44 } }"
)


def pictures(written: Written) -> dict[str, str]:
    """The sections there are pictures of, drawn."""
    made: dict[str, str] = {}
    for section in written.sections:
        if section.key == "causes":
            made["causes"] = _causes(section)
        elif section.key == "days":
            made["days"] = _columns("Cost by day", section.tables[0].rows, "date", "costNanos", _money, KINDS["tool"])
        elif section.key == "growth":
            rows = [row for row in section.tables[0].rows if row["contextTokens"] is not None]
            if rows:
                made["growth"] = _columns("Context by prompt", rows, "prompt", "contextTokens", numbers.tokens,
                                          KINDS["schemas"])  # fmt: skip
    return made


def _money(nanos: int) -> str:
    return numbers.money(nanos, numbers.digits_for(nanos))


def _causes(section: Section) -> str:
    """A line a kind of cause: its name, its bar, what it cost."""
    rows = [row for row in section.tables[0].rows if row["costNanos"] > 0]
    most = max((row["costNanos"] for row in rows), default=1)
    room = _WIDTH - 2 * _EDGE - _NAMES - 90
    digits = numbers.digits_for(most)
    parts = []
    for place, row in enumerate(rows):
        y = _EDGE + _LINE * (place + 1)
        length = _of(row["costNanos"], most, room)
        parts += [
            _text(_EDGE, y + 16, kind_name(row["kind"])),
            _bar(_EDGE + _NAMES, y + 4, length, _LINE - 8, colour(row["kind"])),
            _text(_EDGE + _NAMES + length + 8, y + 16, numbers.money(row["costNanos"], digits), "dim"),
        ]
    return _svg("Cost by cause", parts, _EDGE * 2 + _LINE * (len(rows) + 1))


def _columns(title: str, rows: Sequence[Row], label: str, key: str, written: Callable[[int], str], filled: str) -> str:
    """A column a row, the first and the last of them named, and the tallest with its number."""
    most = max((row[key] for row in rows), default=0) or 1
    room, base = min(_WIDTH - 2 * _EDGE, _SLOT * len(rows)), _EDGE + 2 * _LINE + _TALL
    parts, tallest = [], max(range(len(rows)), key=lambda place: rows[place][key])
    for place, row in enumerate(rows):
        left, right = (_EDGE * 1000 + room * 1000 * edge // len(rows) for edge in (place, place + 1))
        height = _of(row[key], most, _TALL)
        gap = (right - left) // 5
        parts.append(_bar(left / 1000, base - height, (right - left - gap) / 1000, height, filled))
    x = _EDGE + room * tallest // len(rows)
    end = x > _WIDTH // 2
    parts.append(_text(x, base - _TALL - 6, written(rows[tallest][key]), "dim", anchor="end" if end else "start"))
    parts.append(_text(_EDGE, base + 18, rows[0][label]))
    if len(rows) > 1:
        parts.append(_text(_EDGE + room, base + 18, rows[-1][label], anchor="end"))
    return _svg(title, parts, base + _LINE + _EDGE // 2)


def _of(part: int, most: int, room: int) -> float:
    """That share of the room, in pixels to a thousandth; what is more than nothing can be seen."""
    return max(0.5, part * room * 1000 // most / 1000) if part > 0 else 0.0


def _bar(x: float, y: float, width: float, height: float, filled: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{filled}"/>'


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    named = f' class="{style}"' if style else ""
    return f'<text{named} x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(title: str, parts: Sequence[str], height: float) -> str:
    size = f'viewBox="0 0 {_WIDTH} {height:g}" width="{_WIDTH}" height="{height:g}"'
    return "\n".join([
        MARK,
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1:g}" rx="6"/>',
        _text(_EDGE, _EDGE + 10, title),
        *parts,
        "</svg>\n",
    ])  # fmt: skip

"""Rows in aligned columns that fit a width.

In: columns (texts to the left, numbers to the right) and rows of styled cells. Out: styled lines.
Always: a number is written whole; where there is too little room, texts are shortened, the longest first.
"""

from __future__ import annotations

from lineitem.surfaces.page import cells, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineitem.surfaces.page import Line, Piece

    #: None: the text to the left runs over this cell.
    Row = Sequence[Piece | None]

#: Between two columns, and before the first.
GAP, MARGIN = 2, 1


class Col:
    """A column: its heading, its side, how narrow a text may get."""

    __slots__ = ("gap", "least", "number", "title")

    def __init__(self, title: str = "", *, number: bool = False, least: int = 8, gap: int = GAP) -> None:
        self.title, self.number = title, number
        self.least = least  #: of a text: it is not made narrower than this
        self.gap = gap  #: between it and the column before


class Grid:
    """Columns and the rows in them; a row without cells is a rule."""

    __slots__ = ("columns", "rows")

    def __init__(self, columns: Sequence[Col]) -> None:
        self.columns = list(columns)
        self.rows: list[Row] = []

    def row(self, *row: Piece | None) -> None:
        """Add a row, a cell a column."""
        self.rows.append(row)

    def rule(self) -> None:
        """Add a line across all columns."""
        self.rows.append(())

    def narrowest(self) -> int:
        """How many columns of a page it takes with its texts as short as they may get."""
        return self._whole([
            width if column.number else min(width, column.least)
            for column, width in zip(self.columns, self.natural(), strict=True)
        ])  # fmt: skip

    def lines(self, width: int, *, fill: bool = False) -> list[Line]:
        """Headings, a rule, the rows; `fill` leaves the margin on both sides and gives a text the room between."""
        widths = self.widths(width, fill=fill)
        ruler: Line = [(" " * MARGIN, ""), ("─" * (self._whole(widths) - MARGIN), "dim")]
        made = [self.line(row, widths) for row in self.headings()]
        made.append(ruler)
        made += [self.line(row, widths) if row else ruler for row in self.rows]
        return made

    def headings(self) -> list[Row]:
        """Headings of numbers stand in as many lines as they have words, all on the same ground."""
        words = [column.title.split(" ") if column.number else [column.title] for column in self.columns]
        high = max(len(each) for each in words)
        return [
            [(each[line - high + len(each)] if line >= high - len(each) else "", "dim") for each in words]
            for line in range(high)
        ]

    def wanted(self) -> int:
        """How many columns of a page it takes with nothing shortened."""
        return self._whole(self.natural())

    def widths(self, width: int, *, fill: bool = False) -> list[int]:
        """How wide each column is on a page of that width."""
        width -= MARGIN if fill else 0
        widths = self.natural()
        over = self._whole(widths) - width
        while over > 0:
            places = [
                place for place, column in enumerate(self.columns) if not column.number and widths[place] > column.least
            ]
            if not places:
                break
            place = max(places, key=lambda each: widths[each])
            widths[place] -= 1
            over -= 1
        spare = width - self._whole(widths)
        texts = [place for place, column in enumerate(self.columns) if not column.number]
        if fill and spare > 0 and texts:
            widths[max(texts, key=lambda place: widths[place])] += spare
        return widths

    def natural(self) -> list[int]:
        """How wide each column would like to be."""
        widths = [
            max(map(cells, column.title.split(" "))) if column.number else cells(column.title)
            for column in self.columns
        ]
        for row in self.rows:
            for place, cell in enumerate(row):
                if cell is not None and row[place + 1 : place + 2] != (None,):
                    size = cells(cell[0])
                    if size > widths[place]:
                        widths[place] = size
        return widths

    def _whole(self, widths: Sequence[int]) -> int:
        return MARGIN + sum(widths) + sum(column.gap for column in self.columns[1:])

    def line(self, row: Row, widths: Sequence[int]) -> Line:
        """One row, in columns of these widths."""
        line: Line = []
        space = MARGIN
        for place, (column, cell) in enumerate(zip(self.columns, row, strict=True)):
            if cell is None:
                continue
            text, style = cell
            width = widths[place]
            for beyond in range(place + 1, len(row)):
                if row[beyond] is not None:
                    break
                width += widths[beyond] + self.columns[beyond].gap
            if column.number:
                space += width - cells(text)
            else:
                text = _fitted(text, width)
            line += [(" " * space, ""), (text, style)]
            space = 0 if column.number else width - cells(text)
            follows = next((after for after in range(place + 1, len(row)) if row[after] is not None), None)
            space += self.columns[follows].gap if follows is not None else 0
        return line


def _fitted(text: str, width: int) -> str:
    """A text in so many columns, its indent kept: of a path the last names stay, of a command the first words."""
    bare = text.lstrip(" ")
    indent = " " * min(len(text) - len(bare), width)
    return indent + shorten(bare, width - len(indent), "end" if "/" in bare and " " not in bare else "start")

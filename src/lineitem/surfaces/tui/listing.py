"""Rows to move through: any number of them, of which only those in sight are drawn.

In: columns and rows of pieces, texts clean. Out: messages when the cursor moves, a row is chosen, a heading is clicked.
Always: a number is whole; the cursor stays on its row when rows are shown anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView

from lineitem.surfaces.columns import GAP, Col, Grid
from lineitem.surfaces.page import cells
from lineitem.surfaces.tui.bars import bar
from lineitem.surfaces.tui.look import strip, style

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.style import Style
    from textual import events
    from textual.strip import Strip

    from lineitem.surfaces.page import Piece


class Bar(NamedTuple):
    """A cell that is a bar, as long as there is room."""

    part: int
    whole: int
    kind: str


class Row(NamedTuple):
    """A row: what it is (unique in its listing), and its cells."""

    key: str
    cells: tuple[Piece | Bar, ...]


class Field(Col):
    """A column of a listing; the higher its rank, the sooner it is left out where there is little room."""

    __slots__ = ("grows", "rank")

    def __init__(
        self, title: str = "", *, number: bool = False, least: int = 8, gap: int = GAP, rank: int = 0,
        grows: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(title, number=number, least=least, gap=gap)
        self.rank = rank  #: 0: it is never left out
        self.grows = grows  #: whether it takes the room that is left


class Frame(Grid):
    """Columns of which is known how wide they would like to be."""

    def __init__(self, columns: Sequence[Field], wished: Sequence[int]) -> None:
        super().__init__(columns)
        self._wished = wished

    def natural(self) -> list[int]:
        return list(self._wished)

    def wide(self, widths: Sequence[int]) -> int:
        """How many columns of a page these take."""
        return self._whole(widths)


def wished(columns: Sequence[Field], rows: Sequence[Row], known: Sequence[int] = ()) -> list[int]:
    """How wide columns would like to be; 0: a column that says nothing. known: widths of those too many to look at."""
    found = []
    for place, column in enumerate(columns):
        size = cells(column.title)
        if place < len(known) and known[place]:
            size = max(size, known[place])
        else:
            texts = (row.cells[place] for row in rows)
            longest = max((column.least if isinstance(cell, Bar) else cells(cell[0]) for cell in texts), default=1)
            size = max(size, longest) if longest or not column.rank else 0
        found.append(size)
    return found


class Listing(ScrollView, can_focus=True):
    """A table with a cursor; the headings stay in sight."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"listing--cursor", "listing--rest"}
    DEFAULT_CSS: ClassVar[str] = """
    Listing {
        width: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
        & > .listing--cursor { background: $cursor; text-style: bold; }
        & > .listing--rest { background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[Any]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "first", "First row", show=False),
        Binding("end,G", "last", "Last row", show=False),
        Binding("enter", "choose", "Open"),
    ]

    class Looked(Message):
        """The cursor stands on another row."""

        def __init__(self, listing: Listing, key: str) -> None:
            super().__init__()
            self.listing, self.key = listing, key

        @property
        def control(self) -> Listing:
            return self.listing

    class Chosen(Looked):
        """A row was chosen."""

    class Headed(Message):
        """A heading was clicked."""

        def __init__(self, listing: Listing, place: int) -> None:
            super().__init__()
            self.listing, self.place = listing, place

        @property
        def control(self) -> Listing:
            return self.listing

    def __init__(self, *, id: str | None = None, opens: bool = True) -> None:  # noqa: A002 - Textual's name
        """opens: whether there is anything behind a row."""
        super().__init__(id=id)
        self._opens = opens
        self._style: Style | None = None
        self.columns: tuple[Field, ...] = ()
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self.empty = ""  #: what is said where there are no rows
        self._wished: list[int] = []
        self._fit: _Fit | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return self._opens or action != "choose"

    # -- what is shown

    def show(self, columns: Sequence[Field], rows: Sequence[Row], empty: str = "", widths: Sequence[int] = ()) -> None:
        """Show these rows; the cursor stays with the row it was on."""
        titles = [column.title for column in columns]
        if rows == self.rows and titles == [column.title for column in self.columns] and empty == self.empty:
            return
        key = self.key if self.cursor or self.has_focus else ""  # who looks at the first row looks at what is new
        many = len(rows) != len(self.rows)
        self.columns, self.rows, self.empty = tuple(columns), rows, empty
        self._wished, self._fit = wished(columns, rows, widths), None
        place = self._place_of(key)
        self.cursor = max(0, min(self.cursor if place is None else place, len(rows) - 1))
        self._grow()
        self.refresh(layout=many and self.styles.height is not None and self.styles.height.is_auto)
        if self.key != key:
            self._look()
        if self.cursor and self.size.height:
            self._reveal()

    def _place_of(self, key: str) -> int | None:
        return next((place for place, row in enumerate(self.rows) if row.key == key), None) if key else None

    def _grow(self) -> None:
        """Tell the scrollbar how many rows there are; one line is the headings."""
        self.virtual_size = Size(self.size.width, len(self.rows) + 1)

    @property
    def key(self) -> str:
        """Of the row under the cursor; "" where there is none."""
        return self.rows[self.cursor].key if self.cursor < len(self.rows) else ""

    def go_to(self, key: str) -> None:
        """Put the cursor on the row with this key, where there is one."""
        place = self._place_of(key)
        if place is not None:
            self._move_to(place)

    # -- drawing

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport, width
        return max(2, len(self.rows) + 1)

    def on_resize(self) -> None:
        self._grow()
        self._reveal()

    def _fitted(self) -> _Fit:
        width = self.size.width
        if self._fit is None or self._fit.width != width:
            first = self.rows[0].cells if self.rows else ()
            bars = {place for place, cell in enumerate(first) if isinstance(cell, Bar)}
            self._fit = _fit(self.columns, self._wished, width, bars)
        return self._fit

    def notify_style_update(self) -> None:
        self._style = None
        super().notify_style_update()

    def _ground(self) -> Style:
        """What the widget is drawn on; worked out once, since every line asks."""
        if self._style is None:
            self._style = self.rich_style
        return self._style

    def render_line(self, y: int) -> Strip:
        width, ground, dark = self.size.width, self._ground(), self.app.current_theme.dark
        if y == 0:
            fit = self._fitted()
            return strip(fit.frame.line(self._heads(fit), fit.widths), width, ground, dark=dark)
        place = round(self.scroll_y) + y - 1
        if place >= len(self.rows):
            said = f" {self.empty}" if y == 1 and not self.rows else ""
            return strip([(said, "dim")], width, ground, dark=dark)
        if place == self.cursor:
            ground += self._cursor_style()
        fit = self._fitted()
        return strip(fit.frame.line(self._cells(place, fit), fit.widths), width, ground, dark=dark)

    def _heads(self, fit: _Fit) -> list[Piece]:
        return [(self.columns[place].title, "dim") for place in fit.places]

    def _cells(self, place: int, fit: _Fit) -> list[Piece]:
        """The cells of a row in sight."""
        row = self.rows[place].cells
        found = (row[each] for each in fit.places)
        return [
            (bar(cell.part, cell.whole, wide), cell.kind) if isinstance(cell, Bar) else cell
            for cell, wide in zip(found, fit.widths, strict=True)
        ]

    def _cursor_style(self) -> Any:
        if self.app.no_color:
            return style("reverse" if self.has_focus else "bold", dark=True)
        return self.get_component_rich_style("listing--cursor" if self.has_focus else "listing--rest")

    def on_focus(self) -> None:
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        self._refresh_row(self.cursor)

    def _refresh_row(self, place: int) -> None:
        y = place + 1 - round(self.scroll_y)
        if y > 0:
            self.refresh(Region(0, y, self.size.width, 1))

    # -- moving

    def _move_to(self, place: int) -> None:
        place = max(0, min(place, len(self.rows) - 1))
        if place != self.cursor:
            before, self.cursor = self.cursor, place
            self._refresh_row(before)
            self._refresh_row(place)
            self._look()
        self._reveal()

    def _look(self) -> None:
        self.post_message(self.Looked(self, self.key))

    def _reveal(self) -> None:
        """Scroll so that the cursor is in sight."""
        room = max(1, self.size.height - 1)
        top = round(self.scroll_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + room:
            self.scroll_to(y=self.cursor - room + 1, animate=False)

    def action_move(self, by: int) -> None:
        self._move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        self._move_to(self.cursor + by * max(1, self.size.height - 2))

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(len(self.rows) - 1)

    def action_choose(self) -> None:
        if self.rows:
            self.post_message(self.Chosen(self, self.key))

    def on_click(self, event: events.Click) -> None:
        place = round(self.scroll_y) + event.y - 1
        if event.y == 0:
            self._click_heading(event.x)
        elif place < len(self.rows):
            again = place == self.cursor
            self._move_to(place)
            self.clicked(event.x, again=again)

    def clicked(self, x: int, *, again: bool) -> None:
        """A row was clicked, at a column of the page; `again`: it had the cursor already."""
        del x
        if again:
            self.action_choose()

    def _click_heading(self, x: int) -> None:
        if not self.columns:
            return
        edge, fit = 1, self._fitted()
        for first, (place, wide) in enumerate(zip(fit.places, fit.widths, strict=True)):
            edge += wide + (self.columns[place].gap if first else 0)
            if x < edge:
                self.post_message(self.Headed(self, place))
                return


class _Fit(NamedTuple):
    """Which columns there is room for, and how wide each is."""

    width: int
    places: tuple[int, ...]
    frame: Frame
    widths: list[int]


#: So much wider than its texts a column may be: eyes follow a line only so far.
_FURTHER = 24


def _fit(columns: Sequence[Field], wished: Sequence[int], width: int, stretching: Collection[int] = ()) -> _Fit:
    """All columns, or as many as fit when texts are as short as they may get. stretching: the places of bars."""
    places = [place for place, size in enumerate(wished) if size]
    while True:
        frame = Frame([columns[place] for place in places], [wished[place] for place in places])
        if frame.narrowest() < width - 1 or not any(columns[place].rank for place in places):
            break
        places.remove(max(places, key=lambda place: (columns[place].rank, place)))
    grows = next((at for at, place in enumerate(places) if columns[place].grows), None)
    room = width - 2  # the scrollbar, and a space before it
    widths = frame.widths(room, fill=grows is None)
    if grows is not None:
        spare = max(0, room - frame.wide(widths))
        bars = places[grows] in stretching
        widths[grows] += spare if bars else min(spare, _FURTHER)
    return _Fit(width, tuple(places), frame, widths)

"""Columns that fit: numbers whole, texts shortened, everything under its heading."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineitem.surfaces.columns import Col, Grid
from lineitem.surfaces.page import cells, clean
from tests.surfaces.answers import HOSTILE

NUMBER = st.integers(0, 10**12).map(lambda number: f"{number:,}")
TEXT = (st.text(max_size=80) | st.sampled_from(HOSTILE)).map(clean)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Texts and numbers in any order, a rule here and there, a text that runs over the cells beside it."""
    numbers = draw(st.lists(st.booleans(), min_size=1, max_size=7))
    grid = Grid([Col(draw(st.sampled_from(["", "Cost", "Cache write"])), number=number) for number in numbers])
    for _ in range(draw(st.integers(0, 5))):
        if draw(st.integers(0, 5)) == 0:
            grid.rule()
            continue
        grid.row(*[(draw(NUMBER if number else TEXT), "") for number in numbers])
    if not numbers[0]:
        grid.row((draw(TEXT), ""), *[None] * (len(numbers) - 1))
    return grid


def lines(grid: Grid, width: int, *, fill: bool = False) -> list[str]:
    return ["".join(text for text, _ in line) for line in grid.lines(width, fill=fill)]


@given(grids(), st.integers(20, 160), st.booleans())
def test_a_number_is_never_cut_and_no_line_is_too_long(grid: Grid, width: int, fill: bool) -> None:
    page = lines(grid, width, fill=fill)
    high = len(page) - len(grid.rows)
    for row, line in zip(grid.rows, page[high:], strict=True):
        assert cells(line) <= max(width, grid.narrowest())
        for cell, column in zip(row, grid.columns, strict=False):
            if cell is not None and column.number:
                assert cell[0] in line.split(" ")


@given(grids())
def test_where_there_is_room_nothing_is_shortened(grid: Grid) -> None:
    page = lines(grid, max(400, grid.wanted()))
    for row, line in zip(grid.rows, page[len(page) - len(grid.rows) :], strict=True):
        runs_over = row[1:2] == (None,)
        assert runs_over or all(cell is not None and cell[0] in line for cell in row)


def test_numbers_end_under_each_other_and_texts_begin_so() -> None:
    grid = Grid([Col("Day"), Col("Cache write", number=True), Col("Cost", number=True)])
    grid.row(("2026-11-02", ""), ("12.3k", ""), ("$0.42", ""))
    grid.row(("2026-11-03", ""), ("7", ""), ("$112.80", ""))
    grid.rule()
    grid.row(("Total", "bold"), ("12.4k", "bold"), ("$113.22", "bold"))
    assert lines(grid, 80) == [
        "             Cache         ",
        " Day         write     Cost",
        " ──────────────────────────",
        " 2026-11-02  12.3k    $0.42",
        " 2026-11-03      7  $112.80",
        " ──────────────────────────",
        " Total       12.4k  $113.22",
    ]


def test_a_path_keeps_its_end_and_a_command_its_beginning() -> None:
    grid = Grid([Col("Target"), Col("Cost", number=True)])
    grid.row(("src/lineitem/surfaces/page.py", ""), ("$1", ""))
    grid.row(("grep -rn round src/lineitem", ""), ("$2", ""))
    grid.row(("  src/lineitem/surfaces/page.py", ""), ("$3", ""))
    assert [line[:15].rstrip() for line in lines(grid, 20)[2:]] == [
        " …aces/page.py",
        " grep -rn rou…",
        "   …es/page.py",
    ]


def test_a_text_may_run_over_the_cells_beside_it() -> None:
    grid = Grid([Col("A"), Col("B", number=True), Col("C", number=True)])
    grid.row(("x", ""), ("1,000", ""), ("2", ""))
    grid.row(("a longer remark", ""), None, ("3", ""))
    assert lines(grid, 80)[2:] == [" x  1,000  2", " a longe…  3"]
    assert lines(grid, 30, fill=True)[3] == " a longer remark            3"

"""Keys and clicks do what help and docs/tui.md say; and both name every one of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.binding import Binding

from lineitem.surfaces.cli import story
from lineitem.surfaces.tui.dashboard import SCREENS, Dashboard
from lineitem.surfaces.tui.foot import named
from lineitem.surfaces.tui.head import PLACES
from lineitem.surfaces.tui.helping import Help
from lineitem.surfaces.tui.listing import Listing
from lineitem.surfaces.tui.outline import Outline
from lineitem.surfaces.tui.question import Question
from lineitem.surfaces.tui.session import SessionScreen
from lineitem.surfaces.tui.sessions import PeriodScreen
from tests.surfaces.tui.stage import SIZES, Stage, dashboard, play, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[3] / "docs/tui.md"
OWNERS: tuple[Any, ...] = (Dashboard, *SCREENS.values(), SessionScreen, PeriodScreen, Listing, Outline, Help)
SIZE = (120, SIZES[120])


def bindings(owner: Any) -> Iterator[Binding]:
    """Those of ours; Textual's own for moving the focus aside."""
    yield from owner.__dict__.get("BINDINGS", ())


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__name__)
def test_the_page_has_every_key(owner: Any) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for binding in bindings(owner):
        for key in binding.key.split(","):
            assert f"`{named(key)}`" in page, key


@pytest.mark.parametrize("screen", [*SCREENS.values(), SessionScreen])
def test_every_screen_explains_itself(screen: type[Question]) -> None:
    assert len(screen.HELP.split()) > 25
    assert screen.NAME


def test_help_names_every_key_of_its_screen(ledger: Path) -> None:
    async def act(stage: Stage) -> str:
        await stage.press("2", "enter", "question_mark")
        sheet: Any = stage.app.screen.query("Sheet").first()
        return "\n".join(sheet.text())

    text: str = play(dashboard(ledger), (120, 60), act)
    for owner in (SessionScreen, Dashboard):
        assert all(named(key) in text for binding in bindings(owner) for key in binding.key.split(","))


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, _, key in PLACES])
def test_a_number_leads_to_a_screen(ledger: Path, name: str, key: str) -> None:
    async def act(stage: Stage) -> str:
        await stage.press("2", key)
        screen: Any = stage.app.screen
        return str(screen.NAME)

    assert play(dashboard(ledger), SIZE, act) == name


def test_a_click_on_a_name_leads_there_too(ledger: Path) -> None:
    async def act(stage: Stage) -> list[bool]:
        found = []
        for name, title, _ in PLACES:
            place = stage.text().splitlines()[0].index(title)
            await stage.pilot.click("Head", offset=(place, 0))
            await stage.settle()
            screen: Any = stage.app.screen
            found.append(name == screen.NAME)
        return found

    assert all(play(dashboard(ledger), SIZE, act))


def test_a_click_on_a_key_is_the_key(ledger: Path) -> None:
    async def act(stage: Stage) -> bool:
        place = stage.text().splitlines()[-1].index("Help")
        await stage.pilot.click("Foot", offset=(place, 0))
        await stage.settle()
        return isinstance(stage.app.screen, Help)

    assert play(dashboard(ledger), SIZE, act)


@pytest.mark.parametrize("key", ["escape", "question_mark", "q", "enter"])
def test_help_is_closed_again(ledger: Path, key: str) -> None:
    async def act(stage: Stage) -> str:
        await stage.press("question_mark", key)
        screen: Any = stage.app.screen
        return str(screen.NAME)

    assert play(dashboard(ledger), SIZE, act) == "today"


def cursor(stage: Stage, name: str) -> str:
    return str(stage.app.screen.query_one(name, Listing).key)


def test_the_cursor_goes_where_keys_say(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2")
        rows = [row.key for row in stage.app.screen.query_one("#sessions", Listing).rows]
        for key, place in (("down", 1), ("j", 2), ("up", 1), ("k", 0), ("up", 0), ("end", 8), ("down", 8), ("home", 0),
                           ("G", 8), ("g", 0), ("pagedown", 8), ("pageup", 0)):  # fmt: skip
            await stage.press(key)
            assert cursor(stage, "#sessions") == rows[place], key

    play(dashboard(ledger), SIZE, act)


def test_long_lists_are_scrolled_so_that_the_cursor_is_seen(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "enter", "c")
        listing = stage.app.screen.query_one("#calls", Listing)
        for key in ["down"] * 25 + ["up"] * 8 + ["end", "home", "pagedown"]:
            await stage.press(key)
            top = round(listing.scroll_y)
            assert top <= listing.cursor < top + listing.size.height - 1

    play(dashboard(ledger), (80, 14), act)


def test_sorting_by_key_and_by_heading(ledger: Path) -> None:
    def costs(stage: Stage) -> list[str]:
        return [str(row.cells[-1][0]) for row in stage.app.screen.query_one("#sessions", Listing).rows]

    async def act(stage: Stage) -> None:
        await stage.press("2")
        place = stage.text().splitlines()[3].index("Cost")
        await stage.pilot.click("#sessions", offset=(place + 2, 0))
        await stage.settle()
        assert "Cost ▾" in stage.text()
        assert costs(stage)[0] == "$1.04"
        await stage.press("S")
        assert "Cost ▴" in stage.text()
        assert costs(stage)[-1] == "$1.04"
        await stage.press("s")
        assert "Session ▴" in stage.text()
        for _ in range(12):
            await stage.press("s")
            assert len(costs(stage)) == 9

    play(dashboard(ledger), SIZE, act)


def test_searching_narrows_as_one_types_and_escape_shows_all(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "slash", *"press son")
        assert "4 of 9 sessions have 'press son'" in stage.text()
        await stage.press(*"xx")
        assert "Nothing has 'press sonxx'. Esc shows all." in stage.text()
        await stage.press("escape")
        assert "9 sessions" in stage.text()
        await stage.press("slash", *"5d0c", "enter", "enter")
        assert f"Session {story.SESSION[:8]}" in stage.text()

    play(dashboard(ledger), SIZE, act)


def test_walking_a_bill(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "enter")
        outline = stage.app.screen.query_one(Outline)
        closed = stage.text()
        await stage.press("right")
        assert "▾ Tools" in stage.text()
        await stage.press("right", "right", "left", "left", "left")
        assert stage.text() == closed
        await stage.press("space", "down", "asterisk")
        assert "agent Explore" in stage.text()
        names = [item.name for row in outline.rows if (item := outline.item(row.key)) is not None]
        assert "src/shop/invoice.py" in names
        await stage.press("home", "enter")
        assert stage.text() == closed
        item = outline.item(outline.key)
        assert item is not None
        assert item.name == "tool"

    play(dashboard(ledger), SIZE, act)


def test_a_click_opens_a_node_and_a_second_click_closes_it(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "enter")
        line = stage.text().splitlines().index(next(line for line in stage.text().splitlines() if "▸ Tools" in line))
        outline = stage.app.screen.query_one(Outline)
        offset = (3, line - outline.region.y)
        await stage.pilot.click(outline, offset=offset)
        await stage.settle()
        assert "▾ Tools" in stage.text()
        await stage.pilot.click(outline, offset=offset)
        await stage.settle()
        assert "▸ Tools" in stage.text()

    play(dashboard(ledger), SIZE, act)


def test_a_call_is_found_in_the_bill(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "enter", "c", "down", "down", "down", "enter")
        outline = stage.app.screen.query_one(Outline)
        item = outline.item(outline.key)
        assert item is not None
        assert item.name.startswith("grep -rn")
        assert outline.has_focus

    play(dashboard(ledger), SIZE, act)


def test_from_the_latest_calls_to_the_call_in_its_session_and_back(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("tab", "down", "enter")
        outline = stage.app.screen.query_one(Outline)
        item = outline.item(outline.key)
        assert item is not None
        assert item.name.startswith("git diff main")
        await stage.press("escape")
        screen: Any = stage.app.screen
        assert screen.NAME == "today"

    play(dashboard(ledger), SIZE, act)


def test_a_finding_leads_to_its_session_and_a_period_to_its_sessions(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("4", "enter")
        assert "Session 7e01aa10" in stage.text()
        await stage.press("escape", "3", "down", "down", "enter")
        assert "1 session of 2026-10-31" in stage.text()
        await stage.press("enter")
        assert "Session 7e02aa10" in stage.text()
        await stage.press("escape", "escape")
        assert "The bill by day" in stage.text()

    play(dashboard(ledger), SIZE, act)


def test_details_come_and_go(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "enter")
        assert "of the bill" in stage.text()
        await stage.press("i")
        assert "of the bill" not in stage.text()
        await stage.press("i")
        assert "of the bill" in stage.text()

    play(dashboard(ledger), SIZE, act)


def test_the_same_place_is_found_again_after_another_screen(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "down", "down", "enter", "right")
        before = stage.text()
        await stage.press("5", "1", "2")
        assert stage.text() == before
        await stage.press("2")  # again: the list
        screen: Any = stage.app.screen
        assert screen.NAME == "sessions"

    play(dashboard(ledger), SIZE, act)


def test_light_and_dark_change_the_ground_and_no_word(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        before = stage.text()
        dark = stage.app.current_theme.dark
        await stage.press("t")
        assert stage.app.current_theme.dark is not dark
        assert stage.text() == before

    play(dashboard(ledger), SIZE, act)


def test_without_colours_there_are_none_and_the_cursor_is_seen(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        for strips in stage.app.screen._compositor.render_strips():
            for filtered in strips.apply_filter(stage.app._filters[-1], stage.app.screen.background_colors[1]):
                style = filtered.style
                assert style is None or all(c is None or c.is_default for c in (style.color, style.bgcolor))
        shown = [piece for strips in stage.app.screen._compositor.render_strips() for piece in strips]
        assert any(piece.style and piece.style.reverse for piece in shown)

    play(dashboard(ledger), SIZE, act)


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (20, 5), (40, 12), (79, 23), (300, 100)])
def test_no_size_breaks_it(ledger: Path, size: tuple[int, int]) -> None:
    assert seen(dashboard(ledger), size, "2", "enter", "right", "c", "p", "3", "4", "5", "question_mark")


def test_the_size_may_change_at_any_time(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("2", "enter", "right")
        first = stage.text()
        for size in ((40, 10), (10, 4), (200, 60), (120, SIZES[120])):
            await stage.pilot.resize_terminal(*size)
            await stage.settle()
            assert max(map(len, stage.text().splitlines())) <= size[0]
        assert stage.text() == first

    play(dashboard(ledger), SIZE, act)

"""No name that somebody gave is anything but text: no markup, no escape sequence, no second line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from lineitem.core.budgets import NANOS, Budget
from lineitem.surfaces.columns import Grid
from lineitem.surfaces.page import cells
from lineitem.surfaces.tui.listing import Field, Row, _fit, wished
from lineitem.surfaces.tui.look import strip
from lineitem.surfaces.tui.words import plain
from tests.laws.examples import examples
from tests.surfaces.answers import HOSTILE
from tests.surfaces.tui.stage import NOW, Stage, dashboard, lines, opened, play

if TYPE_CHECKING:
    from pathlib import Path

#: What Textual and Rich would take for markup, and more that is not what it seems.
MARKUP = (
    *("[red]dear[/red]", "[@click=app.quit]quit[/]", "[/]", "[b", "$primary", ":smile:", "\\[x]", "a\x1b[2Jb"),
    *("한국어 프로젝트", "👨‍👩‍👧‍👦 family", "e\u0301\u0301", "\ufe0f☀\ufe0f", "ｗｉｄｅ", "\u115f\u3164", "a\nb\tc"),
)
names = st.text(max_size=80) | st.sampled_from(HOSTILE + MARKUP)


@given(name=names)
@examples(300)
def test_a_name_is_one_harmless_line_of_known_width(name: str) -> None:
    text = plain(name)
    assert text.isprintable()
    assert "\n" not in text
    assert cell_len(text) == cells(text)
    assert plain(text) == text


@given(given_names=st.lists(names, min_size=1, max_size=4), width=st.integers(24, 120))
@examples(150)
def test_a_row_is_as_wide_as_the_screen_whatever_is_in_it(given_names: list[str], width: int) -> None:
    """And its text is the name's, letter by letter, as far as it fits."""
    columns = [Field("Name", least=4, rank=place, grows=not place) for place in range(len(given_names))]
    columns.append(Field("Cost", number=True))
    row = Row("key", (*((plain(name), "") for name in given_names), ("$12.34", "bold")))
    fit = _fit(columns, wished(columns, [row]), width)
    shown = [row.cells[place] for place in fit.places]
    drawn = strip(fit.frame.line(shown, fit.widths), width, Style(), dark=True)  # type: ignore[arg-type]
    assert drawn.cell_length == width
    assert "$12.34" in drawn.text
    assert all(segment.style is None or not segment.style.link for segment in drawn)
    assert all(not (segment.style and segment.style.meta) for segment in drawn)


def test_a_plain_grid_knows_nothing_of_markup() -> None:
    grid = Grid([Field("x")])
    assert grid.line([("[red]a[/red]", "")], [12]) == [(" ", ""), ("[red]a[/red]", "")]


@pytest.fixture
def told_by_a_stranger(tmp_path: Path) -> Path:
    """A ledger with such names wherever a name may be."""
    for place, name in enumerate(HOSTILE + MARKUP):
        root = (
            tmp_path
            / "claude/projects"
            / f"-code-{name.replace('/', '_').encode('utf-8', 'replace').decode()}"[:60].replace("\x00", "")
        )
        root.mkdir(parents=True, exist_ok=True)
        session = f"{place:08x}-0000-4000-8000-000000000000"
        told = list(lines(session, NOW - 3_000_000 - place * 1_000, 4, 120_000, name))
        for line in told:
            for block in line["message"]["content"] if isinstance(line["message"]["content"], list) else ():
                if block["type"] == "tool_use":
                    block["name"] = f"mcp__{name}__{name}"
        with (root / f"{session}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in told)
    lineitem = opened(tmp_path)
    lineitem.take_in(lambda *_: None, lambda _: None)
    for place, name in enumerate(MARKUP):
        lineitem.limits.keep(Budget(f"{place}{name}", "month", 10**9, NANOS, since=1), "budget made")
    lineitem.close()
    return tmp_path


def test_no_screen_takes_a_name_for_anything_else(told_by_a_stranger: Path) -> None:
    async def act(stage: Stage) -> None:
        walk = ("1", "tab", "2", "enter", "asterisk", "down", "c", "enter", "p", "escape", "slash", "r", "enter",
                "escape", "3", "4", "down", "5", "down", "question_mark")  # fmt: skip
        for key in walk:
            await stage.press(key)
            text = stage.text()
            assert all(line.isprintable() for line in text.splitlines())
            assert stage.app.is_running
            for strips in stage.app.screen._compositor.render_strips():
                assert strips.cell_length == 100
                actions = [segment.style.meta for segment in strips if segment.style]
                assert not any("@click" in str(meta) for meta in actions)

    play(dashboard(told_by_a_stranger), (100, 40), act)


def test_markup_in_a_project_is_shown_as_it_is(told_by_a_stranger: Path) -> None:
    async def act(stage: Stage) -> str:
        await stage.press("2")
        return stage.text()

    text: str = play(dashboard(told_by_a_stranger), (160, 80), act)
    assert "[red]dear[_red]" in text  # a slash would be a folder
    assert "[@click=app.quit]quit[_]" in text


def test_what_went_wrong_is_told_as_text(ledger: Path) -> None:
    async def act(stage: Stage) -> str:
        stage.app._tell(_told("[red]broken[/] \x1b[2J"))
        await stage.settle()
        return stage.text()

    text: Any = play(dashboard(ledger), (100, 30), act)
    assert "[red]broken[/]" in text


def _told(trouble: str) -> Any:
    from lineitem.surfaces.tui.dashboard import Told

    return Told("", trouble)

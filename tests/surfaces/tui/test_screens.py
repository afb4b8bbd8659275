"""What every screen says at 80, 120 and 200 columns, to the letter: `screens/NAME-COLUMNS.txt`.

Where a change is meant, write them anew and read what changed: NEW_SCREENS=1 pytest tests/surfaces/tui/test_screens.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.surfaces.tui.stage import SIZES, dashboard, seen

FOLDER = Path(__file__).parent / "screens"
#: Screen -> the keys that lead there.
WAYS = {
    "today": (),
    "sessions": ("2",),
    "search": ("2", "slash", "p", "r", "e", "enter"),
    "session": ("2", "enter", "right", "right", "right", "right", "down", "right"),
    "calls": ("2", "enter", "c", "down"),
    "prompts": ("2", "enter", "p"),
    "hours": ("3", "h"),
    "days": ("3",),
    "months": ("3", "m"),
    "period": ("3", "down", "enter"),
    "anomalies": ("4", "down"),
    "budgets": ("5", "down"),
    "help": ("2", "question_mark"),
}
each_screen = pytest.mark.parametrize("name", WAYS)
each_width = pytest.mark.parametrize("columns", SIZES)


def drawn(folder: Path, name: str, columns: int) -> str:
    return seen(dashboard(folder), (columns, SIZES[columns]), *WAYS[name])


@each_width
@each_screen
def test_the_screen_is_as_it_was_read(ledger: Path, name: str, columns: int) -> None:
    kept = FOLDER / f"{name}-{columns}.txt"
    says = drawn(ledger, name, columns)
    if os.environ.get("NEW_SCREENS"):
        kept.write_text(says, encoding="utf-8")
    assert says == kept.read_text(encoding="utf-8")


@each_screen
def test_no_line_is_wider_than_a_tiny_terminal(ledger: Path, name: str) -> None:
    text = seen(dashboard(ledger), (40, 12), *WAYS[name])
    assert len(text.splitlines()) <= 12
    assert all(len(line) <= 40 for line in text.splitlines())


@each_screen
def test_a_light_screen_says_the_same(ledger: Path, name: str) -> None:
    size = (120, SIZES[120])
    assert seen(dashboard(ledger, dark=False), size, *WAYS[name]) == seen(dashboard(ledger), size, *WAYS[name])

"""What every page says, to the letter, as a screen reader has it: `screens/NAME.txt`, of the example.

Where a change is meant, write them anew and read what changed: NEW_SCREENS=1 pytest tests/web/test_screens.py
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lineitem.surfaces.cli import story
from tests.web.looking import Look

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.server.stand import Stand

FOLDER = Path(__file__).parent / "screens"
#: Days in which the example lies, whatever day it is. What tells of today, of prices and of the machine is not kept.
THEN = "since=2026-11-01&until=2026-11-03"
ID = story.SESSION
PAGES = {
    "sessions": f"/sessions?{THEN}", "session": f"/session/{ID}",
    "session-bash": f"/session/{ID}?root=tool%2FBash", "explore": f"/explore?by=tool&split=part&{THEN}",
    **{name: f"/{name}?{THEN}" for name in ("projects", "models", "tools", "skills", "agents", "mcp", "memory",
                                            "branches", "commits", "efficiency", "prompts", "anomalies", "advice")},
    "budgets": "/budgets", "audit": "/audit", "nowhere": "/nothing/here",
}  # fmt: skip


def plain(text: str) -> str:
    """Without what is another one at every run."""
    return re.sub(r"(\d+[smhd] ?)+ ago", "N ago", text) + "\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_said(chromium: Browser, stand: Stand, name: str) -> None:
    with Look(chromium, stand) as look:
        look.open(PAGES[name])
        said = plain(look.page.locator("#main").aria_snapshot())
    kept = FOLDER / f"{name}.txt"
    if os.environ.get("NEW_SCREENS"):
        FOLDER.mkdir(exist_ok=True)
        kept.write_text(said, encoding="utf-8")
    assert said == kept.read_text(encoding="utf-8")

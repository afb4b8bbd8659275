"""What stands in the tables of the pages is what `--json` of the command line says, figure by figure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.surfaces import numbers
from lineitem.surfaces.cli import main, story
from tests.surfaces.answers import shown
from tests.web.looking import Look

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.server.stand import Stand

#: Heading of a column -> the key of its figure and how that is written.
FIGURES = {
    "Cost": ("costNanos", "money"), "Not logged": ("unloggedNanos", "money"), "Generate": ("generateNanos", "money"),
    "Ingest": ("ingestNanos", "money"), "Carry": ("carryNanos", "money"), "Rewritten": ("rewriteNanos", "money"),
    "Schemas": ("schemaNanos", "money"), "Calls cost": ("callNanos", "money"), "An hour": ("costPerHourNanos", "money"),
    "A prompt": ("costPerPromptNanos", "money"), "Own": ("ownNanos", "money"), "Requests": ("requests", "count"),
    "Calls": ("calls", "count"), "Prompts": ("prompts", "count"), "Tokens a minute": ("tokensPerMinute", "count"),
    "Tokens": ("totalTokens", "tokens"), "Output": ("outputTokens", "tokens"),
}  # fmt: skip
#: "Agents" is what the agents of calls cost, and what those of prompts did.
AGENTS = {"tools": "subtreeNanos", "prompts": "agentsNanos"}
PAGES = ("projects", "models", "tools", "skills", "agents", "mcp", "branches", "commits", "efficiency", "prompts")
RANGE = ("2026-11-01", "2026-11-03")


def expected(rows: list[dict[str, Any]], totals: dict[str, Any], key: str, kind: str) -> list[str]:
    """A column's cells as they are to be written."""
    found = [row[key] for row in rows]
    if kind == "money":
        largest = max([abs(value or 0) for value in found] + [abs(totals.get(key) or 0)])
        return [numbers.money(value, numbers.digits_for(largest)) for value in found]
    return [(numbers.tokens if kind == "tokens" else numbers.count)(value) for value in found]


@pytest.mark.parametrize("name", PAGES)
def test_a_table_says_what_the_command_line_does(
    chromium: Browser, stand: Stand, store: str, told: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(told))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{store}")
    printed, _ = shown(lambda: main([name, "--json", "--since", RANGE[0], "--until", RANGE[1]]), 80)
    document = json.loads(printed)
    rows, totals = document[name], document.get("totals") or {}
    assert rows
    with Look(chromium, stand) as look:
        look.open(f"/{name}?since={RANGE[0]}&until={RANGE[1]}")
        headings = look.page.locator("thead th").all_inner_texts()
        figures = dict(FIGURES) | ({"Agents": (AGENTS[name], "money")} if name in AGENTS else {})
        seen = 0
        for place, heading in enumerate(headings):
            title = heading.removesuffix("↓").removesuffix("↑").strip()
            if title not in figures:
                continue
            key, kind = figures[title]
            cells = look.page.locator(f"tbody td:nth-child({place + 1})").all_text_contents()
            assert sorted(cells) == sorted(expected(rows, totals, key, kind)), (name, title)
            if key in totals:
                foot = look.page.locator(f"tfoot tr > :nth-child({place + 1})").inner_text()
                assert foot == expected([*rows, totals], totals, key, kind)[-1], (name, title)
            seen += 1
        assert seen > 0


def test_the_session_page_has_the_figures_of_the_session(
    chromium: Browser, stand: Stand, store: str, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(told))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{store}")
    printed, _ = shown(lambda: main(["session", story.SESSION, "--json"]), 80)
    bill = json.loads(printed)
    printed, _ = shown(lambda: main(["calls", "--session", story.SESSION, "--json"]), 80)
    calls = json.loads(printed)["calls"]
    with Look(chromium, stand) as look:
        look.open(f"/session/{story.SESSION}")
        assert numbers.money(bill["costNanos"], 3) in look.text
        assert f"{numbers.money(bill['unloggedNanos'], 4)} not logged" in look.text
        table = look.page.locator("table", has=look.page.locator("caption", has_text="tool calls"))
        table.locator("xpath=..").locator("xpath=..").locator("p.more button").click()
        own = table.locator('td[data-title="Own"]').all_text_contents()
        digits = numbers.digits_for(max(call["selfNanos"] for call in calls))
        said = [numbers.about(text) if call["basis"] != "measured" else text
                for call in calls for text in [numbers.money(call["selfNanos"], digits)]]  # fmt: skip
        assert sorted(own) == sorted(said)

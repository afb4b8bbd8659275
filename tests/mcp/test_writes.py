"""The server reads; two tools write (work by hand, a brief's block), and only where a person allowed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest

from lineitem.surfaces.cli import story
from lineitem.surfaces.mcp.tools import REPORTS, TOOLS
from tests.mcp.shops import repository
from tests.mcp.speaking import Call, answers, report, said

#: What a person wrote or allowed, and what was said: none of it is the server's to change.
THEIRS = ("budget", "audit", "manual_session", "manual_entry", "followed", "event", "snapshot", "api_call", "tool_done")
EVERY: list[Call] = [
    *(report(name) for name in REPORTS),
    *((tool.name, {}) for tool in TOOLS if not tool.needs),
    ("explain_cost", {"id": "tool/Read"}),
    ("log_session", {"input": 10, "output": 10, "name": "shop", "folder": "/"}),
]


def rows(store: Path, tables: tuple[str, ...]) -> dict[str, list[Any]]:
    database = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return {table: database.execute(f"select * from {table}").fetchall() for table in tables}
    finally:
        database.close()


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_question_changes_anything_a_person_has(tmp_path: Path) -> None:
    story.tell(str(tmp_path / "claude"))
    shop = repository(tmp_path / "shop")
    before = files(tmp_path)
    found = answers(tmp_path, EVERY, folder=shop)
    refused = [name for (name, _), answer in zip(EVERY, found, strict=True) if answer.is_error]
    assert refused == ["update_context", "log_session"]
    after = files(tmp_path)
    assert {name for name in after if name not in before and not name.startswith("store.sqlite")} == set()
    assert {name: after[name] for name in before} == before
    assert rows(tmp_path / "store.sqlite", THEIRS) == {table: [] for table in THEIRS}


def test_only_two_tools_say_that_they_write() -> None:
    assert [tool.name for tool in TOOLS if tool.writes] == ["update_context", "log_session"]


def test_where_it_is_allowed_work_is_logged_in_the_folder(tmp_path: Path) -> None:
    story.tell(str(tmp_path / "claude"))
    shop = tmp_path / "shop"
    shop.mkdir()
    calls: list[Call] = [
        ("log_session", {"input": 1_000, "output": 10, "model": "sonnet"}),
        ("log_session", {"input": 1_000, "output": 10, "model": "nomodel", "name": "checkout"}),
        ("log_session", {"input": 12_000, "output": 3_000, "model": "sonnet", "name": "checkout", "context": "tax"}),
        ("log_session", {"input": 2_000, "output": 0, "model": "sonnet"}),
        ("log_session", {"input": 1, "output": 1, "folder": "relative"}),
        ("log_session", {"input": -1, "output": 1}),
    ]
    none, unknown, begun, more, astray, odd = answers(tmp_path, calls, "--allow-writes", folder=shop)
    assert none.is_error
    assert "No manual session is open" in said(none)
    assert unknown.is_error
    assert "nomodel" in said(unknown)
    assert begun.structured_content["began"]
    assert "begun" in said(begun)
    assert "never instructions" in said(begun)
    assert begun.structured_content["costNanos"] == 12_000 * 2_000 + 3_000 * 10_000
    assert not more.structured_content["began"]
    assert more.structured_content["name"] == "checkout"
    assert astray.is_error
    assert odd.is_error
    kept = rows(tmp_path / "store.sqlite", THEIRS)
    assert len(kept["manual_session"]) == 1
    assert len(kept["manual_entry"]) == 2
    assert {table for table in THEIRS if kept[table]} == {"manual_session", "manual_entry"}


@pytest.mark.parametrize("words", [(), ("--allow-writes",)])
def test_the_tools_are_the_same_either_way(tmp_path: Path, words: tuple[str, ...]) -> None:
    """So that a prompt's cache does not hang on an option."""
    from mcp.client.client import Client

    from tests.mcp.speaking import spoken

    async def talk(client: Client) -> list[tuple[str, bool]]:
        tools = (await client.list_tools()).tools
        return [(tool.name, bool(tool.annotations and tool.annotations.read_only_hint)) for tool in tools]

    assert spoken(tmp_path, talk, *words) == [(tool.name, not tool.writes) for tool in TOOLS]

"""`lineitem handoff` and `lineitem resume-cost`, on the example."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from lineitem.reports.spending import folder_of
from lineitem.reports.whose import latest_in
from lineitem.surfaces.cli import story
from lineitem.wiring import Lineitem
from tests.docs.pages import ROOT, text

ID = story.SESSION[:8]
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", text(ROOT / "docs/handoff.md"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def shop(said: Any) -> Path:
    del said
    Path("AI_CONTEXT.md").write_text("**Status:** beta\n## Next\n- [ ] refunds\n", encoding="utf-8")
    return Path.cwd()


def asked(said: Any, line: str) -> dict[str, Any]:
    code, out, err = said(f"{line} --json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_examples_of_the_page_run(said: Any, shop: Path) -> None:
    assert shop.is_dir()
    for line in "".join(BLOCKS).splitlines():
        code, _, err = said(line.removeprefix("lineitem "))
        assert (code, err) == (0, ""), line
    assert (shop / "next.md").read_text().startswith("Go on with the work")


def test_the_ways_and_the_prompt(said: Any, shop: Path) -> None:
    found = asked(said, f"handoff {ID}")
    assert [row["way"] for row in found["ways"]] == ["continue", "compact", "fresh"]
    assert found["folder"] == str(shop.resolve())
    assert "> refunds" in found["prompt"]
    assert found["promptTokens"] <= found["allowedTokens"] == 500
    assert found["advice"] in ("continue", "compact", "fresh")
    shown = said(f"handoff {ID}")[1]
    assert "a fresh session" in shown
    assert "> refunds" in shown
    assert said(f"handoff {ID} --only")[1] == found["prompt"]


def test_red_health_never_goes_on(said: Any, shop: Path, home: Path) -> None:
    assert shop.is_dir()
    settings = home / ".config/lineitem/settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("[health]\nyellow = 1\nred = 2\n")
    found = asked(said, f"handoff {ID}")
    assert found["level"] == "red"
    assert found["advice"] != "continue"


def test_without_a_session_there_is_a_prompt_all_the_same(said: Any, shop: Path) -> None:
    assert shop.is_dir()
    found = asked(said, "handoff")
    assert (found["sessionId"], found["advice"], found["ways"]) == (None, None, [])
    assert "> refunds" in found["prompt"]


def test_a_folder_that_says_nothing_gives_no_prompt(said: Any) -> None:
    assert asked(said, "handoff")["prompt"] == ""
    assert "says nothing of its work" in said("handoff")[1]


def test_a_file_of_somebody_else_is_not_written_over(said: Any, shop: Path) -> None:
    (shop / "mine.md").write_text("mine")
    code, _, err = said("handoff -o mine.md")
    assert code == 2
    assert "--force" in err
    assert (shop / "mine.md").read_text() == "mine"
    assert said("handoff -o mine.md --force")[0] == 0
    assert said("handoff -o mine.md")[0] == 0
    assert (shop / "mine.md").read_text() == said("handoff --only")[1]


def test_a_dry_run_writes_nothing(said: Any, shop: Path) -> None:
    assert "Would be written to" in said("handoff -o next.md --copy --dry-run")[1]
    assert not (shop / "next.md").exists()


def test_incognito_shows_no_prompt(said: Any, shop: Path) -> None:
    assert shop.is_dir()
    assert "refunds" not in said("handoff --incognito")[1]
    assert "refunds" not in said("handoff --incognito --only")[1]
    plain = asked(said, f"handoff {ID}")
    for line in (f"handoff {ID} --incognito", f"handoff {ID} --incognito --json", f"resume-cost {ID} --incognito"):
        out = said(line)[1]
        assert plain["why"] not in out
        assert f"{plain['contextTokens']:,}" not in out
        assert ID not in out
        assert str(shop) not in out


def test_what_is_left_of_a_budget_comes_along(said: Any, shop: Path) -> None:
    assert shop.is_dir()
    said("budget add all --limit 50 --period month")
    assert "> all: $" in asked(said, "handoff")["prompt"]


@pytest.mark.parametrize("line", ["--tokens 3", "--prompts none", "--repo nowhere", "nosession"])
def test_wrong_use_is_said(said: Any, line: str) -> None:
    assert said(f"handoff {line}")[0] == 2


def test_taking_it_up_again_cold_costs_more_than_warm(said: Any) -> None:
    found = asked(said, f"resume-cost {ID}")
    rows = {row["way"]: row for row in found["ways"]}
    assert set(rows) == {"resume-warm", "resume-cold", "fresh"}
    assert found["coldNanos"] > found["warmNanos"]
    assert (
        rows["resume-cold"]["costNanos"] - rows["resume-warm"]["costNanos"] == found["coldNanos"] - found["warmNanos"]
    )
    assert [row["now"] for row in found["ways"]] == [False, True, True]
    assert "cache cold: as it is now" in said(f"resume-cost {ID}")[1]


@pytest.mark.skipif(os.name != "posix", reason="a program of the test's own")
def test_the_clipboard_gets_the_prompt(said: Any, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = shop / "programs"
    programs.mkdir()
    for name, lines in (("wl-copy", "exit 1\n"), ("xclip", f"cat > {shop}/copied\n")):
        (programs / name).write_text(f"#!/bin/sh\n{lines}")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
    assert asked(said, "handoff --copy")["copied"] is True
    assert (shop / "copied").read_text().startswith("Go on with the work")


def test_the_session_of_a_folder_is_the_one_that_worked_in_it(said: Any, shop: Path) -> None:
    lineitem = Lineitem()
    try:
        lineitem.refresh()
        number = lineitem.session_number(story.SESSION)
        folder = folder_of(lineitem.ledger, number)
        assert latest_in(lineitem.ledger, folder) == (number, "")
        assert latest_in(lineitem.ledger, str(shop)) is None
        assert latest_in(lineitem.ledger, folder.replace("/", "-")) is None
        assert latest_in(lineitem.ledger, folder.replace("/shop", "-shop")) is None  # Claude Code's name for both
    finally:
        lineitem.close()
    assert said("handoff")[0] == 0


def test_where_no_session_worked_none_of_another_project_is_taken(said: Any) -> None:
    code, out, _ = said("resume-cost")
    assert code == 0
    assert "No session worked in this folder" in out
    found = asked(said, "resume-cost")
    assert (found["sessionId"], found["ways"]) == (None, [])


@pytest.mark.skipif(os.name != "posix", reason="links and modes")
def test_what_stands_at_the_place_of_the_prompt_is_not_lost(said: Any, shop: Path) -> None:
    (shop / "elsewhere.md").write_text("mine")
    (shop / "link.md").symlink_to(shop / "elsewhere.md")
    for line in ("handoff -o link.md", "handoff -o link.md --force", "handoff -o no/such/folder.md", "handoff -o ."):
        code, _, err = said(line)
        assert (code, err.startswith("lineitem: ")) == (2, True), line
    assert (shop / "elsewhere.md").read_text() == "mine"
    said("handoff -o next.md")
    (shop / "next.md").chmod(0o640)
    (shop / "TODO.md").write_text("- [ ] invoices\n")
    assert said("handoff -o next.md")[0] == 0
    assert "invoices" in (shop / "next.md").read_text()
    assert (shop / "next.md").stat().st_mode & 0o777 == 0o640


def test_a_session_of_another_worktree_is_told_as_such(said: Any, shop: Path, tmp_path: Path) -> None:
    from tests.mcp.shops import git, move_to, repository

    main = repository(shop / "main")
    git(main, "worktree", "add", "-q", "-b", "fix", str(shop / "fix"))
    move_to(main, tmp_path / "claude")
    found = asked(said, "handoff --repo fix")
    assert (found["sessionId"], found["elsewhere"]) == (story.SESSION, str(main))
    assert f"in another of the same clone: {main}" in " ".join(said("handoff --repo fix")[1].split())
    assert asked(said, "handoff --repo main")["elsewhere"] is None
    assert str(main) not in said("handoff --repo fix --incognito --json")[1]

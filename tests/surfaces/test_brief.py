"""`lineitem brief`, as docs/brief.md says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, text

BLOCKS = re.findall(r"^```sh\n(.*?)^```$", text(ROOT / "docs/brief.md"), re.MULTILINE | re.DOTALL)
WHO = {f"GIT_{each}_{what}": "ann" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(*words: str) -> None:
    subprocess.run(["git", *words], env=os.environ | WHO, capture_output=True, check=True)


@pytest.fixture
def shop(said: Any) -> Path:
    del said
    git("init", "-q", "-b", "main")
    git("config", "user.name", "ann")
    git("config", "user.email", "ann@example.com")
    return Path.cwd()


def test_the_examples_of_the_page_run(said: Any, shop: Path) -> None:
    for line in "".join(BLOCKS).splitlines():
        code, out, err = said(line.removeprefix("lineitem "))
        assert (code, err) == (0, ""), line
        assert out
    assert (shop / "AI_CONTEXT.md").is_file()


def test_behind_is_a_failed_check(said: Any, shop: Path) -> None:
    said("brief create")
    (shop / "a.py").write_text("x")
    git("add", "-A")
    git("commit", "-q", "-m", "start")
    assert said("brief check")[0] == 1
    code, out, _ = said("brief --json")
    found = json.loads(out)
    assert (code, found["stale"], found["syncedCommit"]) == (0, True, None)
    said("brief sync --commit")
    found = json.loads(said("brief --json")[1])
    assert (found["stale"], found["commitsBehind"], found["syncedCommit"]) == (False, 0, found["headCommit"])
    (shop / "a.py").write_text("y")
    git("commit", "-q", "-a", "-m", "more")
    assert "is 1 commit and 1 file behind" in said("brief")[1]


def test_in_ci_a_page_that_came_with_the_commit_is_fresh(said: Any, shop: Path) -> None:
    (shop / "a.py").write_text("x")
    git("add", "a.py")
    git("commit", "-q", "-m", "start")
    said("brief create")
    said("brief on")
    for name in ("b.py", "c.py"):
        (shop / name).write_text("x")
        git("add", "-A")
        git("commit", "-q", "-m", name)
    git("clone", "-q", str(shop), "ci")
    code, out, _ = said("brief check --repo ci")
    assert code == 0
    assert out.startswith(f"{shop / 'ci' / 'AI_CONTEXT.md'} is fresh.")
    git("clone", "-q", "--depth", "1", f"file://{shop}", "shallow")
    code, out, _ = said("brief check --repo shallow")
    assert code == 1
    assert "fetch-depth: 0" in out
    assert json.loads(said("brief --repo shallow --json")[1])["stale"] is None


def test_with_names_hidden_no_path_is_told(said: Any, shop: Path) -> None:
    for line in ("create", "on --dry-run", "on", "status", "check", "sync", "off"):
        out = said(f"brief {line} --incognito")[1]
        assert out
        assert str(shop) not in out, line
        assert "/" not in out.replace("`lineitem", "")


def test_dry_runs_change_nothing(said: Any, shop: Path) -> None:
    assert "Would make" in said("brief create --dry-run")[1]
    assert "Would be put into" in said("brief on --dry-run")[1]
    assert not (shop / "AI_CONTEXT.md").exists()
    assert not (shop / ".git/hooks/post-commit").exists()


def test_switched_on_without_a_page_says_what_is_missing(said: Any, shop: Path) -> None:
    assert shop.is_dir()
    assert "`lineitem brief create` makes it" in said("brief on")[1]


@pytest.mark.parametrize("line", ["nothing", "sync", "status --repo nowhere"])
def test_wrong_use_is_said(said: Any, shop: Path, line: str) -> None:
    assert shop.is_dir()
    code, _, err = said(f"brief {line}")
    assert code == 2
    assert err.startswith("lineitem: ")


def test_the_template_for_new_clones_comes_and_goes(said: Any, shop: Path) -> None:
    code, _, err = said("brief on --template")
    assert code == 2
    assert "git config --global init.templateDir" in err
    git("config", "--global", "init.templateDir", str(shop / "template"))
    assert "Would be put into" in said("brief on --template --dry-run")[1]
    assert not (shop / "template").exists()
    found = json.loads(said("brief on --template --json")[1])
    assert (found["installed"], found["changed"], found["file"]) == (
        True,
        True,
        str(shop / "template/hooks/post-commit"),
    )
    assert said("brief on --template")[1] == "Nothing to change.\n"
    assert said("brief check --template")[0] == 2
    assert said("brief off --template --incognito")[1] == "Taken out of post-commit, for new clones.\n"
    assert not (shop / "template/hooks/post-commit").exists()

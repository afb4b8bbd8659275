"""`lineitem git-hook`: commits are logged to the manual session that is open."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, text

WHO = {f"GIT_{each}_{what}": "ann" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], env=os.environ | WHO, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


def commit(name: str) -> str:
    git("commit", "-q", "--allow-empty", "-m", name)
    return git("rev-parse", "HEAD")


@pytest.fixture
def repository(said: Any) -> Path:
    """The working folder, a repository without commits and with the hook."""
    git("init", "-q", "-b", "main")
    assert said("git-hook on")[0] == 0
    return Path.cwd()


def words(repository: Path) -> list[str]:
    """What waits to be taken in."""
    return [path.name for path in (repository.parent / "lineitem.sqlite.live" / "commits").iterdir()]


def test_commits_are_logged_while_a_session_is_open(said: Any, repository: Path) -> None:
    commit("before any session")
    assert words(repository) == []
    said("manual start checkout")
    (repository / "deep").mkdir()
    os.chdir(repository / "deep")
    first = commit("tax | rules")
    os.chdir(repository)
    second = commit("rounding")
    assert len(words(repository)) == 2
    assert said("manual status")[0] == 0
    assert words(repository) == []
    third = commit("again")
    report = said("manual end")[1]
    assert re.findall(r"\| commit \| `(\w+)` (.*?) \|  \|", report) == [
        (first[:7], "tax &#124; rules"), (second[:7], "rounding"), (third[:7], "again"),
    ]  # fmt: skip
    commit("after it")
    assert words(repository) == []


def test_the_log_has_them_once_however_often_they_are_read(said: Any, repository: Path) -> None:
    said("manual start checkout")
    made = commit("one")
    folder = repository.parent / "lineitem.sqlite.live" / "commits"
    (name,) = words(repository)
    said("manual status")
    (folder / name).touch()  # killed between the store and the word
    log = json.loads(said("manual end --json")[1])["log"]
    assert [(each["how"], each["label"]) for each in log] == [("commit", made[:12])]


def test_commits_that_a_rebase_makes_again_are_not_logged(said: Any, repository: Path) -> None:
    commit("root")
    git("switch", "-q", "-c", "side")
    (repository / "a").touch()
    git("add", "a")
    commit("side")
    git("switch", "-q", "main")
    commit("main")
    said("manual start checkout")
    git("rebase", "-q", "main", "side")
    assert words(repository) == []


def test_another_repository_and_another_store_hear_nothing(said: Any, repository: Path) -> None:
    said("manual start checkout")
    other = repository.parent / "other"
    other.mkdir()
    os.chdir(other)
    git("init", "-q")
    said("git-hook on")
    commit("elsewhere")
    assert words(repository) == []


def test_nothing_that_breaks_is_heard_of(said: Any, repository: Path) -> None:
    said("manual start checkout")
    folder = repository.parent / "lineitem.sqlite.live" / "commits"
    folder.rmdir()
    commit("no folder")
    folder.touch()
    commit("no folder but a file")
    folder.unlink()
    store = repository.parent / "lineitem.sqlite"
    store.write_bytes(b"not a store" * 100)
    commit("no store")
    path = repository / ".git" / "hooks" / "post-commit"
    path.write_text(path.read_text().replace(sys.executable, "/gone/python"))
    commit("no Python")


def test_what_is_no_word_is_told(said: Any, repository: Path) -> None:
    folder = repository.parent / "lineitem.sqlite.live" / "commits"
    (folder / "stray").touch()
    (folder / f"1790000000000.{'a' * 40}.nobody").touch()
    found = json.loads(said("doctor --json")[1])["problems"]
    assert [each["count"] for each in found if each["slug"] == "commit-word-unknown"] == [2]


def test_it_says_how_it_stands(said: Any, repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "post-commit"
    assert "are logged" in said("git-hook status")[1]
    hook.write_text(hook.read_text().replace(sys.executable, "/older/python"))
    assert "brings it up to date" in said("git-hook")[1]
    shown = said("git-hook on --dry-run")[1]
    assert "Would be put into" in shown
    assert "/older/python" in hook.read_text()
    found = json.loads(said("git-hook on --json")[1])
    assert (found["installed"], found["current"], found["changed"]) == (True, True, True)
    explained = set(re.findall(r"[A-Za-z0-9]+", " ".join(re.findall(r"`([^`\n]+)`", text(ROOT / "docs/json.md")))))
    assert set(found) <= explained
    assert "Would be taken out" in said("git-hook off --dry-run")[1]
    assert "Taken out of" in said("git-hook off")[1]
    assert not hook.exists()
    assert "not logged here" in said("git-hook off")[1]
    assert said("git-hook maybe")[0] == 2


def test_outside_of_a_repository_it_says_so(said: Any) -> None:
    code, out, err = said("git-hook on")
    assert (code, out) == (2, "")
    assert "not a git repository" in err

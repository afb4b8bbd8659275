"""Which folders are one project: worktrees, clones, renamed and deleted ones, and those that only share a name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.ledger.questions import session_named
from lineitem.reports import registry
from lineitem.reports.query import Query
from tests.telling.language import Story

if TYPE_CHECKING:
    from collections.abc import Iterator

WHO = {f"GIT_{each}_{what}": "ann" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
SESSIONS = """
    session one in -code-shop
    prompt 20 chars
    call write=1000 out=10
    session two in -code-shop
    prompt 20 chars
    call write=2000 out=10
    session three in -code-shop
    prompt 20 chars
    call write=3000 out=10
    """


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, env=os.environ | WHO, capture_output=True, check=True)


def repository(folder: Path, remote: str = "") -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", f"start of {folder}")
    if remote:
        git(folder, "remote", "add", "origin", remote)
    return folder


class Asked:
    """Three sessions, one, two and three, that worked in folders of a test's choice."""

    def __init__(self, told: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ask = told.store.ask()
        self.folders: dict[int, str] = {}
        self.ids = {name: told.sessions[name].session for name in ("one", "two", "three")}
        monkeypatch.setattr(registry, "folder_of", lambda _, session: self.folders.get(session, ""))

    def work(self, **folders: Path) -> None:
        for name, folder in folders.items():
            (found,) = session_named(self.ask.ledger, self.ids[name])
            self.folders[found[0]] = str(folder)

    def rows(self, by: str) -> dict[str, int]:
        query = Query(Zone("UTC"), 10**15)
        query.options = {"by": by}
        table = self.ask.report("projects", query)
        assert table.totals is not None
        plain: Any = self.ask.report("projects", Query(Zone("UTC"), 10**15))
        assert table.totals["costNanos"] == plain.totals["costNanos"]
        return {row["project"]: len(row["folders"]) for row in table.rows if row["folders"]}


@pytest.fixture
def asked(told: Story, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(told, monkeypatch)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Story]:
    one = Story(tmp_path / "told")
    one.tell(SESSIONS)
    one.holds()
    yield one
    one.store.ledger.close()


def test_worktrees_are_one_clone_and_clones_one_repository(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop", "git@github.com:ann/shop.git")
    other = repository(tmp_path / "other/shop", "https://github.com/ann/shop")
    git(shop, "worktree", "add", "-q", "-b", "fix", str(tmp_path / "fix"))
    asked.work(one=shop, two=tmp_path / "fix", three=other)
    assert asked.rows("folder") == {str(shop): 1, str(tmp_path / "fix"): 1, str(other): 1}
    assert asked.rows("clone") == {str(shop.resolve()): 2, str(other.resolve()): 1}
    assert asked.rows("repository") == {"github.com/ann/shop": 3}


def test_a_name_in_common_joins_nothing(asked: Asked, tmp_path: Path) -> None:
    one = repository(tmp_path / "a/shop")
    two = repository(tmp_path / "b/shop")
    plain = tmp_path / "c/shop"
    plain.mkdir(parents=True)
    asked.work(one=one, two=two, three=plain)
    for by in registry.BY:
        assert len(asked.rows(by)) == 3


def test_folders_below_belong_to_their_repository(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    (shop / "src").mkdir()
    asked.work(one=shop, two=shop / "src")
    assert asked.rows("repository")[str(shop.resolve())] == 2


def test_what_is_gone_is_what_it_was(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop", "https://github.com/ann/shop")
    git(shop, "worktree", "add", "-q", "-b", "fix", str(tmp_path / "fix"))
    asked.work(one=shop, two=tmp_path / "fix")
    before = asked.rows("repository")
    shutil.rmtree(tmp_path / "fix")
    assert asked.rows("repository") == before
    shutil.rmtree(shop)
    assert asked.rows("repository") == before == {"github.com/ann/shop": 2}


def test_a_clone_that_was_moved_is_the_same_one(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    asked.work(one=shop)
    asked.rows("clone")
    shop.rename(tmp_path / "store")
    asked.work(two=tmp_path / "store")
    assert asked.rows("clone") == {str((tmp_path / "store").resolve()): 2}
    assert asked.rows("repository") == {str((tmp_path / "store").resolve()): 2}


def test_a_new_one_at_an_old_place_is_another_once_it_was_seen(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    asked.work(one=shop)
    asked.rows("clone")
    shop.rename(tmp_path / "store")
    repository(tmp_path / "shop")
    asked.work(two=tmp_path / "store", three=tmp_path / "shop")
    assert len(asked.rows("clone")) == 2


def test_a_copy_beside_its_original_is_a_clone_of_its_own(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    shutil.copytree(shop, tmp_path / "copy")
    asked.work(one=shop, two=tmp_path / "copy")
    assert len(asked.rows("clone")) == 2


def test_only_known_words_are_taken(asked: Asked) -> None:
    with pytest.raises(UsageError, match="--by"):
        asked.rows("colour")

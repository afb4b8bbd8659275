"""Whose session a folder's is: subfolders, links, worktrees, repositories within repositories, and those that only
share a name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineitem.ledger.questions import session_named
from lineitem.reports import whose
from tests.stories.test_registry import SESSIONS, git, repository
from tests.telling.language import Story


class Asked:
    """Sessions one, two and three, the latest last, that worked in folders of a test's choice."""

    def __init__(self, told: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ledger: Any = told.store.ask().ledger
        self.folders: dict[int, str] = {}
        self.numbers = {name: session_named(self.ledger, told.sessions[name].session)[0][0]
                        for name in ("one", "two", "three")}  # fmt: skip
        monkeypatch.setattr(whose, "folder_of", lambda _, session: self.folders.get(session, ""))

    def work(self, **folders: Path) -> None:
        self.folders = {self.numbers[name]: str(folder) for name, folder in folders.items()}

    def of(self, folder: Path) -> tuple[str, str] | None:
        """(the session's name here, where else it worked)."""
        found = whose.latest_in(self.ledger, str(folder))
        if found is None:
            return None
        return next(name for name, number in self.numbers.items() if number == found.number), found.elsewhere


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    told = Story(tmp_path / "told")
    told.tell(SESSIONS)
    yield Asked(told, monkeypatch)
    told.store.ledger.close()


def test_a_folder_below_is_of_the_same_work_tree_either_way(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    (shop / "src").mkdir()
    asked.work(one=shop, two=shop / "src", three=tmp_path)
    assert asked.of(shop) == ("two", "")
    assert asked.of(shop / "src") == ("two", "")
    asked.work(one=shop, three=tmp_path / "elsewhere")
    assert asked.of(shop / "src") == ("one", "")


def test_a_folder_that_is_gone_still_lies_in_its_repository(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    asked.work(one=shop / "gone/since")
    assert asked.of(shop) == ("one", "")


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_leads_to_the_same_work_tree(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    (tmp_path / "link").symlink_to(shop)
    asked.work(one=tmp_path / "link")
    assert asked.of(shop) == ("one", "")
    asked.work(one=shop)
    assert asked.of(tmp_path / "link") == ("one", "")


def test_another_worktree_is_the_last_resort_and_named(asked: Asked, tmp_path: Path) -> None:
    shop, fix = repository(tmp_path / "shop"), tmp_path / "fix"
    git(shop, "worktree", "add", "-q", "-b", "fix", str(fix))
    asked.work(one=shop, two=fix)
    assert asked.of(shop) == ("one", "")
    assert asked.of(fix) == ("two", "")
    asked.work(two=fix)
    assert asked.of(shop) == ("two", str(fix))


def test_a_worktree_below_its_repository_has_sessions_of_its_own(asked: Asked, tmp_path: Path) -> None:
    """As Claude Code makes them."""
    shop = repository(tmp_path / "shop")
    tree = shop / ".claude/worktrees/fix"
    git(shop, "worktree", "add", "-q", "-b", "fix", str(tree))
    asked.work(one=shop, three=tree)
    assert asked.of(shop) == ("one", "")
    assert asked.of(tree) == ("three", "")


def test_a_repository_within_another_is_none_of_it(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    inner = repository(shop / "vendor/tax")
    asked.work(one=inner)
    assert asked.of(shop) is None
    assert asked.of(inner) == ("one", "")


def test_a_clone_of_the_same_repository_is_another_place(asked: Asked, tmp_path: Path) -> None:
    shop = repository(tmp_path / "a/shop", "https://github.com/ann/shop")
    other = repository(tmp_path / "b/shop", "https://github.com/ann/shop")
    asked.work(one=other)
    assert asked.of(shop) is None


def test_without_git_a_folder_is_itself_alone(asked: Asked, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    (notes / "tax").mkdir(parents=True)
    asked.work(one=notes, two=tmp_path, three=notes / "tax")
    assert asked.of(notes) == ("one", "")
    assert asked.of(tmp_path) == ("two", "")
    asked.work(one=tmp_path / "notes-old", two=repository(notes / "shop"))
    assert asked.of(notes) is None


def test_of_a_name_alone_only_the_same_one_counts(asked: Asked) -> None:
    """Nobody told where these worked: their project is `-code-shop`."""
    asked.work()
    assert asked.of(Path("/code/shop")) == ("three", "")
    assert asked.of(Path("/code/shop/src")) is None
    assert asked.of(Path("/code")) is None


def test_a_worktree_whose_clone_is_gone_is_still_remembered(asked: Asked, tmp_path: Path) -> None:
    from lineitem.reports.registry import Registry

    shop, fix = repository(tmp_path / "shop", "https://github.com/ann/shop"), tmp_path / "fix"
    git(shop, "worktree", "add", "-q", "-b", "fix", str(fix))
    first = Registry(asked.ledger)
    before = first.look(str(fix))
    first.keep()
    shutil.rmtree(shop)
    again = Registry(asked.ledger)
    assert again.look(str(fix)) == before is not None
    shutil.rmtree(fix)
    fix.mkdir()
    assert Registry(asked.ledger).look(str(fix)) is None  # it is an ordinary folder now

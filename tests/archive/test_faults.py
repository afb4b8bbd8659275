"""Whatever fails, and wherever: the same command again completes it, and nothing is taken half."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lineitem.archive import parts
from lineitem.core.problems import ArchiveError
from tests.archive.stores import all_of, live_facts, pulled, pushed
from tests.laws.histories import history
from tests.telling.stores import Books

pytest.importorskip("fsspec")
from tests.archive.stumbling import Stumbling, register

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = "stumble://box/archive"
HOW = ["before", "half", "after"]
CHOICES = bytes(range(60, 160))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    """A store of several small parts, and an empty box."""
    monkeypatch.setattr(parts, "LEAST", 2_000)
    monkeypatch.setattr(parts, "USUAL", 2_000)
    register()
    Stumbling.store.clear()
    Stumbling.pseudo_dirs[:] = [""]
    Stumbling.begin()
    with Books(history(CHOICES).write(tmp_path)) as made:
        made.read()
        live_facts(made.ledger)
        made.rebuild()
        yield made
    Stumbling.store.clear()


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("format_", ["jsonl", "parquet"])
def test_a_push_that_fails_at_any_step_is_completed_by_the_next(store: Books, how: str, format_: str) -> None:
    whole = all_of(store)
    at, failed = 1, True
    while failed:
        Stumbling.store.clear()
        Stumbling.begin(at, how)
        try:
            pushed(store, URL, format_)
            failed = Stumbling.step >= at  # a read that was cut short says nothing
        except ArchiveError:
            failed = True
        Stumbling.begin()
        with Books() as early:  # what is there so far reads as nothing, or as everything
            try:
                found = pulled(early, URL)
            except ArchiveError as nothing:
                assert "holds no archive" in str(nothing)  # noqa: PT017 - either is fine
            else:
                assert found.parts == 0 or all_of(early) == whole
        pushed(store, URL, format_)
        with Books() as empty:
            assert pulled(empty, URL).whole
            assert all_of(empty) == whole
        at += 1
    assert at > 20


@pytest.mark.parametrize("how", HOW)
def test_a_pull_that_fails_at_any_step_is_completed_by_the_next(store: Books, how: str) -> None:
    whole = all_of(store)
    pushed(store, URL, "jsonl")
    at, failed = 1, True
    while failed:
        with Books() as empty:
            Stumbling.begin(at, how)
            try:
                done = pulled(empty, URL)
                failed = Stumbling.step >= at
                assert done.whole is not failed
            except ArchiveError:
                pass
            Stumbling.begin()
            assert pulled(empty, URL).whole
            assert all_of(empty) == whole
        at += 1
    assert at > 20


def test_what_was_sent_is_not_sent_again(store: Books) -> None:
    Stumbling.begin(12)
    with pytest.raises(ArchiveError):
        pushed(store, URL)
    there = sum("/facts/" in name for name in Stumbling.store)
    Stumbling.begin()
    again = pushed(store, URL)
    assert there > 1
    assert again.sent == len(again.parts) - there
    assert pushed(store, URL).sent == 0
    assert sum("/manifests/" in name for name in Stumbling.store) == 1


def test_a_part_that_was_written_half_is_written_again(store: Books) -> None:
    pushed(store, URL)
    names = [name for name in Stumbling.store if "/facts/" in name]
    store.ledger.db.run("delete from state where key like 'archive/%'")
    for name in [name for name in Stumbling.store if "/manifests/" in name]:
        del Stumbling.store[name]
    file = Stumbling.store[names[0]]
    file.seek(0)
    file.truncate(9)
    assert pushed(store, URL).sent == 1
    with Books() as empty:
        assert pulled(empty, URL).whole

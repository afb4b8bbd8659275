"""Whatever fails, and wherever: the same command again completes it, and nothing is taken half."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.archive import parts, prune, pull
from lineitem.archive.place import open_place
from lineitem.core.problems import ArchiveError
from lineitem.ledger import audit
from lineitem.pipeline.rebuilding import refresh_derivation
from tests.archive.stores import AT, all_of, live_facts, pulled, pushed
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


def test_a_part_that_cannot_be_read_now_does_not_end_a_pull(store: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = all_of(store)
    pushed(store, URL, "jsonl")
    read = Stumbling.cat_file

    def fail(self: Stumbling, path: str, *given: Any, **more: Any) -> bytes:
        if "/events/" in path:
            raise PermissionError("not yours")
        return read(self, path, *given, **more)

    monkeypatch.setattr(Stumbling, "cat_file", fail)
    with Books() as empty:
        done = pulled(empty, URL)
        unread = [where for slug, where, _ in done.problems if slug == "archive-part-unread"]
        assert len(unread) == done.unread > 0
        assert not done.whole
        assert done.taken == done.parts - done.unread
        assert not pull.check(open_place(URL)).whole
        monkeypatch.undo()
        assert pulled(empty, URL).taken == len(unread)
        assert all_of(empty) == whole


def test_a_place_that_cannot_be_reached_ends_a_pull(store: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    pushed(store, URL, "jsonl")
    read, asked = Stumbling.cat_file, []

    def fail(self: Stumbling, path: str, *given: Any, **more: Any) -> bytes:
        if "/facts/" in path:
            asked.append(path)
            raise TimeoutError("nobody there")
        return read(self, path, *given, **more)

    monkeypatch.setattr(Stumbling, "cat_file", fail)
    with Books() as empty, pytest.raises(ArchiveError, match=r"nobody there.* Pull again"):
        pulled(empty, URL)
    assert len(asked) == 3


def test_nobody_derives_everything_between_two_parts(store: Books) -> None:
    """A collector beside a pull would do so after each of them."""
    whole = all_of(store)
    pushed(store, URL, "jsonl")
    with Books() as empty:
        meanwhile = []

        def look(*_: int) -> None:
            meanwhile.append(refresh_derivation(empty.ledger, empty.book))

        pull.pull(empty.ledger, open_place(URL), look)
        assert len(meanwhile) > 3
        assert not any(meanwhile[1:])
        pull.settle(empty.ledger, empty.book)
        assert all_of(empty) == whole
        # where that pull was killed long ago, the next to ask does it
        empty.ledger.set_state("derivation", "")
        empty.ledger.set_state("archive/unsettled", "1793600000000")
        assert refresh_derivation(empty.ledger, empty.book)


@pytest.mark.parametrize("how", HOW)
def test_a_prune_that_fails_at_any_step_leaves_all_that_counts(store: Books, how: str) -> None:
    for number in range(4):
        with store.ledger.transaction():
            audit.append(store.ledger, f"c-{number}", AT, "mira", "override", '{"budget":"shop","until":1}')
        pushed(store, URL, "jsonl")
    whole = all_of(store)
    box = dict(Stumbling.store)
    files = {name: bytes(file.getvalue()) for name, file in box.items()}
    at, failed = 1, True
    while failed:
        Stumbling.begin(at, how)
        try:
            prune.prune(open_place(URL), dry=False)
            failed = Stumbling.step >= at
        except ArchiveError:
            pass
        Stumbling.begin()
        with Books() as empty:
            assert pulled(empty, URL).whole
            assert all_of(empty) == whole
        for name in [name for name in Stumbling.store if "/under-way/" in name]:
            del Stumbling.store[name]  # as a day does
        prune.prune(open_place(URL), dry=False)
        assert len([name for name in Stumbling.store if "/manifests/" in name]) == 2
        assert not prune.prune(open_place(URL), dry=True).removed
        for name, data in files.items():
            open_place("stumble://").write(name.strip("/"), data)
        at += 1
    assert at > 10


def test_nothing_is_removed_while_somebody_pushes(store: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a push may rely on a part that is there, and that nobody names yet."""
    write, refused = Stumbling.pipe_file, []

    def beside(self: Stumbling, path: str, value: bytes, **given: Any) -> None:
        if "/facts/" in path or "/manifests/" in path:
            with pytest.raises(ArchiveError, match=r"A push to .* is under way") as caught:
                prune.prune(open_place(URL), dry=False)
            refused.append(caught.value)
        write(self, path, value, **given)

    monkeypatch.setattr(Stumbling, "pipe_file", beside)
    done = pushed(store, URL, "jsonl")
    assert len(refused) == done.sent + 1
    monkeypatch.undo()
    assert prune.prune(open_place(URL), dry=False).removed == {}
    assert not [name for name in Stumbling.store if "/under-way/" in name]


def test_nobody_pushes_while_something_is_removed(store: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        with store.ledger.transaction():
            audit.append(store.ledger, f"c-{number}", AT, "mira", "override", '{"budget":"shop","until":1}')
        pushed(store, URL, "jsonl")
    remove = Stumbling.rm_file

    def beside(self: Stumbling, path: str) -> None:
        if "/facts/" in path:
            with pytest.raises(ArchiveError, match=r"A prune to .* is under way"):
                pushed(store, URL)
        remove(self, path)

    monkeypatch.setattr(Stumbling, "rm_file", beside)
    assert prune.prune(open_place(URL), dry=False).removed
    monkeypatch.undo()
    pushed(store, URL)


def test_what_was_killed_counts_for_a_day(store: Books) -> None:
    pushed(store, URL)
    place = open_place(URL)
    now = int(time.time() * 1000)
    place.write(f"under-way/push-{now - 80_000_000}-0123abcd", b"")
    with pytest.raises(ArchiveError, match="delete under-way/push-"):
        prune.prune(place, dry=False)
    place.remove(f"under-way/push-{now - 80_000_000}-0123abcd")
    place.write(f"under-way/push-{now - 90_000_000}-0123abcd", b"")
    prune.prune(place, dry=False)
    assert not place.sizes("under-way")


def test_what_lies_beside_an_archive_is_not_removed(store: Books) -> None:
    pushed(store, URL)
    place = open_place(URL)
    for name in ("facts/mine.txt", "facts/events/month=2026-11/mine.parquet", "manifests/mine.json", "mine"):
        place.write(name, b"mine")
    before = set(Stumbling.store)
    assert prune.prune(place, dry=False).removed == {}
    assert set(Stumbling.store) == before


def test_where_the_latest_manifest_is_torn_nothing_is_removed(store: Books) -> None:
    done = pushed(store, URL)
    place = open_place(URL)
    place.write(done.manifest, b"{}")
    with pytest.raises(ArchiveError, match="Push again from its store"):
        prune.prune(place, dry=False)


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

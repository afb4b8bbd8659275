"""What is opened as a store, and what is left alone."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest

from lineitem.core.problems import LineitemError, StoreError, StoreTooNew
from lineitem.ledger import sqlite
from lineitem.ledger.schema import VERSION
from lineitem.ledger.store import Ledger
from tests.telling.stores import Books
from tests.telling.transcripts import Tale, counts


def database(path: Path, sql: str) -> bytes:
    """A database of another program; its bytes."""
    connection = apsw.Connection(str(path))
    list(connection.execute(sql))
    connection.close()
    return path.read_bytes()


def listing(folder: Path) -> dict[str, bytes]:
    return {place.name: place.read_bytes() for place in folder.iterdir()}


def told(folder: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 1_000, 0, 0, 50))
    tale.write(folder)


def test_a_store_of_a_newer_lineitem_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    Ledger(str(path)).close()
    database(path, f"pragma user_version={VERSION + 1}")
    before = listing(tmp_path)
    with pytest.raises(StoreTooNew, match="newer lineitem"):
        Ledger(str(path))
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    "sql",
    [
        "create table notes (text); pragma user_version=7",
        "create table notes (text)",
        "create table notes (text); pragma user_version=1",
        "create table name (text); pragma user_version=1",
        "pragma journal_mode=wal; create table notes (text); pragma user_version=1",
    ],
)
def test_a_database_of_another_program_is_refused_and_not_touched(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "notes.sqlite"
    database(path, sql)
    before = listing(tmp_path)
    with pytest.raises(StoreError):
        Ledger(str(path))
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    "content",
    [
        b"not a database at all, but long enough for one" * 20,
        b"\0" * 4_096,
        b"x",
    ],
)
def test_a_file_that_is_no_database_is_refused_and_not_touched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        Ledger(str(path))
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    """As `mktemp` leaves it."""
    path = tmp_path / "store.sqlite"
    path.touch()
    Ledger(str(path)).close()
    assert path.stat().st_size


def test_a_folder_and_a_place_that_cannot_be_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "store.sqlite"):
        with pytest.raises(StoreError):
            Ledger(str(path))


def test_what_is_committed_is_on_disk_before_the_answer(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path / "store.sqlite"))
    assert ledger.db.one("pragma journal_mode")[0] == "wal"
    assert ledger.db.one("pragma synchronous")[0] == 2
    ledger.close()
    again = Ledger(str(tmp_path / "store.sqlite"))
    assert again.db.one("pragma synchronous")[0] == 2
    again.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_nobody_else_may_read_a_store(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.sqlite"
    told(tmp_path / "config")
    with Books(tmp_path / "config", db=path) as store:
        store.read()
        for place in path.parent.iterdir():
            assert stat.S_IMODE(place.stat().st_mode) == 0o600, place
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_store_that_somebody_else_writes_to_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_MS", 20)
    path = tmp_path / "store.sqlite"
    told(tmp_path / "config")
    with Books(tmp_path / "config", db=path) as store:
        other = apsw.Connection(str(path))
        other.execute("begin immediate")
        with pytest.raises(LineitemError, match="in use by another"):
            store.read()
        assert store.requests() == []
        other.execute("rollback")
        other.close()
        store.read()
        assert len(store.requests()) == 1


def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    told(tmp_path / "config")
    with Books(tmp_path / "config", db=path) as store:
        store.read()
        other = apsw.Connection(str(path))
        other.execute("begin immediate")
        assert len(store.requests()) == 1
        other.close()


def test_a_first_load_is_written_in_place_only_where_nobody_waits_for_it(tmp_path: Path) -> None:
    path = str(tmp_path / "store.sqlite")
    store, reader = Ledger(path), Ledger(path)
    assert not reader.has_requests()
    assert not store.db.in_place()
    assert store.db.one("pragma journal_mode")[0] == "wal"
    reader.close()
    assert store.db.in_place()
    assert store.db.one("pragma journal_mode")[0] == "delete"
    assert store.db.one("pragma synchronous")[0] == 3
    store.close()  # as one that was killed leaves it
    again = Ledger(path)
    assert again.db.one("pragma journal_mode")[0] == "wal"
    assert again.db.one("pragma synchronous")[0] == 2
    again.close()


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_in_a_folder_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    place = tmp_path / "closed"
    place.mkdir(mode=0o500)
    with pytest.raises(StoreError):
        Ledger(str(place / "store.sqlite"))


def test_two_programs_that_migrate_at_once_both_go_on(tmp_path: Path) -> None:
    from lineitem.ledger.schema import MIGRATIONS

    path = str(tmp_path / "store.sqlite")
    store = Ledger(path)
    store.db._migrate(1, existed=True)  # what the slower one does after the faster one is done
    assert store.db._version()[0] == 1 + len(MIGRATIONS)
    store.close()


def test_who_begins_with_a_new_store_beside_another_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not wait for the change to write-ahead: of six that began at once, one in forty was refused."""
    path = tmp_path / "store.sqlite"
    other = apsw.Connection(str(path))
    other.execute("begin immediate")
    waited = []

    def done(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            other.close()

    monkeypatch.setattr(sqlite, "_BUSY_MS", 1)
    monkeypatch.setattr(sqlite, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=done))
    ledger = Ledger(str(path))
    assert not ledger.has_requests()
    ledger.close()
    assert len(waited) == 3

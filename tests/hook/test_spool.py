"""The spool: whatever crashes wherever, every intact record is kept once, and what is lost is counted."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as draws
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lineitem.sources.spool import Spool
from lineitem_hook import spool as writing
from lineitem_hook.forward import minted
from tests.laws.examples import examples


def record(key: str, filling: str = "") -> bytes:
    return f'{{"lineitem":{{"kind":"hook","key":"{key}","at":5}},"x":"{filling}"}}'.encode()


def no_locks(file: int, path: str) -> bool | None:  # noqa: ARG001 it stands in for one that looks
    return None


class Crashes(RuleBasedStateMachine):
    """A ledger that keeps by key, writers, and a reader that may die between any two steps."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.live = Path(self.folder.name)
        self.written: set[str] = set()
        self.kept: set[str] = set()  # committed
        self.torn = 0

    @rule(filling=draws.text("abc", max_size=40))
    def write(self, filling: str) -> None:
        key = minted()
        assert writing.append(str(self.live), record(key, filling))
        self.written.add(key)

    @rule()
    def write_alone(self) -> None:
        """Where locks are not to be had."""
        key = minted()
        hold = writing._hold
        writing._hold = no_locks
        try:
            assert writing.append(str(self.live), record(key))
        finally:
            writing._hold = hold
        self.written.add(key)

    @rule()
    def write_while_it_is_taken(self) -> None:
        """The reader comes between the writer's opening of the file and its lock."""
        key = minted()
        hold = writing._hold
        seen: list[int] = []

        def late(file: int, path: str) -> bool | None:
            if not seen:
                seen.append(1)
                self.read()
            return hold(file, path)

        writing._hold = late
        try:
            assert writing.append(str(self.live), record(key))
        finally:
            writing._hold = hold
        self.written.add(key)

    @rule(part=draws.floats(0.01, 0.95))
    def tear(self, part: float) -> None:
        """A full disk, a power cut: a frame that ends too early."""
        body = record(minted())
        frame = b"\n%d %08x %b\n" % (len(body), 0, body)
        (self.live / "spool").mkdir(exist_ok=True)
        with (self.live / "spool/events").open("ab") as file:
            file.write(frame[: 2 + int(len(frame) * part)])
        self.torn += 1

    @rule()
    def read(self) -> None:
        for batch in Spool(str(self.live)).take():
            self.kept |= {one.key for one in batch.records()}
            batch.done()

    @rule()
    def crash_after_taking(self) -> None:
        Spool(str(self.live)).take()

    @rule(after=draws.integers(0, 3))
    def crash_while_reading(self, after: int) -> None:
        """Nothing was committed."""
        for batch in Spool(str(self.live)).take():
            for index, _ in enumerate(batch.records()):
                if index >= after:
                    return

    @rule()
    def crash_after_committing(self) -> None:
        for batch in Spool(str(self.live)).take():
            self.kept |= {one.key for one in batch.records()}

    @rule()
    def done_twice(self) -> None:
        for batch in Spool(str(self.live)).take():
            self.kept |= {one.key for one in batch.records()}
            batch.done()
            batch.done()

    @invariant()
    def nothing_is_lost_and_nothing_invented(self) -> None:
        waiting: set[str] = set()
        spool = self.live / "spool"
        if spool.exists():
            for path in spool.iterdir():
                waiting |= {key for key in self.written if key.encode() in path.read_bytes()}
        assert self.kept | waiting == self.written

    def teardown(self) -> None:
        """At the end a reader finds all that was not kept yet."""
        batches = Spool(str(self.live))
        found = {one.key for batch in batches.take() for one in batch.records()}
        assert self.kept | found == self.written
        assert sum(int(note.split()[0]) for _, note in batches.problems) <= self.torn
        self.folder.cleanup()


TestCrashes = Crashes.TestCase
TestCrashes.settings = settings(examples(25), stateful_step_count=20)


def keys(live: Path) -> list[str]:
    return [one.key for batch in Spool(str(live)).take() for one in batch.records()]


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    assert writing.append(str(tmp_path), record("k", "\\u00e9"))
    [batch] = Spool(str(tmp_path)).take()
    [found] = batch.records()
    assert found == ("hook", "k", 5, record("k", "\\u00e9"))
    assert os.stat(batch.path).st_mode & 0o777 == 0o600
    assert os.stat(tmp_path / "spool").st_mode & 0o777 == 0o700
    batch.done()
    assert Spool(str(tmp_path)).take() == []


def test_torn_records_cost_only_themselves_and_are_a_problem(tmp_path: Path) -> None:
    writing.append(str(tmp_path), record("a"))
    with (tmp_path / "spool/events").open("ab") as file:
        file.write(b'\n300 0000abcd {"half":')
    writing.append(str(tmp_path), record("b"))
    with (tmp_path / "spool/events").open("ab") as file:
        file.write(b"\0" * 200_000)  # a power cut leaves such runs
    writing.append(str(tmp_path), record("c"))
    spool = Spool(str(tmp_path))
    [batch] = spool.take()
    assert [one.key for one in batch.records()] == ["a", "b", "c"]
    assert spool.problems == [("spool-torn", "2 in taken-0000000001")]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"lineitem":{"kind":1,"key":"","at":0}}', b"nonsense", b"[" * 9999])
def test_a_whole_frame_that_is_no_record_is_torn(tmp_path: Path, body: bytes) -> None:
    writing.append(str(tmp_path), body)
    spool = Spool(str(tmp_path))
    assert [list(batch.records()) for batch in spool.take()] == [[]]
    assert [slug for slug, _ in spool.problems] == ["spool-torn"]


def test_a_file_is_left_alone_while_somebody_writes_to_it(tmp_path: Path) -> None:
    writing.append(str(tmp_path), record("a"))
    with (tmp_path / "spool/events").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        assert keys(tmp_path) == []
    assert keys(tmp_path) == ["a"]


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    assert [writing.append(str(tmp_path), record("a"), most=180) for _ in range(3)] == [True, True, False]
    assert not writing.append(str(tmp_path), b"x" * writing.LARGEST)
    assert Spool(str(tmp_path)).dropped() == {"the spool was full": 1, "it was too long": 1}
    assert Spool(str(tmp_path / "none")).dropped() == {}
    assert Spool(str(tmp_path / "none")).take() == []


def test_a_full_disk_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data if len(data) == 1 else data[:20]))
    assert not writing.append(str(tmp_path), record("a"))
    monkeypatch.undo()
    assert writing.append(str(tmp_path), record("b"))
    assert keys(tmp_path) == ["b"]
    assert Spool(str(tmp_path)).dropped() == {"the disk failed": 1}


def test_without_locks_every_record_is_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_file: int, _how: int) -> None:
        raise OSError(45, "not supported")

    monkeypatch.setattr(fcntl, "flock", refused)
    for key in "ab":
        assert writing.append(str(tmp_path), record(key))
    assert len([name for name in os.listdir(tmp_path / "spool") if name.startswith("one-")]) == 2
    assert sorted(keys(tmp_path)) == ["a", "b"]


def _write_many(arguments: tuple[str, str]) -> None:
    folder, name = arguments
    for number in range(40):
        assert writing.append(folder, record(f"{name}-{number}", "y" * 3000))


def test_many_writers_and_a_reader_at_once(tmp_path: Path) -> None:
    context: Any = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_many, args=((str(tmp_path), name),)) for name in "abcd"]
    for worker in workers:
        worker.start()
    spool = Spool(str(tmp_path))
    found: list[str] = []
    while True:
        alive = any(worker.is_alive() for worker in workers)
        for batch in spool.take():
            found += [one.key for one in batch.records()]
            batch.done()
        if not alive:
            break
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert sorted(found) == sorted(f"{name}-{number}" for name in "abcd" for number in range(40))
    assert spool.problems == []


def test_what_is_no_file_does_not_hold_the_reader(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    os.mkfifo(folder / "events")
    (folder / "taken-0000000001").mkdir()
    (folder / "one-0").symlink_to("nowhere")
    assert Spool(str(tmp_path)).take() == []
    (folder / "events").unlink()
    assert writing.append(str(tmp_path), record("a"))
    assert keys(tmp_path) == ["a"]

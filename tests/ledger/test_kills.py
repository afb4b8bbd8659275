"""Killed at any moment, a reading is kept whole or not at all, and the next one completes it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.laws.histories import history
from tests.telling.digests import agree, everything
from tests.telling.stores import Books

KILLS = max(30, int(os.environ.get("LINEITEM_EXAMPLES", "0")) // 50)
READ = """
import sys
from tests.telling.stores import Books
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
with Books(sys.argv[1], db=sys.argv[2]) as store:
    store.read()
    store.fold()
    sys.stdout.write("kept\\n"); sys.stdout.flush(); sys.stdin.readline()
"""
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as POSIX does")


def start(config: Path, db: Path) -> subprocess.Popen[str]:
    """A program about to read."""
    root = Path(__file__).resolve().parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", READ, str(config), str(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root), *sys.path])},
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()


def end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


def whole_or_nothing(store: Books) -> None:
    """Facts, cursors, requests and sums are of one reading."""
    assert store.rows("pragma integrity_check") == [("ok",)]
    files = store.rows("select count(*) from file")[0][0]
    spans = store.rows("select count(distinct file) from sighting")[0][0]
    assert files == spans
    assert bool(files) == bool(store.rows("select count(*) from request")[0][0])
    logged = store.rows("select sum(logged) from session")[0][0]
    assert logged == store.rows("select sum(nanos) from request where counted")[0][0]
    assert logged == store.rows("select sum(nanos) from usage")[0][0]
    for session, folded in store.rows("select session, folded from session"):
        items = store.rows("select count(*) from item where session = ?", session)[0][0]
        assert not items or folded


def test_a_reading_that_is_killed_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    chance = random.Random(7)
    choices = bytes(chance.randrange(256) for _ in range(1_500))
    config = history(choices).write(tmp_path / "config")
    with Books(config) as store:
        store.read()
        store.fold()
        expected = everything(store.ledger)
    child = start(config, tmp_path / "timed.sqlite")
    began = time.perf_counter()
    go(child)
    assert child.stdout is not None
    assert child.stdout.readline() == "kept\n"
    needed = time.perf_counter() - began
    end(child)
    seen = set()
    for trial in range(KILLS):
        db = tmp_path / f"store-{trial}.sqlite"
        child = start(config, db)
        go(child)
        time.sleep(needed * chance.uniform(0, 1.2))
        end(child)
        with Books(config, db=db) as store:
            whole_or_nothing(store)
            seen.add(bool(store.rows("select count(*) from file")[0][0]))
            store.read()
            store.fold()
            whole_or_nothing(store)
            agree(expected, everything(store.ledger))
    assert seen == {False, True}, "every kill came too early or too late to tell anything"


def test_growing_files_read_by_programs_that_are_killed_end_in_the_same_store(tmp_path: Path) -> None:
    """The same store through all kills, the files growing on."""
    chance = random.Random(8)
    told = history(bytes(chance.randrange(256) for _ in range(600))).told()
    config, db = tmp_path / "config", tmp_path / "store.sqlite"
    files = sorted(told, key=lambda path: (not path.endswith(".json"), path))
    for trial in range(1, 11):
        for path in files:
            place = config / "projects" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            upto = len(told[path]) if path.endswith(".json") else len(told[path]) * trial // 10
            with place.open("ab") as file:
                file.write(told[path][file.tell() : upto])
        child = start(config, db)
        go(child)
        time.sleep(chance.uniform(0, 0.12))
        end(child)
    with Books(config, db=db) as store, Books(config) as fresh:
        for each in (store, fresh):
            each.read()
            each.fold()
        agree(everything(fresh.ledger), everything(store.ledger))

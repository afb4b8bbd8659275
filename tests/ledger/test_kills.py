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
from tests.telling.digests import Said, agree, everything
from tests.telling.stores import Books

FULL = int(os.environ.get("LINEITEM_EXAMPLES", "0"))
KILLS = max(30, FULL // 50)
#: Reads, and kills itself at the given step: a statement, a row that changes, a commit about to happen.
READ = """
import os, signal, sys
from lineitem.pipeline import intake
from tests.telling.stores import Books

deadly, step = int(sys.argv[3]), 0
intake.IN_PLACE_FROM = int(sys.argv[4])

def next_step(*_):
    global step
    step += 1
    if step == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return True

with Books(sys.argv[1], db=sys.argv[2]) as store:
    connection = store.ledger.db.connection
    connection.exec_trace = next_step
    connection.set_update_hook(next_step)
    connection.set_commit_hook(lambda: not next_step())
    store.read()
    store.fold()
print(step)
"""
WAIT = """
import sys
from tests.telling.stores import Books
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
with Books(sys.argv[1], db=sys.argv[2]) as store:
    store.read()
    store.fold()
"""
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as POSIX does")


def environment() -> dict[str, str]:
    root = Path(__file__).resolve().parents[2]
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root), *sys.path])}


def read(config: Path, db: Path, deadly: int = 0, much: int = 1 << 30) -> int | None:
    """Read in a program of its own; the number of steps it took, None where it was killed.

    much: from so many bytes on, a first reading writes in place.
    """
    done = subprocess.run(
        [sys.executable, "-c", READ, str(config), str(db), str(deadly), str(much)],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout)


def whole_or_nothing(store: Books) -> bool:
    """Facts, cursors, requests and sums are of one reading; whether there was one."""
    assert store.rows("pragma integrity_check") == [("ok",)]
    assert store.rows("pragma journal_mode") == [("wal",)]
    files = store.rows("select count(*) from file")[0][0]
    assert files == store.rows("select count(distinct file) from sighting")[0][0]
    assert bool(files) == bool(store.rows("select count(*) from request")[0][0])
    logged = store.rows("select sum(logged) from session")[0][0]
    assert logged == store.rows("select sum(nanos) from request where counted")[0][0]
    assert logged == store.rows("select sum(nanos) from usage")[0][0]
    for session, folded, bill in store.rows("select session, folded, logged + unlogged from session"):
        if folded:
            items = (
                "select coalesce(sum(g_nanos + i_nanos + c_nanos + r_nanos + s_nanos), 0) from item where session = ?"
            )
            assert store.rows(items, session)[0][0] == bill
    return bool(files)


def completed(config: Path, db: Path, expected: Said) -> bool:
    """Check the store, read again, compare with the store of a reading that was never killed."""
    with Books(config, db=db) as store:
        kept = whole_or_nothing(store)
        store.read()
        store.fold()
        whole_or_nothing(store)
        agree(expected, everything(store.ledger))
    return kept


def undisturbed(config: Path) -> Said:
    # in a file: workers open the store by its path
    with Books(config, db=config.parent / "undisturbed.sqlite") as store:
        store.read()
        store.fold()
        return everything(store.ledger)


@pytest.mark.parametrize("much", [1 << 30, 0], ids=["written ahead", "written in place"])
def test_a_reading_that_is_killed_is_kept_whole_or_not_at_all(tmp_path: Path, much: int) -> None:
    chance = random.Random(7)
    config = history(bytes(chance.randrange(256) for _ in range(1_500))).write(tmp_path / "config")
    expected = undisturbed(config)
    steps = read(config, tmp_path / "never.sqlite", much=much)
    assert steps is not None
    assert steps > 200
    seen = set()
    for deadly in {1, 2, steps - 1, steps, *chance.sample(range(3, steps - 1), KILLS - 4)}:
        db = tmp_path / f"store-{deadly}.sqlite"
        assert read(config, db, deadly, much) is None
        seen.add(completed(config, db, expected))
    assert seen == {False, True}


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
        read(config, db, chance.randrange(1, 400))
    completed(config, db, undisturbed(config))


@pytest.mark.skipif(not FULL, reason="kills by the clock: in full runs only")
def test_a_reading_that_is_killed_by_the_clock_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    """Also between two bytes of a write."""
    chance = random.Random(9)
    config = history(bytes(chance.randrange(256) for _ in range(4_000))).write(tmp_path / "config")
    expected = undisturbed(config)
    began = time.perf_counter()
    read(config, tmp_path / "timed.sqlite")
    needed = time.perf_counter() - began
    for trial in range(KILLS):
        db = tmp_path / f"store-{trial}.sqlite"
        command = [sys.executable, "-c", WAIT, str(config), str(db)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
        ) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdout.readline()
            child.stdin.write("\n")
            child.stdin.flush()
            time.sleep(needed * chance.random())
            child.kill()
        completed(config, db, expected)

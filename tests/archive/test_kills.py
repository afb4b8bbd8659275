"""Killed at any moment, push and pull leave what the next one completes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lineitem.core.problems import ArchiveError
from tests.archive.stores import all_of, live_facts, pulled, pushed
from tests.laws.histories import history
from tests.telling.stores import Books

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as POSIX does")
#: Pushes or pulls, and kills itself at the given step: a statement, a row that changes, a file that is moved.
RUN = """
import os, signal, sys
from lineitem.archive import parts
parts.LEAST = parts.USUAL = 2_000
from tests.archive.stores import pulled, pushed
from tests.telling.stores import Books

what, db, archive, deadly = *sys.argv[1:4], int(sys.argv[4])
step, replace = 0, os.replace

def next_step(*_):
    global step
    step += 1
    if step == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return True

def moved(*given):
    next_step()
    replace(*given)
    next_step()

os.replace = moved
with Books(db=db) as store:
    connection = store.ledger.db.connection
    connection.exec_trace = next_step
    connection.set_commit_hook(lambda: not next_step())
    (pushed if what == "push" else pulled)(store, archive)
print(step)
"""


def run(what: str, db: Path, archive: Path, deadly: int = 0) -> int | None:
    """How many steps it took; None where it was killed."""
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", RUN, what, str(db), str(archive), str(deadly)],
        env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("what", ["push", "pull"])
def test_the_next_one_completes_what_was_killed(tmp_path: Path, what: str) -> None:
    with Books(history(bytes(range(60, 120))).write(tmp_path / "config"), db=tmp_path / "store.sqlite") as store:
        store.read()
        live_facts(store.ledger)
        store.rebuild()
        whole = all_of(store)
        if what == "pull":
            pushed(store, tmp_path / "whole", "jsonl")
    if what == "push":
        steps = run("push", tmp_path / "store.sqlite", tmp_path / "counted")
    else:
        steps = run("pull", tmp_path / "counted.sqlite", tmp_path / "whole")
    assert steps is not None
    draw = random.Random(7)
    for number in range(8):
        deadly = draw.randint(1, steps)
        archive = tmp_path / f"archive-{number}" if what == "push" else tmp_path / "whole"
        target = tmp_path / "store.sqlite" if what == "push" else tmp_path / f"{number}.sqlite"
        run(what, target, archive, deadly)
        with Books(db=target) as again, Books() as empty:
            if what == "push":
                try:
                    pulled(empty, archive)
                except ArchiveError:  # nothing is named yet
                    assert empty.rows("select count(*) from file") == [(0,)]
                else:
                    assert all_of(empty) == whole
                pushed(again, archive)
            again = empty if what == "push" else again
            pulled(again, archive)
            assert all_of(again) == whole

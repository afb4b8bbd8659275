"""Forked workers: they hold nothing that others wait for, and one that dies is no silence."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lineitem.sources.crew import spread

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks as POSIX does"),
    # from Python 3.12 on, where other tests left threads behind
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]


def test_results_come_whole_whatever_their_size() -> None:
    sizes = [0, 1, 70_000, 3_000_000, 12, 5_000_000] * 5
    found = list(spread(sizes, lambda size: [size, "x" * size], 2))
    assert sorted(size for size, _ in found) == sorted(sizes)
    assert all(len(text) == size for size, text in found)


def test_workers_let_go_of_the_output() -> None:
    """Whoever reads the answer there sees its end while workers still work."""
    code = (
        "import os, stat\n"
        "from lineitem.sources.crew import spread\n"
        "here = os.fstat(1).st_ino, os.fstat(1).st_dev\n"
        "seen = list(spread([0, 0], lambda _: list((os.fstat(1).st_ino, os.fstat(1).st_dev)), 2))\n"
        "print(all(tuple(each) != here for each in seen), len(seen))\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "True 2\n"


def test_a_worker_that_dies_is_said() -> None:
    def work(number: int) -> int:
        if number == 3:
            os._exit(7)
        return number

    with pytest.raises(RuntimeError, match="ended early"):
        list(spread(range(8), work, 2))


def test_nobody_is_left_behind_where_the_rest_is_not_wanted() -> None:
    """Who stops asking waits for both workers, and neither complains."""
    code = (
        "import os\n"
        "from lineitem.sources.crew import spread\n"
        "results = spread([1 << 21] * 40, lambda size: ['x' * size], 2)\n"
        "print(len(next(results)[0]))\n"
        "results.close()\n"
        "try:\n"
        "    os.waitpid(-1, os.WNOHANG)\n"
        "except ChildProcessError:\n"
        "    print('alone')\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (said.stdout, said.stderr) == (f"{1 << 21}\nalone\n", "")

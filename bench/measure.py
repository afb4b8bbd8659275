"""One run of a program: how long until its answer was there, how long until it was over, how much memory.

In:   a command and an environment.
Out:  a `Run`.
Holds always: time begins right before the program is started; its end is when it and all that it started are
gone; memory is the largest single process of that tree. A process inherits the peak of what starts it, so
figures below this process's own peak cannot be told.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.run import offline

if TYPE_CHECKING:
    from collections.abc import Mapping

INSIDE = "BENCH_WITHOUT_NETWORK"
PR_SET_CHILD_SUBREAPER = 36
KIBI = 1024


@dataclass(frozen=True)
class Run:
    answer_ms: float
    """Until the last byte of stdout."""
    exit_ms: float
    """Until the program and everything it left behind were gone."""
    peak_kb: int
    code: int
    output: bytes
    errors: str


def without_network() -> bool:
    """Start this program again where there is no network; False where the system cannot do that."""
    if INSIDE in os.environ:
        return True
    if prefix := offline():
        os.environ[INSIDE] = "1"
        os.execvp(prefix[0], [*prefix, sys.executable, *sys.orig_argv[1:]])
    return False


def adopt_orphans() -> None:
    """Make background processes of a measured program ours when it exits, so that they can be waited for."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def own_peak_kb() -> int:
    return kilobytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def kilobytes(maxrss: int) -> int:
    """`ru_maxrss` counts kilobytes on Linux and bytes on macOS."""
    return maxrss // KIBI if sys.platform == "darwin" else maxrss


def run(command: list[str], environment: Mapping[str, str]) -> Run:
    """Run a command to its end, with its stdout in memory."""
    ours, theirs = os.pipe()
    with tempfile.TemporaryFile() as errors:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, theirs, 1),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
            (os.POSIX_SPAWN_CLOSE, theirs),
            (os.POSIX_SPAWN_CLOSE, ours),
        ]
        began = time.perf_counter_ns()
        child = os.posix_spawn(command[0], command, environment, file_actions=actions)
        os.close(theirs)
        chunks, answered = _read(ours)
        code, peak = _wait(child)
        ended = time.perf_counter_ns()
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    answered = answered or ended
    return Run((answered - began) / 1e6, (ended - began) / 1e6, peak, code, b"".join(chunks), said)


def _read(pipe: int) -> tuple[list[bytes], int]:
    """Everything that comes, and the moment of its last byte (0: nothing came)."""
    chunks, last = [], 0
    while chunk := os.read(pipe, 1 << 16):
        last = time.perf_counter_ns()
        chunks.append(chunk)
    os.close(pipe)
    return chunks, last


def _wait(child: int) -> tuple[int, int]:
    """The exit code of `child`, and the largest peak of it and of what it left behind."""
    code, peak = 0, 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return code, peak
        peak = max(peak, kilobytes(usage.ru_maxrss))
        if pid == child:
            code = os.waitstatus_to_exitcode(status)

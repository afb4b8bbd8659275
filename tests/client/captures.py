"""The captures of one test run: each scenario is played once, two at a time, ahead of the tests that need it.

Names of scenarios go in at the start; a capture comes out for each name, when it has been played.
Where several processes share a test run, the first that needs a capture plays it and the others wait for it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tests.client.capture import Capture, take
from tests.client.scenarios import SCENARIOS

AT_ONCE = 2


class Captures:
    """Captures by scenario name, in one folder."""

    def __init__(self, folder: Path, client: Path, names: Iterable[str]) -> None:
        self._folder = folder
        self._client = client
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._futures: dict[str, Future[Capture]] = {}
        for name in names:
            self._futures[name] = self._pool.submit(self._play_once, name)

    def __getitem__(self, name: str) -> Capture:
        """The capture of a scenario; waits until it has been played."""
        return self._futures[name].result()

    def close(self) -> None:
        """Play nothing more."""
        self._pool.shutdown(cancel_futures=True)

    def _play_once(self, name: str) -> Capture:
        folder = self._folder / name
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (folder / "ground.jsonl").exists():
                return Capture.load(folder)
            return take(SCENARIOS[name], folder, client=self._client)

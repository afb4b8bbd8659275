"""Killed at any step, an installation leaves the old file or the new one, and the next one completes it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.setup.install import install, lost, uninstall
from lineitem.setup.live_folder import made, place_of
from tests.setup.places import place

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks and kills as POSIX does")
FULL = int(os.environ.get("LINEITEM_EXAMPLES", "0"))
#: So many kills at a line of code, evenly spread.
LINES = max(10, FULL // 5)
SETTINGS = (
    b'\xef\xbb\xbf{\r\n\t"statusLine": {"type": "command", "command": "~/bin/st\\u0061tus"},\r\n'
    b'\t"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]},\r\n\t"n": 1.50e0}'
)


def installs(folder: Path, step: Callable[[str], None]) -> object:
    return install(place(folder, telemetry=True), step)


def moves(folder: Path, step: Callable[[str], None]) -> object:
    return install(place(folder, port=5000), step)


def uninstalls(folder: Path, step: Callable[[str], None]) -> object:
    where = place(folder)
    return uninstall(where.settings, where.database, step)


def nothing(_: str) -> None:
    """No step does anything."""


def at_step(deadly: int) -> tuple[Callable[[str], None], list[str]]:
    """A step that kills its process when it is called so many times; the names of those before."""
    seen: list[str] = []

    def step(name: str) -> None:
        seen.append(name)
        if len(seen) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    return step, seen


def killed(work: Callable[[], object]) -> bool:
    """Whether work in a process of its own was killed before it was done."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:  # noqa: BLE001 - a child never comes back into the test
            os._exit(1)
        os._exit(0)
    _, code = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(code) in {0, -signal.SIGKILL}
    return os.waitstatus_to_exitcode(code) != 0


def counting_lines(work: Callable[[], object], deadly: int) -> int:
    """Work, killed at that line of our room; the number of lines it took."""
    count = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal count
        if f"lineitem{os.sep}setup{os.sep}" not in frame.f_code.co_filename:
            return None
        if event == "line":
            count += 1
            if count == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def content(folder: Path) -> bytes | None:
    file = folder / "settings.json"
    return file.read_bytes() if file.exists() else None


class Scene:
    """A folder before a piece of work, to be had again and again, and the bytes before and after."""

    def __init__(self, tmp_path: Path, start: bytes | None, earlier: list[Any], work: Any) -> None:
        self.tmp_path, self.start, self.work = tmp_path, start, work
        self.folder = tmp_path / "claude"
        self.folder.mkdir()
        made(place_of(place(self.folder).database))  # so that the token is the same in every kill
        if start is not None:
            (self.folder / "settings.json").write_bytes(start)
        for one in earlier:
            one(self.folder, nothing)
        shutil.copytree(self.folder, tmp_path / "original", symlinks=True)
        self.before = content(self.folder)
        work(self.folder, nothing)
        self.after = content(self.folder)
        assert self.after != self.before

    def again(self) -> Path:
        shutil.rmtree(self.folder)
        shutil.copytree(self.tmp_path / "original", self.folder, symlinks=True)
        return self.folder

    def is_sound(self) -> bool:
        """Whole after a kill, completed by the next one, and the way back still leads to the start; was it done?"""
        found = content(self.folder)
        assert found in {self.before, self.after}
        self.work(self.folder, nothing)
        assert content(self.folder) == self.after
        assert all(name in {"settings.json", "lineitem.sqlite.live"} for name in os.listdir(self.folder))
        install(place(self.folder))
        assert lost(place(self.folder).database) == {}
        uninstalls(self.folder, nothing)
        assert content(self.folder) == self.start
        return found == self.after


SCENES = {
    "into nothing": (None, [], installs),
    "beside others": (SETTINGS, [], installs),
    "again, elsewhere": (SETTINGS, [installs], moves),
    "out again": (SETTINGS, [installs], uninstalls),
    "out again, into nothing": (None, [installs], uninstalls),
}


@pytest.mark.parametrize("name", SCENES)
def test_killed_at_every_step_the_file_is_whole(tmp_path: Path, name: str) -> None:
    scene = Scene(tmp_path, *SCENES[name])
    step, names = at_step(0)
    scene.work(scene.again(), step)
    assert len(names) > 8
    outcomes = []
    for deadly in range(1, len(names) + 1):
        folder = scene.again()
        assert killed(partial(scene.work, folder, at_step(deadly)[0]))
        outcomes.append(scene.is_sound())
    assert outcomes == sorted(outcomes)  # not done, not done, ..., done
    assert set(outcomes) == {False, True}


@pytest.mark.skipif(sys.gettrace() is not None, reason="something else is tracing")
@pytest.mark.parametrize("name", SCENES)
def test_killed_at_any_line_the_file_is_whole(tmp_path: Path, name: str) -> None:
    scene = Scene(tmp_path, *SCENES[name])
    folder = scene.again()
    lines = counting_lines(lambda: scene.work(folder, nothing), 0)
    every = max(1, lines // LINES)
    assert lines > 200
    for deadly in range(1, lines + 1, every):
        folder = scene.again()
        assert killed(partial(counting_lines, partial(scene.work, folder, nothing), deadly))
        scene.is_sound()

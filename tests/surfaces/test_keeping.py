"""Where reports are put: whole or not at all, into files of their own, and never over what somebody just saved."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from lineitem.core.problems import UsageError
from lineitem.setup import swap
from lineitem.surfaces.cli import keeping
from lineitem.surfaces.cli.keeping import keep, keep_report
from lineitem.surfaces.seams import fresh

ONE, TWO = [("causes", "one\n")], [("causes", "two\n")]
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX links and modes")


def put(path: Path, sections: list[tuple[str, str]], *, force: bool = False) -> bool:
    return keep_report(str(path), "weekly", sections, notes=True, force=force)


def left_over(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.startswith(".lineitem-")]


def test_a_new_file_is_written_and_then_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "week.md"
    assert put(path, ONE)
    assert path.read_bytes() == fresh("weekly", ONE)
    inode = path.stat().st_ino
    assert not put(path, ONE)
    assert path.stat().st_ino == inode
    assert put(path, TWO)
    assert path.read_bytes() == fresh("weekly", TWO)
    assert left_over(tmp_path) == []


@posix
def test_a_new_file_is_its_owners_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "week.md"
    put(path, ONE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o664)
    put(path, TWO)
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


@pytest.mark.parametrize("content", [b"", b"# Mine\n", fresh("monthly", ONE), fresh("weekly", ONE)[:-400]])
def test_what_is_no_such_report_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "week.md"
    path.write_bytes(content[:100])
    with pytest.raises(UsageError, match="--force"):
        put(path, ONE)
    assert path.read_bytes() == content[:100]
    assert put(path, ONE, force=True)
    assert path.read_bytes() == fresh("weekly", ONE)


def test_force_keeps_the_notes_of_a_report_that_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "week.md"
    path.write_bytes(fresh("weekly", ONE) + b"- buy milk\n")
    assert put(path, TWO, force=True)
    assert path.read_bytes() == fresh("weekly", TWO) + b"- buy milk\n"


@posix
@pytest.mark.parametrize("force", [False, True])
def test_links_and_devices_are_not_followed(tmp_path: Path, force: bool) -> None:
    goal = tmp_path / "bashrc"
    goal.write_bytes(fresh("weekly", ONE))
    link, pipe, dangling = tmp_path / "link.md", tmp_path / "pipe.md", tmp_path / "nowhere.md"
    link.symlink_to(goal)
    dangling.symlink_to(tmp_path / "not-there")
    os.mkfifo(pipe)
    for path in link, pipe, dangling, tmp_path:
        with pytest.raises(UsageError):
            put(path, TWO, force=force)
    assert goal.read_bytes() == fresh("weekly", ONE)
    assert not (tmp_path / "not-there").exists()


def test_a_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        put(tmp_path / "no" / "week.md", ONE)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("swaps", [True, False])
def test_what_is_saved_in_that_moment_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swaps: bool) -> None:
    path = tmp_path / "week.md"
    path.write_bytes(b"a")
    real, saved = swap.exchanged, [b"first", b"second"]

    def exchanged(one: str, other: str) -> bool:
        if saved:  # the second time while the first is put back
            path.write_bytes(saved.pop(0))
        return swaps and real(one, other)

    monkeypatch.setattr(keeping, "exchanged", exchanged)
    seen: list[bytes | None] = []

    def made(before: bytes | None) -> bytes:
        seen.append(before)
        return b"[" + (before or b"") + b"]"

    assert keep(str(path), made)
    assert seen[0] == b"a"
    assert path.read_bytes() == b"[" + (seen[-1] or b"") + b"]"
    assert seen[-1] == b"second"
    assert left_over(tmp_path) == []


def test_a_file_that_appears_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "week.md"

    def made(before: bytes | None) -> bytes:
        if before is None:
            path.write_bytes(b"mine")
        return b"ours" if before is None else before + b" and ours"

    assert keep(str(path), made)
    assert path.read_bytes() == b"mine and ours"


def test_who_saves_all_the_time_wins(tmp_path: Path) -> None:
    path = tmp_path / "week.md"
    path.write_bytes(b"0")

    def made(before: bytes | None) -> bytes:
        path.write_bytes((before or b"") + b"0")
        return b"ours"

    with pytest.raises(UsageError, match="another program"):
        keep(str(path), made)
    assert set(path.read_bytes()) == {ord("0")}
    assert left_over(tmp_path) == []

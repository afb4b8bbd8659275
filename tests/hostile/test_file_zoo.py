"""Things that lie where transcripts lie: none is waited for, none leads out of the folder, each is named."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from lineitem.pipeline.intake import Intake
from lineitem.sources.scan import transcripts
from tests.telling.stores import Books
from tests.telling.transcripts import PROJECT, Pen, Tale, counts

SAID = [{"type": "text", "text": "done"}]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file types")


@pytest.fixture
def told(tmp_path: Path) -> Pen:
    """A session with one answer."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer(SAID, counts(3, 1_000, 0, 0, 50))
    tale.write(tmp_path)
    return pen


def bill(folder: Path | str, *more: Path | str) -> tuple[int, list[tuple[str, str, str]]]:
    """(requests counted, problems of the reading), within two seconds."""
    began = time.monotonic()
    with Books(folder, *more) as store:
        store.read()
        store.fold()
        found = len(store.requests())
    assert time.monotonic() - began < 2
    return found, store.problems


def slugs(problems: list[tuple[str, str, str]]) -> list[str]:
    return sorted(problem[0] for problem in problems)


def folder_of(tmp_path: Path) -> Path:
    return tmp_path / "projects" / PROJECT


@pytest.mark.usefixtures("told")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(folder_of(tmp_path) / "pipe.jsonl")
    assert bill(tmp_path)[0] == 1
    assert slugs(bill(tmp_path)[1]) == ["file-not-regular"]


@pytest.mark.usefixtures("told")
def test_a_socket_and_a_folder_of_that_name_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder_of(tmp_path))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.jsonl")
        (folder_of(tmp_path) / "folder.jsonl").mkdir()
        found, problems = bill(tmp_path)
    assert (found, slugs(problems)) == (1, ["file-not-regular", "file-not-regular"])


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "target", ["/dev/zero", "/dev/random", "/proc/self/environ", "/etc/passwd", "nowhere", "self.jsonl"]
)
def test_a_link_is_not_followed(tmp_path: Path, target: str) -> None:
    (folder_of(tmp_path) / "self.jsonl").symlink_to(target)
    found, problems = bill(tmp_path)
    assert (found, slugs(problems)) == (1, ["file-not-regular"])


@pytest.mark.usefixtures("told")
def test_a_device_is_not_read(tmp_path: Path) -> None:
    try:
        os.mknod(folder_of(tmp_path) / "null.jsonl", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")
    found, problems = bill(tmp_path)
    assert (found, slugs(problems)) == (1, ["file-not-regular"])


def test_a_sidecar_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    tale = Tale()
    main = tale.session()
    agent = tale.agent(main, "a")
    agent.answer(SAID, counts(3, 1_000, 0, 0, 50))
    tale.write(tmp_path)
    os.mkfifo(str(tmp_path / "projects" / agent.path)[:-6] + ".meta.json")
    assert bill(tmp_path)[0] == 1


@pytest.mark.usefixtures("told")
def test_linked_folders_and_loops_are_named_and_left_alone(tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    (projects / "linked").symlink_to(projects / PROJECT)
    (projects / PROJECT / "loop").symlink_to(projects)
    (projects / PROJECT / "self").symlink_to("self")
    found, problems = bill(tmp_path)
    assert found == 1
    assert slugs(problems) == ["link-not-followed"]


@pytest.mark.usefixtures("told")
def test_the_config_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    other = tmp_path.parent / f"{tmp_path.name}-linked"
    other.symlink_to(tmp_path)
    assert bill(other)[0] == 1
    assert bill(other, tmp_path)[0] == 1


def test_fifty_folders_deep_is_too_deep_and_said(tmp_path: Path, told: Pen) -> None:
    deep = folder_of(tmp_path).joinpath(*["d"] * 50)
    deep.mkdir(parents=True)
    (deep / "x.jsonl").write_bytes(told.bytes())
    found, problems = bill(tmp_path)
    assert (found, slugs(problems)) == (1, ["folder-too-deep"])


def test_a_journal_of_a_workflow_is_no_transcript(tmp_path: Path, told: Pen) -> None:
    run = folder_of(tmp_path) / told.session / "subagents" / "workflows" / "wf_1"
    run.mkdir(parents=True)
    (run / "journal.jsonl").write_bytes(b'{"type":"started"}\n' + told.bytes())
    assert [Path(found.path).name for found in transcripts([str(tmp_path)], [])] == [f"{told.session}.jsonl"]


@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe.jsonl",
        b"a\x1b[31mred\x1b[0m.jsonl",
        b"a\nb.jsonl",
        b"a\x07.jsonl",
        "\u202egnp.jsonl".encode(),
        b" .jsonl",
        b"-rf.jsonl",
        b"'; drop table file; --.jsonl",
        b"\xc3\xa9" * 100 + b".jsonl",
    ],
)
def test_a_file_of_any_name_is_read(tmp_path: Path, told: Pen, name: bytes) -> None:
    place = os.fsencode(str(tmp_path / "projects" / told.path))
    os.rename(place, os.path.join(os.path.dirname(place), name))
    with Books(tmp_path, db=tmp_path / "store.sqlite") as store:
        store.read()
        store.fold()
        assert len(store.requests()) == 1
        assert store.read().lines == 0
        store.rebuild()
        assert len(store.sessions()) == 1


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("name", [b"\xff\xfe", b"a\x1b[31m", b"a\nb"])
def test_a_project_of_any_name_is_read(tmp_path: Path, name: bytes) -> None:
    projects = os.fsencode(str(tmp_path / "projects"))
    os.rename(os.path.join(projects, PROJECT.encode()), os.path.join(projects, name))
    with Books(tmp_path) as store:
        store.read()
        store.fold()
        assert len(store.requests()) == 1


def test_a_name_that_is_no_text_does_not_keep_others_from_being_read(tmp_path: Path, told: Pen) -> None:
    other = Tale("other")
    pen = other.session("second")
    pen.answer(SAID, counts(3, 1_000, 0, 0, 70))
    other.write(tmp_path)
    place = os.fsencode(str(tmp_path / "projects" / told.path))
    os.rename(place, os.path.join(os.path.dirname(place), b"\xff\xfe.jsonl"))
    assert bill(tmp_path)[0] == 2


def test_a_file_that_vanishes_between_look_and_read_is_named(tmp_path: Path, told: Pen) -> None:
    other = Tale("other")
    pen = other.session("second")
    pen.answer(SAID, counts(3, 1_000, 0, 0, 70))
    other.write(tmp_path)
    with Books(tmp_path) as store:
        intake = Intake(store.ledger, store.book)
        intake.look(store.folders)
        (tmp_path / "projects" / told.path).unlink()
        intake.take_in()
        assert [row[7] for row in store.requests()] == [70]
        assert slugs(intake.problems) == ["file-unreadable"]


def test_a_file_swapped_for_a_pipe_between_look_and_read_is_named(tmp_path: Path, told: Pen) -> None:
    with Books(tmp_path) as store:
        intake = Intake(store.ledger, store.book)
        intake.look(store.folders)
        place = tmp_path / "projects" / told.path
        place.unlink()
        os.mkfifo(place)
        intake.take_in()
        assert slugs(intake.problems) == ["file-unreadable"]


@pytest.mark.usefixtures("told")
def test_a_folder_that_vanishes_is_no_error_and_totals_stay(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        store.read()
        for place in sorted((tmp_path / "projects").rglob("*"), reverse=True):
            place.unlink() if place.is_file() else place.rmdir()
        store.read()
        (tmp_path / "projects").rmdir()
        store.read()
        assert len(store.requests()) == 1


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named_and_the_rest_counted(tmp_path: Path, told: Pen) -> None:
    closed = tmp_path / "projects" / "-closed"
    closed.mkdir(mode=0o000)
    private = folder_of(tmp_path) / "private.jsonl"
    private.write_bytes(told.bytes())
    private.chmod(0o000)
    try:
        found, problems = bill(tmp_path)
        assert (found, slugs(problems)) == (1, ["file-unreadable", "folder-unreadable"])
    finally:
        closed.chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become somebody else")
def test_what_may_not_be_read_by_another_user_is_named() -> None:
    """As root: the same by a program that gave its rights away."""
    program = (
        "import os, sys\n"
        "from lineitem.sources.scan import transcripts\n"
        "from lineitem.sources import spans\n"  # what is imported later may not be readable either
        "from lineitem.sources.crew import Task, read_one\n"
        "os.setgroups([]), os.setgid(65534), os.setuid(65534)\n"
        "problems = []\n"
        "found = transcripts([sys.argv[1]], problems)\n"
        "read = [read_one(Task(0, each.path, each.session, each.thread, 0, each.size), {}) for each in found]\n"
        "print(sorted(bool(each.failed) for each in read), sorted(each[0] for each in problems))\n"
    )
    tale = Tale()
    open_to_all, private = tale.session("open"), tale.session("private")
    for pen in (open_to_all, private):
        pen.answer(SAID, counts(3, 1_000, 0, 0, 50))
    # not below pytest's own folder, which is root's alone
    with tempfile.TemporaryDirectory() as name:
        tale.write(Path(name))
        (Path(name) / "projects" / "-closed").mkdir(mode=0o700)
        for place in (Path(name), Path(name) / "projects", folder_of(Path(name))):
            place.chmod(0o755)
        (Path(name) / "projects" / open_to_all.path).chmod(0o644)
        (Path(name) / "projects" / private.path).chmod(0o600)
        done = subprocess.run(
            [sys.executable, "-c", program, name],
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[False, True] ['folder-unreadable']\n"

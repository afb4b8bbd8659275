"""Several programs write the same settings.json: nobody reads half a file, nobody loses a key through us."""

from __future__ import annotations

import json
import os
import random
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.setup import edit
from lineitem.setup.document import decoded
from lineitem.setup.install import install, lost, repair, uninstall
from lineitem.setup.refusals import SettingsBusy
from lineitem.setup.settings_file import ATTEMPTS, SettingsFile
from lineitem.setup.swap import exchanged
from tests.setup.places import PYTHON, place

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = int(os.environ.get("LINEITEM_EXAMPLES", "0"))
#: Keys each writer adds, one write each.
ROUNDS = max(12, FULL // 20)
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks as POSIX does")


def nothing() -> None:
    """Nothing to keep."""


def with_key(name: str, content: bytes | None) -> bytes:
    """The file with one key more; as it is where the key is there: a change that is tried again finds it."""
    document = decoded(content, "settings.json")
    if document.value(name) is not None:
        return document.encoded()
    return document._replace(text=edit.added(document.text, (), 1, name)).encoded()


def locking_writer(file: Path, me: int) -> None:
    """Adds its keys as we do: under the lock."""
    for number in range(ROUNDS):
        SettingsFile(str(file)).change(partial(with_key, f"w{me}-{number}"), nothing)


def careless_writer(file: Path, me: int) -> None:
    """Reads, adds, renames, as most programs do; adds up how many of its own keys went missing meanwhile."""
    chance, vanished, mine = random.Random(me), 0, set[str]()
    for number in range(ROUNDS * 4):
        content = json.loads(file.read_bytes())
        vanished += len(mine - set(content))
        mine &= set(content)
        name = f"w{me}-{number}"
        draft = file.with_name(f"draft-{me}")
        draft.write_text(json.dumps(content | {name: 1}), encoding="utf-8")
        draft.rename(file)
        mine.add(name)
        time.sleep(chance.random() * 0.004)
    vanished += len(mine - set(json.loads(file.read_bytes())))
    assert vanished == 0, f"{vanished} keys lost"


def reader(file: Path, _: int) -> None:
    """Reads until the writers are done."""
    while not file.with_name("done").exists():
        assert isinstance(json.loads(file.read_bytes()), dict)


def together(file: Path, writers: list[Callable[[Path, int], None]]) -> None:
    """All at once, each a process; a reader beside them."""
    children = []
    for me, work in enumerate([reader, *writers]):
        child = os.fork()
        if not child:
            try:
                work(file, me)
            except BaseException as error:  # noqa: BLE001 - a child never comes back into the test
                file.with_name(f"failed-{me}").write_text(f"{work.__name__}: {error!r}", encoding="utf-8")
                os._exit(1)
            os._exit(0)
        children.append(child)
    for child in children[1:]:
        os.waitpid(child, 0)
    file.with_name("done").touch()
    os.waitpid(children[0], 0)
    assert [path.read_text(encoding="utf-8") for path in file.parent.glob("failed-*")] == []


def needs_exchange(folder: Path) -> None:
    """Skip where a rename is all there is: there the last moment before it stays open, as docs/install.md says."""
    one, other = folder / "one", folder / "other"
    one.touch()
    other.touch()
    if not exchanged(str(one), str(other)):
        pytest.skip("files cannot be exchanged here")


@posix
def test_six_writers_that_lock_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"first": 1}\n', encoding="utf-8")
    together(file, [locking_writer] * 6)
    assert set(json.loads(file.read_bytes())) == {"first"} | {
        f"w{me}-{number}" for me in range(1, 7) for number in range(ROUNDS)
    }


@posix
def test_five_that_lock_take_nothing_from_one_that_does_not(tmp_path: Path) -> None:
    """What the careless one takes from the others is its own doing; what it wrote must stay."""
    needs_exchange(tmp_path)
    file = tmp_path / "settings.json"
    file.write_text("{}", encoding="utf-8")
    together(file, [*[patient_writer] * 5, careless_writer])
    assert not list(tmp_path.glob(".settings.json.lineitem-*"))


def patient_writer(file: Path, me: int) -> None:
    """A locking writer beside a careless one: it may have to say that the file never rests, and tries again."""
    for number in range(ROUNDS):
        while True:
            try:
                SettingsFile(str(file)).change(partial(with_key, f"w{me}-{number}"), nothing)
            except SettingsBusy:
                continue
            break


class Meddler:
    """Does something at a named step, the first so many times."""

    def __init__(self, at: str, times: int, work: Callable[[], object]) -> None:
        self.at, self.left, self.work = at, times, work

    def __call__(self, name: str) -> None:
        if name == self.at and self.left:
            self.left -= 1
            self.work()


def rewritten(file: Path, **members: Any) -> None:
    """As an editor saves: a new file in the old one's place."""
    content = json.loads(file.read_bytes()) if file.exists() else {}
    draft = file.with_name("draft")
    draft.write_text(json.dumps(content | members), encoding="utf-8")
    draft.replace(file)


@pytest.mark.parametrize("step", ["read", "kept", "made", "written", "flushed", "compared", "exchanged", "placed"])
def test_a_write_between_any_two_of_our_steps_is_not_lost(tmp_path: Path, step: str) -> None:
    file, where = tmp_path / "settings.json", place(tmp_path)
    file.write_text('{"theirs": 1}', encoding="utf-8")
    if step in {"compared", "exchanged"}:
        needs_exchange(tmp_path)
    install(where, Meddler(step, 1, lambda: rewritten(file, more=2)))
    assert set(json.loads(file.read_bytes())) == {"theirs", "more", "hooks", "statusLine"}
    assert lost(where.database) == {}


@pytest.mark.parametrize("step", ["compared", "taken away"])
def test_a_write_while_we_remove_the_file_is_not_lost(tmp_path: Path, step: str) -> None:
    """We made the file, so taking us out removes it, unless somebody has put something in just then."""
    file, where = tmp_path / "settings.json", place(tmp_path)
    install(where)
    uninstall(where.settings, where.database, Meddler(step, 1, lambda: rewritten(file, theirs=1)))
    assert json.loads(file.read_bytes()) == {"theirs": 1}


def test_a_file_that_appears_while_we_make_one_is_not_lost(tmp_path: Path) -> None:
    file, where = tmp_path / "settings.json", place(tmp_path)
    install(where, Meddler("compared", 1, lambda: rewritten(file, theirs=1)))
    assert set(json.loads(file.read_bytes())) == {"theirs", "hooks", "statusLine"}


def test_a_file_that_is_removed_meanwhile_is_made_new(tmp_path: Path) -> None:
    needs_exchange(tmp_path)
    file, where = tmp_path / "settings.json", place(tmp_path)
    file.write_text('{"theirs": 1}', encoding="utf-8")
    install(where, Meddler("compared", 1, file.unlink))
    assert set(json.loads(file.read_bytes())) == {"hooks", "statusLine"}


def test_a_writer_that_never_rests_is_not_fought(tmp_path: Path) -> None:
    needs_exchange(tmp_path)
    file, where, count = tmp_path / "settings.json", place(tmp_path), iter(range(100))
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsBusy, match="another program"):
        install(where, Meddler("compared", 100, lambda: rewritten(file, theirs=next(count))))
    assert json.loads(file.read_bytes()) == {"theirs": ATTEMPTS - 1}


def test_half_a_file_is_looked_at_again(tmp_path: Path) -> None:
    """A program that cuts the file and writes it anew shows nothing for a moment."""
    file, where = tmp_path / "settings.json", place(tmp_path)
    file.write_bytes(b"")

    def finished(_: float) -> None:
        file.write_text('{"theirs": 1}', encoding="utf-8")

    install(where, sleep=finished)
    assert set(json.loads(file.read_bytes())) == {"theirs", "hooks", "statusLine"}


def test_a_writer_with_a_stale_memory_is_noticed_and_mended(tmp_path: Path) -> None:
    file, where = tmp_path / "settings.json", place(tmp_path)
    file.write_text('{"theirs": 1}', encoding="utf-8")
    stale = file.read_bytes()
    install(where)
    file.write_bytes(stale)
    names = lost(where.database)[str(file)]
    assert {"PreToolUse", "SessionStart", "statusLine"} <= set(names)
    repair(where.database, PYTHON, "/opt/lineitem_hook")
    assert lost(where.database) == {}
    uninstall(where.settings, where.database)
    assert file.read_bytes() == stale

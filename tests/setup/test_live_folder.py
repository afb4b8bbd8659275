"""The live folder and its tokens: made once, for one user, and never through somebody else's link."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lineitem.setup.live_folder import found, made, place_of
from lineitem.setup.refusals import FolderRefused

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and owners as POSIX has them")


@pytest.fixture
def live(tmp_path: Path) -> Path:
    return Path(place_of(str(tmp_path / "data" / "lineitem.sqlite")))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_folder_and_tokens_are_for_their_owner_alone(live: Path) -> None:
    assert found(str(live)) is None
    umask = os.umask(0)
    try:
        folder = made(str(live))
    finally:
        os.umask(umask)
    assert live.name == "lineitem.sqlite.live"
    assert {path.name: mode(path) for path in [live, *live.iterdir()]} == {
        "lineitem.sqlite.live": 0o700,
        "spool": 0o700,
        "change.token": 0o600,
        "ingest.token": 0o600,
        "read.token": 0o600,
    }
    assert len(folder.ingest) == len(folder.read) == 43
    assert folder.ingest != folder.read
    assert (live / "ingest.token").read_text(encoding="ascii") == folder.ingest + "\n"
    assert made(str(live)) == folder == found(str(live))


def test_all_who_make_it_at_once_get_the_same_tokens(live: Path) -> None:
    with ThreadPoolExecutor(16) as crew:
        assert len(set(crew.map(lambda _: made(str(live)), range(64)))) == 1
    assert sorted(path.name for path in live.iterdir()) == ["change.token", "ingest.token", "read.token", "spool"]


def test_a_folder_others_may_read_is_closed(live: Path) -> None:
    live.mkdir(parents=True, mode=0o755)
    made(str(live))
    assert mode(live) == 0o700


@pytest.mark.parametrize("bits", [0o770, 0o707, 0o722])
def test_a_folder_others_may_write_is_refused(live: Path, bits: int) -> None:
    made(str(live))
    live.chmod(bits)
    for work in (made, found):
        with pytest.raises(FolderRefused, match="chmod 700") as refusal:
            work(str(live))
        assert refusal.value.exit_code == 2


def test_a_folder_in_a_place_where_anybody_exchanges_names_is_refused(live: Path) -> None:
    live.parent.mkdir()
    live.parent.chmod(0o777)
    with pytest.raises(FolderRefused, match="Anybody"):
        made(str(live))
    live.parent.chmod(0o1777)
    made(str(live))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_another_user_is_refused(live: Path) -> None:
    made(str(live))
    for path in (live, live / "ingest.token", live / "spool"):
        os.chown(path, 12_345, -1)
        with pytest.raises(FolderRefused, match="another user"):
            made(str(live))
        os.chown(path, 0, -1)


def test_a_link_is_not_followed(live: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    live.parent.mkdir()
    live.symlink_to(elsewhere)
    with pytest.raises(FolderRefused, match="links are not followed"):
        made(str(live))
    live.unlink()
    made(str(live))
    token = live / "ingest.token"
    for target in (elsewhere / "none", live / "read.token"):
        token.unlink()
        token.symlink_to(target)
        with pytest.raises(FolderRefused, match="cannot be read"):
            made(str(live))
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short\n", b"x" * 43 + b"\nmore", b"x" * 44, b"!" * 43, b"\xff" * 43])
def test_what_is_no_token_is_refused(live: Path, content: bytes) -> None:
    made(str(live))
    (live / "read.token").write_bytes(content)
    with pytest.raises(FolderRefused, match="holds no token"):
        made(str(live))


def test_a_token_others_may_read_is_refused(live: Path) -> None:
    made(str(live))
    (live / "ingest.token").chmod(0o640)
    with pytest.raises(FolderRefused, match="Others may read"):
        made(str(live))


def test_a_pipe_or_a_folder_in_a_tokens_place_is_refused_at_once(live: Path) -> None:
    made(str(live))
    token = live / "ingest.token"
    token.unlink()
    os.mkfifo(token, 0o600)
    with pytest.raises(FolderRefused, match="holds no token"):
        made(str(live))
    token.unlink()
    token.mkdir(mode=0o700)
    with pytest.raises(FolderRefused, match="holds no token"):
        made(str(live))


def test_where_no_folder_can_be_made_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderRefused):
        made(str(tmp_path / "file" / "lineitem.sqlite.live"))

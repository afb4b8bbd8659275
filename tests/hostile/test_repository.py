"""The address of a repository, from configurations as git writes them and as nobody does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.sources.repository import address, plain
from tests.laws.examples import examples

CONFIG = '[core]\n\tbare = false\n[remote "up"]\n\turl = https://example.org/up/stream.git\n'
ORIGIN = '[remote "origin"]\n\turl = git@github.com:acme/shop.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'


def made(folder: Path, config: str | bytes) -> Path:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/config").write_bytes(config.encode() if isinstance(config, str) else config)
    return folder


def test_the_remote_origin_comes_first(tmp_path: Path) -> None:
    repository = made(tmp_path / "a", CONFIG + ORIGIN)
    (repository / "src/deep").mkdir(parents=True)
    assert address(str(repository / "src/deep")) == "github.com/acme/shop"
    assert address(str(made(tmp_path / "b", CONFIG))) == "example.org/up/stream"


def test_a_worktree_has_the_address_of_its_repository(tmp_path: Path) -> None:
    inner = made(tmp_path / "a", ORIGIN) / ".git/worktrees/w"
    inner.mkdir(parents=True)
    (inner / "commondir").write_text("../..\n")
    (tmp_path / "w").mkdir()
    (tmp_path / "w/.git").write_text(f"gitdir: {inner}\n")
    assert address(str(tmp_path / "w")) == "github.com/acme/shop"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop.git", "https://me:secret@github.com/acme/shop", "ssh://git@github.com/acme/shop/",
        "git@github.com:acme/shop.git", "github.com/acme/shop",
    ],
)  # fmt: skip
def test_an_address_has_no_credentials(url: str) -> None:
    assert plain(url) == "github.com/acme/shop"


def test_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("gitdir: nowhere")
    for folder in ("", "relative", str(tmp_path / "gone"), str(tmp_path)):
        assert address(folder) == ""
    (tmp_path / "w").mkdir()
    (tmp_path / "w/.git").write_bytes(b"\xff\x00no")
    assert address(str(tmp_path / "w")) == ""


@given(st.binary(max_size=400))
@examples(60)
def test_any_configuration_is_survived(config: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        assert isinstance(address(str(made(Path(place) / "a", config))), str)

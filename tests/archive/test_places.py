"""Addresses: what they mean, what is missing for them, and that none shows what is secret in it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.archive import prune
from lineitem.archive.place import open_place, shown
from lineitem.core.problems import ArchiveError, UsageError
from tests.archive.stores import all_of, live_facts, pulled, pushed
from tests.laws.histories import history
from tests.telling.stores import Books

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("~/archive", "~/archive"),
        ("s3://bucket/facts", "s3://bucket/facts"),
        ("s3://AKIAKEY:s3cr3t@bucket/facts", "s3://***@bucket/facts"),
        ("sftp://mira:hunter2@box:2222/facts", "sftp://***@box:2222/facts"),
        ("sftp://mira:hun@ter2@box/facts", "sftp://***@box/facts"),
        ("sftp://mira:hun#ter2@box/facts", "sftp://***@box/facts"),
        ("sftp://mira:hun?ter2@box/facts", "sftp://***@box/facts"),
        ("https://tok3n@box/facts?sig=abc&x=1#y", "https://***@box/facts"),
        ("abfs://facts@account.dfs.core.windows.net/a", "abfs://facts@account.dfs.core.windows.net/a"),
        ("abfs://facts:key@account.dfs.core.windows.net/a?sv=1", "abfs://***@account.dfs.core.windows.net/a"),
    ],
)
def test_an_address_is_shown_without_what_is_secret_in_it(url: str, said: str) -> None:
    assert shown(url) == said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gs://bucket/x", "pip install gcsfs"),
        ("az://bucket/x", "pip install adlfs"),
        ("nosuch://bucket/x", "fsspec knows no nosuch://"),
        ("simplecache::s3://bucket/x", "no `::` in it"),
        ("", "needs an address"),
    ],
)
def test_what_is_missing_is_named(url: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec")
    for name in ("gcsfs", "adlfs"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        open_place(url)


def test_a_folder_needs_nothing_and_a_bucket_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    for url in (str(tmp_path / "a"), f"file://{tmp_path}/b"):
        place = open_place(url)
        place.write("facts/x/y", b"12")
        assert (place.sizes("facts"), place.read("facts/x/y", 9)) == ({"facts/x/y": 2}, b"12")
        assert (place.read("facts/x/y", 1), place.read("facts/none", 9), place.sizes("none")) == (None, None, {})
    with pytest.raises(UsageError, match=r"lineitem\[archive\]"):
        open_place("s3://bucket/x")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="Push again"):
        open_place(str(tmp_path / "file")).write("facts/x", b"1")
    with pytest.raises(ArchiveError, match="cannot be read"):
        open_place(str(tmp_path / "file")).sizes("")


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_only_its_owner_may_read_a_folder(tmp_path: Path) -> None:
    open_place(str(tmp_path / "archive")).write("facts/x", b"1")
    assert ((tmp_path / "archive").stat().st_mode & 0o077, (tmp_path / "archive/facts/x").stat().st_mode & 0o077) == (
        0, 0,
    )  # fmt: skip


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of a server on this machine that speaks S3."""
    why = "object storage is not tested: it takes s3fs, moto[s3] and flask-cors, which `.[dev]` brings"
    pytest.importorskip("s3fs", reason=why)
    pytest.importorskip("flask_cors", reason=why)
    server = pytest.importorskip("moto.server", reason=why)
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIAKEY", "AWS_SECRET_ACCESS_KEY": "s3cr3t-s3cr3t",
                        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    started = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    try:
        host, port = started.get_host_and_port()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        import s3fs  # type: ignore[import-not-found, import-untyped, unused-ignore]

        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("facts-of-mira")
        yield "s3://facts-of-mira/lineitem"
        s3fs.S3FileSystem.clear_instance_cache()
    finally:
        started.stop()


@pytest.mark.filterwarnings("ignore")  # the server's and the client's own
def test_a_bucket_gives_back_what_it_was_given(tmp_path: Path, bucket: str) -> None:
    with Books(history(bytes(range(60, 140))).write(tmp_path)) as store, Books() as empty:
        store.read()
        live_facts(store.ledger)
        store.rebuild()
        done = pushed(store, bucket)
        assert done.sent == len(done.parts) > 0
        assert pushed(store, bucket).sent == 0
        assert pulled(empty, bucket).whole
        assert all_of(empty) == all_of(store)
        live_facts(store.ledger, "two")
        assert pushed(store, bucket).sent > 0
        assert pulled(empty, bucket).whole
        place = open_place(bucket)
        again = pushed(store, bucket)
        place.write(again.parts[0].path, bytes(again.parts[0].bytes))
        assert (again.sent, pushed(store, bucket).sent) == (0, 0)
        assert pushed(store, bucket, verify=True).sent == 1
        live_facts(store.ledger, "three")
        pushed(store, bucket)
        assert prune.prune(place, dry=False).removed
        assert (pulled(empty, bucket).whole, place.sizes("under-way")) == (True, {})
        with pytest.raises(ArchiveError) as caught:
            pushed(store, "s3://AKIAKEY:s3cr3t-s3cr3t@no-such-bucket/x")
        assert "s3cr3t" not in str(caught.value)


def test_what_a_filesystem_says_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec")
    from tests.archive.stumbling import Stumbling, register

    register()
    url = "stumble://mira:hunter2@box/x?sig=topsecret"

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"no way to {url} with hunter2 and topsecret")

    monkeypatch.setattr(Stumbling, "find", fail)
    with pytest.raises(ArchiveError) as caught:
        open_place(url).sizes("")
    assert "hunter2" not in str(caught.value)
    assert "topsecret" not in str(caught.value)

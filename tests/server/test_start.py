"""How a collector starts: nobody waits for it, nothing of a failed start is left behind."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from lineitem.core.problems import StoreError
from lineitem.ledger.store import Ledger
from lineitem.server import serve as module
from lineitem.server.serve import PortTaken, running, serve
from tests.server.stand import INGEST, READ, START, Stand
from tests.server.test_collector import kept, soon, used
from tests.telling.transcripts import Tale, counts

TOKENS = {"ingest": INGEST, "read": READ}
POSIX = pytest.mark.skipif(not hasattr(socket, "AF_UNIX") or sys.platform == "win32", reason="no Unix sockets here")


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A live folder in which a collector that was killed left its files."""
    made = tmp_path / "store.sqlite.live"
    made.mkdir(mode=0o700)
    (made / "collector.json").write_text('{"pid": 1, "port": 4953, "socket": null}')
    (made / "collector.sock").write_text("")
    return made


def start(live: Path, port: int = 0) -> int:
    """Start one in this process; it is not expected to get as far as running."""
    before = os.umask(0o077)
    try:
        return serve(str(live)[: -len(".live")], [str(live)], str(live), TOKENS, port, lambda _: None)
    finally:
        os.umask(before)


def test_events_are_taken_while_the_first_reading_goes_on(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    config = tmp_path / "claude"
    tale.write(config)
    stand = Stand(tmp_path, config)
    for name, token in TOKENS.items():
        (stand.live / f"{name}.token").write_text(token + "\n")
        (stand.live / f"{name}.token").chmod(0o600)
    ledger = Ledger(str(stand.db))
    ledger.begin()  # reading takes as long as we please
    try:
        stand.start("-m", "lineitem", "serve", "--db", str(stand.db), "--port", "0", "--config-dir", str(config))
        assert stand.ask("POST", "/v1/hook", used(1))[0] == 200
        found = stand.ask("GET", "/v1/health", token=None)[1]
        assert (found["status"], found["rounds"], found["waiting"]) == ("ok", 0, 1)
        ledger.rollback()
        soon(lambda: [event.call for event in kept(stand.db)] == ["toolu_1"])  # in this round or in the next
        soon(ledger.has_requests)
    finally:
        ledger.close()
        stand.stop()


def test_a_store_that_cannot_be_opened_ends_the_start_and_leaves_nothing(live: Path) -> None:
    Path(str(live)[: -len(".live")]).write_text("not a store, and longer than any header would be")
    with pytest.raises(StoreError, match="not a SQLite database"):
        start(live)
    assert not (live / "collector.json").exists()
    assert running(str(live)) is None


def test_a_port_that_is_taken_ends_the_start_and_leaves_nothing(live: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortTaken):
        start(live, other.getsockname()[1])
    assert not (live / "collector.json").exists()
    assert running(str(live)) is None


@POSIX
def test_what_fails_after_listening_leaves_no_socket(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def full(path: str, about: dict[str, object]) -> None:
        seen.append((os.path.exists(path), about["socket"]))
        raise OSError("the disk is full")

    monkeypatch.setattr(module, "_write", full)
    with pytest.raises(OSError, match="full"):
        start(live)
    ((stale, unix),) = seen
    assert not stale  # of the one that was killed: nobody takes it for a collector that runs
    assert not os.path.exists(str(unix))
    assert running(str(live)) is None


#: Tells the collector to end when it is ready, and uvicorn does not listen to signals yet.
EARLY = """
import os, signal, uvicorn
run = uvicorn.Server.run
def told_first(self, **more):
    os.kill(os.getpid(), signal.SIGTERM)
    run(self, **more)
uvicorn.Server.run = told_first
"""


@POSIX
def test_a_collector_that_is_told_to_end_as_it_starts_ends(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    said = stand.start("-c", EARLY + START, str(stand.db), str(tmp_path / "nowhere"), "0", "0", "")
    assert "listens" in said
    assert stand.process is not None
    stand.process.wait(timeout=30)
    assert stand.stop() == 0
    assert not (stand.live / "collector.json").exists()

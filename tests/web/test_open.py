"""`lineitem open`: the address with its token, and a collector where none runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.stand import environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends a process as POSIX does")


@pytest.fixture
def live(home: Path) -> Iterator[Path]:
    """The live folder of the store in the throw-away home; the collector is ended that was started there."""
    folder = home / ".local" / "share" / "lineitem" / "lineitem.sqlite.live"
    yield folder
    about = folder / "collector.json"
    if about.exists():
        os.kill(json.loads(about.read_text())["pid"], signal.SIGTERM)


def opened(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lineitem", "open", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), check=False, timeout=120)


def test_it_starts_a_collector_once_and_prints_where_its_page_is(live: Path) -> None:
    first = opened("--print", "--port", "0")
    assert first.returncode == 0, first.stderr
    assert "The collector was started" in first.stderr
    address, token = first.stdout.strip().split("#token=")
    assert token == (live / "change.token").read_text().strip()
    with urllib.request.urlopen(address, timeout=30) as page:
        assert b"<title>lineitem</title>" in page.read()
    again = json.loads(opened("--json").stdout)
    assert (again["url"], again["started"]) == (first.stdout.strip(), False)


def test_without_a_screen_no_browser_takes_over_the_terminal(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere there is one")
    done = opened("--port", "0")
    assert (done.returncode, "#token=" in done.stdout) == (0, True)
    assert "No browser could be opened here" in done.stderr
    assert live.exists()


def test_a_collector_that_cannot_start_says_why(live: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = opened("--print", "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stdout) == (1, "")
    assert "is taken by another program" in done.stderr
    assert str(live) in done.stderr

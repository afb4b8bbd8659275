"""`lineitem open`: the address with its token, and a collector where none runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.server.stand import CHANGE, Stand, environment
from tests.web.looking import PATIENCE, Look

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


def serving(live: Path) -> list[str]:
    """The processes that are collectors of the store of this live folder."""
    store = str(live).removesuffix(".live").encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended
            continue
        if b"serve" in words and store in words:
            found.append(process.name)
    return found


def test_two_that_open_at_once_start_one_collector(live: Path) -> None:
    command = [sys.executable, "-m", "lineitem", "open", "--json", "--port", "0"]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    found = [json.loads(out) for out, _ in said]
    assert found[0]["url"] == found[1]["url"]
    assert sorted(each["started"] for each in found) == [False, True]
    if sys.platform.startswith("linux"):  # and the one that came too late does not wait for its turn
        end = time.monotonic() + PATIENCE
        while len(serving(live)) > 1:
            assert time.monotonic() < end
            time.sleep(0.02)


def test_one_that_is_still_starting_is_waited_for(live: Path) -> None:
    """It holds the lock and has said nothing about itself yet."""
    from lineitem.server.serve import Lock
    from lineitem.setup.live_folder import made

    made(str(live))
    lock = Lock(str(live / "collector.lock"))
    assert lock.take()
    command = [sys.executable, "-m", "lineitem", "open", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    (live / "collector.json").write_text(json.dumps({"pid": 1, "port": 4321, "version": "0"}))
    out, err = process.communicate(timeout=120)
    (live / "collector.json").unlink()
    lock.release()
    assert process.returncode == 0, err
    assert json.loads(out)["started"] is False
    assert "127.0.0.1:4321" in out


def test_a_collector_of_another_version_is_told_of(live: Path) -> None:
    from lineitem.server.serve import Lock
    from lineitem.setup.live_folder import made

    made(str(live))
    lock = Lock(str(live / "collector.lock"))
    assert lock.take()
    (live / "collector.json").write_text(json.dumps({"pid": 4711, "port": 4321, "version": "0.0.1"}))
    done = opened("--print")
    (live / "collector.json").unlink()
    lock.release()
    assert "is lineitem 0.0.1" in done.stderr
    assert "end it (process 4711)" in done.stderr


def test_the_token_is_on_no_command_line_but_in_a_file_of_ones_own(
    live: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere there is no BROWSER")
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" > {seen}\n')
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(browser))
    done = opened("--port", "0")
    assert (done.returncode, "No browser" in done.stderr) == (0, False), done.stderr
    token = (live / "change.token").read_text().strip()
    given = seen.read_text().strip()
    assert token not in given
    page = Path(given.removeprefix("file://"))
    assert page.is_relative_to(home)
    assert (page.stat().st_mode & 0o777, page.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not any(part.startswith(".") for part in page.relative_to(home).parts)
    assert f"#token={token}" in page.read_text()


def test_the_file_that_leads_there_is_gone_after_a_while(tmp_path: Path) -> None:
    from lineitem.setup.leading import leading_to

    old = tmp_path / "lineitem-open-old"
    old.mkdir()
    os.utime(old, (1, 1))
    page = Path(leading_to("http://127.0.0.1:1/#token=x&y=<", str(tmp_path), stays=0.0).removeprefix("file://"))
    end = time.monotonic() + PATIENCE
    while page.parent.exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []


def test_a_browser_follows_the_file_to_the_dashboard(chromium: Browser, stand: Stand, tmp_path: Path) -> None:
    from lineitem.setup.leading import leading_to

    with Look(chromium, stand) as look:
        look.page.goto(leading_to(f"{look.address}#token={CHANGE}", str(tmp_path)))
        look.page.wait_for_url(lambda url: url.startswith("http:"))
        look.settled()
        assert look.page.url == f"{look.address}#/"
        assert look.wrong == []


def test_it_runs_in_no_folder_of_a_person_s(live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a module taken for ours that lies where it was started."""
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere it cannot be seen")
    (tmp_path / "lineitem").mkdir()
    (tmp_path / "lineitem" / "__init__.py").write_text("raise SystemExit('not ours')")
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-P", "-m", "lineitem", "open", "--json", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    pid = json.loads((live / "collector.json").read_text())["pid"]
    assert os.readlink(f"/proc/{pid}/cwd") == str(live)

"""The forwarder as Claude Code starts it: always code 0, never a byte, whatever it meets."""

from __future__ import annotations

import builtins
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineitem.sources.hooks import decode
from lineitem.sources.spool import Spool
from lineitem_hook import allow, collector, members, spool
from lineitem_hook.forward import MOST, minted
from tests.hook.processes import BARE, HOOK, run
from tests.hook.samples import SESSION, encoded, event, tool_event
from tests.hook.stand_in import TOKEN, make_live
from tests.hook.stand_in import collector as listening

SILENT = (0, b"", b"")


def forwarded(live: Path | str, given: bytes) -> tuple[int, bytes, bytes]:
    done = run("forward", [str(live)], given)
    return done.returncode, done.stdout, done.stderr


def bodies(live: Path) -> list[bytes]:
    return [one.body for batch in Spool(str(live)).take() for one in batch.records()]


def test_an_event_is_on_disk_and_told(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    with listening(live) as heard:
        assert forwarded(live, encoded(tool_event())) == SILENT
    [(head, body)] = heard.requests
    assert head.startswith("POST /v1/hook HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN}\r\n" in head
    [record] = [one for batch in Spool(str(live)).take() for one in batch.records()]
    assert record.body == body
    assert f"x-lineitem-key: {record.key}" in head
    found = decode(body, record.at)
    assert found is not None
    assert (found.session, found.tool, found.at) == (SESSION, "Read", record.at)


def test_it_is_on_disk_before_it_is_told(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    with listening(live, answer=None):
        started = subprocess.Popen([*BARE, str(HOOK / "forward.py"), str(live)], stdin=subprocess.PIPE)
        started.communicate(encoded(event("Stop")))
    assert started.returncode == 0
    assert len(bodies(live)) == 1


def _read_only(live: Path) -> None:
    live.chmod(0o500)  # means nothing to root


def _no_spool(live: Path) -> None:
    (live / "spool").write_text("in the way")


def _dead_socket(live: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(live / "collector.sock"))


def _odd_token(live: Path) -> None:
    _dead_socket(live)
    (live / "ingest.token").write_bytes(b"\xff\r\nX: y")


def _no_socket(live: Path) -> None:
    (live / "collector.sock").write_text("no socket")


def _folder_for_events(live: Path) -> None:
    (live / "spool/events").mkdir(parents=True)


def _pipe_for_events(live: Path) -> None:
    (live / "spool").mkdir()
    os.mkfifo(live / "spool/events")


def _loop(live: Path) -> None:
    (live / "spool").symlink_to(live / "spool")


def _gone(live: Path) -> None:
    for path in live.iterdir():
        path.unlink()
    live.rmdir()


STATES: list[Callable[[Path], None]] = [
    _read_only,
    _no_spool,
    _dead_socket,
    _odd_token,
    _no_socket,
    _folder_for_events,
    _pipe_for_events,
    _loop,
    _gone,
]
HOSTILE = [
    b"",
    b"\0" * 5000,
    b"{",
    b"[" * 100_000,
    b"\xff\xfe{}",
    b'{"hook_event_name":"Stop","session_id":"\\ud800"}',
    b'{"hook_event_name":"Stop","x":' + b"[" * 50_000,
    b'{"hook_event_name":"Stop","n":1e999999,"m":NaN,"k":' + b"9" * 9000 + b"}",
    b'{"hook_event_name":"Stop","cwd":"' + b"x" * 200_000 + b'"}',
    b'{"hook_event_name":{"a":1}}',
    b'{"hook_event_name":"Stop","x":"half',
    b'{"hook_event_name":"Stop","x":"\\u12',
    b"\xef\xbb\xbf" + b'{"hook_event_name":"Stop"}',
    encoded(tool_event(tool_response="\x1b]0;x\x07" * 1000)),
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__[1:])
def test_no_state_of_the_folder_is_noticed(tmp_path: Path, state: Callable[[Path], None]) -> None:
    live = make_live(tmp_path)
    state(live)
    for given in (HOSTILE[0], HOSTILE[3], HOSTILE[-1]):
        assert forwarded(live, given) == SILENT


@pytest.mark.parametrize("given", HOSTILE, ids=range(len(HOSTILE)))
def test_no_input_is_noticed(tmp_path: Path, given: bytes) -> None:
    live = make_live(tmp_path)
    assert forwarded(live, given) == SILENT
    kept, dropped = len(bodies(live)), Spool(str(live)).dropped()
    assert kept + sum(dropped.values()) == 1  # counted, never silent
    assert kept == (b'"hook_event_name":"' in given)


@pytest.mark.parametrize("answer", [None, b"", b"\0" * 500, b"{}" * 200_000])
def test_no_answer_is_noticed(tmp_path: Path, answer: bytes | None) -> None:
    live = make_live(tmp_path)
    with listening(live, answer, "500 \x1b[2J"):
        assert forwarded(live, encoded(event("Stop"))) == SILENT
    assert len(bodies(live)) == 1


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "> /dev/full", "2> /dev/full"])
def test_no_closed_stream_is_noticed(tmp_path: Path, closing: str) -> None:
    live = make_live(tmp_path)
    line = f'"$0" "$@" {closing}'
    command = ["/bin/sh", "-c", line, *BARE, str(HOOK / "forward.py"), str(live)]
    done = subprocess.run(command, input=encoded(event("Stop")), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == SILENT


def test_wrong_arguments_are_not_noticed() -> None:
    for arguments in ([], ["/nowhere/at/all"], ["\udcff"], ["", "x"]):
        done = run("forward", arguments, b"{}")
        assert (done.returncode, done.stdout, done.stderr) == SILENT


def test_ctrl_c_is_meant_for_others(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    started = subprocess.Popen(
        [*BARE, str(HOOK / "forward.py"), str(live)], stdin=subprocess.PIPE, stdout=-1, stderr=subprocess.STDOUT
    )
    assert started.stdin is not None
    assert started.stdout is not None
    # the pipe takes the first part before anything is read: when it took more than it holds, the forwarder is reading
    started.stdin.write(encoded(tool_event(tool_response="x" * 300_000))[:200_000])
    started.send_signal(signal.SIGINT)
    started.stdin.write(encoded(tool_event(tool_response="x" * 300_000))[200_000:])
    started.stdin.close()
    assert started.wait() == 0
    assert started.stdout.read() == b""
    started.stdout.close()
    assert len(bodies(live)) == 1


def test_an_event_that_is_too_long_is_kept_as_far_as_it_goes(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    assert forwarded(live, encoded({**event("PostToolUse"), "tool_response": "x" * (MOST + 5_000_000)})) == SILENT
    [body] = bodies(live)
    assert json.loads(body)["hook_event_name"] == "PostToolUse"


def test_a_long_path_to_the_socket_is_read_from_the_collectors_note(tmp_path: Path) -> None:
    live = make_live(tmp_path, "long" * 25 + ".live")
    address = str(tmp_path / "c.sock")
    (live / "collector.json").write_text(json.dumps({"pid": 1, "socket": address}))
    with listening(live, address=address) as heard:
        assert forwarded(live, encoded(event("Stop"))) == SILENT
    assert len(heard.requests) == 1


def test_the_token_is_not_sent_to_a_socket_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = make_live(tmp_path)
    with listening(live) as heard:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        assert collector.post(str(live), "/v1/hook", b"{}") is None
        monkeypatch.undo()
        assert collector.post(str(live), "/v1/hook", b"{}") == b"{}"
    assert len(heard.requests) == 1


def test_a_hung_collector_costs_no_more_than_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that the sockets' own time limits move."""
    live = make_live(tmp_path)
    limits: list[float] = []

    class Line:
        def settimeout(self, seconds: float) -> None:
            limits.append(seconds)

        def sendall(self, _data: bytes) -> None:
            pass

        def recv(self, _size: int) -> bytes:
            clock[0] += 0.1
            return b"H"

        def close(self) -> None:
            limits.append(0)

    clock = [time.monotonic()]
    started = clock[0]
    monkeypatch.setattr(collector, "monotonic", lambda: clock[0])
    monkeypatch.setattr(collector, "_open", lambda _address, _end: Line())
    assert collector.post(str(live), "/v1/hook", b"{}") is None
    assert limits == [pytest.approx(0.15), pytest.approx(0.05), 0]
    assert clock[0] - started == pytest.approx(0.2)


def test_only_a_whole_answer_with_200_counts(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    for status, expected in (("200 OK", b"{}"), ("404 Not Found", None), ("503 Busy", None)):
        with listening(live, b"{}", status):
            assert collector.post(str(live), "/v1/hook", b"{}") == expected
        (live / "collector.sock").unlink()


def test_a_minted_key_is_a_uuid() -> None:
    import uuid

    found = {minted() for _ in range(200)}
    assert len(found) == 200
    assert all(str(uuid.UUID(key)) == key and uuid.UUID(key).version == 4 for key in found)
    assert {uuid.UUID(key).variant for key in found} == {uuid.RFC_4122}


def test_without_the_c_modules_the_record_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = encoded(tool_event(index=1.50, title="é\u2028")).decode()
    expected = allow.hook_record(text, "k", 1)
    found = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name == "_json":
            raise ImportError(name)
        return found(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert allow.hook_record(text, "k", 1) == expected
    assert members.quoted("é") == '"\\u00e9"'


def test_it_imports_nothing_slow() -> None:
    slow = "json re enum typing socket sqlite3 subprocess datetime pathlib signal lineitem"
    code = (
        "import sys; sys.path.append(sys.argv[1]); import lineitem_hook.forward, lineitem_hook.allow,"
        "lineitem_hook.spool, lineitem_hook.collector, lineitem_hook.given, lineitem_hook.statusline,"
        "lineitem_hook.line, lineitem_hook.told, lineitem_hook.store;"
        "print([name for name in sys.argv[2].split() if name in sys.modules])"
    )
    done = subprocess.run([*BARE, "-c", code, str(HOOK.parent), slow], capture_output=True, check=True)
    assert done.stdout == b"[]\n"


def test_the_largest_record_fits(tmp_path: Path) -> None:
    longest = dict.fromkeys(tool_event(), "\u20ac" * 4000) | dict.fromkeys(allow._HOOK, "\u20ac" * 4000)
    record = allow.hook_record(encoded(longest).decode(), minted(), 1 << 60)
    assert len(record) < spool.LARGEST - 100
    assert spool.append(str(tmp_path), record)


@pytest.mark.parametrize("arguments", [[], [""], ["."], ["store.live"]])
@pytest.mark.parametrize("script", ["forward", "statusline"])
def test_the_project_at_hand_is_no_live_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, arguments: list[str]
) -> None:
    """A stranger's project may hold anything: none of its commands is run, and nothing is written into it."""
    (tmp_path / "store.live").mkdir()
    for place in (tmp_path, tmp_path / "store.live"):
        (place / "statusline.json").write_text('{"command":"echo stranger"}')
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    done = run(script, arguments, encoded(event("Stop")))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"", b"")
    assert sorted(tmp_path.rglob("*")) == before


def test_an_event_without_an_end_is_read_up_to_the_limit_and_no_longer() -> None:
    """`yes | forward.py`: the time is up at once, and what is there is taken up to the limit."""
    code = "from lineitem_hook.given import given; import sys; sys.exit(len(given(3 << 20, 0.0)) != 3 << 20)"
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run([sys.executable, "-c", code], stdin=endless, timeout=60, check=False)
    assert done.returncode == 0

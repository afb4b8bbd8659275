"""What arrives is kept once; what is written by Claude Code is followed; one collector a store."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lineitem.ledger import live, questions
from lineitem.ledger.store import Ledger
from tests.server.stand import READ, Stand
from tests.telling.transcripts import Tale, counts

SESSION = str(UUID(int=7))


def soon(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What the condition becomes; fails if it does not in time."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


def used(number: int, **more: Any) -> dict[str, Any]:
    return {
        "session_id": SESSION, "hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_use_id": f"toolu_{number}",
        "tool_input": {"command": "cat secret-plans.txt"}, "tool_response": {"stdout": "the plans"}, "duration_ms": 40,
        **more,
    }  # fmt: skip


def kept(db: Path) -> list[Any]:
    """The events in the ledger."""
    ledger = Ledger(str(db))
    try:
        number = ledger.find_name(SESSION)
        return live.events_of(ledger, number) if number is not None else []
    finally:
        ledger.close()


def test_an_event_is_kept_once_however_often_it_comes(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        for _ in range(3):
            assert stand.ask("POST", "/v1/hook", used(1)) == (200, {})
        assert stand.ask("POST", "/v1/hook", used(2)) == (200, {})
    (first, second) = kept(stand.db)
    assert (first.call, first.duration, first.tool) == ("toolu_1", 40, "Bash")
    assert first.size_in == len('{"command": "cat secret-plans.txt"}')
    assert second.call == "toolu_2"


def test_no_text_of_a_prompt_or_a_tool_reaches_the_disk(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        stand.ask("POST", "/v1/hook", used(1, error="it broke at the plans"))
        said = {"session_id": SESSION, "hook_event_name": "UserPromptSubmit", "prompt": "tell me the plans"}
        stand.ask("POST", "/v1/hook", said)
        soon(lambda: len(kept(stand.db)) == 2)
        held = b"".join(place.read_bytes() for place in tmp_path.rglob("*") if place.is_file())
    held += b"".join(place.read_bytes() for place in tmp_path.rglob("*") if place.is_file())
    assert b"plans" not in held


def test_a_body_that_is_no_event_is_refused_and_counted(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        for body in (b"", b"[]", b"{", b'{"session_id": 3}', b"\xff\xfe"):
            assert stand.ask("POST", "/v1/hook", body)[0] == 400
        found = stand.ask("GET", "/v1/health", token=None)[1]
        assert sum(found["problems"].values()) >= 5
        assert found["status"] == "ok"


def test_what_a_hook_left_torn_on_disk_is_counted(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        spool = stand.live / "spool"
        spool.mkdir(exist_ok=True)
        (spool / "one-1").write_bytes(b"half a rec")
        stand.ask("POST", "/v1/hook", used(1))
        soon(lambda: stand.ask("GET", "/v1/health", token=None)[1]["problems"] == {"spool-torn": 1})


def test_what_waits_for_the_ledger_is_told(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:

        def waiting() -> int | None:
            found: int | None = stand.ask("GET", "/v1/health", token=None)[1]["waiting"]
            return found

        soon(lambda: stand.db.exists() and waiting() == 0)
        ledger = Ledger(str(stand.db))
        ledger.begin()
        assert stand.ask("POST", "/v1/hook", used(1))[0] == 200
        assert waiting() == 1
        ledger.rollback()
        ledger.close()
        soon(lambda: waiting() == 0)
        assert len(kept(stand.db)) == 1


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")
def test_an_inbox_that_is_full_takes_nothing_more_and_loses_nothing(tmp_path: Path, folder: Path) -> None:
    with Stand(tmp_path, inbox=64 << 10) as stand:
        soon(lambda: stand.db.exists() and stand.ask("GET", "/v1/health", token=None)[1]["rounds"])
        ledger = Ledger(str(stand.db))
        ledger.begin()  # the store can take nothing in
        acknowledged = 0
        while (status := stand.ask("POST", "/v1/hook", used(acknowledged))[0]) == 200:
            acknowledged += 1
            assert acknowledged < 2_000, "it is not bounded"
        status, said = stand.ask("GET", "/v1/health", token=None)
        assert (status, said["status"], said["failure"]) == (503, "failing", "InboxFull")
        assert (said["waiting"], said["problems"]) == (acknowledged, {"inbox-full": 1})
        assert said["waitingBytes"] >= 64 << 10
        assert stand.ask("POST", "/v1/logs", exported(record("api_request", **CALL)))[0] == 503
        started(FORWARD, folder, used(acknowledged))
        assert (folder / "spool" / "events").stat().st_size > 0  # it keeps what is refused
        assert stand.ask("POST", "/v1/metrics", {"resourceMetrics": []})[0] == 200  # nothing to keep
        ledger.rollback()
        ledger.close()
        soon(lambda: len(kept(stand.db)) == acknowledged + 1)
        assert stand.ask("POST", "/v1/hook", used(acknowledged + 1))[0] == 200
        assert stand.ask("GET", "/v1/health", token=None)[1]["status"] == "ok"


def test_a_snapshot_is_kept(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        said = {"session_id": SESSION, "cost": {"total_cost_usd": 0.1523516}, "model": {"id": "claude-opus-5-5"}}
        assert stand.ask("POST", "/v1/statusline", said)[0] == 200
    ledger = Ledger(str(stand.db))
    number = ledger.find_name(SESSION)
    assert number is not None
    found = live.last_snapshot(ledger, number)
    ledger.close()
    assert found is not None
    assert (found.nanos, found.model, found.warm) == (152_351_600, "claude-opus-5-5", None)


def test_a_transcript_that_grows_is_billed_at_once(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    config = tmp_path / "claude"
    tale.write(config)

    def bill() -> int:
        ledger = Ledger(str(tmp_path / "store.sqlite"))
        try:
            row = ledger.db.one("select sum(g_nanos + i_nanos + c_nanos + r_nanos + s_nanos) from item")
            return int(row[0] or 0)
        finally:
            ledger.close()

    with Stand(tmp_path, config) as stand:
        soon(lambda: stand.ask("GET", "/v1/health", token=None)[1]["rounds"])
        assert not bill()
        pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
        tale.write(config)
        assert soon(bill) == 46_012_000
        pen.answer([{"type": "text", "text": "done"}], counts(3, 60, 0, 9_003, 50))
        tale.write(config)
        assert soon(lambda: bill() > 46_012_000)


def test_a_second_collector_of_a_store_says_so_and_ends_well(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        other = Stand(tmp_path)
        assert (
            f"already runs (process {stand.process.pid if stand.process else ''}, port {stand.port})" in other.start()
        )
        assert other.process is not None
        other.process.wait(timeout=30)
        assert other.stop() == 0
        assert stand.ask("POST", "/v1/hook", used(1))[0] == 200


def test_a_port_that_is_taken_is_a_sentence() -> None:
    from lineitem.server.serve import PortTaken, listen_tcp

    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortTaken, match="taken by another program"):
        listen_tcp(other.getsockname()[1])


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")
def test_the_unix_socket_answers_too_and_needs_the_token(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        about = json.loads((stand.live / "collector.json").read_text())
        assert about["port"] == stand.port
        for token, expected in (("i" * 43, b"200"), (READ, b"401")):
            with socket.socket(socket.AF_UNIX) as raw:
                raw.connect(about["socket"])
                body = json.dumps(used(5)).encode()
                raw.sendall(
                    b"POST /v1/hook HTTP/1.1\r\nHost: lineitem\r\nAuthorization: Bearer %b\r\n"
                    b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
                    % (token.encode(), len(body), body)
                )
                assert raw.recv(4_096).startswith(b"HTTP/1.1 " + expected)
    assert [event.call for event in kept(stand.db)] == ["toolu_5"]


def test_its_files_are_its_owners_alone_and_go_when_it_goes(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        stand.ask("POST", "/v1/hook", used(1))
        for place in stand.live.iterdir():
            assert place.stat().st_mode & 0o077 == 0, place
    assert not (stand.live / "collector.json").exists()
    assert not (stand.live / "collector.sock").exists()


def exported(*records: dict[str, Any]) -> dict[str, Any]:
    """An OTLP export of log records."""
    return {"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": [{"logRecords": list(records)}]}]}


def record(name: str, **attributes: str) -> dict[str, Any]:
    given = [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in attributes.items()]
    given.append({"key": "event.name", "value": {"stringValue": name}})
    return {"timeUnixNano": "1795158020000000000", "body": {"stringValue": f"claude_code.{name}"}, "attributes": given}


CALL = {
    "session__id": SESSION, "request_id": "req_1", "model": "claude-opus-5-5", "input_tokens": "3",
    "output_tokens": "50", "cache_read_tokens": "0", "cache_creation_tokens": "9000", "cost_usd_micros": "46012",
    "event__sequence": "4", "query_source": "repl_main_thread",
}  # fmt: skip


@pytest.mark.parametrize("squeezed", [False, True])
def test_telemetry_is_kept_once(tmp_path: Path, *, squeezed: bool) -> None:
    import gzip

    body = json.dumps(exported(record("api_request", **CALL))).encode()
    headers = {"Content_Encoding": "gzip"} if squeezed else {}
    with Stand(tmp_path) as stand:
        for _ in range(2):
            status, said = stand.ask("POST", "/v1/logs", gzip.compress(body) if squeezed else body, **headers)
            assert (status, said) == (200, {})
        assert stand.ask("POST", "/v1/logs", b"no json")[0] == 400
        assert stand.ask("POST", "/v1/logs", b"no gzip", Content_Encoding="gzip")[0] == 400
        assert stand.ask("POST", "/v1/metrics", {"resourceMetrics": []})[0] == 200
        assert stand.ask("POST", "/v1/traces", {"resourceSpans": []})[0] == 200
    ledger = Ledger(str(stand.db))
    number = ledger.find_name(SESSION)
    assert number is not None
    (call,) = live.api_calls_of(ledger, number)
    ledger.close()
    assert (call.request, call.output, call.nanos) == ("req_1", 50, 46_012_000)


def test_a_compressed_bomb_is_refused(tmp_path: Path) -> None:
    import gzip

    with Stand(tmp_path) as stand:
        bomb = gzip.compress(b" " * (200 << 20))
        assert stand.ask("POST", "/v1/logs", bomb, Content_Encoding="gzip")[0] == 413
        assert stand.ask("GET", "/v1/health", token=None)[0] == 200


FORWARD = Path(__file__).resolve().parents[2] / "src/lineitem_hook/forward.py"
STATUSLINE = FORWARD.with_name("statusline.py")
STATUS = {
    "session_id": SESSION, "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
    "cost": {"total_cost_usd": 0.5}, "prompt_cache": {"warm": True, "recache_tokens_if_cold": 10_000},
    "context_window": {"context_window_size": 200_000, "current_usage": {
        "input_tokens": 3, "output_tokens": 5, "cache_creation_input_tokens": 997, "cache_read_input_tokens": 89_000}},
}  # fmt: skip


def started(program: Path, live_folder: Path, given: dict[str, Any]) -> str:
    """What one of our programs prints, run as Claude Code runs it."""
    command = [sys.executable, "-I", "-S", str(program), str(live_folder)]
    made = subprocess.run(command, input=json.dumps(given).encode(), capture_output=True, check=True)
    assert made.stderr == b""
    return made.stdout.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A live folder with a spool and the tokens of the stand."""
    made = tmp_path / "store.sqlite.live"
    made.mkdir(mode=0o700)
    (made / "spool").mkdir(mode=0o700)
    (made / "ingest.token").write_text("i" * 43 + "\n")
    return made


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")
def test_events_of_the_forwarder_are_kept_once_with_the_collector_down_and_up(tmp_path: Path, folder: Path) -> None:
    stop = {"session_id": SESSION, "hook_event_name": "SessionStart", "source": "startup"}
    assert started(FORWARD, folder, used(1)) == ""
    assert started(FORWARD, folder, stop) == ""
    with Stand(tmp_path) as stand:
        soon(lambda: len(kept(stand.db)) == 2)
        assert started(FORWARD, folder, used(2)) == ""
        assert started(FORWARD, folder, stop) == ""
        soon(lambda: len(kept(stand.db)) == 4)
    with Stand(tmp_path) as stand:
        soon(lambda: stand.ask("GET", "/v1/health", token=None)[1]["rounds"])
    assert sorted(event.what for event in kept(stand.db)) == [
        "PostToolUse",
        "PostToolUse",
        "SessionStart",
        "SessionStart",
    ]


def kept_cost(db: Path, session: str) -> int | None:
    """What the ledger says a session cost; None where it does not know it."""
    ledger = Ledger(str(db))
    try:
        number = ledger.find_name(session)
        return questions.session_cost(ledger, number) if number is not None else None
    finally:
        ledger.close()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")
def test_the_statusline_shows_what_the_ledger_knows(tmp_path: Path, folder: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    config = tmp_path / "claude"
    tale.write(config)
    with Stand(tmp_path, config) as stand:
        soon(lambda: stand.ask("GET", "/v1/health", token=None)[1]["rounds"])
        line = started(STATUSLINE, folder, {**STATUS, "session_id": pen.session, "cost": {"total_cost_usd": 0.04}})
        assert "$0.05 session" in line
        assert "~" not in line
        ahead = started(STATUSLINE, folder, {**STATUS, "session_id": pen.session})
        assert "~$0.50 session" in ahead  # the client is ahead of the transcript
        assert "90k/200k" in ahead
        status, answer = stand.ask("POST", "/v1/statusline?format={session}%20{health}", STATUS)
        assert (status, answer["line"]) == (200, "~$0.50 yellow")
        soon(lambda: kept_cost(stand.db, str(STATUS["session_id"])))
        answer = stand.ask("POST", "/v1/statusline?format={session}", STATUS)[1]
        assert answer["line"] == "~$0.50"  # in the ledger, and still no transcript of it
        assert stand.ask("POST", "/v1/statusline?columns=20", STATUS)[1]["line"]
    down = started(STATUSLINE, folder, {**STATUS, "session_id": pen.session, "cost": {}})
    assert "$0.05 session" in down


def test_hooks_that_were_taken_out_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lineitem.setup import install as setup

    monkeypatch.setenv("HOME", str(tmp_path))
    settings = tmp_path / ".claude" / "settings.json"
    with Stand(tmp_path) as stand:
        setup.install(setup.Place(str(settings), str(stand.db), interpreter=sys.executable))
        settings.write_text("{}")
        changed = {"session_id": SESSION, "hook_event_name": "ConfigChange", "source": "user_settings"}
        assert stand.ask("POST", "/v1/hook", changed)[0] == 200
        soon(lambda: stand.ask("GET", "/v1/health", token=None)[1]["hooksLost"])
        assert "hooks were removed" in stand.ask("POST", "/v1/statusline", STATUS)[1]["line"]
        setup.repair(str(stand.db))
        assert stand.ask("POST", "/v1/hook", {**changed, "source": "policy_settings"})[0] == 200
        soon(lambda: not stand.ask("GET", "/v1/health", token=None)[1]["hooksLost"])


def test_a_collector_that_was_killed_does_not_run(tmp_path: Path) -> None:
    import signal

    from lineitem.server.serve import running

    stand = Stand(tmp_path)
    stand.start()
    assert (running(str(stand.live)) or {})["port"] == stand.port
    stand.stop(signal.SIGKILL)
    assert (stand.live / "collector.json").exists()
    assert running(str(stand.live)) is None


def test_an_inbox_that_cannot_be_opened_is_said_and_nobody_hangs(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        stand.ask("POST", "/v1/hook", used(1))
    (stand.live / "inbox.sqlite").write_bytes(b"not a database at all" * 400)
    with Stand(tmp_path) as stand:
        for _ in range(2):
            assert stand.ask("POST", "/v1/hook", used(2))[0] == 503
        assert stand.ask("GET", "/v1/health", token=None)[1]["status"] == "failing"


def test_a_cut_compressed_body_is_refused(tmp_path: Path) -> None:
    import gzip

    body = gzip.compress(json.dumps(exported(record("api_request", **CALL))).encode())
    with Stand(tmp_path) as stand:
        for given in (body[:-9], body + body):
            assert stand.ask("POST", "/v1/logs", given, Content_Encoding="gzip")[0] == 400


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")
def test_who_takes_a_session_up_again_is_told_what_that_costs(tmp_path: Path, folder: Path) -> None:
    tale = Tale()
    pen = tale.session()
    for turn in range(4):
        pen.prompt("go on")
        pen.answer([{"type": "text", "text": "ok"}], counts(0, 90_000 if not turn else 500, 0, 90_000 * bool(turn), 50))
    tale.write(tmp_path / "claude")
    back = {"session_id": pen.session, "hook_event_name": "SessionStart", "source": "resume",
            "prompt_cache_likely_expired": True, "context_tokens": 91_500}  # fmt: skip
    command = [sys.executable, "-I", "-S", str(FORWARD), str(folder), "--note"]
    with Stand(tmp_path, tmp_path / "claude") as stand:
        assert soon(lambda: kept_cost(stand.db, pen.session))
        made = subprocess.run(command, input=json.dumps(back).encode(), capture_output=True, check=True)
        said = json.loads(made.stdout)["systemMessage"]
        assert "cache is cold: 90,500 tokens are written again, $0.45." in said
        assert "prompts cost about" in said
        assert "in a fresh session" in said
        warm = json.dumps({**back, "prompt_cache_likely_expired": False}).encode()
        made = subprocess.run(command, input=warm, capture_output=True, check=True)
        assert b"written again" not in made.stdout
        assert stand.ask("POST", "/v1/hook", back) == (200, {})  # nobody asked for a note

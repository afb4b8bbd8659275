"""The statusline process: the collector's line, else one from the store and from what the client says."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from lineitem.core.periods import HOUR_MS
from lineitem.ledger.schema import SCHEMA, VERSION
from lineitem.ledger.sqlite import Database
from lineitem.sources.spool import Spool
from lineitem.sources.statusline import decode
from lineitem_hook import store
from lineitem_hook.store import block, stored, today
from lineitem_hook.url import escaped
from tests.hook.processes import run
from tests.hook.samples import SESSION, encoded, status
from tests.hook.stand_in import collector as listening
from tests.hook.stand_in import make_live

NOW = 1_795_000_000_000
QUARTER = 900_000


def shown(live: Path | str, given: bytes = encoded(status()), *options: str, **more: str) -> str:
    done = run("statusline", [str(live), *options], given, **{"COLUMNS": "0", **more})
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def make_store(path: Path, rows: list[tuple[str, int, int, int]]) -> None:
    """Rows: (session, at, nanos, unpriced)."""
    database = Database(str(path))
    run_sql = database.connection.execute
    for number, (session, at, nanos, unpriced) in enumerate(rows):
        run_sql("insert or ignore into name (text) values (?)", (session,))
        [(name,)] = run_sql("select id from name where text = ?", (session,))
        run_sql("insert into usage values (?,?,?,0,0,0,0,0,0,0,?,?)", (name, at // QUARTER, number, nanos, unpriced))
        run_sql(
            "insert into session values (?,0,?,?,?,null,0,1) on conflict (session) do update set"
            " logged = logged + excluded.logged, last_at = max(last_at, excluded.last_at)",
            (name, at, at, nanos),
        )
    database.connection.close()


def test_the_collectors_line_is_shown(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    with listening(live, json.dumps({"line": "\x1b[31m$1.23\x1b[0m é\x1b]0;x\x07\nmore"}).encode()) as heard:
        assert shown(live, encoded(status()), "--theme", "compact", "--format", "{a} &é", NO_COLOR="") == (
            "\x1b[31m$1.23\x1b[0m é]0;x\n"
        )
        assert shown(live, COLUMNS="77") == "$1.23 é]0;x\n"
    first, second = heard.requests
    assert first[0].startswith("POST /v1/statusline?theme=compact&format=%7Ba%7D%20%26%C3%A9&columns=0 HTTP/1.1\r\n")
    assert first[1] == encoded(status())
    assert "columns=77 " in second[0]
    assert not (live / "spool").exists()  # it was recorded there


def test_without_a_collector_the_client_is_asked_and_the_figures_wait_in_the_spool(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    line = shown(live)
    assert line.startswith("Opus 5.5 | ~$0.15 session | 91k/200k 46% | 5h 24% ")
    [record] = [one for batch in Spool(str(live)).take() for one in batch.records()]
    assert record.kind == "statusline"
    assert decode(record.body, 0) is not None


def test_without_a_collector_the_store_is_asked(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    now = time.time_ns() // 1_000_000
    make_store(tmp_path / "store.sqlite", [(SESSION, now, 100_000_000, 0), ("other", now, 2 * 10**9, 0)])
    before = sorted(os.listdir(tmp_path))
    told = status(cost=None, rate_limits=None)
    assert shown(live, encoded(told)).startswith("Opus 5.5 | ~$0.10 session | ~$2.10 today | 91k/200k 46% | 5h ~$2.10")
    # the client knows of 0.0523516 more than the store: they are of today
    assert "~$0.15 session | ~$2.15 today" in shown(live)
    left = set(os.listdir(tmp_path)) - set(before)
    assert left <= {"store.sqlite-wal", "store.sqlite-shm"}


def test_reading_the_store_changes_nothing_in_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    make_store(path, [(SESSION, NOW, 5, 0)])
    before = path.read_bytes()
    path.chmod(0o400)
    assert stored(str(path), SESSION, NOW)["session"] == 5
    assert path.read_bytes() == before


def test_a_writer_at_work_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    make_store(path, [(SESSION, NOW, 5, 0)])
    database = Database(str(path))
    database.connection.execute("begin immediate; update session set logged = 9")
    assert stored(str(path), SESSION, NOW)["session"] == 5
    database.connection.execute("commit")
    assert stored(str(path), SESSION, NOW)["session"] == 9
    database.connection.close()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000, None])
def test_a_store_that_is_none_is_no_store(tmp_path: Path, content: bytes | None) -> None:
    live = make_live(tmp_path)
    if content is None:
        (tmp_path / "store.sqlite").mkdir()
    else:
        (tmp_path / "store.sqlite").write_bytes(content)
    assert shown(live).startswith("Opus 5.5 | ~$0.15 session | 91k/200k")


def test_the_tables_it_reads_are_those_of_the_ledger() -> None:
    assert VERSION == 8  # look at store.py's questions again when this changes
    for column in ("logged integer", "unlogged integer", "last_at integer", "quarter integer", "nanos integer"):
        assert column in SCHEMA


def test_a_path_with_odd_characters(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c%20 é"
    folder.mkdir()
    make_store(folder / "store.sqlite", [(SESSION, NOW, 7, 0)])
    assert stored(str(folder / "store.sqlite"), SESSION, NOW)["session"] == 7
    assert escaped("a/b c", "/") == "a/b%20c"


def test_what_has_no_price_is_unknown(tmp_path: Path) -> None:
    make_store(tmp_path / "s", [(SESSION, NOW, 0, 900)])
    assert stored(str(tmp_path / "s"), SESSION, NOW) == {"today": None, "block": None, "session": None}


def test_today_begins_at_local_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    midnight = NOW - NOW % (24 * HOUR_MS)
    rows = [((midnight - QUARTER) // QUARTER, 1, 0), (midnight // QUARTER, 2, 0), (NOW // QUARTER, 4, 0)]
    assert today(rows, NOW) == 6
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    assert today(rows, NOW) == 7  # 5:45 ahead: the quarter before midnight in UTC is of the same day
    assert today([], NOW) == 0


def test_a_block_begins_at_a_full_hour_and_lasts_five() -> None:
    hour = NOW // HOUR_MS * HOUR_MS
    rows: list[Any] = [((hour - 7 * HOUR_MS) // QUARTER, 1, 0), ((hour - HOUR_MS // 2) // QUARTER, 2, 0)]
    assert block(rows, hour) == 2
    assert block(rows, hour + 4 * HOUR_MS) is None
    assert block([], hour) is None


@pytest.mark.parametrize(
    "given", [b"", b"{", b"\xff", b"[]", b'{"cost":5,"model":[],"context_window":"x"}', b"[" * 9999]
)
def test_anything_on_standard_input_makes_a_line(tmp_path: Path, given: bytes) -> None:
    assert shown(make_live(tmp_path), given) == "\n"


def test_no_folder_no_arguments() -> None:
    assert run("statusline", [], encoded(status()), COLUMNS="").stdout.startswith(b"Opus 5.5 | ~$0.15 session")
    assert shown("/nowhere.live", encoded(status()), "--theme").startswith("Opus 5.5")


def test_a_bad_answer_is_no_answer(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    for answer in (b"", b"nonsense", b'{"line":5}', b'{"line":""}', None):
        with listening(live, answer):
            assert shown(live).startswith("Opus 5.5 | ~$0.15 session")
        (live / "collector.sock").unlink()


def test_an_older_statusline_comes_first(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    (live / "statusline.json").write_text(json.dumps({"command": "printf 'old '; cat | tr -d '\\n' | wc -c"}))
    first, second = shown(live).splitlines()
    assert first.split() == ["old", str(len(encoded(status())))]
    assert second.startswith("Opus 5.5")


@pytest.mark.parametrize("command", ["exit 3", "echo broken; exit 1", "/nowhere/at/all", "kill -9 $$", ": >&-", "\0"])
def test_an_older_statusline_that_fails_breaks_nothing(tmp_path: Path, command: str) -> None:
    live = make_live(tmp_path)
    (live / "statusline.json").write_text(json.dumps({"command": command}))
    assert shown(live).startswith("Opus 5.5 | ~$0.15")


def test_an_older_statusline_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    from lineitem_hook import wrapped

    process = wrapped.start("exec sleep 600")
    assert process is not None
    assert wrapped.printed(process, b"{}", budget=0.01) == b""
    assert process.wait() != 0
    monkeypatch.setenv("LINEITEM_WRAPPED_STATUSLINE", "1")
    assert wrapped.command("/anywhere") == ""


def test_a_command_that_leads_back_to_us_ends(tmp_path: Path) -> None:
    from tests.hook.processes import BARE, HOOK

    live = make_live(tmp_path)
    (live / "statusline.json").write_text(
        json.dumps({"command": " ".join([*BARE, str(HOOK / "statusline.py"), str(live)])})
    )
    assert len(shown(live).splitlines()) == 2


def test_an_error_on_the_way_leaves_what_the_client_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lineitem_hook import statusline

    def broken(*_: object) -> None:
        raise RuntimeError

    out: list[str] = []
    monkeypatch.setattr(store, "stored", broken)
    monkeypatch.setattr("lineitem_hook.given.given", lambda *_: encoded(status()))
    monkeypatch.setattr(statusline, "show", lambda _before, line: out.append(line))
    with pytest.raises(RuntimeError):
        statusline.run(statusline.Wanted([str(make_live(tmp_path))], {"NO_COLOR": "1"}))
    assert out[0].startswith("Opus 5.5 | ~$0.15 session")


def test_a_session_named_by_half_a_character_is_in_no_store(tmp_path: Path) -> None:
    live = make_live(tmp_path)
    make_store(tmp_path / "store.sqlite", [(SESSION, NOW, 5, 0)])
    assert shown(live, b'{"session_id":"\\ud83d","model":{"display_name":"Opus"}}') == "Opus\n"
    [snapshot] = [one for batch in Spool(str(live)).take() for one in batch.records()]
    assert snapshot.kind == "statusline"

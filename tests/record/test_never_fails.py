"""Whatever is wrong with an answer, the store or the place, the caller's work goes on; and what is lost is said."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem import record
from lineitem.ledger import manual as kept
from lineitem.ledger.store import Ledger
from lineitem.sources.sdk import Told, used

ANSWER = {"id": "msg_1", "model": "claude-haiku-5-5", "usage": {"input_tokens": 7, "output_tokens": 3}}

NAMES = (
    "usage", "id", "model", "input_tokens", "output_tokens", "cache_creation", "iterations", "type", "message", "speed",
    "server_tool_use", "ephemeral_1h_input_tokens",
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)


@given(anything)
def test_no_answer_is_too_odd(answer: Any) -> None:
    for each in used(answer):
        assert all(count >= 0 for count in each[2:8])
        assert isinstance(each.model + each.mid + each.modifiers, str)


@given(st.lists(anything, max_size=5))
def test_no_stream_is_too_odd(events: list[Any]) -> None:
    told = Told()
    for event in events:
        told.take(event)
    told.take({"type": "message_start", "message": events})
    told.take({"type": "message_delta", "usage": {"output_tokens": 5}})
    answer = told.answer()
    assert answer is not None
    assert used(answer)[0].output == 5


def test_an_advisor_is_an_entry_of_its_own() -> None:
    usage = {
        "input_tokens": 10, "output_tokens": 20, "speed": "fast", "inference_geo": "us", "service_tier": "batch",
        "cache_creation_input_tokens": 9,
        "iterations": [{"type": "message", "input_tokens": 10, "output_tokens": 20},
                       {"type": "advisor_message", "model": "claude-opus-5-5", "input_tokens": 400,
                        "output_tokens": 60}],
    }  # fmt: skip
    first, second = used(ANSWER | {"usage": usage})
    assert (first.uncached, first.output, first.write5, first.modifiers) == (10, 20, 9, "fgb")
    assert (second.model, second.uncached, second.output) == ("claude-opus-5-5", 400, 60)


def test_what_says_nothing_of_its_usage_is_counted(tmp_path: Path) -> None:
    with record.recording(db=str(tmp_path / "s.sqlite")) as seen:
        for odd in (None, "text", SimpleNamespace(), SimpleNamespace(usage=None)):
            assert seen.see(odd) is odd
        assert (seen.calls, seen.unread, seen.lost) == (0, 4, 0)


class Hostile:
    @property
    def usage(self) -> Any:
        raise RuntimeError("no")


def test_an_answer_that_raises_is_counted() -> None:
    with record.recording() as seen:
        seen.see(Hostile())
    assert seen.unread == 1


@pytest.mark.parametrize("db", ["postgres://x", "sqlite:///", "/dev/null/store.sqlite"])
def test_a_store_that_cannot_be_is_said_once(db: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "lineitem.record"), record.recording(db=db) as seen:
        for _ in range(3):
            seen.see(dict(ANSWER))
            record.flush()
    assert (seen.calls, seen.lost) == (3, 3)
    assert len(caplog.records) == 1
    assert "is not recorded" in caplog.text


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine " * 100)
    with caplog.at_level(logging.WARNING, "lineitem.record"), record.recording(db=str(path)) as seen:
        seen.see(dict(ANSWER))
    assert seen.lost == 1
    assert path.read_text() == "mine " * 100


def test_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with record.recording(db=str(tmp_path / "s.sqlite")) as seen:
        seen.see(dict(ANSWER))
    monkeypatch.chdir(tmp_path)
    assert seen.calls == 1


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    path = tmp_path / "s.sqlite"
    with record.recording(db=str(path)) as seen, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: seen.see(dict(ANSWER)), range(400)))
    assert (seen.calls, seen.lost, seen.input_tokens) == (400, 0, 2_800)
    ledger = Ledger(str(path))
    assert len(kept.entries(ledger)) == 400
    ledger.close()


def run(program: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(each for each in sys.path if each)
    return subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": path, "LINEITEM_DB": f"sqlite:///{tmp_path / 's.sqlite'}"},
    )  # fmt: skip


def test_a_program_that_just_ends_has_recorded(tmp_path: Path) -> None:
    done = run(f"from lineitem import record\nrecord.Recording('x').see({ANSWER!r})", tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
    ledger = Ledger(str(tmp_path / "s.sqlite"))
    assert [each.uncached for each in kept.entries(ledger)] == [7]
    ledger.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_fork_records_for_itself(tmp_path: Path) -> None:
    program = f"""
import os
from lineitem import record
seen = record.Recording('x')
seen.see({ANSWER!r})
record.flush()
child = os.fork()
seen.see({ANSWER!r})
assert record.flush()
if child:
    os.waitpid(child, 0)
else:
    os._exit(0)
"""
    assert run(program, tmp_path).stderr == ""
    ledger = Ledger(str(tmp_path / "s.sqlite"))
    assert len(kept.entries(ledger)) == 3
    ledger.close()

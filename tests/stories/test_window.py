"""What lies in the window now: everything that was sent, what was answered, and what waits to be sent."""

from __future__ import annotations

from pathlib import Path

from tests.telling.stores import Books
from tests.telling.transcripts import Pen, Tale, counts

READ = [{"type": "tool_use", "id": "toolu_A", "name": "Read", "input": {"file_path": "/home/dev/shop/a.py"}}]


def window(folder: Path, tale: Tale, pen: Pen) -> dict[str, int]:
    """Tokens by cause, and what the whole answer says."""
    tale.write(folder)
    with Books(folder) as store:
        store.read()
        found = store.ask().context(pen.session)
        assert found.head["contextTokens"] == sum(row["tokens"] for row in found.rows)
        assert found.head["rentNanos"] == sum(row["rentNanos"] for row in found.rows)
        unmeasured = found.head["unmeasuredTokens"]
        return {row["cause"]: row["tokens"] for row in found.rows} | {"unmeasured": unmeasured}


def test_the_window_holds_the_last_prompt_and_its_answer(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer(READ, counts(3, 9_000, 0, 0, 50))
    pen.result("toolu_A", "x = 1\n" * 300)
    pen.answer([{"type": "text", "text": "done"}], counts(3, 900, 0, 9_003, 70))
    found = window(tmp_path, tale, pen)
    assert found.pop("unmeasured") == 0
    assert sum(found.values()) == 3 + 900 + 9_003 + 70
    assert found["tool/Read/a.py"] == 3 + 900 + 9_003 - 9_003
    assert found["reply"] == 70


def test_what_waits_to_be_sent_is_weighed(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer(READ, counts(3, 9_000, 0, 0, 50))
    pen.result("toolu_A", "x = 1\n" * 300)
    found = window(tmp_path, tale, pen)
    assert 300 < found.pop("unmeasured") < 3_000
    assert sum(found.values()) > 9_003 + 50 + 300


def test_a_compaction_empties_the_window(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer(READ, counts(3, 90_000, 0, 0, 50))
    pen.result("toolu_A", "x = 1\n" * 300)
    pen.boundary(90_100)
    pen.prompt("all that was said", isCompactSummary=True, isVisibleInTranscriptOnly=True)
    found = window(tmp_path, tale, pen)
    assert sum(found.values()) - found["unmeasured"] < 1_000


def test_a_store_without_sessions_has_an_empty_window(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        assert store.ask().context().rows == []

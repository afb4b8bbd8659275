"""Which session is meant where none is named: the one that asks, also after `/clear`, and not the busiest."""

from __future__ import annotations

from pathlib import Path

from tests.mcp.speaking import answers, said
from tests.telling.transcripts import Pen, Tale, counts


def turn(pen: Pen) -> None:
    pen.prompt("go on")
    pen.answer([{"type": "text", "text": "done"}], counts(0, 1_000, 0, 0, 10))


def billed(home: Path, session: str) -> list[str]:
    """The sessions that are meant by the bill and by the window."""
    bill, window = answers(home, [("get_session_bill", {}), ("whats_expensive_to_carry", {})], session=session)
    return [bill.structured_content["sessionId"], window.structured_content["sessionId"]]


def test_beside_another_it_is_the_one_that_asks(tmp_path: Path) -> None:
    tale = Tale()
    own, other, elsewhere = tale.session("own"), tale.session("other"), tale.session("elsewhere", "-code-else")
    for pen in (own, other, own, elsewhere, other):
        turn(pen)
    tale.write(tmp_path / "claude")
    assert billed(tmp_path, own.session) == [own.session] * 2
    assert billed(tmp_path, other.session) == [other.session] * 2


def test_after_clear_it_is_the_new_one(tmp_path: Path) -> None:
    tale = Tale()
    own, elsewhere = tale.session("own"), tale.session("elsewhere", "-code-else")
    turn(own)
    after = tale.session("after")
    for pen in (after, elsewhere):
        turn(pen)
    tale.write(tmp_path / "claude")
    assert billed(tmp_path, own.session) == [after.session] * 2


def test_without_a_word_it_is_the_latest(tmp_path: Path) -> None:
    tale = Tale()
    first, second = tale.session("first"), tale.session("second")
    turn(first)
    turn(second)
    tale.write(tmp_path / "claude")
    assert billed(tmp_path, "") == [second.session] * 2
    assert billed(tmp_path, "11111111-2222-4333-8444-555555555555") == [second.session] * 2
    (latest,) = answers(tmp_path, [("get_session_bill", {"session": "latest"})], session=first.session)
    assert second.session[:8] in said(latest)

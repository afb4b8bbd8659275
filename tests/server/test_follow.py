"""The follower tells of every change, also of one whose round failed afterwards, and ends when it is told to."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lineitem.core.live import Event
from lineitem.ledger.inbox import Inbox
from lineitem.server.follow import Follower
from lineitem.wiring import Lineitem
from tests.telling.transcripts import Tale, counts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_change_is_told_though_its_round_failed_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    db = str(tmp_path / "store.sqlite")
    follower = Follower(db, [str(tmp_path)], str(tmp_path), lambda _: told.append(1))
    lineitem, inbox = Lineitem(db, [str(tmp_path)]), Inbox(str(tmp_path / "inbox.sqlite"))
    monkeypatch.setattr(follower._stop, "wait", lambda _: False)  # no pause after the round that fails
    follower._round(lineitem, inbox)
    assert told == [1]  # at the start: nobody knows what was told before

    def torn(*_: object) -> dict[str, Any]:
        raise OSError("the disk is full")

    inbox.add([Event("e1", "3f2a91c0", 1_000, "Stop")])
    with monkeypatch.context() as broken:
        broken.setattr(Lineitem, "refresh", torn)
        follower._round(lineitem, inbox)  # the event is in the ledger; then reading failed
    assert (told, isinstance(follower.failed, OSError)) == ([1], True)
    follower._round(lineitem, inbox)
    assert (told, follower.failed) == ([1, 1], None)
    follower._round(lineitem, inbox)
    assert told == [1, 1]
    inbox.close()
    lineitem.close()


def test_prices_that_change_while_it_runs_hold_from_then_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The follower and every command derived everything again in turn, each with its own prices."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    tale.write(tmp_path / "claude")
    settings = tmp_path / "settings.toml"
    monkeypatch.setenv("LINEITEM_SETTINGS", str(settings))
    db, dirs = str(tmp_path / "store.sqlite"), [str(tmp_path / "claude")]
    lineitem, inbox = Lineitem(db, dirs), Inbox(str(tmp_path / "inbox.sqlite"))
    follower = Follower(db, dirs, str(tmp_path))
    monkeypatch.setattr(follower._stop, "wait", lambda _: False)

    def cost() -> int:
        return int(lineitem.ledger.db.one("select sum(nanos) from request")[0])

    follower._round(lineitem, inbox)
    before = cost()
    settings.write_text("[prices]\nmultiplier = 2\n")
    command = Lineitem(db, dirs)
    command.refresh()
    command.close()
    assert cost() == 2 * before
    follower._round(lineitem, inbox)
    assert cost() == 2 * before
    settings.write_text("nonsense")
    follower._round(lineitem, inbox)
    assert "not valid TOML" in str(follower.failed)
    settings.unlink()
    follower._round(lineitem, inbox)
    assert (cost(), follower.failed) == (before, None)
    inbox.close()
    lineitem.close()


def test_the_end_does_not_wait_for_a_long_reading(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    tale.write(tmp_path / "claude")
    db, dirs = str(tmp_path / "store.sqlite"), [str(tmp_path / "claude")]
    lineitem, inbox = Lineitem(db, dirs), Inbox(str(tmp_path / "inbox.sqlite"))
    ending = Follower(db, dirs, str(tmp_path))
    ending._stop.set()
    ending._round(lineitem, inbox)
    assert (lineitem.empty, ending.rounds, ending.failed) == (True, 0, None)
    Follower(db, dirs, str(tmp_path))._round(lineitem, inbox)
    assert not lineitem.empty
    inbox.close()
    lineitem.close()


def test_a_file_of_the_spool_that_cannot_be_read_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The round ended there, every time: neither what came after nor the transcripts were read any more."""
    from lineitem_hook import spool as writer

    live, db = str(tmp_path / "live"), str(tmp_path / "store.sqlite")
    (tmp_path / "live" / "spool").mkdir(parents=True)
    aside = '"lineitem":{{"kind":"hook","key":"k{0}","at":{0}}}'
    for number in (1, 2):
        said = f'{{"session_id":"{UUID(int=number)}","hook_event_name":"Stop",{aside.format(number)}}}'
        writer.append(live, said.encode())
        events = tmp_path / "live" / "spool" / "events"
        if events.exists():
            events.rename(events.with_name(f"taken-{number:010d}"))
    whole = sorted(path.name for path in (tmp_path / "live" / "spool").iterdir())
    assert len(whole) == 2
    real = builtins.open

    def torn(path: Any, *words: Any, **more: Any) -> Any:
        if str(path).endswith(whole[0]):
            raise OSError(5, "Input/output error")
        return real(path, *words, **more)

    follower = Follower(db, [], live)
    lineitem, inbox = Lineitem(db, []), Inbox(str(tmp_path / "inbox.sqlite"))
    with monkeypatch.context() as broken:
        broken.setattr(builtins, "open", torn)
        for _ in range(3):
            follower._round(lineitem, inbox)
    assert (follower.rounds, follower.failed, follower.problems) == (3, None, {"spool-unread": 1})
    kept = [row[0] for row in lineitem.ledger.db.rows("select key from event order by id")]
    assert kept == ["k2"]
    follower._round(lineitem, inbox)  # it can be read again
    assert [row[0] for row in lineitem.ledger.db.rows("select key from event order by id")] == ["k2", "k1"]
    assert not list((tmp_path / "live" / "spool").glob("taken-*"))
    inbox.close()
    lineitem.close()

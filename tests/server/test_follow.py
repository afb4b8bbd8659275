"""The follower tells of every change, also of one whose round failed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineitem.core.live import Event
from lineitem.ledger.inbox import Inbox
from lineitem.server.follow import Follower
from lineitem.wiring import Lineitem

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_change_is_told_though_its_round_failed_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    db = str(tmp_path / "store.sqlite")
    follower = Follower(db, [str(tmp_path)], str(tmp_path), lambda _: told.append(1))
    lineitem, inbox = Lineitem(db, [str(tmp_path)]), Inbox(str(tmp_path / "inbox.sqlite"))
    follower._stop.set()  # so that a failed round is not followed by a wait
    follower._round(lineitem, inbox)
    assert told == [1]  # at the start: nobody knows what was told before

    def torn(_: Lineitem) -> dict[str, Any]:
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

"""Messages of what stands out and digests leave once, by a channel that works or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lineitem.alerts.delivery import LATER, SENT, Outcome
from lineitem.alerts.messages import Message
from lineitem.core.live import Event, Snapshot
from lineitem.core.periods import Zone
from lineitem.ledger import live
from lineitem.server.teller import Teller
from lineitem.wiring import Lineitem
from tests.telling.transcripts import Tale, counts

SETTINGS: dict[str, Any] = {
    "timezone": "UTC",
    "alerts": {
        "gather": "0s",
        "spacing": "0s",
        "digests": ["daily"],
        "channels": {"desk": {"kind": "desktop", "digests": True}},
    },
}
DAY = 86_400_000


class Desk:
    """A channel that keeps what it is given."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.got: list[Message] = []

    def send(self, message: Message, now: int) -> Outcome:  # noqa: ARG002
        if self.works:
            self.got.append(message)
        return Outcome(SENT if self.works else LATER, "" if self.works else "it is down")


def at(now: int) -> Callable[[], int]:
    """A clock that stands."""
    return lambda: now


def opened(folder: Path) -> tuple[Lineitem, Teller, int]:
    """A store with a session of yesterday; now is noon of the day after it."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    tale.write(folder)
    db = str(folder / "store.sqlite")
    lineitem = Lineitem(db, [str(folder)])
    lineitem.settings = SETTINGS
    lineitem.refresh()
    lineitem.fold()
    noon = tale.at - tale.at % DAY + DAY + DAY // 2
    return lineitem, Teller(db, [str(folder)], SETTINGS, lambda kind, _: kind), noon


def test_a_daily_digest_is_sent_once(tmp_path: Path) -> None:
    lineitem, teller, noon = opened(tmp_path)
    desk = Desk()
    for wait in range(3):
        teller.once(lineitem, {"desk": desk}, at(noon + wait * 60_000))
    restarted = Teller(lineitem.path, [], SETTINGS, lambda kind, _: kind)
    restarted.once(lineitem, {"desk": desk}, at(noon + DAY // 100))
    lineitem.close()
    assert [message.what for message in desk.got] == ["digest"]
    assert "$0.046" in desk.got[0].title or "$0.05" in desk.got[0].title


def test_a_digest_of_a_channel_that_is_down_is_kept_and_sent_later(tmp_path: Path) -> None:
    lineitem, teller, noon = opened(tmp_path)
    desk = Desk(works=False)
    teller.once(lineitem, {"desk": desk}, at(noon))
    desk.works = True
    teller.once(lineitem, {"desk": desk}, at(noon + 3_600_000))
    lineitem.close()
    assert [message.what for message in desk.got] == ["digest"]


def test_a_limit_that_is_nearly_used_is_told_once(tmp_path: Path) -> None:
    import time

    lineitem, teller, _ = opened(tmp_path)
    now = int(time.time() * 1000)
    used = Snapshot("s-1", now - 1_000, five_hour=9_600, five_hour_resets=now + 3_600_000)
    live.keep_snapshots(lineitem.ledger, [used])
    desk = Desk()
    for _ in range(2):
        lineitem.note_alerts([])
        teller.once(lineitem, {"desk": desk}, at(int(time.time() * 1000)))
    lineitem.close()
    assert [message.title for message in desk.got if message.what != "digest"] != []
    assert len([message for message in desk.got if message.what != "digest"]) == 1


def test_nothing_leaves_where_no_channel_is_set(tmp_path: Path) -> None:
    lineitem, _, _ = opened(tmp_path)
    lineitem.settings = {}
    assert lineitem.egress() == []
    assert lineitem.note_alerts(lineitem.notice()) == 0
    lineitem.settings = SETTINGS
    assert [channel for channel, _, _ in lineitem.egress()] == ["desk"]
    lineitem.close()


def test_the_figures_of_a_digest_are_those_of_the_reports(tmp_path: Path) -> None:
    lineitem, _, noon = opened(tmp_path)
    since = noon - DAY // 2 - DAY
    found = lineitem.digest_figures(since, since + DAY, since - DAY, Zone("UTC"))
    lineitem.close()
    assert found.totals["costNanos"] == 46_012_000
    assert found.before is not None
    assert not found.before["costNanos"]
    assert [row["costNanos"] for row in found.projects] == [46_012_000]


SPOKEN: dict[str, object] = {"alerts": {"channels": {"here": {"kind": "session", "model": True}}}}


def warned(folder: Path, settings: dict[str, object]) -> Teller:
    """A teller that has heard of a limit that is nearly used."""
    import time

    lineitem, _, _ = opened(folder)
    now = int(time.time() * 1000)
    used = Snapshot("s-1", now - 1_000, five_hour=9_600, five_hour_resets=now + 3_600_000)
    live.keep_snapshots(lineitem.ledger, [used])
    teller = Teller(lineitem.path, [], settings, lambda kind, _: kind)
    teller.heed(lineitem, lineitem.notice())
    lineitem.close()
    return teller


def test_a_hook_is_answered_with_a_warning_once(tmp_path: Path) -> None:
    teller = warned(tmp_path, SPOKEN)
    assert teller.answer(Event("1", "s-1", 1, "PreToolUse")) == {}
    said = teller.answer(Event("2", "s-1", 2, "PostToolUse"))
    text = said["systemMessage"]
    assert isinstance(text, str)
    assert text.startswith("lineitem: 5-hour limit: 96% used")
    assert said["hookSpecificOutput"] == {"hookEventName": "PostToolUse", "additionalContext": text}
    assert teller.answer(Event("3", "s-1", 3, "PostToolUse")) == {}


def test_the_model_reads_nothing_in_agents_and_at_the_end_of_a_turn(tmp_path: Path) -> None:
    for name, event in (
        ("agent", Event("1", "s-1", 1, "PostToolUse", agent="a1")),
        ("stop", Event("1", "s-1", 1, "Stop")),
    ):
        folder = tmp_path / name
        folder.mkdir()
        assert list(warned(folder, SPOKEN).answer(event)) == ["systemMessage"]


def test_a_hook_is_answered_with_nothing_unless_that_is_set(tmp_path: Path) -> None:
    assert warned(tmp_path, SETTINGS).answer(Event("2", "s-1", 2, "PostToolUse")) == {}

"""Messages of what stands out and digests leave once, by a channel that works or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineitem.alerts.delivery import LATER, SENT, Outcome
from lineitem.alerts.messages import Message
from lineitem.alerts.sinks import plain
from lineitem.core.live import Event, Snapshot
from lineitem.core.periods import Zone
from lineitem.ledger import live
from lineitem.server.teller import Teller
from lineitem.wiring import Lineitem
from tests.telling.transcripts import Pen, Tale, counts

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


def test_what_never_arrived_is_shown_by_the_doctor(tmp_path: Path) -> None:
    lineitem, teller, noon = opened(tmp_path)
    desk = Desk(works=False)
    for hours in range(50):
        teller.once(lineitem, {"desk": desk}, at(noon + hours * 3_600_000))
    problems = {problem["slug"]: problem for problem in lineitem.health().problems}
    lineitem.close()
    places = problems["alert-given-up"]["places"]
    assert {(place["path"], place["note"]) for place in places} == {("desk", "it is down")}


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


HOUR, MINUTE = 3_600_000, 60_000


def resting(folder: Path, context: int = 200_000, ttl: str = "1h", **more: Any) -> tuple[Lineitem, Teller, Tale]:
    """A session that was asked something, and whose client said how long its cache stays warm."""
    tale = Tale()
    pen = tale.session(project="-code-shop")
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 0, 9_000, context - 9_003, 50))
    tale.write(folder)
    db = str(folder / "store.sqlite")
    lineitem = Lineitem(db, [str(folder)])
    lineitem.settings = {"alerts": {**SETTINGS["alerts"], "digests": []}}
    lineitem.refresh()
    lineitem.fold()
    lives = HOUR if ttl == "1h" else 5 * MINUTE
    told: dict[str, Any] = {"warm": True, "ttl": ttl, "expires": tale.at + lives, "recache": context}
    live.keep_snapshots(lineitem.ledger, [Snapshot(pen.session, tale.at + 1, **told | more)])
    return lineitem, Teller(db, [str(folder)], lineitem.settings, lambda _, name: name), tale


def cold_ones(lineitem: Lineitem, teller: Teller, moments: list[int]) -> list[tuple[int, str]]:
    """(moment, what was told) of a store that is looked at then."""
    desk, told = Desk(), []
    for moment in moments:
        before = len(desk.got)
        teller.once(lineitem, {"desk": desk}, at(moment))
        told += [(moment, plain(message)) for message in desk.got[before:]]
    lineitem.close()
    return told


def test_a_cache_that_is_about_to_go_cold_is_told_once_with_what_it_costs(tmp_path: Path) -> None:
    lineitem, teller, tale = resting(tmp_path)
    end = tale.at + HOUR
    ((moment, text),) = cold_ones(lineitem, teller, [end - 11 * MINUTE, *range(end - 8 * MINUTE, end + HOUR, MINUTE)])
    assert moment == end - 8 * MINUTE
    assert text.endswith("in 8m; then 200.0k tokens are written again; $1.56")
    assert text.startswith("The cache is about to go cold (code-shop, session ")


def test_a_cache_of_five_minutes_is_told_in_its_last_one(tmp_path: Path) -> None:
    lineitem, teller, tale = resting(tmp_path, 400_000, "5m")
    end = tale.at + 5 * MINUTE
    told = cold_ones(lineitem, teller, [end - 4 * MINUTE, end - 50_000, end - 20_000])
    assert [moment for moment, _ in told] == [end - 50_000]


@pytest.mark.parametrize("why", ["ended", "asked again", "small", "cold", "cheap"])
def test_a_cache_nobody_waits_for_is_not_told(tmp_path: Path, why: str) -> None:
    sizes = {"small": 40_000, "cheap": 60_000}
    lineitem, teller, tale = resting(tmp_path, sizes.get(why, 200_000), warm=why != "cold")
    (pen,) = tale.pens.values()
    end = tale.at + HOUR
    if why == "ended":
        live.keep_events(lineitem.ledger, [Event("e", pen.session, tale.at + 9, "SessionEnd")])
    if why == "asked again":
        tale.at += 30 * MINUTE
        pen.prompt("more")
        pen.answer([{"type": "text", "text": "done"}], counts(3, 0, 90, 200_000, 50))
        tale.write(tmp_path)
        lineitem.refresh()
    assert cold_ones(lineitem, teller, [end - 5 * MINUTE, end - 1]) == []


def gaps(folder: Path, *writes: Callable[[Pen], object], later: int = 0) -> list[str]:
    """What is told of a session into which these write, one round after the other, so many milliseconds later."""
    tale = Tale()
    pen = tale.session(project="-code-shop")
    pen.prompt("go")
    lineitem = Lineitem(str(folder / "store.sqlite"), [str(folder)])
    lineitem.settings = {"alerts": {**SETTINGS["alerts"], "digests": []}}
    teller = Teller(lineitem.path, [str(folder)], lineitem.settings, lambda _, name: name)
    desk = Desk()
    for write in writes:
        write(pen)
        tale.write(folder)
        lineitem.refresh()
        lineitem.fold()
        lineitem.note_alerts([], tale.at + later)
        teller.once(lineitem, {"desk": desk}, at(tale.at + later))
    lineitem.close()
    return [plain(message) for message in desk.got]


def unreadable(pen: Pen) -> None:
    pen.add(b'{"type":"assistant","message":{"id":')


def test_lines_that_cannot_be_read_are_told_once_and_not_those_of_before(tmp_path: Path) -> None:
    def answers(pen: Pen) -> None:
        pen.answer([{"type": "text", "text": "done"}], counts(3, 900, 0, 0, 50))

    told = gaps(tmp_path, unreadable, answers, unreadable, answers, unreadable)
    assert told == ["Some lines could not be read: 1 more; see lineitem doctor"]


def test_a_model_without_a_price_is_told_once(tmp_path: Path) -> None:
    def answers(pen: Pen) -> None:
        pen.answer([{"type": "text", "text": "done"}], counts(3, 900, 0, 0, 50), model="claude-unheard-of-9")

    told = gaps(tmp_path, answers, answers)
    assert told == ["No price is known for a model: unheard-of-9; 953 tokens without a cost"]


def test_a_model_that_had_no_price_long_ago_is_no_news(tmp_path: Path) -> None:
    def answers(pen: Pen) -> None:
        pen.answer([{"type": "text", "text": "done"}], counts(3, 900, 0, 0, 50), model="claude-unheard-of-9")

    assert gaps(tmp_path, answers, later=DAY) == []


def test_nothing_leaves_where_no_channel_is_set(tmp_path: Path) -> None:
    lineitem, _, _ = opened(tmp_path)
    lineitem.settings = {}
    assert lineitem.egress() == []
    assert lineitem.note_alerts(lineitem.notice()) == 0
    lineitem.settings = SETTINGS
    assert [channel for channel, _, _ in lineitem.egress()] == ["desk"]
    lineitem.close()


def test_a_digest_of_a_store_leaves_nothing_out(tmp_path: Path) -> None:
    """Requests, mild findings and that there are more projects were never in it."""
    tale = Tale()
    for number in range(7):
        pen = tale.session(f"s{number}", project=f"-code-shop{number}")
        pen.prompt("go")
        pen.answer([{"type": "text", "text": "ok"}], counts(3, 9_000, 0, 0, 50))
        for call in range(4) if not number else ():
            block = {"type": "tool_use", "id": f"toolu_{call}", "name": "Read", "input": {"file_path": "/code/a.py"}}
            pen.answer([block], counts(3, 60, 0, 9_000, 40))
            pen.result(f"toolu_{call}", "x = 1\n")
            pen.answer([{"type": "text", "text": "ok"}], counts(3, 60, 0, 9_060, 10))
    tale.write(tmp_path)
    lineitem = Lineitem(str(tmp_path / "store.sqlite"), [str(tmp_path)])
    lineitem.settings = SETTINGS
    lineitem.refresh()
    lineitem.fold()
    # hooks told how large the answers were: all alike
    done = [Event(f"e{call}", tale.pens[next(iter(tale.pens))].session, tale.at, "PostToolUse", tool="Read",
                  call=f"toolu_{call}", size_in=30, size_out=6) for call in range(4)]  # fmt: skip
    live.keep_events(lineitem.ledger, done)
    assert [each.finding.rule for each in lineitem.notice()] == ["loop"]
    desk, noon = Desk(), tale.at - tale.at % DAY + DAY + DAY // 2
    Teller(lineitem.path, [str(tmp_path)], SETTINGS, lambda _, name: name).once(lineitem, {"desk": desk}, at(noon))
    lineitem.close()
    (text,) = [plain(message) for message in desk.got if message.what == "digest"]
    assert "15 requests" in text
    assert "and 2 more" in text
    assert text.splitlines()[-2:] == ["Stood out", "1 notice"]


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

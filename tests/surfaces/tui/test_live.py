"""What is new appears without a key; who only looks never waits; what is left or closed is stopped."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.core.problems import StoreError, UsageError
from lineitem.surfaces.tui import answers
from lineitem.surfaces.tui.answers import Asking
from lineitem.surfaces.tui.desk import Desk, Dropped
from lineitem.surfaces.tui.following import Follower
from lineitem.surfaces.tui.outline import Outline
from lineitem.surfaces.tui.question import Question
from lineitem.surfaces.tui.sheet import Sheet
from tests.surfaces.tui.stage import EARLIER, NOW, Stage, asked, dashboard, earlier, lines, opened, play, told

if TYPE_CHECKING:
    from pathlib import Path

    from lineitem.wiring import Lineitem


def alone(_: Lineitem) -> bool:
    """No collector reads this ledger."""
    return False


def requests(stage: Stage) -> int:
    answer = stage.app.screen.answer  # type: ignore[attr-defined]
    return sum(row["requests"] for row in answer.rows) if answer is not None else 0


def test_a_transcript_that_grows_is_seen_without_a_key(tmp_path: Path) -> None:
    earlier(tmp_path / "claude", 1)
    session = EARLIER.format(1)
    path = tmp_path / "claude/projects/-code-shop" / f"{session}.jsonl"

    async def act(stage: Stage) -> None:
        await stage.press("2")
        await stage.until(lambda: requests(stage) == 5)
        more = list(lines(session, NOW - 80_000_000, 8, 72_000))[11:]  # five answers are known
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in more)
        stage.app._follower._now.set()  # type: ignore[union-attr]
        await stage.until(lambda: requests(stage) == 8)
        await stage.settle()
        assert "8 requests" in stage.text()

    play(dashboard(tmp_path, served=alone), (100, 24), act)


def test_a_session_that_is_new_is_seen_in_the_order_it_belongs(tmp_path: Path) -> None:
    earlier(tmp_path / "claude", 2)

    async def act(stage: Stage) -> None:
        await stage.press("2")
        await stage.until(lambda: requests(stage) == 6)
        await stage.settle()
        listing = stage.app.screen.query_one("#sessions")
        assert listing.key == EARLIER.format(2)  # type: ignore[attr-defined]
        earlier(tmp_path / "claude", 1)
        stage.app.action_look()
        await stage.until(lambda: requests(stage) == 11)
        await stage.settle()
        assert [row.key for row in listing.rows] == [EARLIER.format(1), EARLIER.format(2)]  # type: ignore[attr-defined]
        assert listing.key == EARLIER.format(2)  # type: ignore[attr-defined] # the cursor stays where it was

    play(dashboard(tmp_path, served=alone), (100, 24), act)


def test_a_bill_that_grows_stays_open_where_it_was_opened(tmp_path: Path) -> None:
    earlier(tmp_path / "claude", 1)
    session = EARLIER.format(1)
    path = tmp_path / "claude/projects/-code-shop" / f"{session}.jsonl"

    async def act(stage: Stage) -> None:
        await stage.press("2")
        await stage.until(lambda: requests(stage) == 5)
        await stage.press("enter")
        outline = stage.app.screen.query_one(Outline)
        outline.go_to("tool")
        await stage.press("asterisk", "down", "down", "down")
        screen: Any = stage.app.screen
        before, known = outline.key, {row.key for row in outline.rows}
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in list(lines(session, NOW - 80_000_000, 12, 72_000))[11:])
        stage.app.action_look()
        await stage.until(lambda: len(screen.answer.calls) == 12)
        await stage.settle()
        assert outline.key == before
        assert known < {row.key for row in outline.rows}

    play(dashboard(tmp_path, served=alone), (100, 40), act)


def test_nothing_is_read_where_a_collector_does_but_what_it_reads_is_seen(tmp_path: Path) -> None:
    earlier(tmp_path / "claude", 2)

    async def act(stage: Stage) -> None:
        await stage.press("2")
        stage.app.action_look()
        await stage.settle()
        assert requests(stage) == 0
        collector = opened(tmp_path)
        collector.take_in(lambda *_: None, lambda _: None)
        collector.close()
        stage.app.action_look()
        await stage.until(lambda: requests(stage) == 6)

    play(dashboard(tmp_path, served=lambda _: True), (100, 24), act)


def test_what_did_not_change_is_not_drawn_again(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        sheet = stage.app.screen.query_one("#spent", Sheet)
        before = [id(line) for line in sheet._lines(sheet.size.width)]
        drawn: list[Any] = []
        sheet.refresh = lambda *regions, **_: drawn.append(regions)  # type: ignore[method-assign, assignment]
        await stage.press("r")
        assert not drawn
        assert before

    play(dashboard(ledger), (100, 24), act)


def test_an_error_is_a_line_at_the_bottom_and_is_gone_when_it_is_over(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        screen: Any = stage.app.screen
        right = screen.question

        def wrong(_: Any) -> Any:
            raise StoreError("The disk of [b]that[/b] store is full.")

        screen.question = wrong
        await stage.press("r")
        assert stage.text().splitlines()[-2] == " The disk of [b]that[/b] store is full."
        assert "Today" in stage.text()
        screen.question = right
        await stage.press("r")
        assert "disk" not in stage.text()

    play(dashboard(ledger), (100, 24), act)


def test_a_store_that_vanishes_is_told_and_nothing_breaks(tmp_path: Path) -> None:
    told(tmp_path)

    def spoil() -> None:
        for path in tmp_path.glob("lineitem.sqlite*"):
            path.unlink()
        (tmp_path / "lineitem.sqlite").write_bytes(b"this was a store once, and is none any more")

    async def act(stage: Stage) -> None:
        spoil()
        stage.app.desk._free.clear()  # as if all were in use
        await stage.press("2")
        assert "is not a SQLite database" in stage.text()

    play(dashboard(tmp_path), (140, 24), act)


# -- the desk


class Slow:
    """A ledger whose answers take until they are allowed, or stopped."""

    def __init__(self) -> None:
        self.go, self.begun, self.stopped, self.closed = threading.Event(), threading.Event(), False, False

    def renew(self) -> None: ...

    def work(self) -> str:
        self.begun.set()
        self.go.wait()
        if self.stopped:
            raise StoreError("interrupted")
        return "done"

    def stop(self) -> None:
        self.stopped = True
        self.go.set()

    def close(self) -> None:
        self.closed = True


def asking(desk: Desk, asker: object) -> tuple[threading.Thread, list[Any]]:
    """Ask in a thread; what came of it."""
    said: list[Any] = []

    def run() -> None:
        try:
            said.append(desk.ask(asker, lambda ledger: ledger.work()))  # type: ignore[attr-defined]
        except BaseException as error:  # noqa: BLE001 - what it is, is what is asked
            said.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, said


def test_prices_that_change_are_seen_while_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The price book of the first second was used for hours, and everything derived with it again."""
    earlier(tmp_path / "claude", 1)
    settings = tmp_path / "settings.toml"
    monkeypatch.setenv("LINEITEM_SETTINGS", str(settings))

    def cost(lineitem: Lineitem) -> int:
        return int(lineitem.report("session", asked()).totals["costNanos"])  # type: ignore[index]

    desk = Desk(lambda: opened(tmp_path, onlooker=True))
    follower = opened(tmp_path)
    follower.take_in(lambda *_: None, lambda _: None)
    before = desk.ask("a", cost)
    settings.write_text("[prices]\nmultiplier = 0.5\n")
    with closing(opened(tmp_path)) as other:  # a command
        other.take_in(lambda *_: None, lambda _: None)
        assert cost(other) == before // 2
        follower.take_in(lambda *_: None, lambda _: None)
        assert cost(other) == desk.ask("a", cost) == before // 2
    settings.unlink()
    assert follower.take_in(lambda *_: None, lambda _: None)
    assert desk.ask("a", cost) == before
    settings.write_text("nonsense")
    with pytest.raises(UsageError, match="not valid TOML"):
        follower.take_in(lambda *_: None, lambda _: None)
    follower.close()
    desk.close()


def test_questions_at_the_same_time_have_a_ledger_each_and_those_are_used_again() -> None:
    made: list[Slow] = []

    def open_one() -> Any:
        made.append(Slow())
        return made[-1]

    desk = Desk(open_one)
    first, second = asking(desk, "a"), asking(desk, "b")
    while len(made) < 2 or not all(ledger.begun.is_set() for ledger in made):
        pass
    for ledger in made:
        ledger.go.set()
    for thread, said in (first, second):
        thread.join()
        assert said == ["done"]
    assert desk.ask("c", lambda ledger: ledger.work()) == "done"  # type: ignore[attr-defined]
    assert len(made) == 2
    desk.close()
    assert all(ledger.closed for ledger in made)


def test_a_question_nobody_waits_for_is_stopped() -> None:
    ledger = Slow()
    desk = Desk(lambda: ledger)  # type: ignore[arg-type, return-value]
    thread, said = asking(desk, "a")
    ledger.begun.wait()
    desk.drop("b")
    assert not ledger.stopped
    desk.drop("a")
    thread.join()
    assert isinstance(said[0], Dropped)
    desk.close()


def test_closing_stops_what_is_under_way() -> None:
    ledger = Slow()
    desk = Desk(lambda: ledger)  # type: ignore[arg-type, return-value]
    thread, said = asking(desk, "a")
    ledger.begun.wait()
    desk.close()
    thread.join()
    assert isinstance(said[0], Dropped)
    assert ledger.closed
    with pytest.raises(Dropped):
        desk.ask("a", lambda ledger: ledger)


def test_a_real_question_is_stopped_amid_its_rows(ledger: Path) -> None:
    """The interrupt ends a statement that would go on for ever."""
    desk = Desk(lambda: opened(ledger, onlooker=True))
    said: list[Any] = []
    begun = threading.Event()

    def forever(lineitem: Lineitem) -> Any:
        rows = lineitem.ledger.db.rows(
            "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
        )
        for row in rows:
            if row[0] == 1_000:
                begun.set()
        return None

    def run() -> None:
        try:
            desk.ask("a", forever)
        except BaseException as error:  # noqa: BLE001 - what it is, is what is asked
            said.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    begun.wait()
    desk.drop("a")
    thread.join()
    assert isinstance(said[0], Dropped)
    assert answers.sessions(desk._free[0], Asking(asked)).rows  # the ledger is as good as new
    desk.close()


def test_an_answer_that_comes_too_late_is_not_drawn(ledger: Path) -> None:
    async def act(stage: Stage) -> None:
        await stage.press("3")
        screen = stage.app.screen
        assert isinstance(screen, Question)
        number = screen._number
        await stage.press("2", "3", "h")
        from lineitem.surfaces.tui.question import Answered

        before = screen.answer
        screen.post_message(Answered(number, "too late", "", 0.0))
        await stage.settle()
        assert screen.answer == before

    play(dashboard(ledger), (100, 24), act)


# -- the follower


def test_the_follower_ends_amid_a_long_reading(tmp_path: Path) -> None:
    """What was not read then is read the next time: a reading is kept whole or not at all."""
    for day in range(1, 9):
        earlier(tmp_path / "claude", day)
    follower: Follower

    def open_it() -> Any:
        lineitem = opened(tmp_path)
        take_in = lineitem.take_in

        def taking(reading: Any, folding: Any) -> bool:
            def first(done: int, whole: int) -> None:
                follower._end.set()
                reading(done, whole << 20)

            return take_in(first, folding)

        lineitem.take_in = taking  # type: ignore[method-assign, assignment]
        return lineitem

    follower = Follower(open_it, alone, lambda: None, lambda _: None, lambda _: None)
    follower.start()
    follower._thread.join()
    follower.end()
    lineitem = opened(tmp_path)
    assert lineitem.counts()["session"] == 0
    lineitem.close()
    lineitem = opened(tmp_path)
    lineitem.take_in(lambda *_: None, lambda _: None)
    assert lineitem.counts()["session"] == 8
    assert not lineitem.verify()
    lineitem.close()


def test_the_follower_tells_of_trouble_once_and_when_it_is_over(tmp_path: Path) -> None:
    earlier(tmp_path / "claude", 1)
    said: list[str] = []
    changed = threading.Event()
    rounds = [StoreError("The disk is full."), StoreError("The disk is full."), None]

    class Ledger:
        def changes(self, *, read: bool) -> int:
            assert not read
            return 0

        def take_in(self, *_: Any) -> bool:
            follower.look()
            trouble = rounds.pop(0) if rounds else None
            if trouble is not None:
                raise trouble
            return True

        def stop(self) -> None: ...

        def close(self) -> None: ...

    follower = Follower(Ledger, alone, changed.set, lambda _: None, said.append)  # type: ignore[arg-type]
    follower.start()
    changed.wait()
    follower.end()
    assert said == ["The disk is full.", ""][: len(said)]
    assert said[0] == "The disk is full."

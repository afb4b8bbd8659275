"""A session taken up again: told before its next request what the cache will cost, and after it what it has cost."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Any

from lineitem.core.live import Event, Snapshot
from lineitem.core.periods import Zone
from lineitem.core.rates import Rates
from lineitem.insights.findings import Finding
from lineitem.insights.health import Thresholds
from lineitem.ledger import live
from lineitem.noticing import Noted, notice
from lineitem.reports.query import Query
from tests.telling.stores import Books
from tests.telling.transcripts import HAIKU, Pen, Tale, counts

THRESHOLDS = Thresholds(800_000, 900_000)
#: Nanodollars a token of Opus 5.5.
WRITE, WRITE_1H, READ = 5_000, 8_000, 200
TEXT = {"type": "text", "text": "ok"}
SIZE = 156_000


def told(tale: Tale, *, hour: bool = False) -> Pen:
    """A session with one request, of 156,000 tokens."""
    pen = tale.session()
    pen.prompt("go")
    pen.answer([TEXT], counts(0, 0 if hour else SIZE, SIZE if hour else 0, 0, 10))
    return pen


def resumed(store: Books, tale: Tale, pen: Pen, key: str = "one", **more: Any) -> None:
    """The session is taken up again, two hours later."""
    tale.at += 7_200_000
    said = {
        "source": "resume", "context_tokens": SIZE, "prompt_cache_likely_expired": True,
        "seconds_since_last_response": 7_200, "estimated_cache_write_nanos": 780_000_000, **more,
    }  # fmt: skip
    live.keep_events(store.ledger, [Event(key, pen.session, tale.at, "SessionStart", note=dumps(said))])


def asked(pen: Pen, write: int, read: int = 0, write1: int = 0) -> None:
    pen.prompt("more")
    pen.answer([TEXT], counts(0, write, write1, read, 10))


def noticed(store: Books, tale: Tale, folder: Path) -> list[Noted]:
    tale.write(folder)
    store.read()
    store.fold()
    return [each for each in notice(store.ledger, store.book, THRESHOLDS) if each.finding.rule == "resume"]


def found(store: Books, tale: Tale, folder: Path) -> Finding:
    (each,) = noticed(store, tale, folder)
    return each.finding


def test_a_cold_return_is_told_before_its_next_request_is_made(tmp_path: Path) -> None:
    """It was told with the next request at the earliest, when the money was spent."""
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        assert noticed(store, tale, tmp_path) == []
        resumed(store, tale, pen)
        trap = found(store, tale, tmp_path)
        assert (trap.at, trap.fact("write"), trap.fact("read")) == (tale.at, SIZE * WRITE, SIZE * READ)
        assert (trap.fact("client"), trap.fact("written")) == (780_000_000, None)
        assert noticed(store, tale, tmp_path) == []


def test_once_the_next_request_is_made_it_is_told_what_was_written_and_paid(tmp_path: Path) -> None:
    """The second half of the rule was never reached: nobody fed it what was written."""
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        noticed(store, tale, tmp_path)
        resumed(store, tale, pen)
        noticed(store, tale, tmp_path)
        asked(pen, SIZE + 400)
        (each,) = noticed(store, tale, tmp_path)
        trap = each.finding
        assert (trap.at, trap.fact("written"), trap.fact("paid")) == (tale.at, SIZE + 400, (SIZE + 400) * WRITE)
        assert (trap.fact("client"), trap.fact("write")) == (780_000_000, None)
        assert each.why[0]["confidence"] == "sure"
        assert each.why[0]["text"] == (
            "The cache was cold: 156,400 tokens were written to it, for $0.78 (the client's estimate: $0.78)."
        )
        asked(pen, 400, SIZE + 400)
        assert noticed(store, tale, tmp_path) == []


def test_seen_at_once_only_what_was_counted_is_told(tmp_path: Path) -> None:
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        resumed(store, tale, pen)
        asked(pen, SIZE + 400)
        assert found(store, tale, tmp_path).fact("written") == SIZE + 400


def test_a_return_told_late_is_told_once(tmp_path: Path) -> None:
    """A forwarder's spool may be taken in after the next request was looked at."""
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store, Books(tmp_path / "other") as clock:
        noticed(store, tale, tmp_path)
        resumed(clock, tale, pen)
        at = tale.at
        asked(pen, SIZE + 400)
        noticed(store, tale, tmp_path)
        asked(pen, 400, SIZE + 400)
        note = dumps({"source": "resume", "context_tokens": SIZE})
        live.keep_events(store.ledger, [Event("late", pen.session, at, "SessionStart", note=note)])
        assert found(store, tale, tmp_path).fact("written") == SIZE + 400
        asked(pen, 400, SIZE + 800)
        assert noticed(store, tale, tmp_path) == []


def test_a_cache_that_was_warm_after_all_is_no_second_finding(tmp_path: Path) -> None:
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        resumed(store, tale, pen)
        asked(pen, 400, SIZE)
        assert noticed(store, tale, tmp_path) == []


def test_of_two_returns_before_one_request_one_has_paid(tmp_path: Path) -> None:
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        resumed(store, tale, pen)
        resumed(store, tale, pen, "two", seconds_since_last_response=14_400)
        asked(pen, SIZE)
        assert found(store, tale, tmp_path).fact("minutes") == 240


def test_starts_that_are_no_returns_say_nothing(tmp_path: Path) -> None:
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        resumed(store, tale, pen, source="startup")
        assert noticed(store, tale, tmp_path) == []
        resumed(store, tale, pen, "two", source="compact")
        asked(pen, SIZE)
        assert noticed(store, tale, tmp_path) == []


def test_an_hours_cache_is_written_at_its_own_rate(tmp_path: Path) -> None:
    """A session with the 1-hour cache was told the price of 5-minute writes."""
    tale = Tale()
    pen = told(tale, hour=True)
    with Books(tmp_path) as store:
        resumed(store, tale, pen)
        assert found(store, tale, tmp_path).fact("write") == SIZE * WRITE_1H
        (row,) = store.ask().standing(pen.session, Query(Zone(""), tale.at)).rows
        assert row["goingColdNanos"] == SIZE * (WRITE_1H - READ)
        asked(pen, 0, 0, SIZE)
        assert found(store, tale, tmp_path).fact("paid") == SIZE * WRITE_1H


def test_the_statusline_tells_how_long_the_cache_lasts(tmp_path: Path) -> None:
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        live.keep_snapshots(store.ledger, [Snapshot(pen.session, tale.at, ttl="1h")])
        resumed(store, tale, pen)
        assert found(store, tale, tmp_path).fact("write") == SIZE * WRITE_1H


def test_a_return_with_another_model_is_priced_as_that_model_at_this_length(tmp_path: Path) -> None:
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        short, long = (store.book.rates(HAIKU, tale.at, prompt_tokens=size) for size in (0, SIZE))
        assert isinstance(short, Rates)
        assert isinstance(long, Rates)
        assert short.cache_write_5m < long.cache_write_5m
        resumed(store, tale, pen, model=HAIKU)
        assert found(store, tale, tmp_path).fact("write") == SIZE * long.cache_write_5m // 1_000_000


def test_a_fork_without_a_transcript_has_the_clients_figures_alone(tmp_path: Path) -> None:
    tale = Tale()
    pen = told(tale)
    with Books(tmp_path) as store:
        noticed(store, tale, tmp_path)
        said = {"source": "fork", "context_tokens": SIZE, "prompt_cache_likely_expired": True}
        said["estimated_cache_write_nanos"] = 780_000_000
        live.keep_events(store.ledger, [Event("f", "s-fork", tale.at + 9, "SessionStart", note=dumps(said))])
        trap = found(store, tale, tmp_path)
        assert (trap.session, trap.project, dict(trap.facts)) == ("s-fork", "", {"client": 780_000_000})
        assert pen.session != trap.session

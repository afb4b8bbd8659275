"""A session without a transcript is billed from what live sources told, until the transcript comes."""

from __future__ import annotations

from pathlib import Path

from lineitem.core.live import ApiCall, Event, Snapshot, ToolDone
from lineitem.core.periods import Zone
from lineitem.insights.health import Thresholds
from lineitem.ledger import live
from lineitem.noticing import notice
from lineitem.pipeline.live import derive_live
from lineitem.pipeline.rebuilding import verify
from lineitem.reports.query import Query
from lineitem.surfaces.text import print_table
from tests.surfaces.answers import shown
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, START, Tale, counts

#: 3 uncached, 9,000 written, 50 out on Opus 5.5.
FIRST = 46_012_000


def call(session: str, request: str, at: int, read: int = 0, source: str = "repl_main_thread") -> ApiCall:
    write = 9_000 if not read else 100
    nanos = 3 * 4_000 + write * 5_000 + read * 200 + 50 * 20_000
    return ApiCall(request, session, at, request, OPUS, source, "", "p", 3, 50, write, 0, read, nanos)


def told(store: Books, session: str, *calls: ApiCall, tools: tuple[ToolDone, ...] = ()) -> None:
    ledger = store.ledger
    ledger.begin()
    live.keep_api_calls(ledger, calls)
    live.keep_tools_done(ledger, tools)
    derive_live(ledger, store.book, [ledger.name(session)])
    ledger.commit()


def daily(store: Books) -> int:
    return int(store.ask().report("daily", Query(Zone(""), START)).totals["costNanos"])  # type: ignore[index]


def test_telemetry_alone_gives_a_bill(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        tool = ToolDone("toolu_1", "s-1", START + 5, "Bash", "req_1", "p", "", 40, 400, succeeded=True, duration=7)
        told(store, "s-1", call("s-1", "req_1", START), call("s-1", "req_2", START + 9, 9_053), tools=(tool,))
        second = 3 * 4_000 + 100 * 5_000 + 9_053 * 200 + 50 * 20_000
        assert store.bill("s-1") == FIRST + second == daily(store)
        lines = store.lines("s-1")
        assert sum(line.nanos for line in lines) == FIRST + second
        assert "toolu_1" in {line.call for line in lines}
        assert notice(store.ledger, store.book, Thresholds(80_000, 150_000)) == []
        assert {line.basis for line in lines} <= {"apportioned", "estimated", "remainder"}


def test_its_project_has_the_name_that_its_transcript_will_have(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        ledger = store.ledger
        shots = [
            Snapshot("s-1", START + at, OPUS, nanos=at * 1_000_000, context=9_003, uncached=3, output=50, write=9_000,
                     read=0, cwd="/code/my.app_2")
            for at in (1, 2)
        ]  # fmt: skip
        ledger.begin()
        live.keep_snapshots(ledger, shots)
        derive_live(ledger, store.book, [ledger.name("s-1")])
        ledger.commit()
        (row,) = store.ask().report("projects", Query(Zone(""), START)).rows
        assert row["project"] == "-code-my-app-2"


def test_what_grew_and_how_work_went_is_told_of_telemetry_too(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        tools = tuple(
            ToolDone(
                f"toolu_{at}", "s-1", START + at, "Bash", f"req_{at}", "p", "", 40, 400, succeeded=at > 5, duration=7
            )
            for at in (5, 8)
        )
        told(store, "s-1", call("s-1", "req_5", START), call("s-1", "req_8", START + 9, 9_053), tools=tools)
        for table in (store.ask().rot("s-1", Query(Zone(""), START)), store.ask().efficiency(Query(Zone(""), START))):
            assert table.totals is not None
            assert table.totals["costNanos"] == sum(row["costNanos"] for row in table.rows) == store.bill("s-1")
        rows = store.ask().rot("s-1", Query(Zone(""), START)).rows
        assert {row["compactions"] for row in rows} == {None}


def test_of_what_kind_the_work_was_is_unknown_where_nobody_told_of_tools(tmp_path: Path) -> None:
    asked = Event("e1", "s-1", START - 9, "otel/user_prompt", "p", "", "", "", None, None, None, "{}")
    with Books(tmp_path) as store:
        live.keep_events(store.ledger, [asked])
        told(store, "s-1", call("s-1", "req_1", START))
        (kinds, _) = store.ask().efficiency(Query(Zone(""), START)).below
        assert [(row["operation"], row["costNanos"]) for row in kinds.rows] == [("unknown", FIRST)]


def test_the_transcript_replaces_what_telemetry_told(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    _, request = pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    with Books(tmp_path) as store:
        told(store, pen.session, call(pen.session, str(request), tale.at))
        assert store.bill(pen.session) == daily(store) == FIRST
        tale.write(tmp_path)
        store.read()
        assert store.bill(pen.session) == daily(store) == FIRST
        assert {line.basis for line in store.lines(pen.session)} & {"measured"}
        assert verify(store.ledger, store.book) == []


def test_a_rebuild_makes_the_same_bill_of_live_sources(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        told(store, "s-1", call("s-1", "req_1", START))
        before = [(line.cause, line.nanos) for line in store.lines("s-1")]
        assert verify(store.ledger, store.book) == []
        store.rebuild()
        assert [(line.cause, line.nanos) for line in store.lines("s-1")] == before


def test_hooks_and_statusline_alone_give_a_bill_of_the_clients_total(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        ledger = store.ledger
        ledger.begin()
        live.keep_events(ledger, [
            Event("s", "s-1", START, "SessionStart", note='{"source":"startup"}'),
            Event("b", "s-1", START + 1_050, "PreToolUse", tool="Bash", call="toolu_1", size_in=40),
            Event("c", "s-1", START + 3_000, "PostToolUse", tool="Bash", call="toolu_1", size_in=40, size_out=900),
            Event("d", "s-1", START + 5_050, "Stop"),
        ])  # fmt: skip
        live.keep_snapshots(ledger, [
            Snapshot("s-1", START + 1_300, OPUS, nanos=FIRST, context=9_003, uncached=3, output=50, write=9_000, read=0,
                     ttl="5m", cwd="/home/dev/shop"),
            Snapshot("s-1", START + 5_300, OPUS, nanos=FIRST + 5_000_000, context=9_400, uncached=3, output=20,
                     write=344, read=9_053, ttl="5m", cwd="/home/dev/shop"),
        ])  # fmt: skip
        derive_live(ledger, store.book, [ledger.name("s-1")])
        ledger.commit()
        assert store.bill("s-1") == FIRST + 5_000_000 == daily(store)
        assert sum(line.nanos for line in store.lines("s-1")) == FIRST + 5_000_000
        assert "toolu_1" in {line.call for line in store.lines("s-1")}


def test_a_fork_that_found_the_cache_cold_carries_its_parents_calls(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        tool = ToolDone("toolu_1", "s-1", START + 5, "Bash", "req_1", "p", "", 40, 180, succeeded=True, duration=7)
        told(store, "s-1", call("s-1", "req_1", START), call("s-1", "req_2", START + 9, 9_003), tools=(tool,))
        ledger = store.ledger
        ledger.begin()
        live.keep_events(ledger, [Event("s", "s-2", START + 20, "SessionStart", note='{"source":"fork"}')])
        ledger.commit()
        cold = call("s-2", "req_3", START + 30)._replace(write5=9_106 + 50 + 20, nanos=40_000_000)
        told(store, "s-2", cold)
        assert {line.call for line in store.lines("s-2")} >= {"toolu_1"}
        assert store.bill("s-2") == 40_000_000
        assert verify(ledger, store.book) == []


def test_the_window_of_a_session_without_a_transcript_has_its_size_and_nothing_measured(tmp_path: Path) -> None:
    """`lineitem context` was empty for every session that live sources alone told of."""
    with Books(tmp_path) as store:
        tool = ToolDone("toolu_1", "s-1", START + 5, "Bash", "req_1", "p", "", 40, 4_000, succeeded=True, duration=7)
        after = tool._replace(call="toolu_2", at=START + 15, request="req_2", size_out=1_000)
        told(store, "s-1", call("s-1", "req_1", START), call("s-1", "req_2", START + 9, 9_003), tools=(tool, after))
        found = store.ask().context("s-1")
        rows = {row["cause"]: row for row in found.rows}
        assert set(rows) == {"system", "tool/Bash"}
        assert sum(row["tokens"] for row in found.rows) == found.head["contextTokens"]
        waiting = found.head["unmeasuredTokens"]  # what the last tool gave: no request has sent it yet
        assert 100 < waiting < 1_000
        assert found.head["contextTokens"] - waiting == 3 + 100 + 9_003 + 50
        assert found.head["provisional"]
        assert not any(row["measured"] for row in found.rows)
        assert "~" in shown(lambda: print_table(found, {}), 100)[0]


def test_the_window_that_a_statusline_alone_shows_has_its_size(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        ledger = store.ledger
        ledger.begin()
        live.keep_snapshots(ledger, [
            Snapshot("s-1", START + 1_300, OPUS, nanos=FIRST, context=9_003, uncached=3, output=50, write=9_000, read=0,
                     ttl="5m", window=200_000),
            Snapshot("s-2", START, OPUS, nanos=FIRST, context=7_000, window=200_000),
        ])  # fmt: skip
        derive_live(ledger, store.book, [ledger.name("s-1"), ledger.name("s-2")])
        ledger.commit()
        found = store.ask().context("s-1")
        assert (found.head["contextTokens"], found.head["windowTokens"]) == (9_053, 200_000)
        assert not any(row["measured"] for row in found.rows)
        unseen = store.ask().context("s-2")  # a total, and no call: only how full the window is
        assert [(row["cause"], row["tokens"]) for row in unseen.rows] == [("remainder", 7_000)]


def test_unlogged_spend_gets_the_name_of_the_helper_that_telemetry_saw(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    _, request = pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    pen.total("0.050000")
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        helper = call(pen.session, "req_title", tale.at - 1, source="generate_session_title")._replace(nanos=3_000_000)
        live.keep_api_calls(store.ledger, [call(pen.session, str(request), tale.at - 2), helper])
        store.read()
        causes = {line.cause: line.nanos for line in store.lines(pen.session) if line.kind == "unlogged"}
        assert causes == {"unlogged/generate_session_title": 3_000_000, "unlogged": 50_000_000 - FIRST - 3_000_000}


def test_the_live_view_shows_sessions_and_calls(tmp_path: Path) -> None:
    from lineitem.surfaces.watching import live_page

    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "\x1b[2Jls \u202egnp.exe"}}
    pen.answer([block], counts(3, 9_000, 0, 0, 50))
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        store.read()
        store.fold()
        live.keep_events(
            store.ledger, [Event("c", pen.session, tale.at, "PostToolUse", call="toolu_1", duration=1_200)]
        )
        found = store.ask().happening(Query(Zone(""), tale.at + 60_000))
        (row,) = found.calls
        assert (row["toolUseId"], row["waiting"], row["durationMs"]) == ("toolu_1", True, 1_200)
        (session,) = found.sessions
        assert (session["costNanos"], session["contextTokens"]) == (FIRST, 9_003)
        assert found.today == FIRST
        out, _ = shown(lambda: live_page(found, 110, 30).show({}), 110)
    assert "waiting" in out
    assert "$0.05" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_the_live_view_of_an_empty_store_says_what_it_waits_for(tmp_path: Path) -> None:
    from lineitem.surfaces.watching import live_page

    with Books(tmp_path) as store:
        found = store.ask().happening(Query(Zone(""), START))
        out, _ = shown(lambda: live_page(found, 80, 30).show({}), 80)
    assert "No session was active in the last three hours" in out


# -- what went wrong once


def test_the_first_transcript_replaces_provisional_money_of_another_quarter_hour(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    _, request = pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    with Books(tmp_path) as store:
        told(store, pen.session, call(pen.session, str(request), tale.at - 3_600_000)._replace(model=OPUS + "[1m]"))
        tale.write(tmp_path)
        store.read()
        assert store.bill(pen.session) == daily(store) == FIRST
        assert verify(store.ledger, store.book) == []


def test_a_forks_transcript_does_not_shrink_the_bill_of_a_parent_that_has_none(tmp_path: Path) -> None:
    tale = Tale()
    parent = tale.session("parent")
    parent.prompt("go")
    _, request = parent.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    fork = tale.fork(parent, "fork", origin=True)
    fork.answer([{"type": "text", "text": "more"}], counts(3, 60, 0, 9_003, 50))
    del tale.pens[parent.path]
    with Books(tmp_path) as store:
        told(
            store,
            parent.session,
            call(parent.session, str(request), START),
            call(parent.session, "req_2", START + 9, 9_053),
        )
        before = store.bill(parent.session)
        tale.write(tmp_path)
        (tmp_path / "projects" / parent.path).unlink(missing_ok=True)
        store.read()
        assert store.bill(parent.session) == before
        assert verify(store.ledger, store.book) == []


def test_a_reading_that_comes_late_is_no_new_start(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        ledger = store.ledger
        totals = (10_000_000_000, 10_200_000_000, 10_100_000_000, 10_300_000_000)
        ledger.begin()
        live.keep_events(ledger, [Event("s", "s-1", START, "SessionStart", note='{"source":"startup"}')])
        live.keep_snapshots(ledger, [
            Snapshot("s-1", START + 1_000 * place, OPUS, nanos=nanos, uncached=3, output=place, write=9, read=place)
            for place, nanos in enumerate(totals, 1)
        ])  # fmt: skip
        derive_live(ledger, store.book, [ledger.name("s-1")])
        ledger.commit()
        assert store.bill("s-1") == daily(store) == 10_300_000_000
        assert sum(line.nanos for line in store.lines("s-1")) == 10_300_000_000


def test_facts_that_come_after_the_fold_make_it_stale(tmp_path: Path) -> None:
    from lineitem.ledger.inbox import Inbox

    with Books(tmp_path) as store:
        told(store, "s-1", call("s-1", "req_1", START))
        store.fold()
        inbox = Inbox(str(tmp_path / "inbox.sqlite"))
        inbox.add([ToolDone("toolu_1", "s-1", START + 5, "Bash", "req_1", "p", "", 40, 9, succeeded=True, duration=7)])
        inbox.move(store.ledger, store.ask().told_live)
        inbox.close()
        assert "toolu_1" in {line.call for line in store.lines("s-1")}
        assert verify(store.ledger, store.book) == []


def test_one_value_that_no_ledger_can_hold_does_not_hold_up_the_others(tmp_path: Path) -> None:
    from lineitem.ledger.inbox import Inbox, waiting

    with Books(tmp_path) as store:
        inbox = Inbox(str(tmp_path / "inbox.sqlite"))
        bad = call("s-1", "req_0", START)._replace(output=1 << 63)
        inbox.add([bad, call("s-1", "req_1", START)])
        assert inbox.move(store.ledger, store.ask().told_live) == 2
        held = waiting(str(tmp_path / "inbox.sqlite"))
        assert (held and held.values, [slug for slug, _ in inbox.problems]) == (0, ["value-odd"])
        inbox.close()
        assert store.bill("s-1") == FIRST


def test_a_live_session_is_priced_again_with_a_new_price_book(tmp_path: Path) -> None:
    from lineitem.pipeline.rebuilding import refresh_derivation
    from lineitem.pricing.book import PriceBook

    with Books(tmp_path) as store:
        told(store, "s-1", call("s-1", "req_1", START)._replace(nanos=None))
        half = PriceBook({"multiplier": "0.5"})
        assert refresh_derivation(store.ledger, half)
        store.book = half
        assert store.bill("s-1") == daily(store) == FIRST // 2
        assert verify(store.ledger, half) == []

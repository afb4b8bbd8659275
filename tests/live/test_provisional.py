"""What no transcript confirms yet is in every report, and marked in all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lineitem.core.live import ApiCall, Event, Snapshot
from lineitem.core.periods import Zone
from lineitem.core.scopes import Scope, parse
from lineitem.ledger import live, manual
from lineitem.ledger.store import Ledger
from lineitem.pipeline.live import derive_live
from lineitem.pricing.book import PriceBook
from lineitem.reports.query import Query
from lineitem.surfaces.cli import main
from lineitem.surfaces.text import print_session, print_table
from lineitem.wiring import Lineitem
from tests.surfaces.answers import shown
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, START, Tale, counts

#: 3 uncached, 9,000 written, 50 out on Opus 5.5.
COST = 46_012_000
HOUR = 3_600_000
OVER_TIME, BLOCKS = ("daily", "weekly", "monthly", "session"), ("blocks",)
ROLLED_UP = ("models", "branches", "skills", "projects", "tools", "mcp", "agents", "prompts")


def keep(ledger: Ledger, session: str = "live-1", model: str = OPUS, at: int = START + HOUR) -> None:
    """One API call that telemetry told of."""
    ledger.begin()
    price = COST if model == OPUS else None
    told = ApiCall(f"req-{session}", session, at, f"req-{session}", model, "repl_main_thread", "", "p", 3, 50, 9_000, 0,
                   0, price)  # fmt: skip
    live.keep_api_calls(ledger, [told])
    derive_live(ledger, PriceBook(None), [ledger.name(session)])
    ledger.commit()


def transcript(folder: Path) -> Path:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    return tale.write(folder)


@pytest.fixture
def both(tmp_path: Path) -> Any:
    """A store with a transcript, and an hour later a session without one."""
    with Books(transcript(tmp_path)) as store:
        store.read()
        keep(store.ledger)
        store.fold()
        yield store


@pytest.mark.parametrize("name", [*OVER_TIME, *BLOCKS, *ROLLED_UP])
def test_a_session_without_a_transcript_is_in_every_report(both: Books, name: str) -> None:
    table = both.ask().report(name, Query(Zone("UTC"), START))
    assert table.totals is not None
    assert sum(row["costNanos"] for row in table.rows) == table.totals["costNanos"] == 2 * COST
    assert sum(row["provisionalNanos"] for row in table.rows) == table.totals["provisionalNanos"] == COST
    assert table.totals["provisional"] is True
    assert all(row["provisional"] is (row["provisionalNanos"] > 0) for row in table.rows)


def test_its_model_is_known_and_its_branch_is_not(both: Books) -> None:
    ask = both.ask()
    (model,) = ask.report("models", Query(Zone("UTC"), START)).rows
    assert (model["model"], model["requests"], model["totalTokens"]) == (OPUS, 2, 2 * 9_053)
    branches = ask.report("branches", Query(Zone("UTC"), START)).rows
    assert {row["branch"]: row["provisional"] for row in branches} == {"main": False, "(no branch)": True}


def test_a_report_of_transcripts_alone_is_not_marked(tmp_path: Path) -> None:
    with Books(transcript(tmp_path)) as store:
        store.read()
        for name in (*OVER_TIME, *BLOCKS, *ROLLED_UP):
            table = store.ask().report(name, Query(Zone("UTC"), START))
            assert not any(row["provisional"] for row in [*table.rows, table.totals]), name
            assert "provisional" not in table.notes


def test_the_transcript_takes_the_mark_away(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        tale = Tale()
        pen = tale.session()
        keep(store.ledger, pen.session)
        assert store.ask().report("session", Query(Zone("UTC"), START)).rows[0]["provisional"] is True
        assert store.ask().session(pen.session, Query(Zone("UTC"), START)).json()["provisional"] is True
        pen.prompt("go")
        pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
        tale.write(tmp_path)
        store.read()
        assert store.ask().report("session", Query(Zone("UTC"), START)).rows[0]["provisional"] is False
        assert store.ask().session(pen.session, Query(Zone("UTC"), START)).json()["provisional"] is False


@pytest.mark.parametrize("name", ["daily", "session", *BLOCKS, *ROLLED_UP])
def test_no_report_takes_what_has_no_price_for_free(tmp_path: Path, name: str) -> None:
    """Sums of rollups and blocks looked whole where a part had no price."""
    with Books(transcript(tmp_path)) as store:
        store.read()
        keep(store.ledger, model="claude-unheard-of-9")
        table = store.ask().report(name, Query(Zone("UTC"), START))
        assert table.totals is not None
        assert table.totals["unpricedModels"] == ["claude-unheard-of-9"]
        assert "unpriced" in table.notes
        out, _ = shown(lambda: print_table(table, {}), 100)
        total = next(line for line in out.splitlines() if line.startswith(" Total"))
        assert total.split()[-1].replace("~", "").startswith("≥$0.0")


def test_what_is_unlogged_and_what_has_no_model_are_told_apart(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        keep(store.ledger, model="")
        (row,) = store.ask().report("models", Query(Zone("UTC"), START)).rows
        assert row["model"] == "(no model)"


def test_a_bill_without_any_price_is_called_unpriced(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        keep(store.ledger, model="claude-unheard-of-9")
        bill = store.ask().session("live-1", Query(Zone("UTC"), START))
        out, _ = shown(lambda: print_session(bill, {}), 100)
    assert out.splitlines()[0].endswith("unpriced")
    assert "0 prompts" not in out
    assert "wrote no total" not in out


def test_a_live_session_stands_as_its_statusline_told(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        ledger, session = store.ledger, "live-1"
        ledger.begin()
        live.keep_events(ledger, [Event("s", session, START, "SessionStart")])
        live.keep_snapshots(ledger, [
            Snapshot(session, START + 1_300, OPUS, nanos=COST, context=90_003, window=200_000, uncached=3, output=50,
                     write=9_000, read=81_000),
        ])  # fmt: skip
        derive_live(ledger, store.book, [ledger.name(session)])
        ledger.commit()
        ask = store.ask()
        (row,) = ask.standing("", Query(Zone("UTC"), START + 60_000)).rows
        assert (row["contextTokens"], row["windowTokens"], row["level"], row["model"]) == (
            90_003,
            200_000,
            "yellow",
            OPUS,
        )
        (shows,) = ask.happening(Query(Zone("UTC"), START + 60_000)).sessions
        assert (shows["contextTokens"], shows["model"], shows["provisional"]) == (90_003, OPUS, True)


def test_what_has_no_price_is_provisional_all_the_same(tmp_path: Path) -> None:
    with Books(tmp_path) as store:
        keep(store.ledger, model="claude-unheard-of-9")
        (row,) = store.ask().report("daily", Query(Zone("UTC"), START)).rows
        assert (row["provisional"], row["provisionalNanos"], row["unpricedTokens"]) == (True, 0, 9_053)


# -- as a person sees it


@pytest.fixture
def mine(home: Path) -> Lineitem:
    """The same two sessions in one's own store."""
    transcript(home / ".claude")
    lineitem = Lineitem()
    keep(lineitem.ledger)
    lineitem.close()
    return lineitem


def drawn(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("name", ["daily", "weekly", "monthly", "session", "blocks", "models", "tools", "bill"])
def test_tables_mark_it_and_say_what_the_mark_means(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = drawn(capsys, name)
    assert "~$0.09" in out
    assert "~ is provisional" in out


@pytest.mark.usefixtures("mine")
def test_the_bill_of_such_a_session_says_it_first_and_last(capsys: pytest.CaptureFixture[str]) -> None:
    out = drawn(capsys, "session", "live-1")
    assert "~$0.046" in out
    assert "Provisional: no transcript of this session was read." in out


@pytest.mark.usefixtures("mine")
def test_the_bill_says_how_much_of_it_may_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(drawn(capsys, "bill", "--json"))["provisionalNanos"] == COST
    assert json.loads(drawn(capsys, "bill", "--json", "--since", "2026-11-03"))["costNanos"] == 0
    assert "provisionalNanos" not in json.loads(drawn(capsys, "bill", "--json", "--since", "2026-11-03"))


def test_a_store_of_live_sessions_alone_is_not_empty(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`lineitem` said that it waited for transcripts, and showed the example."""
    assert home.exists()
    lineitem = Lineitem()
    keep(lineitem.ledger)
    lineitem.close()
    assert main([]) == 0
    shown = capsys.readouterr()
    assert "The last seven days with usage" in shown.err
    assert "2026-11-02" in shown.out


def test_a_snapshot_alone_is_no_bill_and_needs_no_mark(tmp_path: Path) -> None:
    with Books(transcript(tmp_path)) as store:
        store.read()
        store.ledger.begin()
        live.keep_snapshots(store.ledger, [Snapshot("live-2", START)])
        derive_live(store.ledger, store.book, [store.ledger.name("live-2")])
        store.ledger.commit()
        table = store.ask().report("daily", Query(Zone("UTC"), START))
        assert [row["provisional"] for row in table.rows] == [False]


@pytest.mark.parametrize("live_too", [False, True])
def test_the_unread_parent_of_a_fork_is_in_every_cut_once(tmp_path: Path, live_too: bool) -> None:
    """Of its requests the fork's transcript shows those it copied; of the rest, telemetry or nothing tells."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50), message="msg_1", request="req_1")
    child = tale.fork(pen, "child", origin=True)
    child.prompt("on")
    child.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50), message="msg_2", request="req_2")
    tale.write(tmp_path)
    (tmp_path / "projects" / pen.path).unlink()
    with Books(tmp_path) as store:
        store.read()
        if live_too:
            store.ledger.begin()
            told = [ApiCall(f"req_{number}", pen.session, START + number, f"req_{number}", OPUS, "repl_main_thread", "",
                            "p", 3, 50, 9_000, 0, 0, COST) for number in (1, 7)]  # fmt: skip
            live.keep_api_calls(store.ledger, told)
            derive_live(store.ledger, PriceBook(None), [store.ledger.name(pen.session)])
            store.ledger.commit()
        store.fold()
        asked = store.ask()
        spending = asked.limits.spending()
        whole = spending.total(Scope(), 0, 1 << 50)
        table = asked.report("daily", Query(Zone("UTC"), START))
        assert whole.nanos == (table.totals or {})["costNanos"] == (3 if live_too else 2) * COST
        for terms in ("branch=*", "skill=*", "model=*", "session=*", "project=*"):
            cut = spending.total(parse([terms]), 0, 1 << 50)
            assert cut.nanos == whole.nanos, terms
        projects = [row[0] for row in store.rows("select text from name where id in (select project from session)")]
        assert sum(row[8] for row in manual.spent(store.ledger, projects, 0, 1 << 50)) == whole.nanos

"""Nothing is lost and nothing is counted twice: every way of adding up gives the same bill."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.live import ApiCall, Snapshot
from lineitem.core.periods import QUARTER_MS, Zone
from lineitem.ledger import live, questions
from lineitem.pipeline.live import derive_live
from lineitem.reports.itemised import Item, itemised
from lineitem.reports.query import Query
from tests.laws.examples import examples
from tests.laws.histories import MODELS, history
from tests.telling.stores import Books
from tests.telling.transcripts import START

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineitem.reports.tree import Node

histories = st.binary(min_size=60, max_size=240)
#: What a person may pay: list price, a discount, rates of their own for one model.
prices = st.sampled_from(
    [
        None,
        {"multiplier": "0.87"},
        {"multiplier": "1.0373"},
        {"models": {"nobody-knows-me": {"input": "0.37", "output": "1.11"}}},
    ]
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"])
NOW = 1_800_000_000_000


def books(choices: bytes, folder: Path, given_prices: object) -> Books:
    history(choices).write(folder)
    made = Books(folder, prices=given_prices)  # type: ignore[arg-type]
    made.read()
    made.fold()
    return made


def below(node: Node) -> int:
    """Checks every node of a tree; the total."""
    assert node.total == node.own + sum(below(child) for child in node.children.values())
    return node.total


def items(above: Item) -> Iterator[Item]:
    """All nodes below one."""
    for child in above.items():
        yield child
        yield from items(child)


@given(histories, prices)
@examples(60)
def test_line_items_sum_to_the_bill_by_session_thread_class_and_tree(choices: bytes, given_prices: object) -> None:
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place), given_prices) as store:
        spent: dict[tuple[str, str], list[int]] = {}
        for _, session, thread, uncached, write5, write1, read, output, nanos in store.requests():
            sums = spent.setdefault((session, thread), [0] * 6)
            for index, count in enumerate((uncached, write5, write1, read, output, nanos or 0)):
                sums[index] += count
        for session in store.sessions():
            lines = store.lines(session)
            number = store.number(session)
            ((logged, unlogged),) = store.rows("select logged, unlogged from session where session = ?", number)
            assert sum(line.nanos for line in lines) == logged + unlogged
            assert logged == sum(sums[5] for (owner, _), sums in spent.items() if owner == session)
            for line in lines:
                assert min(line.tokens) >= 0
                parts = (line.g_nanos, line.i_nanos, line.c_nanos, line.r_nanos, line.s_nanos)
                assert min(parts) >= 0 or line.kind == "unlogged"
            for thread in {line.thread for line in lines}:
                beyond = unlogged if not thread else 0
                own = [line for line in lines if line.thread == thread]
                sums = spent.get((session, thread), [0] * 6)
                assert sum(line.nanos for line in own) == sums[5] + beyond
                tokens = [sum(line.tokens[index] for line in own) for index in range(5)]
                if any(
                    line.kind == "compaction" and line.g_output for line in own
                ):  # its hidden request is billed with it
                    assert all(billed >= sent for billed, sent in zip(tokens, sums, strict=False))
                else:
                    assert tokens == sums[:5]
            tree = itemised(lines, questions.agents(store.ledger, (number,)))
            assert below(tree) == sum(line.nanos for line in lines)
            walked = list(items(tree))
            assert sum(item.own for item in walked) == tree.total
            assert tree.tokens == [sum(line.tokens[index] for line in lines) for index in range(5)]
            calls = {(line.thread, line.call) for line in lines if line.call}
            assert sorted((item.thread, item.call) for item in walked if item.call) == sorted(calls)
            for thread in {line.thread for line in lines}:
                owned = sum(item.own for item in walked if item.thread == thread)
                assert owned == sum(line.nanos for line in lines if line.thread == thread)
        query = Query(Zone("UTC"), NOW)
        whole = sum(store.bill(session) for session in store.sessions())
        assert below(store.ask().bill(query).root) == whole


@given(histories, zones, st.lists(st.integers(0, 100), min_size=1, max_size=3))
@examples(60)
def test_every_report_sums_to_the_same_bill_and_ranges_partition_it(choices: bytes, zone: str, cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place), None) as store:
        ask = store.ask()
        whole = sum(store.bill(session) for session in store.sessions())
        for name in ("hourly", "daily", "weekly", "monthly", "session", "projects", "models", "branches", "skills",
                     "tools", "mcp", "agents", "prompts"):  # fmt: skip
            table = ask.report(name, Query(Zone(zone), NOW))
            assert sum(row["costNanos"] for row in table.rows) == whole, name
            assert table.totals is not None
            assert table.totals["costNanos"] == whole, name
        for session in store.sessions():
            grown = ask.rot(session, Query(Zone(zone), NOW))
            assert sum(row["costNanos"] for row in grown.rows) == store.bill(session)
        for call in ask.report("calls", Query(Zone(zone), NOW)).rows:
            assert min(call["tokens"].values()) >= 0
            assert call["selfNanos"] == (
                call["generateNanos"] + call["ingestNanos"] + call["carryNanos"] + call["searchNanos"]
            )
            assert call["totalNanos"] == call["selfNanos"] + call["subtreeNanos"]
        ends = store.rows(
            "select min(at), max(at) from (select at from request where counted union select at from run)"
        )[0]
        if ends[0] is None:
            return
        first = ends[0] // QUARTER_MS * QUARTER_MS
        wide = ends[1] - first + QUARTER_MS
        edges = sorted({first + wide * cut // 100 // QUARTER_MS * QUARTER_MS for cut in cuts})
        bounds = [0, *edges, 1 << 62]
        billed = 0
        for since, until in itertools.pairwise(bounds):
            query = Query(Zone(zone), NOW)
            query.since, query.until = since, until
            days = ask.report("daily", query)
            assert days.totals is not None
            lines = sum(line.nanos for line in ask.lines(query))
            assert lines == days.totals["costNanos"] == sum(row["costNanos"] for row in days.rows)
            billed += lines
            told = [ask.rot("", query), ask.efficiency(query)]
            query.options = {"by": "model"}
            told.append(ask.efficiency(query))
            for table in told:
                sums = [table.rows, *(inner.rows for inner in table.below if inner.key != "positions")]
                assert all(sum(row["costNanos"] for row in rows) == lines for rows in sums if rows), table.key
                assert table.totals is not None
                assert table.totals["costNanos"] == lines
        assert billed == whole


@st.composite
def told(draw: st.DrawFn) -> list[ApiCall | Snapshot]:
    """What live sources told of sessions without a transcript, within two days."""
    found: list[ApiCall | Snapshot] = []
    for number in range(draw(st.integers(0, 12))):
        session = draw(st.sampled_from(("live-1", "live-2", "live-3")))
        at = START + draw(st.integers(0, 2 * 86_400_000))
        uncached, output, write5, write1, read = (draw(st.integers(0, 90_000)) for _ in range(5))
        model, nanos = draw(st.sampled_from(MODELS)), draw(st.none() | st.integers(0, 10**10))
        if draw(st.booleans()):
            source = draw(st.sampled_from(("repl_main_thread", "compact", "generate_session_title", "agent:Explore")))
            agent, key = "a1" if source.startswith("agent") else "", f"r{number}"
            call = ApiCall(
                key, session, at, key, model, source, agent, "p", uncached, output, write5, write1, read, nanos
            )
            found.append(call)
        else:
            window = uncached + write5 + read
            found.append(Snapshot(session, at, model, "p", nanos, None, window, None, uncached, output, write5, read))
    return found


@given(histories, told(), zones, st.integers(0, 100))
@examples(40)
def test_sessions_without_a_transcript_are_in_every_report_alike(
    choices: bytes, sightings: list[ApiCall | Snapshot], zone: str, cut: int
) -> None:
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place), None) as store:
        ledger = store.ledger
        ledger.begin()
        live.keep_api_calls(ledger, [each for each in sightings if isinstance(each, ApiCall)])
        live.keep_snapshots(ledger, [each for each in sightings if isinstance(each, Snapshot)])
        derive_live(ledger, store.book, ledger.live_sessions())
        ledger.commit()
        store.fold()
        ask = store.ask()
        middle = (START + 2 * 86_400_000 * cut // 100) // QUARTER_MS * QUARTER_MS
        for since, until in (0, 1 << 62), (0, middle), (middle, 1 << 62):

            def totals(name: str, since: int = since, until: int = until) -> tuple[int, int]:
                query = Query(Zone(zone), NOW)
                query.since, query.until = since, until
                table = ask.report(name, query)
                assert table.totals is not None
                for key in ("costNanos", "provisionalNanos"):
                    assert sum(row[key] for row in table.rows) == table.totals[key], (name, key)
                return table.totals["costNanos"], table.totals["provisionalNanos"]

            whole = totals("daily")
            for name in ("weekly", "monthly", "session", "projects", "models", "branches", "skills", "tools", "mcp",
                         "agents", "prompts"):  # fmt: skip
                assert totals(name) == whole, name
            query = Query(Zone(zone), NOW)
            query.since, query.until = since, until
            tree = ask.bill(query)
            assert (below(tree.root), tree.head.get("provisionalNanos", 0)) == whole


@given(histories, prices)
@examples(25)
def test_a_bill_as_text_is_the_bill(choices: bytes, given_prices: object) -> None:
    """The fast form of a long session's JSON says the same, key by key in the same order."""
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place), given_prices) as store:
        for session in store.sessions():
            bill = store.ask().session(session, Query(Zone("UTC"), NOW))
            assert json.dumps(json.loads(bill.text())) == json.dumps(bill.json())

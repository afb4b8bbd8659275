"""Nothing is lost and nothing is counted twice: every way of adding up gives the same bill."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.periods import QUARTER_MS, Zone
from lineitem.reports.query import Query
from tests.laws.examples import examples
from tests.laws.histories import history
from tests.telling.stores import Books

if TYPE_CHECKING:
    from lineitem.reports.shapes import Node

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
        query = Query(Zone("UTC"), NOW)
        whole = sum(store.bill(session) for session in store.sessions())
        assert below(store.ask().bill(query).root) == whole


@given(histories, zones, st.lists(st.integers(0, 100), min_size=1, max_size=3))
@examples(60)
def test_every_report_sums_to_the_same_bill_and_ranges_partition_it(choices: bytes, zone: str, cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place), None) as store:
        ask = store.ask()
        whole = sum(store.bill(session) for session in store.sessions())
        for name in ("daily", "weekly", "monthly", "session", "projects", "models", "branches", "skills", "tools",
                     "mcp", "agents", "prompts"):  # fmt: skip
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


@given(histories, prices)
@examples(25)
def test_a_bill_as_text_is_the_bill(choices: bytes, given_prices: object) -> None:
    """The fast form of a long session's JSON says the same, key by key in the same order."""
    with tempfile.TemporaryDirectory() as place, books(choices, Path(place), given_prices) as store:
        for session in store.sessions():
            bill = store.ask().session(session, Query(Zone("UTC"), NOW))
            assert json.dumps(json.loads(bill.text())) == json.dumps(bill.json())

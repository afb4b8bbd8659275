"""What grew and how work went, of sessions without a transcript: whatever live sources said, it sums to the bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from lineitem.core.periods import Zone
from lineitem.ledger import live
from lineitem.pipeline.live import derive_live
from lineitem.reports.query import Query
from tests.laws.examples import examples
from tests.telemetry.sessions import SESSION, api_calls, hook_events, live_events, readings, tools_done
from tests.telling.stores import Books

if TYPE_CHECKING:
    from lineitem.core.live import ApiCall, Event, Snapshot, ToolDone


def told(calls: list[ApiCall], tools: list[ToolDone], events: list[Event], seen: list[Snapshot]) -> None:
    """Every table sums to the bill of the day."""
    with Books() as store:
        ledger = store.ledger
        ledger.begin()
        live.keep_api_calls(ledger, calls)
        live.keep_tools_done(ledger, tools)
        live.keep_events(ledger, events)
        live.keep_snapshots(ledger, seen)
        derive_live(ledger, store.book, [ledger.name(SESSION)])
        ledger.commit()
        ask = store.ask()
        days = ask.report("daily", Query(Zone("UTC"), 9_000)).totals
        assert days is not None
        found = [ask.efficiency(Query(Zone("UTC"), 9_000)), ask.rot("", Query(Zone("UTC"), 9_000))]
        if ledger.has_requests() or store.sessions():
            found.append(ask.rot(SESSION, Query(Zone("UTC"), 9_000)))
        for table in found:
            assert sum(row["costNanos"] for row in table.rows) == days["costNanos"] == store_bill(store)
            for inner in table.below:
                if inner.key in ("operations", "models"):
                    assert sum(row["costNanos"] for row in inner.rows) == days["costNanos"]


def store_bill(store: Books) -> int:
    return sum(store.bill(session) for session in store.sessions())


@given(api_calls(), tools_done(), live_events())
@examples(40)
def test_of_telemetry(calls: list[ApiCall], tools: list[ToolDone], events: list[Event]) -> None:
    told(calls, tools, events, [])


@given(readings(rising=True) | readings(rising=False), hook_events())
@examples(40)
def test_of_hooks_and_statusline(seen: list[Snapshot], events: list[Event]) -> None:
    told([], [], events, seen)

"""Advice over any history: what is saved is no more than what was paid, session by session, and may be added up."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lineitem.advising import search
from lineitem.core.periods import Zone
from lineitem.ledger import savings
from lineitem.reports.query import Query
from tests.laws.examples import examples
from tests.laws.histories import history
from tests.telling.stores import Books

NOW = 1_800_000_000_000


@given(st.binary(min_size=60, max_size=240))
@examples(60)
def test_what_is_saved_is_no_more_than_what_was_paid(choices: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        history(choices).write(Path(place))
        with Books(place) as store:
            store.read()
            document = store.ask().advice(Query(Zone("UTC"), NOW)).json()
            bills = {number: nanos for number, _, _, _, nanos in savings.sessions(store.ledger)}
            gained: dict[int, int] = {}
            for session, _, _, _, nanos, *_ in savings.savings(store.ledger):
                gained[session] = gained.get(session, 0) + max(0, nanos)
            assert all(nanos <= max(0, bills[session]) for session, nanos in gained.items())
            assert document["totals"]["savedNanos"] == sum(row["savedNanos"] for row in document["advice"])
            assert document["totals"]["savedNanos"] <= document["costNanos"] == sum(bills.values())
            for row in document["advice"]:
                if row["id"]:
                    found = store.ask().advice(Query(Zone("UTC"), NOW), row["id"]).json()
                    assert found["totals"]["savedNanos"] == row["savedNanos"]
                    assert found["savedNanos"] == row["savedNanos"]


@given(st.binary(min_size=60, max_size=160))
@examples(25)
def test_looking_again_finds_the_same(choices: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        history(choices).write(Path(place))
        with Books(place) as store:
            store.read()
            store.fold()
            search(store.ledger, store.book, NOW)
            once = sorted(store.rows("select * from saving"))
            assert search(store.ledger, store.book, NOW) == 0
            store.rebuild()
            assert store.rows("select * from saving") == []
            search(store.ledger, store.book, NOW)
            again = store.rows("select n.text, kind, subject, nanos from saving join name n on n.id = session")
            names = dict(store.rows("select id, text from name"))
            if not store.rows("select 1 from state where key like 'weights/%'"):  # else estimates moved
                assert sorted(again) == sorted((names[row[0]], row[1], row[2], row[4]) for row in once)

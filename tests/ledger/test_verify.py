"""`verify` finds any change of what is derived, and changes nothing itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineitem.ledger.schema import DERIVED
from lineitem.pipeline.rebuilding import verify
from tests.laws.histories import history
from tests.telling.digests import agree, everything
from tests.telling.stores import Books

#: Choices of a history with forks, agents, totals, prompts and misses in it.
RICH = bytes((17 * step + step * step // 7) % 256 for step in range(900))


@pytest.fixture
def store(tmp_path: Path) -> Books:
    """A store with rows in every derived table."""
    made = Books(history(RICH).write(tmp_path / "config"), db=tmp_path / "store.sqlite")
    made.read()
    made.fold()
    for table in DERIVED:
        assert made.rows(f"select count(*) from {table}")[0][0], f"nothing in {table}: the history is too plain"
    return made


def test_a_store_that_is_right_differs_in_nothing_and_stays_as_it_is(store: Books) -> None:
    before = everything(store.ledger)
    assert verify(store.ledger, store.book) == []
    agree(before, everything(store.ledger))
    assert store.ledger.stale_sessions() == []


TAMPERED = {
    "request": "update request set output = output + 1 where rowid_mid = (select min(mid) from request)",
    "copy": "delete from copy where mid = (select min(mid) from copy)",
    "session": "update session set unlogged = unlogged + 1 where session = (select min(session) from session)",
    "usage": "update usage set nanos = nanos + 1 where quarter = (select min(quarter) from usage)",
    "run": "update run set reported = reported + 1 where ordinal = 0",
    "item": "update item set i_nanos = i_nanos + 1 where ordinal = 0",
    "miss": "update miss set tokens = tokens + 1",
    "prompt": "update prompt set requests = requests + 1 where ordinal = 1",
    "agent": "update agent set type = 'another'",
}


@pytest.mark.parametrize("table", DERIVED)
def test_a_figure_that_was_changed_is_found(store: Books, table: str) -> None:
    store.ledger.db.run(TAMPERED[table].replace("rowid_mid", "mid"))
    assert table in verify(store.ledger, store.book)


@pytest.mark.parametrize("table", DERIVED)
def test_a_row_that_was_taken_away_is_found_and_brought_back(store: Books, table: str) -> None:
    before = everything(store.ledger)
    store.ledger.db.run(f"delete from {table}")
    assert table in verify(store.ledger, store.book)
    store.rebuild()
    assert verify(store.ledger, store.book) == []
    agree(before, everything(store.ledger))

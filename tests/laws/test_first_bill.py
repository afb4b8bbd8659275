"""The first bill, added up while line items are made, is the bill that the store tells afterwards."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.periods import Zone
from lineitem.ledger import questions
from lineitem.pipeline import folding
from lineitem.reports.query import Query
from lineitem.wiring import Lineitem
from tests.laws.examples import examples
from tests.laws.histories import history
from tests.telling.stores import Books
from tests.telling.transcripts import Tale, counts

histories = st.binary(min_size=40, max_size=200)
NOW = 1_800_000_000_000


def asked(ask: Lineitem) -> str:
    return json.dumps(ask.bill(Query(Zone("UTC"), NOW)).json())


@given(histories)
@examples(100)
def test_the_first_bill_is_every_later_one(choices: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history(choices).write(Path(folder))
        with Books(folder) as store:
            store.read()
            first = asked(store.ask())
            assert questions.folded_sessions(store.ledger) == len(store.sessions())
            assert asked(store.ask()) == first


def one(folder: Path, name: str) -> None:
    tale = Tale(name)
    pen = tale.session(name)
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(100, output=10))
    tale.write(folder)


def test_what_others_make_of_another_session_meanwhile_is_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claude, db = tmp_path / "claude", tmp_path / "store.db"
    one(claude, "first")
    lineitem = Lineitem(str(db), [str(claude)])
    lineitem.refresh()
    real = folding.fold_stale

    def late(*args: Any, **named: Any) -> int:
        monkeypatch.undo()
        one(claude, "second")
        with Books(claude, db=db) as others:
            others.read()
            others.fold()
        return real(*args, **named)

    monkeypatch.setattr(folding, "fold_stale", late)
    first = asked(lineitem)
    assert first == asked(lineitem)
    assert json.loads(first)["tree"]["totalNanos"] == sum(
        row[0] for row in lineitem.ledger.db.rows("select logged + unlogged from session")
    )
    lineitem.close()

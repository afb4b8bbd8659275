"""A model without a price: every bill says so, none passes it off as free."""

from __future__ import annotations

from pathlib import Path

from lineitem.core.periods import Zone
from lineitem.reports.query import Query
from tests.telling.stores import Books
from tests.telling.transcripts import Tale, counts


def told(folder: Path, model: str) -> str:
    """A session with one answer of this model; its id."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50), model=model)
    tale.write(folder)
    return pen.session


def test_the_tree_names_the_models_without_a_price(tmp_path: Path) -> None:
    session = told(tmp_path, "claude-nobody-9")
    with Books(tmp_path) as store:
        store.read()
        for wanted in ("", session):
            asked = Query(Zone("UTC"), 1_800_000_000_000)
            asked.session = wanted
            tree = store.ask().bill(asked)
            assert tree.json()["unpricedModels"] == ["claude-nobody-9"]
            assert tree.notes == ["unpriced"]
            assert tree.root.total == 0
            assert sum(tree.root.tokens) == 9_053


def test_the_tree_of_priced_models_names_none(tmp_path: Path) -> None:
    told(tmp_path, "claude-opus-5-5")
    with Books(tmp_path) as store:
        store.read()
        tree = store.ask().bill(Query(Zone("UTC"), 1_800_000_000_000))
        assert "unpricedModels" not in tree.json()
        assert tree.notes == []

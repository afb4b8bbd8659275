"""What is read together is of one moment, whatever others write meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineitem.core.periods import Zone
from lineitem.ledger.sqlite import Database
from lineitem.ledger.store import Ledger
from lineitem.reports.query import Query
from lineitem.server.collector import scraped
from lineitem.wiring import Lineitem
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, Tale, counts

NOW = 1_790_000_000_000


def told(folder: Path, name: str) -> None:
    tale = Tale(name)
    pen = tale.session(name)
    pen.prompt("go")
    pen.answer([{"type": "tool_use", "id": f"toolu_{name}", "name": "Bash", "input": {"command": "ls"}}],
               counts(100, output=10), model=OPUS)  # fmt: skip
    pen.result(f"toolu_{name}", "a.py")
    pen.answer([{"type": "text", "text": "done"}], counts(200, output=10), model=OPUS)
    pen.total("0.5")  # the client says it cost more
    tale.write(folder)


class Others:
    """Somebody else who writes to the store: a session beside each of the first statements that are asked here."""

    def __init__(self, folder: Path, db: Path) -> None:
        self.folder, self.db, self.written = folder, db, 0

    def write(self) -> None:
        self.written += 1
        told(self.folder, f"late{self.written}")
        with Books(self.folder, db=self.db) as books:
            books.read()
            books.fold()

    def meddle(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real, busy = Database.rows, [False]

        def rows(database: Database, sql: str, given: Any = None) -> Any:
            found = list(real(database, sql, given))
            if not busy[0] and self.written < 3:
                busy[0] = True
                self.write()
                busy[0] = False
            return iter(found)

        monkeypatch.setattr(Database, "rows", rows)


def query() -> Query:
    return Query(Zone("UTC"), NOW)


def table(name: str) -> Callable[[Lineitem], Any]:
    return lambda lineitem: lineitem.report(name, query()).json()


ASKED: dict[str, Callable[[Lineitem], Any]] = {
    "bill": lambda lineitem: lineitem.bill(query()).json(),
    "metrics": lambda lineitem: lineitem.metrics(query()),
    "explore": lambda lineitem: lineitem.explore(query()).json(),
    "whatif": lambda lineitem: lineitem.whatif("", query()).json(),
    "efficiency": lambda lineitem: lineitem.efficiency(query()).json(),
    **{
        name: table(name)
        for name in ("daily", "session", "blocks", "check", "calls", "tools", "prompts", "projects", "models")
    },
}


@pytest.mark.parametrize("name", ASKED)
def test_the_figures_of_an_answer_agree_while_others_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder, db = tmp_path / "claude", tmp_path / "store.db"
    others = Others(folder, db)
    others.write()
    lineitem = Lineitem(str(db), [str(folder)])
    before = ASKED[name](lineitem)
    others.meddle(monkeypatch)
    assert ASKED[name](lineitem) == before
    monkeypatch.undo()
    assert others.written == 3
    assert ASKED[name](lineitem) != before
    lineitem.close()


def test_a_scrape_is_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, db = tmp_path / "claude", tmp_path / "store.db"
    others = Others(folder, db)
    others.write()
    before = scraped(str(db))
    others.meddle(monkeypatch)
    assert scraped(str(db)) == before
    monkeypatch.undo()
    assert scraped(str(db)) != before


def undone(ledger: Ledger) -> None:
    with ledger.transaction():
        ledger.name("undone")
        raise KeyboardInterrupt


def test_who_reads_one_moment_may_write_and_then_sees_what_was_written(tmp_path: Path) -> None:
    db = str(tmp_path / "store.db")
    ledger, other = Ledger(db), Ledger(db)
    with ledger.moment():
        assert ledger.find_name("theirs") is None
        with other.transaction():
            other.name("theirs")
        assert ledger.find_name("theirs") is None
        with ledger.transaction():
            ledger.name("ours")
        assert ledger.find_name("theirs") is not None
        with other.transaction():
            other.name("later")
        assert ledger.find_name("later") is None
        with pytest.raises(KeyboardInterrupt):
            undone(ledger)
        assert ledger.find_name("undone") is None
        assert ledger.find_name("later") is not None
    assert other.find_name("ours") is not None
    assert not ledger.db.connection.in_transaction
    ledger.close()
    other.close()

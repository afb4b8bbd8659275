"""A store that tests read transcripts into, through the real pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from lineitem.ledger.store import Ledger
from lineitem.pipeline.folding import fold_stale
from lineitem.pipeline.intake import Intake
from lineitem.pipeline.rebuilding import rebuild
from lineitem.pricing.book import PriceBook
from lineitem.reports.lines import Line
from lineitem.wiring import Lineitem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Books:
    """A ledger and a price book. `read` takes in what is new below the folders and keeps it."""

    def __init__(
        self, *folders: Path | str, db: Path | str = ":memory:", prices: Mapping[str, object] | None = None
    ) -> None:
        self.folders = [str(folder) for folder in folders]
        self.book = PriceBook(prices)
        self.ledger = Ledger(str(db))
        self.problems: list[tuple[str, str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()

    def read(self) -> Intake:
        """What is new, read and kept."""
        intake = Intake(self.ledger, self.book)
        if intake.look(self.folders):
            intake.take_in()
        self.problems = intake.problems
        return intake

    def fold(self) -> None:
        fold_stale(self.ledger, self.book)

    def rebuild(self) -> None:
        rebuild(self.ledger, self.book)
        self.fold()

    def rows(self, sql: str, *given: object) -> list[Any]:
        return list(self.ledger.db.rows(sql, given))

    def number(self, session: str) -> int:
        found = self.ledger.find_name(session)
        assert found is not None, f"no session {session}"
        return found

    def sessions(self) -> list[str]:
        return [row[0] for row in self.rows("select n.text from session s join name n on n.id = s.session order by 1")]

    def lines(self, session: str = "") -> list[Line]:
        """The line items kept."""
        from lineitem.ledger import questions

        self.fold()
        names = self.ledger.load_names()
        number = self.number(session) if session else None
        return [
            Line(names[row[0]], names[row[1]], (*row[2:5], names[row[5]], *row[6:]))
            for row in questions.items(self.ledger, number)
        ]

    def bill(self, session: str) -> int:
        """Logged and unlogged nanodollars of a session."""
        found = self.rows("select logged + unlogged from session where session = ?", self.number(session))
        return int(found[0][0]) if found else 0

    def requests(self) -> list[tuple[Any, ...]]:
        """(message id, session, thread, uncached, write5, write1, read, output, nanos) of those counted."""
        return self.rows(
            "select r.mid, s.text, t.text, r.uncached, r.write5, r.write1, r.read, r.output, r.nanos from request r"
            " join name s on s.id = r.session join name t on t.id = r.thread where r.counted order by r.mid, r.variant"
        )

    def ask(self) -> Lineitem:
        """The same store, with all its reports."""
        asked = object.__new__(Lineitem)
        asked.settings, asked.path, asked._dirs = {}, self.ledger.db.path, self.folders
        asked.book, asked.ledger, asked.problems = self.book, self.ledger, []
        return asked

    def slugs(self) -> dict[str, int]:
        """How often each kind of problem is kept."""
        return dict(self.rows("select slug, count(*) from problem group by slug"))

"""The only place where parts are joined: a store, a price book and the folders to read become answers."""

from __future__ import annotations

import os

from lineitem import settings
from lineitem.core.problems import UsageError
from lineitem.ledger.store import Ledger
from lineitem.pricing.book import PriceBook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from lineitem.reports.health import Health
    from lineitem.reports.lines import Line
    from lineitem.reports.query import Query
    from lineitem.reports.session import SessionBill
    from lineitem.reports.shapes import Table, Tree

    Progress = Callable[[int, int], None]


class Lineitem:
    """One person's ledger, opened: `refresh` reads what is new, the other methods answer."""

    def __init__(self, db: str = "", config_dirs: Iterable[str] = (), *, alone: bool = False) -> None:
        """The store at `db` (empty: the settings'), fed from these config folders; `alone`: without workers."""
        if alone:
            from lineitem.sources.crew import work_alone

            work_alone()
        self.settings = settings.load()
        self.path = settings.database_path(db, self.settings)
        dirs = list(config_dirs)
        if not dirs and not os.environ.get("CLAUDE_CONFIG_DIR"):
            dirs = [str(folder) for folder in self.settings.get("config_dirs", ())]
        self._dirs = dirs
        self.book = PriceBook(self.settings.get("prices"))
        self.ledger = Ledger(self.path)
        self.problems: list[tuple[str, str, str]] = []

    @property
    def folders(self) -> list[str]:
        """The config folders that are read."""
        from lineitem.sources.scan import config_folders

        return config_folders(self._dirs)

    @property
    def empty(self) -> bool:
        """Whether nothing was ever read into this store."""
        return not self.ledger.has_requests()

    def close(self) -> None:
        self.ledger.close()

    # -- reading

    def refresh(self, progress: Progress | None = None) -> dict[str, Any]:
        """Read what is new; what was read, as `lineitem ingest --json` says it."""
        from lineitem.pipeline import Intake, refresh_derivation

        refresh_derivation(self.ledger, self.book)
        intake = Intake(self.ledger, self.book)
        before = 0
        if intake.look(self.folders):
            intake.take_in(_sized(progress, intake))
            before = sum(1 for request in intake.requests.values() if request.fresh)
        self.problems = intake.problems
        return {
            "files": intake.files,
            "lines": intake.lines,
            "requests": before,
            "problems": intake.unreadable + len(intake.problems),
            "bytes": intake.bytes,
        }

    def first_answer(self, name: str, query: Query) -> Table | None:
        """The table of a report before anything is kept: on a first reading of much, and where it can be told."""
        from lineitem.pipeline import Intake

        if not query.everything or query.instances:
            return None
        intake = Intake(self.ledger, self.book)
        if not intake.look(self.folders) or not intake.worth_a_quick_answer:
            return None
        totals = intake.read_quick()
        from lineitem.reports.over_time import Fresh, over_time

        return over_time(self.ledger, query, name, Fresh(intake.quick_cells(), intake.quick_beyond(totals)))

    def fold(self, sessions: list[int] | None = None, progress: Callable[[int], None] | None = None) -> int:
        """Make the line items of sessions that changed; how many there were."""
        from lineitem.pipeline import fold_stale

        return fold_stale(self.ledger, self.book, sessions, progress)

    # -- answering

    def session_number(self, text: str) -> int:
        """The session whose id begins with `text`."""
        from lineitem.ledger.questions import session_named

        found = session_named(self.ledger, text)
        if not found:
            raise UsageError(f"No session begins with '{text}'. `lineitem session` lists them.")
        exact = [number for number, name in found if name == text]
        if len(found) > 1 and not exact:
            names = ", ".join(name[:13] for _, name in found[:4])
            raise UsageError(f"'{text}' is the beginning of {len(found)} sessions ({names} ...). Give more of the id.")
        return exact[0] if exact else found[0][0]

    def session_name(self, text: str) -> str:
        """The whole id of the session that begins with `text`."""
        return self.ledger.text(self.session_number(text))

    def counts(self) -> dict[str, int]:
        """How many files, requests, sessions ... the store knows."""
        from lineitem.ledger import questions

        return questions.counts(self.ledger)

    def rebuild(self) -> int:
        """Derive everything again from the facts; how many sessions there are."""
        from lineitem.pipeline import rebuild

        rebuild(self.ledger, self.book)
        return self.fold()

    def verify(self) -> list[str]:
        """Derive everything again and compare: the tables that differ."""
        from lineitem.pipeline import verify

        return verify(self.ledger, self.book)

    def health(self) -> Health:
        """What is wrong with the store, the folders, the transcripts and the prices."""
        from lineitem.reports.health import health

        return health(self.ledger, self.path, self.folders, self.problems, self.book)

    def lines(self, query: Query) -> list[Line]:
        """The line items in a range, of one session or of all; ranges cut sessions exactly."""
        from lineitem.ledger import questions
        from lineitem.reports.lines import Line

        session = self.session_number(query.session) if query.session else None
        ledger = self.ledger
        inside, across = self._sessions(query, session)
        self.fold(inside if inside is not None else None)
        names = ledger.load_names()
        wanted = set(inside) if inside is not None else None
        found = [
            Line(names[row[0]], names[row[1]], row[2:], names[row[5]])
            for row in questions.items(ledger, session if not across else None)
            if wanted is None or row[0] in wanted
        ]
        if across:
            from lineitem.pipeline import folds

            for number, rows in folds(ledger, self.book, across, query.within):
                name = names[number]
                found += [Line(name, thread, row) for thread, *row in rows["items"]]

        if query.model:
            part = query.model.lower()
            found = [line for line in found if part in line.model.lower()]
        return found

    def _sessions(self, query: Query, session: int | None) -> tuple[list[int] | None, list[int]]:
        """(sessions whose kept line items serve, None for all; sessions to fold for this range)."""
        from lineitem.ledger import questions
        from lineitem.ledger.questions import Filter

        if not query.ranged and not query.project:
            return ([session] if session is not None else None), []
        where = Filter(query.since, query.until, query.project, "", session)
        return questions.straddling(self.ledger, where)

    def agents(self) -> list[tuple[Any, ...]]:
        from lineitem.ledger import questions

        return list(questions.agents(self.ledger))

    def report(self, name: str, query: Query) -> Table:
        """The table of a report by its command's name."""
        if name in ("daily", "weekly", "monthly"):
            from lineitem.reports.over_time import over_time

            return over_time(self.ledger, query, name)
        if name == "session":
            from lineitem.reports.sessions import sessions

            return sessions(self.ledger, query)
        if name == "blocks":
            from lineitem.reports.blocks import blocks

            return blocks(self.ledger, query)
        if name == "check":
            from lineitem.reports.check import check

            return check(self.ledger, query)
        if name == "calls":
            from lineitem.reports.calls import calls

            return calls(self.lines(query), self.agents(), query)
        return self._rollup(name, query)

    def _rollup(self, name: str, query: Query) -> Table:
        from lineitem.reports import rollups

        if query.session:
            query.session = self.ledger.text(self.session_number(query.session))
        if name == "tools":
            return rollups.tools(self.lines(query), self.agents(), query)
        if name == "mcp":
            return rollups.mcp(self.lines(query), query)
        if name == "agents":
            return rollups.agents(self.lines(query), self.agents(), query)
        if name == "prompts":
            bill = sum(line.nanos for line in self.lines(query))
            return rollups.prompts(self.ledger, query, bill)
        if name == "projects":
            return rollups.projects(self.ledger, query)
        columns = {
            "models": ("model", "model", "Model"),
            "branches": ("branch", "branch", "Branch"),
            "skills": ("skill", "skill", "Skill"),
        }
        column, key, title = columns[name]
        return rollups.by_request(self.ledger, query, column, key, title, name)

    def bill(self, query: Query) -> Tree:
        """Every cause as a tree."""
        from lineitem.ledger import questions
        from lineitem.reports.bill import bill

        if query.everything and not query.session:
            self.fold()
            tree = bill(questions.causes(self.ledger, None))
            unpriced = {model for model, *_ in questions.unpriced(self.ledger)}
        else:
            lines = self.lines(query)
            tree = bill((line.cause, line.nanos, *line.tokens) for line in lines)
            unpriced = self._unpriced(lines, query)
        if unpriced:
            tree.head["unpricedModels"] = sorted(unpriced)
            tree.notes.append("unpriced")
        return tree

    def session(self, text: str, query: Query) -> SessionBill:
        """The bill of one session."""
        from lineitem.reports.session import session_bill

        number = self.session_number(text)
        query.session = self.ledger.text(number)
        self.fold([number])
        lines = self.lines(query)
        return session_bill(self.ledger, number, lines, self._unpriced(lines, query))

    def _unpriced(self, lines: list[Line], query: Query) -> set[str]:
        """The models of these line items that have no price."""
        from lineitem.core.rates import Rates

        models = {line.model for line in lines if line.model}
        return {model for model in models if not isinstance(self.book.rates(model, query.now), Rates)}


def _sized(progress: Progress | None, intake: Any) -> Callable[[int], None] | None:
    if progress is None:
        return None
    whole = sum(found.size for found in intake.changed)
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        progress(done, whole)

    return tell

"""The only place where parts are joined: a store, a price book and the folders to read become answers."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from lineitem import settings
from lineitem.core.problems import UsageError
from lineitem.ledger.store import Ledger
from lineitem.pricing.book import PriceBook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Concatenate, ParamSpec, TypeVar

    from lineitem.alerts.digest import Figures
    from lineitem.alerts.notice import Notice
    from lineitem.alerts.settings import AlertSettings
    from lineitem.classifier.standing import Standing
    from lineitem.core.periods import Zone
    from lineitem.insights.health import Thresholds
    from lineitem.ledger.questions import Filter
    from lineitem.limits import Limits
    from lineitem.logbook import Logbook
    from lineitem.noticing import Noted
    from lineitem.pipeline.intake import Intake
    from lineitem.reports.evidence import Remembered
    from lineitem.reports.health import Health
    from lineitem.reports.lines import Line
    from lineitem.reports.live import Live
    from lineitem.reports.onward import Stand
    from lineitem.reports.query import Query
    from lineitem.reports.rot import Pricing
    from lineitem.reports.session import SessionBill
    from lineitem.reports.shapes import Table
    from lineitem.reports.tally import Sums, Tally
    from lineitem.reports.tree import Tree
    from lineitem.tallying import Memory

    Progress = Callable[[int, int], None]
    Asked = ParamSpec("Asked")
    Told = TypeVar("Told")

#: Name of the kept state: how many unreadable lines there were when it was last looked.
_UNREAD = "alerts/unread"


def _of_one_moment(
    answer: Callable[Concatenate[Lineitem, Asked], Told],
) -> Callable[Concatenate[Lineitem, Asked], Told]:
    """An answer whose figures agree, whatever a collector writes while it is worked out."""

    def answered(self: Lineitem, /, *args: Asked.args, **named: Asked.kwargs) -> Told:
        with self.ledger.moment():
            return answer(self, *args, **named)

    answered.__doc__ = answer.__doc__
    return answered


class Lineitem:
    """One person's ledger, opened: `refresh` reads what is new, the other methods answer."""

    #: Line items by what was asked, while they are remembered.
    _remembered: dict[tuple[object, ...], list[Line]] | None = None
    #: What was counted, by what was asked, while it is remembered.
    _counted: dict[tuple[object, ...], Sums] | None = None
    _onlooker = False
    #: Of the settings file, when it was read.
    _stamp: tuple[int, int, int] | None = None
    #: What was counted before, where the same is asked again and again.
    _memory: Memory | None = None
    #: What was read for a first answer and waits to be kept.
    _begun: Intake | None = None

    def __init__(
        self, db: str = "", config_dirs: Iterable[str] = (), *, alone: bool = False, onlooker: bool = False,
        known: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """The store at `db` (empty: the settings'), fed from these config folders; `alone`: without workers.

        onlooker: somebody else reads what is new and makes line items; here it is only asked. known: the settings.
        """
        if alone:
            from lineitem.sources.crew import work_alone

            work_alone()
        self._stamp = settings.stamp() if known is None else None
        self.settings = settings.load() if known is None else known
        self.path = settings.database_path(db, self.settings)
        dirs = list(config_dirs)
        if not dirs and not os.environ.get("CLAUDE_CONFIG_DIR"):
            dirs = [str(folder) for folder in self.settings.get("config_dirs", ())]
        self._dirs = dirs
        self.book = PriceBook(self.settings.get("prices"))
        self.ledger = Ledger(self.path)
        self._rounds = 0
        self._onlooker = onlooker
        self.problems: list[tuple[str, str, str]] = []

    @property
    def folders(self) -> list[str]:
        """The config folders that are read."""
        return folders_of(self._dirs)

    @property
    def empty(self) -> bool:
        """Whether nothing was ever read into this store."""
        return not self.ledger.has_requests()

    def close(self) -> None:
        self.ledger.close()

    def remember(self, memory: Memory) -> None:
        """From here on keep what was counted here, and use what others have."""
        self._memory = memory

    def stop(self) -> None:
        """Stop what another thread is asking or reading here: it raises StoreError."""
        self.ledger.interrupt()

    def renew(self) -> None:
        """Heed prices and whatever else changed in the settings since; folders and the store stay as they were opened.

        Who keeps this for hours calls it, or derives everything with prices that hold no more. Raises UsageError.
        """
        stamp = settings.stamp()
        if stamp != self._stamp:
            found = settings.load()
            self.book, self.settings, self._stamp = PriceBook(found.get("prices")), found, stamp

    # -- reading

    def refresh(self, progress: Progress | None = None) -> dict[str, Any]:
        """Read what is new; what was read, as `lineitem ingest --json` says it."""
        from lineitem.pipeline.intake import Intake
        from lineitem.pipeline.rebuilding import refresh_derivation

        intake, self._begun = self._begun, None
        if intake is None:
            self.renew()
            refresh_derivation(self.ledger, self.book)
            intake = Intake(self.ledger, self.book)
            intake.look(self.folders)
        if intake.changed:
            intake.take_in(_sized(progress, intake))
        return self._told(intake)

    def _told(self, intake: Intake) -> dict[str, Any]:
        self.problems = intake.problems
        return {
            "files": intake.files,
            "lines": intake.lines,
            "requests": intake.written,
            "problems": intake.unreadable + len(intake.problems),
            "bytes": intake.bytes,
        }

    def first_answer(self, name: str, query: Query) -> Table | None:
        """The table of a report before anything is kept: on a first reading of much, and where it can be told.

        The next `refresh` keeps what was read for it.
        """
        from lineitem.pipeline.intake import Intake
        from lineitem.pipeline.rebuilding import refresh_derivation

        if not query.everything or query.instances:
            return None
        intake = Intake(self.ledger, self.book)
        if not intake.look(self.folders) or not intake.worth_a_quick_answer:
            return None
        refresh_derivation(self.ledger, self.book)
        totals = intake.read_quick()
        self._begun = intake
        from lineitem.reports.over_time import Fresh, over_time

        return over_time(self.ledger, query, name, Fresh(intake.quick_cells(), intake.quick_beyond(totals)))

    def fold(self, sessions: list[int] | None = None, progress: Callable[[int], None] | None = None) -> int:
        """Make the line items of sessions that changed; how many there were."""
        from lineitem.pipeline.folding import fold_stale

        if self._onlooker:
            return 0
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
        from lineitem.pipeline.rebuilding import rebuild

        rebuild(self.ledger, self.book)
        return self.fold()

    def verify(self) -> list[str]:
        """Derive everything again and compare: the tables that differ."""
        from lineitem.pipeline.rebuilding import verify

        return verify(self.ledger, self.book)

    def archive_push(
        self, url: str, format_: str, progress: Progress | None, *, dry: bool, verify: bool = False
    ) -> dict[str, Any]:
        """Send facts to an archive; what was sent, as `lineitem archive push --json` says it."""
        from lineitem.archive import place, push

        there = place.open_place(url)
        done = push.push(self.ledger, there, format_, progress, dry=dry, verify=verify)
        return push.as_json(done, there, dry=dry)

    def archive_pull(self, url: str, progress: Progress | None, *, dry: bool) -> dict[str, Any]:
        """Take facts in from an archive, and derive what follows from them; what was taken in."""
        from lineitem.archive import place, pull

        there = place.open_place(url)
        done = pull.pull(self.ledger, there, progress, dry=dry)
        if not dry:
            pull.settle(self.ledger, self.book)
        return pull.as_json(done, there, dry=dry)

    def archive_check(self, url: str, progress: Progress | None) -> dict[str, Any]:
        """Read an archive, and compare it with its hashes."""
        from lineitem.archive import place, pull

        there = place.open_place(url)
        return pull.as_json(pull.check(there, progress), there)

    def health(self) -> Health:
        """What is wrong with the store, the folders, the transcripts and the prices."""
        from lineitem.reports.health import health

        found = health(self.ledger, self.path, self.folders, [*self.problems, *self._live_problems()], self.book)
        standing = self.classifier()
        found.classifier, found.classifier_text = standing.json(), standing.sentence
        return found

    def _live_problems(self) -> list[tuple[str, str, str]]:
        """(slug, place, note) of what live sources lost and of messages that never arrived."""
        from lineitem.alerts.kept import Stored
        from lineitem.logbook import take_commits
        from lineitem.reports import on_end
        from lineitem.setup.live_folder import place_of
        from lineitem.sources.spool import Spool

        problems: list[tuple[str, str, str]] = []
        spool = Spool(place_of(self.path))
        for why, count in spool.dropped().items():
            problems.append(("spool-dropped", spool.folder, f"{count} events: {why}"))
        for _, channel, _, _, why in Stored(self.ledger).given_up():
            problems.append(("alert-given-up", channel, why))
        for session, why in on_end.troubles(self.ledger).items():
            problems.append(("report-not-written", session[:8], why))
        return problems + take_commits(self.ledger, place_of(self.path)) + self._classifier_problems()

    def _classifier_problems(self) -> list[tuple[str, str, str]]:
        """(slug, place, note) of findings nobody explained, and of why nothing is asked."""
        from lineitem.ledger import guesses

        problems: list[tuple[str, str, str]] = []
        standing = self.classifier()
        if standing.trouble:
            problems.append(("classifier-stopped", standing.host, standing.trouble))
        for why, count in guesses.given_up(self.ledger):
            problems.append(("classifier-given-up", "findings", f"{count:,}: {why}"))
        return problems

    def egress(self) -> list[tuple[str, str, str]]:
        """(channel, host, what is sent) of all that would leave the machine."""
        from lineitem.setup.preferring import leaving

        return leaving(self.settings)

    def classifier(self) -> Standing:
        """How the classifier stands: its spending this month, its answers, what is wrong."""
        from lineitem.classifier.settings import ClassifierSettings
        from lineitem.classifier.standing import standing

        return standing(self.ledger, ClassifierSettings.from_settings(self.settings), int(time.time() * 1000))

    def _beside(self, query: Query) -> list[str]:
        """What is said beside the totals of a bill: what lineitem spent itself. It is in no total."""
        from lineitem.ledger import guesses

        if query.options.get("incognito") or query.options.get("no_cost") or not guesses.any_sent(self.ledger):
            return []
        from lineitem.classifier.standing import beside_totals

        said = beside_totals(self.classifier())
        return [said] if said else []

    def _logged_beside(self, table: Table, query: Query) -> None:
        """Say beside a bill what was logged by hand and by programs in its time. It is in no total."""
        from lineitem.ledger import questions

        if query.project or query.model or not questions.anything_logged(self.ledger):
            return
        from lineitem.reports.manual import tell_beside

        tell_beside(table, self.ledger, self.book, query)

    def estimate(self, text: str, path: str, query: Query) -> Table:
        """What a text would cost; `path`: of the file it is in, so that what reading it took can be told."""
        from lineitem.pipeline.folding import learnt_weights
        from lineitem.reports.estimate import estimated

        self.fold()  # what was read, and how long it was carried, is told by line items
        return estimated(self.ledger, self.book, learnt_weights(self.ledger), text, path, query)

    def logbook(self, cwd: str) -> Logbook:
        """The manual sessions of a folder, with the commits that git's hook left word of."""
        from lineitem.logbook import Logbook, take_commits
        from lineitem.setup.live_folder import place_of

        take_commits(self.ledger, place_of(self.path))
        return Logbook(self.ledger, self.book, cwd)

    @_of_one_moment
    def digest_figures(self, since: int, until: int, before: int, zone: Zone) -> Figures:
        """What a digest of a range says; `before`: since when the period before it was."""
        from lineitem.alerts.digest import Figures
        from lineitem.reports.query import Query

        def asked(start: int, end: int) -> Query:
            query = Query(zone, end)
            query.since, query.until = start, end
            return query

        def totals(start: int, end: int) -> dict[str, Any]:
            found = self.report("daily", asked(start, end)).totals or {}
            return {key: found.get(key) for key in ("costNanos", "totalTokens", "requests", "unpricedTokens")}

        found = self.anomalies(asked(since, until)).tail["totals"]
        return Figures(
            totals(since, until),
            totals(before, since),
            self.report("projects", asked(since, until)).rows,
            self.report("calls", asked(since, until)).rows,
            {name: count for name, count in found.items() if name != "anomalies" and count},
        )  # fmt: skip

    def lines(self, query: Query) -> list[Line]:
        """The line items in a range, of one session or of all; ranges cut sessions exactly."""
        if self._remembered is None:
            return list(self.each_line(query))
        asked = _asked(query)
        if asked not in self._remembered:
            self._remembered[asked] = list(self.each_line(query))
        return self._remembered[asked]

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Within this, the line items of a range are made once, however many reports are of them."""
        self._remembered, self._counted = {}, {}
        try:
            yield
        finally:
            self._remembered = self._counted = None

    def each_line(self, query: Query) -> Iterator[Line]:
        """The same one by one, for those who need not have them all at once."""
        from lineitem.ledger import questions

        session = self.session_number(query.session) if query.session else None
        inside, across = self._sessions(query, session)
        self.fold(inside if inside is not None else None)
        wanted = set(inside) if inside is not None else None
        rows = questions.items(self.ledger, session if not across else None, wanted)
        yield from self._kept(rows, inside, query.model)
        yield from self.cut_lines(across, query)

    def _kept(self, rows: Iterable[tuple[Any, ...]], sessions: list[int] | None, model: str) -> Iterator[Line]:
        """Line items as the store has them, of these sessions (None: of all) and of models with this in their name."""
        from lineitem.reports.lines import Line

        names = self.ledger.load_names()
        wanted, part = set(sessions) if sessions is not None else None, model.lower()
        for row in rows:
            if (wanted is None or row[0] in wanted) and (not part or part in names[row[5]].lower()):
                yield Line(names[row[0]], names[row[1]], row[2:], names[row[5]])

    def cut_lines(self, sessions: list[int], query: Query) -> Iterator[Line]:
        """The line items of sessions that reach over an end of the range, made anew for what lies in it."""
        if not sessions:
            return
        from lineitem.pipeline.folding import folds
        from lineitem.reports.lines import Line

        part = query.model.lower()
        for number, rows in folds(self.ledger, self.book, sessions, query.within):
            name = self.ledger.text(number)
            for _, thread, _, *row in rows["items"]:
                if not part or part in row[3].lower():
                    yield Line(name, thread, row)

    def tallied(self, query: Query, tally: Tally) -> Sums:
        """What the sessions of a range come to, counted family by family; see `reports/tally.py`."""
        from lineitem.ledger import questions
        from lineitem.tallying import tallied

        if self._counted is not None and (found := self._counted.get((tally.key, *_asked(query)))) is not None:
            return found
        session = self.session_number(query.session) if query.session else None
        inside, across = self._sessions(query, session)
        self.fold(inside)
        whole = questions.versions(self.ledger) if inside is None else inside
        return tallied(self.ledger, self.book, query, tally, (whole, across), self._memory)

    def count_together(self, query: Query, tallies: Sequence[Tally]) -> None:
        """While line items are remembered: count all of this at once, for those who ask for it one by one."""
        from lineitem.reports.tally import joined, parted

        if self._counted is None or self._memory is not None:
            return
        for tally, sums in zip(tallies, parted(self.tallied(query, joined(tallies)), tallies), strict=True):
            self._counted[(tally.key, *_asked(query))] = sums

    def item_rows(self, query: Query) -> Iterator[dict[str, Any]]:
        """The line items in a range as rows of an export, read as they are asked for."""
        from lineitem.exports.items import rows
        from lineitem.ledger import questions

        projects = {row[1]: row[2] for row in questions.sessions(self.ledger)}
        unpriced = questions.unpriced_since(self.ledger, 0)
        return rows(self.each_line(query), projects, unpriced, self._provisional())

    @_of_one_moment
    def metrics(self, query: Query) -> tuple[list[dict[str, Any]], dict[str, int]]:
        """What was spent by project and model, for programs that ask again and again; see exports/metrics.py."""
        from lineitem.exports.metrics import metrics
        from lineitem.ledger.questions import Filter

        number = self.session_number(query.session) if query.session else None
        return metrics(self.ledger, Filter(query.since, query.until, query.project, query.model, number))

    def first_activity(self) -> int:
        """When the first request of the ledger was made, in milliseconds; 0 where there is none."""
        from lineitem.ledger import questions

        return min((row[3] for row in questions.sessions(self.ledger) if row[3]), default=0)

    def charges(self, query: Query) -> Iterator[dict[str, Any]]:
        """What each cause cost on each day, price class by price class; see exports/focus.py."""
        from lineitem.exports.days import days
        from lineitem.exports.focus import charges
        from lineitem.ledger import questions

        number = self.session_number(query.session) if query.session else None
        self.fold()
        projects = {row[1]: row[2] for row in questions.sessions(self.ledger)}
        unpriced = questions.unpriced_since(self.ledger, 0)
        found = days(self.ledger, self.book, query, number)
        return charges(found, self.book, projects, unpriced, self._provisional())

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

    @_of_one_moment
    def report(self, name: str, query: Query) -> Table:
        """The table of a report by its command's name."""
        if name in ("hourly", "daily", "weekly", "monthly"):
            from lineitem.reports.over_time import over_time

            table = over_time(self.ledger, query, name)
            table.notes += self._beside(query)
            self._logged_beside(table, query)
            return table
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
        if name in ("forecast", "trend", "compare"):
            return self._outlook(name, query)
        return self._rollup(name, query)

    def _outlook(self, name: str, query: Query) -> Table:
        if name == "forecast":
            from lineitem.reports.forecast import month_end

            return month_end(self.ledger, query)
        self.fold()  # prompts are told by line items
        if name == "trend":
            from lineitem.reports.trend import trend

            return trend(self.ledger, query)
        from lineitem.reports.compare import compare

        return compare(self.ledger, query)

    def _rollup(self, name: str, query: Query) -> Table:
        from lineitem.reports import rollups

        if query.session:
            query.session = self.ledger.text(self.session_number(query.session))
        if name in ("tools", "mcp", "agents", "prompts"):
            sums, provisional = self.tallied(query, self.rollup_tally(name)), self._provisional()
            unpriced = self._without_price(rollups.models(sums), query)
            if name == "tools":
                return rollups.tools(sums, query, unpriced)
            if name == "mcp":
                return rollups.mcp(sums, query, unpriced)
            if name == "agents":
                return rollups.agents(sums, self.agents(), query, unpriced)
            return rollups.prompts(self.ledger, query, sums, provisional, unpriced)
        if name == "projects":
            from lineitem.reports.registry import projects

            return projects(self.ledger, query) if query.options.get("by") else rollups.projects(self.ledger, query)
        columns = {
            "models": ("model", "model", "Model"),
            "branches": ("branch", "branch", "Branch"),
            "skills": ("skill", "skill", "Skill"),
        }
        column, key, title = columns[name]
        return rollups.by_request(self.ledger, query, column, key, title, name)

    def rollup_tally(self, name: str) -> Tally:
        """How a report by tool, MCP server, agent or prompt is counted."""
        from lineitem.reports import rollups

        tallies = {"tools": rollups.tool_tally, "mcp": rollups.server_tally, "agents": rollups.thread_tally,
                   "prompts": rollups.whole_tally}  # fmt: skip
        return tallies[name](self._provisional())

    @_of_one_moment
    def bill(self, query: Query) -> Tree:
        """Every cause as a tree; of many below one only the dearest, where `rows` says how many."""
        from lineitem.reports import rollups
        from lineitem.reports.bill import bill, provisional_of

        under = query.options.get("under", "")
        plain = not query.model and self._memory is None  # the store can add up whole sessions itself
        if plain and query.everything and not query.session:
            sums = self._all_causes()
        else:
            sums = self._causes(query) if plain else self._tallied_causes(query)
        tree = bill(sums, under=under, most=int(query.options.get("rows", 0)))
        if unpriced := rollups.unpriced(self.ledger, self._where(query)):
            tree.head["unpricedModels"] = sorted(set(unpriced))
            tree.notes.append("unpriced")
        provisional = self._provisional_cost(query)
        if provisional is not None and under:
            provisional = provisional_of(sums if not plain else self._tallied_causes(query), under)
        if provisional is not None:
            tree.head["provisionalNanos"] = provisional
            tree.notes.append("provisional")
        return tree

    def _all_causes(self) -> Sums:
        """What causes come to in all sessions: the first time as line items are made, then as the store has them."""
        from lineitem.ledger import questions
        from lineitem.pipeline.folding import fold_stale
        from lineitem.reports.bill import Made, added

        if self._onlooker or questions.folded_sessions(self.ledger):
            self.fold()
        else:
            made = Made()
            fold_stale(self.ledger, self.book, made=made.take)
            if made.sessions == questions.folded_sessions(self.ledger):  # nobody else made any meanwhile
                return made.sums()
        return added(questions.causes(self.ledger, None))

    def _causes(self, query: Query) -> Sums:
        """What causes come to, summed by the store where no session is cut."""
        from lineitem.ledger import questions
        from lineitem.reports.bill import added

        inside, across = self._sessions(query, self.session_number(query.session) if query.session else None)
        self.fold(inside)
        cut = list(self.cut_lines(across, query))
        rows = [*questions.causes(self.ledger, inside), *((line.cause, line.nanos, *line.tokens) for line in cut)]
        return added(rows)

    def _tallied_causes(self, query: Query) -> Sums:
        """The same family by family."""
        from lineitem.reports.bill import cause_tally

        return self.tallied(query, cause_tally(self._provisional()))

    def _provisional(self) -> frozenset[str]:
        """The sessions that are billed from live sources alone."""
        from lineitem.ledger import questions

        return frozenset(map(self.ledger.text, questions.provisional(self.ledger)))

    def _provisional_cost(self, query: Query) -> int | None:
        """Nanodollars of an answer that are provisional; None where nothing of it is."""
        from lineitem.ledger import questions
        from lineitem.ledger.questions import Filter

        sessions = questions.provisional(self.ledger)
        if not sessions:
            return None
        number = self.session_number(query.session) if query.session else None
        where = Filter(query.since, query.until, query.project, query.model, number).only(sessions)
        found = [row[9] for row in questions.usage_by_session(self.ledger, where)]
        return sum(found) if found else None

    @_of_one_moment
    def session(self, text: str, query: Query) -> SessionBill:
        """The bill of one session."""
        from lineitem.reports.session import session_bill

        number = self.session_number(text)
        query.session = self.ledger.text(number)
        self.fold([number])
        lines = self.lines(query)
        return session_bill(self.ledger, number, lines, self._unpriced(lines, query))

    def notice(self) -> list[Noted]:
        """Look for what stands out in what went on, and hand it to the alerts; what is new. Line items must be made."""
        from lineitem.noticing import notice

        return notice(self.ledger, self.book, self._thresholds(), self.note_alerts)

    def note_alerts(self, noted: list[Noted], now: int = 0) -> int:
        """Hand what stands out to the alerts of the settings, and with it the plan's limits and what is missing.

        How many messages may come of it. now: milliseconds; 0: by the clock.
        """
        from lineitem.alerts.findings import unread_notice
        from lineitem.alerts.kept import Stored
        from lineitem.alerts.settings import AlertSettings
        from lineitem.alerts.tell import note
        from lineitem.ledger import questions

        wanted = AlertSettings.from_settings(self.settings)
        if not wanted.channels:
            return 0
        now = now or int(time.time() * 1000)
        told = [notice for notice, _ in self.to_tell(noted, wanted, now)]
        unread, before = questions.unreadable(self.ledger), self.ledger.state(_UNREAD)
        if before and unread > int(before):
            told.append(unread_notice(unread - int(before), now))
        new = note(Stored(self.ledger), told, wanted, now)
        if str(unread) != before:  # what lay there when alerts were switched on is no news
            self.ledger.set_state(_UNREAD, str(unread))
        return new

    def note_cooling(self, now: int) -> int:
        """Hand caches that are about to go cold to the alerts: nothing but time brings them, so ask now and then."""
        from lineitem.alerts.findings import cold_notice
        from lineitem.alerts.kept import Stored
        from lineitem.alerts.settings import AlertSettings
        from lineitem.alerts.tell import note
        from lineitem.reports.standing import cooling

        wanted = AlertSettings.from_settings(self.settings)
        told = [cold_notice(*each, now) for each in cooling(self.ledger, self.book, now)] if wanted.channels else []
        return note(Stored(self.ledger), told, wanted, now)

    def to_tell(self, noted: list[Noted], wanted: AlertSettings, now: int) -> list[tuple[Notice, str]]:
        """What of it is worth telling, each with what to do about it; the plan's limits; models without a price."""
        from lineitem.alerts.findings import limit_notices, unpriced_notices
        from lineitem.ledger import live, questions
        from lineitem.noticing import advised

        told = list(advised(noted))
        latest = live.latest_limits(self.ledger, now - 600_000)
        if latest is not None:
            told += [(notice, "") for notice in limit_notices(latest, wanted.thresholds)]
        unpriced = questions.unpriced_since(self.ledger, now - now % 86_400_000)
        return told + [(notice, "Give it a price: docs/prices.md.") for notice in unpriced_notices(unpriced, now)]

    @property
    def limits(self) -> Limits:
        """Budgets, and the log of what they did."""
        from lineitem.limits import Limits

        return Limits(self)

    def is_dearer(self, model: str, before: str) -> bool:
        """Whether a model costs more than another; one without a price does."""
        from lineitem.core.rates import Rates

        now = int(time.time() * 1000)
        new, old = self.book.rates(model, now), self.book.rates(before, now)
        if not isinstance(new, Rates) or not isinstance(old, Rates):
            return model != before
        return new.output > old.output

    def told_live(self, sessions: Iterable[str]) -> None:
        """Live sources told of these sessions: those without a transcript get a provisional bill. In a transaction."""
        from lineitem.pipeline.live import derive_live

        derive_live(self.ledger, self.book, [self.ledger.name(session) for session in sessions])

    def note_lost_hooks(self, count: int) -> None:
        """Somebody took hooks of ours out of Claude Code's settings: hand it to the alerts."""
        from lineitem.alerts.kept import Stored
        from lineitem.alerts.notice import WARNING, Notice
        from lineitem.alerts.settings import AlertSettings
        from lineitem.alerts.tell import note

        wanted = AlertSettings.from_settings(self.settings)
        now = int(time.time() * 1000)
        notice = Notice(f"hooks/{now // 3_600_000}", "hooks", WARNING, now, "hooks", {"count": count}, {})
        note(Stored(self.ledger), [notice], wanted, now)

    @property
    def _pricing(self) -> Pricing:
        """Says the rates of a request: it is asked once for each."""
        from functools import partial

        from lineitem.pipeline.prices import rates_for

        return partial(rates_for, self.book)

    @_of_one_moment
    def rot(self, text: str, query: Query) -> Table:
        """What prompts cost as sessions grow: those of one session, or of all by their length."""
        from lineitem.ledger.questions import Filter
        from lineitem.pipeline.folding import compactions
        from lineitem.pipeline.live import live_requests
        from lineitem.reports import rot

        number = self.session_number(text) if text else None
        where = Filter(query.since, query.until, query.project, query.model, number)
        self.fold([number] if number is not None else None)
        live = live_requests(self.ledger, self.book, number)
        if number is None:
            return rot.of_sessions(self.ledger, query, where, live, self._pricing)
        told = compactions(self.ledger, number)
        return rot.of_session(self.ledger, query, where, live, self._pricing, self.ledger.text(number), told)

    @_of_one_moment
    def whatif(self, text: str, query: Query) -> Table:
        """What a session, or those of a range, would have cost otherwise."""
        from lineitem.ledger.questions import Filter
        from lineitem.pipeline.live import live_requests
        from lineitem.reports.whatif import of_session, of_sessions, whatif_tally

        number = self.session_number(text) if text else None
        live = live_requests(self.ledger, self.book, number)
        if number is None:
            return of_sessions(query, self.tallied(query, whatif_tally(self.ledger, query, live, self._pricing)))
        query.session = self.ledger.text(number)
        where = Filter(query.since, query.until, query.project, query.model, number)
        lines = self.lines(query)
        return of_session(self.ledger, query, where, live, self._pricing, lines, query.session)

    def stands(self, number: int, query: Query) -> Stand | None:
        """How a session stands: what the ways it may go on are told from."""
        from lineitem.pipeline.live import live_requests
        from lineitem.reports.onward import stands

        self.fold([number])
        live = live_requests(self.ledger, self.book, number)
        return stands(self.ledger, query, live, self._pricing, self._thresholds(), number)

    @_of_one_moment
    def handoff(self, text: str, query: Query, folder: str = "", tokens: int = 0, prompts: int = 0) -> Table:
        """What to do with a session and the prompt a fresh one begins with; folder: of the repository."""
        from lineitem.handoff import handover, prompt
        from lineitem.handoff.repository import told_by
        from lineitem.insights.onward import PROMPTS
        from lineitem.reports.whose import latest_in
        from lineitem.sources.commits import root

        number = self.session_number(text) if text else None
        stand = self.stands(number, query) if number is not None else None
        if not folder:
            folder = stand.cwd if stand and os.path.isdir(stand.cwd) else os.getcwd()
        left = handover.budget_pieces(self.limits.status(query).rows, root(folder))
        told = told_by(folder, left)
        whose = latest_in(self.ledger, folder) if number is None else None
        if whose is not None:
            stand = self.stands(whose.number, query)
        elsewhere = whose.elsewhere if whose else ""
        return handover.handover(told, stand, prompts or PROMPTS, tokens or prompt.TOKENS, elsewhere)

    @_of_one_moment
    def resume_cost(self, text: str, query: Query, prompts: int = 0) -> Table:
        """What taking a session up again costs, against a handover; without, the latest one of this folder."""
        from lineitem.handoff.prompt import TOKENS
        from lineitem.insights.onward import PROMPTS
        from lineitem.reports.onward import resume_cost
        from lineitem.reports.whose import Whose, latest_in

        whose = Whose(self.session_number(text), "") if text else latest_in(self.ledger, os.getcwd())
        stand = self.stands(whose.number, query) if whose else None
        return resume_cost(stand, prompts or PROMPTS, TOKENS, whose.elsewhere if whose else "")

    @_of_one_moment
    def advice(self, query: Query, ident: str = "") -> Table:
        """What to change, and what it would have saved; of one piece of advice what it was found on."""
        from lineitem.reports import advice

        self._searched(query)
        return advice.one(self.ledger, query, ident) if ident else advice.report(self.ledger, query)

    def follow_advice(self, query: Query, ident: str) -> dict[str, Any]:
        """Note that a person follows this advice from now on."""
        from lineitem.reports.advice import follow

        self._searched(query)
        return {"id": follow(self.ledger, query, ident, query.now).ident, "followed": True}

    def unfollow_advice(self, query: Query, ident: str) -> dict[str, Any]:
        """Note that they no longer do."""
        from lineitem.reports.advice import unfollow

        return {"id": unfollow(self.ledger, ident, query.now), "followed": False}

    def _searched(self, query: Query) -> None:
        from lineitem.advising import search

        if query.session:
            query.session = self.ledger.text(self.session_number(query.session))
        self.fold()
        search(self.ledger, self.book, query.now)

    @_of_one_moment
    def efficiency(self, query: Query) -> Table:
        """How work goes, by day or what `--by` says; by kind of work and by model."""
        from lineitem.reports.efficiency import efficiency

        sums = self.tallied(query, self.efficiency_tally(query))
        return efficiency(self.ledger, query, self._where(query), sums, query.options.get("by", "day"))

    def efficiency_tally(self, query: Query) -> Tally:
        """How that is counted."""
        from lineitem.pipeline.live import live_requests
        from lineitem.reports.efficiency import efficiency_tally

        live = live_requests(self.ledger, self.book, self.session_number(query.session) if query.session else None)
        return efficiency_tally(self.ledger, query, live, query.options.get("by", "day"))

    @_of_one_moment
    def commits(self, query: Query, repository: str = "") -> Table:
        """The bill by commit, branch or ticket; what git says of a hash there, or in the folder one is in."""
        from lineitem.insights.tickets import from_settings
        from lineitem.reports.evidence import evidence
        from lineitem.reports.work import work
        from lineitem.sources import git

        ticket, found = from_settings(self.settings), evidence(self.ledger, self._shown)
        hashes = [commit.hash for commit in found.commits]
        if not repository:
            known = git.look(".", hashes) if hashes and git.is_repository(".") else {}
        else:
            known = git.look(repository, hashes)
        return work(self.ledger, query, self._where(query), found.commits, ticket, known)

    def write_notes(self, repository: str, notes: Mapping[str, str]) -> None:
        """Write these texts as git notes of these commits."""
        from lineitem.sources import git

        git.write_notes(repository, notes)

    @_of_one_moment
    def pull_requests(self, query: Query, name: str = "") -> Table:
        """The bill by pull request; or one of them, by its number or branch."""
        from lineitem.ledger import questions
        from lineitem.reports.evidence import evidence
        from lineitem.reports.lines import Line
        from lineitem.reports.pull_requests import one, pull_requests

        def lines(sessions: Sequence[int]) -> tuple[list[Line], list[tuple[Any, ...]]]:
            self.fold(list(sessions))
            text = self.ledger.text
            items = (row for session in sessions for row in questions.items(self.ledger, session))
            return [Line(text(row[0]), text(row[1]), row[2:], text(row[5])) for row in items], self.agents()

        where, found = self._where(query), evidence(self.ledger, self._shown)
        if not name:
            return pull_requests(self.ledger, query, where, found)
        return one(self.ledger, query, where, found, name, lines)

    @property
    def _shown(self) -> Remembered | None:
        """What transcripts showed of commits, where it is remembered."""
        return self._memory.shown if self._memory is not None else None

    def _where(self, query: Query) -> Filter:
        from lineitem.ledger.questions import Filter

        number = self.session_number(query.session) if query.session else None
        return Filter(query.since, query.until, query.project, query.model, number)

    @_of_one_moment
    def anomalies(self, query: Query) -> Table:
        """What stood out."""
        from lineitem.reports.anomalies import anomalies

        return anomalies(self.ledger, query, self.session_number(query.session) if query.session else None)

    @_of_one_moment
    def standing(self, text: str, query: Query) -> Table:
        """How sessions stand: health, growth, limits; one of them, or those of the last day."""
        from lineitem.reports.standing import standing

        number = self.session_number(text) if text else None
        return standing(self.ledger, self.book, query, self._thresholds(), number)

    def _thresholds(self) -> Thresholds:
        from lineitem.insights.health import from_settings

        return from_settings(self.settings)

    @_of_one_moment
    def happening(self, query: Query) -> Live:
        """What happens now: live sessions and the latest tool calls."""
        from lineitem.core.periods import parse_since
        from lineitem.reports.live import happening

        return happening(self.ledger, query, parse_since("today", query.zone, query.now))

    def changes(self, *, read: bool) -> int:
        """A number that is another one when the ledger has changed; `read`: take in what is new first."""
        if read:
            found = self.refresh()
            folded = self.fold()
            self._rounds += bool(found["files"] or folded)
        return self._rounds + self.ledger.data_version() * 1_000_000

    def take_in(self, progress: Progress, folding: Callable[[int], None]) -> bool:
        """Read what is new, make its line items, look for what stands out; whether there was anything.

        folding: called with how many sessions were done since it was last.
        """
        found = self.refresh(progress)
        folded = self.fold(progress=folding)
        if found["files"] or folded or not self._rounds:
            self._rounds += 1
            self.notice()
        return bool(found["files"] or folded)

    @_of_one_moment
    def context(self, text: str = "") -> Table:
        """What lies in the window of the session whose id begins with `text`; without, of the latest one."""
        from lineitem.core.rates import Rates
        from lineitem.ledger import live, questions
        from lineitem.pipeline.folding import fold_session
        from lineitem.reports.context import context

        number = self.session_number(text) if text else questions.latest_session(self.ledger)
        if number is None:
            return context("", "", None, [], None)
        thread = fold_session(self.ledger, self.book, number).threads.get("")
        snapshot = live.last_snapshot(self.ledger, number)
        segments = thread.window() if thread else []
        model = thread.model if thread else ""
        if not segments and snapshot and snapshot.context:  # a reading, and no call whose window it is
            segments, model = [("remainder", "", snapshot.context, True)], snapshot.model
        rates = self.book.rates(model, int(time.time() * 1000))
        return context(
            self.ledger.text(number),
            model,
            rates if isinstance(rates, Rates) else None,
            segments,
            snapshot.window if snapshot else None,
            provisional=not self.ledger.has_files(number),
        )

    @_of_one_moment
    def turns(self, text: str = "") -> Table:
        """What each request of a session sent, by kind of cause; without `text`, of the latest session."""
        from lineitem.ledger import questions
        from lineitem.pipeline.folding import compactions, fold_session
        from lineitem.reports.turns import Watch, turns

        number = self.session_number(text) if text else questions.latest_session(self.ledger)
        if number is None:
            return turns("", [], [], [])
        watch = Watch()
        folded = fold_session(self.ledger, self.book, number, watch=watch.see)
        misses = [miss for thread, miss in folded.misses if not thread]
        return turns(self.ledger.text(number), watch.seen, compactions(self.ledger, number) or [], misses)

    @_of_one_moment
    def explore(self, query: Query) -> Table:
        """The bill by one thing, split by another, over time."""
        from lineitem.reports.explore import explore

        return explore(self.ledger, query, lambda tally: self.tallied(query, tally))

    def _unpriced(self, lines: list[Line], query: Query) -> set[str]:
        """The models of these line items that have no price."""
        return self._without_price({line.model for line in lines}, query)

    def _without_price(self, models: Iterable[str], query: Query) -> set[str]:
        from lineitem.core.rates import Rates

        return {model for model in models if model and not isinstance(self.book.rates(model, query.now), Rates)}


def _asked(query: Query) -> tuple[object, ...]:
    """What says which line items a question is about."""
    return query.since, query.until, query.project, query.model, query.session


def folders_of(dirs: Iterable[str]) -> list[str]:
    """The config folders that these mean; without any, the person's own."""
    from lineitem.sources.scan import config_folders

    return config_folders(dirs)


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

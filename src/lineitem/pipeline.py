"""READ THIS FIRST: ingest -> reconcile -> attribute -> price -> keep.

`Intake` reads what is new below the config folders and merges it into requests; `keep` writes facts, cursors
and everything derived in one transaction. `fold_stale` turns the sightings of sessions that changed into line
items. The rooms that do not know each other (sources, attribution, pricing, ledger) meet here and only here.
"""

from __future__ import annotations

from lineitem.attribution.requests import Request, settle
from lineitem.core.rates import Rates, class_costs
from lineitem.core.sightings import TOTAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from lineitem.attribution.runs import Run, Total
    from lineitem.attribution.weights import Weights
    from lineitem.core.live import ApiCall
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.sources.scan import Found

#: From so many new bytes on, a first reading answers before it keeps.
QUICK_FROM = 3 << 20
#: From so many sessions on, they are folded by forked workers.
WORTH_A_CREW = 24
#: What the derived tables were made with: another code or price book makes them again.
DERIVATION = "1"


def rates_of(book: PriceBook, request: Request) -> Rates | None:
    """The rates of a request, None where its model has no price."""
    return rates_for(book, request.model, request.at, request.modifiers, request.context)


def rates_for(book: PriceBook, model: str, at: int, modifiers: str, context: int) -> Rates | None:
    """The rates of a request of a model at a moment, None where that has no price. context: tokens of its prompt."""
    if modifiers:
        rates = book.rates(
            model,
            at,
            "fast" if "f" in modifiers else "",
            "us" if "g" in modifiers else "",
            "batch" if "b" in modifiers else "",
            context,
        )
    else:
        rates = book.rates(model, at, "", "", "", context)
    return rates if isinstance(rates, Rates) else None


def price(book: PriceBook, request: Request) -> int | None:
    """Nanodollars of a request, rounded once per price class; None: unpriced."""
    rates = rates_of(book, request)
    if rates is None:
        return None
    return sum(request.costs(rates))


class Stored:
    """A transcript known by the store alone."""

    __slots__ = ("project", "session")

    def __init__(self, session: str, project: str) -> None:
        self.session, self.project = session, project


class Intake:
    """One reading of everything new: `look` for it, then `take_in`; before that, `read_quick` for a first answer."""

    def __init__(self, ledger: Ledger, book: PriceBook) -> None:
        self.ledger, self.book = ledger, book
        self.files = self.lines = self.unreadable = 0
        self.bytes = 0
        self.problems: list[tuple[str, str, str]] = []  #: slug, path, note: of this scan, not kept
        self.changed: list[Found] = []
        self.requests: dict[tuple[str, str], Request] = {}
        self._by_mid: dict[str, list[Request]] = {}
        self._texts: dict[str, str] = {}
        self._first = False
        self._touched: list[Found] = []
        self._reordered = False  # a file turned out to be older than known: who owns what must be told again
        self._sessions: set[str] = set()

    def look(self, folders: Iterable[str]) -> bool:
        """Whether there is anything new below the config folders."""
        from lineitem.sources.scan import transcripts

        cursors = self.ledger.cursors()
        found = transcripts(folders, self.problems)
        self.changed = [
            file for file in found if cursors.get(file.key) != (file.ino, file.size, file.mtime_ns, file.sidecar_ns)
        ]
        return bool(self.changed)

    @property
    def worth_a_quick_answer(self) -> bool:
        """Whether this is the first reading of much: then an answer can be had before the facts are kept."""
        from lineitem.sources.crew import crew_size

        return (
            sum(found.size for found in self.changed) > QUICK_FROM
            and crew_size(2) > 1
            and not self.ledger.has_requests()
            and not self.ledger.live_sessions()
        )

    def read_quick(self) -> dict[str, list[Any]]:
        """Merge the answers of every file, nothing else; the totals by session. Nothing of it is kept."""
        from lineitem.sources.crew import Task, quick_readings

        self._first = True
        tasks = [
            Task(index, found.path, found.session, found.thread, 0, found.size)
            for index, found in enumerate(self.changed)
        ]
        totals: dict[str, list[Any]] = {}
        for reading in quick_readings(tasks):
            found = self.changed[reading.index]
            session = found.session or reading.session
            self._merge(Stored(session, found.project), reading.first_at, reading.answers)
            if reading.totals:
                place = (reading.first_at, found.key)
                totals.setdefault(session, []).append((place, [row for _, row in reading.totals]))
        self._settle()
        return {session: unique_totals(row for _, rows in files for row in rows) for session, files in totals.items()}

    def quick_cells(self) -> list[tuple[Any, ...]]:
        """Usage rows as `ledger.questions.usage_by_quarter` gives them, models as text."""
        return [
            (quarter, 0, model, *cell) for cells in self._usage().values() for (quarter, model), cell in cells.items()
        ]

    def quick_beyond(self, totals: dict[str, list[Any]]) -> list[tuple[int, int, dict[str, list[int]]]]:
        """(at, unlogged nanodollars, missing tokens) of every run, before anything is kept."""
        owned: dict[str, list[Request]] = {}
        copied: dict[str, list[Request]] = {}
        for request in self.requests.values():
            if request.session in totals and request.counted:
                owned.setdefault(request.session, []).append(request)
            for session, _ in request.copies or ():
                if session in totals and session != request.session:
                    copied.setdefault(session, []).append(request)
        found = []
        for session, rows in totals.items():
            own = [as_total(row[2], row[3], row[4], row[5]) for row in rows]
            inherited = inherited_totals(
                copied.get(session, ()),
                owned.get(session, ()),
                lambda parent: [as_total(row[2], row[3], row[4], row[5]) for row in totals.get(parent, ())],
            )
            made = runs_of(self.book, own, owned.get(session, ()), inherited)
            found += [(run.at, run.beyond, run.missing) for run in made if run.beyond or run.missing]
        return found

    def _read(self, progress: Callable[[int], None] | None) -> None:
        """Read every changed file from its cursor on, keep its facts and merge its answers into requests."""
        from lineitem.sources.crew import Task, readings

        known = self.ledger.files()
        self._first = not known and not self.ledger.has_requests()
        tasks: list[Task] = []
        places: list[tuple[Found, int]] = []
        for found in self.changed:
            row = known.get(found.key)
            start, generation = self._cursor(found, row)
            if row is not None and start == found.size and start == row.offset and generation == row.generation:
                self._touched.append(found)
                continue
            now = row.last_at if row is not None and start else 0
            if row is not None and not found.session:  # only its lines said it, and they may be gone
                found.session = self.ledger.text(row.session)
            tasks.append(Task(len(tasks), found.path, found.session, found.thread, start, found.size, now))
            places.append((found, generation))
        for reading in readings(tasks, progress):
            found, generation = places[reading.index]
            row = known.get(found.key)
            if reading.failed:
                self.problems.append(("file-unreadable", found.path, reading.failed))
                continue
            found.session = found.session or reading.session
            first_at = reading.first_at
            if row is not None and row.first_at:
                first_at = min(row.first_at, first_at or row.first_at)
                self._reordered = self._reordered or first_at != row.first_at
            self.files += 1
            self.lines += reading.lines
            self.unreadable += reading.unreadable
            self.bytes += max(0, reading.offset - tasks[reading.index].start)
            self._merge(found, first_at, reading.answers)
            reading.answers = []
            self._keep_reading(found, reading, generation, first_at)
        self._settle()

    def take_in(self, progress: Callable[[int], None] | None = None) -> None:
        """Read and keep in one go: facts are written as they come, all in one transaction."""
        self.ledger.begin()  # from here on nobody else writes: what is new is looked up again
        try:
            cursors = self.ledger.cursors()
            for file in self.changed:
                file.look_again()
            self.changed = [
                file
                for file in self.changed
                if cursors.get(file.key) != (file.ino, file.size, file.mtime_ns, file.sidecar_ns)
            ]
            self._read(progress)
            self._finish()
            self.ledger.commit()
        except BaseException:
            self.ledger.rollback()
            raise

    def _cursor(self, found: Found, row: Any) -> tuple[int, int]:
        """(where to start, generation): from the cursor if the file only grew, else from the start."""
        if row is None:
            return 0, 0
        if (row.ino == found.ino and row.dev == found.dev) or row.head:
            from lineitem.sources import tail

            try:
                fd = tail.open_file(found.path)
            except (OSError, tail.NotReadable):
                return row.offset, row.generation
            try:
                import os

                if found.size >= row.offset and tail.marks(fd, row.offset) == (row.head, row.tail):
                    return row.offset, row.generation
            finally:
                os.close(fd)
        return 0, row.generation + 1

    def _merge(self, found: Found | Stored, first_at: int, answers: Iterable[Sequence[Any]]) -> None:
        requests = self.requests
        session = found.session
        load = not self._first
        once = self._texts.setdefault  # a model or branch is kept once, not once a request
        for row in answers:
            mid, variant, at, model, uncached, output, write5, write1, read, thinking, searches = row[:11]
            modifiers, origin, thread, branch, skill, prompt_size = row[11:]
            model, thread, branch = once(model, model), once(thread, thread), once(branch, branch)
            if load and mid not in self._by_mid:
                self._load(mid)
            sighted = Request(
                mid, variant, -1 if origin else first_at, origin or session, thread, at, model, uncached, output,
                write5, write1, read, thinking, searches, modifiers, prompt_size, branch, skill,
            )  # fmt: skip
            key = (mid, variant)
            known = requests.get(key)
            if known is None:
                requests[key] = known = sighted
                same = self._by_mid.get(mid)
                if same is None:
                    self._by_mid[mid] = [sighted]
                else:
                    same.append(sighted)
            else:
                known.fresh = True
                known.merge(sighted)
            if origin:
                known.copies = known.copies or {}
                place = (session, thread)
                if place != (known.session, known.thread):
                    known.copies[place] = min(first_at, known.copies.get(place, first_at))

    def _load(self, mid: str) -> None:
        """Bring the stored requests of a message id into memory."""
        text = self.ledger.text
        loaded: list[Request] = []
        for row in self.ledger.requests_of(mid):
            request = _request(row, text)
            loaded.append(request)
            self.requests[(mid, request.variant)] = request
        if loaded:
            for variant, session, thread, rank in self.ledger.copies_of(mid):
                owner = self.requests[(mid, variant)]
                owner.copies = owner.copies or {}
                owner.copies[(text(session), text(thread))] = rank
        self._by_mid[mid] = loaded

    def _settle(self) -> None:
        book = self.book
        for rows in self._by_mid.values():
            if len(rows) > 1:
                settle(rows)
                for row in rows:
                    row.fresh = True
        for request in self.requests.values():
            if request.fresh:
                request.nanos = price(book, request)

    def take_stored(self) -> None:
        """Merge the answers of every stored sighting, as if all files were read again."""
        import msgspec

        from lineitem.sources.replay import answers

        decode = msgspec.json.Decoder(list[list]).decode  # type: ignore[type-arg]
        ledger = self.ledger
        self._first = True
        for file, project, session, thread, first_at in ledger.all_files():
            found = Stored(session, project)
            rows = (row for _, _, text in ledger.sightings_of(file) for row in decode(text))
            self._merge(found, first_at, answers(rows, session, thread))
        self._settle()

    def keep_merged(self) -> set[str]:
        """Write the merged requests; the caller holds a transaction."""
        return self._keep_requests()

    # -- keeping

    def _finish(self) -> None:
        """Requests and what is derived of them, after the facts."""
        for found in self._touched:
            self._touch(found)
        sessions = self._sessions | self._keep_requests()
        derive(self.ledger, self.book, sessions, None if not self._first else self._usage())
        if self._reordered:
            replay(self.ledger, self.book)

    def _touch(self, found: Found) -> None:
        """A file with nothing new to read: its times changed, perhaps its sidecar."""
        from lineitem.sources.crew import sidecar

        card = sidecar(found.path) if found.thread else ""
        self.ledger.touch_file(found.key, found.dev, found.ino, found.size, found.mtime_ns, card, found.sidecar_ns)
        self._sessions.add(found.session)

    def _keep_reading(self, found: Found, reading: Any, generation: int, first_at: int) -> None:
        """What one file said, and how far it was read."""
        ledger = self.ledger
        if found.session:
            self._sessions.add(found.session)
        name = ledger.name
        size = found.size if not reading.waiting else reading.offset + reading.waiting
        file = ledger.keep_file(
            (found.key, name(found.project), name(found.session), name(found.thread), found.dev, found.ino,
             size, found.mtime_ns, reading.offset, reading.head, reading.tail, generation, first_at,
             reading.last_at, reading.sidecar, found.sidecar_ns)
        )  # fmt: skip
        ledger.keep_sightings((file, generation, start, end, rows.decode()) for start, end, rows in reading.spans)
        if reading.totals:
            from json import dumps

            ledger.keep_totals(
                (file, generation, start, row[1], row[2], row[3], row[4], row[6], dumps(row[5]))
                for start, row in reading.totals
                if row[0] == TOTAL
            )
        if reading.problems:
            ledger.keep_problems(
                (file, generation, start, ordinal, slug, note) for start, slug, ordinal, note in reading.problems
            )
        ledger.forget_waiting(file)
        if reading.waiting:
            note = f"{reading.waiting} bytes"
            ledger.keep_problems([(file, generation, reading.offset, 0, "line-half-written", note)])

    def _keep_requests(self) -> set[str]:
        """Write the requests that changed, in the order of their key; the sessions they belong to."""
        ledger = self.ledger
        name = ledger.name
        sessions: set[str] = set()
        copies: list[tuple[Any, ...]] = []
        copied: list[tuple[str]] = []
        fresh = sorted(key for key, request in self.requests.items() if request.fresh)
        for key in fresh:
            request = self.requests[key]
            sessions.add(request.session)
            if request.copies:
                copied.append((request.mid,))
                for same in self._by_mid[request.mid]:
                    for (session, thread), rank in (same.copies or {}).items():
                        sessions.add(session)
                        copies.append((same.mid, same.variant, name(session), name(thread), rank))
        ledger.keep_requests(self._row(self.requests[key]) for key in fresh)
        ledger.keep_copies(copied, copies)
        return sessions

    def _row(self, request: Request) -> tuple[Any, ...]:
        name = self.ledger.name
        return (
            request.mid, request.variant, name(request.session), name(request.thread), 0, request.rank,
            request.at, name(request.model), request.uncached, request.output, request.write5, request.write1,
            request.read, request.thinking, request.searches, request.modifiers, request.prompt_size,
            name(request.branch), name(request.skill), request.counted, request.nanos,
        )  # fmt: skip

    def _usage(self) -> dict[str, dict[tuple[int, str], list[int]]]:
        """The rollup of a first reading, made in memory: session -> (quarter, model) -> sums."""
        usage: dict[str, dict[tuple[int, str], list[int]]] = {}
        for request in self.requests.values():
            if not request.counted:
                continue
            cells = usage.get(request.session)
            if cells is None:
                cells = usage[request.session] = {}
            key = (request.at // 900_000, request.model)
            cell = cells.get(key)
            if cell is None:
                cell = cells[key] = [0] * 9
            cell[0] += 1
            cell[1] += request.uncached
            cell[2] += request.output
            cell[3] += request.write5
            cell[4] += request.write1
            cell[5] += request.read
            cell[6] += request.searches
            if request.nanos is None:
                cell[8] += request.tokens
            else:
                cell[7] += request.nanos
        return usage


def _request(row: Sequence[Any], text: Callable[[int], str]) -> Request:
    """A request from its stored row."""
    (mid, variant, session, thread, _, rank, at, model, uncached, output, write5, write1, read, thinking, searches,
     modifiers, prompt_size, branch, skill, counted, nanos) = row  # fmt: skip
    request = Request(
        mid, variant, rank, text(session), text(thread), at, text(model), uncached, output, write5, write1, read,
        thinking, searches, modifiers, prompt_size, text(branch), text(skill),
    )  # fmt: skip
    request.counted, request.nanos, request.fresh = counted, nanos, False
    return request


# -- deriving: requests and totals -> rollups, runs, sessions


def derive(
    ledger: Ledger,
    book: PriceBook,
    sessions: Iterable[str],
    usage: dict[str, dict[tuple[int, str], list[int]]] | None = None,
) -> None:
    """Make rollup, runs and summary of these sessions again; their line items become stale."""
    numbers = sorted({ledger.name(session) for session in sessions})
    if usage is None:
        ledger.roll_up(numbers)
    else:
        name = ledger.name
        for number in numbers:
            ledger.replace_usage(number, ())  # what live sources told of it gives way
        ledger.keep_usage(
            (name(session), quarter, name(model), *cell)
            for session, cells in sorted(usage.items())
            for (quarter, model), cell in sorted(cells.items())
        )
    forked = {child for number in numbers for child in ledger.copying_from(number)}
    for number in sorted(set(numbers) | forked):
        _derive_session(ledger, book, number)
    # a fork's transcript shows a part of its parent's answers: what live sources told of the parent is all of them
    derive_live(ledger, book, [number for number in numbers if not ledger.has_files(number) and ledger.is_live(number)])


def _derive_session(ledger: Ledger, book: PriceBook, number: int) -> None:
    first_at, last_at, logged = ledger.session_sums(number)
    totals = ledger.session_totals(number)
    reported: int | None = None
    beyond = 0
    if totals:
        from json import dumps

        made = session_runs(ledger, book, number, totals)
        ledger.keep_runs(
            number,
            [
                (number, ordinal, run.at, run.reported, run.logged, run.unlogged, run.priced, run.duplicated,
                 run.unexplained, dumps(run.missing))
                for ordinal, run in enumerate(made)
            ],
        )  # fmt: skip
        reported = sum(run.reported for run in made)
        beyond = sum(run.beyond for run in made)
    else:
        ledger.keep_runs(number, [])
    project = ledger.session_project(number)
    if first_at is None and not totals and (project is None or not ledger.text(number)):
        ledger.drop_session(number)
        return
    ledger.keep_sessions(
        [(number, project or ledger.name(""), first_at or 0, last_at or 0, logged or 0, reported, beyond)]
    )


def session_runs(ledger: Ledger, book: PriceBook, number: int, totals: Sequence[Any]) -> list[Run]:
    """The runs of a session, from its totals, its requests and what it was forked from."""
    from json import loads

    text = ledger.text

    def totals_of(session: str) -> list[Total]:
        parent = ledger.find_name(session)
        if parent is None:
            return []
        return [
            as_total(at, nanos, started, loads(models))
            for at, nanos, started, _, models in ledger.session_totals(parent)
        ]

    owned = [request for row in ledger.session_requests(number) if (request := _request(row, text)).counted]
    copied = [_request(row, text) for row in ledger.copied_requests(number)]
    own = [as_total(at, nanos, started, loads(models)) for at, nanos, started, _, models in totals]
    return runs_of(book, own, owned, inherited_totals(copied, owned, totals_of))


def as_total(at: int, nanos: int, started: int, models: dict[str, list[int]]) -> Total:
    from lineitem.attribution.runs import Total

    return Total(at, nanos, started, models)


def inherited_totals(
    copied: Sequence[Request], owned: Sequence[Request], totals_of: Callable[[str], list[Total]]
) -> list[Total]:
    """The totals a fork may have started from: its parent's, latest first, and what the copied answers cost."""
    if not copied:
        return []
    latest = max(copied, key=lambda request: (request.at, request.mid, request.variant))
    fork_at = min((request.at for request in owned if request.at > latest.at), default=latest.at)
    before = [total for total in totals_of(latest.session) if total.at <= fork_at]
    return [*reversed(before), _logged_total(copied)]


def runs_of(book: PriceBook, own: Sequence[Total], owned: Sequence[Request], inherited: Sequence[Total]) -> list[Run]:
    """The runs between a session's own totals, its tokens priced by this book."""
    from lineitem.attribution.runs import runs

    def priced(model: str, tokens: list[int], at: int) -> int | None:
        rates = book.rates(model, at)
        if not isinstance(rates, Rates):
            return None
        uncached, output, write5, write1, read, searches = tokens
        return sum(class_costs(rates, uncached, write5, write1, read, output, searches))

    return runs(own, owned, inherited, priced)


def unique_totals(rows: Iterable[Any]) -> list[Any]:
    """TOTAL rows of one session, each total once, in the order of their moments."""
    from json import dumps

    unique: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        key = (row[3], row[4], dumps(row[5]))
        known = unique.get(key)
        if known is None or 0 < row[2] < (known[2] or row[2] + 1):
            unique[key] = row
    return [row for key, row in sorted(unique.items(), key=_moment)]


def _moment(pair: tuple[tuple[Any, ...], Any]) -> tuple[Any, ...]:
    (nanos, started, models), row = pair
    return row[2], started, nanos, models


def _logged_total(copied: Iterable[Request]) -> Total:
    """What copied answers cost, as a total a fork may have started from."""
    from lineitem.attribution.runs import Total

    models: dict[str, list[int]] = {}
    nanos = 0
    for request in copied:
        row = models.setdefault(request.model, [0] * 9)
        for place, tokens in enumerate(
            (request.uncached, request.output, request.write5, request.write1, request.read, request.thinking)
        ):
            row[place] += tokens
        row[6] += request.write5 + request.write1
        row[7] += request.searches
        row[8] += request.nanos or 0
        nanos += request.nanos or 0
    return Total(0, nanos, 0, models)


# -- folding: sightings and requests -> line items


def session_facts(ledger: Ledger, number: int) -> list[Any]:
    """The threads of a session as its sightings tell them, main conversation first."""
    import msgspec

    from lineitem.attribution.session import ThreadFacts, split_threads
    from lineitem.sources.transcript_schema import SIDECAR, Sidecar

    decode = msgspec.json.Decoder(list[list]).decode  # type: ignore[type-arg]
    rows_of: dict[str, list[Any]] = {}
    sidecars: dict[str, Sidecar] = {}
    for file, _, thread, sidecar, _, _ in ledger.files_of(number):
        name = ledger.text(thread)
        for _, _, rows in ledger.sightings_of(file):
            for part, found in split_threads(decode(rows), name).items():
                rows_of.setdefault(part, []).extend(found)
        if sidecar:
            try:
                sidecars[name] = SIDECAR.decode(sidecar)
            except msgspec.DecodeError:
                continue
    facts = []
    for name in sorted(rows_of):
        card = sidecars.get(name)
        if card is None:
            facts.append(ThreadFacts(name, rows_of[name]))
        else:
            facts.append(
                ThreadFacts(name, rows_of[name], card.agentType or "", card.toolUseId or "", bool(card.isFork))
            )
    return facts


def compactions(ledger: Ledger, number: int) -> list[int] | None:
    """When the window of a session's main conversation was summarised; None without a transcript."""
    from lineitem.core.sightings import COMPACTION

    if not ledger.has_files(number):
        return None
    rows = {
        (row[2] or (index, row[4])): row[4]
        for facts in session_facts(ledger, number)
        if not facts.name
        for index, row in enumerate(facts.rows)
        if row[0] == COMPACTION
    }
    return sorted(rows.values())


def learnt_weights(ledger: Ledger) -> Callable[[str], Weights]:
    """The weights of a model's tokenizer: those learnt here, else the first ones."""
    from lineitem.attribution.weights import WEIGHTS, family

    known: dict[str, Weights] = {}

    def weights(model: str) -> Weights:
        name = family(model)
        if name not in known:
            text = ledger.state(f"weights/{name}")
            known[name] = tuple(int(part) for part in text.split()) if text else WEIGHTS
        return known[name]

    return weights


def learn(ledger: Ledger, book: PriceBook) -> dict[str, int]:
    """Fit the weights to this person's own measured segments: tokenizer family -> examples it learnt from.

    Line items made with other weights become stale. Part of `lineitem rebuild` alone, so that the same facts
    give the same items until a person asks for this.
    """
    from lineitem.attribution.weights import family
    from lineitem.attribution.weights import learn as fitted

    examples: dict[str, list[Any]] = {}
    for number in ledger.all_sessions():
        for model, shape, tokens in fold_session(ledger, book, number).examples:
            examples.setdefault(family(model), []).append((shape, tokens))
    learnt = {}
    for name, rows in sorted(examples.items()):
        weights = fitted(rows)
        if weights is not None:
            ledger.set_state(f"weights/{name}", " ".join(map(str, weights)))
            learnt[name] = len(rows)
    return learnt


def as_request(ledger: Ledger, row: Sequence[Any]) -> Request:
    """A request from its stored row, with the copies that other sessions hold."""
    request = _request(row, ledger.text)
    for variant, session, thread, rank in ledger.copies_of(request.mid):
        if variant == request.variant:
            request.copies = request.copies or {}
            request.copies[(ledger.text(session), ledger.text(thread))] = rank
    return request


def fold_session(
    ledger: Ledger,
    book: PriceBook,
    number: int,
    within: Callable[[int], bool] | None = None,
    only: tuple[str, str] | None = None,
) -> Any:
    """The itemised bill of one session, from what the store knows; `only` bills a single request of it."""
    from json import loads

    from lineitem.attribution.runs import Run
    from lineitem.attribution.session import fold, name_unlogged
    from lineitem.ledger import live

    text = ledger.text
    if only is None and not ledger.has_files(number) and ledger.is_live(number):
        return fold_live(ledger, book, number, within)
    requests: dict[tuple[str, str], Request] = {}
    for row in (*ledger.session_requests(number), *ledger.copied_requests(number)):
        request = _request(row, text)
        if only is not None and (request.mid, request.variant) != only:
            request.counted = 0
        requests[(request.mid, request.variant)] = request
    made = [
        Run(at, reported, logged, unlogged, priced, duplicated, unexplained, loads(tokens))
        for _, at, reported, logged, unlogged, priced, duplicated, unexplained, tokens in ledger.runs_of(number)
        if only is None
    ]

    def at_moment(model: str, at: int) -> Rates | None:
        rates = book.rates(model, at)
        return rates if isinstance(rates, Rates) else None

    folded = fold(
        text(number),
        session_facts(ledger, number),
        requests,
        lambda request: rates_of(book, request),
        made,
        at_moment,
        within,
        learnt_weights(ledger),
    )
    if made and only is None:
        name_unlogged(folded, live.unlogged_calls(ledger, number), [run.at for run in made])
    return folded


# -- sessions without a transcript: what live sources told of them, provisional until a transcript comes


def live_rates(book: PriceBook, call: ApiCall) -> Rates | None:
    """The rates of a call that telemetry reported."""
    speed = "fast" if call.speed == "fast" else ""
    rates = book.rates(call.model, call.at, speed, "", "", call.uncached + call.write5 + call.write1 + call.read)
    return rates if isinstance(rates, Rates) else None


def live_price(book: PriceBook, call: ApiCall) -> int | None:
    """Nanodollars of a call that live sources told: what the client said, else its tokens at our rates."""
    rates = live_rates(book, call) if call.nanos is None else None
    if rates is None:
        return call.nanos
    return sum(class_costs(rates, call.uncached, call.write5, call.write1, call.read, call.output, 0))


def live_calls(ledger: Ledger, book: PriceBook, number: int) -> tuple[list[ApiCall], str]:
    """(the API calls of a session without a transcript, its folder): from telemetry, else from the statusline."""
    from lineitem.attribution.delta import implied_calls
    from lineitem.ledger import live

    calls = live.api_calls_of(ledger, number)
    if calls:
        return calls, ""
    snapshots = live.snapshots_of(ledger, number)
    cwd = next((one.cwd for one in snapshots if one.cwd), "")
    events = live.events_of(ledger, number)
    return implied_calls(ledger.text(number), snapshots, events, lambda call: live_rates(book, call)), cwd


def live_requests(ledger: Ledger, book: PriceBook, only: int | None = None) -> dict[int, list[tuple[Any, ...]]]:
    """The API calls of sessions without a transcript, as `ledger.questions.requests_in_order` has its rows."""
    from lineitem.attribution.conversation import is_of_main

    found: dict[int, list[tuple[Any, ...]]] = {}
    for number in ledger.live_sessions():
        if only not in (None, number):
            continue
        rows = [
            (number, ledger.find_name(call.agent), call.at, ledger.find_name(call.model), call.uncached, call.write5,
             call.write1, call.read, call.output, live_price(book, call), "f" if call.speed == "fast" else "", 0,
             not call.agent and not is_of_main(call), 1)
            for call in live_calls(ledger, book, number)[0]
        ]  # fmt: skip
        if rows:
            found[number] = sorted(rows, key=lambda row: row[2])
    return found


def fold_live(ledger: Ledger, book: PriceBook, number: int, within: Callable[[int], bool] | None = None) -> Any:
    """The bill of a session that has no transcript: from telemetry, else from hooks and the statusline."""
    from lineitem.attribution.conversation import forked_from
    from lineitem.attribution.delta import fold_delta
    from lineitem.attribution.telemetry import fold_telemetry
    from lineitem.ledger import live

    session = ledger.text(number)
    calls = live.api_calls_of(ledger, number)

    def rates(call: ApiCall) -> Rates | None:
        return live_rates(book, call)

    if not calls:
        return fold_delta(session, live.snapshots_of(ledger, number), live.events_of(ledger, number), rates, within)
    tools, events = live.tools_done_of(ledger, number), live.events_of(ledger, number)
    others = live.calls_before(ledger, number, min(call.at for call in calls))
    parents = forked_from([*others, *calls])
    above = parents.get(session)
    while above is not None:
        known = ledger.find_name(above)
        if known is None:
            break
        calls += live.api_calls_of(ledger, known)
        tools += live.tools_done_of(ledger, known)
        events += live.events_of(ledger, known)
        above = parents.get(above)
    return fold_telemetry(session, calls, tools, events, rates, within, parents)


def derive_live(ledger: Ledger, book: PriceBook, sessions: Iterable[int]) -> None:
    """Rollup and summary of these sessions, of which no transcript was read; the caller holds a transaction.

    When the transcript comes, `derive` makes both from it: the provisional figures are replaced, not added to.
    """
    for number in sessions:
        if ledger.has_files(number):
            if ledger.runs_of(number):  # helpers that telemetry names are among what is unlogged
                ledger.unfold(number)
            continue
        calls, cwd = live_calls(ledger, book, number)
        if not calls:
            continue
        cells: dict[tuple[int, str], list[int]] = {}
        for call in calls:
            tokens = (call.uncached, call.output, call.write5, call.write1, call.read)
            nanos = live_price(book, call)
            cell = cells.setdefault((call.at // 900_000, call.model), [0] * 9)
            for place, count in enumerate((1, *tokens, 0, nanos or 0, sum(tokens) if nanos is None else 0)):
                cell[place] += count
        name = ledger.name
        ledger.replace_usage(
            number, [(number, quarter, name(model), *cell) for (quarter, model), cell in sorted(cells.items())]
        )
        times = [call.at for call in calls]
        spent = sum(cell[7] for cell in cells.values())
        ledger.keep_sessions([(number, name(cwd.replace("/", "-")), min(times), max(times), spent, None, 0)])


def packed(folded: Any) -> dict[str, list[Any]]:
    """A folded session as plain rows: what the tables keep, names still as text."""
    from lineitem.core.causes import kind_of

    items = []
    for thread, item in folded.items:
        sums = item.sums
        items.append(
            (thread, item.cause, kind_of(item.cause), item.call, item.model, item.basis, item.at, item.prompt,
             sums[14], *sums[:14])
        )  # fmt: skip
    return {
        "items": items,
        "misses": [
            (
                thread,
                miss.at,
                miss.mid,
                miss.reason,
                miss.tokens,
                (miss.femto + 500_000) // 1_000_000,
                miss.idle,
            )
            for thread, miss in folded.misses
        ],
        "prompts": [
            (prompt.at, prompt.source, prompt.name, prompt.requests, prompt.nanos, prompt.agents)
            for prompt in folded.prompts
        ],
        "agents": [
            (agent.thread, agent.type, agent.call, agent.parent, agent.requests, agent.nanos) for agent in folded.agents
        ],
    }


def fold_stale(
    ledger: Ledger,
    book: PriceBook,
    sessions: Sequence[int] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Fold every session whose line items are stale (among `sessions`, where given); how many there were."""
    stale = ledger.stale_sessions()
    if sessions is not None:
        wanted = set(sessions)
        stale = [number for number in stale if number in wanted]
    if not stale:
        return 0
    for batch in range(0, len(stale), 2_000):
        ledger.begin()
        try:
            for number, rows in folds(ledger, book, stale[batch : batch + 2_000]):
                ledger.keep_fold(number, rows)
                if progress:
                    progress(1)
            ledger.commit()
        except BaseException:
            ledger.rollback()
            raise
    return len(stale)


def folds(
    ledger: Ledger, book: PriceBook, sessions: Sequence[int], within: Callable[[int], bool] | None = None
) -> Iterable[tuple[int, dict[str, list[Any]]]]:
    """(session, packed rows) of each session, in any order; forked workers where there are many."""
    from lineitem.sources.crew import crew_size, spread

    workers = crew_size(len(sessions))
    if len(sessions) >= WORTH_A_CREW and workers > 1:
        from lineitem.ledger.store import Ledger as Store

        path = ledger.db.path
        own: list[Store] = []

        def work(number: int) -> tuple[int, dict[str, list[Any]]]:
            if not own:
                own.append(Store(path, read_only=True))
                own[0].load_names()
            return number, packed(fold_session(own[0], book, number, within))

        yield from spread(ledger.heaviest(sessions), work, tuple[int, dict[str, list[list]]], workers)  # type: ignore[type-arg]
        return
    for number in sessions:
        yield number, packed(fold_session(ledger, book, number, within))


def refresh_derivation(ledger: Ledger, book: PriceBook) -> bool:
    """Derive everything again where the code or the price book changed since; whether it did."""
    made_with = f"{DERIVATION}/{book.version}"
    if ledger.state("derivation") == made_with:
        return False
    if ledger.has_requests() or ledger.live_sessions():
        ledger.begin()
        try:
            replay(ledger, book)
            ledger.set_state("derivation", made_with)
            ledger.commit()
        except BaseException:
            ledger.rollback()
            raise
    else:
        ledger.set_state("derivation", made_with)
    return True


def rebuild(ledger: Ledger, book: PriceBook) -> None:
    """Throw away what is derived and make it again from the facts, in one transaction."""
    ledger.begin()
    try:
        replay(ledger, book)
        learn(ledger, book)
        ledger.commit()
    except BaseException:
        ledger.rollback()
        raise


def replay(ledger: Ledger, book: PriceBook) -> None:
    """Requests and everything above them again from the stored sightings; the caller holds a transaction."""
    ledger.forget_derived()
    intake = Intake(ledger, book)
    intake.take_stored()
    sessions = intake.keep_merged()
    derive(ledger, book, sessions | set(ledger.sessions_with_files()))
    derive_live(ledger, book, ledger.live_sessions())


def verify(ledger: Ledger, book: PriceBook) -> list[str]:
    """Derive everything again, compare, and leave the store as it was: the tables that differ."""
    from lineitem.ledger.digest import digests

    fold_stale(ledger, book)
    before = digests(ledger)
    ledger.begin()
    try:
        replay(ledger, book)
        for number in ledger.stale_sessions():
            ledger.keep_fold(number, packed(fold_session(ledger, book, number)))
        after = digests(ledger)
    finally:
        ledger.rollback()
    return [table for table in before if before[table] != after[table]]

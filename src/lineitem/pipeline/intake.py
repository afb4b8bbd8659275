"""One reading of everything new below the config folders, from looking for it to having kept it."""

from __future__ import annotations

from lineitem.pipeline.merging import Merging, Stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from lineitem.attribution.requests import Request
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook
    from lineitem.sources.crew import Reading
    from lineitem.sources.scan import Found

#: From so many new bytes on, a first reading answers before it keeps.
QUICK_FROM = 3 << 20
#: From so many on, it is written in place: below, changing over takes longer than writing twice.
IN_PLACE_FROM = 32 << 20


class _OtherFile(Exception):
    """A file is no longer the one whose answers were read: its facts would not be those of its requests."""


class Intake:
    """`look` for what is new, then `take_in`; for an answer before all is kept, `read_quick` first."""

    def __init__(self, ledger: Ledger, book: PriceBook) -> None:
        self.ledger, self.book = ledger, book
        self.files = self.lines = self.unreadable = 0
        self.bytes = 0
        self.problems: list[tuple[str, str, str]] = []  #: slug, path, note: of this scan, not kept
        self.changed: list[Found] = []
        self._merging = Merging(ledger, book)
        self._touched: list[Found] = []
        self._reordered = False  # a file turned out to be older than known: who owns what must be told again
        self._sessions: set[str] = set()
        self._rest: Iterator[Reading] | None = None  # whole readings that are under way since the quick ones
        self._digests: dict[int, int] = {}  # what those came to
        self._early: list[Reading] = []  # whole ones that came with them

    @property
    def written(self) -> int:
        """How many requests are new or say more than before."""
        return self._merging.written

    @property
    def requests(self) -> dict[tuple[str, str], Request]:
        """What was merged so far, by (message id, variant)."""
        return self._merging.requests

    def look(self, folders: Iterable[str]) -> bool:
        """Whether there is anything new below the config folders."""
        from lineitem.sources.scan import transcripts

        cursors = self.ledger.cursors()
        found = transcripts(folders, self.problems)
        self.changed = [
            file for file in found if cursors.get(file.key) != (file.ino, file.size, file.mtime_ns, file.sidecar_ns)
        ]
        return bool(self.changed)

    def _first(self, size: int) -> bool:
        """Whether this is the first reading of this store, and there is more than that to read."""
        return (
            sum(found.size for found in self.changed) > size
            and not self.ledger.has_requests()
            and not self.ledger.live_sessions()
        )

    @property
    def worth_a_quick_answer(self) -> bool:
        """Whether this is the first reading of much: then an answer can be had before the facts are kept."""
        from lineitem.sources import native
        from lineitem.sources.crew import crew_size

        return self._first(QUICK_FROM) and (native.here or crew_size(2) > 1)

    def read_quick(self) -> dict[str, list[Any]]:
        """Merge the answers of every file, nothing else; the totals by session. Nothing of it is kept: `take_in` does.

        Where reading is done in C, workers go on with all the rest meanwhile.
        """
        from itertools import islice

        from lineitem.pipeline.totals import unique_totals
        from lineitem.sources import native
        from lineitem.sources.crew import Task, answers_then_all, quick_readings

        self._merging.first = True
        tasks = [
            Task(index, found.path, found.session, found.thread, 0, found.size)
            for index, found in enumerate(self.changed)
        ]
        if native.here:
            readings = self._rest = answers_then_all(tasks)
        else:
            readings = quick_readings(tasks)
        totals: dict[str, list[Any]] = {}
        for reading in islice(readings, len(tasks)):
            found = self.changed[reading.index]
            session = found.session or reading.session
            self._digests[reading.index] = reading.digest
            self._merging.take(Stored(session, found.project), reading.first_at, reading.answers)
            if self._rest is not None and reading.whole:
                reading.answers = []
                self._early.append(reading)
            if reading.totals:
                place = (reading.first_at, found.key)
                totals.setdefault(session, []).append((place, [row for _, row in reading.totals]))
        self._merging.settle()
        return {session: unique_totals(row for _, rows in files for row in rows) for session, files in totals.items()}

    def quick_cells(self) -> list[tuple[Any, ...]]:
        """Usage rows as `ledger.questions.usage_by_quarter` gives them, models as text."""
        return [
            (quarter, 0, model, *cell)
            for cells in self._merging.rollup().usage.values()
            for (quarter, model), cell in cells.items()
        ]

    def quick_beyond(self, totals: dict[str, list[Any]]) -> list[tuple[int, int, dict[str, list[int]]]]:
        """(at, unlogged nanodollars, missing tokens) of every run, before anything is kept."""
        from lineitem.pipeline.quick import beyond

        return beyond(self.book, self.requests.values(), totals)

    def take_in(self, progress: Callable[[int], None] | None = None) -> None:
        """Read and keep in one go: facts are written as they come, all in one transaction."""
        in_place = self._first(IN_PLACE_FROM) and self.ledger.db.in_place()
        try:
            try:
                with self.ledger.transaction():  # from here on nobody else writes
                    self._take_in(progress)
            except _OtherFile:
                self._begin_again()
                with self.ledger.transaction():
                    self._take_in(progress)
        finally:
            if in_place:
                self.ledger.db.ahead()

    def _begin_again(self) -> None:
        """Forget what was read for a first answer."""
        self._rest, self._early, self._merging = None, [], Merging(self.ledger, self.book)
        self.files = self.lines = self.unreadable = self.bytes = 0
        self._sessions = set()

    def _take_in(self, progress: Callable[[int], None] | None) -> None:
        cursors = self.ledger.cursors()
        if self._rest is not None and not cursors and not self.ledger.has_requests():
            self._read_rest(self._rest, progress)
        else:
            if self._rest is not None:  # somebody else was faster
                self._begin_again()
            for file in self.changed:  # what is new is looked up again
                file.look_again()
            self.changed = [
                file
                for file in self.changed
                if cursors.get(file.key) != (file.ino, file.size, file.mtime_ns, file.sidecar_ns)
            ]
            self._read(progress)
        self._finish()

    def _read(self, progress: Callable[[int], None] | None) -> None:
        """Read every changed file from its cursor on, keep its facts and merge its answers into requests."""
        from lineitem.sources.crew import Task, readings

        known = self.ledger.files()
        self._merging.first = not known and not self.ledger.has_requests()
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
            self._keep(reading, found, known.get(found.key), generation, tasks[reading.index].start)
        self._merging.settle()
        for _ in self._merging.keep_in_parts():
            pass

    def _read_rest(self, rest: Iterator[Reading], progress: Callable[[int], None] | None) -> None:
        """Keep the facts of files whose answers were merged before; the requests are written in between."""
        from itertools import chain

        parts = self._merging.keep_in_parts(1 + 2 * len(self.requests) // len(self.changed))
        early, self._early = self._early, []
        for reading in chain(early, rest):
            found = self.changed[reading.index]
            if reading.digest != self._digests[reading.index]:
                raise _OtherFile
            self._keep(reading, found, None, 0, 0)
            next(parts, None)
            if progress:
                progress(found.size)
        for _ in parts:
            pass

    def _keep(self, reading: Reading, found: Found, row: Any, generation: int, start: int) -> None:
        """Keep what one file said and merge its answers. row: what is known of the file."""
        from lineitem.pipeline.keeping import keep_reading

        if reading.failed:
            self.problems.append(("file-unreadable", found.path, reading.failed))
            return
        found.session = found.session or reading.session
        first_at = reading.first_at
        if row is not None and row.first_at:
            first_at = min(row.first_at, first_at or row.first_at)
            self._reordered = self._reordered or first_at != row.first_at
        self.files += 1
        self.lines += reading.lines
        self.unreadable += reading.unreadable
        self.bytes += max(0, reading.offset - start)
        if reading.answers:
            self._merging.take(found, first_at, reading.answers)
            reading.answers = []
        if found.session:
            self._sessions.add(found.session)
        keep_reading(self.ledger, found, reading, generation, first_at, new=row is None)

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

    def _finish(self) -> None:
        """Requests and what is derived of them, after the facts."""
        from lineitem.pipeline.deriving import derive
        from lineitem.pipeline.keeping import keep_touched

        for found in self._touched:
            keep_touched(self.ledger, found)
            self._sessions.add(found.session)
        sessions = self._sessions | self._merging.keep_copies()
        derive(self.ledger, self.book, sessions, self._merging if self._merging.first else None)
        if self._reordered:
            from lineitem.pipeline.rebuilding import replay

            replay(self.ledger, self.book)

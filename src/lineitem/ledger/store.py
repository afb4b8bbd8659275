"""The ledger: keeps facts, keeps what is derived from them, and answers with plain rows.

Every write happens in one transaction: facts and the cursor of their file together, or neither.
"""

from __future__ import annotations

from lineitem.ledger.schema import DERIVED, SEARCHED
from lineitem.ledger.sqlite import Database, numbers_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

_REQUEST = (
    "mid, variant, session, thread, file, rank, at, model, uncached, output, write5, write1, read, thinking,"
    " searches, modifiers, prompt_size, branch, skill, counted, nanos"
)
#: What is kept of a folded session, and what is made of that.
_FOLDED = ("item", "miss", "prompt", "agent", *SEARCHED)
#: So many line items are written with one statement.
_TOGETHER = 4_000
#: A set of numbers, given as one JSON text.
_GIVEN = "(select value from json_each(?))"


class _Known(dict):  # type: ignore[type-arg]
    """What was looked up before; what was not, `find` looks up and adds."""

    def __init__(self, find: Callable[[Any], Any]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, key: Any) -> Any:
        return self._find(key)


class _Folds:
    """Folded sessions as rows that wait to be written: many sessions in one statement."""

    __slots__ = ("_numbers", "agents", "items", "misses", "prompts", "sessions")

    def __init__(self, numbers: dict[str, int]) -> None:
        self._numbers = numbers
        self.sessions: list[tuple[int]] = []
        self.items: list[list[Any]] = []
        self.misses: list[tuple[Any, ...]] = []
        self.prompts: list[tuple[Any, ...]] = []
        self.agents: list[tuple[Any, ...]] = []

    def add(self, session: int, rows: dict[str, list[Any]]) -> None:
        """Add the packed rows of a session, with numbers for names."""
        numbers = self._numbers
        self.sessions.append((session,))
        for row in rows["items"]:
            row[1], row[6] = numbers[row[1]], numbers[row[6]]
        self.items += rows["items"]
        self.misses += [(session, numbers[row[0]], *row[1:]) for row in rows["misses"]]
        self.prompts += [(session, ordinal, *row) for ordinal, row in enumerate(rows["prompts"], 1)]
        self.agents += [
            (session, numbers[row[0]], row[1], row[2], numbers[row[3]], row[4], row[5]) for row in rows["agents"]
        ]


class FileRow:
    """A transcript as the store knows it: how far it was read."""

    __slots__ = (
        "dev",
        "first_at",
        "generation",
        "head",
        "id",
        "ino",
        "last_at",
        "mtime_ns",
        "offset",
        "path",
        "session",
        "size",
        "tail",
    )

    def __init__(
        self, number: int, path: str, dev: int, ino: int, size: int, mtime_ns: int, offset: int, head: str, tail: str,
        generation: int, first_at: int, last_at: int, session: int,
    ) -> None:  # fmt: skip
        self.id, self.path, self.dev, self.ino, self.size, self.mtime_ns = number, path, dev, ino, size, mtime_ns
        self.offset, self.head, self.tail = offset, head, tail
        self.generation, self.first_at, self.last_at = generation, first_at, last_at
        self.session = session


class Transaction:
    """Begins a transaction if none is open, and ends the one it began. (`contextlib` takes 6 ms to import.)"""

    __slots__ = ("_ledger", "_own")

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._own = ledger, False

    def __enter__(self) -> None:
        self._own = not self._ledger.writing
        if self._own:
            self._ledger.begin()

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if not self._own:
            return
        if kind is not None:
            self._ledger.rollback()
            return
        try:
            self._ledger.commit()
        except BaseException:  # a full disk, a moment in which it is in use
            self._ledger.rollback()
            raise


class Moment:
    """All that is read within is of one moment, whatever others write meanwhile; what is written within ends it.

    After a write of this connection it is a moment after that write.
    """

    __slots__ = ("_ledger", "_own")

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._own = ledger, False

    def __enter__(self) -> None:
        self._own = self._ledger.hold()

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._own:
            self._ledger.let_go()


class Ledger:
    """The store of one person or team."""

    def __init__(self, path: str, *, read_only: bool = False) -> None:
        self.db = Database(path, read_only=read_only)
        self.numbers: dict[str, int] = _Known(self._number)  #: by name
        self._texts: dict[int, str] = _Known(self._text)
        self.text: Callable[[int], str] = self._texts.__getitem__  #: the name with this number
        self._held = False  # somebody wants to read one moment
        self._reads = False  # the open transaction is for that

    def close(self) -> None:
        self.db.close()

    def interrupt(self) -> None:
        """Stop the statement that another thread runs here; it raises StoreError, and its transaction is undone."""
        self.db.connection.interrupt()

    # -- transactions

    def begin(self) -> None:
        """Begin to write."""
        if self._reads:  # it could not be written to: others may have written since
            self.db.run("commit")
            self._reads = False
        self.db.run("begin immediate")

    @property
    def writing(self) -> bool:
        """Whether a transaction that may write is open."""
        return bool(self.db.connection.in_transaction) and not self._reads

    def commit(self) -> None:
        self.db.run("commit")
        self._read_on()

    def rollback(self) -> None:
        """Undo the transaction, if there still is one."""
        if self.db.connection.in_transaction:
            self.db.run("rollback")
        self.numbers.clear()
        self._texts.clear()
        self._read_on()

    def _read_on(self) -> None:
        if self._held:
            self.db.run("begin")
            self._reads = True

    def hold(self) -> bool:
        """Read one moment from now on, until `let_go`; False where a transaction is open, which does that anyway."""
        if self.db.connection.in_transaction:
            return False
        self._held = True
        self._read_on()
        return True

    def let_go(self) -> None:
        self._held = self._reads = False
        if self.db.connection.in_transaction:
            self.db.run("commit")

    def moment(self) -> Moment:
        """One moment for all that is read within; joins a transaction that is open."""
        return Moment(self)

    def transaction(self) -> Transaction:
        """All or nothing of what is written within; joins a transaction that is open."""
        return Transaction(self)

    # -- names

    def name(self, text: str) -> int:
        """The number of a name, made when it is new."""
        return self.numbers[text]

    def _number(self, text: str) -> int:
        kept = text if text.isascii() else text.encode("utf-8", "replace").decode()
        row = self.db.one("select id from name where text = ?", (kept,))
        if row is None:
            row = self.db.one("insert into name (text) values (?) returning id", (kept,))
        known: int = row[0]
        self.numbers[text] = self.numbers[kept] = known
        self._texts[known] = kept
        return known

    def _text(self, number: int) -> str:
        row = self.db.one("select text from name where id = ?", (number,))
        text: str = row[0] if row else ""
        self._texts[number] = text
        return text

    def load_names(self) -> dict[int, str]:
        """All names at once: cheaper than one by one where many are needed."""
        for number, text in self.db.rows("select id, text from name"):
            self._texts[number] = text
            self.numbers[text] = number
        return self._texts

    def find_name(self, text: str) -> int | None:
        """The number of a name, None where the store has never seen it."""
        row = self.db.one("select id from name where text = ?", (text,))
        return row[0] if row else None

    # -- files and facts

    def files(self) -> dict[str, FileRow]:
        """Every known transcript by path."""
        columns = "id, path, dev, ino, size, mtime_ns, offset, head, tail, generation, first_at, last_at, session"
        sql = f"select {columns} from file"
        return {row[1]: FileRow(*row) for row in self.db.rows(sql)}

    def cursors(self) -> dict[str, tuple[int, int, int, int]]:
        """(inode, size, modification time, sidecar's) of every known transcript: enough to see what is new."""
        return {row[0]: row[1:] for row in self.db.rows("select path, ino, size, mtime_ns, sidecar_ns from file")}

    def keep_file(self, row: tuple[Any, ...]) -> int:
        """Insert or update a file by its path; its id. A sidecar that cannot be read now stays known."""
        columns = (
            "path", "project", "session", "thread", "dev", "ino", "size", "mtime_ns", "offset", "head", "tail",
            "generation", "first_at", "last_at", "sidecar", "sidecar_ns",
        )  # fmt: skip
        changes = ", ".join(f"{name} = excluded.{name}" for name in columns[1:] if name != "sidecar")
        found = self.db.one(
            f"insert into file ({', '.join(columns)}) values ({','.join('?' * len(columns))})"
            f" on conflict (path) do update set {changes},"
            " sidecar = coalesce(nullif(excluded.sidecar, ''), file.sidecar) returning id",
            row,
        )
        return int(found[0])

    def touch_file(
        self, path: str, dev: int, ino: int, size: int, mtime_ns: int, sidecar: str, sidecar_ns: int
    ) -> None:
        sql = "update file set dev = ?, ino = ?, size = ?, mtime_ns = ?, sidecar = coalesce(nullif(?, ''), sidecar),"
        sql += " sidecar_ns = ? where path = ?"
        self.db.run(sql, (dev, ino, size, mtime_ns, sidecar, sidecar_ns, path))

    def keep_sightings(self, rows: Iterable[tuple[int, int, int, int, str]]) -> None:
        """(file, generation, start, end, JSON rows); a span read again replaces the shorter one from there."""
        self.db.many(
            "insert into sighting (file, generation, start, end, rows) values (?,?,?,?,?)"
            " on conflict (file, generation, start) do update set end=excluded.end, rows=excluded.rows",
            rows,
        )

    def keep_totals(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self.db.many("insert or replace into total values (?,?,?,?,?,?,?,?,?)", rows)

    def keep_problems(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self.db.many("insert or replace into problem values (?,?,?,?,?,?)", rows)

    def forget_waiting(self, file: int) -> None:
        """A half-written last line is only a problem until the file is read again."""
        self.db.run("delete from problem where file = ? and slug = 'line-half-written'", (file,))

    # -- requests

    def requests_of(self, mid: str) -> list[tuple[Any, ...]]:
        return list(self.db.rows(f"select {_REQUEST} from request where mid = ?", (mid,)))

    def copies_of(self, mid: str) -> list[tuple[str, int, int, int]]:
        return list(self.db.rows("select variant, session, thread, rank from copy where mid = ?", (mid,)))

    def keep_requests(self, rows: Iterable[tuple[Any, ...]]) -> None:
        marks = ",".join("?" * 21)
        self.db.many(f"insert or replace into request ({_REQUEST}) values ({marks})", rows)

    def drop_indexes(self, table: str) -> list[str]:
        """Drop the indexes of a table that is about to be filled, for made after it they take half the time.

        What makes them again, for `make_indexes`.
        """
        found = list(
            self.db.rows(
                "select name, sql from sqlite_schema where type = 'index' and tbl_name = ? and sql is not null"
                " order by rowid",
                (table,),
            )
        )
        for name, _ in found:
            self.db.run(f"drop index {name}")
        return [sql for _, sql in found]

    def make_indexes(self, made: Iterable[str]) -> None:
        """Make indexes that were dropped."""
        for sql in made:
            self.db.run(sql)

    def keep_copies(self, mids: Iterable[tuple[str]], rows: Iterable[tuple[Any, ...]]) -> None:
        self.db.many("delete from copy where mid = ?", mids)
        self.db.many("insert or replace into copy (mid, variant, session, thread, rank) values (?,?,?,?,?)", rows)

    def has_transcripts(self) -> bool:
        """Whether any transcript was ever read into this store, or came from an archive."""
        return self.db.one("select 1 from file limit 1") is not None

    def has_requests(self) -> bool:
        return self.db.one("select 1 from request limit 1") is not None

    def session_requests(self, session: int) -> list[tuple[Any, ...]]:
        """The requests a session owns, counted or not."""
        return list(self.db.rows(f"select {_REQUEST} from request where session = ?", (session,)))

    def copied_requests(self, session: int) -> list[tuple[Any, ...]]:
        """The requests that stand in a session's files but are owned elsewhere."""
        columns = ", ".join("r." + column.strip() for column in _REQUEST.split(","))
        return list(
            self.db.rows(
                f"select {columns} from copy c join request r on r.mid = c.mid and r.variant = c.variant"
                " where c.session = ? and r.session <> c.session",
                (session,),
            )
        )

    # -- what is derived of a session

    def session_totals(self, session: int) -> list[tuple[Any, ...]]:
        """The client's own totals of a session, each once, in order: (at, nanos, started, unknown, models).

        A file that was cut may no longer say when: at is 0 only where no generation of it did.
        """
        return list(
            self.db.rows(
                "select coalesce(min(nullif(t.at, 0)), 0), t.nanos, t.started, max(t.unknown), t.models from total t"
                " join file f on f.id = t.file"
                " where f.session = ? group by t.nanos, t.started, t.models order by 1, t.started, t.nanos, t.models",
                (session,),
            )
        )

    def roll_up(self, sessions: Sequence[int]) -> None:
        """Make the quarter-hour rollup of these sessions again from their requests."""
        for session in sessions:
            self.db.run("delete from usage where session = ?", (session,))
            self.db.run(
                "insert into usage select session, at / 900000, model, count(*), sum(uncached), sum(output),"
                " sum(write5), sum(write1), sum(read), sum(searches), sum(coalesce(nanos, 0)),"
                " sum(case when nanos is null then uncached + output + write5 + write1 + read else 0 end)"
                " from request where session = ? and counted group by at / 900000, model",
                (session,),
            )

    def keep_usage(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self.db.many("insert or replace into usage values (?,?,?,?,?,?,?,?,?,?,?,?)", rows)

    def forget_usage(self, sessions: Sequence[int]) -> None:
        self.db.run(f"delete from usage where session in {_GIVEN}", (numbers_json(sessions),))

    def replace_usage(self, session: int, rows: Iterable[tuple[Any, ...]]) -> None:
        """The rollup of one session, whatever it was before."""
        self.db.run("delete from usage where session = ?", (session,))
        self.keep_usage(rows)

    def has_files(self, session: int) -> bool:
        """Whether a transcript of this session was read."""
        return self.db.one("select 1 from file where session = ? limit 1", (session,)) is not None

    def is_live(self, session: int) -> bool:
        """Whether telemetry or a statusline told of this session."""
        return (
            self.db.one("select 1 from api_call where session = ? limit 1", (session,)) is not None
            or self.db.one("select 1 from snapshot where session = ? limit 1", (session,)) is not None
        )

    def unfold(self, session: int) -> None:
        """The line items of a session are to be made again."""
        self.db.run("update session set folded = 0 where session = ?", (session,))

    def live_sessions(self) -> list[int]:
        """Sessions that only live sources told of."""
        return [
            row[0]
            for row in self.db.rows(
                "select session from (select session from api_call union select session from snapshot) l"
                " where not exists (select 1 from file f where f.session = l.session) order by session"
            )
        ]

    def live_among(self, sessions: Sequence[int]) -> list[int]:
        """Those of these sessions that only live sources told of; the history of all others is not looked at."""
        return [
            row[0]
            for row in self.db.rows(
                "select value from json_each(?) where (exists (select 1 from api_call a where a.session = value)"
                " or exists (select 1 from snapshot s where s.session = value))"
                " and not exists (select 1 from file f where f.session = value) order by value",
                (numbers_json(sessions),),
            )
        ]

    def keep_sessions(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """(session, project, first_at, last_at, logged, reported, unlogged); the line items become stale."""
        self.db.many(
            "insert or replace into session (session, project, first_at, last_at, logged, reported, unlogged, folded)"
            " values (?,?,?,?,?,?,?,0)",
            rows,
        )

    def keep_runs(self, sessions: Sequence[int], rows: Iterable[tuple[Any, ...]]) -> None:
        """The runs of these sessions, whatever they were before."""
        self.db.run(f"delete from run where session in {_GIVEN}", (numbers_json(sessions),))
        self.db.many("insert into run values (?,?,?,?,?,?,?,?,?,?)", rows)

    def files_of(self, session: int) -> list[tuple[Any, ...]]:
        """(id, path, thread, sidecar, first_at, project) of a session's files, earliest first."""
        return list(
            self.db.rows(
                "select id, path, thread, sidecar, first_at, project from file where session = ?"
                " order by first_at, path",
                (session,),
            )
        )

    def sightings_of(self, file: int) -> list[tuple[int, int, bytes]]:
        """(generation, start, JSON rows) of a file, in the order of its lines."""
        return list(
            self.db.rows(
                "select generation, start, cast(rows as blob) from sighting where file = ? order by generation, start",
                (file,),
            )
        )

    def forget_derived(self) -> None:
        """Throw away everything that can be made again."""
        for table in (*DERIVED, *SEARCHED):
            self.db.run(f"delete from {table}")

    # -- settings of the store itself

    def state(self, key: str) -> str:
        row = self.db.one("select value from state where key = ?", (key,))
        return row[0] if row else ""

    def set_state(self, key: str, value: str) -> None:
        self.db.run("insert or replace into state values (?, ?)", (key, value))

    def copying_from(self, sessions: Sequence[int]) -> list[int]:
        """Sessions whose files repeat answers of these: their forks."""
        return [
            row[0]
            for row in self.db.rows(
                "select distinct c.session from request r join copy c on c.mid = r.mid and c.variant = r.variant"
                f" where r.session in {_GIVEN} and c.session <> r.session",
                (numbers_json(sessions),),
            )
        ]

    def session_sums(self, sessions: Sequence[int]) -> dict[int, tuple[int, int, int]]:
        """(first, last, nanodollars) of the counted requests of those sessions that have any."""
        return {
            row[0]: row[1:]
            for row in self.db.rows(
                "select session, min(at), max(at), sum(coalesce(nanos, 0)) from request"
                f" where session in {_GIVEN} and counted group by session",
                (numbers_json(sessions),),
            )
        }

    def session_projects(self, sessions: Sequence[int]) -> dict[int, int]:
        """The project of each session: of its main file, else of any, else of a file that repeats its answers."""
        found: dict[int, int] = {}
        for session, project in self.db.rows(
            f"select session, project from file where session in {_GIVEN}"
            " order by thread <> (select id from name where text = ''), first_at, path",
            (numbers_json(sessions),),
        ):
            found.setdefault(session, project)
        for session in sessions:
            if session in found:
                continue
            row = self.db.one(
                "select f.project from request r join copy c on c.mid = r.mid and c.variant = r.variant"
                " join file f on f.session = c.session where r.session = ? order by f.first_at, f.path limit 1",
                (session,),
            )
            if row is not None:
                found[session] = row[0]
        return found

    def sessions_with_totals(self, sessions: Sequence[int]) -> set[int]:
        """Those of these sessions of which the client wrote a total."""
        return {
            row[0]
            for row in self.db.rows(
                f"select distinct session from file f where session in {_GIVEN}"
                " and exists (select 1 from total t where t.file = f.id)",
                (numbers_json(sessions),),
            )
        }

    def drop_session(self, session: int) -> None:
        for table in ("session", "usage", "run", *_FOLDED):
            self.db.run(f"delete from {table} where session = ?", (session,))

    def runs_of(self, session: int) -> list[tuple[Any, ...]]:
        """(ordinal, at, reported, logged, unlogged, priced, duplicated, unexplained, tokens) in order."""
        return list(
            self.db.rows(
                "select ordinal, at, reported, logged, unlogged, priced, duplicated, unexplained, tokens"
                " from run where session = ? order by ordinal",
                (session,),
            )
        )

    # -- line items

    def all_sessions(self) -> list[int]:
        return [row[0] for row in self.db.rows("select session from session order by session")]

    def stale_sessions(self) -> list[int]:
        """Sessions whose line items must be made again."""
        return [row[0] for row in self.db.rows("select session from session where folded = 0")]

    def heaviest(self, sessions: Sequence[int]) -> list[int]:
        """These sessions, those with the most requests first."""
        counts = dict(self.db.rows("select session, sum(requests) from usage group by session"))
        return sorted(sessions, key=lambda number: (-counts.get(number, 0), number))

    def keep_folds(
        self, folds: Iterable[tuple[int, dict[str, list[Any]]]], progress: Callable[[int], None] | None = None
    ) -> None:
        """Replace the line items, misses, prompts and agents of sessions; `progress` is told of each that is kept."""
        filled = [table for table in _FOLDED if self.db.one(f"select 1 from {table} limit 1") is not None]
        waiting = _Folds(self.numbers)
        for session, rows in folds:
            for table in filled:
                self.db.run(f"delete from {table} where session = ?", (session,))
            waiting.add(session, rows)
            if len(waiting.items) > _TOGETHER:
                self._write(waiting)
                waiting = _Folds(self.numbers)
            if progress:
                progress(1)
        self._write(waiting)

    def _write(self, folds: _Folds) -> None:
        marks = ",".join("?" * 25)
        self.db.many(f"insert into item values ({marks})", folds.items)
        self.db.many("insert or replace into miss values (?,?,?,?,?,?,?,?)", folds.misses)
        self.db.many("insert into prompt values (?,?,?,?,?,?,?,?)", folds.prompts)
        self.db.many("insert or replace into agent values (?,?,?,?,?,?,?)", folds.agents)
        # another number each time, so that who remembers what was made of it sees that it is made anew
        self.db.many(
            "update session set folded = (random() & 0x7fffffffffffffff) | 1 where session = ?", folds.sessions
        )

    def all_files(self) -> list[tuple[int, str, str, str, int]]:
        """(id, project, session, thread, first_at) of every transcript."""
        return list(
            self.db.rows(
                "select f.id, p.text, s.text, t.text, f.first_at from file f join name p on p.id = f.project"
                " join name s on s.id = f.session join name t on t.id = f.thread order by f.path"
            )
        )

    def sessions_with_files(self) -> list[str]:
        return [row[0] for row in self.db.rows("select distinct n.text from file f join name n on n.id = f.session")]

    def data_version(self) -> int:
        """Another number whenever another connection changed the store."""
        return int(self.db.one("pragma data_version")[0])

    def integrity(self) -> str:
        """`ok`, or what SQLite finds wrong with the file."""
        return str(self.db.one("pragma quick_check(1)")[0])

    # -- looking one thing up

    def call_sessions(self, call: str) -> list[int]:
        """The sessions that have line items of a tool call."""
        return [row[0] for row in self.db.rows("select distinct session from item where call = ?", (call,))]

    def find_requests(self, ident: str) -> list[tuple[Any, ...]]:
        """Requests by message id or request id, the counted one first."""
        return list(
            self.db.rows(
                f"select {_REQUEST} from request where mid = ? or variant = ? order by counted desc, variant",
                (ident, ident),
            )
        )

    def files_showing(self, session: int, ident: str) -> list[tuple[str, int, str]]:
        """(path, span start, rows) of the spans of a session's files that mention an id."""
        return list(
            self.db.rows(
                "select f.path, s.start, s.rows from sighting s join file f on f.id = s.file"
                " where f.session = ? and s.generation = f.generation and instr(s.rows, ?) > 0"
                " order by f.path, s.start",
                (session, ident),
            )
        )

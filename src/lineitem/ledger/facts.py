"""The facts of a store, table by table, as rows that mean the same in any store: names as text, no numbers of rows.

Out: `rows_of` reads a table in one fixed order, in bounded memory. In: `merge` takes such rows, in any order and any
number of times. Always: a row that is known changes nothing; what is newer stays; nothing that was kept is lost. What
can be derived again is not here, nor what means something on one machine alone: inodes, sizes and times of
transcripts, messages on their way, a last line that is half written. The caller holds the transaction.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.ledger import audit
from lineitem.ledger.findings import HEARD, returns_after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from lineitem.ledger.store import Ledger

    Row = tuple[Any, ...]
    Merge = Callable[[Ledger, Iterable[Row]], int]

TEXT, WHOLE, TIME = "text", "whole", "time"


class NotYet(Exception):
    """A row that has no place here for now; the text says why."""


class Column(NamedTuple):
    """A column: TIME is milliseconds since 1970 UTC; `null`: may be unknown."""

    name: str
    kind: str
    null: bool


class Facts(NamedTuple):
    """A table of facts: its columns, how it is read, and how rows of it are taken in."""

    name: str
    columns: tuple[Column, ...]
    read: str  #: SQL; the month a row belongs to comes first. A `?` is the number of a transcript
    merge: Merge

    @property
    def by_transcript(self) -> bool:
        """Whether it is read transcript by transcript."""
        return "?" in self.read


def _columns(text: str) -> tuple[Column, ...]:
    """`occurred_at:time? key` -> columns; text where nothing is said, `?` where it may be unknown."""
    found = []
    for word in text.split():
        name, _, kind = word.rstrip("?").partition(":")
        found.append(Column(name, kind or TEXT, word.endswith("?")))
    return tuple(found)


def _month(at: str) -> str:
    return f"coalesce(strftime('%Y-%m', nullif({at}, 0) / 1000, 'unixepoch'), 'none')"


def rows_of(ledger: Ledger, facts: Facts) -> Iterator[tuple[str, Row]]:
    """(month, row) of a table, in an order that depends on the facts alone."""
    if not facts.by_transcript:
        for month, *row in ledger.db.rows(facts.read):
            yield month, tuple(row)
        return
    files = list(ledger.db.rows(f"select id, path, {_month('first_at')} from file order by 3, 2"))
    for file, path, month in files:
        for row in ledger.db.rows(facts.read, (file,)):
            yield month, (path, *row)


def sort_on_disk(ledger: Ledger) -> None:
    """Let this connection sort what is larger than its cache in files, not in memory."""
    ledger.db.run("pragma temp_store=file")


# -- transcripts, and what they said


def _merge_transcripts(ledger: Ledger, rows: Iterable[Row]) -> int:
    """The files alone, as if not read yet: where reading goes on is told when all they said is here."""
    name = ledger.name
    new = 0
    for path, project, session, thread, _, _, _, generation, first_at, _, sidecar in rows:
        known = ledger.db.one("select generation, first_at, sidecar, session from file where path = ?", (path,))
        if known is None:
            new += 1
            ledger.db.run(
                "insert into file (path, project, session, thread, dev, ino, size, mtime_ns, offset, head, tail,"
                " generation, first_at, last_at, sidecar, sidecar_ns) values (?,?,?,?,0,0,0,0,0,'','',?,?,0,?,0)",
                (path, name(project), name(session), name(thread), generation, first_at or 0, sidecar),
            )
            continue
        first = min(first_at or known[1], known[1] or first_at or 0)
        if generation > known[0]:  # or the next reading would take its number
            ledger.db.run(
                "update file set generation = ?, offset = 0, head = '', tail = '' where path = ?", (generation, path)
            )
        if session and known[3] == name(""):  # a file without a whole line does not say whose it is
            new += 1
            ledger.db.run("update file set session = ? where path = ?", (name(session), path))
        if first != known[1] or (sidecar and not known[2]):
            new += 1
            ledger.db.run(
                "update file set first_at = ?, sidecar = coalesce(nullif(sidecar, ''), ?) where path = ?",
                (first, sidecar, path),
            )
    return new


def ends_of(rows: Iterable[Row]) -> list[Row]:
    """Of transcripts, what tells where reading goes on."""
    return [(row[0], *row[4:8], row[9] or 0) for row in rows]


def go_on_from(ledger: Ledger, ends: Iterable[Row]) -> None:
    """Where reading these transcripts goes on, for those that were not read further here; `ends`: see `ends_of`.

    Whether the bytes before that place are the same is checked when the file is read: inode and times are not told.
    """
    ledger.db.many(
        "update file set offset = ?2, size = ?2, head = ?3, tail = ?4, last_at = ?6, dev = 0, ino = 0, mtime_ns = 0"
        " where path = ?1 and generation = ?5 and (offset < ?2 or head = '')",
        ends,
    )


class _Files:
    """Numbers of transcripts by path, looked up once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, int] = {}

    def number(self, path: str) -> int:
        found = self._known.get(path)
        if found is None:
            row = self._ledger.db.one("select id from file where path = ?", (path,))
            if row is None:
                raise NotYet("it tells of a transcript that no part names")
            found = self._known[path] = row[0]
        return found


def _generations(first: int) -> Iterator[int]:
    """Where another version of the same file may be put: its own number, then -1, -2 ..."""
    yield first
    yield from (number for number in range(-1, -100_000, -1) if number != first)


def _merge_sightings(ledger: Ledger, rows: Iterable[Row]) -> int:
    """A span that was read longer replaces the shorter one; another text at the same place is kept beside it."""
    files, one, run = _Files(ledger), ledger.db.one, ledger.db.run
    new = 0
    for path, generation, start, end, said in rows:
        file = files.number(path)
        for place in _generations(generation):
            key = (file, place, start)
            known = one("select end, rows from sighting where file = ? and generation = ? and start = ?", key)
            if known is None:
                run("insert into sighting (file, generation, start, end, rows) values (?,?,?,?,?)", (*key, end, said))
                new += 1
                break
            if known == (end, said) or (end < known[0] and known[1].startswith(said[:-1])):
                break
            if end > known[0] and said.startswith(known[1][:-1]):
                run("update sighting set end = ?, rows = ? where file = ? and generation = ? and start = ?",
                    (end, said, *key))  # fmt: skip
                new += 1
                break
    return new


def _beside(table: str, keys: str, values: str) -> Merge:
    """Rows of a transcript by their place; another row at the same place is kept beside it."""
    count = len(keys.split(",")) + len(values.split(","))
    known_sql = f"select {values} from {table} where {' and '.join(f'{key} = ?' for key in keys.split(', '))}"
    insert = f"insert into {table} ({keys}, {values}) values ({','.join('?' * count)})"
    split = len(keys.split(",")) - 1

    def merge(ledger: Ledger, rows: Iterable[Row]) -> int:
        files = _Files(ledger)
        new = 0
        for path, generation, *rest in rows:
            file = files.number(path)
            said = tuple(value if value is not None else 0 for value in rest[split - 1 :])
            for place in _generations(generation):
                key = (file, place, *rest[: split - 1])
                known = ledger.db.one(known_sql, key)
                if known is None:
                    ledger.db.run(insert, (*key, *said))
                    new += 1
                    break
                if tuple(known) == said:
                    break
        return new

    return merge


# -- what has a key of its own


def _upsert(sql: str, sessions: int | None = None) -> Merge:
    """One statement a row; `sessions`: the place of the column that is a session."""

    def merge(ledger: Ledger, rows: Iterable[Row]) -> int:
        before = ledger.db.connection.total_changes()
        named = rows
        if sessions is not None:
            name = ledger.name
            named = [(*row[:sessions], name(row[sessions]), *row[sessions + 1 :]) for row in rows]
            before = ledger.db.connection.total_changes()  # names that are new are no rows
        ledger.db.many(sql, named)
        return int(ledger.db.connection.total_changes() - before)

    return merge


_EVENTS = _upsert(
    "insert into event (key, session, at, what, prompt, agent, tool, call, duration, size_in, size_out, note)"
    " values (?,?,?,?,?,?,?,?,?,?,?,?) on conflict (key) do update set at = min(at, excluded.at),"
    " duration = coalesce(duration, excluded.duration), size_in = coalesce(size_in, excluded.size_in),"
    " size_out = coalesce(size_out, excluded.size_out) where excluded.at < at"
    " or (duration is null and excluded.duration not null) or (size_in is null and excluded.size_in not null)"
    " or (size_out is null and excluded.size_out not null)",
    1,
)


def _merge_events(ledger: Ledger, rows: Iterable[Row]) -> int:
    """Returns to sessions that come from elsewhere are no news here."""
    heard = not returns_after(ledger, int(ledger.state(HEARD) or 0))
    new = _EVENTS(ledger, rows)
    if new and heard:
        ledger.set_state(HEARD, str(ledger.db.one("select coalesce(max(id), 0) from event")[0]))
    return new


def _in_force(table: str, number: str, key: str) -> Merge:
    """Of two in force under one key, the later one is; the earlier one ended where that began."""
    same = f"select {number}, until from {table} where {key} = ? and since = ? and body = ? order by until is null"
    open_ = f"select {number}, since, body from {table} where {key} = ? and until is null"
    end = f"update {table} set until = ? where {number} = ?"
    insert = f"insert into {table} ({key}, since, until, body) values (?,?,?,?)"

    def merge(ledger: Ledger, rows: Iterable[Row]) -> int:
        one, run = ledger.db.one, ledger.db.run
        new = 0
        for name, since, until, body in rows:
            known = one(same, (name, since, body))
            if known is not None:
                if known[1] is None and until is not None:
                    run(end, (until, known[0]))
                    new += 1
                continue
            if until is None:
                other = one(open_, (name,))
                if other is not None and (other[1], other[2]) > (since, body):
                    until = other[1]
                elif other is not None:
                    run(end, (since, other[0]))
            run(insert, (name, since, until, body))
            new += 1
        return new

    return merge


def _merge_audit(ledger: Ledger, rows: Iterable[Row]) -> int:
    """A log that goes on from this one is taken as it is; of another one, what is unknown is added at the end."""
    one = ledger.db.one
    new = 0
    before: tuple[int, str] | None = None
    for row in rows:
        seq, key, at, actor, what, body, digest = row
        last = one("select seq, hash from audit order by seq desc limit 1") or (0, "")
        if one("select 1 from audit where key = ?", (key,)) is None:
            new += 1
            if seq == last[0] + 1 and (digest == audit.link(last[1], row[:6]) or before == last):
                ledger.db.run("insert into audit (seq, key, at, actor, what, body, hash) values (?,?,?,?,?,?,?)", row)
            else:
                audit.append(ledger, key, at, actor, what, body)
        before = (seq, digest)
    return new


def _merge_manual_sessions(ledger: Ledger, rows: Iterable[Row]) -> int:
    """One that is not ended waits where another one of its folder is not ended, either."""
    one, run = ledger.db.one, ledger.db.run
    new = 0
    for row in rows:
        ident, folder, until = row[0], row[2], row[5]
        known = one("select until from manual_session where id = ?", (ident,))
        if known is not None:
            if known[0] is None and until is not None:
                run("update manual_session set until = ? where id = ?", (until, ident))
                new += 1
            continue
        if until is None and one("select 1 from manual_session where folder = ? and until is null", (folder,)):
            raise NotYet("a manual session in it is not ended, and one of the same folder is not ended here")
        run(
            "insert into manual_session (id, name, folder, cwd, since, until, model, expected_nanos, expected_tokens)"
            " values (?,?,?,?,?,?,?,?,?)",
            row,
        )
        new += 1
    return new


def _merge_questions(ledger: Ledger, rows: Iterable[Row]) -> int:
    one, run = ledger.db.one, ledger.db.run
    new = 0
    for row in rows:
        known = one("select id, nanos, cause from question where digest = ? and at = ? and model = ?", row[:3])
        if known is None:
            run(
                "insert into question (digest, at, model, reserved, nanos, uncached, write5, write1, read, output,"
                " cause, likelihood, text, why) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                row,
            )
            new += 1
        elif (known[1] is None and row[4] is not None) or (known[2] is None and row[10] is not None):
            run(
                "update question set nanos = ?, uncached = ?, write5 = ?, write1 = ?, read = ?, output = ?, cause = ?,"
                " likelihood = ?, text = ?, why = ? where id = ?",
                (*row[4:], known[0]),
            )
            new += 1
    return new


def _merge_names(ledger: Ledger, rows: Iterable[Row]) -> int:
    """Names get their numbers in the order in which they were met: among equals, that order decides."""
    before = int(ledger.db.connection.total_changes())
    for (text,) in rows:
        ledger.name(text)
    return int(ledger.db.connection.total_changes()) - before


#: Whether what others learnt may be taken: the store knew no transcript when the pull began.
FRESH = "archive/fresh"


def _merge_learnt(ledger: Ledger, rows: Iterable[Row]) -> int:
    """Weights decide how items are split: a store with sessions of its own keeps its own."""
    if not ledger.state(FRESH):
        return 0
    before = int(ledger.db.connection.total_changes())
    ledger.db.many("insert or ignore into state (key, value) values (?, ?)", rows)
    return int(ledger.db.connection.total_changes()) - before


_LEARNT = "'insights/1'", "'weights/%'", "'calibration/%'"
#: In the order in which they are taken in.
TABLES: tuple[Facts, ...] = (
    Facts("names", _columns("text"), "select 'all', text from name order by id", _merge_names),
    Facts("learnt", _columns("key value"),
          f"select 'all', key, value from state where key = {_LEARNT[0]} or key like {_LEARNT[1]}"
          f" or key like {_LEARNT[2]} order by key", _merge_learnt),
    Facts("transcripts", _columns("path project session thread bytes_read:whole head tail generation:whole"
                                  " first_at:time? last_at:time? sidecar"),
          f"select {_month('f.first_at')}, f.path, p.text, s.text, t.text, f.offset, f.head, f.tail, f.generation,"
          " nullif(f.first_at, 0), nullif(f.last_at, 0), f.sidecar from file f join name p on p.id = f.project"
          " join name s on s.id = f.session join name t on t.id = f.thread order by 1, f.path", _merge_transcripts),
    Facts("sightings", _columns("path generation:whole start_byte:whole end_byte:whole rows"),
          "select generation, start, end, rows from sighting where file = ? order by generation, start",
          _merge_sightings),
    Facts("totals", _columns("path generation:whole start_byte:whole ordinal:whole occurred_at:time? cost_nanos:whole"
                             " started:time? unknown:whole models"),
          "select generation, start, ordinal, nullif(at, 0), nanos, nullif(started, 0), unknown, models from total"
          " where file = ? order by generation, start, ordinal",
          _beside("total", "file, generation, start, ordinal", "at, nanos, started, unknown, models")),
    Facts("problems", _columns("path generation:whole start_byte:whole ordinal:whole slug note"),
          "select generation, start, ordinal, slug, note from problem where file = ? and slug <> 'line-half-written'"
          " order by generation, start, ordinal, slug",
          _beside("problem", "file, generation, start, ordinal, slug", "note")),
    Facts("events", _columns("key session occurred_at:time what prompt agent tool call duration_ms:whole?"
                             " bytes_in:whole? bytes_out:whole? note"),
          f"select {_month('e.at')}, e.key, n.text, e.at, e.what, e.prompt, e.agent, e.tool, e.call, e.duration,"
          " e.size_in, e.size_out, e.note from event e join name n on n.id = e.session order by 1, e.at, e.id",
          _merge_events),
    Facts("snapshots", _columns(
              "session occurred_at:time model prompt cost_nanos:whole? api_ms:whole? context:whole? window_size:whole?"
              " uncached_input:whole? output:whole? cache_write:whole? cache_read:whole? five_hour:whole?"
              " five_hour_resets:whole? week:whole? week_resets:whole? warm:whole? ttl expires:whole? misses:whole?"
              " recache:whole? cwd"),
          f"select {_month('s.at')}, n.text, s.at, s.model, s.prompt, s.nanos, s.api_ms, s.context, s.window,"
          ' s.uncached, s.output, s."write", s.read, s.five_hour, s.five_hour_resets, s.week, s.week_resets, s.warm,'
          " s.ttl, s.expires, s.misses, s.recache, s.cwd from snapshot s join name n on n.id = s.session"
          " order by 1, n.text, s.at", _upsert(f"insert or ignore into snapshot values ({','.join('?' * 22)})", 0)),
    Facts("api_calls", _columns(
              "key session occurred_at:time request model source agent prompt uncached_input:whole output:whole"
              " cache_write_5m:whole cache_write_1h:whole cache_read:whole cost_nanos:whole? duration_ms:whole? speed"
              " labels"),
          f"select {_month('a.at')}, a.key, n.text, a.at, a.request, a.model, a.source, a.agent, a.prompt, a.uncached,"
          " a.output, a.write5, a.write1, a.read, a.nanos, a.duration, a.speed, a.labels from api_call a"
          " join name n on n.id = a.session order by 1, a.at, a.key",
          _upsert(f"insert or ignore into api_call values ({','.join('?' * 17)})", 1)),
    Facts("tools_done", _columns("call session occurred_at:time tool request prompt agent bytes_in:whole?"
                                 " bytes_out:whole? succeeded:whole? duration_ms:whole?"),
          f"select {_month('d.at')}, d.call, n.text, d.at, d.tool, d.request, d.prompt, d.agent, d.size_in, d.size_out,"
          " d.succeeded, d.duration from tool_done d join name n on n.id = d.session order by 1, d.at, d.call",
          _upsert(f"insert or ignore into tool_done values ({','.join('?' * 11)})", 1)),
    Facts("budgets", _columns("name since:time until:time? body"),
          "select 'all', name, since, until, body from budget order by name, since, id",
          _in_force("budget", "id", "name")),
    Facts("followed", _columns("id since:time until:time? body"),
          "select 'all', id, since, until, body from followed order by id, since, seq",
          _in_force("followed", "seq", "id")),
    Facts("audit", _columns("seq:whole key occurred_at:time actor what body hash"),
          "select 'all', seq, key, at, actor, what, body, hash from audit order by seq", _merge_audit),
    Facts("manual_sessions", _columns("id name folder cwd since:time until:time? model expected_nanos:whole?"
                                      " expected_tokens:whole?"),
          f"select {_month('since')}, id, name, folder, cwd, since, until, model, expected_nanos, expected_tokens"
          " from manual_session order by 1, since, id", _merge_manual_sessions),
    Facts("manual_entries", _columns(
              "id session folder occurred_at:time how kind label model uncached_input:whole cache_write_5m:whole"
              " cache_write_1h:whole cache_read:whole output:whole searches:whole modifiers message_id range"),
          f"select {_month('at')}, id, session, folder, at, how, kind, label, model, uncached, write5, write1, read,"
          " output, searches, modifiers, mid, range from manual_entry order by 1, at, id",
          _upsert("insert or ignore into manual_entry (id, session, folder, at, how, kind, label, model, uncached,"
                  " write5, write1, read, output, searches, modifiers, mid, range)"
                  f" values ({','.join('?' * 17)})")),
    Facts("findings", _columns("key occurred_at:time session rule severity:whole again:whole body"),
          f"select {_month('f.at')}, f.key, f.at, n.text, f.rule, f.severity, f.again, f.body from finding f"
          " join name n on n.id = f.session order by 1, f.at, f.key",
          _upsert("insert or ignore into finding (key, at, session, rule, severity, again, body)"
                  " values (?,?,?,?,?,?,?)", 2)),
    Facts("noticed", _columns("session upto:time"),
          f"select {_month('u.upto')}, n.text, u.upto from noticed u join name n on n.id = u.session"
          " order by 1, u.upto, n.text",
          _upsert("insert into noticed (session, upto) values (?,?) on conflict (session) do update"
                  " set upto = excluded.upto where excluded.upto > upto", 0)),
    Facts("baselines", _columns("measure key used:time row"),
          f"select {_month('used')}, measure, key, used, row from baseline order by 1, used, id",
          _upsert("insert into baseline (measure, key, used, row) values (?,?,?,?) on conflict (measure, key)"
                  " do update set used = excluded.used, row = excluded.row where excluded.used > used")),
    Facts("asked", _columns("key noted:time digest? due:time? tries:whole settled:time? why?"),
          f"select {_month('noted')}, key, noted, digest, due, tries, settled, why from asked order by 1, noted, key",
          _upsert("insert into asked (key, noted, digest, due, tries, settled, why) values (?,?,?,?,?,?,?)"
                  " on conflict (key) do update set digest = excluded.digest, due = null, settled = excluded.settled,"
                  " why = excluded.why where settled is null and excluded.settled not null")),
    Facts("questions", _columns(
              "digest occurred_at:time model reserved_nanos:whole cost_nanos:whole? uncached_input:whole?"
              " cache_write_5m:whole? cache_write_1h:whole? cache_read:whole? output:whole? cause? likelihood?"
              " text? why?"),
          f"select {_month('at')}, digest, at, model, reserved, nanos, uncached, write5, write1, read, output,"
          " cause, likelihood, text, why from question order by 1, at, digest, id", _merge_questions),
)  # fmt: skip
BY_NAME = {facts.name: facts for facts in TABLES}


def weight(ledger: Ledger) -> int:
    """About how many bytes the facts have, as JSON."""
    rows, events = ledger.db.one(
        "select (select coalesce(sum(octet_length(rows)), 0) from sighting), (select count(*) from event)"
    )
    return int(rows + 300 * events)


# -- what the store remembers of archives


_MARK = "archive/part/"


def marked(ledger: Ledger) -> set[str]:
    """The contents of parts whose facts are all in this store."""
    rows = ledger.db.rows("select substr(key, ?) from state where key >= ? and key < ?",
                          (len(_MARK) + 1, _MARK, _MARK + "~"))  # fmt: skip
    return {content for (content,) in rows}


def mark(ledger: Ledger, contents: Iterable[str]) -> None:
    """The facts of these parts are in this store."""
    ledger.db.many("insert or ignore into state (key, value) values (?, '')", [(_MARK + each,) for each in contents])


def mark_scored(ledger: Ledger) -> None:
    """Of sessions that were looked through elsewhere, the tool calls up to then count as scored.

    These are known by having been looked through, and none of their calls scored.
    """
    ledger.db.run(
        "insert or ignore into seen_call select distinct i.call from noticed n join item i on i.session = n.session"
        " where i.call <> '' and i.at <= n.upto and not exists (select 1 from item j join seen_call c"
        " on c.call = j.call where j.session = n.session and j.call <> '')"
    )

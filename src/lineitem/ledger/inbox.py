"""The inbox: where what was acknowledged lies until it is in the ledger.

The ledger has one writer, and a first reading may keep that busy for seconds; an acknowledgement must not wait for
it. So what arrives is committed here first, in a small database of its own (WAL, synchronous FULL), and moved into
the ledger afterwards. A crash between the two moves it again: every value has a key, and is kept once.

It is bounded. A ledger that takes nothing in for long (its disk is full, its file is held) must not fill this disk,
too: beyond `MOST` nothing more is acknowledged, and whoever sends keeps it or sends it again. What was acknowledged
stays.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import apsw
import msgspec

from lineitem.core.live import ApiCall, Decision, Event, Snapshot, ToolDone
from lineitem.core.problems import StoreError
from lineitem.ledger import audit, live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lineitem.ledger.store import Ledger

    Value = Event | Snapshot | ApiCall | ToolDone | Decision


class NotNow(StoreError):
    """No room, or somebody else has the file: what was kept before is whole, and it may go later."""


class InboxFull(NotNow):
    """As much as may wait is waiting: nothing of this was kept, and it may come again."""


class Waiting(NamedTuple):
    """What is not in the ledger yet."""

    values: int
    bytes: int  #: what they take on disk

    @property
    def full(self) -> bool:
        """Whether nothing more is taken."""
        return self.bytes >= MOST


#: Bytes that may wait: as many as the forwarder's spool may hold, about a million events, which is weeks of work.
#: One commit may go beyond it.
MOST = 256 << 20
_KINDS: tuple[type[Value], ...] = (Event, Snapshot, ApiCall, ToolDone, Decision)
_KIND = {kind: number for number, kind in enumerate(_KINDS)}
_PAGE = 5_000
_BYTES = (
    "select (p.page_count - f.freelist_count) * s.page_size"
    " from pragma_page_count p, pragma_freelist_count f, pragma_page_size s"
)
#: Values come at the end and go from the front, so their numbers have no gaps.
_VALUES = "select coalesce(max(id) - min(id) + 1, 0) from entry"
#: Who decides here.
AUTHOR = "lineitem"


class Inbox:
    """One connection, used by one thread at a time."""

    def __init__(self, path: str) -> None:
        self._connection = apsw.Connection(path)
        self._connection.set_busy_timeout(5_000)
        self._execute = self._connection.execute
        self._execute("pragma journal_mode=wal; pragma synchronous=full")
        self._execute("create table if not exists entry (id integer primary key, kind integer, value blob) strict")
        #: (slug, note) of values that no ledger can hold; the caller keeps and empties it.
        self.problems: list[tuple[str, str]] = []
        self._encode = msgspec.msgpack.Encoder().encode

    def add(self, values: Iterable[Value]) -> None:
        """Commit these values: when this returns they are on disk. Raises InboxFull, NotNow or StoreError."""
        rows = [(_KIND[type(value)], self._encode(tuple(value))) for value in values]
        try:
            if next(iter(self._execute(_BYTES)))[0] >= MOST:
                raise InboxFull("The inbox is full: nothing more can be kept until the store takes something in.")
            with self._connection:
                self._connection.executemany("insert into entry (kind, value) values (?, ?)", rows)
        except apsw.FullError as error:
            raise NotNow("The disk is full: nothing more can be kept until there is room.") from error
        except apsw.BusyError as error:
            raise NotNow("The inbox is in use by another program.") from error
        except apsw.Error as error:
            raise StoreError(f"The inbox cannot be written: {error}.") from error

    def move(self, ledger: Ledger, then: Callable[[set[str]], None] | None = None) -> int:
        """Move what is waiting into the ledger; how many values that were.

        `then` is called in the same transaction with the sessions that were told of.
        """
        moved = 0
        while rows := list(self._execute("select id, kind, value from entry order by id limit ?", (_PAGE,))):
            values = [_KINDS[kind]._make(msgspec.msgpack.decode(packed)) for _, kind, packed in rows]
            keep(ledger, values, self.problems, then)
            self._execute("delete from entry where id <= ?", (rows[-1][0],))
            moved += len(rows)
        return moved

    def close(self) -> None:
        self._connection.close()


def keep(
    ledger: Ledger, values: list[Value], problems: list[tuple[str, str]],
    then: Callable[[set[str]], None] | None = None,
) -> None:  # fmt: skip
    """Keep what live sources said, in one transaction; `then` is called in it with the sessions that were told of.

    What no ledger can hold is a problem, and the others are kept.
    """
    try:
        _keep(ledger, values, then)
    except (OverflowError, ValueError, TypeError) as error:
        if len(values) == 1:
            problems.append(("value-odd", f"{type(values[0]).__name__}: {type(error).__name__}"))
            return
        for value in values:  # one of them: find it
            keep(ledger, [value], problems, then)


def _keep(ledger: Ledger, values: list[Value], then: Callable[[set[str]], None] | None) -> None:
    with ledger.transaction():
        live.keep_events(ledger, [value for value in values if isinstance(value, Event)])
        live.keep_snapshots(ledger, [value for value in values if isinstance(value, Snapshot)])
        live.keep_api_calls(ledger, [value for value in values if isinstance(value, ApiCall)])
        live.keep_tools_done(ledger, [value for value in values if isinstance(value, ToolDone)])
        for value in values:
            if isinstance(value, Decision):
                key, session, at, what, note = value
                body = f'{{"session":{msgspec.json.encode(session).decode()},{note[1:]}'
                audit.append(ledger, key, at, AUTHOR, what, body)
        if then is not None:
            then({value.session for value in values})


def place_in(live_folder: str) -> str:
    """Where the inbox of a live folder is."""
    return os.path.join(live_folder, "inbox.sqlite")


def waiting(path: str) -> Waiting | None:
    """What waits in the inbox of this path; None where that cannot be known."""
    try:
        connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            values, size = next(iter(connection.execute(f"select ({_VALUES}), ({_BYTES})")))
        finally:
            connection.close()
    except apsw.Error:
        return None
    return Waiting(values, size)

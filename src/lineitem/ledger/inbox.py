"""The inbox: where what was acknowledged lies until it is in the ledger.

The ledger has one writer, and a first reading may keep that busy for seconds; an acknowledgement must not wait for
it. So what arrives is committed here first, in a small database of its own (WAL, synchronous FULL), and moved into
the ledger afterwards. A crash between the two moves it again: every value has a key, and is kept once.
"""

from __future__ import annotations

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


_KINDS: tuple[type[Value], ...] = (Event, Snapshot, ApiCall, ToolDone, Decision)
_KIND = {kind: number for number, kind in enumerate(_KINDS)}
_PAGE = 5_000
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
        """Commit these values: when this returns they are on disk. Raises NotNow or StoreError."""
        rows = [(_KIND[type(value)], self._encode(tuple(value))) for value in values]
        try:
            with self._connection:
                self._connection.executemany("insert into entry (kind, value) values (?, ?)", rows)
        except apsw.FullError as error:
            raise NotNow("The disk is full: nothing more can be kept until there is room.") from error
        except apsw.BusyError as error:
            raise NotNow("The inbox is in use by another program.") from error
        except apsw.Error as error:
            raise StoreError(f"The inbox cannot be written: {error}.") from error

    def waiting(self) -> int:
        """How many values are not in the ledger yet."""
        return int(next(iter(self._execute("select count(*) from entry")))[0])

    def move(self, ledger: Ledger, then: Callable[[set[str]], None] | None = None) -> int:
        """Move what is waiting into the ledger; how many values that were.

        `then` is called in the same transaction with the sessions that were told of.
        """
        moved = 0
        while rows := list(self._execute("select id, kind, value from entry order by id limit ?", (_PAGE,))):
            found: list[list[Value]] = [[] for _ in _KINDS]
            for _, kind, packed in rows:
                found[kind].append(_KINDS[kind]._make(msgspec.msgpack.decode(packed)))
            try:
                self._keep(ledger, found, then)
            except (OverflowError, ValueError, TypeError):  # one of them can never be kept: find it
                for kind, values in enumerate(found):
                    for value in values:
                        self._keep_one(ledger, kind, value, then)
            self._execute("delete from entry where id <= ?", (rows[-1][0],))
            moved += len(rows)
        return moved

    def _keep_one(self, ledger: Ledger, kind: int, value: Value, then: Callable[[set[str]], None] | None) -> None:
        found: list[list[Value]] = [[] for _ in _KINDS]
        found[kind].append(value)
        try:
            self._keep(ledger, found, then)
        except (OverflowError, ValueError, TypeError) as error:
            self.problems.append(("value-odd", f"{type(value).__name__}: {type(error).__name__}"))

    def _keep(self, ledger: Ledger, found: list[list[Value]], then: Callable[[set[str]], None] | None) -> None:
        ledger.begin()
        try:
            live.keep_events(ledger, found[0])  # type: ignore[arg-type]
            live.keep_snapshots(ledger, found[1])  # type: ignore[arg-type]
            live.keep_api_calls(ledger, found[2])  # type: ignore[arg-type]
            live.keep_tools_done(ledger, found[3])  # type: ignore[arg-type]
            for key, session, at, what, note in found[4]:  # type: ignore[misc]
                body = f'{{"session":{msgspec.json.encode(session).decode()},{note[1:]}'
                audit.append(ledger, key, at, AUTHOR, what, body)
            if then is not None:
                then({value.session for values in found for value in values})
            ledger.commit()
        except BaseException:
            ledger.rollback()
            raise

    def close(self) -> None:
        self._connection.close()


def waiting(path: str) -> int | None:
    """How many values wait in the inbox of this path; None where that cannot be known."""
    try:
        connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            return int(next(iter(connection.execute("select count(*) from entry")))[0])
        finally:
            connection.close()
    except apsw.Error:
        return None

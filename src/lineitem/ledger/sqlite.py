"""Opens the SQLite file: pragmas, version, migrations with a backup first.

WAL with synchronous FULL: what was committed survives a power cut. The library is apsw's own SQLite, since
the system's may carry the WAL-reset bug of 3.7.0 to 3.51.2.
"""

from __future__ import annotations

import os
import time

import apsw

from lineitem.core.problems import StoreError, StoreTooNew
from lineitem.ledger.schema import MIGRATIONS, SCHEMA, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

#: How long a writer waits for another: reading gigabytes for the first time takes a while.
_BUSY_MS = 60_000
#: "line": tells our files from those of other programs.
_APPLICATION = 0x6C696E65


class Database:
    """A connection with the few calls the ledger needs; one writer at a time, readers never wait."""

    def __init__(self, path: str, *, read_only: bool = False) -> None:
        self.path = path
        folder = os.path.dirname(path)
        try:
            if folder and not read_only:
                os.makedirs(folder, mode=0o700, exist_ok=True)
            existed = os.path.exists(path) and os.path.getsize(path) > 0
            ahead = not existed or _writes_ahead(path)
            flags = apsw.SQLITE_OPEN_READWRITE if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
            old = os.umask(0o077)
            try:
                self.connection = apsw.Connection(path, flags=flags)
            finally:
                os.umask(old)
            self.connection.set_busy_timeout(_BUSY_MS)
            self._execute = self.connection.execute
            version, tables = self._version()
            if tables and next(iter(self._execute("pragma application_id")))[0] != _APPLICATION:
                raise StoreError(f"{path} is a database, but not one of lineitem's. Use another with --db.")
            if version > VERSION:
                raise StoreTooNew(
                    f"The store {path} was made by a newer lineitem (version {version}, this one knows {VERSION}). "
                    "It was not touched. Upgrade lineitem, or use another store with --db."
                )
            if version != VERSION:
                self._create() if not tables else self._migrate(version, existed)
            if not ahead:  # who wrote in place was killed
                self._wal()
            self._execute("pragma synchronous=full; pragma temp_store=memory; pragma cache_size=-32000")
        except apsw.Error as error:
            raise StoreError(_said(path, error)) from error
        except OSError as error:
            raise StoreError(f"The store {path} cannot be opened: {error.strerror}. Use another with --db.") from error

    def _version(self) -> tuple[int, int]:
        """(schema version, number of tables and indexes)."""
        version = next(iter(self._execute("pragma user_version")))[0]
        return version, next(iter(self._execute("select count(*) from sqlite_schema")))[0]

    def _create(self) -> None:
        self._wal()
        self._execute("begin immediate")
        if not self._version()[1]:  # nobody else was faster
            self._execute(SCHEMA)
            self._execute(f"pragma user_version={VERSION}")
            self._execute(f"pragma application_id={_APPLICATION}")
        self._execute("commit")

    def _wal(self) -> None:
        """Write ahead from here on. SQLite refuses it without waiting while others begin with the same new store."""
        until = time.monotonic() + _BUSY_MS / 1000
        while True:
            try:
                self._execute("pragma journal_mode=wal")
            except apsw.BusyError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.005)
            else:
                return

    def _migrate(self, version: int, existed: bool) -> None:
        if existed:
            backup = f"{self.path}.version-{version}.backup"
            if not os.path.exists(backup):
                new = f"{backup}.{os.getpid()}.new"
                os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))  # or everybody could read it
                self._execute("vacuum into ?", (new,))
                os.replace(new, backup)
        for step in range(version, VERSION):
            self._execute("begin immediate")
            if self._version()[0] > step:  # another program was faster
                self._execute("commit")
                continue
            self._execute(MIGRATIONS[step - 1])
            self._execute(f"pragma user_version={step + 1}")
            self._execute("commit")

    def in_place(self) -> bool:
        """Write into the file itself from here on, so that a first load is written once; whether that can be.

        It cannot where somebody else has the store open: readers would have to wait. `ahead` ends it.
        """
        if self.path == ":memory:":
            return False
        try:
            self.connection.set_busy_timeout(0)
            mode = next(iter(self._execute("pragma journal_mode=delete")))[0]
        except apsw.BusyError:
            mode = "wal"
        finally:
            self.connection.set_busy_timeout(_BUSY_MS)
        if mode == "delete":
            self._execute("pragma cache_size=-4000")
            self._execute("pragma synchronous=extra")  # or a power cut could bring the old journal back
        return bool(mode == "delete")

    def ahead(self) -> None:
        """Write ahead again, as always but for `in_place`."""
        try:
            self._wal()
            self._execute("pragma synchronous=full; pragma cache_size=-32000")
        except apsw.Error as error:
            raise StoreError(_said(self.path, error)) from error

    def rows(self, sql: str, given: Any = None) -> Iterator[Any]:
        """The rows of a query, lazily."""
        try:
            return self._execute(sql, given)
        except apsw.Error as error:
            raise StoreError(_said(self.path, error)) from error

    def one(self, sql: str, given: Any = None) -> Any:
        """The first row of a query, or None."""
        return next(iter(self.rows(sql, given)), None)

    def run(self, sql: str, given: Any = None) -> None:
        try:
            self._execute(sql, given)
        except apsw.Error as error:
            raise StoreError(_said(self.path, error)) from error

    def many(self, sql: str, rows: Iterable[Any]) -> None:
        try:
            self.connection.executemany(sql, rows)
        except apsw.Error as error:
            raise StoreError(_said(self.path, error)) from error

    def close(self) -> None:
        self.connection.close()


def numbers_json(numbers: Iterable[int]) -> str:
    """What `json_each(?)` takes as a list."""
    return "[" + ",".join(map(str, numbers)) + "]"


def _writes_ahead(path: str) -> bool:
    """Whether a store says of itself that it writes ahead. What is no SQLite database is not opened at all."""
    with open(path, "rb") as file:
        head = file.read(19)
    if head[:16] != b"SQLite format 3\x00":
        raise StoreError(f"{path} is not a SQLite database. Use another store with --db.")
    return head[18:] == b"\x02"


def _said(path: str, error: apsw.Error) -> str:
    if isinstance(error, apsw.NotADBError):
        return f"{path} is not a SQLite database. Use another store with --db."
    if isinstance(error, apsw.BusyError):
        return f"The store {path} is in use by another lineitem. Try again in a moment."
    if isinstance(error, apsw.FullError):
        return f"The disk of {path} is full. Nothing was lost: free some space and run lineitem again."
    return f"The store {path} cannot be used: {error}. Use another with --db, or see `lineitem doctor`."

"""Opens the SQLite file: pragmas, version, migrations with a backup first.

WAL with synchronous FULL: what was committed survives a power cut. The library is apsw's own SQLite, since
the system's may carry the WAL-reset bug of 3.7.0 to 3.51.2.
"""

from __future__ import annotations

import os

import apsw

from lineitem.core.problems import StoreError, StoreTooNew
from lineitem.ledger.schema import MIGRATIONS, SCHEMA, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_BUSY_MS = 10_000


class Database:
    """A connection with the few calls the ledger needs; one writer at a time, readers never wait."""

    def __init__(self, path: str, *, read_only: bool = False) -> None:
        self.path = path
        folder = os.path.dirname(path)
        try:
            if folder and not read_only:
                os.makedirs(folder, mode=0o700, exist_ok=True)
            existed = os.path.exists(path)
            flags = apsw.SQLITE_OPEN_READWRITE if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
            old = os.umask(0o077)
            try:
                self.connection = apsw.Connection(path, flags=flags)
            finally:
                os.umask(old)
            self.connection.set_busy_timeout(_BUSY_MS)
            self._execute = self.connection.execute
            version = next(iter(self._execute("pragma user_version")))[0]
            if version > VERSION:
                raise StoreTooNew(
                    f"The store {path} was made by a newer lineitem (version {version}, this one knows {VERSION}). "
                    "It was not touched. Upgrade lineitem, or use another store with --db."
                )
            if version != VERSION:
                self._create() if not version else self._migrate(version, existed)
            self._execute("pragma synchronous=full; pragma temp_store=memory; pragma cache_size=-32000")
        except apsw.Error as error:
            raise StoreError(_said(path, error)) from error
        except OSError as error:
            raise StoreError(f"The store {path} cannot be opened: {error.strerror}. Use another with --db.") from error

    def _create(self) -> None:
        self._execute("pragma journal_mode=wal")
        self._execute("begin immediate")
        if next(iter(self._execute("pragma user_version")))[0] == 0:
            if next(iter(self._execute("select count(*) from sqlite_schema")))[0]:
                self._execute("rollback")
                raise StoreError(f"{self.path} is a database, but not one of lineitem's. Use another with --db.")
            self._execute(SCHEMA)
            self._execute(f"pragma user_version={VERSION}")
        self._execute("commit")

    def _migrate(self, version: int, existed: bool) -> None:
        if existed:
            backup = f"{self.path}.version-{version}.backup"
            if not os.path.exists(backup):
                self._execute("vacuum into ?", (backup,))
        for step in range(version, VERSION):
            self._execute("begin immediate")
            self._execute(MIGRATIONS[step - 1])
            self._execute(f"pragma user_version={step + 1}")
            self._execute("commit")

    def rows(self, sql: str, given: Any = None) -> Iterator[Any]:
        """The rows of a query, lazily."""
        return self._execute(sql, given)

    def one(self, sql: str, given: Any = None) -> Any:
        """The first row of a query, or None."""
        return next(iter(self._execute(sql, given)), None)

    def run(self, sql: str, given: Any = None) -> None:
        self._execute(sql, given)

    def many(self, sql: str, rows: Iterable[Any]) -> None:
        self.connection.executemany(sql, rows)

    def close(self) -> None:
        self.connection.close()


def _said(path: str, error: apsw.Error) -> str:
    if isinstance(error, apsw.NotADBError):
        return f"{path} is not a SQLite database. Use another store with --db."
    if isinstance(error, apsw.BusyError):
        return f"The store {path} is in use by another lineitem. Try again in a moment."
    return f"The store {path} cannot be used: {error}. Use another with --db, or see `lineitem doctor`."

"""Costs from the store, read while no collector runs.

The store is opened with `mode=ro`. That is safe beside everything else that has it open: a read-only connection never
writes a page, never moves the write-ahead log into the database and never resets it (the fault of SQLite before
3.51.3, which may be what this interpreter carries, needs two connections that do); it only takes a reader's lock,
and this is a process of its own, so closing it drops no lock of another connection. What it may leave is an empty
log beside a store that nobody else has open; the next writer takes it over.
"""

from __future__ import annotations

import os
from time import localtime, mktime

from lineitem_hook.url import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem_hook.line import Figures

_QUARTER = 900_000
_HOUR = 3_600_000
#: Where the blocks of 5 hours are counted from: a pause of 5 hours within three days is all but certain.
_BACK = 72 * _HOUR
#: Seconds to wait for a lock.
_PATIENCE = 0.05

_SESSION = "select logged + unlogged from session where session = (select id from name where text = ?)"
_UNPRICED = "select sum(unpriced) from usage where session = (select id from name where text = ?)"
#: `cross join` keeps the order: sessions are few, and of those few are recent.
_QUARTERS = """
select usage.quarter, sum(usage.nanos), sum(usage.unpriced)
from session cross join usage on usage.session = session.session and usage.quarter >= ?
where session.last_at >= ? group by usage.quarter order by usage.quarter
"""


def stored(path: str, session: str, now: int) -> Figures:
    """`session`, `today` and `block` of the store; what it does not know, or where there is none, is missing."""
    from _sqlite3 import Error, connect  # `sqlite3` itself imports datetime

    if not os.path.isfile(path):
        return {}
    try:
        database = connect(f"file:{escaped(os.path.abspath(path), '/')}?mode=ro", timeout=_PATIENCE, uri=True)
        try:
            since = now - _BACK
            quarters = database.execute(_QUARTERS, (since // _QUARTER, since)).fetchall()
            found: Figures = {"today": today(quarters, now), "block": block(quarters, now)}
            row = database.execute(_SESSION, (session,)).fetchone()
            if row is not None:
                unpriced = database.execute(_UNPRICED, (session,)).fetchone()[0]
                found["session"] = None if unpriced and not row[0] else row[0]
            return found
        finally:
            database.close()
    except (Error, ValueError):  # ValueError: a session's name that is no text for SQLite
        return {}


def today(quarters: list[Any], now: int) -> int | None:
    """Nanodollars since local midnight; None where all of it is unpriced."""
    day = localtime(now // 1000)
    midnight = int(mktime((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0, 0, 0, -1))) * 1000
    return _sum([row for row in quarters if row[0] * _QUARTER >= midnight])


def block(quarters: list[Any], now: int) -> int | None:
    """Nanodollars of the block of 5 hours that runs now; None where none does.

    A block begins at the full hour of its first use and lasts five hours; so does the pause that ends it.
    """
    start = last = -_BACK
    rows: list[Any] = []
    for row in quarters:
        at = row[0] * _QUARTER
        if at - start >= 5 * _HOUR or at - last > 5 * _HOUR:
            start, rows = at // _HOUR * _HOUR, []
        last = at
        rows.append(row)
    return _sum(rows) if rows and now - start < 5 * _HOUR else None


def _sum(rows: list[Any]) -> int | None:
    nanos, unpriced = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return None if unpriced and not nanos else nanos

"""The audit log: rows that are only added, each with a hash over itself and the one before.

In: what was decided. Out: the rows, and where the chain is broken. Always: the same key is logged once; a row that was
changed, taken out or put in between shows, but for the last ones being cut off as a whole - whoever holds a later
hash sees that too. The caller holds the transaction.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineitem.ledger.store import Ledger

_COLUMNS = "seq, key, at, actor, what, body, hash"


class Entry(NamedTuple):
    """A row of the log."""

    seq: int
    key: str
    at: int
    actor: str
    what: str
    body: str  #: JSON
    hash: str


def append(ledger: Ledger, key: str, at: int, actor: str, what: str, body: str) -> bool:
    """Add a row; False where its key is logged already."""
    if ledger.db.one("select 1 from audit where key = ?", (key,)):
        return False
    last = ledger.db.one("select seq, hash from audit order by seq desc limit 1") or (0, "")
    row = last[0] + 1, key, at, actor, what, body
    ledger.db.run(f"insert into audit ({_COLUMNS}) values (?,?,?,?,?,?,?)", (*row, link(last[1], row)))
    return True


def entries(ledger: Ledger, since: int = 0, until: int = 1 << 62) -> Iterator[Entry]:
    """The rows of a range of time, in their order."""
    for row in ledger.db.rows(f"select {_COLUMNS} from audit where at >= ? and at < ? order by seq", (since, until)):
        yield Entry(*row)


def overrides(ledger: Ledger, now: int) -> list[tuple[str, int]]:
    """(budget, until) of the overrides that hold."""
    return list(
        ledger.db.rows(
            "select json_extract(body, '$.budget'), json_extract(body, '$.until') from audit"
            " where what = 'override' and json_extract(body, '$.until') > ?",
            (now,),
        )
    )


def broken(rows: Iterable[Entry]) -> int | None:
    """The number of the first row that does not follow from the one before; None where the chain is whole."""
    before, expected = "", 1
    for row in rows:
        if row.seq != expected or row.hash != link(before, tuple(row[:6])):
            return min(row.seq, expected)
        before, expected = row.hash, row.seq + 1
    return None


def link(before: str, row: tuple[object, ...]) -> str:
    """The hash of a row (all but its hash) that follows one with this hash."""
    from json import dumps

    return sha256(dumps([before, *row], ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()

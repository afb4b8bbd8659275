"""A fingerprint of each table by content: names instead of numbers, no order of arrival in it.

Two stores that saw the same facts in any order, cut and repetition have equal digests of their derived
tables.
"""

from __future__ import annotations

from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.ledger.store import Ledger

#: Columns that hold numbers of names.
_NAMES = frozenset(("session", "thread", "model", "branch", "skill", "project", "parent"))
#: Columns that tell how a row came to be, not what it says.
_LEFT_OUT = {"request": ("file",), "session": ("folded",)}
TABLES = ("request", "copy", "session", "usage", "run", "item", "miss", "prompt", "agent")


def digests(ledger: Ledger, tables: tuple[str, ...] = TABLES) -> dict[str, str]:
    """Table name -> digest of its rows."""
    names = ledger.load_names()
    made = {}
    for table in tables:
        columns = [row[1] for row in ledger.db.rows(f"pragma table_info({table})")]
        kept = [column for column in columns if column not in _LEFT_OUT.get(table, ())]
        rows = sorted(
            repr(
                tuple(
                    names[value] if column in _NAMES and value is not None else value
                    for column, value in zip(kept, row, strict=True)
                )
            )
            for row in ledger.db.rows(f"select {', '.join(kept)} from {table}")
        )
        digest = blake2b(digest_size=16)
        for row in rows:
            digest.update(row.encode("utf-8", "replace"))
        made[table] = digest.hexdigest()
    return made

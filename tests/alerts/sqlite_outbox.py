"""The outbox of a ledger that a test opens by its path."""

from __future__ import annotations

from lineitem.alerts import kept
from lineitem.ledger.store import Ledger


class Stored(kept.Stored):
    """The outbox of the store at a path."""

    def __init__(self, path: str) -> None:
        super().__init__(Ledger(path))
        self.db = self.ledger.db.connection

    def close(self) -> None:
        self.ledger.close()

"""The outbox in the ledger. Every method is one transaction, or joins the one its caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineitem.alerts.notice import decode, encode, rank
from lineitem.alerts.outbox import LEASE, GivenUp, Row
from lineitem.alerts.rules import Pending
from lineitem.ledger import outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lineitem.alerts.notice import Notice
    from lineitem.ledger.store import Ledger


class Stored:
    """Implements `outbox.Outbox`."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def note(self, channel: str, noted: int, notice: Notice) -> bool:
        with self.ledger.transaction():
            return outbox.note(
                self.ledger, channel, noted, notice.key, notice.kind, notice.subject, rank(notice.severity),
                encode(notice),
            )  # fmt: skip

    def pending(self, channel: str) -> list[Pending]:
        read = [(noted, decode(body)) for noted, body in outbox.pending(self.ledger, channel)]
        return [Pending(noted, notice) for noted, notice in read if notice is not None]

    def told(self, channel: str, since: int) -> dict[tuple[str, str], tuple[int, int]]:
        return {(kind, about): (at, how) for kind, about, at, how in outbox.told(self.ledger, channel, since)}

    def last(self, channel: str) -> int | None:
        return outbox.last_made(self.ledger, channel)

    def put(self, row: Row, keys: Collection[str]) -> bool:
        with self.ledger.transaction():
            return outbox.put(self.ledger, row.channel, row.id, row.body, row.made, keys)

    def drop(self, channel: str, keys: Iterable[tuple[str, str]]) -> None:
        with self.ledger.transaction():
            outbox.drop(self.ledger, channel, keys)

    def claim(self, now: int, without: Collection[str]) -> Row | None:
        with self.ledger.transaction():
            found = outbox.claim(self.ledger, now, now + LEASE, without)
        return Row(*found) if found else None

    def done(self, row: Row, now: int) -> None:
        with self.ledger.transaction():
            outbox.settle(self.ledger, row.channel, row.id, now, sent=True)

    def failed(self, row: Row, due: int, why: str) -> None:
        with self.ledger.transaction():
            outbox.retry(self.ledger, row.channel, row.id, due, why)

    def give_up(self, row: Row, now: int, why: str) -> None:
        with self.ledger.transaction():
            outbox.settle(self.ledger, row.channel, row.id, now, sent=False, why=why)

    def given_up(self) -> list[GivenUp]:
        return [GivenUp(*row) for row in outbox.given_up(self.ledger)]

    def forget(self, before: int) -> None:
        with self.ledger.transaction():
            outbox.forget(self.ledger, before)

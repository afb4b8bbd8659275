"""What waits to be told and what waits to be sent, kept: told once, sent at least once.

Two lists, both kept by the ledger. A notice is noted for a channel in the transaction of the finding it comes from;
a later one turns it into a message. A message is claimed, sent, and done; a claim is a promise that ends by itself,
so a process that dies while sending leaves a row that is due again. Every method is one transaction, or joins the
one its caller holds. Killed anywhere: nothing is lost, and the id stays the same on every attempt.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lineitem.alerts.notice import Notice
    from lineitem.alerts.rules import Pending

#: How long a claim holds, milliseconds: longer than any channel may take.
LEASE = 120_000
#: The first wait after a failure and the longest, milliseconds.
_FIRST_WAIT, _LONGEST_WAIT = 10_000, 3_600_000


class Row(NamedTuple):
    """A message on its way to one channel."""

    id: str
    channel: str
    body: str  #: `messages.encode`
    made: int
    tries: int  #: this one included
    why: str = ""  #: what went wrong the last time; '': nothing came back


class GivenUp(NamedTuple):
    """A message that never arrived."""

    id: str
    channel: str
    made: int
    tries: int
    why: str


class Outbox(Protocol):
    """What alerts need of a ledger."""

    def note(self, channel: str, noted: int, notice: Notice) -> bool:
        """Keep a notice for a channel; False where its key is known there, whatever became of it."""

    def pending(self, channel: str) -> list[Pending]:
        """What waits, earliest first."""

    def told(self, channel: str, since: int) -> dict[tuple[str, str], tuple[int, int]]:
        """(kind, subject) -> when it was last told since then, and how urgent it was."""

    def last(self, channel: str) -> int | None:
        """When the channel's last message of notices was made."""

    def put(self, row: Row, keys: Collection[str]) -> bool:
        """Keep a message and mark these notices told, both or neither; False where its id is known."""

    def drop(self, channel: str, keys: Iterable[tuple[str, str]]) -> None:
        """Mark notices as not told, each with the reason."""

    def claim(self, now: int, without: Collection[str]) -> Row | None:
        """The message due longest, not of these channels; due again after `LEASE`, and counted as a try."""

    def done(self, row: Row, now: int) -> None: ...

    def failed(self, row: Row, due: int, why: str) -> None:
        """Not sent: due again then."""

    def give_up(self, row: Row, now: int, why: str) -> None: ...

    def given_up(self) -> list[GivenUp]:
        """What never arrived, latest first."""

    def forget(self, before: int) -> None:
        """Delete what was settled before then."""


def wait_after(tries: int, jitter: float) -> int:
    """Milliseconds until the next try: doubled each time, half of it left to chance; 0 <= jitter < 1."""
    whole = min(_LONGEST_WAIT, _FIRST_WAIT << min(tries - 1, 20)) if tries > 0 else _FIRST_WAIT
    return whole // 2 + int(whole // 2 * jitter)

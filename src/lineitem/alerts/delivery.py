"""Sending what is due: one row at a time, each with the id it always had.

A channel that fails is left alone for the rest of the pass: one that is down does not hold up the others.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from lineitem.alerts.messages import decode
from lineitem.alerts.outbox import wait_after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lineitem.alerts.messages import Message
    from lineitem.alerts.outbox import Outbox, Row

SENT, LATER, NEVER = "sent", "later", "never"
#: A message that was tried more often and is too old is not tried once more: it may be what ends each process.
_MANY = 20


class Outcome(NamedTuple):
    """How an attempt went. `why` is in our own words: no address, no secret, nothing the other side said."""

    what: str  #: SENT, LATER (try again) or NEVER (it will not take it)
    why: str = ""


class Channel(Protocol):
    """A way to a person."""

    def send(self, message: Message, now: int) -> Outcome:
        """One attempt, in bounded time."""


class Delivered(NamedTuple):
    """What a pass did."""

    sent: int
    failed: int
    given_up: int


def deliver(
    outbox: Outbox, channels: Mapping[str, Channel], now: Callable[[], int], jitter: Callable[[], float], patience: int
) -> Delivered:
    """Send all that is due; what fails is tried again until it is `patience` milliseconds old."""
    sent = failed = given_up = 0
    resting: set[str] = set()
    while (row := outbox.claim(now(), resting)) is not None:
        outcome = _attempt(row, channels, now(), patience)
        at = now()
        if outcome.what == SENT:
            outbox.done(row, at)
            sent += 1
            continue
        again = at + wait_after(row.tries, jitter())
        if outcome.what == NEVER or again - row.made >= patience:
            outbox.give_up(row, at, outcome.why)
            given_up += 1
        else:
            outbox.failed(row, again, outcome.why)
            failed += 1
        if outcome.what == LATER:
            resting.add(row.channel)
    return Delivered(sent, failed, given_up)


def _attempt(row: Row, channels: Mapping[str, Channel], now: int, patience: int) -> Outcome:
    channel = channels.get(row.channel)
    message = decode(row.body)
    if channel is None:
        return Outcome(NEVER, "the channel is no longer in the settings")
    if message is None:
        return Outcome(NEVER, "the kept message cannot be read")
    if row.tries > _MANY and now - row.made >= patience:
        return Outcome(NEVER, row.why or "each try ended the process")
    try:
        return channel.send(message, now)
    except Exception as error:  # noqa: BLE001 - a library's failure is an outcome; its text may hold the address
        return Outcome(LATER, f"failed with {type(error).__name__}")

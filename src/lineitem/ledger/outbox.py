"""The outbox: what waits to be told on which channel, and the messages on their way, as plain rows.

`alerts.kept` gives these rows their meaning. A claim is a promise that ends by itself: whoever dies while sending
leaves a row that is due again.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from lineitem.ledger.store import Ledger


def note(ledger: Ledger, channel: str, noted: int, key: str, kind: str, subject: str, urgency: int, body: str) -> bool:
    """Keep a notice; whether it was new."""
    row = ledger.db.one(
        "insert or ignore into alert_notice (channel, key, noted, kind, subject, urgency, body)"
        " values (?,?,?,?,?,?,?) returning 1",
        (channel, key, noted, kind, subject, urgency, body),
    )
    return row is not None


def pending(ledger: Ledger, channel: str) -> list[tuple[int, str]]:
    """(noted, body) of what waits, earliest first."""
    return list(
        ledger.db.rows(
            "select noted, body from alert_notice where channel = ? and told is null and dropped is null"
            " order by noted, key",
            (channel,),
        )
    )


def told(ledger: Ledger, channel: str, since: int) -> list[tuple[str, str, int, int]]:
    """(kind, subject, told, urgency) since a moment, latest last."""
    return list(
        ledger.db.rows(
            "select kind, subject, told, urgency from alert_notice where channel = ? and told >= ?"
            " order by told, urgency",
            (channel, since),
        )
    )


def last_made(ledger: Ledger, channel: str) -> int | None:
    """When the channel's last message with notices was made."""
    row = ledger.db.one("select max(made) from alert_message where channel = ? and notices > 0", (channel,))
    return row[0] if row else None


def put(ledger: Ledger, channel: str, ident: str, body: str, made: int, keys: Collection[str]) -> bool:
    """Keep a message and mark its notices told; False where its id is known."""
    row = ledger.db.one(
        "insert or ignore into alert_message (channel, id, body, made, notices, due) values (?,?,?,?,?,?) returning 1",
        (channel, ident, body, made, len(keys), made),
    )
    if row is None:
        return False
    ledger.db.many(
        "update alert_notice set told = ? where channel = ? and key = ?", [(made, channel, key) for key in keys]
    )
    return True


def drop(ledger: Ledger, channel: str, keys: Iterable[tuple[str, str]]) -> None:
    """Mark notices as not told, each with the reason."""
    ledger.db.many(
        "update alert_notice set dropped = ? where channel = ? and key = ? and told is null",
        [(why, channel, key) for key, why in keys],
    )


def claim(ledger: Ledger, now: int, until: int, without: Collection[str]) -> tuple[str, str, str, int, int, str] | None:
    """(id, channel, body, made, tries, why the last try failed) of what is due longest; due again at `until`."""
    marks = ",".join("?" * len(without))
    row: tuple[str, str, str, int, int, str] | None = ledger.db.one(
        "update alert_message set due = ?, tries = tries + 1 where (channel, id) = (select channel, id from"
        f" alert_message where due <= ? and channel not in ({marks}) order by due, channel, id limit 1)"
        " returning id, channel, body, made, tries, coalesce(why, '')",
        (until, now, *without),
    )
    return row


def settle(ledger: Ledger, channel: str, ident: str, at: int, *, sent: bool, why: str = "") -> None:
    """The message has arrived, or was given up."""
    ledger.db.run(
        "update alert_message set due = null, settled = ?, sent = ?, why = nullif(?, '') where channel = ? and id = ?"
        " and due is not null",
        (at, int(sent), why, channel, ident),
    )


def retry(ledger: Ledger, channel: str, ident: str, due: int, why: str) -> None:
    """Not sent: due again then."""
    ledger.db.run(
        "update alert_message set due = ?, why = ? where channel = ? and id = ? and due is not null",
        (due, why, channel, ident),
    )


def given_up(ledger: Ledger) -> list[tuple[str, str, int, int, str]]:
    """(id, channel, made, tries, why) of what never arrived, latest first."""
    return list(
        ledger.db.rows(
            "select id, channel, made, tries, coalesce(why, '') from alert_message"
            " where settled is not null and not sent order by settled desc, channel desc, id desc"
        )
    )


def forget(ledger: Ledger, before: int) -> None:
    """Delete what was settled before a moment."""
    ledger.db.run("delete from alert_message where settled < ?", (before,))
    ledger.db.run("delete from alert_notice where noted < ? and (told is not null or dropped is not null)", (before,))

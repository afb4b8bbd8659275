"""What changes would have saved, session by session; and which of them a person says were made."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from lineitem.ledger.store import Ledger

    Rows = Iterator[tuple[Any, ...]]


def unsearched(ledger: Ledger) -> list[int]:
    """The sessions with line items that were not looked through since they were made."""
    return [
        row[0]
        for row in ledger.db.rows(
            "select session from session where folded and session not in (select session from searched) order by 1"
        )
    ]


def items(ledger: Ledger, session: int) -> Rows:
    """(thread, cause, kind, call, model, at, prompt, carried, tokens taken in, output, generated, taken in, carried).

    The last three in nanodollars, searches among what was generated, what was written again among what was carried.
    """
    return ledger.db.rows(
        "select thread, cause, kind, call, model, at, prompt, carried, i_uncached + i_write5 + i_write1 + i_read,"
        " g_output, g_nanos + s_nanos, i_nanos, c_nanos + r_nanos from item where session = ? order by thread, ordinal",
        (session,),
    )


def agents(ledger: Ledger, session: int) -> Rows:
    """(thread, type, call that started it) of a session's agents."""
    return ledger.db.rows("select thread, type, call from agent where session = ?", (session,))


def keep(ledger: Ledger, session: int, rows: Iterable[Sequence[Any]]) -> None:
    """Keep what was found in a session: (kind, subject, model, nanos, tokens, times, note, JSON of evidence)."""
    ledger.db.run("delete from saving where session = ?", (session,))
    ledger.db.many("insert into saving values (?,?,?,?,?,?,?,?,?)", [(session, *row) for row in rows])
    ledger.db.run("insert or replace into searched values (?)", (session,))


def savings(ledger: Ledger) -> Rows:
    """(session, kind, subject, model, nanos, tokens, times, note) of everything found."""
    return ledger.db.rows("select session, kind, subject, model, nanos, tokens, times, note from saving")


def evidence(ledger: Ledger, kind: str, subject: str) -> Rows:
    """(session, model, nanos, JSON of evidence) of one kind and subject, dearest first."""
    return ledger.db.rows(
        "select session, model, nanos, evidence from saving where kind = ? and subject = ? order by nanos desc",
        (kind, subject),
    )


def sessions(ledger: Ledger) -> Rows:
    """(session, project, first at, last at, nanodollars of its bill) of all sessions, by time."""
    return ledger.db.rows(
        "select session, project, first_at, last_at, logged + unlogged from session order by last_at, session"
    )


def marks(ledger: Ledger) -> Rows:
    """(id, since, JSON) of the advice that a person follows."""
    return ledger.db.rows("select id, since, body from followed where until is null order by since, id")


def mark(ledger: Ledger, ident: str, since: int, body: str) -> None:
    """This advice is followed from now on."""
    ledger.db.run("insert into followed (id, since, body) values (?, ?, ?)", (ident, since, body))


def unmark(ledger: Ledger, ident: str, until: int) -> None:
    """It is followed no longer."""
    ledger.db.run("update followed set until = ? where id = ? and until is null", (until, ident))

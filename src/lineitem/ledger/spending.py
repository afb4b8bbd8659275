"""What was spent in a range, cut along what a transcript tells of it; and where sessions lie. Each one statement."""

from __future__ import annotations

from lineitem.ledger.questions import is_provisional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from lineitem.ledger.store import Ledger

    Rows = Iterator[tuple[Any, ...]]

_QUARTER = 900_000
_TOKENS = "uncached + output + write5 + write1 + read"


#: Of a session that is billed from live sources.
_LIVE = f" and {is_provisional('s.session')}"
_NOT_LIVE = f" and not {is_provisional('s.session')}"


def by_model(ledger: Ledger, since: int, until: int, *, live: bool = False) -> Rows:
    """(session, model, tokens, nanos, unpriced tokens); the range begins and ends with a quarter hour.

    live: only of the sessions known from live sources alone.
    """
    return ledger.db.rows(  # `cross join` keeps the order: of all sessions few are recent
        f"select u.session, u.model, sum({_TOKENS}), sum(u.nanos), sum(u.unpriced) from session s"
        " cross join usage u on u.session = s.session and u.quarter >= ? and u.quarter < ?"
        f" where s.last_at >= ?{_LIVE if live else ''} group by u.session, u.model",
        (since // _QUARTER, until // _QUARTER, since),
    )


def by_request(ledger: Ledger, since: int, until: int) -> Rows:
    """(session, model, branch, skill, tokens, nanos, unpriced tokens) of the requests that transcripts tell."""
    return ledger.db.rows(
        f"select r.session, r.model, r.branch, r.skill, sum({_TOKENS}), sum(coalesce(r.nanos, 0)),"
        f" sum(case when r.nanos is null then {_TOKENS} else 0 end) from session s"
        " cross join request r on r.session = s.session and r.at >= ? and r.at < ?"
        f" where s.last_at >= ? and r.counted{_NOT_LIVE} group by r.session, r.model, r.branch, r.skill",
        (since, until, since),
    )


def by_quarter(ledger: Ledger, since: int, until: int, *, live: bool = False) -> Rows:
    """As `by_model`, each quarter hour by itself: (quarter, session, model, tokens, nanos, unpriced tokens)."""
    return ledger.db.rows(
        f"select u.quarter, u.session, u.model, {_TOKENS}, u.nanos, u.unpriced from session s"
        " cross join usage u on u.session = s.session and u.quarter >= ? and u.quarter < ?"
        f" where s.last_at >= ?{_LIVE if live else ''}",
        (since // _QUARTER, until // _QUARTER, since),
    )


def requests_by_quarter(ledger: Ledger, since: int, until: int) -> Rows:
    """As `by_request`: (quarter, session, model, branch, skill, tokens, nanos, unpriced tokens)."""
    return ledger.db.rows(
        f"select r.at / {_QUARTER}, r.session, r.model, r.branch, r.skill, sum({_TOKENS}), sum(coalesce(r.nanos, 0)),"
        f" sum(case when r.nanos is null then {_TOKENS} else 0 end) from session s"
        " cross join request r on r.session = s.session and r.at >= ? and r.at < ?"
        f" where s.last_at >= ? and r.counted{_NOT_LIVE} group by 1, r.session, r.model, r.branch, r.skill",
        (since, until, since),
    )


def unlogged(ledger: Ledger, since: int, until: int) -> Rows:
    """(at, session, nanodollars) the client reported of a range that no transcript shows."""
    return ledger.db.rows(
        "select at, session, unlogged + unexplained from run where at >= ? and at < ? and unlogged + unexplained <> 0",
        (since, until),
    )


def places(ledger: Ledger) -> Rows:
    """(session, its id, project folder's name) of every session."""
    return ledger.db.rows(
        "select s.session, n.text, p.text from session s"
        " join name n on n.id = s.session join name p on p.id = s.project"
    )


def active(ledger: Ledger, since: int) -> Rows:
    """(session id,) of the sessions that were active since a moment."""
    return ledger.db.rows("select n.text from session s join name n on n.id = s.session where s.last_at >= ?", (since,))


def latest(ledger: Ledger, since: int) -> Rows:
    """(session, model, branch, at) of the latest request of the sessions that were active since a moment."""
    return ledger.db.rows(
        "select r.session, m.text, b.text, max(r.at) from session s cross join request r on r.session = s.session"
        " join name m on m.id = r.model join name b on b.id = r.branch"
        " where s.last_at >= ? and r.counted group by r.session",
        (since,),
    )


def labels(ledger: Ledger) -> Rows:
    """(session, JSON of resource attributes) of the sessions whose telemetry told any, the latest."""
    return ledger.db.rows("select session, labels, max(at) from api_call where labels <> '{}' group by session")


def first_rows(ledger: Ledger, session: int) -> str | None:
    """The rows of the first span of a session's transcript, which tell its working folder; None without one."""
    row = ledger.db.one(
        "select g.rows from file f join sighting g on g.file = f.id and g.generation = f.generation"
        " where f.session = ? order by f.thread <> (select id from name where text = ''), g.start limit 1",
        (session,),
    )
    return row[0] if row else None


def snapshot_folder(ledger: Ledger, session: int) -> str:
    """The working folder a session's statusline told; '' where it did not."""
    row = ledger.db.one("select cwd from snapshot where session = ? and cwd <> '' order by at limit 1", (session,))
    return row[0] if row else ""

"""What stood out, kept and asked for, and what has yet to be looked through. The caller holds the transaction."""

from __future__ import annotations

from lineitem.ledger.questions import numbers_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.ledger.store import Ledger


def unnoticed(ledger: Ledger) -> list[tuple[int, int, int, int]]:
    """(session, looked through up to, last activity, project) of the folded sessions that went on since."""
    return list(
        ledger.db.rows(
            "select s.session, coalesce(n.upto, 0), s.last_at, s.project from session s"
            " left join noticed n on n.session = s.session where s.folded and coalesce(n.upto, -1) <> s.last_at"
        )
    )


def calls_to_score(ledger: Ledger, sessions: Iterable[int]) -> list[tuple[Any, ...]]:
    """(call, session, project, thread, cause, model, at, written, taken in, nanos), earliest first.

    Tool calls whose result a request has sent and that were not scored yet.
    """
    return list(
        ledger.db.rows(
            "select i.call, i.session, s.project, i.thread, i.cause, i.model, i.at, sum(i.g_output),"
            " sum(i.i_uncached + i.i_write5 + i.i_write1 + i.i_read), sum(i.g_nanos + i.i_nanos)"
            " from json_each(?) w join session s on s.session = w.value join item i on i.session = s.session"
            " where i.call <> '' and not exists (select 1 from seen_call c where c.call = i.call)"
            " group by i.call, i.session, i.thread"
            " having sum(i.i_uncached + i.i_write5 + i.i_write1 + i.i_read) > 0 order by i.at, i.call",
            (numbers_json(sessions),),
        )
    )


def misses_since(ledger: Ledger, session: int, since: int) -> list[tuple[Any, ...]]:
    """(at, tokens, nanos, reason) of a session's cache misses after a moment, earliest first."""
    return list(
        ledger.db.rows(
            "select at, tokens, nanos, reason from miss where session = ? and at > ? order by at, mid",
            (session, since),
        )
    )


def spending_since(ledger: Ledger, session: int, since: int) -> list[tuple[Any, ...]]:
    """(at, nanos) of a session's counted requests after a moment, earliest first."""
    return list(
        ledger.db.rows(
            "select at, nanos from request where session = ? and counted and at > ? order by at, mid", (session, since)
        )
    )


def returns_since(ledger: Ledger, session: int, since: int) -> list[tuple[Any, ...]]:
    """(at, note) of a session's starts after a moment, earliest first."""
    return list(
        ledger.db.rows(
            "select at, note from event where session = ? and what = 'SessionStart' and at > ? order by at, id",
            (session, since),
        )
    )


def sizes(ledger: Ledger, sessions: Iterable[int]) -> dict[str, tuple[int | None, int | None, int | None, bool]]:
    """Tool use id -> (bytes in, bytes out, milliseconds, failed), as hooks and telemetry told them."""
    wanted = numbers_json(sessions)
    found: dict[str, tuple[int | None, int | None, int | None, bool]] = {}
    for call, size_in, size_out, duration, succeeded in ledger.db.rows(
        "select t.call, t.size_in, t.size_out, t.duration, t.succeeded from json_each(?) w"
        " join tool_done t on t.session = w.value",
        (wanted,),
    ):
        found[call] = (size_in, size_out, duration, succeeded == 0)
    for call, what, size_in, size_out, duration in ledger.db.rows(
        "select e.call, e.what, e.size_in, e.size_out, e.duration from json_each(?) w"
        " join event e on e.session = w.value where e.what in ('PostToolUse', 'PostToolUseFailure') and e.call <> ''",
        (wanted,),
    ):
        found[call] = (size_in, size_out, duration, what == "PostToolUseFailure")
    return found


def keep_scored(ledger: Ledger, calls: Iterable[str], sessions: Iterable[tuple[int, int]]) -> None:
    """These calls were scored, and these sessions looked through up to a moment."""
    ledger.db.many("insert or ignore into seen_call values (?)", ((call,) for call in calls))
    ledger.db.many("insert or replace into noticed (session, upto) values (?, ?)", sessions)


def keep_findings(ledger: Ledger, rows: Iterable[tuple[str, int, str, str, int, int, str]]) -> None:
    """(key, at, session, rule, severity, again, body); one that is known stays as it is."""
    name = ledger.name
    ledger.db.many(
        "insert or ignore into finding (key, at, session, rule, severity, again, body) values (?,?,?,?,?,?,?)",
        [(key, at, name(session), *rest) for key, at, session, *rest in rows],
    )


def findings(ledger: Ledger, since: int = 0, until: int = 1 << 60, session: int | None = None) -> list[tuple[Any, ...]]:
    """(at, session, rule, severity, again, body), latest first."""
    condition = " and f.session = ?" if session is not None else ""
    return list(
        ledger.db.rows(
            "select f.at, n.text, f.rule, f.severity, f.again, f.body from finding f join name n on n.id = f.session"
            f" where f.at >= ? and f.at < ?{condition} order by f.at desc, f.key",
            (since, until, *(() if session is None else (session,))),
        )
    )

"""What live sources said, kept and asked for: hook events, statusline snapshots, telemetry.

In: values of `core.live`, in any order and any number of times. Every one has a key, and is kept once. The caller
holds the transaction.
"""

from __future__ import annotations

from lineitem.core.live import ApiCall, Event, Snapshot, ToolDone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.ledger.store import Ledger


def keep_events(ledger: Ledger, events: Iterable[Event]) -> None:
    """A hook event may come twice (as command and as HTTP): what the first did not say, the second adds."""
    name = ledger.name
    ledger.db.many(
        "insert into event (key, session, at, what, prompt, agent, tool, call, duration, size_in, size_out, note)"
        " values (?,?,?,?,?,?,?,?,?,?,?,?) on conflict (key) do update set at = min(at, excluded.at),"
        " duration = coalesce(duration, excluded.duration), size_in = coalesce(size_in, excluded.size_in),"
        " size_out = coalesce(size_out, excluded.size_out)",
        [(event.key, name(event.session), *event[2:]) for event in events],
    )


def keep_snapshots(ledger: Ledger, snapshots: Iterable[Snapshot]) -> None:
    name = ledger.name
    marks = ",".join("?" * len(Snapshot._fields))
    rows = [(name(one.session), *one[1:]) for one in snapshots]
    ledger.db.many(f"insert or ignore into snapshot values ({marks})", rows)


def keep_api_calls(ledger: Ledger, calls: Iterable[ApiCall]) -> None:
    name = ledger.name
    marks = ",".join("?" * len(ApiCall._fields))
    rows = [(call.key, name(call.session), *call[2:]) for call in calls]
    ledger.db.many(f"insert or ignore into api_call values ({marks})", rows)


def keep_tools_done(ledger: Ledger, calls: Iterable[ToolDone]) -> None:
    name = ledger.name
    marks = ",".join("?" * len(ToolDone._fields))
    rows = [(call.call, name(call.session), *call[2:]) for call in calls]
    ledger.db.many(f"insert or ignore into tool_done values ({marks})", rows)


def events_of(ledger: Ledger, session: int, since: int = 0) -> list[Event]:
    """A session's events from `since` on, earliest first."""
    text = ledger.text
    return [
        Event(row[0], text(row[1]), *row[2:])
        for row in ledger.db.rows(
            "select key, session, at, what, prompt, agent, tool, call, duration, size_in, size_out, note from event"
            " where session = ? and at >= ? order by at, id",
            (session, since),
        )
    ]


def ended_since(ledger: Ledger, event: int) -> tuple[int, list[str]]:
    """(number of the event kept last, names of the sessions whose end was kept after that event, in order)."""
    rows = list(ledger.db.rows("select id, session, what from event where id > ? order by id", (event,)))
    ended = dict.fromkeys(row[1] for row in rows if row[2] == "SessionEnd")
    return (rows[-1][0] if rows else event), [ledger.text(session) for session in ended]


def snapshots_of(ledger: Ledger, session: int) -> list[Snapshot]:
    """A session's snapshots, earliest first."""
    text = ledger.text
    return [
        _snapshot(text(row[0]), row)
        for row in ledger.db.rows("select * from snapshot where session = ? order by at", (session,))
    ]


def last_snapshot(ledger: Ledger, session: int) -> Snapshot | None:
    row = ledger.db.one("select * from snapshot where session = ? order by at desc limit 1", (session,))
    return _snapshot(ledger.text(row[0]), row) if row else None


def latest_limits(ledger: Ledger, since: int) -> Snapshot | None:
    """The latest snapshot since a moment that told the plan's limits."""
    row = ledger.db.one(
        "select * from snapshot where at >= ? and (five_hour not null or week not null) order by at desc limit 1",
        (since,),
    )
    return _snapshot(ledger.text(row[0]), row) if row else None


def last_snapshots(ledger: Ledger, since: int, now: int, until: int) -> list[tuple[str, Snapshot]]:
    """(project, last snapshot) of sessions at work since a moment whose cache goes cold after now, until a moment.

    A session that has ended since is none of them.
    """
    text = ledger.text
    return [
        (text(project), _snapshot(text(row[0]), row))
        for project, *row in ledger.db.rows(
            "select s.project, x.* from session s cross join snapshot x on x.session = s.session"
            " and x.at = (select max(y.at) from snapshot y where y.session = s.session)"
            " where s.last_at >= ? and x.expires > ? and x.expires <= ? and coalesce(x.warm, 1)"
            " and not exists (select 1 from event e where e.session = s.session and e.what = 'SessionEnd'"
            " and e.at >= x.at)",
            (since, now, until),
        )
    ]


def limit_readings(ledger: Ledger, since: int) -> list[tuple[Any, ...]]:
    """(at, 5-hour use, its reset, weekly use, its reset) since a moment, earliest first."""
    return list(
        ledger.db.rows(
            "select at, five_hour, five_hour_resets, week, week_resets from snapshot"
            " where at >= ? and (five_hour not null or week not null) order by at",
            (since,),
        )
    )


def _snapshot(session: str, row: Any) -> Snapshot:
    found = Snapshot._make((session, *row[1:]))
    return found if found.warm is None else found._replace(warm=bool(found.warm))


def api_calls_of(ledger: Ledger, session: int) -> list[ApiCall]:
    """What telemetry reported of a session, earliest first."""
    text = ledger.text
    return [
        ApiCall(row[0], text(row[1]), *row[2:])
        for row in ledger.db.rows("select * from api_call where session = ? order by at, key", (session,))
    ]


def unlogged_calls(ledger: Ledger, session: int) -> list[ApiCall]:
    """Calls that telemetry reported and that stand in no transcript, earliest first."""
    text = ledger.text
    return [
        ApiCall(row[0], text(row[1]), *row[2:])
        for row in ledger.db.rows(
            "select * from api_call a where a.session = ? and a.request <> '' and a.source <> 'compact'"
            " and not exists (select 1 from request r where r.variant = a.request) order by at, key",
            (session,),
        )
    ]


def calls_before(ledger: Ledger, session: int, at: int) -> list[ApiCall]:
    """Calls of other sessions in the day before a moment: a fork's parent is among them."""
    text = ledger.text
    return [
        ApiCall(row[0], text(row[1]), *row[2:])
        for row in ledger.db.rows(
            "select * from api_call where session <> ? and at between ? and ? order by at, key",
            (session, at - 86_400_000, at),
        )
    ]


def tools_done_of(ledger: Ledger, session: int) -> list[ToolDone]:
    found = []
    for row in ledger.db.rows("select * from tool_done where session = ? order by at, call", (session,)):
        done = ToolDone._make((row[0], ledger.text(row[1]), *row[2:]))
        found.append(done if done.succeeded is None else done._replace(succeeded=bool(done.succeeded)))
    return found


def durations(ledger: Ledger, session: int) -> dict[str, int]:
    """Milliseconds of a session's finished tool calls, by tool use id, as hooks or telemetry told them."""
    found = dict(
        ledger.db.rows("select call, duration from tool_done where session = ? and duration not null", (session,))
    )
    found.update(
        ledger.db.rows(
            "select call, duration from event where session = ? and call <> '' and duration not null", (session,)
        )
    )
    return found

"""What stood out, kept and asked for, and what has yet to be looked through. The caller holds the transaction."""

from __future__ import annotations

from lineitem.ledger.sqlite import numbers_json

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


def project_of(ledger: Ledger, session: int) -> str:
    """The project of a session; '' where nothing but an event is known of it."""
    row = ledger.db.one("select p.text from session s join name p on p.id = s.project where s.session = ?", (session,))
    return row[0] if row else ""


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


def agent_costs(ledger: Ledger, sessions: Iterable[int]) -> dict[str, int | None]:
    """Tool use id -> nanodollars of the agent it started; None: some of it has no price."""
    return dict(
        ledger.db.rows(
            "with wanted as (select value as session from json_each(?)),"
            " unpriced as (select distinct r.session, r.thread from wanted w cross join request r"
            " on r.session = w.session and r.counted and r.nanos is null"
            " where exists (select 1 from usage u where u.session = w.session and u.unpriced > 0))"
            " select a.call, case when count(u.thread) then null else sum(a.nanos) end"
            " from wanted w join agent a on a.session = w.session"
            " left join unpriced u on u.session = a.session and u.thread = a.thread where a.call <> '' group by a.call",
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


def requests_between(ledger: Ledger, session: int, since: int, until: int) -> list[tuple[Any, ...]]:
    """A session's counted requests from `since` to `until`, both included, earliest first.

    (thread, at, model, uncached, output, write5, write1, read, thinking, searches, modifiers, prompt size, nanos)
    """
    return list(
        ledger.db.rows(
            "select thread, at, model, uncached, output, write5, write1, read, thinking, searches, modifiers,"
            " prompt_size, nanos from request where session = ? and counted and at between ? and ? order by at, mid",
            (session, since, until),
        )
    )


def call_parts(ledger: Ledger, session: int, thread: str, call: str) -> tuple[int, int, int, int]:
    """Of a tool call in a thread: tokens of writing it, tokens of its first entering a prompt, nanodollars of both."""
    row = ledger.db.one(
        "select coalesce(sum(g_output), 0), coalesce(sum(i_uncached + i_write5 + i_write1 + i_read), 0),"
        " coalesce(sum(g_nanos), 0), coalesce(sum(i_nanos), 0) from item where session = ? and call = ?"
        " and thread = (select id from name where text = ?)",
        (session, call, thread),
    )
    return row[0], row[1], row[2], row[3]


def calls_of(ledger: Ledger, session: int, causes: Iterable[str], until: int) -> int:
    """How many tool calls of these causes a session made up to a moment, agents' included."""
    marks = list(causes)
    row = ledger.db.one(
        "select count(distinct call) from item where session = ? and call <> '' and at <= ?"
        f" and cause in ({','.join('?' * len(marks))})",
        (session, until, *marks),
    )
    return int(row[0])


def schema_costs(ledger: Ledger, session: int) -> tuple[int, dict[str, int]]:
    """(nanodollars of all line items of a session, those of tool schemas by cause)."""
    costs = dict(
        ledger.db.rows(
            "select iif(cause = 'schemas' or cause like 'schemas/%', cause, ''),"
            " sum(g_nanos + i_nanos + c_nanos + r_nanos + s_nanos) from item where session = ? group by 1",
            (session,),
        )
    )
    whole = sum(costs.values())
    costs.pop("", None)
    return whole, costs


def compacted(ledger: Ledger, session: int, since: int, until: int) -> bool:
    """Whether a compaction is known from `since` to `until`: a hook or telemetry told it, or it is the first one."""
    return (
        ledger.db.one(
            "select 1 from event where session = ?1 and at between ?2 and ?3 and what in ('PostCompact',"
            " 'otel/compaction') union all select 1 from item where session = ?1 and at between ?2 and ?3"
            " and cause = 'compaction' limit 1",
            (session, since, until),
        )
        is not None
    )


_MAIN = "(select id from name where text = '')"
#: Name of the kept state: the number of the last event that was looked at for returns.
HEARD = "insights/returns"
_RETURN = "what = 'SessionStart' and json_extract(note, '$.source') in ('resume', 'fork')"


def last_event(ledger: Ledger) -> int:
    """The number of the event kept last; 0: none."""
    return int(ledger.db.one("select coalesce(max(id), 0) from event")[0])


def returns_after(ledger: Ledger, event: int) -> list[tuple[int, int, int, str]]:
    """(number of the event, session, at, note) of the returns to a session kept after an event, in order."""
    return list(
        ledger.db.rows(f"select id, session, at, note from event where id > ? and {_RETURN} order by id", (event,))
    )


def returns_since(ledger: Ledger, session: int, since: int) -> list[tuple[int, str]]:
    """(at, note) of the returns to a session after the last request that its main conversation made up to a moment."""
    return list(
        ledger.db.rows(  # `+`: most sessions have no return, and need not be asked for their last request
            f"select at, note from event where session = ?1 and {_RETURN} and +at > coalesce((select max(r.at) from"
            f" request r where r.session = ?1 and r.counted and r.thread = {_MAIN} and r.at <= ?2), 0) order by at, id",
            (session, since),
        )
    )


def request_after(ledger: Ledger, session: int, at: int) -> tuple[Any, ...] | None:
    """The first request of a session's main conversation after a moment; None: not made yet.

    (at, model, uncached, write5, write1, read, modifiers, prompt size)
    """
    row: tuple[Any, ...] | None = ledger.db.one(
        "select at, model, uncached, write5, write1, read, modifiers, prompt_size from request where session = ?"
        f" and counted and at > ? and thread = {_MAIN} order by at, mid limit 1",
        (session, at),
    )
    return row


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


#: So many baselines are kept; those that learnt nothing for the longest go first.
_BASELINES = 6_000


def baseline(ledger: Ledger, measure: str, key: str) -> str | None:
    """The row of a baseline; None where there is none."""
    found = ledger.db.one("select row from baseline where measure = ? and key = ?", (measure, key))
    return found[0] if found else None


def keep_baselines(ledger: Ledger, rows: Iterable[tuple[str, str, int, str]]) -> None:
    """Keep (measure, key, when it learnt, row) of baselines that are new or changed."""
    ledger.db.many(
        "insert into baseline (measure, key, used, row) values (?,?,?,?)"
        " on conflict (measure, key) do update set used = excluded.used, row = excluded.row",
        list(rows),
    )
    (count,) = ledger.db.one("select count(*) from baseline")
    if count > _BASELINES:
        ledger.db.run(
            "delete from baseline where id in (select id from baseline order by used, id limit ?)",
            (count - _BASELINES,),
        )

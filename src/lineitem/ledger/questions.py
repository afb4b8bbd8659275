"""Read-only questions to the ledger, each one statement, answered as plain rows.

Filters: a range of time, a part of a project's name, a part of a model's name. Names come back as text.
"""

from __future__ import annotations

from lineitem.ledger.sqlite import numbers_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Any

    from lineitem.ledger.store import Ledger

    Rows = Iterator[tuple[Any, ...]]

_QUARTER = 900_000


def _literal(text: str) -> str:
    """This text as a part of a pattern that stands for itself, where the backslash is the escape."""
    return _pattern(text.lower())


def _pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class Filter:
    """Conditions over usage, requests, runs and items alike."""

    __slots__ = ("among", "but", "model", "project", "session", "since", "until")

    def __init__(self, since: int, until: int, project: str = "", model: str = "", session: int | None = None) -> None:
        self.since, self.until, self.project, self.model, self.session = since, until, project, model, session
        self.among: Collection[int] = ()  #: only these sessions; empty: all
        self.but: Collection[int] = ()  #: none of these

    def only(self, sessions: Collection[int]) -> Filter:
        """The same of these sessions only."""
        made = Filter(self.since, self.until, self.project, self.model, self.session)
        made.among = sessions
        return made

    def without(self, sessions: Collection[int]) -> Filter:
        """The same of all other sessions."""
        made = Filter(self.since, self.until, self.project, self.model, self.session)
        made.but = sessions
        return made

    def sql(self, at: str, session: str, model: str | None, unit: int = 1) -> tuple[str, list[Any]]:
        """(condition, parameters): `at` in units of `unit` milliseconds."""
        parts: list[str] = []
        given: list[Any] = []
        if self.since:
            parts.append(f"{at} >= ?")
            given.append(self.since // unit)
        if self.until < 1 << 60:
            parts.append(f"{at} < ?")
            given.append(-(-self.until // unit))
        if self.session is not None:
            parts.append(f"{session} = ?")
            given.append(self.session)
        for sessions, word in (self.among, "in"), (self.but, "not in"):
            if sessions:
                parts.append(f"{session} {word} (select value from json_each(?))")
                given.append(numbers_json(sessions))
        if self.project:
            parts.append(
                f"{session} in (select s.session from session s join name p on p.id = s.project"
                " where lower(p.text) like ? escape '\\')"
            )
            given.append(f"%{_literal(self.project)}%")
        if self.model and model:
            parts.append(f"{model} in (select id from name where lower(text) like ? escape '\\')")
            given.append(f"%{_literal(self.model)}%")
        return (" where " + " and ".join(parts) if parts else ""), given

    def active(self) -> tuple[str, list[Any]]:
        """(condition, parameters) over `session s`: those of the project that were active in the range."""
        condition, given = Filter(0, 1 << 62, self.project).sql("", "s.session", None)
        parts = [condition.removeprefix(" where ")] if condition else []
        if self.since:
            parts.append("s.last_at >= ?")
            given.append(self.since)
        if self.until < 1 << 60:
            parts.append("s.first_at < ?")
            given.append(self.until)
        return (" where " + " and ".join(parts) if parts else ""), given


def usage_by_quarter(ledger: Ledger, where: Filter, projects: bool = False) -> Rows:
    """(quarter, project or 0, model, requests, uncached, output, write5, write1, read, searches, nanos, unpriced)."""
    condition, given = where.sql("u.quarter", "u.session", "u.model", _QUARTER)
    project = "s.project" if projects else "0"
    join = " join session s on s.session = u.session" if projects else ""
    return ledger.db.rows(
        f"select u.quarter, {project}, u.model, sum(u.requests), sum(u.uncached), sum(u.output), sum(u.write5),"
        " sum(u.write1), sum(u.read), sum(u.searches), sum(u.nanos), sum(u.unpriced)"
        f" from usage u{join}{condition} group by 1, 2, 3",
        given,
    )


def usage_by_project(ledger: Ledger, where: Filter) -> Rows:
    """(project, model, requests, uncached, output, write5, write1, read, searches, nanos, unpriced); names' numbers."""
    condition, given = where.sql("u.quarter", "u.session", "u.model", _QUARTER)
    return ledger.db.rows(
        "select s.project, u.model, sum(u.requests), sum(u.uncached), sum(u.output), sum(u.write5), sum(u.write1),"
        " sum(u.read), sum(u.searches), sum(u.nanos), sum(u.unpriced)"
        f" from usage u join session s on s.session = u.session{condition} group by 1, 2",
        given,
    )


def is_provisional(session: str) -> str:
    """The condition that the session in this column is billed from live sources: no transcript of it was read.

    It may have requests all the same: those that a fork's transcript copied. The bill has them from the live sources.
    """
    return (
        f"({session} not in (select session from file)"
        f" and (exists (select 1 from api_call where api_call.session = {session})"
        f" or exists (select 1 from snapshot where snapshot.session = {session})))"
    )


def usage_across(ledger: Ledger, where: Filter, *, over: bool, sessions: bool) -> Rows:
    """(quarter, session, project, model, 0, 0, requests, tokens, nanos, unpriced tokens); names' numbers.

    `over`, `sessions`: by quarter hour, by session; else 0 stands there.
    """
    condition, given = where.sql("u.quarter", "u.session", "u.model", _QUARTER)
    return ledger.db.rows(
        f"select {'u.quarter' if over else '0'}, {'u.session' if sessions else '0'}, s.project, u.model, 0, 0,"
        " sum(u.requests), sum(u.uncached + u.output + u.write5 + u.write1 + u.read), sum(u.nanos), sum(u.unpriced)"
        f" from usage u join session s on s.session = u.session{condition} group by 1, 2, 3, 4",
        given,
    )


def requests_across(ledger: Ledger, where: Filter, *, over: bool) -> Rows:
    """The same of counted requests, with branch and skill in the place of the zeros."""
    condition, given = where.sql("r.at", "r.session", "r.model")
    glue = " and " if condition else " where "
    size = "r.uncached + r.output + r.write5 + r.write1 + r.read"
    return ledger.db.rows(
        f"select {f'r.at / {_QUARTER}' if over else '0'}, r.session, s.project, r.model, r.branch, r.skill, count(*),"
        f" sum({size}), sum(coalesce(r.nanos, 0)), sum(case when r.nanos is null then {size} else 0 end)"
        f" from request r join session s on s.session = r.session{condition}{glue}r.counted group by 1, 2, 3, 4, 5, 6",
        given,
    )


def provisional(ledger: Ledger) -> frozenset[int]:
    """Sessions that are billed from live sources, as no transcript of theirs was read."""
    rows = ledger.db.rows(f"select s.session from session s where {is_provisional('s.session')}")
    return frozenset(row[0] for row in rows)


def usage_by_session(ledger: Ledger, where: Filter) -> Rows:
    """(session, model, requests, uncached, output, write5, write1, read, searches, nanos, unpriced)."""
    condition, given = where.sql("u.quarter", "u.session", "u.model", _QUARTER)
    return ledger.db.rows(
        "select u.session, u.model, sum(u.requests), sum(u.uncached), sum(u.output), sum(u.write5), sum(u.write1),"
        f" sum(u.read), sum(u.searches), sum(u.nanos), sum(u.unpriced) from usage u{condition} group by 1, 2",
        given,
    )


def beyond_by_run(ledger: Ledger, where: Filter, projects: bool = False) -> Rows:
    """(at, project or 0, session, unlogged nanodollars, tokens as JSON) of runs with spend no transcript shows."""
    if where.model:
        return iter(())
    condition, given = where.sql("r.at", "r.session", None)
    project = "s.project" if projects else "0"
    join = " join session s on s.session = r.session" if projects else ""
    glue = " and " if condition else " where "
    return ledger.db.rows(
        f"select r.at, {project}, r.session, r.unlogged + r.unexplained, r.tokens from run r{join}{condition}"
        f"{glue}(r.unlogged + r.unexplained <> 0 or r.tokens <> '{{}}')",
        given,
    )


def sessions(ledger: Ledger) -> Rows:
    """(session, name, project, first_at, last_at, logged, reported, unlogged) of every session."""
    return ledger.db.rows(
        "select s.session, n.text, p.text, s.first_at, s.last_at, s.logged, s.reported, s.unlogged from session s"
        " join name n on n.id = s.session join name p on p.id = s.project"
    )


def latest_session(ledger: Ledger) -> int | None:
    """The session with the latest request."""
    row = ledger.db.one("select session from session order by last_at desc, session limit 1")
    return row[0] if row else None


def session_named(ledger: Ledger, start: str) -> list[tuple[int, str]]:
    """(number, name) of the sessions whose id begins with this text."""
    return list(
        ledger.db.rows(
            "select s.session, n.text from session s join name n on n.id = s.session"
            " where lower(n.text) like ? escape '\\' order by s.last_at desc",
            (_literal(start) + "%",),
        )
    )


def request_times(ledger: Ledger, where: Filter) -> Rows:
    """(at, model, uncached, output, writes, read, nanos, unpriced tokens) of every counted request, in order."""
    condition, given = where.sql("at", "session", "model")
    glue = " and " if condition else " where "
    return ledger.db.rows(
        "select at, model, uncached, output, write5 + write1, read, coalesce(nanos, 0),"
        " case when nanos is null then uncached + write5 + write1 + read + output else 0 end from request"
        f"{condition}{glue}counted order by at",
        given,
    )


def provisional_times(ledger: Ledger, where: Filter) -> list[tuple[Any, ...]]:
    """As `request_times`, of the rollup, and how many requests each row is: exact to the quarter hour."""
    condition, given = where.sql("u.quarter", "u.session", "u.model", _QUARTER)
    return list(
        ledger.db.rows(
            f"select max(u.quarter * {_QUARTER}, s.first_at), u.model, u.uncached, u.output, u.write5 + u.write1,"
            f" u.read, u.nanos, u.unpriced, u.requests from usage u join session s on s.session = u.session{condition}",
            given,
        )
    )


def requests_by(ledger: Ledger, column: str, where: Filter) -> Rows:
    """(name, requests, uncached, output, write5, write1, read, searches, nanos, unpriced) by a request's column."""
    assert column in ("branch", "skill", "model")
    condition, given = where.sql("at", "session", "model")
    glue = " and " if condition else " where "
    return ledger.db.rows(
        f"select n.text, count(*), sum(uncached), sum(output), sum(write5), sum(write1), sum(read), sum(searches),"
        " sum(coalesce(nanos, 0)), sum(case when nanos is null then uncached+write5+write1+read+output else 0 end)"
        f" from request join name n on n.id = request.{column}{condition}{glue}counted group by 1",
        given,
    )


def active_days(ledger: Ledger) -> Rows:
    """(session, days since 1970 in UTC) of every day on which a session cost something, each once."""
    return ledger.db.rows(
        "select session, quarter / 96 from usage union select session, at / 86400000 from run where unlogged <> 0"
        " or unexplained <> 0"
    )


def straddling(ledger: Ledger, where: Filter) -> tuple[list[int], list[int]]:
    """(sessions wholly inside a range, sessions that reach over one of its ends), after the other filters."""
    inside, across = [], []
    condition, given = Filter(0, 1 << 62, where.project, "", where.session).sql("0", "s.session", None)
    for number, first, last in ledger.db.rows(
        "select s.session,"
        " min(s.first_at, coalesce((select min(at) from run r where r.session = s.session), s.first_at)),"
        " max(s.last_at, coalesce((select max(at) from run r where r.session = s.session), 0))"
        f" from session s{condition}",
        given,
    ):
        if first >= where.since and last < where.until:
            inside.append(number)
        elif last >= where.since and first < where.until:
            across.append(number)
    return inside, across


_ITEM = (
    "i.cause, i.kind, i.call, i.model, i.basis, i.at, i.prompt, i.carried, i.g_output, i.g_nanos, i.i_uncached,"
    " i.i_write5, i.i_write1, i.i_read, i.i_nanos, i.c_read, i.c_nanos, i.r_uncached, i.r_write5, i.r_write1,"
    " i.r_nanos, i.s_nanos"
)


#: Of so many sessions and fewer, line items are looked up one session after another.
_FEW = 600


def items(ledger: Ledger, session: int | None = None, among: Collection[int] | None = None) -> Rows:
    """(session, thread, cause, kind, call, model, basis, at, prompt, carried, sums ...) of the line items kept.

    `among`: where these are few, only theirs are read; where they are many, all are.
    """
    if session is None and among is not None and len(among) <= _FEW:
        return ledger.db.rows(
            f"select i.session, i.thread, {_ITEM} from json_each(?) s cross join item i on i.session = s.value"
            " order by i.session, i.thread, i.ordinal",
            (numbers_json(sorted(among)),),
        )
    condition = " where i.session = ?" if session is not None else ""
    return ledger.db.rows(
        f"select i.session, i.thread, {_ITEM} from item i{condition} order by i.session, i.thread, i.ordinal",
        (session,) if session is not None else (),
    )


def large_items(ledger: Ledger, larger: int, among: Collection[int]) -> Rows:
    """As `items`, of these sessions: schemas, and tool calls whose result has more than so many tokens."""
    return ledger.db.rows(
        f"select i.session, i.thread, {_ITEM} from json_each(?) s cross join item i on i.session = s.value"
        " where i.kind = 'schemas' or i.kind = 'tool'"
        " and i.i_uncached + i.i_write5 + i.i_write1 + i.i_read - i.g_output > ?"
        " order by i.session, i.thread, i.ordinal",
        (numbers_json(sorted(among)), larger),
    )


def item_sums(ledger: Ledger, among: Collection[int]) -> Rows:
    """(session, model, nanodollars) of the line items kept of these sessions."""
    return ledger.db.rows(
        "select i.session, i.model, sum(i.g_nanos + i.i_nanos + i.c_nanos + i.r_nanos + i.s_nanos)"
        " from json_each(?) s cross join item i on i.session = s.value group by 1, 2",
        (numbers_json(sorted(among)),),
    )


def items_of_cause(ledger: Ledger, cause: str) -> Rows:
    """As `items`, of a cause and of those below it."""
    return ledger.db.rows(
        f"select i.session, i.thread, {_ITEM} from item i where i.cause = ? or i.cause like ? escape '\\'"
        " order by i.session, i.thread, i.ordinal",
        (cause, _pattern(cause) + "/%"),
    )


def items_since(ledger: Ledger, since: int) -> Rows:
    """As `items`, of the sessions that were active since then."""
    return ledger.db.rows(
        f"select i.session, i.thread, {_ITEM} from session s cross join item i on i.session = s.session"
        " where s.last_at >= ?",  # `cross join` keeps the order: of all sessions few are recent
        (since,),
    )


def last_requests(ledger: Ledger, since: int = 0, sessions: list[int] | None = None) -> Rows:
    """(session, at, model, tokens in its prompt) of the last request of the main conversation of each session.

    Of these sessions, or of all that were active since a moment.
    """
    one = "json_each(?) s cross join request r on r.session = s.value where"
    late = "session s cross join request r on r.session = s.session where s.last_at >= ? and"
    which = late if sessions is None else one
    return ledger.db.rows(
        "select r.session, max(r.at), r.model, case when r.prompt_size > 0 then r.prompt_size"
        f" else r.uncached + r.write5 + r.write1 + r.read end from {which}"
        " r.counted and r.thread = (select id from name where text = '') group by r.session",
        (since if sessions is None else numbers_json(sessions),),
    )


def cache_ttl(ledger: Ledger, session: int) -> str:
    """How long a session's cache lasts, `5m` or `1h`: as its statusline said last, else as it wrote last; ''."""
    row = ledger.db.one(
        "select ttl from snapshot where session = ? and ttl <> '' order by at desc limit 1", (session,)
    ) or ledger.db.one(
        "select iif(write1 > 0, '1h', '5m') from request where session = ? and counted and write5 + write1 > 0"
        " and thread = (select id from name where text = '') order by at desc limit 1",
        (session,),
    )
    return row[0] if row else ""


def recent_quarters(ledger: Ledger, since: int) -> list[tuple[int, int, int]]:
    """(quarter, nanos, unpriced tokens) of all sessions since a moment, earliest first."""
    return list(
        ledger.db.rows(  # `cross join` keeps the order: of all sessions few are recent
            "select u.quarter, sum(u.nanos), sum(u.unpriced) from session s cross join usage u"
            " on u.session = s.session and u.quarter >= ? where s.last_at >= ? group by u.quarter order by u.quarter",
            (since // _QUARTER, since),
        )
    )


def session_cost(ledger: Ledger, session: int) -> int | None:
    """Nanodollars of a session, unlogged spend included; None where it is not known."""
    row = ledger.db.one("select logged + unlogged from session where session = ?", (session,))
    return row[0] if row else None


def prompt_costs(ledger: Ledger, session: int) -> Rows:
    """(at, nanos, nanos of agents) of a session's prompts, in order."""
    return ledger.db.rows("select at, nanos, agents from prompt where session = ? order by ordinal", (session,))


def contexts(ledger: Ledger, session: int) -> Rows:
    """(at, tokens of the prompt) of the requests of a session's main conversation, in order."""
    return ledger.db.rows(
        "select at, case when prompt_size > 0 then prompt_size else uncached + write5 + write1 + read end from request"
        " where session = ? and counted and thread = (select id from name where text = '') order by at, mid",
        (session,),
    )


_SENT = (
    "r.at, r.model, r.uncached, r.write5, r.write1, r.read, r.output, r.nanos, r.modifiers, r.prompt_size,"
    " instr(r.mid, '#') > 0"
)


def requests_in_order(ledger: Ledger, where: Filter, copies: bool = False) -> Rows:
    """Every counted request of the sessions that were active in a range, by session and time; models do not matter.

    (session, thread, at, model, uncached, write5, write1, read, output, nanos, modifiers, prompt size, whether an
    advisor made it, whether it is the session's own). `copies`: also those that other sessions own.
    """
    own, given = _of_sessions(where, "r.session")
    union = ""
    if copies:
        copied, more = _of_sessions(where, "c.session")
        union = (
            f" union all select c.session, c.thread, {_SENT}, 0, r.mid from copy c join request r"
            f" on r.mid = c.mid and r.variant = c.variant where c.session <> r.session{copied}"
        )
        given += more
    return ledger.db.rows(
        f"select r.session, r.thread, {_SENT}, 1, r.mid from request r where r.counted{own}{union} order by 1, 3, 15",
        given,
    )


def _of_sessions(where: Filter, session: str) -> tuple[str, list[Any]]:
    """(condition, parameters): sessions of a project that were active in a range; or these, where any are named."""
    if where.session is not None:
        return f" and {session} = ?", [where.session]
    if where.among:
        return f" and {session} in (select value from json_each(?))", [numbers_json(where.among)]
    condition, given = where.active()
    return (f" and {session} in (select s.session from session s{condition})" if condition else ""), given


def active_sessions(ledger: Ledger, where: Filter) -> set[int]:
    """The sessions that were active in a range."""
    condition, given = _of_sessions(where, "s.session")
    return {row[0] for row in ledger.db.rows(f"select s.session from session s where 1{condition}", given)}


def prompts_in_order(ledger: Ledger, where: Filter) -> Rows:
    """(session, ordinal, at, source) of the prompts of sessions that were active in a range, by session and time."""
    condition, given = _of_sessions(where, "p.session")
    return ledger.db.rows(
        f"select p.session, p.ordinal, p.at, p.source from prompt p where 1{condition} order by 1, 3, 2", given
    )


def agent_prompts(ledger: Ledger, where: Filter) -> Rows:
    """(session, thread, parent thread, ordinal of the prompt in it that led to the agent; null where nobody knows).

    Of the agents of sessions that were active in a range.
    """
    condition, given = _of_sessions(where, "a.session")
    return ledger.db.rows(
        "select a.session, a.thread, a.parent, (select i.prompt from item i where i.session = a.session"
        f" and i.thread = a.parent and i.call = a.call and a.call <> '' limit 1) from agent a where 1{condition}",
        given,
    )


def calls_made(ledger: Ledger, where: Filter) -> Rows:
    """(session, thread, prompt, cause, tool use id, at) of the tool calls of sessions that were active in a range."""
    condition, given = _of_sessions(where, "i.session")
    return ledger.db.rows(
        f"select i.session, i.thread, i.prompt, i.cause, i.call, i.at from item i where i.kind = 'tool'{condition}",
        given,
    )


_SHELLS = "('Bash', 'PowerShell')"


def outcomes(ledger: Ledger, where: Filter) -> Rows:
    """(tool use id, whether it succeeded) of the commands of which hooks or telemetry said so.

    Of sessions that were active in a range.
    """
    heard, given = _of_sessions(where, "e.session")
    told, more = _of_sessions(where, "t.session")
    return ledger.db.rows(
        f"select e.call, e.what = 'PostToolUse' from event e where e.call <> '' and e.tool in {_SHELLS}"
        f" and e.what in ('PostToolUse', 'PostToolUseFailure'){heard} union all"
        f" select t.call, t.succeeded from tool_done t where t.succeeded is not null and t.tool in {_SHELLS}{told}",
        [*given, *more],
    )


def causes(ledger: Ledger, inside: list[int] | None) -> Rows:
    """(cause, own nanodollars, uncached, write5, write1, read, output) summed over sessions (None: all)."""
    sums = (
        "sum(g_nanos + i_nanos + c_nanos + r_nanos + s_nanos), sum(i_uncached + r_uncached),"
        " sum(i_write5 + r_write5), sum(i_write1 + r_write1), sum(i_read + c_read), sum(g_output)"
    )
    if inside is None:
        return ledger.db.rows(f"select cause, {sums} from item group by cause")
    return ledger.db.rows(
        f"select cause, {sums} from item where session in (select value from json_each(?)) group by cause",
        (numbers_json(inside),),
    )


def agents(ledger: Ledger, among: Collection[int] | None = None) -> Rows:
    """(session, thread, type, call, parent thread, requests, nanos) of these sessions (None: of all)."""
    condition = "" if among is None else " where a.session in (select value from json_each(?))"
    return ledger.db.rows(
        "select s.text, t.text, a.type, a.call, p.text, a.requests, a.nanos from agent a"
        f" join name s on s.id = a.session join name t on t.id = a.thread join name p on p.id = a.parent{condition}",
        () if among is None else (numbers_json(among),),
    )


def folded_sessions(ledger: Ledger) -> int:
    """How many sessions have line items that are not stale."""
    return int(ledger.db.one("select count(*) from session where folded")[0])


def versions(ledger: Ledger) -> dict[int, int]:
    """Session -> a number that is another one whenever its line items were made anew; 0: they are stale."""
    return dict(ledger.db.rows("select session, folded from session"))


def heard(ledger: Ledger, among: Collection[int]) -> dict[int, int]:
    """Session -> how many events and finished calls live sources told of it."""
    wanted = numbers_json(among)
    return dict(
        ledger.db.rows(
            "select s.value, (select count(*) from event e where e.session = s.value)"
            " + (select count(*) from tool_done t where t.session = s.value) from json_each(?) s",
            (wanted,),
        )
    )


def shared(ledger: Ledger) -> Rows:
    """(session, another): pairs of which one has copies of requests that are the other's."""
    return ledger.db.rows(
        "select distinct c.session, r.session from copy c join request r on r.mid = c.mid and r.variant = c.variant"
        " where c.session <> r.session"
    )


def misses(ledger: Ledger, session: int) -> Rows:
    """(thread, at, message id, reason, tokens, nanos, idle ms) of a session's cache misses, dearest first."""
    return ledger.db.rows(
        "select t.text, m.at, m.mid, m.reason, m.tokens, m.nanos, m.idle from miss m join name t on t.id = m.thread"
        " where m.session = ? order by m.nanos desc",
        (session,),
    )


def prompts(ledger: Ledger, where: Filter) -> Rows:
    """(session, ordinal, at, source, name, requests, nanos, agents) of prompts."""
    condition, given = where.sql("p.at", "p.session", None)
    return ledger.db.rows(
        "select n.text, p.ordinal, p.at, p.source, p.name, p.requests, p.nanos, p.agents from prompt p"
        f" join name n on n.id = p.session{condition} order by p.at, p.ordinal",
        given,
    )


def runs(ledger: Ledger) -> Rows:
    """(session, at, reported, logged, unlogged, priced, duplicated, unexplained) of every run."""
    return ledger.db.rows(
        "select n.text, r.at, r.reported, r.logged, r.unlogged, r.priced, r.duplicated, r.unexplained from run r"
        " join name n on n.id = r.session order by n.text, r.ordinal"
    )


def problems(ledger: Ledger) -> Rows:
    """(slug, path, span start, ordinal, note) of everything that could not be read."""
    return ledger.db.rows(
        "select p.slug, f.path, p.start, p.ordinal, p.note from problem p join file f on f.id = p.file"
        " where p.generation = f.generation order by p.slug, f.path, p.start, p.ordinal"
    )


def unpriced(ledger: Ledger) -> Rows:
    """(model, requests, tokens, first at) of requests without a price."""
    return ledger.db.rows(
        "select n.text, count(*), sum(uncached + write5 + write1 + read + output), min(at) from request"
        " join name n on n.id = request.model where nanos is null and counted group by 1 order by 3 desc"
    )


def unpriced_since(ledger: Ledger, since: int) -> dict[str, int]:
    """Model -> tokens without a price, in the quarter hours from a moment on."""
    return dict(
        ledger.db.rows(  # `cross join` as above: of all sessions few are recent
            "select n.text, sum(u.unpriced) from session s cross join usage u on u.session = s.session"
            " and u.quarter >= ? join name n on n.id = u.model where s.last_at >= ? and u.unpriced > 0 group by 1",
            (since // _QUARTER, since),
        )
    )


def unreadable(ledger: Ledger) -> int:
    """How many lines of transcripts could not be read."""
    row = ledger.db.one(
        "select count(*) from problem p join file f on f.id = p.file"
        " where p.generation = f.generation and p.slug = 'line-unreadable'"
    )
    return row[0] if row else 0


def anything_logged(ledger: Ledger) -> bool:
    """Whether anything was ever logged by hand or by programs. Asked by hot commands, so it stands here."""
    return ledger.db.one("select 1 from manual_entry limit 1") is not None


def counts(ledger: Ledger) -> dict[str, int]:
    """How many files, sightings, requests and sessions there are."""
    tables = ("file", "sighting", "request", "session", "problem", "item")
    return {table: ledger.db.one(f"select count(*) from {table}")[0] for table in tables}

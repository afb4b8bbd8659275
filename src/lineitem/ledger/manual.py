"""Manual sessions and their entries, kept and asked for; and what Claude Code did in the same folders. Writers hold the
transaction.
"""

from __future__ import annotations

from lineitem.core.manual import Entry, ManualSession
from lineitem.ledger.questions import is_provisional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.ledger.store import Ledger

_SESSION = "id, name, folder, cwd, since, until, model, expected_nanos, expected_tokens"
_ENTRY = (
    "id, session, folder, at, how, kind, label, model, uncached, write5, write1, read, output, searches, modifiers,"
    " mid, range"
)


def begin(ledger: Ledger, session: ManualSession) -> None:
    """Keep a manual session that begins."""
    ledger.db.run(f"insert into manual_session ({_SESSION}) values (?,?,?,?,?,?,?,?,?)", session)


def end(ledger: Ledger, session: str, at: int) -> None:
    """Let a manual session end."""
    ledger.db.run("update manual_session set until = ? where id = ?", (at, session))


def keep(ledger: Ledger, entries: Iterable[Entry]) -> None:
    """Keep entries; one that is kept already stays as it is."""
    from json import dumps

    rows = [(*entry[:-1], dumps(entry.range, separators=(",", ":")) if entry.range else "") for entry in entries]
    ledger.db.many(f"insert into manual_entry ({_ENTRY}) values ({','.join('?' * 17)})"
                   " on conflict (id) do nothing", rows)  # fmt: skip


def open_session(ledger: Ledger, folder: str) -> ManualSession | None:
    """The manual session of a folder that is not ended."""
    row = ledger.db.one(f"select {_SESSION} from manual_session where folder = ? and until is null", (folder,))
    return ManualSession(*row) if row else None


def sessions(ledger: Ledger, folder: str | None = None) -> list[ManualSession]:
    """The manual sessions of a folder, of all folders without one; the earliest first."""
    where, given = (" where folder = ?", (folder,)) if folder is not None else ("", ())
    rows = ledger.db.rows(f"select {_SESSION} from manual_session{where} order by since, id", given)
    return [ManualSession(*row) for row in rows]


def entries(ledger: Ledger, *, session: str | None = None, since: int = 0, until: int = 1 << 62) -> list[Entry]:
    """The entries of a range of time, of one manual session or of all, in order."""
    where, given = (" and session = ?", [session]) if session is not None else ("", [])
    return _entries(ledger, f"at >= ? and at < ?{where}", [since, until, *given])


def entries_of_folder(ledger: Ledger, folder: str) -> list[Entry]:
    """All entries of a folder, in order, whether or not a manual session was open."""
    return _entries(ledger, "folder = ?", [folder])


def _entries(ledger: Ledger, condition: str, given: list[Any]) -> list[Entry]:
    from json import loads

    rows = ledger.db.rows(f"select {_ENTRY} from manual_entry where {condition} order by at, id", given)
    return [Entry._make((*row[:-1], _range(loads(row[-1])) if row[-1] else None)) for row in rows]


def _range(found: list[int]) -> tuple[int, int, int, int]:
    return found[0], found[1], found[2], found[3]


def billed(ledger: Ledger, entries: Iterable[Entry]) -> set[str]:
    """Those of these entries, by id, that transcripts have: the same message id and the same counts.

    The id alone is no key: a gateway may give all its answers the same.
    """
    from json import dumps

    asked = [[each.id, each.mid, each.uncached, each.read, each.output] for each in entries if each.mid]
    rows = ledger.db.rows(
        "select value ->> 0 from json_each(?) where exists (select 1 from request r where r.mid = value ->> 1"
        " and r.uncached = value ->> 2 and r.read = value ->> 3 and r.output = value ->> 4)",
        (dumps(asked),),
    )
    return {row[0] for row in rows}


#: Sessions of projects given as a JSON array.
_OF = (
    "(select s.session from session s join name p on p.id = s.project where p.text in (select value from json_each(?)))"
)


def worked(ledger: Ledger, projects: list[str], since: int, until: int) -> list[int]:
    """When Claude Code made requests in these projects, ascending: by transcripts, telemetry, or the statusline."""
    from json import dumps

    names = dumps(projects)
    tables = (("request", " and counted"), ("api_call", ""), ("snapshot", ""))
    sql = " union ".join(
        f"select at from {table} where at >= ? and at <= ? and session in {_OF}{more}" for table, more in tables
    )
    return [row[0] for row in ledger.db.rows(f"{sql} order by 1", [since, until, names] * len(tables))]


def spent(ledger: Ledger, projects: list[str], since: int, until: int) -> list[tuple[Any, ...]]:
    """(model, requests, uncached, output, write5, write1, read, searches, nanos, unpriced tokens) of Claude Code.

    Those of transcripts to the millisecond, those of sessions without one by their quarter hour.
    """
    from json import dumps

    names = dumps(projects)
    tokens = "uncached + write5 + write1 + read + output"
    return list(
        ledger.db.rows(
            "select n.text, sum(requests), sum(uncached), sum(output), sum(write5), sum(write1), sum(read),"
            " sum(searches), sum(nanos), sum(unpriced) from ("
            "select model, 1 requests, uncached, output, write5, write1, read, searches, coalesce(nanos, 0) nanos,"
            f" case when nanos is null then {tokens} else 0 end unpriced"
            f" from request where counted and at >= ? and at < ? and session in {_OF}"
            f" and not {is_provisional('request.session')}"
            " union all select model, requests, uncached, output, write5, write1, read, searches, nanos, unpriced"
            " from usage where quarter >= ? and quarter < ?"
            f" and session in {_OF} and {is_provisional('usage.session')})"
            " join name n on n.id = model group by 1 order by 9 desc, 1",
            (since, until, names, since // 900_000, -(-until // 900_000), names),
        )
    )


def unlogged(ledger: Ledger, projects: list[str], since: int, until: int) -> int:
    """Nanodollars that Claude Code reported in this time, and that stand in no transcript."""
    from json import dumps

    row = ledger.db.one(
        f"select coalesce(sum(unlogged + unexplained), 0) from run where at >= ? and at < ? and session in {_OF}",
        (since, until, dumps(projects)),
    )
    return int(row[0])


def latest_model(ledger: Ledger, projects: list[str]) -> str:
    """The model of the latest request in these projects, else of any; ''."""
    from json import dumps

    for more, given in ((f" and session in {_OF}", (dumps(projects),)), ("", ())):
        row = ledger.db.one(
            "select n.text from request join name n on n.id = request.model"
            f" where counted and nanos is not null{more} order by at desc limit 1",
            given,
        )
        if row:
            return str(row[0])
    return ""

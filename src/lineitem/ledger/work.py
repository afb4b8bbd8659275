"""What the cost of work is told from: rows of transcripts with evidence, and requests by branch. Each one statement."""

from __future__ import annotations

from lineitem.ledger.sqlite import numbers_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any

    from lineitem.ledger.questions import Filter
    from lineitem.ledger.store import Ledger

    Rows = Iterator[tuple[Any, ...]]

_ONE = (
    "1, uncached, output, write5, write1, read, searches, coalesce(nanos, 0),"
    " case when nanos is null then uncached + write5 + write1 + read + output else 0 end"
)
_SUMS = (
    "count(*), sum(uncached), sum(output), sum(write5), sum(write1), sum(read), sum(searches), sum(coalesce(nanos, 0)),"
    " sum(case when nanos is null then uncached + write5 + write1 + read + output else 0 end)"
)


def files_showing(ledger: Ledger, marks: Sequence[str], among: Collection[int] | None = None) -> list[int]:
    """The transcripts (of these, where any are named) whose rows hold one of these texts."""
    condition = " or ".join(["instr(rows, ?) > 0"] * len(marks))
    which = "" if among is None else " and file in (select value from json_each(?))"
    given = (*marks, *(() if among is None else (numbers_json(among),)))
    return [row[0] for row in ledger.db.rows(f"select distinct file from sighting where ({condition}){which}", given)]


def files_read(ledger: Ledger) -> dict[int, tuple[int, int]]:
    """Every transcript, and how far it was read: another pair whenever there are other rows of it."""
    return {row[0]: row[1:] for row in ledger.db.rows("select id, generation, offset from file")}


def rows_of(ledger: Ledger, files: Iterable[int]) -> Rows:
    """(file, session, thread, project, JSON rows) of these transcripts, each in the order of its lines."""
    return ledger.db.rows(
        "select f.id, f.session, f.thread, f.project, g.rows from file f join sighting g on g.file = f.id"
        " where f.id in (select value from json_each(?)) order by f.id, g.generation, g.start",
        (numbers_json(files),),
    )


def requests_named(ledger: Ledger, mids: Collection[str]) -> Rows:
    """(message id, variant, session, at, whether it is counted) of the requests with these message ids."""
    from json import dumps

    return ledger.db.rows(
        "select mid, variant, session, at, counted from request where mid in (select value from json_each(?))",
        (dumps(sorted(mids)),),
    )


def projects(ledger: Ledger) -> dict[int, int]:
    """Session -> its project."""
    return dict(ledger.db.rows("select session, project from session"))


def spent_each(ledger: Ledger, where: Filter) -> Rows:
    """(session, branch, model, at, sums) of every counted request by itself: see `spent_by_branch`."""
    return _spent(ledger, where, f"session, branch, model, at, {_ONE}", "")


def spent_by_branch(ledger: Ledger, where: Filter) -> Rows:
    """(session, branch, model, requests, uncached, output, write5, write1, read, searches, nanos, unpriced)."""
    # the plus: else all requests would be looked up one by one in the order of the index, for a day's few as well
    return _spent(ledger, where, f"session, branch, model, {_SUMS}", " group by +session, branch, model")


def _spent(ledger: Ledger, where: Filter, columns: str, group: str) -> Rows:
    condition, given = where.sql("at", "session", "model")
    glue = " and " if condition else " where "
    return ledger.db.rows(f"select {columns} from request{condition}{glue}counted{group}", given)

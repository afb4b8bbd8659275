"""What reading a file, and carrying anything a tool gave, really took in sessions that are over."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.ledger.store import Ledger


def readings(ledger: Ledger, places: Iterable[tuple[str, list[str]]]) -> list[tuple[Any, ...]]:
    """(model, tokens that entered, requests that carried them, nanodollars) of calls with one of these causes.

    places: a cause, and the projects it means there ([]: any). One row a tool call.
    """
    from json import dumps

    found: dict[tuple[int, str], tuple[Any, ...]] = {}
    for cause, projects in places:
        of, given = "", [cause]
        if projects:
            of = " and p.text in (select value from json_each(?))"
            given.append(dumps(projects))
        for session, call, *row in ledger.db.rows(
            "select i.session, i.call, n.text, i.i_uncached + i.i_write5 + i.i_write1 + i.i_read, i.carried,"
            " i.g_nanos + i.i_nanos + i.c_nanos + i.r_nanos + i.s_nanos from item i join name n on n.id = i.model"
            " join session s on s.session = i.session join name p on p.id = s.project"
            f" where i.cause = ? and i.call <> ''{of}",
            given,
        ):
            found[session, call] = tuple(row)
    return [row for row in found.values() if row[1] > 0]


def usual_carry(ledger: Ledger) -> int | None:
    """How many later requests carry what a tool gave: the median of all tool calls; None where there were none."""
    count = ledger.db.one("select count(*) from item where kind = 'tool' and i_nanos > 0")[0]
    if not count:
        return None
    row = ledger.db.one(
        "select carried from item where kind = 'tool' and i_nanos > 0 order by carried limit 1 offset ?", (count // 2,)
    )
    return int(row[0])


def models_used(ledger: Ledger, since: int) -> list[str]:
    """The models of the requests since a moment, the one that cost most first."""
    rows = ledger.db.rows(
        "select n.text from usage u join name n on n.id = u.model where u.quarter >= ? group by 1"
        " order by sum(u.nanos) desc, 1",
        (since // 900_000,),
    )
    return [row[0] for row in rows]

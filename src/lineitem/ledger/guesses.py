"""What a model was asked about findings, what that cost, and what it answered, as plain rows.

`classifier.asking` gives these rows their meaning. Every function is one statement; who needs several of them together
holds a transaction. A claim ends by itself: whoever dies while asking leaves a finding that is due again, and the
money set aside.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from lineitem.ledger.store import Ledger


def unexplained(ledger: Ledger, since: int, most: int) -> list[str]:
    """Keys of the latest findings that no rule is sure about and nobody was asked about."""
    return [
        key
        for (key,) in ledger.db.rows(
            "select f.key from finding f where f.at >= ? and not f.again"
            " and not exists (select 1 from asked a where a.key = f.key)"
            " and not exists (select 1 from json_each(f.body, '$.why') w where w.value ->> 'confidence' = 'sure')"
            " order by f.at desc, f.key limit ?",
            (since, most),
        )
    ]


def note(ledger: Ledger, keys: Iterable[str], now: int) -> None:
    """These findings are to be asked about."""
    ledger.db.many("insert or ignore into asked (key, noted, due) values (?,?,?)", [(key, now, now) for key in keys])


def claim(ledger: Ledger, now: int, until: int) -> tuple[str, int, str] | None:
    """(key, tries, body of the finding) of what is due longest; due again at `until`."""
    row = ledger.db.one(
        "update asked set due = ?, tries = tries + 1 where key ="
        " (select key from asked where due <= ? order by due, key limit 1) returning key, tries",
        (until, now),
    )
    if row is None:
        return None
    found = ledger.db.one("select body from finding where key = ?", (row[0],))
    return row[0], row[1], found[0] if found else "{}"


def settle(ledger: Ledger, key: str, at: int, digest: str | None = None, why: str | None = None) -> None:
    """The finding has its answer, or will not get one."""
    ledger.db.run(
        "update asked set due = null, settled = ?, digest = ?, why = ? where key = ? and due is not null",
        (at, digest, why, key),
    )


def retry(ledger: Ledger, key: str, due: int, why: str) -> None:
    """No answer yet: due again then."""
    ledger.db.run("update asked set due = ?, why = ? where key = ? and due is not null", (due, why, key))


def put_back(ledger: Ledger, key: str, due: int) -> None:
    """It was not asked after all: the try does not count."""
    ledger.db.run("update asked set due = ?, tries = tries - 1 where key = ? and due is not null", (due, key))


def expire(ledger: Ledger, before: int, at: int, why: str) -> None:
    """What has waited since before a moment is given up."""
    ledger.db.run(
        "update asked set due = null, settled = ?, why = ? where due is not null and noted < ?", (at, why, before)
    )


def known(ledger: Ledger, digest: str) -> bool:
    """Whether this question was answered before."""
    return ledger.db.one("select 1 from question where digest = ? and cause is not null limit 1", (digest,)) is not None


def reserve(ledger: Ledger, digest: str, at: int, model: str, reserved: int, since: int, budget: int) -> int | None:
    """Set money aside for a request, its number; None where the budget since a moment has no room for it."""
    row = ledger.db.one(
        "insert into question (digest, at, model, reserved) select ?,?,?,?"
        " where (select coalesce(sum(coalesce(nanos, reserved)), 0) from question where at >= ?) + ? <= ?"
        " returning id",
        (digest, at, model, reserved, since, reserved, budget),
    )
    return row[0] if row else None


def answered(
    ledger: Ledger, number: int, nanos: int | None, counted: Sequence[int] | None, guess: tuple[str, str, str] | None,
    why: str | None = None,
) -> None:  # fmt: skip
    """What came of a request: its cost, its five token counts, the guess or why there is none."""
    ledger.db.run(
        "update question set nanos = ?, uncached = ?, write5 = ?, write1 = ?, read = ?, output = ?, cause = ?,"
        " likelihood = ?, text = ?, why = ? where id = ?",
        (nanos, *(counted or (None,) * 5), *(guess or (None,) * 3), why, number),
    )


def any_sent(ledger: Ledger) -> bool:
    """Whether anything was ever sent."""
    return ledger.db.one("select 1 from question limit 1") is not None


def spent(ledger: Ledger, since: int) -> tuple[int, int, int]:
    """(nanodollars counted, the part of them that is only set aside, requests) since a moment."""
    row: tuple[int, int, int] = ledger.db.one(
        "select coalesce(sum(coalesce(nanos, reserved)), 0),"
        " coalesce(sum(case when nanos is null then reserved end), 0), count(*) from question where at >= ?",
        (since,),
    )
    return row


def standing(ledger: Ledger) -> tuple[int, int]:
    """(findings with an answer, findings that wait for one)."""
    row: tuple[int, int] = ledger.db.one(
        "select coalesce(sum(settled is not null and why is null), 0), coalesce(sum(due is not null), 0) from asked"
    )
    return row


def given_up(ledger: Ledger) -> list[tuple[str, int]]:
    """(why, how many findings got no answer because of it), the most frequent first."""
    return list(
        ledger.db.rows(
            "select why, count(*) from asked where settled is not null and why is not null group by why"
            " order by 2 desc, 1"
        )
    )


def guesses(ledger: Ledger, since: int, until: int) -> dict[str, tuple[Any, ...]]:
    """Key of a finding in a range -> (cause, likelihood, text, model) as a model answered."""
    found = ledger.db.rows(
        "select a.key, q.cause, q.likelihood, q.text, q.model from asked a join finding f on f.key = a.key"
        " join question q on q.digest = a.digest where q.cause is not null and f.at >= ? and f.at < ? order by q.id",
        (since, until),
    )
    return {key: tuple(rest) for key, *rest in found}


def call_sizes(ledger: Ledger, call: str) -> dict[str, int | None]:
    """Bytes in and out, and milliseconds, of a tool call, as hooks or telemetry told them."""
    row = call and ledger.db.one(
        "select size_in, size_out, duration from (select size_in, size_out, duration, 0 as place from event"
        " where call = ? and call <> '' and what in ('PostToolUse', 'PostToolUseFailure') union all"
        " select size_in, size_out, duration, 1 from tool_done where call = ?) order by place limit 1",
        (call, call),
    )
    return dict(zip(("bytes_in", "bytes_out", "milliseconds"), row, strict=True)) if row else {}

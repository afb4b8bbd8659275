"""What a store says, without the numbers it gave to names, files and spans: equal stores are equal here."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineitem.ledger.store import Ledger

Said = dict[str, Any]
#: A list of at least so many numbers is the shape of a text, see core/sightings.py.
SHAPE = 10


def derived(ledger: Ledger) -> Said:
    """Every derived table as sorted rows, names as texts."""
    rows = ledger.db.rows
    name = dict(rows("select id, text from name"))
    said: Said = {}
    said["request"] = sorted(
        (
            mid,
            variant,
            name[session],
            name[thread],
            rank,
            at,
            name[model],
            *counts,
            name[branch],
            name[skill],
            counted,
            _i(nanos),
        )
        for mid, variant, session, thread, rank, at, model, *counts, branch, skill, counted, nanos in rows(
            "select mid, variant, session, thread, rank, at, model, uncached, output, write5, write1, read, thinking,"
            " searches, modifiers, prompt_size, branch, skill, counted, nanos from request"
        )
    )
    said["copy"] = sorted(
        (mid, variant, name[session], name[thread], rank)
        for mid, variant, session, thread, rank in rows("select mid, variant, session, thread, rank from copy")
    )
    said["session"] = sorted(
        (name[session], name[project], first, last, logged, _i(reported), unlogged)
        for session, project, first, last, logged, reported, unlogged in rows(
            "select session, project, first_at, last_at, logged, reported, unlogged from session"
        )
    )
    said["usage"] = sorted((name[row[0]], row[1], name[row[2]], *row[3:]) for row in rows("select * from usage"))
    said["run"] = sorted(
        (name[row[0]], *row[1:9], json.dumps(json.loads(row[9]), sort_keys=True)) for row in rows("select * from run")
    )
    said["item"] = sorted(
        (name[row[0]], name[row[1]], *row[3:6], name[row[6]], *row[7:]) for row in rows("select * from item")
    )
    said["miss"] = sorted((name[row[0]], name[row[1]], *row[2:]) for row in rows("select * from miss"))
    said["prompt"] = sorted((name[row[0]], *row[1:]) for row in rows("select * from prompt"))
    said["agent"] = sorted(
        (name[row[0]], name[row[1]], *row[2:4], name[row[4]], *row[5:]) for row in rows("select * from agent")
    )
    return said


def facts(ledger: Ledger) -> Said:
    """What was read of each file, whatever the cuts it was read in."""
    said: Said = {}
    files = list(
        ledger.db.rows(
            "select f.id, f.path, p.text, s.text, t.text, f.size, f.offset, f.first_at, f.sidecar from file f"
            " join name p on p.id = f.project join name s on s.id = f.session join name t on t.id = f.thread"
        )
    )
    said["file"] = sorted(row[1:] for row in files)
    path = {row[0]: row[1] for row in files}
    said["sighting"] = {row[1]: sightings_of(ledger, row[0]) for row in files}
    totals: dict[str, list[Any]] = {}
    for file, at, nanos, started, unknown, models in ledger.db.rows(
        "select file, at, nanos, started, unknown, models from total order by file, generation, start, ordinal"
    ):
        totals.setdefault(path[file], []).append((at, nanos, started, unknown, models))
    said["total"] = totals
    said["problem"] = sorted(
        Counter(
            (path[file], slug, note) for file, slug, note in ledger.db.rows("select file, slug, note from problem")
        ).items()
    )
    return said


def everything(ledger: Ledger) -> Said:
    return facts(ledger) | derived(ledger)


def _i(value: int | None) -> int:
    """For sorting: no figure before all figures."""
    return -1 if value is None else value


def sightings_of(ledger: Ledger, file: int) -> list[Any]:
    """The rows of a file in order, without what depends on where a span began.

    That is: ordinals; whether a parent is named or understood (the line before); links of lines stepped over;
    a working folder and branch that are told again; how closely a text was looked at, beyond its length.
    """
    said: list[Any] = []
    above = ""
    env: Any = None
    links: dict[str, str] = {}
    for (rows,) in ledger.db.rows("select rows from sighting where file = ? order by generation, start", (file,)):
        for row in json.loads(rows):
            kind = row[0]
            if kind == 8:
                links[row[2]] = row[3]
                above = row[2]
                continue
            if kind == 9 and row[3] == "env":
                if row[4] == env:
                    continue
                env = row[4]
            row = [kind, *row[2:]]
            if kind <= 3:
                if row[2] is None:
                    row[2] = above
                while row[2] in links:
                    row[2] = links[row[2]]
                above = row[1]
            said.append(lengths(row))
    return said


def lengths(value: Any) -> Any:
    """The same with every shape of a text (a list of numbers) cut down to its first: how long the text was."""
    if not isinstance(value, list):
        return {key: lengths(each) for key, each in value.items()} if isinstance(value, dict) else value
    if len(value) >= SHAPE and all(type(each) is int for each in value):
        return value[:1]
    return [lengths(each) for each in value]


def differences(one: Said, other: Said) -> list[str]:
    """What differs, for people: the first few rows of each table that only one side has."""
    told = []
    for table in one:
        if one[table] == other.get(table):
            continue
        if isinstance(one[table], dict):
            for key in sorted({*one[table], *other[table]}):
                mine, theirs = one[table].get(key), other[table].get(key)
                if mine != theirs:
                    mine, theirs = mine or [], theirs or []
                    at = next((i for i, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), -1)
                    told.append(f"{table} {key} [{at}]:\n  {mine[at:][:2]}\n  {theirs[at:][:2]}")
            continue
        mine = [row for row in one[table] if row not in other[table]]
        theirs = [row for row in other[table] if row not in one[table]]
        told.append(f"{table}: only one {mine[:4]}\n{' ' * len(table)}  only other {theirs[:4]}")
    return told


def agree(one: Said, other: Said) -> None:
    """Both stores say the same."""
    told = differences(one, other)
    if told:
        raise AssertionError("\n".join(text[:1200] for text in told))

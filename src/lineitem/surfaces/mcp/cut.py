"""What is given out is bounded and clean: lists are cut and say so, texts are short and steer nothing.

In: a JSON document of a report. Out: the same shape, smaller. `more` says of each list how many of its rows are left
out; unknown stays null, money stays whole nanodollars.
"""

from __future__ import annotations

from lineitem.surfaces.page import clean, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lineitem.reports.shapes import Table

    Row = dict[str, Any]

#: Characters of one text, entries of a list within a row, depth, and characters of a whole document as JSON.
WIDE, INNER, DEEP, MOST = 200, 5, 6, 16_000
#: Keys that are kept though no column shows them: what a row is called, its exact amount, how sure that is.
_KEPT = (
    "id", "way", "sessionId", "toolUseId", "messageId", "costNanos", "totalCost", "basis", "provisional", "remainder",
    "unpricedTokens", "unpricedModels", "change", "suggestion", "assumes", "isActive", "exceeded", "agrees",
)  # fmt: skip
#: What says nothing by being false or empty.
_ONLY_IF = frozenset(("provisional", "remainder", "unpricedTokens", "unpricedModels", "isActive", "basis"))


def rows(found: Iterable[Row], most: int) -> tuple[list[Row], int]:
    """(the first rows, how many more there are); the row that holds what belongs to none always stays."""
    every = list(found)
    named = [row for row in every if not row.get("remainder")]
    rest = [row for row in every if row.get("remainder")]
    return named[:most] + rest, max(0, len(named) - most)


def brief(row: Row, keys: Iterable[str]) -> Row:
    """A row with what its columns show, and what it is known by."""
    wanted = [*keys, *_KEPT]
    return {key: row[key] for key in dict.fromkeys(wanted) if key in row and (row[key] or key not in _ONLY_IF)}


def shaped(table: Table, document: Row) -> Row:
    """The document of a table, its rows no longer than the table is wide."""
    tables = {each.key: [column.key for column in each.columns] for each in (table, *table.below)}
    made: Row = {}
    for key, value in document.items():
        if key in tables and isinstance(value, list):
            made[key] = [brief(row, tables[key]) for row in value]
        elif key == "totals" and isinstance(value, dict) and any(name in tables[table.key] for name in value):
            made[key] = brief(value, tables[table.key])
        elif key != "schemaVersion":
            made[key] = value
    return made


def bounded(document: Row) -> Row:
    """A document that is clean and not too long: the longest list gives way, and `more` counts what is left out."""
    from json import dumps

    made: Row = {key: _small(value, 0) if key != "more" else value for key, value in document.items()}
    more: dict[str, int] = dict(made.pop("more", {}))
    while len(dumps(made, ensure_ascii=False)) > MOST:
        lists = [key for key, value in made.items() if isinstance(value, list) and len(value) > 1]
        if not lists:
            break
        longest = max(lists, key=lambda key: len(dumps(made[key], ensure_ascii=False)))
        kept, left = rows(made[longest], len(made[longest]) // 2)
        if not left:
            kept, left = made[longest][:1], len(made[longest]) - 1
        made[longest] = kept
        more[longest] = more.get(longest, 0) + left
    return {**made, "more": {key: count for key, count in more.items() if count}} if any(more.values()) else made


def _small(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return shorten(clean(value), WIDE)
    if isinstance(value, dict):
        if depth >= DEEP:
            return None
        made: Row = {}
        for key, each in value.items():
            name = shorten(clean(str(key)), WIDE)
            made[name] = _small(each, depth + 1)
            if isinstance(each, list | tuple) and len(each) > INNER:
                made[f"{name}More"] = len(each) - INNER
        return made
    if isinstance(value, list | tuple):
        return [_small(each, depth + 1) for each in (value if depth == 0 else value[:INNER])]
    return value

"""A table: all that a surface needs to draw an answer made of rows (`reports.tree`: of causes).

A row is a dict in the order of its JSON; columns say how the same row looks to a person.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

#: How a column's value is written: text, tokens, money (nanodollars), time, share, count, names, duration
#: (milliseconds), ratio.
TEXT, TOKENS, MONEY, TIME, SHARE, COUNT, NAMES = "text", "tokens", "money", "time", "share", "count", "names"
DURATION, RATIO = "duration", "ratio"


class Column:
    """A column: the key of its value in a row, its heading, how it is written."""

    __slots__ = ("key", "kind", "title", "wide")

    def __init__(self, key: str, title: str, kind: str = TEXT, wide: bool = False) -> None:
        self.key, self.title, self.kind = key, title, kind
        self.wide = wide  #: left out where there is little room


class Table:
    """Rows with units. `key` is the JSON name of the rows; `head` are JSON fields before, `tail` after them.

    `below` are further tables of the same answer: shown under it, and their rows are in its JSON.
    """

    __slots__ = (
        "below", "columns", "detail", "empty", "head", "key", "notes", "rows", "tail", "title", "totals", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        title: str,
        columns: Sequence[Column],
        rows: Any,
        totals: dict[str, Any] | None = None,
        *,
        head: dict[str, Any] | None = None,
        tail: dict[str, Any] | None = None,
        detail: tuple[str, Sequence[Column]] | None = None,
        notes: Sequence[str] = (),
        empty: str = "",
        waiting: bool = True,
    ) -> None:
        self.key, self.title, self.columns, self.rows, self.totals = key, title, list(columns), rows, totals
        self.head, self.tail = head or {}, tail or {}
        self.detail = detail  #: key of nested rows to show below each row, and their columns
        self.notes = list(notes)
        self.empty = empty  #: what to say where there are no rows
        self.waiting = waiting  #: whether that means that no transcript was read, or none of what was asked for
        self.below: list[Table] = []

    def json(self) -> dict[str, Any]:
        """The table as its JSON document."""
        document = dict(self.head)
        document[self.key] = self.rows
        if self.totals is not None:
            document["totals"] = self.totals
        document.update({table.key: table.rows for table in self.below})
        document.update(self.tail)
        document["schemaVersion"] = 1
        return document


def dollars(nanos: int) -> float:
    """Dollars for JSON readers that want them; the exact figure stands beside it."""
    return nanos / 1_000_000_000

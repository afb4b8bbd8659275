"""Rows of a report as flat columns: what a sheet or a column store can hold.

In: rows as their JSON has them.   Out: rows of plain values under names with dots, `tokens.cacheRead`.
Always: an amount of nanodollars has its dollars beside it, exactly; floating dollars that say the same are left out.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

#: Floats that are there for readers of JSON who know them from elsewhere; `costNanos` beside them is exact.
_FLOATING = frozenset(("totalCost", "cost", "costUSD"))
_NANOS = "Nanos"


class Billionths(int):
    """Billionths that are to be written as a decimal number: nanodollars as dollars."""

    __slots__ = ()

    def __str__(self) -> str:
        whole, part = divmod(abs(self), 1_000_000_000)
        return f"{'-' if self < 0 else ''}{whole}.{part:09d}"


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose values are text, whole numbers, floats, truths, `Billionths` or None; lists are texts of JSON."""
    made: dict[str, Any] = {}
    _spread(made, "", row)
    return made


def _spread(made: dict[str, Any], before: str, row: Mapping[str, Any]) -> None:
    exact = "costNanos" in row
    for key, value in row.items():
        if exact and key in _FLOATING:
            continue
        if isinstance(value, dict):
            _spread(made, f"{before}{key}.", value)
        elif isinstance(value, list | tuple):
            made[before + key] = _json(value)
        else:
            if key.endswith(_NANOS) and not isinstance(value, float):
                made[f"{before}{key[: -len(_NANOS)]}Usd"] = None if value is None else Billionths(value)
            made[before + key] = value


def _json(value: Any) -> str:
    from json import dumps

    return dumps(value, ensure_ascii=False, separators=(",", ":"))


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The columns of flat rows: every name that any row has, where it came first."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    return list(names)

"""A person's own prices, as they stand in the settings, checked.

In: a mapping {"multiplier", "models", "aliases"} as TOML or JSON gives it. Out: `Overrides`, exact.
Always: what is not understood is an `OverrideError` that names the place and what is allowed there; nothing
is skipped silently. Numbers are read as the decimals they were written as ("0.87" and 0.87 are the same).
"""

from __future__ import annotations

from itertools import pairwise

from lineitem.core.problems import UsageError
from lineitem.pricing.decimals import parse_day, parse_decimal, parse_rate
from lineitem.pricing.model_ids import parse_model_id, plain_name
from lineitem.pricing.rows import PriceRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    T = TypeVar("T")

_SECTIONS = ("multiplier", "models", "aliases")
_PRICE_KEYS = ("input", "cache_write_5m", "cache_write_1h", "cache_read", "output")  #: as in PriceRow.rates

#: the usual cache prices, as multiples of input
_DERIVED = {"cache_write_5m": (5, 4), "cache_write_1h": (2, 1), "cache_read": (1, 10)}


class OverrideError(UsageError):
    """An own price that cannot be used. The message names the setting and the way out."""


class Overrides:
    """Own prices in force.

    multiplier: on list prices, as numerator and denominator.   multiplier_text: as shown, "" when it is 1.
    models: by canonical Claude name, or by the lower-case name a gateway uses; rows by date.
    aliases: lower-case name -> the model it stands for.
    """

    __slots__ = ("aliases", "models", "multiplier", "multiplier_text")

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        given = settings or {}
        _refuse_unknown("prices", given, _SECTIONS)
        self.multiplier, self.multiplier_text = _multiplier(given.get("multiplier", "1"))
        models = _by_name("prices.models", given.get("models", {}), own_model_name)
        aliases = _by_name("prices.aliases", given.get("aliases", {}), plain_name)
        self.models = {name: _rows(label, rows) for name, (label, rows) in models.items()}
        self.aliases = {name: _alias_target(label, target) for name, (label, target) in aliases.items()}

    def refuse_dead_aliases(self, priced: Callable[[str], bool]) -> None:
        """An alias for a model without a price is a mistake to be told now, not a gap in every bill."""
        for alias, target in self.aliases.items():
            if not priced(target):
                raise OverrideError(
                    f'prices.aliases."{alias}" stands for {target!r}, which has no price;'
                    f" name a model of the price table, or give {target!r} a price in prices.models"
                )

    def identity(self) -> tuple[object, ...]:
        """Everything in force, as plain values in a stable order."""
        models = tuple(
            (name, tuple((row.since, row.rates) for row in self.models[name])) for name in sorted(self.models)
        )
        return self.multiplier_text, models, tuple(sorted(self.aliases.items()))


def own_model_name(name: str) -> str:
    """As `plain_name`; but the id forms of a Claude model on Anthropic's platforms are one name."""
    parsed = parse_model_id(name)
    return parsed.name if parsed is not None and parsed.platform == "anthropic" else plain_name(name)


def _by_name(section: str, given: object, name_of: Callable[[str], str]) -> dict[str, tuple[str, object]]:
    """Name -> (where it is written, what is written there)."""
    found: dict[str, tuple[str, object]] = {}
    for key, value in _mapping(section, given).items():
        label = f'{section}."{key}"'
        name = name_of(key)
        if not name:
            raise OverrideError(f"{label}: the model name is empty")
        if name in found:
            raise OverrideError(f"{label} and {found[name][0]} are the same model; keep one of them")
        found[name] = (label, value)
    return found


def _rows(label: str, given: object) -> tuple[PriceRow, ...]:
    tables = given if isinstance(given, (list, tuple)) else [given]
    if not tables:
        raise OverrideError(f"{label} is empty; give at least input and output")
    rows = sorted((_row(label, _mapping(label, table)) for table in tables), key=lambda row: row.since)
    for earlier, later in pairwise(rows):
        if earlier.since == later.since:
            raise OverrideError(f"{label} has two prices since {later.since or 'ever'}; date each with `since`")
    return tuple(rows)


def _row(label: str, table: Mapping[str, object]) -> PriceRow:
    _refuse_unknown(label, table, (*_PRICE_KEYS, "since"))
    rates: dict[str, int] = {}
    for key in _PRICE_KEYS:
        if key in table:
            rates[key] = _checked(f"{label}.{key}", parse_rate, table[key])
        elif key in _DERIVED:
            numerator, denominator = _DERIVED[key]
            rates[key] = (rates["input"] * numerator * 2 + denominator) // (2 * denominator)
        else:
            raise OverrideError(f"{label} has no `{key}`; give input and output, in $ per million tokens")
    since = str(table.get("since", ""))
    if since:
        _checked(f"{label}.since", parse_day, since)
    uncached, write_5m, write_1h, read, output = (rates[key] for key in _PRICE_KEYS)
    return PriceRow(since, (uncached, write_5m, write_1h, read, output))


def _multiplier(given: object) -> tuple[tuple[int, int], str]:
    numerator, denominator = _checked("prices.multiplier", parse_decimal, given)
    if not 0 < numerator <= 10 * denominator:
        raise OverrideError(f"prices.multiplier is {given}; it lies above 0 and up to 10 (0.87 takes 13% off)")
    while denominator > 1 and numerator % 10 == 0:
        numerator, denominator = numerator // 10, denominator // 10
    decimals = len(str(denominator)) - 1
    whole, part = divmod(numerator, denominator)
    text = f"{whole}.{part:0{decimals}d}" if decimals else str(whole)
    return (numerator, denominator), "" if text == "1" else text


def _alias_target(label: str, target: object) -> str:
    if not isinstance(target, str) or not target.strip():
        raise OverrideError(f'{label} must be the id of a model with a price, such as "claude-opus-5-5"')
    return target


def _checked(label: str, parse: Callable[[str], T], given: object) -> T:
    try:
        return parse(_as_written(given))
    except ValueError as error:
        raise OverrideError(f"{label}: {error}") from None


def _as_written(given: object) -> str:
    """The decimal a person wrote: numbers come from TOML and JSON as int or float."""
    if isinstance(given, bool) or given is None or isinstance(given, (list, tuple, dict)):
        raise ValueError(f"{given!r} is not a plain decimal number such as 0.125")
    return str(given).strip()


def _mapping(label: str, given: object) -> Mapping[str, object]:
    if not isinstance(given, dict):
        raise OverrideError(f"{label} must be a table of names and values, not {given!r}")
    return {str(key): value for key, value in given.items()}


def _refuse_unknown(label: str, given: Mapping[str, object], allowed: tuple[str, ...]) -> None:
    for key in given:
        if key not in allowed:
            raise OverrideError(f"{label} has no setting `{key}`; there are {', '.join(allowed)}")

"""The model below another one: the newest of the next smaller family that costs less.

In: a model id as a request carries it, and the moment. Out: a canonical model name, '' where there is none.
"""

from __future__ import annotations

from lineitem.core.rates import Rates
from lineitem.pricing.model_ids import parse_model_id
from lineitem.pricing.table import PRICES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.pricing.book import PriceBook

#: Families from large to small, a line for each size.
_SIZES = (("fable", "mythos"), ("opus",), ("sonnet",), ("haiku",))


def cheaper(book: PriceBook, model: str, at: int) -> str:
    """The newest model of the next size that was out at a moment and whose every token costs less."""
    known = parse_model_id(model)
    rates = book.rates(model, at)
    if known is None or not isinstance(rates, Rates):
        return ""
    size = next((place for place, names in enumerate(_SIZES) if _family(known.name) in names), len(_SIZES))
    for families in _SIZES[size + 1 : size + 2]:
        for name in _newest_first(families, at):
            other = book.rates(name, at)
            if isinstance(other, Rates) and other.output < rates.output and other.cache_read <= rates.cache_read:
                return name
    return ""


def _newest_first(families: tuple[str, ...], at: int) -> list[str]:
    from lineitem.pricing.decimals import parse_day

    out = [(parse_day(row[1]), row[0]) for row in PRICES if _family(row[0]) in families]
    return [name for day, name in sorted(out, reverse=True) if day <= at]


def _family(name: str) -> str:
    """`opus` of claude-opus-5-5 and of claude-3-opus."""
    return next((part for part in name.split("-")[1:] if part.isalpha()), "")

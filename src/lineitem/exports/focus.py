"""Charges as FOCUS 1.2 has them: one row a charge, split by tool call and every other cause.

A charge is what one cause cost on one UTC day in one part and one price class. In: line items by day.   Out: rows.
Always: the `BilledCost` of all rows sums to the bill. The columns are the mandatory ones of FOCUS 1.2 (cost and usage),
some that it recommends, and after them our own with `x_` (https://focus.finops.org/focus-specification/v1-2,
2026-11-22).
"""

from __future__ import annotations

import time

from lineitem.core.apportion import apportion
from lineitem.core.rates import Rates
from lineitem.exports.flat import Billionths
from lineitem.reports.session import parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import Any

    from lineitem.pricing.book import PriceBook
    from lineitem.reports.lines import Line

_TEXT, _DECIMAL, _TRUTH = "text", "decimal", "truth"
#: Every column in order, and what it holds.
COLUMNS = {
    "BilledCost": _DECIMAL, "BillingAccountId": _TEXT, "BillingAccountName": _TEXT, "BillingCurrency": _TEXT,
    "BillingPeriodEnd": "time", "BillingPeriodStart": "time", "ChargeCategory": _TEXT, "ChargeClass": _TEXT,
    "ChargeDescription": _TEXT, "ChargeFrequency": _TEXT, "ChargePeriodEnd": "time", "ChargePeriodStart": "time",
    "ConsumedQuantity": _DECIMAL, "ConsumedUnit": _TEXT, "ContractedCost": _DECIMAL, "EffectiveCost": _DECIMAL,
    "InvoiceId": _TEXT, "InvoiceIssuerName": _TEXT, "ListCost": _DECIMAL, "PricingQuantity": _DECIMAL,
    "PricingUnit": _TEXT, "ProviderName": _TEXT, "PublisherName": _TEXT, "ServiceCategory": _TEXT, "ServiceName": _TEXT,
    "ServiceSubcategory": _TEXT,
    "x_Model": _TEXT, "x_PriceClass": _TEXT, "x_Cause": _TEXT, "x_Part": _TEXT, "x_ToolUseId": _TEXT,
    "x_SessionId": _TEXT, "x_ThreadId": _TEXT, "x_ProjectPath": _TEXT, "x_Basis": _TEXT, "x_Unpriced": _TRUTH,
    "x_Provisional": _TRUTH,
}  # fmt: skip
#: Classes of tokens in the order of a part's counts, as a person reads them.
_CLASSES = ("uncached input", "cache write 5m", "cache write 1h", "cache read", "output")
_SEARCH = "web search"
_ISSUER = "Anthropic"


def charges(
    days: Iterable[tuple[int, Line]], book: PriceBook, projects: Mapping[str, str], unpriced: Collection[str],
    provisional: Collection[str],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """One row a charge, under the names of lineitem's own JSON, so that it can be obscured like any other.

    projects: by session; unpriced: models without a price; provisional: sessions. `tokens` and `webSearches` are None
    where they are not known; searches are counted in billionths.
    """
    for day, line in days:
        head = {
            "day": day, "sessionId": line.session, "projectPath": projects.get(line.session),
            "threadId": line.thread or None, "cause": line.cause, "toolUseId": line.call or None,
            "model": line.model or None, "basis": line.basis, "unpriced": line.model in unpriced,
            "provisional": line.session in provisional,
        }  # fmt: skip
        rates = book.rates(line.model, line.at or day) if line.model else None
        for part, nanos, *tokens in parts(line):
            for name, count, searches, cost in _split(part, nanos, tokens, rates if isinstance(rates, Rates) else None):
                yield {**head, "part": part, "priceClass": name, "tokens": count, "webSearches": searches,
                       "costNanos": cost}  # fmt: skip


def _split(
    part: str, nanos: int, tokens: list[int], rates: Rates | None
) -> Iterator[tuple[str | None, int | None, int | None, int]]:
    """(price class, tokens, billionths of searches, nanodollars) of a part; they sum to it."""
    if part == "unlogged":
        yield None, None, None, nanos
    elif part == "search":
        yield _SEARCH, None, nanos * 1_000_000_000 // rates.web_search if rates and rates.web_search else 0, nanos
    else:
        each = (rates.uncached_input, rates.cache_write_5m, rates.cache_write_1h, rates.cache_read,
                rates.output) if rates else (1,) * 5  # fmt: skip
        used = [index for index, count in enumerate(tokens) if count]
        costs = apportion(nanos, [tokens[index] * each[index] for index in used]) if used else []
        for index, cost in zip(used, costs, strict=True):
            yield _CLASSES[index], tokens[index], None, cost
        if not used:
            yield None, None, None, nanos


def focus(charge: Mapping[str, Any], account: str) -> dict[str, Any]:
    """A charge under the names of FOCUS. account: the id of whoever is billed."""
    day, cost = charge["day"], Billionths(charge["costNanos"])
    start = time.gmtime(day // 1000)
    quantity, unit, consumed, measure = _quantities(charge)
    return {
        "BilledCost": cost,
        "BillingAccountId": account,
        "BillingAccountName": None,
        "BillingCurrency": "USD",
        "BillingPeriodEnd": _moment(start.tm_year + start.tm_mon // 12, start.tm_mon % 12 + 1, 1),
        "BillingPeriodStart": _moment(start.tm_year, start.tm_mon, 1),
        "ChargeCategory": "Adjustment" if quantity is None else "Usage",
        "ChargeClass": None,
        "ChargeDescription": _description(charge),
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": _moment(*time.gmtime(day // 1000 + 86_400)[:3]),
        "ChargePeriodStart": _moment(*start[:3]),
        "ConsumedQuantity": consumed,
        "ConsumedUnit": measure,
        "ContractedCost": cost,
        "EffectiveCost": cost,
        "InvoiceId": None,
        "InvoiceIssuerName": _ISSUER,
        "ListCost": cost,
        "PricingQuantity": quantity,
        "PricingUnit": unit,
        "ProviderName": _ISSUER,
        "PublisherName": _ISSUER,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": "Claude API",
        "ServiceSubcategory": "Generative AI",
        "x_Model": charge["model"],
        "x_PriceClass": charge["priceClass"],
        "x_Cause": charge["cause"],
        "x_Part": charge["part"],
        "x_ToolUseId": charge["toolUseId"],
        "x_SessionId": charge["sessionId"],
        "x_ThreadId": charge["threadId"],
        "x_ProjectPath": charge["projectPath"],
        "x_Basis": charge["basis"],
        "x_Unpriced": charge["unpriced"],
        "x_Provisional": charge["provisional"],
    }


def _quantities(charge: Mapping[str, Any]) -> tuple[Billionths | None, str | None, Billionths | None, str | None]:
    """(quantity that is priced, its unit, quantity that was used, its unit): lists price a million, or a thousand."""
    if charge["tokens"] is not None:
        count = charge["tokens"]
        return Billionths(count * 1_000), "1000000 Tokens", Billionths(count * 1_000_000_000), "Tokens"
    if charge["webSearches"] is not None:
        count = charge["webSearches"]
        return Billionths(count // 1_000), "1000 Requests", Billionths(count), "Requests"
    return None, None, None, None


def _description(charge: Mapping[str, Any]) -> str:
    what = " ".join(filter(None, (charge["model"], charge["priceClass"])))
    return f"{what}: {charge['part']} of {charge['cause']}" if what else f"{charge['part']}: {charge['cause']}"


def _moment(year: int, month: int, day: int) -> str:
    return f"{year:04d}-{month:02d}-{day:02d}T00:00:00Z"

"""ccusage (npm `ccusage`): `daily --json`, prices from its own offline table. Reports dollars as floats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conformance.adapters import DayTotals, Totals
from conformance.truth import Tokens

if TYPE_CHECKING:
    from conformance.adapters import Place

DEFAULT = ["ccusage"]


def command(place: Place) -> list[str]:
    return [*place.program, "daily", "--json", "--offline", "--timezone", place.timezone]


def tokens(row: dict[str, Any]) -> Tokens:
    """The four counts of a row, as ccusage names them."""
    names = ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens")
    return Tokens(*(row.get(name, 0) for name in names))


def totals(stdout: bytes) -> Totals:
    report = json.loads(stdout)
    if isinstance(report, list):  # no usage at all
        return Totals(Tokens(), usd=0.0, unpriced=False, days={})
    whole = report["totals"]
    return Totals(
        tokens(whole),
        usd=whole["totalCost"],
        unpriced=bool(whole.get("unpricedModels")),
        days={row["period"]: DayTotals(tokens(row), usd=row["totalCost"]) for row in report["daily"]},
    )

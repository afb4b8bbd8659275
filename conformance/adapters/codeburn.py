"""codeburn (npm `codeburn`): `report --format json`. Dollars as floats; per day it tells the cost only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.adapters import DayTotals, Totals
from conformance.truth import Tokens

if TYPE_CHECKING:
    from conformance.adapters import Place

DEFAULT = ["codeburn"]


def command(place: Place) -> list[str]:
    period = ["--from", "2020-01-01", "--to", "2035-01-01"]
    return [
        *place.program,
        "--timezone",
        place.timezone,
        "report",
        "--format",
        "json",
        "--provider",
        "claude",
        *period,
    ]


def totals(stdout: bytes) -> Totals:
    report = json.loads(stdout)
    whole = report["overview"]
    counts = whole["tokens"]
    return Totals(
        Tokens(counts["input"], counts["output"], counts["cacheWrite"], counts["cacheRead"]),
        usd=whole["cost"],
        days={row["date"]: DayTotals(usd=row["cost"]) for row in report["daily"]},
    )

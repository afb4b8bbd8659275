"""lineitem: `daily --json`, a throw-away ledger. Reports whole nanodollars."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from conformance.adapters import DayTotals, Totals
from conformance.adapters.ccusage import tokens

if TYPE_CHECKING:
    from conformance.adapters import Place

_INSTALLED = os.path.join(os.path.dirname(sys.executable), "lineitem")
DEFAULT = [_INSTALLED] if os.path.exists(_INSTALLED) else ["lineitem"]


def command(place: Place) -> list[str]:
    options = ["--config-dir", str(place.config_dir), "--db", place.database, "--timezone", place.timezone]
    return [*place.program, "daily", "--json", *options]


def totals(stdout: bytes) -> Totals:
    report = json.loads(stdout)
    whole = report["totals"]
    return Totals(
        tokens(whole),
        nanos=whole["costNanos"],
        unpriced=bool(whole["unpricedModels"]),
        days={row["date"]: DayTotals(tokens(row), nanos=row["costNanos"]) for row in report["daily"]},
    )

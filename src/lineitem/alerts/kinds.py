"""Everything that can be told: its title, its sentence, and from which figure on it is worth a warning.

A sentence is put together from clauses; a clause whose figure or name is unknown is left out, so unknown is never 0.
`{figure:unit}` is a number (`figures.WRITTEN`), `{name:name}` a short safe name.
"""

from __future__ import annotations

from typing import NamedTuple

_DOLLAR, _CENT = 1_000_000_000, 10_000_000


class Kind(NamedTuple):
    """A kind of notice."""

    title: str
    clauses: tuple[str, ...]
    measure: str = ""  #: the figure thresholds are about; '': the finding's own severity counts
    unit: str = ""  #: of the measure, as a person writes it: `money`, `percent`
    standard: tuple[int, int] = (0, 0)  #: from here a warning, from here critical
    lasts: str = ""  #: the figure that says for how many milliseconds it is worth telling; '': always


KINDS: dict[str, Kind] = {
    "health": Kind(
        "Large context",
        ("{tokens:tokens} tokens in the context", "level {limit:tokens}"),
    ),
    "anomaly": Kind(
        "Unusually dear tool call",
        (
            "{tool:name}",
            "{nanos:money}",
            "usual is {usual:money}",
            "{tokens:tokens} tokens",
            "usual are {usual_tokens:tokens}",
            "{factor:times} times as much",
        ),
        "nanos",
        "money",
        (25 * _CENT, 2 * _DOLLAR),
    ),
    "loop": Kind(
        "The same call again and again",
        ("{tool:name}", "{count:count} times", "{nanos:money} so far"),
        "nanos",
        "money",
        (50 * _CENT, 5 * _DOLLAR),
    ),
    "fanout": Kind(
        "Many agents at once",
        ("{count:count} agents", "{nanos:money} so far"),
        "nanos",
        "money",
        (2 * _DOLLAR, 10 * _DOLLAR),
    ),
    "slope": Kind(
        "Spending fast",
        ("{per_minute:money} a minute", "usual is {usual:money}"),
        "per_minute",
        "money",
        (50 * _CENT, 2 * _DOLLAR),
    ),
    "misses": Kind(
        "Cache misses",
        ("{count:count} requests wrote again what was cached", "{nanos:money}"),
        "nanos",
        "money",
        (1 * _DOLLAR, 5 * _DOLLAR),
    ),
    "resume": Kind(
        "Resumed with a cold cache",
        ("{tokens:tokens} tokens are written again", "{nanos:money}"),
        "nanos",
        "money",
        (50 * _CENT, 5 * _DOLLAR),
    ),
    "cold": Kind(
        "The cache is about to go cold",
        ("in {left:duration}", "then {tokens:tokens} tokens are written again", "{nanos:money}"),
        "nanos",
        "money",
        (1 * _DOLLAR, 10 * _DOLLAR),
        "left",
    ),
    "limit": Kind(
        "5-hour limit",
        ("{used:percent} used", "starts anew in {left:duration}"),
        "used",
        "percent",
        (8000, 9500),
        "left",
    ),
    "week": Kind(
        "Weekly limit",
        ("{used:percent} used", "starts anew in {left:duration}"),
        "used",
        "percent",
        (8000, 9500),
        "left",
    ),
    "budget": Kind(
        "Budget",
        (
            "{budget:name}",
            "{used:percent} used",
            "{nanos:money} of {limit:money}",
            "{tokens:tokens} of {limit_tokens:tokens} tokens",
        ),
    ),
    "forecast": Kind(
        "A budget will likely not last",
        (
            "{budget:name}",
            "{nanos:money} expected",
            "likely {low:money} to {high:money}",
            "the limit is {limit:money}",
            "{tokens:tokens} tokens expected",
            "likely {low_tokens:tokens} to {high_tokens:tokens}",
            "the limit is {limit_tokens:tokens}",
        ),
    ),
    "hooks": Kind("Hooks were removed from the client settings", ("{count:count} of ours are missing",)),
    "unread": Kind("Some lines could not be read", ("{count:count} more", "see lineitem doctor")),
    "unpriced": Kind("No price is known for a model", ("{model:model}", "{tokens:tokens} tokens without a cost")),
}
#: A preset multiplies the standard thresholds of money, in percent; those of percent stay.
PRESETS = {"few": 400, "standard": 100, "many": 25}


def preset_thresholds(preset: str) -> dict[str, tuple[int, int]]:
    """Kind -> from where it is a warning and from where critical."""
    found = {}
    for name, kind in KINDS.items():
        factor = PRESETS[preset] if kind.unit == "money" else 100
        if kind.measure:
            found[name] = kind.standard[0] * factor // 100, kind.standard[1] * factor // 100
    return found

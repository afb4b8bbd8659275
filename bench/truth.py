"""What a corpus must add up to.

In:   every request that a corpus tells of, once, with its final counts.
Out:  exact totals, by model and by day.
Holds always: money is whole nanodollars at list price; what the client reported beyond its log is kept apart.
"""

from __future__ import annotations

from typing import Any

from conformance import rates

RATES = {
    "claude-opus-4-8": rates.OPUS,
    "claude-opus-5": rates.OPUS,
    "claude-sonnet-5": rates.SONNET_5,
    "claude-fable-5-1": rates.FABLE_5_1,
    "claude-haiku-4-5-20251001": rates.HAIKU,
}
"""Models that have been out for some months, so that every tool's price list knows them."""

CLASSES = ("input", "output", "cacheWrite5m", "cacheWrite1h", "cacheRead")


class Truth:
    def __init__(self) -> None:
        self.models: dict[str, list[int]] = {}
        self.days: dict[str, list[int]] = {}
        self.requests = 0
        self.logged_nanos = 0
        self.unlogged_nanos = 0

    def request(self, model: str, day: str, counts: tuple[int, int, int, int, int]) -> int:
        """Count one request (`counts` in the order of `CLASSES`); gives back what it cost."""
        input_, output, write_5m, write_1h, read = counts
        price = RATES[model]
        nanos = (
            input_ * price.input
            + output * price.output
            + write_5m * price.write_5m
            + write_1h * price.write_1h
            + read * price.read
        )
        for table, key in ((self.models, model), (self.days, day)):
            row = table.setdefault(key, [0] * 6)
            for position, count in enumerate((*counts, nanos)):
                row[position] += count
        self.requests += 1
        self.logged_nanos += nanos
        return nanos

    def as_json(self) -> dict[str, Any]:
        total = [sum(column) for column in zip(*self.models.values(), strict=True)] or [0] * 6
        return {
            "requests": self.requests,
            "tokens": _named(total),
            "loggedNanos": self.logged_nanos,
            "unloggedNanos": self.unlogged_nanos,
            "costNanos": self.logged_nanos + self.unlogged_nanos,
            "models": {model: _named(row) for model, row in sorted(self.models.items())},
            "days": {day: _named(row) for day, row in sorted(self.days.items())},
        }


def _named(row: list[int]) -> dict[str, int]:
    named = dict(zip((*CLASSES, "costNanos"), row, strict=True))
    return named | {"cacheCreation": named["cacheWrite5m"] + named["cacheWrite1h"]}

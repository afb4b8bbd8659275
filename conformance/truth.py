"""What a case really cost: the requests that were made, and the bill that follows from them.

In:   one `Owed` per API request that the transcripts of a case bear witness to.
Out:  a `Bill`: tokens by class, nanodollars, the same per day, and what no price is known for.
Holds always: whole numbers only; a bill's days sum to the bill, apart from what the client reported without
saying when it was spent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY = "2026-11-02"
"""The day of every request that does not say otherwise."""

SEARCH = 10_000_000
"""Nanodollars for one web search: $10 per 1,000."""


class Tokens(NamedTuple):
    """Tokens in the four classes that every tool tells apart."""

    input: int = 0
    output: int = 0
    cache_creation: int = 0
    cache_read: int = 0

    def plus(self, other: Tokens) -> Tokens:
        return Tokens(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def total(self) -> int:
        return sum(self)


NOTHING = Tokens()


class Rates(NamedTuple):
    """List price of one model in nanodollars per token; $1 per million tokens is 1,000."""

    input: int
    write_5m: int
    write_1h: int
    read: int
    output: int


class Owed(NamedTuple):
    """One request: what it used, what that costs (None: no list price exists), and its day in the case's
    zone.
    """

    tokens: Tokens
    nanos: int | None
    on: str


def owes(
    rates: Rates | None,
    *,
    input: int = 0,  # noqa: A002 - the word of the trade
    output: int = 0,
    write_5m: int = 0,
    write_1h: int = 0,
    read: int = 0,
    searches: int = 0,
    on: str = DAY,
) -> Owed:
    """One request at `rates`; `rates=None` for a model without a list price."""
    tokens = Tokens(input, output, write_5m + write_1h, read)
    if rates is None:
        return Owed(tokens, None, on)
    nanos = (
        input * rates.input
        + write_5m * rates.write_5m
        + write_1h * rates.write_1h
        + read * rates.read
        + output * rates.output
        + searches * SEARCH
    )
    return Owed(tokens, nanos, on)


@dataclass
class Day:
    tokens: Tokens = NOTHING
    nanos: int = 0


@dataclass
class Bill:
    """The exact answer to a case."""

    tokens: Tokens = NOTHING
    nanos: int = 0
    """What the priced requests cost, and what was spent without being logged."""
    unpriced_tokens: int = 0
    """Tokens of requests whose model has no list price: a tool must say that it left them out."""
    unlogged_nanos: int = 0
    """The part of `nanos` that only the client's own total knows of."""
    days: dict[str, Day] = field(default_factory=dict)


def bill(owed: Iterable[Owed], *, unlogged_nanos: int = 0) -> Bill:
    """The bill for these requests."""
    result = Bill(nanos=unlogged_nanos, unlogged_nanos=unlogged_nanos)
    for request in owed:
        day = result.days.setdefault(request.on, Day())
        result.tokens = result.tokens.plus(request.tokens)
        day.tokens = day.tokens.plus(request.tokens)
        if request.nanos is None:
            result.unpriced_tokens += request.tokens.total
        else:
            result.nanos += request.nanos
            day.nanos += request.nanos
    return result

"""What a session would have cost otherwise: another model, another cache lifetime. Pure.

In: requests as they were billed. Out: femtodollars and tokens as they would have been. Always: what is not changed
costs what it cost; what has no price is left as it was and counted. Each answer says in words what it takes for
granted: nobody can know what the model would have done.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.rates import rounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lineitem.core.rates import Rates

    #: (at, tokens of the prompt) -> rates of the other model; None: it has no price
    Pricing = Callable[[int, int], Rates | None]

FIVE, HOUR = "5m", "1h"
#: A return: so many tokens are written again after a pause that no cache outlasts (tokens, milliseconds).
RETURNED, _GONE = 50_000, 3_600_000
LIFETIMES = {FIVE: 300_000, HOUR: 3_600_000}


class Billed(NamedTuple):
    """A request."""

    session: int
    at: int  #: milliseconds
    size: int  #: tokens of its prompt
    uncached: int
    write5: int
    write1: int
    read: int
    output: int
    rates: Rates | None  #: None: its model has no price
    nanos: int
    missed: int = 0  #: tokens of its prompt that were written again because the cache had expired by itself
    idle: int = 0  #: milliseconds since the request before, where some were
    main: bool = True  #: of the main conversation


class Otherwise(NamedTuple):
    """What it would have cost."""

    nanos: int
    unpriced: int = 0  #: requests left as they were: one of the two has no price


def on_model(requests: Iterable[Billed], pricing: Pricing) -> Otherwise:
    """The same tokens at another model's rates."""
    nanos = unpriced = 0
    for each in requests:
        rates = pricing(each.at, each.size)
        if rates is None or each.rates is None:
            unpriced += 1
            nanos += each.nanos
        else:
            nanos += each.nanos + rounded(_cost(each, rates)) - rounded(_cost(each, each.rates))
    return Otherwise(nanos, unpriced)


def with_lifetime(requests: Iterable[Billed], lifetime: str) -> Otherwise:
    """The same with caches of 5 minutes or an hour in the main conversation; agents keep theirs, as the client has it.

    What expired before and would not have is read instead of written; what did not expire and would have is written
    again, the whole prompt that was read. All writes are at the lifetime's rate.
    """
    lasts, five = LIFETIMES[lifetime], lifetime == FIVE
    nanos = unpriced = 0
    last: dict[int, int] = {}  # by session
    for each in requests:
        nanos += each.nanos
        rates = each.rates
        if not each.main or rates is None:
            unpriced += each.main
            continue
        pause = each.at - last.get(each.session, each.at)
        last[each.session] = each.at
        written, read = each.write5 + each.write1, each.read
        if each.missed and max(each.idle, pause) <= lasts:
            kept = min(each.missed, written)
            written, read = written - kept, read + kept
        elif pause > lasts and read:
            written, read = written + read, 0
        if read != each.read or written != (each.write5 if five else each.write1):
            changed = each._replace(write5=written if five else 0, write1=0 if five else written, read=read)
            nanos += rounded(_cost(changed, rates)) - rounded(_cost(each, rates))
    return Otherwise(nanos, unpriced)


def anew(requests: Iterable[Billed], start: int, told: int) -> tuple[int, list[tuple[int, int]]]:
    """(nanodollars less, had a fresh session begun at each return; (nanodollars of each, when) of those that save).

    A return is a request of the main conversation after a pause of more than an hour that wrote most of its window
    again. A fresh session would have written its start (tokens) and what it is told (tokens) instead; what it would
    not have carried afterwards is not counted.
    """
    found: list[tuple[int, int]] = []
    last = None
    for each in requests:
        if not each.main:
            continue
        pause = max(each.idle, each.at - last if last is not None else 0)
        last = each.at
        if each.rates is None or pause <= _GONE or each.missed < RETURNED or each.missed * 2 < each.size:
            continue
        written = each.write5 + each.write1
        gone = min(written, each.missed) - start - told
        if gone <= 0:
            continue
        whole = each.write5 * each.rates.cache_write_5m + each.write1 * each.rates.cache_write_1h
        found.append((rounded(whole * gone // written), each.at))
    return sum(nanos for nanos, _ in found), found


def _cost(each: Billed, rates: Rates) -> int:
    """Femtodollars of its tokens at these rates; searches stay what they cost."""
    return (
        each.uncached * rates.uncached_input
        + each.write5 * rates.cache_write_5m
        + each.write1 * rates.cache_write_1h
        + each.read * rates.cache_read
        + each.output * rates.output
    )

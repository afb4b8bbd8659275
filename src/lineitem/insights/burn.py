"""How fast a session fills its window and a plan its limits, and when they are full.

In: the turns of a session; readings of a limit, each with its moment. Out: tokens and nanodollars a turn, turns that
are left, the use at the reset and the moment the limit is reached. Always: recent turns weigh more; a compaction
begins a new count instead of a negative one; too little known gives None.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineitem.insights.seen import TurnSeen

#: The turns that count; the last weighs this many times the first of them.
RECENT = 12
#: A limit in hundredths of a percent, as the client tells its use.
FULL = 10_000
FIVE_HOURS = 5 * 3_600_000
WEEK = 7 * 24 * 3_600_000
#: The recent past from which a limit's use is projected: this part of its length.
_RECENT_PART = 10


class Burn(NamedTuple):
    """What a turn takes, recent turns weighted more. None: not known."""

    growth: int | None  #: tokens that the window grows by a turn
    nanos: int | None
    tokens: int | None  #: billed a turn
    left: int | None  #: turns until the window is full; None as well where it does not grow


def burn(turns: Sequence[TurnSeen], window: int | None) -> Burn:
    """The burn of a session from its turns, earliest first. Two turns without a compaction between are needed."""
    growth = weighted(_growths(turns))
    nanos = weighted([turn.nanos for turn in turns if turn.nanos is not None])
    tokens = weighted([turn.tokens for turn in turns if turn.tokens is not None])
    context = next((turn.context for turn in reversed(turns) if turn.context is not None), None)
    left = None
    if growth and window is not None and context is not None:
        left = max(0, -(-(window - context) // growth))
    return Burn(growth, nanos, tokens, left)


def _growths(turns: Sequence[TurnSeen]) -> list[int]:
    """By how much the context grew from turn to turn; a smaller one than before is a compaction and no growth."""
    known = [turn.context for turn in turns if turn.context is not None]
    return [after - before for before, after in pairwise(known) if after >= before]


def weighted(values: Sequence[int]) -> int | None:
    """The mean of the last values, to the nearest whole number; the newest weighs `RECENT`, each older one less."""
    recent = values[-RECENT:]
    if not recent:
        return None
    weights = range(RECENT - len(recent) + 1, RECENT + 1)
    whole = sum(weights)
    total = sum(value * weight for value, weight in zip(recent, weights, strict=True))
    return (2 * total + whole) // (2 * whole)


class Reading(NamedTuple):
    """A limit as it was seen once."""

    at: int
    used: int  #: hundredths of a percent, or any other count
    resets: int


class Outlook(NamedTuple):
    """Where the use of a limit is going. The two projections go on as lately, and as on average since it began."""

    used: int
    resets: int
    lately: int | None  #: use at the reset; None: not seen long enough
    average: int | None
    full_at: int | None  #: the earlier moment at which either reaches the limit; None: not before the reset
    over: bool  #: the limit is reached


def outlook(readings: Iterable[Reading], now: int, length: int, full: int = FULL) -> Outlook | None:
    """The outlook of a limit that lasts `length` and is used up at `full`. None: nothing seen of the one under way."""
    seen = sorted(reading for reading in readings if reading.at <= now)
    if not seen or seen[-1].resets <= now:
        return None
    last = seen[-1]
    current = _under_way(seen, length)
    lately = _lately(current, now, length)
    began = max(0, last.resets - length)
    average = (last.used, last.at - began) if last.at > began else None
    projected = [_at_reset(last, rate, now) for rate in (lately, average)]
    moments = [_full_at(last, rate, full, now) for rate in (lately, average)]
    soonest = min((moment for moment in moments if moment is not None), default=None)
    return Outlook(last.used, last.resets, projected[0], projected[1], soonest, last.used >= full)


def _under_way(seen: Sequence[Reading], length: int) -> list[Reading]:
    """The readings since the last reset. The client's reset times differ by seconds, so half a length decides."""
    last = seen[-1]
    current = [reading for reading in seen if abs(reading.resets - last.resets) < length // 2]
    starts = [place for place, (one, two) in enumerate(pairwise(current), 1) if two.used < one.used]
    return current[starts[-1] :] if starts else current


def _lately(current: Sequence[Reading], now: int, length: int) -> tuple[int, int] | None:
    """Use and milliseconds of the recent past, until now: an idle while makes it slower."""
    since = now - length // _RECENT_PART
    before = [reading for reading in current if reading.at <= since]
    first = before[-1] if before else current[0]
    start = since if before else first.at
    return (current[-1].used - first.used, now - start) if now > start and len(current) > 1 else None


def _at_reset(last: Reading, rate: tuple[int, int] | None, now: int) -> int | None:
    if rate is None:
        return None
    used, millis = rate
    return last.used + used * (last.resets - now) // millis


def _full_at(last: Reading, rate: tuple[int, int] | None, full: int, now: int) -> int | None:
    """The moment a limit is reached at a rate; None: not before it resets."""
    if last.used >= full:
        return last.at
    if rate is None or rate[0] <= 0:
        return None
    used, millis = rate
    moment = now + -(-(full - last.used) * millis // used)
    return moment if moment < last.resets else None


class Warmth(NamedTuple):
    """Whether a cache is warm, and for how long."""

    warm: bool | None  #: None: not known
    left: int | None  #: milliseconds until it goes cold


def warmth(warm: bool | None, expires: int | None, now: int) -> Warmth:
    """From what the client told; a moment that has passed is cold whatever was told before."""
    if warm is False or (expires is not None and expires <= now):
        return Warmth(False, 0)
    return Warmth(warm, None if expires is None else expires - now)

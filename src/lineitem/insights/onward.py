"""What the next prompts of a session will cost: gone on with, compacted first, or in a fresh session; and which to do.

In: the requests of its main conversation, and what its last prompts were like. Out: nanodollars a way. Always: all
ways do the same work (as many requests, as much new text, as many words of the model, as many pauses too long for the
cache); they differ in what is sent again with it, and in what it takes to begin. Femtodollars, rounded once a sum.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from lineitem.core.rates import rounded
from lineitem.insights.health import RED
from lineitem.insights.rot import ASKED, prompt_cost
from lineitem.insights.words import dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineitem.core.rates import Rates
    from lineitem.insights.rot import Sent

CONTINUE, COMPACT, FRESH = "continue", "compact", "fresh"
#: Prompts that are foretold where nobody says how many, and the last prompts they are foretold from.
PROMPTS, LEARNT = 10, 20
#: Tokens of a summary, and of the prompt that hands over where nobody says how many.
SUMMARY, HANDED = 3_000, 500
#: The client compacts by itself from this share of the window on (percent; Claude Code 2.1, as its users measure it).
_FULL = 92
#: Another way than going on is worth its trouble from this share of what going on costs (percent).
_WORTH = 15
#: No more requests than this are foretold.
_MOST = 20_000


class Course(NamedTuple):
    """How a session goes. Tokens of its main conversation; sums over its last prompts."""

    window: int  #: what its next request sends again
    room: int | None  #: what its window holds; None: nobody said, and it was never compacted
    start: Sent  #: its first request: what a fresh session sends anew
    prompts: int  #: that the sums below are of
    requests: int
    grown: int  #: by how much the window grew, each of the requests taken to have added to it
    written: int  #: output
    missed: int  #: requests that wrote again what had been in the window
    others: int  #: nanodollars of agents and advisors


class Way(NamedTuple):
    """One way to go on."""

    way: str
    first: int  #: nanodollars up to and with the first request of the next prompt
    nanos: int  #: of all the prompts foretold
    window: int  #: tokens in the window after them
    compactions: int  #: that the client makes by itself on the way


def course(requests: Sequence[tuple[Sent, int]], room: int | None) -> Course | None:
    """How a session goes, from its requests in order, each with its output tokens; None where there are none.

    room: what its window holds, where somebody said; else it is told from where it was compacted before.
    """
    own = [(sent, output) for sent, output in requests if sent.window]
    if not own:
        return None
    asked = list(dict.fromkeys(sent.prompt for sent, _ in own if sent.prompt >= 0))[-LEARNT:]
    meant = set(asked) or {sent.prompt for sent, _ in own}
    count = grown = written = missed = 0
    before = own[0][0].size
    for place, (sent, output) in enumerate(own):
        if sent.prompt in meant:
            count += 1
            written += output
            if place:
                grown += max(0, sent.size - before)
                missed += sent.read * 2 < min(before, sent.size) and sent.size * 2 > before
        before = sent.size
    if own[0][0].prompt in meant and count > 1:  # what the first request took in is no growth, so it is not known of it
        grown = grown * count // (count - 1)
    others = sum(sent.nanos for sent, _ in requests if not sent.window and sent.prompt in meant)
    last = own[-1]
    room = room or _room([sent.size for sent, _ in own])
    return Course(last[0].size, room, own[0][0], max(1, len(asked)), count, grown, written, missed, others)


def _room(sizes: Sequence[int]) -> int | None:
    """What a window holds, told from where it was last compacted; None: it was not, or has grown beyond that since."""
    found = None
    for before, size in pairwise(sizes):
        if size * 2 < before:
            found = before
    return found * 100 // _FULL if found and found >= sizes[-1] else None


def ways(going: Course, rates: Rates, *, hour: bool, cold: bool, prompts: int, told: int, reading: int) -> list[Way]:
    """Going on, compacting first, a fresh session.

    hour: the cache lasts an hour. cold: it holds nothing of the session now. told: tokens of the prompt that hands
    over. reading: tokens of the files that a fresh session reads first.
    """
    ahead = _Ahead(going, rates, hour, prompts)
    again = ahead.write if cold else rates.cache_read
    found = [ahead.way(CONTINUE, going.window, 0, going.window * again, 0)]
    asked = going.window * again + ASKED * rates.uncached_input + SUMMARY * rates.output
    began = prompt_cost(going.start, rates) + SUMMARY * ahead.write
    found.append(ahead.way(COMPACT, going.start.size + SUMMARY, asked, began, 0))
    began = prompt_cost(going.start, rates) + told * ahead.write
    found.append(ahead.way(FRESH, going.start.size + told, 0, began, reading))
    return found


def resumed(going: Course, rates: Rates, *, hour: bool, cold: bool) -> int:
    """Nanodollars of sending again what is in the window."""
    write = rates.cache_write_1h if hour else rates.cache_write_5m
    return rounded(going.window * (write if cold else rates.cache_read))


class _Ahead:
    """The requests that the next prompts are expected to take."""

    def __init__(self, going: Course, rates: Rates, hour: bool, prompts: int) -> None:
        self.going, self.rates = going, rates
        self.write = rates.cache_write_1h if hour else rates.cache_write_5m
        self.count = min(_MOST, max(1, (2 * prompts * going.requests + going.prompts) // (2 * going.prompts)))
        self.others = going.others * prompts // going.prompts

    def way(self, name: str, size: int, asked: int, began: int, reading: int) -> Way:
        """asked: femtodollars before the first request; began: of sending `size` tokens with it."""
        going, rates = self.going, self.rates
        over = max(1, going.requests)
        full = going.room * _FULL // 100 if going.room else 0
        femto, first, compactions = asked, 0, 0
        for number in range(self.count):
            grown = _share(going.grown, number, over)
            if not number:
                femto += began + grown * self.write + _share(going.written, 0, over) * rates.output
                first = femto
                size += grown
                if reading:  # one more answer names the files, and what they hold comes in
                    femto += size * rates.cache_read + reading * self.write
                    size += reading
                continue
            if full and size > full and size > going.start.size + SUMMARY:
                compactions += 1
                femto += size * rates.cache_read + ASKED * rates.uncached_input
                femto += SUMMARY * (rates.output + self.write) + going.start.size * self.write
                size = going.start.size + SUMMARY
            else:
                femto += size * (self.write if _share(going.missed, number, over) else rates.cache_read)
            femto += grown * self.write + _share(going.written, number, over) * rates.output
            size += grown
        return Way(name, rounded(first), rounded(femto) + self.others, size, compactions)


def advised(level: int | None, found: Sequence[Way], *, enough: bool, prompts: int = PROMPTS) -> tuple[str | None, str]:
    """(what to do, why). level: the session's health. enough: the repository says what a fresh session must know.

    Red health never goes on. No ways: nobody knows what they cost. None: nothing is known at all.
    """
    handed = FRESH if enough else COMPACT
    if not found:
        if level is None:
            return None, "Nothing is known of a session here."
        if level == RED:
            return handed, "Its health is red; what it costs is not known."
        return CONTINUE, "Its health is not red; what it costs is not known."
    by_name = {each.way: each for each in found}
    here, other = by_name[CONTINUE], by_name[handed]
    best = min((other, by_name[COMPACT]), key=lambda way: way.nanos)
    saved = here.nanos - best.nanos
    if level == RED:
        return best.way, f"Its health is red; {_figures(here, best, prompts)}."
    if saved * 100 >= here.nanos * _WORTH and saved > 0:
        return best.way, _begun(f"{_figures(here, best, prompts)}.")
    why = "too little to be worth it" if other.nanos < here.nanos else "no reason to change"
    return CONTINUE, _begun(f"{_figures(here, other, prompts)}: {why}.")


def _figures(here: Way, other: Way, prompts: int) -> str:
    how = "in a fresh session" if other.way == FRESH else "after a compaction"
    ahead = "the next prompt costs" if prompts == 1 else f"the next {prompts} prompts cost"
    return f"{ahead} about {dollars(here.nanos)} here, {dollars(other.nanos)} {how}"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _share(whole: int, number: int, over: int) -> int:
    """What of a sum over so many requests falls to one, so that whole rounds of them have the whole."""
    place = number % over
    return whole * (place + 1) // over - whole * place // over

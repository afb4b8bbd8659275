"""Context rot: what each prompt of a session pays for those before it, and what fresh sessions would have paid.

In: the requests of a session in the order they were sent, each with its prompt. Out: per prompt its cost, the carry in
it, and its cost had a fresh session begun every so many prompts. Always: past <= carry <= cost; a session no longer
than a block costs what it cost. Whole-number arithmetic: femtodollars, rounded once a prompt.

A request's prompt is billed by position: what is read from the cache comes first, then what is written, then what is
neither. So the cost of what lay in the window before is the cost of its first tokens.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core.rates import rounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.core.rates import Rates

#: A window that lost more than this part of itself from one request to the next was compacted, or went back.
FELL = 10
#: Tokens with which the client asks for a summary, sent uncached (2.1.330).
ASKED = 3_960


class Sent(NamedTuple):
    """A request."""

    prompt: int  #: the number of the prompt it belongs to, as the caller counts; -1: none
    size: int  #: tokens of its prompt
    read: int
    write1: int
    write5: int
    uncached: int
    rates: Rates | None  #: None: its model has no price
    nanos: int
    window: bool = True  #: of the main conversation; else of an agent, whose window is its own
    paid: bool = True  #: False: it fills the window, and who looks does not pay for it


class Spent:
    """What one prompt led to. Nanodollars."""

    __slots__ = ("carry", "context", "fell", "fresh", "nanos", "past", "position", "requests", "unpriced")

    def __init__(self) -> None:
        self.position = 0  #: its place among the prompts of the conversation, from 1; 0: it has no request there
        self.context: int | None = None  #: tokens that its first request sent; None: it sent none
        self.requests = self.nanos = 0
        self.carry = 0  #: of `nanos`: for sending again what an earlier request had sent
        self.past = 0  #: of `carry`: for what had been sent before this prompt began
        self.fresh = 0  #: what it would have cost in sessions of a block each
        self.fell = False  #: the window became smaller
        self.unpriced = 0  #: tokens of prompts and answers without a price

    @property
    def new(self) -> int:
        """For everything else: what entered, what was written by the model, agents, searches."""
        return self.nanos - self.carry


class Followed(NamedTuple):
    """A session, prompt by prompt."""

    prompts: dict[int, Spent]  #: by the caller's number; -1: what belongs to none
    length: int  #: prompts of its conversation, those that others paid included
    start: int | None  #: tokens of its first request: what a fresh session would send again


def follow(requests: Iterable[Sent], every: int = 0, *, begins: int = 0, summary: int = 0) -> Followed:
    """Each prompt's cost and carry, and its cost had fresh sessions begun.

    every: after so many prompts each; 0: never. begins: with this prompt, counted from 1; 0: with none. summary:
    tokens of what each would have been told of the one before, by a request that sends all of it and writes that.
    """
    found: dict[int, Spent] = {}
    first: Sent | None = None
    sent = base = block = position = start = 0  # tokens: of the last prompt, before this prompt, before this block
    opening = False
    current = -1
    carry = past = saved = 0
    spent = Spent()

    def settle() -> None:
        """Round what was summed for the current prompt."""
        spent.carry = min(spent.nanos, spent.carry + rounded(carry))
        spent.past = min(spent.carry, spent.past + rounded(past))
        spent.fresh -= rounded(saved)

    for request in requests:
        if not request.window:
            if request.paid:
                of = found.get(request.prompt)
                if of is None:
                    of = found[request.prompt] = Spent()
                of.nanos += request.nanos
                of.fresh += request.nanos
                of.requests += 1
                of.unpriced += 0 if request.rates is not None or request.nanos else request.size
            continue
        size = request.size
        if request.prompt != current or first is None:
            settle()
            carry = past = saved = 0
            current = request.prompt
            known = found.get(current)
            spent = found[current] = Spent() if known is None else known
            base = sent
            if current >= 0 and not spent.position:
                position += 1
                spent.position, spent.context = position, size
                if position > 1 and (position == begins or (every and (position - 1) % every == 0)):
                    block, opening = sent, True
        if first is None:
            first, start, held = request, size, 0
        elif size * FELL < sent * (FELL - 1):
            held = min(request.read, size)
            base, block = min(base, held), min(block, held)
            spent.fell = True
        else:
            held = min(size, sent)
        sent = size
        if not request.paid:
            opening = False
            continue
        spent.nanos += request.nanos
        spent.fresh += request.nanos
        spent.requests += 1
        rates = request.rates
        if rates is None:
            spent.unpriced += 0 if request.nanos else size
            opening = False
            continue
        carry += _first(request, held, rates)
        past += _first(request, min(base, held), rates)
        if block or opening:
            gone = min(block, held)
            saved += _first(request, gone, rates)
            if opening:
                saved -= prompt_cost(first, rates)
                if summary:
                    saved -= gone * rates.cache_read + ASKED * rates.uncached_input
                    saved -= summary * (rates.output + rates.cache_write_5m)
            else:
                saved -= _first(request, min(start + summary, gone), rates)
            opening = False
    settle()
    return Followed(found, position, start if first is not None else None)


def _first(request: Sent, tokens: int, rates: Rates) -> int:
    """Femtodollars of the first tokens of a prompt."""
    read = request.read
    if tokens <= read:
        return tokens * rates.cache_read
    femto = read * rates.cache_read
    tokens -= read
    for count, rate in (
        (request.write1, rates.cache_write_1h),
        (request.write5, rates.cache_write_5m),
        (request.uncached, rates.uncached_input),
    ):
        part = min(tokens, count)
        femto += part * rate
        tokens -= part
    return femto


def prompt_cost(request: Sent, rates: Rates) -> int:
    """Femtodollars of a prompt like this one at these rates."""
    return (
        request.read * rates.cache_read
        + request.write1 * rates.cache_write_1h
        + request.write5 * rates.cache_write_5m
        + request.uncached * rates.uncached_input
    )

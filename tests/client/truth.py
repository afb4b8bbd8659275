"""What everything really cost, to the nanodollar, from ground truth and list prices.

Requests go in; money by request, by thread and by tool call comes out.
A tool call costs what the model wrote to make it (generate), what it and its result cost to enter a prompt
(ingest), and what they cost in every later prompt of that thread (carry).
What always holds: the requests sum to the total, and so do the threads; calls never exceed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.client.ground import Request
from tests.client.prices import SEARCH, rates
from tests.client.scenario import Advice

OK = 200

Place = tuple[str, str | None, str, str]  #: where a segment of a call can be: session, thread, kind, call


@dataclass(slots=True)
class CallCost:
    """Nanodollars a tool call really cost over its life."""

    thread: str | None
    generate: int = 0
    ingest: int = 0
    carry: int = 0

    @property
    def own(self) -> int:
        """All of it, an agent's own spending apart."""
        return self.generate + self.ingest + self.carry


@dataclass(slots=True)
class Truth:
    """What a capture really cost, in nanodollars."""

    requests: dict[str, int] = field(default_factory=dict)  #: by message id
    threads: dict[str | None, int] = field(default_factory=dict)  #: by agent id; None: the conversation
    calls: dict[str, CallCost] = field(default_factory=dict)  #: by tool use id
    kinds: dict[str, int] = field(default_factory=dict)  #: of segments of prompts

    @property
    def total(self) -> int:
        """Everything."""
        return sum(self.requests.values())


def truth(requests: Iterable[Request]) -> Truth:
    """The cost of everything in these requests."""
    found, entered = Truth(), set[Place]()
    for request in requests:
        if request.status == OK:
            cost = prompt_cost(found, request, entered) + answer_cost(found, request)
            found.requests[request.message] = cost
            found.threads[request.agent] = found.threads.get(request.agent, 0) + cost
    return found


def prompt_cost(found: Truth, request: Request, entered: set[Place]) -> int:
    """Nanodollars of a prompt; what belongs to a call is booked on it."""
    price = rates(request.model, prompt_tokens=request.prompt_tokens)
    cost = 0
    for segment in request.prompt:
        nanos = segment.tokens * getattr(price, segment.price_class)
        cost += nanos
        found.kinds[segment.kind] = found.kinds.get(segment.kind, 0) + nanos
        call = found.calls.get(segment.name)
        if call:
            place = (request.session, request.agent, segment.kind, segment.name)
            if place in entered:
                call.carry += nanos
            else:
                call.ingest += nanos
            entered.add(place)
    return cost


def answer_cost(found: Truth, request: Request) -> int:
    """Nanodollars of an answer; every call in it begins its life."""
    price = rates(request.model, prompt_tokens=request.prompt_tokens)
    for block in request.answer:
        if block.kind == "tool_use":
            found.calls[block.name] = CallCost(request.agent, generate=block.tokens * price.output)
    return request.output_tokens * price.output + request.searches * SEARCH + advice_cost(request.advice)


def advice_cost(advice: Advice | None) -> int:
    """Nanodollars of an advisor."""
    if advice is None:
        return 0
    price = rates(advice.model, prompt_tokens=advice.uncached)
    return advice.uncached * price.uncached + advice.output * price.output

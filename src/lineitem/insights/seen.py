"""What the rules look at: a finished tool call, a payment, a cache miss, a return to a session, a turn.

Each is made from the store, by `noticing`, `returns` and `reports.standing`:

    CallSeen    the line items of a tool call (tokens and nanodollars of its own, without its agents'), with the sizes
                and the duration that a hook or telemetry told
    SpendSeen   a counted request
    MissSeen    a row of `miss`
    ReturnSeen  the `SessionStart` event of a resume or a fork, with the figures the client gives there; once the next
                request is made, with what that wrote
    TurnSeen    a prompt and its requests

Times are milliseconds since 1970 UTC, money is nanodollars, sizes are bytes. None: not known. Names are as they came
and are made safe where text is made (`words.py`).
"""

from __future__ import annotations

from typing import NamedTuple


class CallSeen(NamedTuple):
    """A finished tool call."""

    session: str
    project: str
    model: str
    tool: str
    target: str  #: as `sources.targets` writes it; '' where nothing short tells it
    at: int
    call: str = ""  #: tool use id
    agent: str = ""  #: agent id; '' in the main conversation
    tokens: int | None = None
    nanos: int | None = None
    size_in: int | None = None
    size_out: int | None = None
    duration: int | None = None
    failed: bool = False


class SpendSeen(NamedTuple):
    """Money that was spent: one request."""

    session: str
    project: str
    at: int
    nanos: int | None


class MissSeen(NamedTuple):
    """Tokens that had been in the cache and were paid again."""

    session: str
    project: str
    at: int
    tokens: int
    nanos: int | None = None
    reason: str = ""


class ReturnSeen(NamedTuple):
    """A session that is taken up again."""

    session: str
    project: str
    at: int
    context: int | None  #: tokens that the next request sends
    expired: bool | None  #: whether the cache is likely cold, as the client says
    idle: int | None = None  #: milliseconds since the last answer
    client_nanos: int | None = None  #: what the client estimates the writing to cost
    written: int | None = None  #: tokens that the first request after it wrote to the cache; None: not made yet
    paid: int | None = None  #: nanodollars of that writing


class TurnSeen(NamedTuple):
    """One turn of the main conversation, when it ended."""

    at: int
    context: int | None  #: tokens in the window
    nanos: int | None = None  #: spent in this turn, agents included
    tokens: int | None = None  #: billed in this turn, cache reads included

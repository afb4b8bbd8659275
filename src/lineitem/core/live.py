"""What is seen while it happens: hook events, statusline snapshots, telemetry.

Each value is one thing a live source said, reduced to numbers, ids and times; none holds a text of a prompt or a
tool. Times are milliseconds since 1970 UTC, money is nanodollars, sizes are bytes. None: the source did not say.
"""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """A hook event, or an OpenTelemetry event that is no API call and no tool result."""

    key: str  #: the same event always has the same key: it is kept once
    session: str
    at: int
    what: str  #: `PreToolUse`, `Stop`, ...; of telemetry `otel/compaction`, ...
    prompt: str = ""  #: prompt id
    agent: str = ""  #: agent id; '' in the main conversation
    tool: str = ""
    call: str = ""  #: tool use id
    duration: int | None = None
    size_in: int | None = None  #: of the tool's input, as JSON
    size_out: int | None = None  #: of what the tool answered, as JSON
    note: str = "{}"  #: JSON: what else is known, short and without texts (source, reason, trigger, agent type, ...)


class Decision(NamedTuple):
    """What was decided when something was about to happen in a session."""

    key: str
    session: str
    at: int
    what: str  #: `warn`, `ask`, `block`, `confirmed`, `overridden`
    note: str  #: JSON: the budget, what was used, what was asked


class Snapshot(NamedTuple):
    """What the client told its statusline: a gauge, the latest counts."""

    session: str
    at: int
    model: str = ""
    prompt: str = ""
    nanos: int | None = None  #: the client's own running total of the session
    api_ms: int | None = None
    context: int | None = None  #: tokens in the window
    window: int | None = None  #: tokens it can hold
    uncached: int | None = None  #: of the last API call, as the next three
    output: int | None = None
    write: int | None = None
    read: int | None = None
    five_hour: int | None = None  #: hundredths of a percent of the plan's 5-hour limit
    five_hour_resets: int | None = None
    week: int | None = None
    week_resets: int | None = None
    warm: bool | None = None  #: the prompt cache
    ttl: str = ""  #: `5m` or `1h`
    expires: int | None = None  #: when the cache goes cold
    misses: int | None = None
    recache: int | None = None  #: tokens that are written again if it goes cold
    cwd: str = ""


class ApiCall(NamedTuple):
    """An API call as telemetry reports it."""

    key: str  #: the request id; without one, what tells the record apart
    session: str
    at: int
    request: str  #: request id, '' where there is none
    model: str
    source: str  #: query source: `repl_main_thread`, `compact`, `agent:...`, helper calls
    agent: str
    prompt: str
    uncached: int
    output: int
    write5: int
    write1: int
    read: int
    nanos: int | None
    duration: int | None = None
    speed: str = ""
    labels: str = "{}"  #: JSON: department, team and other resource attributes


class ToolDone(NamedTuple):
    """A finished tool call as telemetry reports it."""

    call: str  #: tool use id
    session: str
    at: int
    tool: str
    request: str  #: request id of the answer that made the call
    prompt: str
    agent: str
    size_in: int | None
    size_out: int | None
    succeeded: bool | None
    duration: int | None

"""Line items as stacks: the tree of causes the way profilers draw call stacks.

A stack goes from the session over the thread to the cause and its part. What an agent spent stands below the tool call
that started it. In: line items and agents.   Out: samples.   Always: samples sum to the line items, amount by amount.
"""

from __future__ import annotations

from collections import namedtuple

from lineitem.core.causes import parents
from lineitem.reports.session import parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from lineitem.reports.lines import Line

#: stack: names, outermost first; nanos: nanodollars; tokens: [uncached, write 5m, write 1h, read, output];
#: labels: (name, text) of what else is known; at: milliseconds, 0 where it is not known.
Sample = namedtuple("Sample", ("stack", "nanos", "tokens", "labels", "at"))


def samples(lines: Sequence[Line], agents: Iterable[tuple[Any, ...]]) -> list[Sample]:
    """One sample a part of a line item, earliest first."""
    below = _Threads(lines, agents)
    made = []
    for line in lines:
        stack = (*below.stack(line.session, line.thread), *_path(line.cause))
        labels = tuple(
            (name, text)
            for name, text in (
                ("model", line.model), ("kind", line.kind), ("basis", line.basis), ("tool_use_id", line.call),
            )
            if text
        )  # fmt: skip
        for part, nanos, *tokens in parts(line):
            made.append(Sample((*stack, part), nanos, tokens, (*labels, ("part", part)), line.at))
    made.sort(key=lambda sample: (sample.at, sample.stack))
    return made


def _path(cause: str) -> list[str]:
    """The names from the kind of a cause down to itself, each whole."""
    return [*reversed(parents(cause)), cause]


class _Threads:
    """Where each thread hangs: main conversations below their session, agents below the call that started them."""

    def __init__(self, lines: Iterable[Line], agents: Iterable[tuple[Any, ...]]) -> None:
        self._causes: dict[tuple[str, str], tuple[str, str]] = {}  # (session, call) -> its cause, its thread
        for line in lines:
            if line.call and (line.g_output or (line.session, line.call) not in self._causes):
                self._causes[line.session, line.call] = line.cause, line.thread
        self._agents = {(row[0], row[1]): row for row in agents}
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def stack(self, session: str, thread: str, seen: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The names above what a thread spent."""
        where = (session, thread)
        if where not in self._known:
            self._known[where] = self._made(session, thread, seen)
        return self._known[where]

    def _made(self, session: str, thread: str, seen: tuple[str, ...]) -> tuple[str, ...]:
        top = (f"session {session[:8]}",)
        if not thread:
            return (*top, "main")
        agent = self._agents.get((session, thread))
        name = f"{(agent[2] if agent else '') or 'agent'} {thread.removeprefix('agent-')[:12]}"
        cause, parent = self._causes.get((session, agent[3]), ("", "")) if agent and agent[3] else ("", "")
        if not cause or parent == thread or parent in seen:  # nobody knows who started it, or it would be itself
            return (*top, name)
        return (*self.stack(session, parent, (*seen, thread)), *_path(cause), name)

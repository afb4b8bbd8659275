"""Line items as reports see them, and what can be said of one tool call."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class Line:
    """A line item: what one cause cost in one thread on one model, part by part."""

    __slots__ = (
        "at", "basis", "c_nanos", "c_read", "call", "carried", "cause", "g_nanos", "g_output", "i_nanos", "i_read",
        "i_uncached", "i_write1", "i_write5", "kind", "model", "prompt", "r_nanos", "r_uncached", "r_write1",
        "r_write5", "s_nanos", "session", "thread",
    )  # fmt: skip

    def __init__(self, session: str, thread: str, row: Any, model: str | None = None) -> None:
        """row: cause, kind, call, model, basis, at, prompt, carried and the fourteen sums of an item.

        `model` is its name where the row has only its number.
        """
        self.session, self.thread = session, thread
        (self.cause, self.kind, self.call, self.model, self.basis, self.at, self.prompt, self.carried, self.g_output,
         self.g_nanos, self.i_uncached, self.i_write5, self.i_write1, self.i_read, self.i_nanos, self.c_read,
         self.c_nanos, self.r_uncached, self.r_write5, self.r_write1, self.r_nanos, self.s_nanos) = row  # fmt: skip
        if model is not None:
            self.model = model

    @property
    def nanos(self) -> int:
        """Nanodollars of all parts."""
        whole: int = self.g_nanos + self.i_nanos + self.c_nanos + self.r_nanos + self.s_nanos
        return whole

    @property
    def tokens(self) -> list[int]:
        """[uncached, write 5m, write 1h, read, output] of all parts."""
        return [
            self.i_uncached + self.r_uncached,
            self.i_write5 + self.r_write5,
            self.i_write1 + self.r_write1,
            self.i_read + self.c_read,
            self.g_output,
        ]

    @property
    def part(self) -> str:
        """`unlogged` where the money is not that of a logged prompt or answer."""
        return "unlogged" if self.kind == "unlogged" else ""


class Call:
    """One tool call over its whole life, in whatever sessions carried it."""

    __slots__ = (
        "at", "basis", "carried", "carry", "generate", "id", "ingest", "prompt", "rewrite", "search", "session",
        "subtree", "target", "thread", "tokens", "tool",
    )  # fmt: skip

    def __init__(self, line: Line) -> None:
        self.id, self.session, self.thread = line.call, line.session, line.thread
        _, _, rest = line.cause.partition("/")
        self.tool, _, self.target = rest.partition("/")
        self.at, self.basis, self.prompt = line.at, line.basis, line.prompt
        self.generate = self.ingest = self.carry = self.rewrite = self.search = self.subtree = 0
        self.carried = 0
        self.tokens = [0, 0, 0, 0, 0]

    def add(self, line: Line) -> None:
        if line.g_output and (line.session, line.thread) != (self.session, self.thread):
            self.session, self.thread, self.at = line.session, line.thread, line.at
        if not self.tool or self.tool == "tool":
            self.tool, _, self.target = line.cause.partition("/")[2].partition("/")
        self.generate += line.g_nanos
        self.ingest += line.i_nanos + line.s_nanos
        self.carry += line.c_nanos + line.r_nanos
        self.rewrite += line.r_nanos
        self.search += line.s_nanos
        self.carried += line.carried
        if line.basis != "measured":
            self.basis = line.basis
        for index, count in enumerate(line.tokens):
            self.tokens[index] += count

    @property
    def own(self) -> int:
        """What the call itself cost: generate + ingest (search fees included) + carry (rewrite included)."""
        return self.generate + self.ingest + self.carry

    @property
    def total(self) -> int:
        return self.own + self.subtree


def calls_of(lines: Iterable[Line], agents: Iterable[tuple[Any, ...]]) -> dict[str, Call]:
    """Every tool call by its id, with the subtree of the agents it started."""
    calls: dict[str, Call] = {}
    threads: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.thread:
            where = (line.session, line.thread)
            threads[where] = threads.get(where, 0) + line.nanos
        if line.call:
            call = calls.get(line.call)
            if call is None:
                call = calls[line.call] = Call(line)
            call.add(line)
    started: dict[tuple[str, str], list[tuple[str, str]]] = {}  # (session, parent thread) -> (thread, call)
    known = list(agents)
    for session, thread, _, call, parent, *_ in known:
        started.setdefault((session, parent), []).append((thread, call))
    whole: dict[tuple[str, str], int] = {}

    def subtree(session: str, thread: str, depth: int = 0) -> int:
        where = (session, thread)
        if where not in whole:
            whole[where] = threads.get(where, 0)
            if depth < 64:
                below = started.get(where, ()) if thread else ()
                whole[where] += sum(subtree(session, inner, depth + 1) for inner, _ in below if inner != thread)
        return whole[where]

    for session, thread, _, call, *_ in known:
        if call in calls:
            calls[call].subtree += subtree(session, thread)
    return calls

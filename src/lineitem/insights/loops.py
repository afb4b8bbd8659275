"""Work that does not get on: the same call again and again, and agents by the dozen.

In: tool calls in the order they finished. Out: a finding when a count reaches its limit, and again at each doubling:
4, 8, 16, ... Always: a call of which nothing tells what it was about is never taken for a repetition.

Two calls are the same when tool, target, agent and the size of the input are: reading a file part by part is no
repetition. Of failed calls the inputs may differ, as those of an edit do that is tried again and again. Where there is
no target, or it is only a kind (an agent type, a host), the input's size has to be known. A file that was changed
successfully is progress: the counts begin anew, so tests that run after every change are no loop. The same answer
every time (equal size, or failed) is a loop sooner than one that changes, as that of a program being waited for does.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, cast

from lineitem.insights.findings import CRITICAL, NOTICE, WARNING, Finding, hundredths
from lineitem.insights.kept import Kept
from lineitem.insights.words import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.insights.seen import CallSeen

#: Tools that change a file.
CHANGES = frozenset({"Edit", "MultiEdit", "NotebookEdit", "Write"})
#: Tools that start an agent.
_STARTS = frozenset({"Agent", "Task"})
#: Tools whose target is only a kind: many different calls have the same one.
KINDS = frozenset({"Agent", "Skill", "Task", "WebFetch"})
#: How many threads and sessions are watched at a time.
_WATCHED = 1_000


class LoopRules(NamedTuple):
    """When repetition is a loop, and when agents are many."""

    same: int = 4  #: repetitions with the same answer every time
    varied: int = 8  #: repetitions whose answers differ
    window: int = 40  #: among so many calls of one thread
    agents: int = 10  #: agents started by one session ...
    within: int = 600_000  #: ... in so many milliseconds


class _Step(NamedTuple):
    """A call in a thread's recent past."""

    what: tuple[str, str, int | None] | None  #: None: not known
    answer: int | None  #: size of the answer; -1: failed
    cost: int | None  #: nanodollars


class _Start(NamedTuple):
    """A call that started an agent."""

    at: int
    cost: int | None  #: nanodollars, its agent's included


class Loops:
    """Watches each thread of each session for repetition."""

    __slots__ = ("_said", "_threads", "rules")

    def __init__(self, rules: LoopRules | None = None) -> None:
        self.rules = rules or LoopRules()
        window = self.rules.window
        self._threads: Kept[deque[_Step]] = Kept(_WATCHED, lambda: deque(maxlen=window))
        self._said: Kept[list[int]] = Kept(_WATCHED, lambda: [0])  #: by thread and call: the number last told

    def take(self, call: CallSeen) -> Finding | None:
        """A call has finished; a finding where it makes a loop longer by a doubling."""
        thread = (call.session, call.agent)
        if call.tool in CHANGES and not call.failed:
            self._threads.forget(thread)
            return None
        step = _Step(_what(call), -1 if call.failed else call.size_out, call.nanos)
        steps = self._threads.of(thread)
        steps.append(step)
        if step.what is None:
            return None
        same = [each for each in steps if each.what == step.what]
        limit = self.rules.same if _same_answer(same) else self.rules.varied
        said = self._said.of((*thread, step.what))
        return self._finding(call, same, limit) if _is_news(said, len(same), limit) else None

    def state(self) -> list[Any]:
        """What each thread did lately and what was told of it, as JSON; `load` takes it up again."""
        said: dict[Any, list[Any]] = {}
        for key, (number,) in self._said.items():
            session, agent, what = cast("tuple[Any, ...]", key)
            if number:
                said.setdefault((session, agent), []).append([what, number])
        return [[thread, list(steps), said.get(thread, [])] for thread, steps in self._threads.latest()]

    def load(self, state: list[Any]) -> None:
        """Take up what `state` gave."""
        for thread, steps, *said in state:
            kept = self._threads.of(tuple(thread))
            kept.extend(_Step(tuple(what) if what else None, answer, cost) for what, answer, cost in steps)
            for what, number in said[0] if said else ():
                self._said.put((*thread, tuple(what)), [number])

    def _finding(self, call: CallSeen, same: list[_Step], limit: int) -> Finding:
        times = len(same)
        severity = CRITICAL if times >= 4 * limit else WARNING if times >= 2 * limit else NOTICE
        facts = [("failed", sum(each.answer == -1 for each in same)), ("same", int(_same_answer(same)))]
        facts += _money([each.cost for each in same])
        return Finding(
            "loop", severity, call.session, call.project, call.at, _subject(call), "calls", times, limit,
            score=hundredths(times, limit), call=call.call, agent=call.agent, model=call.model, facts=tuple(facts),
        )  # fmt: skip


class FanOut:
    """Watches each session for agents that are started close together."""

    __slots__ = ("_said", "_sessions", "rules")

    def __init__(self, rules: LoopRules | None = None) -> None:
        self.rules = rules or LoopRules()
        self._sessions: Kept[deque[_Start]] = Kept(_WATCHED, lambda: deque(maxlen=1_000))
        self._said: Kept[list[int]] = Kept(_WATCHED, lambda: [0])  #: by session: the number last told

    def take(self, call: CallSeen) -> Finding | None:
        """A call has finished; a finding where it is one agent too many."""
        if call.tool not in _STARTS:
            return None
        starts = self._sessions.of(call.session)
        known = call.nanos is not None and call.agents is not None
        starts.append(_Start(call.at, (call.nanos or 0) + (call.agents or 0) if known else None))
        close = [each for each in starts if call.at - self.rules.within < each.at <= call.at]
        count = len(close)
        limit = self.rules.agents
        if not _is_news(self._said.of(call.session), count, limit):
            return None
        severity = CRITICAL if count >= 4 * limit else WARNING if count >= 2 * limit else NOTICE
        return Finding(
            "fan-out", severity, call.session, call.project, call.at, _subject(call), "agents", count, limit,
            score=hundredths(count, limit), call=call.call, agent=call.agent, model=call.model,
            facts=(("minutes", self.rules.within // 60_000), *_money([each.cost for each in close])),
        )  # fmt: skip

    def state(self) -> list[Any]:
        """When each session started agents, and what they cost, as JSON; `load` takes it up again."""
        return [[session, list(starts), *self._said.of(session)] for session, starts in self._sessions.latest()]

    def load(self, state: list[Any]) -> None:
        """Take up what `state` gave; older states hold no costs, and not what was told."""
        for session, starts, *said in state:
            if said:
                self._said.put(session, said)
            kept = self._sessions.of(session)
            kept.extend(_Start(each, None) if isinstance(each, int) else _Start(*each) for each in starts)


def _what(call: CallSeen) -> tuple[str, str, int | None] | None:
    """What two calls must have in common to be the same; None: it is not known."""
    named = call.target and call.tool not in KINDS
    if call.size_in is None and not named:
        return None
    return call.tool, call.target, None if call.failed and named else call.size_in


def _same_answer(steps: list[_Step]) -> bool:
    """Whether all answered alike; an answer of unknown size is like no other."""
    first = steps[0].answer
    return first is not None and all(step.answer == first for step in steps)


def _is_news(said: list[int], count: int, limit: int) -> bool:
    """Whether this number is to be told; then it is what was said last. Below the limit all is forgotten."""
    if count < limit:
        said[0] = 0
    if count <= said[0] or not _doubled(count, limit):
        return False
    said[0] = count
    return True


def _doubled(count: int, limit: int) -> bool:
    """Whether a count is the limit, or twice, four times, eight times ... the limit."""
    times, rest = divmod(count, limit)
    return not rest and times > 0 and not times & (times - 1)


def _money(costs: list[int | None]) -> list[tuple[str, int]]:
    """What calls cost together, as a fact; none where it is not known of each."""
    known = [cost for cost in costs if cost is not None]
    return [("nanos", sum(known))] if len(known) == len(costs) else []


def _subject(call: CallSeen) -> str:
    return f"{safe(call.tool, 30)} {safe(call.target, 40)}".strip()

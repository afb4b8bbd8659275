"""What changes would have saved in one session, so that no nanodollar is saved twice. Pure.

In: the line items of a session and when its requests were sent. Out: claims, each on a part of one line item's money.
Always: the claims on an item are together no more than it cost. So claims of different changes add up, over items,
sessions and ranges. The first rule that claims money has it: loops, servers and skills that were not used, memory
files, large results, and of what is then left reading that an agent could have done.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from lineitem.core.apportion import apportion
from lineitem.core.rates import rounded
from lineitem.insights.loops import CHANGES, KINDS, LoopRules
from lineitem.insights.operations import LOOK, act_of
from lineitem.insights.tasks import task_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lineitem.core.rates import Rates

LOOP, SERVER, LATE_SERVER, SKILLS = "loop", "server", "late-server", "skills"
MEMORY, RESULTS, READING = "memory", "results", "reading"
#: Tokens of a tool result, and of a memory file, that no change takes away.
KEPT_RESULT, KEPT_MEMORY = 2_000, 1_500
#: So many equal calls are a loop; the first of them count as work.
_LOOP, _WORK, _WINDOW = 4, 2, LoopRules().window
#: Results of one prompt that an agent could have read: so many, of so many tokens.
_READS, _READ_TOKENS = 6, 15_000
#: Tokens of what an agent reports.
_REPORT = 1_000
#: Tools whose target is a file.
_FILES = CHANGES | {"Read", "NotebookRead"}


class Item(NamedTuple):
    """A line item. Money in nanodollars."""

    thread: int
    cause: str
    kind: str
    call: str  #: tool use id, ''
    model: int
    at: int  #: milliseconds
    prompt: int  #: ordinal
    carried: int  #: requests that sent it again
    entered: int  #: tokens taken in
    output: int  #: tokens the model wrote
    generate: int  #: searches included
    ingest: int
    carry: int  #: what was written again included

    @property
    def nanos(self) -> int:
        return self.generate + self.ingest + self.carry


class Claim(NamedTuple):
    """A part of an item's money that a change would have saved."""

    kind: str
    subject: str
    item: int  #: its place among the session's items
    nanos: int
    tokens: int  #: that would not have been sent


class Sends(NamedTuple):
    """When the requests of a session were sent."""

    main: int  #: thread of the main conversation
    times: Mapping[int, Sequence[int]]  #: thread -> moments, in order
    ends: Mapping[int, int]  #: ordinal of a prompt -> its last request of the main conversation
    start: int  #: tokens an agent begins with
    rates: Callable[[int], Rates | None]  #: of the main conversation at a moment
    windows: Mapping[int, int] = {}  #: thread -> how many there were: one, and one for each time it was summarised


def claims(items: Sequence[Item], sends: Sends) -> list[Claim]:
    """What would have been saved on these items."""
    found = _Claims(items)
    calls = _calls(items)
    found.loops(calls)
    found.servers(calls, sends)
    found.skills(calls)
    found.memory(sends)
    unneeded = [call for call in calls if not call.needed]
    found.results(unneeded)
    found.reading(unneeded, sends)
    return found.made


class _Call:
    """A tool call: it has a line item for each model that carried it."""

    __slots__ = ("at", "entered", "items", "needed", "output", "prompt", "target", "thread", "tool")

    def __init__(self, item: Item) -> None:
        _, self.tool, self.target = (*item.cause.split("/", 2), "", "")[:3]
        self.thread, self.at, self.prompt = item.thread, item.at, item.prompt
        self.entered = self.output = 0
        self.items: list[int] = []
        self.needed = False  #: its file was worked on again: what was read of it was of use

    @property
    def result(self) -> int:
        """Tokens of what came back: what was taken in is that and the call, as the model had written it."""
        return max(0, self.entered - self.output)


def _calls(items: Sequence[Item]) -> list[_Call]:
    """The calls of a session, by thread and time; each thread's last word on a file leaves the ones before needed."""
    known: dict[tuple[int, str], _Call] = {}
    for place, item in enumerate(items):
        if item.kind != "tool" or not item.call:
            continue
        call = known.get((item.thread, item.call))
        if call is None:
            call = known[item.thread, item.call] = _Call(item)
        call.items.append(place)
        call.entered += item.entered
        call.output += item.output
        call.at = min(call.at, item.at)
    found = sorted(known.values(), key=lambda call: (call.thread, call.at))
    touched: set[tuple[int, str]] = set()
    for call in reversed(found):
        if call.tool in _FILES and call.target:
            file = (call.thread, call.target)
            call.needed = file in touched
            touched.add(file)
    return found


class _Claims:
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.left = [item.nanos for item in items]
        self.made: list[Claim] = []

    def claim(self, kind: str, subject: str, place: int, nanos: int, tokens: int) -> None:
        """Claim no more than what is left of an item."""
        nanos = min(nanos, self.left[place])
        if nanos > 0:
            self.left[place] -= nanos
            self.made.append(Claim(kind, subject, place, nanos, tokens))

    def loops(self, calls: Sequence[_Call]) -> None:
        """Calls that were made again and again, alike and with the same answer, and no file changed between them.

        Alike is as in `insights/loops.py`: tool, target and the length of the call; a target that was cut may hide a
        difference. Only so many calls of a thread apart: what is asked each morning is no loop.
        """
        runs: dict[tuple[int, str, str, int], list[_Call]] = {}
        places: dict[int, int] = {}
        seen: dict[tuple[int, str, str, int], int] = {}
        for call in calls:
            if call.tool in CHANGES:
                for key in [key for key in runs if key[0] == call.thread]:
                    self._loop(runs.pop(key))
                continue
            places[call.thread] = place = places.get(call.thread, 0) + 1
            if not call.target or call.target.endswith("…") or call.tool in KINDS:
                continue
            key = (call.thread, call.tool, call.target, call.output)
            run = runs.get(key)
            if run is None or place - seen[key] > _WINDOW:
                if run is not None:
                    self._loop(run)
                run = runs[key] = []
            run.append(call)
            seen[key] = place
        for run in runs.values():
            self._loop(run)

    def _loop(self, run: Sequence[_Call]) -> None:
        if len(run) < _LOOP:
            return
        sizes = [call.result for call in run]
        if max(sizes) - min(sizes) > max(16, max(sizes) // 20):
            return
        for call in run[_WORK:]:
            for place in call.items:
                item = self.items[place]
                self.claim(LOOP, task_type(call.tool, call.target), place, item.nanos, item.entered)

    def servers(self, calls: Sequence[_Call], sends: Sends) -> None:
        """Schemas of servers that were never called; of the others, what they cost before the first call."""
        first: dict[tuple[int, str], int] = {}
        called = set()
        for call in calls:
            if call.tool.startswith("mcp__"):
                server = call.tool[5:].partition("__")[0]
                called.add(server)
                first.setdefault((call.thread, server), call.at)
        for place, item in enumerate(self.items):
            if not item.cause.startswith("schemas/mcp__"):
                continue
            server = item.cause[13:].partition("/")[0]
            if server not in called:
                self.claim(SERVER, server, place, item.nanos, item.entered)
            elif (item.thread, server) in first:
                times = sends.times.get(item.thread, ())
                before = bisect_right(times, first[item.thread, server])
                if len(times) > 1 and before > 1:  # the first request takes them in, the others carry them
                    self.claim(LATE_SERVER, server, place, item.carry * (before - 1) // (len(times) - 1), 0)

    def skills(self, calls: Sequence[_Call]) -> None:
        """The list of skills, where none was used."""
        if any(call.tool == "Skill" for call in calls):
            return
        if any(item.kind == "skill" and item.cause not in ("skill", "skill/listing") for item in self.items):
            return
        for place, item in enumerate(self.items):
            if item.cause == "skill/listing":
                self.claim(SKILLS, "", place, item.nanos, item.entered)

    def memory(self, sends: Sends) -> None:
        """Of a large memory file what goes beyond what is left of it, in each window that it entered."""
        for place, item in enumerate(self.items):
            kept = KEPT_MEMORY * sends.windows.get(item.thread, 1)
            if item.kind == "memory" and item.entered > kept:
                beyond = item.entered - kept
                nanos = (item.ingest + item.carry) * beyond // item.entered
                self.claim(MEMORY, item.cause.partition("/")[2], place, nanos, beyond)

    def results(self, calls: Sequence[_Call]) -> None:
        """Of a large result that nobody came back to what goes beyond what is left of it."""
        for call in calls:
            if call.result <= KEPT_RESULT or call.tool in ("Agent", "Task"):
                continue
            beyond = call.result - KEPT_RESULT
            subject = task_type(call.tool, call.target)
            for place in call.items:
                item = self.items[place]
                nanos = _of_result(item, call) * beyond // call.result
                self.claim(RESULTS, subject, place, nanos, min(beyond, item.entered))

    def reading(self, calls: Sequence[_Call], sends: Sends) -> None:
        """What a prompt read, and no later one came back to, need not have been carried by the main conversation."""
        by_prompt: dict[int, list[_Call]] = {}
        for call in calls:
            if call.thread == sends.main and act_of(call.tool, call.target).act == LOOK:
                by_prompt.setdefault(call.prompt, []).append(call)
        times = sends.times.get(sends.main, ())
        for prompt, reads in by_prompt.items():
            tokens = sum(call.result for call in reads)
            end = sends.ends.get(prompt)
            if end is None or len(reads) < _READS or tokens < _READ_TOKENS:
                continue
            self._delegated(reads, times, end, sends)

    def _delegated(self, reads: Sequence[_Call], times: Sequence[int], end: int, sends: Sends) -> None:
        """Claim the carry of these results beyond their prompt, less what the agent would have cost."""
        rates = sends.rates(end)
        if rates is None:
            return
        beyond: dict[int, int] = {}
        later = len(times) - bisect_right(times, end)
        for call in reads:
            within = max(0, bisect_right(times, end) - bisect_right(times, call.at) - 1)  # the first takes it in
            for place in call.items:
                item = self.items[place]
                after = max(0, item.carried - within)
                # of a large result the part beyond what is kept was claimed above
                carry = item.carry * min(call.result, KEPT_RESULT) // call.entered if call.entered else 0
                if item.carried and carry > 0 and after:
                    beyond[place] = min(self.left[place], carry * after // item.carried)
        whole = sum(beyond.values())
        starts = sends.start * (rates.cache_write_5m + len(reads) * rates.cache_read)
        report = _REPORT * (rates.output + rates.cache_write_5m + later * rates.cache_read)
        saved = whole - rounded(starts + report)
        if saved <= 0:
            return
        places = sorted(beyond)
        for place, nanos in zip(places, apportion(saved, [beyond[place] for place in places]), strict=True):
            self.claim(READING, "", place, nanos, 0)


def _of_result(item: Item, call: _Call) -> int:
    """What taking a call's result in, and carrying it, cost on this item: the rest is the call as it was written."""
    return (item.ingest + item.carry) * call.result // call.entered if call.entered else 0

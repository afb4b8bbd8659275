"""The bill of a session from its statusline and its hooks alone: no transcript, no telemetry.

In: `Snapshot`s (the client's running total, the last API call's counts) and hook events (which tool ran when, how
large), in any order and repeated, and the rates of a call. Out: a `Folded` bill like any other.
Always: the line items sum to what the client's own total says, to the nanodollar; what no call explains is a row of
its own (`remainder`), never spread; nothing is said to be measured.

A reading shows one API call; between two readings there may have been several, and agents. So the calls that must
have been there are told first: one for every answer that made tools, one for every end of a turn. Their prompts
follow from the window, whose growth between two readings is known; their money from the step of the total. Then they
are folded like calls that telemetry told of (`attribution.telemetry`).

first reading       All of it is the session's own if its start was seen; else all but the shown call is remainder.
resumed, forked     A resumed total goes on. A fork's begins with its parent's, which is not billed again.
/clear              The total begins at zero again: a new window, and the new total is all new.
compaction          The window shrinks or is empty: the step, or what is left of it, is the summary's request.
cache miss          The call shown says itself what it wrote again. A hidden one is priced by the step.
lost reading        The next step holds its money and its calls.
no call between     A step of money alone is a helper's, or unknown: remainder.
no reading after    Tool calls that no reading followed cost something unknown: no line item until one comes.
"""

from __future__ import annotations

from itertools import pairwise

from lineitem.attribution.conversation import COMPACT, note_of
from lineitem.attribution.deeds import Answer, answers
from lineitem.attribution.readings import Counts, Step, steps
from lineitem.attribution.sizes import UNTOLD, seen_bytes
from lineitem.attribution.telemetry import PROPORTIONS, UNEXPLAINED, fold_telemetry
from lineitem.core.apportion import apportion
from lineitem.core.live import ApiCall, Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lineitem.attribution.session import Folded
    from lineitem.core.live import Snapshot, ToolDone
    from lineitem.core.rates import Rates

    RatesOf = Callable[[ApiCall], Rates | None]

#: A reading shows the state of some moments before: answers that came this shortly before it are not in it yet.
_LAG = 60
#: Tokens of an answer's text, of a prompt with what the client puts beside it, of what asks for a summary and of the
#: summary; and of the window an agent begins with. Only used where no reading tells.
_TEXT, _PROMPT, _ASK, _SUMMARY, _AGENT = 40, 60, 1_300, 600, 8_000
#: A window that fell below so many tenths of what it was has been summarised or cut.
_FELL = 7
#: Hidden calls may cost so many times their estimate; what is beyond is no call that hooks show.
_PLAUSIBLE = 3
#: Tool calls one after the other may be of one answer where at most so many milliseconds lie between.
_BREATH = 1_000
#: Tenths of an estimate that are tried where the size of the first prompt is not told, the likeliest first.
_SCALES = (10, 11, 9, 12, 8, 13, 7, 14, 6, 15, 16, 17, 18, 19, 20)
#: So many answers in one step are told as they are, without trying which of them were one.
_MANY = 64


def fold_delta(
    session: str,
    snapshots: Iterable[Snapshot],
    events: Iterable[Event],
    rates_of: RatesOf,
    within: Callable[[int], bool] | None = None,
) -> Folded:
    """The bill of a session; `within` says of a time whether what was paid then is wanted."""
    told = _told(session, snapshots, events, rates_of)
    return fold_telemetry(session, told.calls, told.tools, told.events, rates_of, within)


def implied_calls(
    session: str, snapshots: Iterable[Snapshot], events: Iterable[Event], rates_of: RatesOf
) -> list[ApiCall]:
    """The API calls that the bill of a session is made of; what they cost is the bill."""
    return _told(session, snapshots, events, rates_of).calls


def _told(session: str, snapshots: Iterable[Snapshot], events: Iterable[Event], rates_of: RatesOf) -> _Told:
    heard = sorted({event for event in events if event.session == session}, key=repr)
    told = _Told(session, heard, rates_of)
    for step in steps(one for one in snapshots if one.session == session):
        told.take(step)
    return told


class _Window:
    """What is known of a thread's window: its size with the last call, and what will enter with the next."""

    __slots__ = ("entering", "read", "size")

    def __init__(self) -> None:
        self.size = 0  #: tokens; 0: not known
        self.read = 0  #: tokens of it that came from the cache
        self.entering = 0  #: tokens of the last answer and of what its tools gave, estimated


class _Told:
    """The API calls that readings and hooks imply, with the tool calls each made. Feed it steps in order."""

    def __init__(self, session: str, heard: list[Event], rates_of: RatesOf) -> None:
        self.calls: list[ApiCall] = []
        self.tools: list[ToolDone] = []
        self.events = [_as_prompt(event) for event in heard if event.what == "UserPromptSubmit"]
        self.events += [_as_completed(event) for event in heard if event.what == "SubagentStop"]
        self._session, self._rates_of = session, rates_of
        self._answers = answers(heard)
        self._taken: dict[str, int] = {}  # how many of them were due
        self._places: dict[str, int] = {}  # key of a call -> where it is among the calls
        self._starts = [
            (event.at, str(note_of(event).get("source", ""))) for event in heard if event.what == "SessionStart"
        ]
        self._windows: dict[str, _Window] = {"": _Window()}
        self._clock = 0

    def take(self, step: Step) -> None:
        """Tell the calls of one step, with money that sums to it."""
        if step.anew:
            self._windows[""] = _Window()
        due = {name: self._due(name, step) for name in sorted(self._answers)}
        main = due.pop("", [])
        nanos = self._own(step) if step.first else step.nanos
        summary = self._summary(step)
        alone = summary is None and not any(due.values())
        told: list[ApiCall] = []
        if step.counts is not None:
            told, main = self._main_calls(step, main, nanos, alone=alone)
        self._keep(told, main)
        rest = nanos - sum(map(self._cost, told))
        elastic = self._agent_calls(step, due, rest)
        if summary is not None:
            elastic.append(summary)
        self._pay(step, nanos, told[:-1], elastic, told[-1] if told else None)

    def _due(self, name: str, step: Step) -> list[Answer]:
        """The answers of a thread that this step holds; each is due once."""
        waiting, first = self._answers[name], self._taken.get(name, 0)
        last = first
        while last < len(waiting) and waiting[last].at <= step.at - (0 if waiting[last].ends else _LAG):
            last += 1
        self._taken[name] = last
        return waiting[first:last]

    def _own(self, step: Step) -> int:
        """The part of a first total that this session shows; the rest is from before anybody listened."""
        sources = {source for at, source in self._starts if at <= step.at}
        if sources & {"startup", "clear"}:
            return step.nanos
        shown = self._shown(step, step.at) if step.counts is not None else None
        own = min(step.nanos, self._cost(shown)) if shown is not None else 0
        if "fork" not in sources:  # a fork's total begins with its parent's
            self._unexplained(step, step.nanos - own)
        return own

    # -- calls

    def _call(self, step: Step, at: int, thread: str, counts: Counts, source: str = "") -> ApiCall:
        """A call of these counts (uncached, output, write, read), not yet paid, never before the one told last."""
        self._clock = at = max(at, self._clock + 1)
        uncached, output, write, read = counts
        hour = step.ttl == "1h" and not thread
        key = f"delta/{len(self.calls)}/{at}"
        made = ApiCall(
            key, self._session, at, key, step.model, source, thread, "", uncached, output, 0 if hour else write,
            write if hour else 0, read, None,
        )  # fmt: skip
        self._places[key] = len(self.calls)
        self.calls.append(made)
        return made

    def _shown(self, step: Step, at: int) -> ApiCall:
        """The call that the reading shows, as a question for its price."""
        uncached, output, write, read = step.counts or (0, 0, 0, 0)
        hour = step.ttl == "1h"
        return ApiCall(
            "", self._session, at, "", step.model, "", "", "", uncached, output, 0 if hour else write,
            write if hour else 0, read, None,
        )  # fmt: skip

    def _main_calls(
        self, step: Step, due: list[Answer], nanos: int, *, alone: bool
    ) -> tuple[list[ApiCall], list[Answer]]:
        """(the calls, last the one that the reading shows; the answer of each).

        alone: nothing but these calls was paid in this step; then its money tells how many there were.
        """
        assert step.counts is not None
        uncached, output, write, read = step.counts
        size = uncached + write + read
        window = self._windows[""]
        best: list[Counts] = []
        chosen: list[Answer] = due
        nearest = -1
        for grouping in _groupings(due) if alone else (due,):
            counts = _counts_before(window, grouping, size)
            off = abs(self._costs(step, counts) - nanos)
            if nearest < 0 or off < nearest:
                nearest, best, chosen = off, counts, grouping
        if alone and not window.size and len(chosen) > 1:
            # how large the first prompt was is not told: the money tells, for what came later was sent less often
            tries = [_counts_before(window, chosen, size, tenths) for tenths in _SCALES]
            best = min(tries, key=lambda counts: abs(self._costs(step, counts) - nanos))
        hidden = [self._call(step, one.at, "", counts) for one, counts in zip(chosen, best, strict=False)]
        shown = self._call(step, chosen[-1].at if chosen else step.at, "", step.counts)
        window.size, window.read = size, read
        window.entering = output + (_given(chosen[-1].tools) if chosen else 0) + _PROMPT
        return [*hidden, shown], chosen

    def _agent_calls(self, step: Step, due: dict[str, list[Answer]], rest: int) -> list[ApiCall]:
        """The agents' calls of a step. rest: about what they cost together; it tells how large the results were."""
        windows = {name: self._windows.get(name) or _Window() for name in due}

        def tried(tenths: int) -> list[Counts]:
            return [counts for name in due for counts in _agent_counts(windows[name], due[name], tenths)[0]]

        tenths = min(_SCALES, key=lambda scale: abs(self._costs(step, tried(scale), agents=True) - rest))
        calls = []
        for name, answered in due.items():
            counts, self._windows[name] = _agent_counts(windows[name], answered, tenths)
            made = [self._call(step, one.at, name, each) for one, each in zip(answered, counts, strict=True)]
            self._keep(made, answered)
            calls += made
        return calls

    def _summary(self, step: Step) -> ApiCall | None:
        """The request that summarised the window, where this step shows an emptied or a much smaller one."""
        window = self._windows[""]
        size = sum(step.counts or (0, 0, 0, 0)) - (step.counts[1] if step.counts else 0)
        if not window.size or not (step.emptied or (step.counts is not None and size * 10 < window.size * _FELL)):
            return None
        # it reads from the cache what the call before it read, and pays the rest anew (client 2.1.330)
        uncached = window.size - window.read + window.entering + _ASK
        call = self._call(step, step.since, "", (uncached, _SUMMARY, 0, window.read), COMPACT)
        self.events.append(Event(f"{call.key}/compaction", self._session, call.at, "otel/compaction"))
        self._windows[""] = _Window()
        return call

    def _keep(self, calls: list[ApiCall], made: list[Answer]) -> None:
        """Note which call made which tool calls; without a call they go to the one before."""
        for index, one in enumerate(made):
            request = calls[index].request if index < len(calls) else ""
            self.tools += [tool._replace(request=request) for tool in one.tools]

    # -- money

    def _costs(self, step: Step, told: list[Counts], *, agents: bool = False) -> int:
        """Nanodollars of calls of these counts: the main conversation's, with the one that the reading shows."""
        if agents:
            return sum(self._cost(self._shown_as(step, counts, hour=False)) for counts in told)
        hour = step.ttl == "1h"
        return sum(self._cost(self._shown_as(step, counts, hour=hour)) for counts in (*told, step.counts) if counts)

    def _shown_as(self, step: Step, counts: Counts, *, hour: bool) -> ApiCall:
        uncached, output, write, read = counts
        at_price = self._shown(step, step.at)
        return at_price._replace(
            uncached=uncached, output=output, write5=0 if hour else write, write1=write if hour else 0, read=read
        )

    def _cost(self, call: ApiCall) -> int:
        """Nanodollars of a call at its rates; where it has none, a figure to compare with others."""
        return sum(call.costs(self._rates_of(call) or PROPORTIONS))

    def _pay(
        self, step: Step, nanos: int, hidden: list[ApiCall], elastic: list[ApiCall], shown: ApiCall | None
    ) -> None:
        """Divide a step's money: the shown call at its price, hidden ones near theirs, then agents, summaries."""
        calls = [*hidden, *elastic, *([shown] if shown is not None else [])]
        costs = [self._cost(call) for call in calls]
        certain = costs[-1] if shown is not None else 0
        near = sum(costs[: len(hidden)])
        priced = shown is None or self._rates_of(shown) is not None
        if calls and (not priced or nanos < certain + near):
            paid = apportion(nanos, costs)
        elif elastic:
            rest = apportion(nanos - certain - near, costs[len(hidden) : len(hidden) + len(elastic)])
            paid = [*costs[: len(hidden)], *rest, certain]
        else:
            most = min(nanos - certain, near * _PLAUSIBLE)
            paid = [*(apportion(most, costs[: len(hidden)]) if hidden else []), certain]
        for call, amount in zip(calls, paid, strict=False):
            self.calls[self._places[call.key]] = call._replace(nanos=amount)
        self._unexplained(step, nanos - sum(paid[: len(calls)]))

    def _unexplained(self, step: Step, nanos: int) -> None:
        if nanos:
            call = self._call(step, step.at, "", (0, 0, 0, 0), UNEXPLAINED)
            self.calls[-1] = call._replace(nanos=nanos, model="")


def _counts_before(window: _Window, due: list[Answer], size: int, tenths: int = 10) -> list[Counts]:
    """The counts of the calls before the last of these answers, whose prompt was of this size.

    tenths: what entered a window of unknown size was so many tenths of its estimate.
    """
    outputs = [_written(one) for one in due[:-1]]
    entering = [window.entering, *(output + _given(one.tools) for output, one in zip(outputs, due, strict=False))]
    start = window.size
    if start and size > start:
        entering = apportion(size - start, entering)
    elif not start:
        entering = [entered * tenths // 10 for entered in entering]
        entering[0] = max(0, size - sum(entering[1:]))
    counts = []
    for output, grown in zip(outputs, entering, strict=False):
        counts.append((0, output, grown, start))
        start += grown
    return counts


def _agent_counts(window: _Window, due: list[Answer], tenths: int) -> tuple[list[Counts], _Window]:
    """(the counts of an agent's calls for these answers, its window after them).

    Nothing tells them but what entered: so many tenths of its estimate.
    """
    after = _Window()
    after.size, after.entering = window.size, window.entering
    counts = []
    for one in due:
        size = after.size + after.entering * tenths // 10 if after.size else _AGENT
        counts.append((0, _written(one), size - after.size, after.size))
        after.size, after.entering = size, _written(one) + _given(one.tools)
    return counts, after


def _groupings(due: list[Answer]) -> list[list[Answer]]:
    """The ways in which these may have been fewer answers: first as they are, then the nearest joined, and so on."""
    ways = [due]
    if len(due) > _MANY:
        return ways
    while True:
        last = ways[-1]
        gaps = [
            (after.at - before.over, index)
            for index, (before, after) in enumerate(pairwise(last))
            if not before.ends and not after.ends and after.at - before.over <= _BREATH
        ]
        if not gaps:
            return ways
        _, index = min(gaps)
        ways.append([*last[:index], last[index].joined(last[index + 1]), *last[index + 2 :]])


def _written(one: Answer) -> int:
    """Tokens of an answer, estimated."""
    sizes = [UNTOLD if tool.size_in is None else tool.size_in for tool in one.tools]
    return sum(size * 28 // 100 + 3 for size in sizes) or _TEXT


def _given(tools: list[ToolDone]) -> int:
    """Tokens of what tools gave, estimated."""
    return sum(seen_bytes(tool.tool, tool.size_out) * 28 // 100 + 1 for tool in tools)


def _as_prompt(event: Event) -> Event:
    return event._replace(what="otel/user_prompt", agent="")


def _as_completed(event: Event) -> Event:
    return event._replace(what="otel/subagent_completed")

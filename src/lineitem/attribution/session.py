"""Folds a whole session: its threads, their agents, and what no transcript shows.

In: the sightings of each thread, the requests with their rates, the runs. Out: line items that sum to the
session's bill to the nanodollar, with cache misses, prompts and agents beside them.
"""

from __future__ import annotations

from lineitem.attribution.alike import alike
from lineitem.attribution.items import (
    G_COST,
    G_OUTPUT,
    I_COST,
    I_READ,
    I_UNCACHED,
    I_WRITE1,
    I_WRITE5,
    REMAINDER,
    Item,
    close,
)
from lineitem.attribution.thread import Compacted, Thread
from lineitem.core.rates import Rates, class_costs
from lineitem.core.sightings import ANSWER, COMPACTION, USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Final

    from lineitem.attribution.context import Context
    from lineitem.attribution.misses import Miss
    from lineitem.attribution.prompts import Prompt
    from lineitem.attribution.requests import Request
    from lineitem.attribution.runs import Run
    from lineitem.attribution.weights import Weights
    from lineitem.core.live import ApiCall

    Row = list[Any]

#: What an unpriced request is billed at: its tokens are kept, its cost is unknown.
FREE: Final = Rates("unpriced", 0, 0, 0, 0, 0, 0)


#: Tokens that ask for a summary, and how many more than the window and these are not one summary (2.1.330).
_INSTRUCTION: Final = 1_400
_BESIDE: Final = 6_000


class ThreadFacts:
    """What is known of a thread before it is folded."""

    __slots__ = ("call", "fork", "name", "rows", "type")

    def __init__(self, name: str, rows: list[Row], agent: str = "", call: str = "", fork: bool = False) -> None:
        self.name = name  #: "" the main conversation, else the agent's id
        self.rows = rows
        self.type, self.call, self.fork = agent, call, fork


class Agent:
    """A thread beside the main conversation, and the call that started it."""

    __slots__ = ("call", "nanos", "parent", "requests", "thread", "type")

    def __init__(self, thread: str, kind: str, call: str, parent: str, requests: int, nanos: int) -> None:
        self.thread, self.type, self.call, self.parent = thread, kind, call, parent
        self.requests, self.nanos = requests, nanos


class Folded:
    """The itemised bill of one session. `nanos` is the sum of all items, always."""

    __slots__ = ("agents", "examples", "items", "misses", "nanos", "prompts", "threads")

    def __init__(self) -> None:
        self.items: list[tuple[str, Item]] = []  #: (thread, item)
        self.misses: list[tuple[str, Miss]] = []
        self.prompts: list[Prompt] = []
        self.agents: list[Agent] = []
        self.examples: list[tuple[str, Row, int]] = []  #: (model, shape, measured tokens)
        self.threads: dict[str, Thread] = {}  #: as they stand at the end
        self.nanos = 0


def fold(
    session: str,
    threads: Sequence[ThreadFacts],
    requests: dict[tuple[str, str], Request],
    rates_of: Callable[[Request], Rates | None],
    runs: Sequence[Run],
    rates_at: Callable[[str, int], Rates | None],
    within: Callable[[int], bool] | None = None,
    weights: Callable[[str], Weights] | None = None,
    watch: Callable[[Request, Context, int], None] | None = None,
) -> Folded:
    """The bill of a session. Its threads have no rows any more afterwards: those are most of the memory that it takes.

    requests: every request its files show, owned or not, by (message id, variant).
    rates_of: the rates of a request; None: unpriced.   rates_at: plain rates of a model at a moment.
    watch: called with every request of the main conversation, what it sent, and which prompt it belongs to.
    within: only requests (and runs) at these moments are billed; the others still fill the window.
    """
    folded = Folded()
    visited: set[Request] = set()
    counts = [0] * len(runs)  # compactions of each run
    for row in (row for facts in threads if runs and not facts.name for row in facts.rows if row[0] == COMPACTION):
        index = _run_of(row[4], runs)
        if index >= 0:
            counts[index] += 1
    hidden = [0] * len(runs)  # nanodollars of unlogged requests that were told to be compactions
    made: dict[str, tuple[ThreadFacts, Thread]] = {}
    agents: dict[str, str] = {}
    weighed = alike((facts.rows for facts in threads), weights) if weights is not None else {}
    first = (next((row[5] for row in facts.rows if row[0] == ANSWER), "") for facts in threads if facts.fork)
    forks: dict[str, list[tuple[Item, int]]] = {mid: [] for mid in first}
    for facts in threads:
        synthetic: dict[str, int] = {}
        find = _finder(session, facts.name, requests, rates_of, within, visited)
        summarise = _summariser(facts, runs, counts, hidden, rates_at, within, synthetic)
        inherited = f"agent/{facts.type or 'fork'}/inherited" if facts.fork else ""
        thread = Thread(find, summarise, inherited, weights, None if facts.name else watch, weighed)
        thread.forks = forks
        thread.take(facts.rows)
        facts.rows.clear()
        thread.close()
        for model, nanos in synthetic.items():
            thread.total[model] = thread.total.get(model, 0) + nanos
        made[facts.name] = (facts, thread)
        agents.update(thread.agents)
    for name, (_, thread) in made.items():
        folded.threads[name] = thread
        _close(folded, name, thread)
        folded.misses += [(name, miss) for miss in thread.misses]
        folded.examples += thread.examples
    _remainders(folded, session, requests, rates_of, within, visited)
    _unlogged(folded, runs, hidden, within)
    if "" in made:
        folded.prompts = made[""][1].prompts
    tell_agents(folded, made, agents)
    return folded


def _finder(
    session: str,
    thread: str,
    requests: dict[tuple[str, str], Request],
    rates_of: Callable[[Request], Rates | None],
    within: Callable[[int], bool] | None,
    visited: set[Request],
) -> Callable[[Row], tuple[Request, Rates | None, bool] | None]:
    found: tuple[Request, Rates, bool] | None = None  # of the answer before

    def find(row: Row) -> tuple[Request, Rates | None, bool] | None:
        nonlocal found
        variant = row[6]
        if not variant:
            counts = row[9]
            variant = f"~{session}/{counts[0]}/{counts[2] + counts[3]}/{counts[4]}"
        mid = row[5]
        if found is not None and found[0].variant == variant and found[0].mid == mid:  # another line of that answer
            return found
        request = requests.get((mid, variant))
        if request is None:
            return None
        pays = bool(request.counted) and request.session == session and request.thread == thread
        if pays:
            pays = request not in visited
            visited.add(request)
            if within is not None and not within(request.at):
                pays = False
        found = request, rates_of(request) or FREE, pays
        return found

    return find


def _run_of(at: int, runs: Sequence[Run]) -> int:
    """The run that a moment belongs to: the first that ends after it; -1: none."""
    return next((index for index, run in enumerate(runs) if run.at >= at), -1)


def _summariser(
    facts: ThreadFacts,
    runs: Sequence[Run],
    counts: list[int],
    hidden: list[int],
    rates_at: Callable[[str, int], Rates | None],
    within: Callable[[int], bool] | None,
    synthetic: dict[str, int],
) -> Callable[[int, int], Compacted | None]:
    """Finds the unlogged request that wrote a summary among what a run's total has too much."""

    def summarise(at: int, window: int) -> Compacted | None:
        if facts.name:
            return None
        index = _run_of(at, runs)
        if index < 0 or (within is not None and not within(runs[index].at)):
            return None
        run, share = runs[index], max(1, counts[index])
        best: tuple[int, str, list[int]] | None = None
        for model, row in run.missing.items():
            tokens = [max(0, count) // share for count in row]
            prompt = tokens[0] + tokens[2] + tokens[3] + tokens[4]
            if tokens[1] and prompt * 10 >= window * 6:  # whoever wrote a summary wrote something
                distance = abs(prompt - window)
                if best is None or distance < best[0]:
                    best = (distance, model, tokens)
        if best is None:
            return None
        _, model, tokens = best
        if tokens[0] + tokens[2] + tokens[3] + tokens[4] > window + _BESIDE:
            _trim(tokens, window + _INSTRUCTION)
        tokens[5] = 0
        rates = rates_at(model, run.at)
        if rates is None:
            return None
        cost = sum(class_costs(rates, tokens[0], tokens[2], tokens[3], tokens[4], tokens[1], 0))
        if cost > run.beyond - hidden[index]:
            return None
        hidden[index] += cost
        synthetic[model] = synthetic.get(model, 0) + cost
        return Compacted(model, rates, tokens)

    return summarise


def _trim(tokens: list[int], most: int) -> None:
    """Leave at most this many prompt tokens: more is not one summary but helpers beside it."""
    excess = tokens[0] + tokens[2] + tokens[3] + tokens[4] - most
    for place in (4, 2, 3, 0):  # helpers read the same cache; what is written or new is the summary's
        if excess <= 0:
            return
        gone = min(excess, tokens[place])
        tokens[place] -= gone
        excess -= gone


def _close(folded: Folded, name: str, thread: Thread) -> None:
    by_model: dict[str, list[Item]] = {}
    for item in thread.items:
        by_model.setdefault(item.model, []).append(item)
    for model, total in thread.total.items():
        items = by_model.get(model)
        if not items or not any(any(item.sums) for item in items):
            if not total:
                continue
            item = Item("remainder", "", model, REMAINDER, 0, 0)
            item.sums[I_COST] = total
            folded.items.append((name, item))
            by_model.pop(model, None)
            continue
        close(items, total)
    for model, items in by_model.items():
        if model not in thread.total:
            close(items, 0)
        folded.items += [(name, item) for item in items if any(item.sums)]


def _remainders(
    folded: Folded,
    session: str,
    requests: dict[tuple[str, str], Request],
    rates_of: Callable[[Request], Rates | None],
    within: Callable[[int], bool] | None,
    visited: set[Request],
) -> None:
    """Requests of the session that no thread shows: advisors, and answers whose transcript is gone."""
    made: dict[tuple[str, str, str], Item] = {}
    for request in requests.values():
        if request in visited or request.session != session or not request.counted:
            continue
        if within is not None and not within(request.at):
            continue
        cause = "reply/advisor" if "#" in request.mid else "remainder"
        where = (request.thread, cause, request.model)
        item = made.get(where)
        if item is None:
            item = made[where] = Item(cause, "", request.model, REMAINDER, request.at, 0)
            folded.items.append((request.thread, item))
        sums = item.sums
        sums[I_UNCACHED] += request.uncached
        sums[I_WRITE5] += request.write5
        sums[I_WRITE1] += request.write1
        sums[I_READ] += request.read
        sums[G_OUTPUT] += request.output
        rates = rates_of(request)
        if rates is None:
            continue
        *prompt, output, searches = request.costs(rates)
        sums[I_COST] += sum(prompt) + searches
        sums[G_COST] += output


def _unlogged(folded: Folded, runs: Sequence[Run], hidden: Sequence[int], within: Callable[[int], bool] | None) -> None:
    for run, told in zip(runs, hidden):
        rest = run.beyond - told
        if rest and (within is None or within(run.at)):
            item = Item("unlogged", "", "", REMAINDER, run.at, 0)
            item.sums[I_COST] = rest
            folded.items.append(("", item))


def name_unlogged(folded: Folded, calls: Sequence[ApiCall], ends: Sequence[int]) -> None:
    """Give what is unlogged the names of the calls it was, as far as telemetry reported them; sums stay.

    calls: those that no transcript shows, earliest first. ends: when each run ended.
    """
    for _, item in list(folded.items):
        if item.cause != "unlogged":
            continue
        began = max((end for end in ends if end < item.at), default=0)
        for call in calls:
            cost = call.nanos or 0
            if not (began < call.at <= item.at and 0 < cost <= item.sums[I_COST]):
                continue
            named = Item(f"unlogged/{call.source}", "", call.model, REMAINDER, call.at, 0)
            named.sums[I_COST] = cost
            item.sums[I_COST] -= cost
            folded.items.append(("", named))
    folded.items = [(thread, item) for thread, item in folded.items if item.cause != "unlogged" or item.sums[I_COST]]


def tell_agents(
    folded: Folded,
    made: dict[str, tuple[ThreadFacts, Thread]],
    agents: dict[str, str],
) -> None:
    """Add the sum to a bill whose items are complete, its agents, and what they spent to the prompts that led to them.

    made: threads by name.   agents: agent id -> the call that started it.
    """
    calls = _starts(made, agents)
    spent: dict[str, int] = {}
    for name, item in folded.items:
        spent[name] = spent.get(name, 0) + item.nanos
    folded.nanos = sum(spent.values())
    by_thread: dict[str, Agent] = {}
    for name, (facts, thread) in made.items():
        if not name:
            continue
        call = facts.call or agents.get(name, "")
        parent = calls[call][0] if call in calls else ""
        agent = Agent(name, facts.type, call, parent, thread.requests, spent.get(name, 0))
        by_thread[name] = agent
        folded.agents.append(agent)
    for agent in folded.agents:
        top, seen = agent, set[str]()
        while top.parent in by_thread and top.thread not in seen:
            seen.add(top.thread)
            top = by_thread[top.parent]
        caller, prompt = calls.get(top.call, ("?", 0))
        if not caller and 0 < prompt <= len(folded.prompts):
            folded.prompts[prompt - 1].agents += agent.nanos


def _starts(made: dict[str, tuple[ThreadFacts, Thread]], agents: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Calls that started agents -> (the thread that made it, its prompt)."""
    started = {facts.call or agents.get(name, "") for name, (facts, _) in made.items() if name}
    found: dict[str, tuple[str, int]] = {}
    for name, (_, thread) in made.items():
        for call in started:
            if call in thread.calls:
                found.setdefault(call, (name, thread.calls[call][1]))
    return found


def split_threads(rows: Iterable[Row], name: str) -> dict[str, list[Row]]:
    """The rows of one file by thread: old transcripts hold agents inline."""
    threads: dict[str, list[Row]] = {name: []}
    own = threads[name]
    for row in rows:
        extra: Any = row[10] if row[0] == ANSWER else row[8] if row[0] == USER else None
        if extra and "th" in extra:
            threads.setdefault(extra["th"], []).append(row)
        else:
            own.append(row)
    return threads

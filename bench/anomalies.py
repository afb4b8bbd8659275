"""How many planted spikes the anomaly rule finds, and how often it cries wolf: `python -m bench.anomalies`.

In:   a number of histories, a seed.
Out:  per rule: false alarms per 1,000 calls, and by spike size the share that was found.
Holds always: a history is made from its seed alone; every rule sees the same calls in the same order.

A history is a few thousand calls of 14 task types in two to four projects on two models. Each type has its own
distribution: lognormal, Pareto, or a lognormal body with a Pareto tail. Each project scales it, a third of the types
drift to the double or the half, sizes swing by a quarter over the day, nights are quiet, and types come as often as
Zipf's law says, so that some are rare. What a call costs follows from its tokens: those that the model wrote (most of
an edit, a few of a read; their number varies by itself) cost four times as much as those of the result, a cache of an
hour makes these dearer in one session of four, and the models have prices of their own. A spike of size k is a call
that takes k times the true 99th percentile of its own type in its own project at that moment; one call in some 250 is
replaced by one, where its type was seen at least `KNOWN` times in the project. Every alarm on a call that was not
replaced is a false one, also where chance drew it as large as a spike, and also one by the guard for types that are
hardly known.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from lineitem.insights.anomalies import RULES as ANOMALIES
from lineitem.insights.anomalies import Anomalies
from lineitem.insights.baselines import Baseline
from lineitem.insights.seen import CallSeen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

CALLS = 3_000
SPIKES = 12
SIZES = (2, 3, 5, 10, 30)
#: From this size on it counts as a spike in the summary.
SPIKE = 5
KNOWN = 20
#: Task types by how often they come.
TASKS = (
    ("Bash", "git status"), ("Read", "a.py"), ("Edit", "a.py"), ("Bash", "pytest -q"), ("Grep", "x"), ("Read", "a.md"),
    ("Bash", "npm test"), ("Glob", "*.py"), ("Agent", "Explore"), ("WebFetch", "docs.example.org"),
    ("mcp__shop__find", ""), ("Bash", "cat"), ("Write", "a.ts"), ("Agent", "reviewer"),
)  # fmt: skip
#: Tools most of whose tokens are written by the model.
WRITING = {"Edit", "Write"}
#: Nanodollars of a token: written by the model, of a result, and of one for the cache of an hour.
PRICES = {"model-a": (25_000, 6_250, 10_000), "model-b": (15_000, 3_750, 6_000)}
_HOUR = 3_600_000


class Told(NamedTuple):
    """A call of a history, and how large a spike it is; 0: as chance drew it."""

    call: CallSeen
    spike: int


class Sizes:
    """The true distribution of one task type, before project, drift and hour."""

    def __init__(self, chance: random.Random) -> None:
        self.form = chance.choice(("lognormal", "lognormal", "pareto", "mixed", "mixed"))
        self.median = math.exp(chance.uniform(math.log(80), math.log(4_000)))
        self.sigma = chance.uniform(0.4, 1.3)
        self.alpha = chance.uniform(1.6, 3.0)
        self.tail = chance.uniform(0.03, 0.15)
        self.drift = chance.choice((0, 0, 0, 0, math.log(2), -math.log(2)))
        self.p99 = sorted(self.draw(chance) for _ in range(10_000))[9_900]

    def draw(self, chance: random.Random) -> float:
        if self.form == "pareto":
            return self.median / 2 ** (1 / self.alpha) * chance.paretovariate(self.alpha)
        if self.form == "mixed" and chance.random() < self.tail:
            return self.median * 2 * chance.paretovariate(self.alpha)
        sigma = self.sigma if self.form == "lognormal" else self.sigma * 0.7
        return self.median * math.exp(chance.gauss(0, sigma))


class Bill:
    """What the calls of one history cost. It has chance of its own: the tokens stay those of the seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(~seed)
        self.hourly: dict[str, bool] = {}

    def nanos(self, tool: str, model: str, session: str, tokens: int) -> int:
        lesser = min(tokens - 1, int(self.chance.lognormvariate(math.log(100), 0.8)))
        written = tokens - lesser if tool in WRITING else lesser
        output, five_minutes, hour = PRICES[model]
        hourly = self.hourly.setdefault(session, self.chance.random() < 0.25)
        return written * output + (tokens - written) * (hour if hourly else five_minutes)


def history(seed: int, calls: int = CALLS, spikes: int = SPIKES) -> Iterator[Told]:
    """The calls of one seed, earliest first."""
    chance = random.Random(seed)
    tasks = [(tool, target, Sizes(chance)) for tool, target in TASKS]
    often = list(accumulate(1 / (rank + 1) ** 1.1 for rank in range(len(tasks))))
    projects = [f"project-{number}" for number in range(chance.randint(2, 4))]
    scales = {(project, at): math.exp(chance.gauss(0, 0.4)) for project in projects for at in range(len(tasks))}
    weights = [chance.random() + 0.1 for _ in projects]
    places = set(chance.sample(range(calls // 6, calls), spikes))
    seen = dict.fromkeys(scales, 0)
    bill = Bill(seed)
    now = waiting = 0
    for index in range(calls):
        hour = now / _HOUR % 24
        now += 1 + int(chance.expovariate(1 / (20_000 if 8 <= hour < 20 else 120_000)))
        project = chance.choices(projects, weights)[0]
        rank = bisect_right(often, chance.random() * often[-1])
        tool, target, sizes = tasks[rank]
        factor = scales[project, rank] * math.exp(sizes.drift * index / calls)
        factor *= 1 + 0.25 * math.sin(hour / 12 * math.pi)
        value, spike = sizes.draw(chance), 0
        model = "model-b" if chance.random() < 0.2 else "model-a"
        waiting += index in places
        if waiting and seen[project, rank] >= KNOWN:
            waiting -= 1
            spike = chance.choice(SIZES)
            value = sizes.p99 * spike
        seen[project, rank] += 1
        session = f"{project}/{now // (4 * _HOUR)}"
        tokens = max(1, int(value * factor))
        nanos = bill.nanos(tool, model, session, tokens)
        call = CallSeen(session, project, model, tool, target, now, f"call-{index}", tokens=tokens, nanos=nanos)
        yield Told(call, spike)


def ours() -> Callable[[CallSeen], bool]:
    """The rules of `lineitem.insights.anomalies`; what falls into a cooldown is kept as well, and counts."""
    anomalies = Anomalies()
    return lambda call: anomalies.take(call) is not None


def ours_told() -> Callable[[CallSeen], bool]:
    """The same, but only what is worth a message."""
    anomalies = Anomalies()

    def alarms(call: CallSeen) -> bool:
        found = anomalies.take(call)
        return found is not None and not found.again

    return alarms


def one_measure(measure: str) -> Callable[[], Callable[[CallSeen], bool]]:
    """The same with tokens or money alone."""

    def rule() -> Callable[[CallSeen], bool]:
        anomalies = Anomalies({measure: ANOMALIES[measure]})
        return lambda call: anomalies.take(call) is not None

    return rule


def plain_z(threshold: float = 2.0, width: int = 20, fewest: int = 5) -> Callable[[CallSeen], bool]:
    """The usual rule: mean and deviation per tool over the last 20, a call among them, deviation at least 100."""
    baselines: dict[str, Baseline] = {}

    def alarms(call: CallSeen) -> bool:
        baseline = baselines.setdefault(call.tool, Baseline(width))
        tokens = call.tokens or 0
        baseline.add(tokens)
        mean, deviation = baseline.moments.mean(), baseline.moments.deviation()
        if len(baseline) < fewest or mean is None or deviation is None:
            return False
        return (tokens - mean) / max(deviation, 100) > threshold

    return alarms


RULES: dict[str, Callable[[], Callable[[CallSeen], bool]]] = {
    "lineitem": ours,
    "  told at once": ours_told,
    "  tokens alone": one_measure("tokens"),
    "  cost alone": one_measure("nanos"),
    "plain z > 2": plain_z,
    "plain z > 3": lambda: plain_z(3.0),
}


class Tally:
    """What one rule did over all histories."""

    def __init__(self) -> None:
        self.calls = self.false = 0
        self.planted = dict.fromkeys(SIZES, 0)
        self.found = dict.fromkeys(SIZES, 0)

    def take(self, spike: int, alarm: bool) -> None:
        if spike:
            self.planted[spike] += 1
            self.found[spike] += alarm
        else:
            self.calls += 1
            self.false += alarm

    def false_alarms(self) -> float:
        """Per 1,000 calls."""
        return self.false * 1_000 / max(1, self.calls)

    def recall(self, sizes: Sequence[int]) -> float:
        return sum(self.found[size] for size in sizes) / max(1, sum(self.planted[size] for size in sizes))


def measure(seeds: Sequence[int], rules: Sequence[str] = tuple(RULES)) -> dict[str, Tally]:
    """These rules over the histories of these seeds."""
    tallies = {name: Tally() for name in rules}
    for seed in seeds:
        fresh = [(tallies[name], RULES[name]()) for name in rules]
        for call, spike in history(seed):
            for tally, alarms in fresh:
                tally.take(spike, alarms(call))
    return tallies


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.anomalies", description="Spikes found, and false alarms.")
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=50_000, help="of the first history (default: 50000)")
    options = parser.parse_args()
    tallies = measure(range(options.seed, options.seed + options.histories))
    first = next(iter(tallies.values()))
    planted = " ".join(f"{size}x: {count}" for size, count in first.planted.items())
    print(f"{options.histories} histories of {CALLS:,} calls; planted by size (times the true p99): {planted}")
    heads = " ".join(f"{f'{size}x':>7}" for size in SIZES)
    print(f"{'rule':<16} {'false/1000':>10} {heads} {f'>={SPIKE}x':>7}")
    large = [size for size in SIZES if size >= SPIKE]
    for name, tally in tallies.items():
        shares = " ".join(f"{tally.recall([size]):7.1%}" for size in SIZES)
        print(f"{name:<16} {tally.false_alarms():>10.2f} {shares} {tally.recall(large):7.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Tool calls that took far more than calls of their kind do.

In: finished tool calls, one after the other. Out: a finding for a call whose value (tokens, nanodollars, bytes or
milliseconds) stands out. Always: a call is scored before its value joins any baseline, and what is found joins them
cut down to half the limit: three of them never hide the fourth, yet what is large for good becomes the usual.

The limit is a multiple of the 95th percentile. Sizes of tool results have heavy tails, for which neither a mean nor a
standard deviation settles; a percentile does, on any scale. A call is held against its own kind: the last calls of its
task type in its project on its model. Where these are few, the shape (how far the percentile lies above the median) is
drawn towards that of the same task type in the whole project, and this towards that everywhere; the fewer, the more.
`bench/anomalies.py` measures all this, and what other rules would find.
"""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

from lineitem.insights.baselines import LARGEST, Baseline, load
from lineitem.insights.findings import CRITICAL, NOTICE, WARNING, Finding, hundredths
from lineitem.insights.kept import Kept
from lineitem.insights.tasks import task_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.insights.seen import CallSeen

#: The baselines a call is held against, wide to narrow.
LEVELS = ("all", "project", "model")
#: A wider baseline weighs as much as so many values of the narrower one.
_BORROWED = 60
#: How many baselines are kept: at 200 values each, 15 MB where all are full.
_BASELINES = 3_000
#: A value that stands out joins as at most this many hundredths of the limit.
_JOINS_AT = 50


class Rules(NamedTuple):
    """When a call stands out."""

    fewest: int = 20  #: values of its type there must be
    times: int = 550  #: hundredths: how often the 95th percentile the value exceeds
    least: int = 500  #: what it lies above the median at least: less is not worth a word
    guard: int = 50_000  #: a value that is told even where its type is hardly known
    cooldown: int = 600_000  #: milliseconds per session and task type


#: The rules of each measure.
RULES = {
    "tokens": Rules(),
    "nanos": Rules(least=10_000_000, guard=1_000_000_000),
    "size_out": Rules(least=2_000, guard=200_000),
    "duration": Rules(least=10_000, guard=600_000),
}


class Limit(NamedTuple):
    """What a call had to exceed, and the narrowest baseline it came from."""

    value: int
    level: str
    baseline: Baseline


class Anomalies:
    """Holds each call against what was usual before it, in one measure."""

    __slots__ = ("_baselines", "_told", "measure", "rules", "unknown")

    def __init__(self, measure: str = "tokens", rules: Rules | None = None) -> None:
        self.measure = measure
        self.rules = rules or RULES[measure]
        self.unknown = 0  #: calls whose value is not known: they are neither scored nor learnt from
        self._baselines: Kept[Baseline] = Kept(_BASELINES, Baseline)
        self._told: Kept[list[int]] = Kept(_BASELINES, list)  #: (session, type) -> when, how severe

    def take(self, call: CallSeen) -> Finding | None:
        """Score a call, then learn from it."""
        value = getattr(call, self.measure)
        if type(value) is not int or value < 0:
            self.unknown += 1
            return None
        value = min(value, LARGEST)
        task = task_type(call.tool, call.target)
        baselines = [self._baselines.of(key) for key in _keys(task, call)]
        limit = self.limit(baselines)
        found = self._spike(call, task, value, limit) if limit else self._large(call, task, value)
        joins = min(value, limit.value * _JOINS_AT // 100) if found and limit else value
        for baseline in baselines:
            baseline.add(joins)
        return found

    def limit(self, baselines: Sequence[Baseline]) -> Limit | None:
        """The limit that baselines, wide to narrow, set; None: all of them hold too few values."""
        shape, found = 0.0, None
        for level, baseline in zip(LEVELS, baselines, strict=True):
            count = len(baseline)
            if count < self.rules.fewest:
                break  # a narrower one holds no more
            median = (baseline.median() or 0) + 1
            own = log(((baseline.high() or 0) + 1) / median)
            shape = (count * own + _BORROWED * shape) / (count + _BORROWED) if found else own
            usual = median * exp(shape) * self.rules.times / 100
            found = Limit(max(int(usual), median - 1 + self.rules.least), level, baseline)
        return found

    def _spike(self, call: CallSeen, task: str, value: int, limit: Limit) -> Finding | None:
        if value <= limit.value:
            return None
        score = hundredths(value, limit.value)
        severity = CRITICAL if score >= 1000 else WARNING if score >= 300 else NOTICE
        if value < self.rules.guard:
            severity = min(severity, WARNING)
        baseline = limit.baseline
        found = self._finding("spike", severity, call, task, value, limit.value)
        scores = (("z", baseline.moments.score(value)), ("robust", baseline.robust_score(value)))
        return found._replace(
            usual=baseline.median(),
            spread=baseline.spread(),
            values=len(baseline),
            level=limit.level,
            facts=tuple((name, score) for name, score in scores if score is not None),
        )

    def _large(self, call: CallSeen, task: str, value: int) -> Finding | None:
        if value < self.rules.guard:
            return None
        severity = WARNING if value >= 4 * self.rules.guard else NOTICE
        return self._finding("large", severity, call, task, value, self.rules.guard)

    def _finding(self, rule: str, severity: int, call: CallSeen, task: str, value: int, limit: int) -> Finding:
        again = self._again((call.session, task), call.at, severity)
        return Finding(
            rule, severity, call.session, call.project, call.at, task, self.measure, value, limit,
            score=hundredths(value, limit), call=call.call, agent=call.agent, model=call.model, again=again,
        )  # fmt: skip

    def _again(self, key: tuple[str, str], at: int, severity: int) -> bool:
        """Whether one that was no milder was told of this session and type a short while ago."""
        told = self._told.known(key)
        if told and 0 <= at - told[0] < self.rules.cooldown and severity <= told[1]:
            return True
        self._told.put(key, [at, severity])
        return False

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON; `load` takes it up again."""
        return {
            "measure": self.measure,
            "unknown": self.unknown,
            "baselines": [[key, baseline.row()] for key, baseline in self._baselines.items()],
            "told": [[key, told] for key, told in self._told.items()],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave; of another measure, nothing."""
        if state.get("measure") != self.measure:
            return
        self.unknown = state["unknown"]
        for key, row in state["baselines"]:
            self._baselines.put(tuple(key), load(row))
        for key, told in state["told"]:
            self._told.put(tuple(key), told)


def _keys(task: str, call: CallSeen) -> tuple[tuple[str, ...], ...]:
    """Where a call's value is learnt, wide to narrow as `LEVELS`."""
    return (task,), (task, call.project), (task, call.project, call.model)

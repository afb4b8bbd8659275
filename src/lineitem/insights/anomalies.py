"""Tool calls that took far more than calls of their kind do.

In: finished tool calls, one after the other. Out: one finding for a call that took far more tokens, or cost far more,
than usual. Always: a call is scored before its value joins any baseline, and what is found joins them cut down to half
the limit: three of them never hide the fourth, yet what is large for good becomes the usual.

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
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from lineitem.insights.seen import CallSeen

    #: A task type, and what narrows it: project, model.
    Key = tuple[str, ...]
    #: (measure, key) -> the row of a baseline that was kept; None where none was
    Recall = Callable[[str, Key], list[int] | None]

#: The baselines a call is held against, wide to narrow.
LEVELS = ("all", "project", "model")
#: A wider baseline weighs as much as so many values of the narrower one.
_BORROWED = 60
#: How many baselines are kept: at 200 values each, 15 MB where all are full.
_BASELINES = 3_000
#: Of what was told so many are remembered over rounds: ten minutes hold fewer.
_TOLD = 500
#: A value that stands out joins as at most this many hundredths of the limit.
_JOINS_AT = 50
#: Milliseconds per session and task type, whatever the measure.
_COOLDOWN = 600_000


class Rules(NamedTuple):
    """When a call stands out."""

    fewest: int = 20  #: values of its type there must be
    times: int = 580  #: hundredths: how often the 95th percentile the value exceeds
    least: int = 500  #: what it lies above the median at least: less is not worth a word
    guard: int = 50_000  #: a value that is told even where its type is hardly known


#: The rules of each measure. The cost of a call mostly follows its tokens: to be found for it alone takes more.
RULES = {
    "tokens": Rules(),
    "nanos": Rules(times=800, least=10_000_000, guard=1_000_000_000),
}


class Limit(NamedTuple):
    """What a call had to exceed, and the narrowest baseline it came from."""

    value: int
    level: str
    baseline: Baseline


class Anomalies:
    """Holds each call against what was usual before it, in each measure.

    Baselines are many, and a few calls touch few of them: `recall` gives the row of one that was kept, `learnt` those
    that are new or changed.
    """

    __slots__ = ("_learnt", "_recall", "_told", "_touched", "rules")

    def __init__(self, rules: Mapping[str, Rules] | None = None, recall: Recall | None = None) -> None:
        self.rules = rules or RULES
        self._recall = recall
        self._touched: dict[tuple[str, Key], None] = {}
        self._learnt: dict[str, Kept[Baseline]] = {name: Kept(_BASELINES, Baseline) for name in self.rules}
        self._told: Kept[list[int]] = Kept(_BASELINES, list)  #: (session, type) -> when, how severe

    def take(self, call: CallSeen) -> Finding | None:
        """Score a call in every measure it is known in, then learn from it; of several findings the most severe."""
        task = task_type(call.tool, call.target)
        found = [finding for measure in self.rules if (finding := self._score(call, task, measure)) is not None]
        if not found:
            return None
        worst = max(found, key=_severity)  # of equals the first: tokens
        return worst._replace(again=self._again((call.session, task), call.at, worst.severity))

    def _score(self, call: CallSeen, task: str, measure: str) -> Finding | None:
        value = getattr(call, measure)
        if value is None or value < 0:
            return None  # not known: neither scored nor learnt from
        value = min(value, LARGEST)
        rules = self.rules[measure]
        baselines = [self._baseline(measure, key) for key in _keys(task, call)]
        limit = limit_of(baselines, rules)
        found = _spike(call, task, measure, value, limit, rules) if limit else _large(call, task, measure, value, rules)
        joins = min(value, limit.value * _JOINS_AT // 100) if found and limit else value
        for baseline in baselines:
            baseline.add(joins)
        return found

    def _baseline(self, measure: str, key: Key) -> Baseline:
        """What is usual for a key; it is about to learn."""
        learnt = self._learnt[measure]
        if self._recall is not None and learnt.known(key) is None and (row := self._recall(measure, key)):
            learnt.put(key, load(row))
        self._touched[measure, key] = None
        return learnt.of(key)

    def _again(self, key: tuple[str, str], at: int, severity: int) -> bool:
        """Whether one that was no milder was told of this session and type a short while ago."""
        told = self._told.known(key)
        if told and 0 <= at - told[0] < _COOLDOWN and severity <= told[1]:
            return True
        self._told.put(key, [at, severity])
        return False

    def learnt(self) -> Iterator[tuple[str, Key, list[int]]]:
        """(measure, key, row) of the baselines that learnt something; from here on they count as kept."""
        touched, self._touched = self._touched, {}
        for measure, key in touched:
            baseline = self._learnt[measure].known(key)
            if baseline is not None:
                yield measure, key, baseline.row()

    def state(self) -> dict[str, Any]:
        """What was told a short while ago, as JSON; `load` takes it up again."""
        return {"told": [[key, told] for key, told in list(self._told.items())[-_TOLD:]]}

    def load(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave; older states hold the baselines too, of one measure or of several."""
        given = state.get("baselines", {})
        for measure, rows in ({state["measure"]: given} if "measure" in state else given).items():
            for key, row in rows if measure in self._learnt else ():
                self._learnt[measure].put(tuple(key), load(row))
                self._touched[measure, tuple(key)] = None
        for key, told in state["told"]:
            self._told.put(tuple(key), told)


def limit_of(baselines: Sequence[Baseline], rules: Rules) -> Limit | None:
    """The limit that baselines, wide to narrow, set; None: all of them hold too few values."""
    shape, found = 0.0, None
    for level, baseline in zip(LEVELS, baselines, strict=True):
        count = len(baseline)
        if count < rules.fewest:
            break  # a narrower one holds no more
        median = (baseline.median() or 0) + 1
        own = log(((baseline.high() or 0) + 1) / median)
        shape = (count * own + _BORROWED * shape) / (count + _BORROWED) if found else own
        usual = median * exp(shape) * rules.times / 100
        found = Limit(max(int(usual), median - 1 + rules.least), level, baseline)
    return found


def _spike(call: CallSeen, task: str, measure: str, value: int, limit: Limit, rules: Rules) -> Finding | None:
    if value <= limit.value:
        return None
    score = hundredths(value, limit.value)
    severity = CRITICAL if score >= 1000 else WARNING if score >= 300 else NOTICE
    if value < rules.guard:
        severity = min(severity, WARNING)
    baseline = limit.baseline
    found = _finding("spike", severity, call, task, measure, value, limit.value)
    scores = (("z", baseline.moments.score(value)), ("robust", baseline.robust_score(value)))
    return found._replace(
        usual=baseline.median(),
        spread=baseline.spread(),
        values=len(baseline),
        level=limit.level,
        facts=(*found.facts, *((name, score) for name, score in scores if score is not None)),
    )


def _large(call: CallSeen, task: str, measure: str, value: int, rules: Rules) -> Finding | None:
    if value < rules.guard:
        return None
    severity = WARNING if value >= 4 * rules.guard else NOTICE
    return _finding("large", severity, call, task, measure, value, rules.guard)


def _finding(rule: str, severity: int, call: CallSeen, task: str, measure: str, value: int, limit: int) -> Finding:
    return Finding(
        rule, severity, call.session, call.project, call.at, task, measure, value, limit,
        score=hundredths(value, limit), call=call.call, agent=call.agent, model=call.model,
        facts=() if call.nanos is None else (("nanos", call.nanos),),
    )  # fmt: skip


def _severity(finding: Finding) -> int:
    return finding.severity


def _keys(task: str, call: CallSeen) -> tuple[tuple[str, ...], ...]:
    """Where a call's value is learnt, wide to narrow as `LEVELS`."""
    return (task,), (task, call.project), (task, call.project, call.model)

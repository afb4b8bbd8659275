"""Money that goes faster than usual.

In: payments, one after the other. Out: a finding when a session spends more in five minutes than it and its project
usually do. Always: the five minutes are those of the clock, and what was spent in them so far is held against what
whole ones usually cost, so nothing is extrapolated.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.insights.baselines import Baseline, load
from lineitem.insights.findings import CRITICAL, NOTICE, WARNING, Finding, hundredths
from lineitem.insights.kept import Kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.insights.seen import SpendSeen

_MINUTES = 5
_SPAN = _MINUTES * 60_000
_WATCHED = 1_000


class SlopeRules(NamedTuple):
    """When spending is steep. Money is nanodollars in five minutes."""

    times: int = 4  #: as much as the median
    least: int = 1_000_000_000  #: and at least this
    guard: int = 10_000_000_000  #: steep where nothing is usual yet
    own: int = 6  #: spans with spending that a session needs to have a usual
    project: int = 20  #: spans that a project needs


class _Span:
    """What one session spent in the five minutes under way."""

    __slots__ = ("baseline", "nanos", "number", "told", "told_in")

    def __init__(
        self, number: int = -1, nanos: int = 0, told: int = -1, told_in: int = -2, usual: Sequence[int] = ()
    ) -> None:
        self.number = number  #: of the span under way
        self.nanos = nanos
        self.told = told  #: severity that was found in this span
        self.told_in = told_in  #: the last span with a finding
        self.baseline = load(usual) if usual else Baseline()

    def row(self) -> list[Any]:
        """What `_Span(*row)` makes again."""
        return [self.number, self.nanos, self.told, self.told_in, self.baseline.row()]


class Slope:
    """Holds each session's spending against its own past and its project's."""

    __slots__ = ("_projects", "_sessions", "rules")

    def __init__(self, rules: SlopeRules | None = None) -> None:
        self.rules = rules or SlopeRules()
        self._sessions: Kept[_Span] = Kept(_WATCHED, _Span)
        self._projects: Kept[Baseline] = Kept(_WATCHED, Baseline)

    def take(self, spend: SpendSeen) -> Finding | None:
        """Something was paid. One that comes late, after its five minutes, counts into those under way."""
        if spend.nanos is None or spend.nanos < 0:
            return None  # what is found without it is too low, never too high
        span = self._sessions.of(spend.session)
        project = self._projects.of(spend.project)
        number = spend.at // _SPAN
        if number > span.number:
            _close(span, project)
            span.number, span.nanos, span.told = number, 0, -1
        span.nanos += spend.nanos
        usual, level = self._usual(span, project)
        limit = self.rules.guard if usual is None else max(self.rules.least, usual * self.rules.times)
        score = hundredths(span.nanos, limit)
        severity = CRITICAL if score >= 400 else WARNING if score >= 200 else NOTICE
        if score < 100 or severity <= span.told:
            return None
        again = span.told < 0 and span.told_in == number - 1 and severity < CRITICAL
        span.told, span.told_in = severity, number
        baseline = span.baseline if level == "session" else project
        return Finding(
            "slope", severity, spend.session, spend.project, spend.at, "", "nanos", span.nanos, limit, usual,
            baseline.spread() if usual is not None else None, len(baseline) if usual is not None else 0, score, level,
            again=again, facts=(("minutes", _MINUTES),),
        )  # fmt: skip

    def _usual(self, span: _Span, project: Baseline) -> tuple[int | None, str]:
        """The larger of the two medians, and whose it is; None: neither is known yet."""
        own = span.baseline.median() if len(span.baseline) >= self.rules.own else None
        theirs = project.median() if len(project) >= self.rules.project else None
        if own is None or (theirs is not None and theirs > own):
            return theirs, "project" if theirs is not None else ""
        return own, "session"

    def state(self) -> dict[str, Any]:
        """What projects usually spend, and what the sessions at work did and are doing, as JSON."""
        return {
            "projects": [[project, baseline.row()] for project, baseline in self._projects.items()],
            "sessions": [[session, *span.row()] for session, span in self._sessions.latest()],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave; what was written before sessions were holds none."""
        for project, row in state["projects"]:
            self._projects.put(project, load(row))
        for session, *row in state.get("sessions", ()):
            self._sessions.put(session, _Span(*row))


def _close(span: _Span, project: Baseline) -> None:
    """The five minutes are over: they join both baselines as they were, for no single one moves a median far."""
    if span.number >= 0 and span.nanos:
        span.baseline.add(span.nanos)
        project.add(span.nanos)

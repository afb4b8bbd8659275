"""Budgets as notices: a mark is passed, or the period will likely end above the limit.

In: how budgets stand, and where their periods will end. Out: notices; the same mark of the same period always has the
same key, so it is told once. Of several marks only the highest that is passed is told.
"""

from __future__ import annotations

from lineitem.alerts.notice import CRITICAL, WARNING, Notice
from lineitem.core.budgets import FULL, NANOS, SESSION, share
from lineitem.core.periods import DAY_MS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.insights.forecast import Forecast
    from lineitem.reports.budgets import Standing


def passed_notice(standing: Standing, now: int) -> Notice | None:
    """The highest mark that is passed; None where none is."""
    if not standing.passed:
        return None
    budget, mark = standing.budget, standing.passed[-1]
    key = f"budget/{budget.name}/{budget.since}/{_period(standing, now)}/{mark}"
    figures = {"used": share(standing.used, budget.limit), **_amounts(standing, standing.used)}
    severity = CRITICAL if mark >= FULL else WARNING
    return Notice(key, "budget", severity, now, f"budget/{budget.name}", figures, _names(standing))


def forecast_notice(standing: Standing, end: Forecast | None, now: int) -> Notice | None:
    """That the period will likely end above the limit, while it is not passed yet."""
    budget = standing.budget
    if end is None or standing.exceeded or end.expected <= budget.limit:
        return None
    key = f"forecast/{budget.name}/{budget.since}/{standing.period.start}"
    low, high = ("low", "high") if budget.unit == NANOS else ("low_tokens", "high_tokens")
    figures = {**_amounts(standing, end.expected), low: end.low, high: end.high}
    return Notice(key, "forecast", WARNING, now, f"forecast/{budget.name}", figures, _names(standing))


def _period(standing: Standing, now: int) -> str:
    """What tells this period from the next. A rolling window has a new one every day."""
    if standing.budget.period == SESSION:
        return standing.session
    return str(now // DAY_MS) if standing.budget.rolling else str(standing.period.start)


def _amounts(standing: Standing, amount: int) -> dict[str, int | None]:
    names = ("nanos", "limit") if standing.budget.unit == NANOS else ("tokens", "limit_tokens")
    return dict(zip(names, (amount, standing.budget.limit), strict=True))


def _names(standing: Standing) -> dict[str, str]:
    named = {"budget": standing.budget.name}
    return {**named, "session": standing.session} if standing.session else named

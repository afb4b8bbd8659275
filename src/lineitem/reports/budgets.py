"""How budgets stand: what is used of each now, and what was used of it before.

Always: what is used is the ledger's own sum of the budget's scope and period, nothing is counted on the side.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core import budgets
from lineitem.core.budgets import NANOS, Budget, Held, Period
from lineitem.core.periods import DAY_MS, QUARTER_MS, day_label, days_of, iso
from lineitem.insights.forecast import LONGEST
from lineitem.ledger import budgets as kept
from lineitem.reports.by_day import ByDay
from lineitem.reports.forecast import outlook
from lineitem.reports.query import Query
from lineitem.reports.shapes import MONEY, SHARE, TEXT, TOKENS, Column, Table, dollars
from lineitem.reports.spending import OF_LINES, Spending, Spent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from lineitem.core.periods import Zone
    from lineitem.insights.forecast import Forecast
    from lineitem.ledger.store import Ledger

#: A budget for each session looks at the sessions that were active so lately (milliseconds).
_ACTIVE = 86_400_000
#: Periods of a history.
PAST = 12


class Standing(NamedTuple):
    """A budget in one of its periods. Where it is for each session, the session that used the most of it."""

    budget: Budget
    period: Period
    spent: Spent
    session: str = ""
    over: Mapping[str, int] = {}  #: of a budget for each session: what those used that are above the limit

    @property
    def used(self) -> int:
        """In the budget's own unit."""
        return self.spent.nanos if self.budget.unit == NANOS else self.spent.tokens

    @property
    def passed(self) -> tuple[int, ...]:
        return budgets.passed(self.used, self.budget.limit, self.budget.warn)

    @property
    def exceeded(self) -> bool:
        return self.used > self.budget.limit


def in_force(ledger: Ledger) -> list[Budget]:
    """The budgets a person has made, by name."""
    return [budgets.decoded(name, since, body) for name, since, body in kept.in_force(ledger)]


def standing(budget: Budget, spending: Spending, zone: Zone, now: int) -> Standing:
    """A budget as it is used now."""
    period = budgets.current(budget, zone, now)
    if budget.period != budgets.SESSION:
        return Standing(budget, period, spending.total(budget.scope, *period))
    active = spending.active(now - _ACTIVE)
    each = [
        Standing(budget, period, spent, session)
        for session, spent in spending.by_session(budget.scope, *period).items()
        if session in active
    ]
    worst = max(each, key=lambda one: (one.used, one.session), default=Standing(budget, period, Spent()))
    return worst._replace(over={one.session: one.used for one in each if one.exceeded})


def ahead(budget: Budget, spending: Spending, zone: Zone, now: int) -> Forecast | None:
    """Where the period of a budget will end, in the budget's unit.

    None where too little is known, and for what has no end in sight: rolling windows, days, sessions.
    """
    if budget.period not in (budgets.WEEK, budgets.MONTH):
        return None
    period, query = budgets.current(budget, zone, now), Query(zone, now)
    days = ByDay()
    for at, spent in spending.by_quarter(budget.scope, min(period.start, now - LONGEST * DAY_MS), now + QUARTER_MS):
        days.add(days_of(*zone.date(at)), at, spent.nanos if budget.unit == NANOS else spent.tokens)
    first, end = (days_of(*zone.date(at)) for at in period)
    told = outlook(days, query, first, end, days_of(*zone.date(now)))
    if told is None or not budget.scope.dimensions & OF_LINES:
        return told
    # a session over the period's beginning is divided by what is usual in it; what is used is known exactly
    more = standing(budget, spending, zone, now).used - told.spent
    return told._replace(spent=told.spent + more, expected=told.expected + more, low=told.low + more,
                         high=told.high + more)  # fmt: skip


def held(found: Standing, zone: Zone) -> Held | None:
    """A budget that is used up; None where something is left of it."""
    if not found.exceeded:
        return None
    during = "this session" if found.budget.period == budgets.SESSION else _during(found, zone)
    return Held(found.budget, found.used, during, found.over)


def status(found: Iterable[Standing], ends: Mapping[str, Forecast | None], zone: Zone) -> Table:
    """How budgets stand now, and where their periods will end."""
    rows = [{**_row(each, zone), **_end(each.budget, ends.get(each.budget.name))} for each in found]
    columns = [
        Column("name", "Budget", TEXT),
        Column("scope", "Of", TEXT, wide=True),
        Column("during", "Period", TEXT),
        Column("usedNanos", "Cost", MONEY),
        Column("usedTokens", "Tokens", TOKENS, wide=True),
        Column("limit", "Limit", TEXT),
        Column("usedShare", "Used", SHARE),
        Column("expectedNanos", "Expected", MONEY, wide=True),
    ]
    empty = "There are no budgets yet. `lineitem budget add all --limit 100 --period month` makes one."
    exceeded = sum(row["exceeded"] for row in rows)
    return Table("budgets", "Budgets", columns, rows, tail={"exceeded": exceeded}, empty=empty, waiting=False)


def history(ledger: Ledger, budget: Budget, spending: Spending, zone: Zone, now: int) -> Table:
    """A budget's periods since it was made, the latest first; each with the limit that was in force at its end."""
    versions = [(since, until, budgets.decoded(budget.name, since, body))
                for since, until, body in kept.versions(ledger, budget.name)]  # fmt: skip
    first = min(since for since, _, _ in versions)
    rows: list[dict[str, Any]] = []
    period = budgets.current(budget, zone, now)
    while len(rows) < PAST and period.end > first:
        held = [each for since, _, each in versions if since < period.end] or [budget]
        if held[-1].period == budget.period:
            spent = spending.total(held[-1].scope, *period)
            rows.append(_row(Standing(held[-1], period, spent), zone))
        if budget.period == budgets.SESSION:
            break
        period = budgets.before(budget, zone, period)
    columns = [
        Column("during", "Period", TEXT),
        Column("usedNanos", "Cost", MONEY),
        Column("usedTokens", "Tokens", TOKENS, wide=True),
        Column("limit", "Limit", TEXT),
        Column("usedShare", "Used", SHARE),
    ]
    return Table("periods", "What was used of a budget", columns, rows, head={"name": budget.name})


def _row(each: Standing, zone: Zone) -> dict[str, Any]:
    budget, period, spent = each.budget, each.period, each.spent
    money = budget.unit == NANOS
    left = budget.limit - each.used
    row: dict[str, Any] = {
        "name": budget.name,
        "scope": budget.scope.text(),
        "period": budget.period,
        "during": _during(each, zone),
        "periodStart": iso(period.start) if period.start else None,
        "periodEnd": iso(period.end),
        "sessionId": each.session or None,
        "usedNanos": spent.nanos,
        "usedCost": dollars(spent.nanos),
        "usedTokens": spent.tokens,
        "unpricedTokens": spent.unpriced,
        "limit": budgets.limit_text(budget),
        "limitNanos": budget.limit if money else None,
        "limitTokens": None if money else budget.limit,
        "leftNanos": left if money else None,
        "leftTokens": None if money else left,
        "usedShare": budgets.share(each.used, budget.limit) / budgets.FULL,
        "act": budget.act or None,
        "warnAt": [mark / 100 for mark in budget.warn],
        "passed": [mark / 100 for mark in each.passed],
        "exceeded": each.exceeded,
    }
    return row


def _end(budget: Budget, end: Forecast | None) -> dict[str, Any]:
    """Where its period will end, under the names of its unit."""
    unit = "Nanos" if budget.unit == NANOS else "Tokens"
    found: dict[str, Any] = {
        f"{name}{each}": None for each in ("Nanos", "Tokens") for name in ("expected", "low", "high")
    }
    if end is not None:
        found |= {f"expected{unit}": end.expected, f"low{unit}": end.low, f"high{unit}": end.high}
    return found


def _during(each: Standing, zone: Zone) -> str:
    """The period in a few words."""
    budget, period = each.budget, each.period
    if budget.period == budgets.SESSION:
        return f"session {each.session[:8]}" if each.session else "each session"
    if budget.rolling:
        return f"last {budget.period}"
    first = day_label(zone.date(period.start))
    if budget.period == budgets.MONTH:
        return first[:7]
    return first if budget.period == budgets.DAY else f"{first} to {day_label(zone.date(period.end - 1))}"

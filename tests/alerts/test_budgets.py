"""What budgets tell: the highest mark that is passed, each once a period; and where the period will end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lineitem.alerts.budgets import forecast_notice, passed_notice
from lineitem.alerts.messages import line_of
from lineitem.alerts.notice import Notice
from lineitem.core import budgets
from lineitem.core.budgets import Budget
from lineitem.core.periods import Zone
from lineitem.core.scopes import parse
from lineitem.insights.forecast import Forecast
from lineitem.reports.budgets import Standing, ahead, standing
from lineitem.reports.spending import Spent
from lineitem.server.gate import Gate
from lineitem.wiring import Lineitem
from tests.alerts.notices import DOLLAR, NOW
from tests.telling.transcripts import Tale, counts

UTC = Zone("UTC")
DAY = 86_400_000


def stands(used: int, at: int = NOW, **more: Any) -> Standing:
    budget = Budget("shop", "month", 100 * DOLLAR, warn=(5_000, 8_000))._replace(**more)
    return Standing(budget, budgets.current(budget, UTC, at), Spent(used * DOLLAR, used))


def told(used: int, at: int = NOW, **more: Any) -> Notice:
    found = passed_notice(stands(used, at, **more), at)
    assert found is not None
    return found


def test_below_the_first_mark_nothing_is_told() -> None:
    assert passed_notice(stands(49), NOW) is None


def test_the_highest_mark_that_is_passed_is_told() -> None:
    assert [told(used).key.rpartition("/")[2] for used in (50, 79, 80, 100, 101, 900)] == [
        "5000", "5000", "8000", "8000", "10000", "10000",
    ]  # fmt: skip
    assert [told(used).severity for used in (80, 100, 101)] == ["warning", "warning", "critical"]
    assert line_of(told(84)) == "Budget: shop; 84% used; $84.00 of $100.00"


def test_the_next_period_is_told_anew_and_so_is_a_changed_budget() -> None:
    keys = {told(84, at).key for at in (NOW, NOW + DAY, NOW + 40 * DAY)} | {told(84, since=7).key}
    assert len(keys) == 3
    assert len({told(84, at, period="30d").key for at in (NOW, NOW + 60_000, NOW + DAY)}) == 2


def test_tokens_are_told_as_tokens() -> None:
    text = line_of(told(90, unit="tokens", limit=100))
    assert text == "Budget: shop; 90% used; 90 of 100 tokens"


def test_a_period_that_will_end_above_its_limit_is_told_with_its_interval() -> None:
    end = Forecast(60 * DOLLAR, 120 * DOLLAR, 95 * DOLLAR, 150 * DOLLAR, 20, 80)
    found = forecast_notice(stands(60), end, NOW)
    assert found is not None
    assert line_of(found) == (
        "A budget will likely not last: shop; $120.00 expected; likely $95.00 to $150.00; the limit is $100.00"
    )
    assert forecast_notice(stands(60), end._replace(expected=90 * DOLLAR), NOW) is None
    assert forecast_notice(stands(101), end, NOW) is None  # that is told already
    assert forecast_notice(stands(60), None, NOW) is None


@pytest.fixture
def spent_daily(tmp_path: Path) -> Lineitem:
    """A store in which every day of ten cost $0.046."""
    tale = Tale()
    pen = tale.session()
    for _ in range(10):
        pen.prompt("go")
        pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
        tale.at += DAY
    tale.write(tmp_path)
    lineitem = Lineitem(str(tmp_path / "store.sqlite"), [str(tmp_path)])
    lineitem.settings = {"timezone": "UTC", "alerts": {"channels": {"desk": {"kind": "desktop"}}}}
    lineitem.refresh()
    lineitem.fold()
    return lineitem


def test_a_budget_of_a_tool_has_a_forecast_of_what_the_tool_cost(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    size = 5_000
    for _ in range(10):  # one session over all days, and every day one call
        pen.prompt("go")
        call = tale.name("toolu_")
        use = {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": "make"}}
        pen.answer([use], counts(3, size, 0, 0, 50))
        pen.result(call, "made it " * 1_000)
        size += 3_000
        pen.answer([{"type": "text", "text": "done"}], counts(3, size, 0, 0, 50))
        tale.at += DAY
    tale.write(tmp_path)
    lineitem = Lineitem(str(tmp_path / "store.sqlite"), [str(tmp_path)])
    lineitem.refresh()
    lineitem.fold()
    now = 1_793_613_600_000 + 10 * DAY
    spending = lineitem.limits.spending()
    shells = Budget("shells", "month", DOLLAR, scope=parse(["tool=Bash"]))
    for unit in (budgets.NANOS, budgets.TOKENS):
        budget = shells._replace(unit=unit)
        end = ahead(budget, spending, UTC, now)
        assert end is not None
        assert end.spent == standing(budget, spending, UTC, now).used > 0
        assert end.spent <= end.low <= end.expected <= end.high
        assert end.expected > 2 * end.spent  # ten days of thirty, and each day carries more
    nothing = ahead(shells._replace(scope=parse(["tool=Edit"])), spending, UTC, now)
    assert nothing is None or nothing.high == 0
    lineitem.close()


def test_what_is_new_is_handed_to_the_alerts_once(spent_daily: Lineitem) -> None:
    now = 1_793_613_600_000 + 10 * DAY
    for name, limit in (("small", 10_000_000), ("ahead", DOLLAR), ("large", 100 * DOLLAR)):
        spent_daily.limits.keep(Budget(name, "month", limit, since=now), "budget made")
    gate = Gate()
    kinds = sorted(notice.kind for notice in gate.look(spent_daily, now, ahead=True))
    assert kinds == ["budget", "forecast"]
    assert gate.look(spent_daily, now + 1, ahead=True) == []
    assert len(Gate().look(spent_daily, now + 2, ahead=True)) == 2  # after a restart; the outbox knows them
    assert spent_daily.ledger.db.one("select count(*) from alert_notice")[0] == 2
    spent_daily.close()


def test_the_end_of_a_budget_is_the_forecast_of_the_same_spending(spent_daily: Lineitem) -> None:
    now = 1_793_613_600_000 + 10 * DAY
    from lineitem.reports.query import Query

    (row,) = spent_daily.report("forecast", Query(UTC, now)).rows
    budget = Budget("all", "month", DOLLAR)
    end = ahead(budget, spent_daily.limits.spending(), UTC, now)
    assert end is not None
    assert (end.spent, end.expected, end.low, end.high) == tuple(
        row[key] for key in ("costNanos", "expectedNanos", "lowNanos", "highNanos")
    )
    assert standing(budget, spent_daily.limits.spending(), UTC, now).used == end.spent
    for other in (budget._replace(period="30d"), budget._replace(period="session"), budget._replace(period="day")):
        assert ahead(other, spent_daily.limits.spending(), UTC, now) is None
    spent_daily.close()

"""Charts are of the figures they are drawn from: widths, heights and words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.problems import UsageError
from lineitem.reports.bill import added, bill
from lineitem.surfaces.charts import crossed, days, growth, icicle, look, make, prompts, timeline
from lineitem.surfaces.palette import KINDS
from tests.surfaces.answers import HOSTILE

names = st.text(max_size=12) | st.sampled_from(HOSTILE)
causes = st.lists(
    st.tuples(st.sampled_from(sorted(KINDS)), names, names, st.integers(0, 10**13)), min_size=1, max_size=30
)


def tree(found: list[tuple[str, str, str, int]]) -> dict[str, Any]:
    rows = [("/".join(part for part in (kind, *below) if part), nanos, 0, 0, 0, 0, 0) for kind, *below, nanos in found]
    return bill(added(rows)).json()


def boxes(spec: dict[str, Any]) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = spec["data"][0]["values"]
    return values


@given(causes)
def test_no_box_of_a_bill_is_wider_than_what_it_hangs_from(found: list[tuple[str, str, str, int]]) -> None:
    document = tree(found)
    spec = icicle.icicle(document, look.light(800), {})
    if not spec["marks"]:
        assert document["tree"]["totalNanos"] == 0
        return
    rows: dict[int, float] = {}
    for box in boxes(spec):
        assert 0 <= box["x"] <= 800
        rows[box["depth"]] = rows.get(box["depth"], 0) + box["x2"] - box["x"]
    assert all(width <= 801 for width in rows.values())
    assert rows[0] == 799


@given(causes, st.data())
def test_a_cause_can_be_looked_into(found: list[tuple[str, str, str, int]], data: st.DataObject) -> None:
    document = tree(found)
    open_ones = [box for box in boxes(icicle.icicle(document, look.dark(), {})) if box["opens"] and box["cause"]] \
        if document["tree"]["totalNanos"] else []  # fmt: skip
    if open_ones:
        chosen = data.draw(st.sampled_from(open_ones))["cause"]
        inner = icicle.icicle(document, look.dark(), {"root": chosen})
        assert boxes(inner)[0]["cause"] == chosen


@given(st.dictionaries(st.dates().map(str), st.integers(0, 10**13), max_size=8))
def test_days_without_spending_are_drawn_too(spent: dict[str, int]) -> None:
    spent = {day: nanos for day, nanos in spent.items() if "2020" <= day[:4] <= "2030"}
    document = {"daily": [
        {"date": day, "costNanos": nanos, "requests": 1, "totalTokens": 1} for day, nanos in sorted(spent.items())
    ]}  # fmt: skip
    spec = days.days(document, look.light(), {})
    drawn = spec["data"][0]["values"] if spec["marks"] else []
    assert {value["day"]: value["nanos"] for value in drawn if value["nanos"]} == {d: n for d, n in spent.items() if n}
    assert [value["day"] for value in drawn] == sorted(value["day"] for value in drawn)
    year = days.year(document, look.light(), {"last-day": "2026-11-22"})
    assert len({value["day"] for value in year["data"][0]["values"]}) == len(year["data"][0]["values"])


@given(st.lists(st.tuples(names, names, st.integers(0, 10**12)), min_size=1, max_size=40), st.booleans())
def test_what_is_crossed_adds_up(cells: list[tuple[str, str, int]], over: bool) -> None:
    rows = [{"period": f"2026-11-{1 + place % 28:02d}", "project": one, "model": other, "costNanos": nanos}
            for place, (one, other, nanos) in enumerate(cells)]  # fmt: skip
    document = {"explore": rows, "by": "project", "split": "model", "over": "day" if over else None}
    spec = crossed.crossed(document, look.light(), {})
    drawn = sum(value["cost"] for value in spec["data"][0]["values"])
    assert drawn == pytest.approx(sum(nanos for *_, nanos in cells) / 1e9)
    series = next(scale for scale in spec["scales"] if scale["name"] == "name")
    assert len(series["domain"]) == len(series["range"]) <= 10


def turn(number: int, **more: Any) -> dict[str, Any]:
    kinds = [{"kind": "tool", "tokens": number * 10}, {"kind": "system", "tokens": 5}]
    return {"turn": number, "contextTokens": number * 10 + 5, "kinds": kinds, "compactions": 0, "missReason": None,
            "missTokens": None, "missNanos": None, "costNanos": 7, **more}  # fmt: skip


def test_a_long_growth_is_thinned_and_keeps_what_is_marked() -> None:
    rows = [turn(number) for number in range(1, 5_001)]
    rows[1_233] = turn(1_234, compactions=1)
    rows[2_221] = turn(2_222, missReason="idle", missTokens=9, missNanos=3)
    kept = growth.thinned(rows)
    assert len(kept) < 420
    assert {1, 1_233, 1_234, 2_222, 5_000} <= {row["turn"] for row in kept}
    spec = growth.growth({"turns": rows}, look.dark(), {})
    assert [value["turn"] for value in spec["data"][2]["values"]] == [1_234]
    assert [value["turn"] for value in spec["data"][3]["values"]] == [2_222]


def test_nothing_is_drawn_of_nothing() -> None:
    for draw, document in (
        (growth.growth, {"turns": []}), (prompts.prompts, {"rot": []}), (timeline.timeline, {"calls": []}),
        (days.days, {"daily": []}), (crossed.crossed, {"explore": [], "by": "project", "split": None, "over": None}),
    ):  # fmt: skip
        assert draw(document, look.light(), {})["marks"] == []


def test_a_hostile_name_is_only_ever_a_value() -> None:
    """What Vega reads as an expression or an address holds no name of anybody's."""
    evil = "datum.x'); alert(1); ('https://evil.example"
    rows = [{"project": evil, "model": evil, "costNanos": 5}, {"project": "b", "model": evil, "costNanos": 5}]
    spec = crossed.crossed({"explore": rows, "by": "project", "split": "model", "over": None}, look.light(), {})
    call = {"at": "2026-11-02T10:00:00.000Z", "tool": evil, "target": evil, "selfNanos": 1, "totalNanos": 1,
            "subtreeNanos": 0, "toolUseId": evil, "threadId": ""}  # fmt: skip
    drawn = [spec, timeline.timeline({"calls": [call]}, look.light(), {})]
    drawn.append(icicle.icicle(tree([("tool", evil, evil, 9)]), look.light(), {}))
    for made in drawn:
        assert evil not in json.dumps(signals(made))


def signals(spec: Any) -> list[Any]:
    """Everything under `signal`, `url`, `expr`, `href` in a specification, data aside."""
    if isinstance(spec, dict):
        mine = [value for key, value in spec.items() if key in ("signal", "url", "expr", "href", "update", "test")
                and isinstance(value, str)]  # fmt: skip
        return mine + [each for key, value in spec.items() if key != "values" for each in signals(value)]
    return [each for value in spec for each in signals(value)] if isinstance(spec, list) else []


def test_every_chart_says_what_it_is() -> None:
    assert all(chart.report for chart in make.CHARTS.values())


@pytest.mark.parametrize("text", ["x", "2026-13-01", "9999-12-31", "0001-01-01", "'\"<b>"])
def test_a_last_day_that_is_none_is_told(text: str) -> None:
    document = {"daily": [{"date": "2026-11-02", "costNanos": 1}]}
    for draw in (days.days, days.year):
        with pytest.raises(UsageError, match="last-day is a day"):
            draw(document, look.light(), {"last-day": text})

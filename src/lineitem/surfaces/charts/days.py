"""Cost by day: a column a day, days without any included; and a year of days as a heat map."""

from __future__ import annotations

from datetime import date, timedelta

from lineitem.core.problems import UsageError
from lineitem.surfaces import numbers
from lineitem.surfaces.charts.look import Look, base, dollars, money_format
from lineitem.surfaces.charts.words import money

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lineitem.surfaces.charts.look import Spec

#: Years that a last day may lie in: nobody asks for more days than these have.
_EARLIEST, _LATEST = 1971, 2099
#: Weeks of a heat map, and how strong the colour is at the quarters of what a day costs.
_WEEKS, _STEPS = 53, (0.25, 0.45, 0.7, 1.0)


def days(document: Mapping[str, Any], look: Look, own: Mapping[str, str]) -> Spec:
    """own: `last-day`, the last one shown; it is drawn stronger."""
    rows = {row["date"]: row for row in document["daily"]}
    if not rows:
        return base(look, 120, "Cost by day: none", marks=[])
    wanted = _wanted(own)
    last = max([*rows, *([wanted.isoformat()] if wanted else [])])
    values = [_day(day, rows.get(day)) for day in _each(min(rows), last)]
    most = max(value["cost"] for value in values)
    names = [value["day"] for value in values]
    apart = max(1, len(names) // max(2, look.width // 80))
    scales = [
        {"name": "x", "type": "band", "domain": names, "range": "width", "padding": 0.25},
        {"name": "y", "type": "linear", "domain": [0, most or 1], "range": "height", "nice": True},
    ]
    axes = [
        {"scale": "y", "orient": "left", "grid": True, "domain": False, "ticks": False, "tickCount": 4,
         "format": money_format(most)},
        {"scale": "x", "orient": "bottom", "ticks": False, "values": names[::-1][::apart][::-1],
         "encode": {"labels": {"update": {"text": {"signal": "slice(datum.value, 5)"}}}}},
    ]  # fmt: skip
    bar = {
        "type": "rect", "from": {"data": "days"}, "name": "pick",
        "encode": {
            "update": {
                "x": {"scale": "x", "field": "day"}, "width": {"scale": "x", "band": 1},
                "y": {"scale": "y", "field": "cost"}, "y2": {"scale": "y", "value": 0},
                "cornerRadiusTopLeft": {"value": 2}, "cornerRadiusTopRight": {"value": 2},
                "fill": {"value": look.accent}, "fillOpacity": {"signal": f"datum.day === '{last}' ? 1 : 0.62"},
                "tooltip": {"field": "tip"}, "cursor": {"value": "pointer"},
            },
            "hover": {"fillOpacity": {"value": 0.85}},
        },
    }  # fmt: skip
    return base(look, 150, f"Cost by day from {names[0]} to {names[-1]}",
                data=[{"name": "days", "values": values}], scales=scales, axes=axes, marks=[bar])  # fmt: skip


def _wanted(own: Mapping[str, str]) -> date | None:
    """The last day that was asked for. Raises UsageError."""
    text = own.get("last-day", "")
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"last-day is a day such as 2026-11-22, not '{text}'.") from None
    if not _EARLIEST <= found.year <= _LATEST:
        raise UsageError(f"last-day is a day from {_EARLIEST} to {_LATEST}, not '{text}'.")
    return found


def year(document: Mapping[str, Any], look: Look, own: Mapping[str, str]) -> Spec:
    """own: `last-day`, the last one shown; without, the last with spending."""
    rows = {row["date"]: row for row in document["daily"]}
    last = _wanted(own) or date.fromisoformat(max(rows, default=date(1970, 1, 4).isoformat()))
    cell = max(11, min(22, (look.width - 34) // _WEEKS))
    shown = max(8, min(_WEEKS, (look.width - 34) // cell))
    monday = last - timedelta(days=last.weekday())
    first = monday - timedelta(weeks=shown - 1)
    spent = sorted(row["costNanos"] for row in rows.values() if row["costNanos"] > 0)
    values = []
    for day in _each(first.isoformat(), last.isoformat()):
        when = date.fromisoformat(day)
        found = _day(day, rows.get(day))
        place = (when - first).days
        found |= {"week": place // 7, "weekday": place % 7, "step": _step(found["nanos"], spent)}
        values.append(found)
    months = [
        {"week": value["week"], "name": date.fromisoformat(value["day"]).strftime("%b")}
        for value in values if value["day"].endswith(("-01", "-02", "-03", "-04", "-05", "-06", "-07"))
        and value["weekday"] == 0 and value["week"] < shown - 1
    ]  # fmt: skip
    marks = [
        {"type": "rect", "from": {"data": "days"}, "name": "pick", "encode": {"update": {
            "x": {"field": "week", "mult": cell, "offset": 30}, "y": {"field": "weekday", "mult": cell, "offset": 16},
            "width": {"value": cell - 2}, "height": {"value": cell - 2}, "cornerRadius": {"value": 2},
            "fill": {"signal": f"datum.step > 0 ? '{look.accent}' : '{look.line}'"},
            "fillOpacity": {"signal": "datum.step > 0 ? datum.step : 0.6"},
            "tooltip": {"field": "tip"}, "cursor": {"value": "pointer"}}}},
        {"type": "text", "from": {"data": "months"}, "encode": {"update": {
            "x": {"field": "week", "mult": cell, "offset": 30}, "y": {"value": 10},
            "text": {"field": "name"}, "fill": {"value": look.dim}}}},
        {"type": "text", "from": {"data": "weekdays"}, "encode": {"update": {
            "x": {"value": 0}, "y": {"field": "place", "mult": cell, "offset": 16 + cell // 2 - 1},
            "baseline": {"value": "middle"}, "text": {"field": "name"}, "fill": {"value": look.dim}}}},
    ]  # fmt: skip
    weekdays = [{"name": "Mon", "place": 0}, {"name": "Wed", "place": 2}, {"name": "Fri", "place": 4}]
    data = [{"name": "days", "values": values}, {"name": "months", "values": months},
            {"name": "weekdays", "values": weekdays}]  # fmt: skip
    made = base(look, 18 + 7 * cell, f"Cost of each day up to {last.isoformat()}", data=data, marks=marks)
    return {**made, "autosize": "none", "width": 30 + shown * cell}


def _day(day: str, row: Mapping[str, Any] | None) -> dict[str, Any]:
    nanos = row["costNanos"] if row else 0
    tip = f"{day}: {money(nanos)}"
    if row:
        tip += f", {numbers.many(row['requests'], 'request')}, {numbers.tokens(row['totalTokens'])} tokens"
        tip += "; a part has no price" if row.get("unpricedTokens") else ""
    return {"day": day, "nanos": nanos, "cost": dollars(nanos), "tip": tip}


def _step(nanos: int, spent: list[int]) -> float:
    """How strong a day is: by the quarter of all days with spending it is in."""
    if nanos <= 0:
        return 0.0
    from bisect import bisect_right

    return _STEPS[min(3, (bisect_right(spent, nanos) * 4 - 1) // max(1, len(spent)))]


def _each(first: str, last: str) -> list[str]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(begin + timedelta(days=number)).isoformat() for number in range((end - begin).days + 1)]

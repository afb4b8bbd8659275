"""One thing split by another: columns over time, or bars, the dearest first."""

from __future__ import annotations

from lineitem.surfaces.charts.look import Look, base, dollars, money_format
from lineitem.surfaces.charts.words import money, short
from lineitem.surfaces.names import model_name, project_name, short_id
from lineitem.surfaces.palette import NAMES, SERIES, colour
from lineitem.surfaces.palette import name as kind_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from lineitem.surfaces.charts.look import Spec

#: So many things have a colour, so many bars are drawn; the rest is one more.
_SERIES, _BARS = 9, 18
_REST = "(others)"


def crossed(document: Mapping[str, Any], look: Look, own: Mapping[str, str]) -> Spec:
    """document: `explore`."""
    del own
    rows = document["explore"]
    by, split, over = document["by"], document["split"], document["over"]
    if not rows:
        return base(look, 120, "Nothing was spent", marks=[])
    across, along = ("period", split or by) if over else (by, split)
    rows = [{**row, **{key: names[row[key]] for key, names in _short(rows, by, split).items()}} for row in rows]
    if over and split:  # three things: the columns are periods, the colours what it is split by
        along = split
    series = _largest(rows, along, _SERIES) if along else ["cost"]
    places = sorted({row["period"] for row in rows}) if over else _largest(rows, across, _BARS)
    sums: dict[tuple[str, str], int] = {}
    for row in rows:
        place = row[across] if over or row[across] in places else _REST
        name = (row[along] if row[along] in series else _REST) if along else "cost"
        sums[place, name] = sums.get((place, name), 0) + row["costNanos"]
    places += [_REST] if not over and any(place == _REST for place, _ in sums) and _REST not in places else []
    series += [_REST] if any(name == _REST for _, name in sums) and _REST not in series else []
    values = [
        {"place": place, "name": name, "order": series.index(name), "cost": dollars(nanos),
         "tip": f"{place}{'' if name == 'cost' else f', {name}'}: {money(nanos)}"}
        for (place, name), nanos in sums.items()
    ]  # fmt: skip
    title = f"Cost by {by}" + (f", split by {split}" if split else "") + (f", by {over}" if over else "")
    colours = _colours(series, along, look)
    across_legend = max(1, look.width // 170)
    legend = {"fill": "name", "orient": "bottom", "columns": across_legend, "labelLimit": 150, "symbolType": "square"}
    legends: list[Spec] = [legend] if along else []
    draw = _columns if over else _bars
    made = draw(look, places, values)
    made["scales"].append({"name": "name", "type": "ordinal", "domain": series, "range": colours})
    below = 18 + 16 * -(-len(series) // across_legend) if along else 0
    return base(look, made.pop("height") + below, title, legends=legends, **made)


def _short(rows: Sequence[Mapping[str, Any]], *keys: str | None) -> dict[str, dict[str, str]]:
    """By dimension: names as people know them, each still another one."""
    made: dict[str, dict[str, str]] = {}
    for key in filter(None, keys):
        write = _WRITTEN.get(key, _as_it_is)
        taken: dict[str, str] = {}
        for name in dict.fromkeys(row[key] for row in rows):
            written = short(write(name), 40)
            taken.setdefault(written, name)
        known = {name: written for written, name in taken.items()}
        made[key] = {name: known.get(name, name) for name in dict.fromkeys(row[key] for row in rows)}
    return made


def _as_it_is(name: str) -> str:
    return name


_WRITTEN = {"project": project_name, "model": model_name, "session": short_id, "kind": kind_name}


def _largest(rows: Sequence[Mapping[str, Any]], key: str, most: int) -> list[str]:
    spent: dict[str, int] = {}
    for row in rows:
        spent[row[key]] = spent.get(row[key], 0) + row["costNanos"]
    return sorted(spent, key=lambda name: (-spent[name], name))[:most]


def _colours(series: Sequence[str], along: str | None, look: Look) -> list[str]:
    if not along:
        return [look.accent]
    if along == "kind":
        kinds = {shown: kind for kind, shown in NAMES.items()}
        return [colour(kinds[name]) if name in kinds else look.dim for name in series]
    return [look.dim if name == _REST else SERIES[place % len(SERIES)] for place, name in enumerate(series)]


def _stacked(values: list[dict[str, Any]]) -> list[Spec]:
    stack = {"type": "stack", "groupby": ["place"], "field": "cost", "sort": {"field": "order", "order": "ascending"}}
    return [{"name": "cells", "values": values, "transform": [stack]}]


def _most(values: Sequence[Mapping[str, Any]]) -> float:
    sums: dict[str, float] = {}
    for value in values:
        sums[value["place"]] = sums.get(value["place"], 0.0) + max(0.0, value["cost"])
    return max(sums.values(), default=1.0) or 1.0


def _columns(look: Look, places: list[str], values: list[dict[str, Any]]) -> Spec:
    most = _most(values)
    apart = max(1, len(places) // max(2, look.width // 90))
    return {
        "height": 240, "data": _stacked(values),
        "scales": [
            {"name": "x", "type": "band", "domain": places, "range": "width", "padding": 0.2},
            {"name": "y", "type": "linear", "domain": [0, most], "range": "height", "nice": True},
        ],
        "axes": [
            {"scale": "y", "orient": "left", "grid": True, "domain": False, "ticks": False, "tickCount": 5,
             "format": money_format(most)},
            {"scale": "x", "orient": "bottom", "ticks": False, "values": places[::-1][::apart][::-1]},
        ],
        "marks": [{"type": "rect", "from": {"data": "cells"}, "name": "pick", "encode": {
            "update": {"x": {"scale": "x", "field": "place"}, "width": {"scale": "x", "band": 1},
                       "y": {"scale": "y", "field": "y0"}, "y2": {"scale": "y", "field": "y1"},
                       "fill": {"scale": "name", "field": "name"}, "tooltip": {"field": "tip"},
                       "fillOpacity": {"value": 0.88}},
            "hover": {"fillOpacity": {"value": 0.6}}}}],
    }  # fmt: skip


def _bars(look: Look, places: list[str], values: list[dict[str, Any]]) -> Spec:
    most = _most(values)
    return {
        "height": 24 * len(places) + 30, "data": _stacked(values),
        "scales": [
            {"name": "y", "type": "band", "domain": places, "range": "height", "padding": 0.2},
            {"name": "x", "type": "linear", "domain": [0, most], "range": "width", "nice": True},
        ],
        "axes": [
            {"scale": "x", "orient": "bottom", "grid": True, "domain": False, "ticks": False,
             "tickCount": {"signal": "max(2, width / 110)"}, "format": money_format(most)},
            {"scale": "y", "orient": "left", "ticks": False, "domain": False, "labelLimit": look.width // 3},
        ],
        "marks": [{"type": "rect", "from": {"data": "cells"}, "name": "pick", "encode": {
            "update": {"y": {"scale": "y", "field": "place"}, "height": {"scale": "y", "band": 1},
                       "x": {"scale": "x", "field": "y0"}, "x2": {"scale": "x", "field": "y1"},
                       "fill": {"scale": "name", "field": "name"}, "tooltip": {"field": "tip"},
                       "fillOpacity": {"value": 0.88}},
            "hover": {"fillOpacity": {"value": 0.6}}}}],
    }  # fmt: skip

"""How a window grew: what each request sent, stacked by kind of cause, with summaries and cache misses marked."""

from __future__ import annotations

from lineitem.surfaces import numbers
from lineitem.surfaces.charts.look import Look, base
from lineitem.surfaces.charts.words import money
from lineitem.surfaces.palette import KINDS, NAMES, colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from lineitem.surfaces.charts.look import Spec

#: More turns than this are thinned out, those with a mark are kept.
_MOST = 400


def growth(document: Mapping[str, Any], look: Look, own: Mapping[str, str]) -> Spec:
    """document: `context --turns`."""
    del own
    rows = thinned(document["turns"])
    if not rows:
        return base(look, 120, "The window, request by request: none is known", marks=[])
    told = {each["kind"] for row in rows for each in row["kinds"]}
    kinds = [kind for kind in KINDS if kind in told]
    values = []
    for row in rows:
        sizes = {each["kind"]: each["tokens"] for each in row["kinds"]}
        tip = f"Turn {row['turn']}: {numbers.tokens(row['contextTokens'])} tokens sent"
        tip += f", {money(row['costNanos'])}" if row["costNanos"] is not None else ""
        values += [
            {"turn": row["turn"], "kind": NAMES[kind], "order": place, "tokens": sizes.get(kind, 0),
             "tip": f"{tip}; {NAMES[kind]} {numbers.tokens(sizes.get(kind, 0))}"}
            for place, kind in enumerate(kinds)
        ]  # fmt: skip
    most = max(row["contextTokens"] for row in rows)
    first, last = rows[0]["turn"], rows[-1]["turn"]
    scales = [
        {"name": "x", "type": "linear", "domain": [first, max(last, first + 1)], "range": "width"},
        {"name": "y", "type": "linear", "domain": [0, most or 1], "range": "height", "nice": True},
        {"name": "kind", "type": "ordinal", "domain": [NAMES[kind] for kind in kinds],
         "range": [colour(kind) for kind in kinds]},
    ]  # fmt: skip
    axes = [
        {"scale": "y", "orient": "left", "grid": True, "domain": False, "ticks": False, "tickCount": 5, "format": "~s"},
        {"scale": "x", "orient": "bottom", "title": "requests of the main conversation", "tickMinStep": 1,
         "format": "d", "tickCount": {"signal": "max(2, width / 90)"}},
    ]  # fmt: skip
    area = {
        "type": "group", "from": {"facet": {"name": "one", "data": "sent", "groupby": "kind"}},
        "marks": [{"type": "area", "from": {"data": "one"}, "encode": {"update": {
            "x": {"scale": "x", "field": "turn"},
            "y": {"scale": "y", "field": "y0"}, "y2": {"scale": "y", "field": "y1"},
            "fill": {"scale": "kind", "field": "kind"}, "fillOpacity": {"value": 0.78}}}}],
    }  # fmt: skip
    data = [
        {"name": "sent", "values": values, "transform": [{"type": "stack", "groupby": ["turn"], "field": "tokens",
         "sort": {"field": "order", "order": "ascending"}}]},
        {"name": "tops", "values": [_top(row) for row in rows]},
        {"name": "ends", "values": _ends(rows)},
        {"name": "misses", "values": _misses(rows)},
    ]  # fmt: skip
    legend = {"fill": "kind", "orient": "bottom", "columns": max(2, look.width // 110), "symbolType": "square"}
    return base(look, 240, f"Tokens sent by each of {last} requests, by kind of cause", data=data, scales=scales,
                axes=axes, legends=[legend], marks=[area, *_marked(look)])  # fmt: skip


def thinned(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """So many rows as can be seen: evenly, and all with a mark."""
    if len(rows) <= _MOST:
        return list(rows)
    apart = -(-len(rows) // _MOST)
    return [
        row for place, row in enumerate(rows)
        if place % apart == 0 or place == len(rows) - 1 or row["compactions"] or row["missReason"]
        or (place + 1 < len(rows) and rows[place + 1]["compactions"])
    ]  # fmt: skip


def _top(row: Mapping[str, Any]) -> dict[str, Any]:
    parts = sorted(row["kinds"], key=lambda each: -each["tokens"])[:4]
    said = ", ".join(f"{NAMES.get(each['kind'], each['kind'])} {numbers.tokens(each['tokens'])}" for each in parts)
    cost = f", {money(row['costNanos'])}" if row["costNanos"] is not None else ""
    return {"turn": row["turn"], "tokens": row["contextTokens"],
            "tip": f"Turn {row['turn']}: {numbers.tokens(row['contextTokens'])} tokens{cost}. {said}"}  # fmt: skip


def _ends(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"turn": row["turn"], "tip": f"Before turn {row['turn']} the window was summarised"}
        for row in rows if row["compactions"]
    ]  # fmt: skip


def _misses(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"turn": row["turn"], "tokens": row["contextTokens"],
         "tip": f"Turn {row['turn']}: cache miss, {row['missReason']}: {numbers.tokens(row['missTokens'])} tokens"
                f" written again, {money(row['missNanos'])}"}
        for row in rows if row["missReason"]
    ]  # fmt: skip


def _marked(look: Look) -> list[Spec]:
    """Summaries as lines, misses as points, and what is under the pointer."""
    return [
        {"type": "rule", "from": {"data": "ends"}, "encode": {"update": {
            "x": {"scale": "x", "field": "turn"}, "y": {"value": 0}, "y2": {"signal": "height"},
            "stroke": {"value": KINDS["compaction"]}, "strokeWidth": {"value": 2}, "strokeDash": {"value": [4, 3]},
            "tooltip": {"field": "tip"}}}},
        {"type": "rect", "from": {"data": "tops"}, "encode": {"update": {
            "x": {"scale": "x", "field": "turn", "offset": -3}, "width": {"value": 6}, "y": {"value": 0},
            "y2": {"signal": "height"}, "fill": {"value": look.ink}, "fillOpacity": {"value": 0.001},
            "tooltip": {"field": "tip"}}, "hover": {"fillOpacity": {"value": 0.12}}}},
        {"type": "symbol", "from": {"data": "misses"}, "encode": {"update": {
            "x": {"scale": "x", "field": "turn"}, "y": {"scale": "y", "field": "tokens"}, "size": {"value": 60},
            "fill": {"value": KINDS["unlogged"]}, "stroke": {"value": look.page}, "strokeWidth": {"value": 1.5},
            "tooltip": {"field": "tip"}}}},
    ]  # fmt: skip

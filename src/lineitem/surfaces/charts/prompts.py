"""What each prompt cost: what was new, what was carried, and how much of that earlier prompts had left behind."""

from __future__ import annotations

from lineitem.surfaces.charts.look import Look, base, dollars, money_format
from lineitem.surfaces.charts.words import money
from lineitem.surfaces.palette import PARTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lineitem.surfaces.charts.look import Spec

_NEW, _OWN, _PAST = "new", "carried, its own", "carried, of prompts before"


def prompts(document: Mapping[str, Any], look: Look, own: Mapping[str, str]) -> Spec:
    """document: `rot` of one session."""
    del own
    rows = [row for row in document["rot"] if row.get("ordinal")]
    if not rows:
        return base(look, 120, "Cost by prompt: no prompt is known", marks=[])
    values = []
    for row in rows:
        past, carried = row["pastNanos"], row["carryNanos"] - row["pastNanos"]
        tip = f"Prompt {row['ordinal']}: {money(row['costNanos'])}; new {money(row['newNanos'])},"
        tip += f" carried {money(row['carryNanos'])}, of it from prompts before {money(past)}"
        values += [
            {"prompt": row["ordinal"], "part": part, "order": place, "cost": dollars(nanos), "tip": tip}
            for place, (part, nanos) in enumerate(((_NEW, row["newNanos"]), (_OWN, carried), (_PAST, past)))
        ]
    most = max(dollars(row["costNanos"]) for row in rows)
    names = [row["ordinal"] for row in rows]
    apart = max(1, len(names) // max(2, look.width // 40))
    scales = [
        {"name": "x", "type": "band", "domain": names, "range": "width", "padding": 0.2 if len(names) < 200 else 0},
        {"name": "y", "type": "linear", "domain": [0, most or 1], "range": "height", "nice": True},
        {"name": "part", "type": "ordinal", "domain": [_NEW, _OWN, _PAST],
         "range": [PARTS["new"], PARTS["carry"], PARTS["past"]]},
    ]  # fmt: skip
    axes = [
        {"scale": "y", "orient": "left", "grid": True, "domain": False, "ticks": False, "tickCount": 4,
         "format": money_format(most)},
        {"scale": "x", "orient": "bottom", "ticks": False, "title": "prompts", "values": names[::apart]},
    ]  # fmt: skip
    bar = {"type": "rect", "from": {"data": "parts"}, "name": "pick", "encode": {
        "update": {"x": {"scale": "x", "field": "prompt"}, "width": {"scale": "x", "band": 1},
                   "y": {"scale": "y", "field": "y0"}, "y2": {"scale": "y", "field": "y1"},
                   "fill": {"scale": "part", "field": "part"}, "tooltip": {"field": "tip"},
                   "fillOpacity": {"value": 0.9}},
        "hover": {"fillOpacity": {"value": 0.65}}}}  # fmt: skip
    stack = {"type": "stack", "groupby": ["prompt"], "field": "cost", "sort": {"field": "order", "order": "ascending"}}
    data = [{"name": "parts", "values": values, "transform": [stack]}]
    legend = {"fill": "part", "orient": "bottom", "columns": 3 if look.width > 420 else 1, "symbolType": "square"}
    return base(look, 180, f"Cost of {len(rows)} prompts: new and carried", data=data, scales=scales, axes=axes,
                legends=[legend], marks=[bar])  # fmt: skip

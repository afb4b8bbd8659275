"""Tool calls over time: a line a tool, a point a call, the dearer the larger."""

from __future__ import annotations

from lineitem.surfaces import numbers
from lineitem.surfaces.charts.look import Look, base, dollars
from lineitem.surfaces.charts.words import money, short
from lineitem.surfaces.palette import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lineitem.surfaces.charts.look import Spec

#: So many tools have a line, the rest share one; so many calls are drawn, the dearest.
_TOOLS, _CALLS = 12, 1_500
_REST = "other tools"


def timeline(document: Mapping[str, Any], look: Look, own: Mapping[str, str]) -> Spec:
    """document: `calls`."""
    del own
    rows = [row for row in document["calls"] if row["at"]][:_CALLS]
    if not rows:
        return base(look, 120, "Tool calls over time: none is known", marks=[])
    spent: dict[str, int] = {}
    for row in rows:
        spent[row["tool"]] = spent.get(row["tool"], 0) + row["selfNanos"]
    tools = sorted(spent, key=lambda tool: (-spent[tool], tool))
    shown = tools[:_TOOLS] if len(tools) > _TOOLS + 1 else tools
    lines = [*shown, *([_REST] if len(shown) < len(tools) else [])]
    values = [
        {"at": numbers.millis_of(row["at"]), "tool": row["tool"] if row["tool"] in shown else _REST,
         "cost": dollars(row["selfNanos"]), "id": row["toolUseId"], "agent": bool(row["threadId"]),
         "tip": f"{row['tool']} {short(row['target'] or '', 80)}: {money(row['selfNanos'])}"
                + (f", {money(row['totalNanos'])} with its agent" if row["subtreeNanos"] else "")}
        for row in rows
    ]  # fmt: skip
    scales = [
        {"name": "x", "type": "time", "domain": {"data": "calls", "field": "at"}, "range": "width", "padding": 10},
        {"name": "y", "type": "point", "domain": lines, "range": "height", "padding": 0.6},
        {"name": "size", "type": "sqrt", "domain": [0, max(value["cost"] for value in values) or 1],
         "range": [12, 420]},
    ]  # fmt: skip
    axes = [
        {"scale": "y", "orient": "left", "domain": False, "ticks": False, "grid": True, "labelLimit": look.width // 4},
        {"scale": "x", "orient": "bottom", "tickCount": {"signal": "max(2, width / 110)"}},
    ]
    points = {"type": "symbol", "from": {"data": "calls"}, "name": "pick", "encode": {
        "update": {"x": {"scale": "x", "field": "at"}, "y": {"scale": "y", "field": "tool"},
                   "size": {"scale": "size", "field": "cost"}, "fillOpacity": {"value": 0.45},
                   "fill": {"signal": f"datum.agent ? '{KINDS['agent']}' : '{KINDS['tool']}'"},
                   "stroke": {"signal": f"datum.agent ? '{KINDS['agent']}' : '{KINDS['tool']}'"},
                   "tooltip": {"field": "tip"}},
        "hover": {"fillOpacity": {"value": 0.8}}}}  # fmt: skip
    return base(look, 34 + 24 * len(lines), f"{len(rows)} tool calls over time, larger where dearer",
                data=[{"name": "calls", "values": values}], scales=scales, axes=axes, marks=[points])  # fmt: skip

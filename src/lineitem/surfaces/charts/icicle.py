"""A bill as an icicle: what a cause cost is its width, what it is made of hangs below it."""

from __future__ import annotations

from lineitem.core.problems import UsageError
from lineitem.surfaces import numbers
from lineitem.surfaces.charts.look import WIDEST, Look, base
from lineitem.surfaces.charts.words import money
from lineitem.surfaces.palette import KINDS, NAMES, colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from lineitem.surfaces.charts.look import Spec

    Node = Mapping[str, Any]

#: Pixels of a row; rows below the first; what is narrower than this (pixels) stands with its like.
_ROW, _DEEP, _NARROW = 30, 3, 12
#: No more boxes than these fit beside each other, each no narrower than that.
BOXES = WIDEST // _NARROW + 1
_STRONG = (0.16, 0.34, 0.24, 0.16)


def icicle(document: Mapping[str, Any], look: Look, own: Mapping[str, str]) -> Spec:
    """own: `root`, the cause that is looked into."""
    root = own.get("root", "")
    node = _found(document["tree"], root)
    if not node["totalNanos"] and not node["children"]:
        return base(look, 60, "The bill: nothing was spent", marks=[])
    whole = max(1, node["totalNanos"])
    title = _named(root) if root else "The bill"
    top = _box(node, root, 0, 0.0, float(look.width), whole, title)
    values = [top, *_below(node, 1, 0.0, look.width / whole, whole)]
    deep = max(value["depth"] for value in values) + 1
    marks = [
        {"type": "rect", "from": {"data": "boxes"}, "name": "pick", "encode": {"update": {
            "x": {"field": "x"}, "x2": {"field": "x2"},
            "y": {"field": "depth", "mult": _ROW}, "height": {"value": _ROW - 2},
            "fill": {"field": "fill"}, "fillOpacity": {"field": "strong"}, "cornerRadius": {"value": 3},
            "tooltip": {"field": "tip"},
            "cursor": {"signal": "datum.opens ? 'pointer' : 'default'"}},
            "hover": {"fillOpacity": {"value": 0.55}}}},
        {"type": "rect", "interactive": False, "from": {"data": "boxes"}, "encode": {"update": {
            "x": {"field": "x"}, "width": {"value": 3}, "y": {"field": "depth", "mult": _ROW},
            "height": {"value": _ROW - 2}, "fill": {"field": "fill"}, "cornerRadius": {"value": 1}}}},
        {"type": "text", "interactive": False, "from": {"data": "boxes"}, "encode": {"update": {
            "x": {"field": "x", "offset": 9}, "y": {"field": "depth", "mult": _ROW, "offset": _ROW / 2 - 1},
            "baseline": {"value": "middle"}, "fontSize": {"value": 12},
            "text": {"signal": "datum.x2 - datum.x > 44 ? datum.label : ''"},
            "limit": {"signal": "datum.x2 - datum.x - 14"}, "fill": {"value": look.ink}}}},
    ]  # fmt: skip
    made = base(look, deep * _ROW, f"{title}: {money(node['totalNanos'])}, by cause",
                data=[{"name": "boxes", "values": values}], marks=marks)  # fmt: skip
    return {**made, "autosize": "none", "padding": 0}


def _found(tree: Node, root: str) -> Node:
    """The node of a cause; the whole tree for none. Raises UsageError."""
    node = tree
    while root and node["cause"] != root:
        above = next((c for c in node["children"] if root == c["cause"] or root.startswith(c["cause"] + "/")), None)
        if above is None:
            raise UsageError(f"There is no cause {root} in this bill.")
        node = above
    return node


def _named(cause: str, above: str = "") -> str:
    """A cause's name below another: a kind by its heading, else what it adds."""
    if "/" not in cause:
        return NAMES.get(cause, cause)
    return cause.removeprefix(f"{above}/") if above else cause.rpartition("/")[2]


def _below(node: Node, depth: int, start: float, scale: float, whole: int) -> Iterator[dict[str, Any]]:
    """Boxes of a node's children, dearest first, and of theirs; the narrow ones together."""
    above = node["cause"] if depth > 1 or "/" in node["cause"] or node["cause"] in NAMES else ""
    more = node.get("more") or {"causes": 0, "totalNanos": 0}
    rest, many, at = more["totalNanos"], more["causes"], start
    for child in sorted(node["children"], key=lambda each: -each["totalNanos"]):
        total = child["totalNanos"]
        if total * scale < _NARROW:
            rest += total
            many += 1
            continue
        end = at + total * scale
        yield _box(child, child["cause"], depth, at, end, whole, _named(child["cause"], above))
        if depth < _DEEP and child["children"]:
            yield from _below(child, depth + 1, at, scale, whole)
        at = end
    kind = node["cause"].partition("/")[0]
    if many and rest * scale >= 1:
        tip = f"{numbers.many(many, 'more cause')}: {money(rest)}, {numbers.share(rest, whole)}"
        yield _plain(kind, depth, at, at + rest * scale, f"{many:,} more", tip)
        at += rest * scale
    own = node["ownNanos"]
    if own * scale >= _NARROW and depth > 1 and node["children"]:
        tip = f"{node['cause']} itself: {money(own)}, {numbers.share(own, whole)}"
        yield _plain(kind, depth, at, at + own * scale, "itself", tip)


def _box(node: Node, cause: str, depth: int, start: float, end: float, whole: int, label: str) -> dict[str, Any]:
    total = node["totalNanos"]
    tip = f"{cause or 'The bill'}: {money(total)}, {numbers.share(total, whole)}"
    if node["children"] and node["ownNanos"]:
        tip += f"; {money(node['ownNanos'])} of it itself"
    made = _plain(cause.partition("/")[0], depth, start, end, f"{label}  {money(total)}", tip)
    return {**made, "cause": cause, "opens": bool(node["children"])}


def _plain(kind: str, depth: int, start: float, end: float, label: str, tip: str) -> dict[str, Any]:
    return {"x": round(start, 2), "x2": round(max(start + 1, end - 1), 2), "depth": depth, "label": label, "tip": tip,
            "opens": False, "strong": _STRONG[min(depth, len(_STRONG) - 1)], "cause": "",
            "fill": colour(kind) if kind in KINDS else KINDS["system"]}  # fmt: skip

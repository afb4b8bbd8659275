"""`lineitem export REPORT --format svg|png`: the dashboard's chart of a report, as a picture."""

from __future__ import annotations

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.wiring import Lineitem

#: Report -> its chart.
_CHARTS = {"daily": "days", "bill": "bill", "context": "growth", "rot": "prompts", "calls": "calls",
           "explore": "explore"}  # fmt: skip
#: Pixels of a PNG for one of the chart's: sharp on dense screens.
_SCALE = 2


def picture(lineitem: Lineitem, name: str, which: str, form: str, options: dict[str, Any], now: int) -> bytes:
    """The picture. which: the session meant. Raises UsageError where there is no chart, or nothing that draws it."""
    from lineitem.surfaces import answering
    from lineitem.surfaces.charts.look import light
    from lineitem.surfaces.charts.make import CHARTS

    if name not in _CHARTS:
        raise UsageError(f"There is a picture of {', '.join(_CHARTS)}, none of '{name}'.")
    chart, look = CHARTS[_CHARTS[name]], light()
    which = which or options.get("session", "")
    if name in ("rot", "context") and not which:
        raise UsageError(f"A picture of `{name}` is of one session: lineitem export {name} ID --format {form}.")
    asked = {key: value for key, value in options.items() if key in answering.OPTIONS[chart.report]}
    asked = {**asked, **dict.fromkeys(chart.asks, True), "argument" if name in ("rot", "context") else "session": which}
    document = answering.document(lineitem, chart.report, asked, now)
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        document = obscured(document)
    return _drawn({**chart.draw(document, look, {}), "background": look.page}, form)


def _drawn(spec: dict[str, Any], form: str) -> bytes:
    try:
        import vl_convert
    except ImportError:
        raise UsageError("Pictures are drawn by vl-convert-python: pip install 'lineitem[pictures]'.") from None
    spec.setdefault("padding", 12)
    spec["padding"] = max(12, spec["padding"])
    if form == "svg":
        return str(vl_convert.vega_to_svg(spec)).encode()
    return bytes(vl_convert.vega_to_png(spec, scale=_SCALE))

"""The dashboard's charts as pictures: `lineitem export REPORT --format svg|png`, and those of a written report."""

from __future__ import annotations

from lineitem.core.periods import day_label
from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.query import Query
    from lineitem.reports.written import Written
    from lineitem.wiring import Lineitem

#: Report -> its chart.
_CHARTS = {"daily": "days", "bill": "bill", "context": "growth", "rot": "prompts", "calls": "calls",
           "explore": "explore"}  # fmt: skip
FORMATS = ("svg", "png")
#: Section of a written report -> its chart; of one session alone: what a month has is more than one can see.
_SECTIONS = {"days": "days", "causes": "bill"}
_OF_SESSION = {"causes": "bill", "calls": "calls", "activity": "prompts", "growth": "growth"}
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


def of_report(lineitem: Lineitem, written: Written, asked: Query, form: str, *, incognito: bool) -> dict[str, bytes]:
    """Section -> its chart, of the sections that there are. asked: the session, or the range, that is written about."""
    sections = {each.key for each in written.sections}
    options = {"incognito": incognito, "timezone": asked.zone.name, "project": asked.project, "model": asked.model}
    if asked.session:
        charts = _OF_SESSION
    else:
        charts = _SECTIONS
        options["since"], options["until"] = (day_label(asked.zone.date(at)) for at in (asked.since, asked.until - 1))
    reports = {chart: report for report, chart in _CHARTS.items()}
    return {
        section: picture(lineitem, reports[chart], asked.session, form, options, asked.now)
        for section, chart in charts.items()
        if section in sections
    }


def renderer() -> Any:
    """What draws charts. Raises UsageError, which says where it is to be had."""
    try:
        import vl_convert
    except ImportError:
        raise UsageError("Charts are drawn by vl-convert-python: pip install 'lineitem[pictures]'.") from None
    return vl_convert


def _drawn(spec: dict[str, Any], form: str) -> bytes:
    draw = renderer()
    spec.setdefault("padding", 12)
    spec["padding"] = max(12, spec["padding"])
    if form == "svg":
        return str(draw.vega_to_svg(spec)).encode()
    return bytes(draw.vega_to_png(spec, scale=_SCALE))

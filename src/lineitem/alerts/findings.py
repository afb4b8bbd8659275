"""What other rooms find, as notices: findings of calls and sessions, levels of health, the plan's limits.

Always: the same finding gives the same key; what a tool was called on does not pass; a figure that is not known is
None.
"""

from __future__ import annotations

from lineitem.alerts.notice import CRITICAL, SEVERITIES, WARNING, Notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from lineitem.core.live import Snapshot
    from lineitem.insights.findings import Finding

#: A rule of `insights` -> the kind it is told as.
_KINDS = {
    "spike": "anomaly",
    "large": "anomaly",
    "loop": "loop",
    "fan-out": "fanout",
    "slope": "slope",
    "misses": "misses",
    "resume": "resume",
}


def notice_of(finding: Finding) -> Notice | None:
    """A finding as a notice; None where it only repeats one, or where its rule is not told."""
    kind = _KINDS.get(finding.rule)
    if kind is None or finding.again:
        return None
    names = {"project": finding.project, "session": finding.session, "model": finding.model}
    if kind in ("anomaly", "loop"):  # the first word of the subject is the tool; what follows is what it was called on
        names["tool"] = finding.subject.partition(" ")[0]
    return Notice(
        finding.key,
        kind,
        SEVERITIES[min(max(finding.severity, 0), 2)],
        finding.at,
        f"{finding.session}/{finding.subject}",
        _figures(finding, kind),
        names,
    )


def health_notice(session: str, project: str, level: str, tokens: int, limit: int, at: int) -> Notice:
    """A session whose context came to a level, `warning` or `critical`, at a moment."""
    names = {"project": project, "session": session}
    figures = {"tokens": tokens, "limit": limit}
    return Notice(f"health/{session}/{level}/{at}", "health", level, at, session, figures, names)


def limit_notices(snapshot: Snapshot, thresholds: Mapping[str, tuple[int, int]]) -> list[Notice]:
    """The plan's limits that are nearly used: each once as a warning and once as critical until it starts anew."""
    found = []
    for kind, used, resets in (
        ("limit", snapshot.five_hour, snapshot.five_hour_resets),
        ("week", snapshot.week, snapshot.week_resets),
    ):
        if used is None or resets is None or used < thresholds[kind][0]:
            continue
        severity = CRITICAL if used >= thresholds[kind][1] else WARNING
        figures = {"used": used, "left": max(0, resets - snapshot.at)}
        found.append(Notice(f"{kind}/{resets}/{severity}", kind, severity, snapshot.at, kind, figures, {}))
    return found


def _figures(finding: Finding, kind: str) -> dict[str, int | None]:
    value, usual = finding.value, finding.usual
    if kind == "anomaly":
        money = finding.measure == "nanos"
        factor = value * 10 // usual if usual else None
        return {
            "nanos": value if money else None,
            "usual": usual if money else None,
            "tokens": None if money else value,
            "usual_tokens": None if money else usual,
            "factor": factor,
        }
    if kind == "slope":
        minutes = finding.fact("minutes") or 1
        return {
            "per_minute": value // minutes,
            "usual": None if usual is None else usual // minutes,
        }
    if kind == "resume":
        told = [finding.fact(name) for name in ("paid", "extra", "client")]  # what was counted before what is estimated
        written = finding.fact("written")
        return {
            "tokens": value if written is None else written,
            "nanos": next((nanos for nanos in told if nanos is not None), None),
        }
    if kind == "misses":
        return {"count": finding.fact("misses"), "tokens": value, "nanos": finding.fact("nanos")}
    return {"count": value, "nanos": finding.fact("nanos")}

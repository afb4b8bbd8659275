"""What a day or a week came to, as a message: totals, projects, dearest tool calls, what stood out, the change.

In: rows as reports give them (their JSON keys), and the range they are of. Out: a `Message`, pure. Always: a sum
that misses prices says so; without a period before there is no change; names are made harmless, and hidden
where there is a pseudonym.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.alerts import figures
from lineitem.alerts.messages import LINE, TITLE, Message, Section, cut
from lineitem.alerts.names import project_name, safe_name
from lineitem.alerts.notice import INFO, known
from lineitem.alerts.quiet import at_clock
from lineitem.core.periods import DAY_MS, date_of, days_of, label
from lineitem.insights.findings import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from lineitem.alerts.messages import Pseudonym
    from lineitem.alerts.settings import AlertSettings
    from lineitem.core.periods import Zone

#: Rows of a section.
_TOP = 5
#: A digest whose hour passed longer ago is not sent any more.
_LATE = 2 * DAY_MS


class Span(NamedTuple):
    """The range a digest is of: whole days, half-open."""

    kind: str  #: `daily`, `weekly`
    first: tuple[int, int, int]
    since: int
    until: int
    before: int  #: since when the period before it was

    @property
    def ident(self) -> str:
        """The same digest always has the same id."""
        return f"digest-{self.kind}-{label(self.first)}"


class Figures(NamedTuple):
    """What a digest is made of: the totals of the range and of the one before, and rows, dearest first."""

    totals: Mapping[str, Any]  #: costNanos, totalTokens, requests, unpricedTokens
    before: Mapping[str, Any] | None = None
    projects: Sequence[Mapping[str, Any]] = ()  #: project, costNanos; all of them: those too many are counted
    calls: Sequence[Mapping[str, Any]] = ()  #: tool, totalNanos
    findings: Mapping[str, int] = {}  #: severity, as findings have it -> how many


def due(settings: AlertSettings, zone: Zone, now: int) -> list[Span]:
    """The latest digests whose hour has come, unless that was long ago."""
    found = []
    today = days_of(*zone.date(now))
    for kind, length in (("daily", 1), ("weekly", 7)):
        if kind not in settings.digests:
            continue
        on = today if kind == "daily" else today - (today + 3 - settings.digest_on) % 7  # Monday is 0
        at = at_clock(zone, date_of(on), settings.digest_at)
        if now < at:
            on -= length
            at = at_clock(zone, date_of(on), settings.digest_at)
        if now - at < _LATE:
            first = date_of(on - length)
            start, end = zone.start(*first), zone.start(*date_of(on))
            found.append(Span(kind, first, start, end, zone.start(*date_of(on - 2 * length))))
    return found


def digest(span: Span, given: Figures, pseudonym: Pseudonym | None = None) -> Message:
    """The digest of a range."""
    totals = given.totals
    what = f"{label(span.first)}" if span.kind == "daily" else f"week of {label(span.first)}"
    parts = (
        Section("", tuple(_totals(totals, given.before, "day" if span.kind == "daily" else "week"))),
        Section("Projects", tuple(_projects(given.projects, pseudonym))),
        Section("Dearest tool calls", tuple(_calls(given.calls))),
        Section("Stood out", tuple(_findings(given.findings))),
    )
    return Message(
        span.ident,
        cut(f"lineitem: {what}: {_money(totals.get('costNanos'))}", TITLE),
        tuple(Section(part.heading, tuple(cut(line, LINE) for line in part.lines)) for part in parts if part.lines),
        INFO,
        span.until,
        "digest",
        (
            {
                "kind": span.kind,
                "since": span.since,
                "until": span.until,
                "costNanos": known(totals.get("costNanos")),
                "beforeNanos": known(given.before.get("costNanos")) if given.before else None,
                "totalTokens": known(totals.get("totalTokens")),
                "requests": known(totals.get("requests")),
            },
        ),
    )


def _totals(totals: Mapping[str, Any], before: Mapping[str, Any] | None, period: str) -> list[str]:
    lines = [f"{_money(totals.get('costNanos'))} at list price"]
    requests, tokens = known(totals.get("requests")), known(totals.get("totalTokens"))
    if requests is not None and tokens is not None:
        lines.append(f"{figures.count(requests)} requests, {figures.tokens(tokens)} tokens")
    change = _change(known(totals.get("costNanos")), known(before.get("costNanos")) if before else None, period)
    if change:
        lines.append(change)
    unpriced = known(totals.get("unpricedTokens"))
    if unpriced:
        lines.append(f"{figures.tokens(unpriced)} tokens have no price and are missing in the sum")
    return lines


def _change(now: int | None, before: int | None, period: str) -> str:
    """Against the period before; '' where one of them is unknown."""
    if now is None or before is None:
        return ""
    if before == now:
        return f"as much as the {period} before"
    word = "more" if now > before else "less"
    difference = abs(now - before)
    share = f" ({figures.percent(difference * 10_000 // before)})" if before else ""
    return f"{figures.money(difference)}{share} {word} than the {period} before, {figures.money(before)}"


def _projects(rows: Sequence[Mapping[str, Any]], pseudonym: Pseudonym | None) -> list[str]:
    lines = []
    for row in rows[:_TOP]:
        name = str(row.get("project") or "")
        hidden = pseudonym is not None and name
        shown = safe_name(pseudonym("project", name)) if hidden and pseudonym else project_name(name)
        lines.append(f"{shown or 'without a name'}: {_money(row.get('costNanos'))}")
    if len(rows) > _TOP:
        lines.append(f"and {figures.count(len(rows) - _TOP)} more")
    return lines


def _calls(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A call by its tool alone: what it was called on does not leave the machine."""
    return [
        f"{safe_name(str(row.get('tool') or '')) or 'a tool'}: {_money(row.get('totalNanos'))}" for row in rows[:_TOP]
    ]


def _findings(counts: Mapping[str, int]) -> list[str]:
    found = [(severity, known(counts.get(severity))) for severity in reversed(SEVERITIES)]  # those of findings
    return [f"{figures.count(number)} {severity}" for severity, number in found if number]


def _money(nanos: object) -> str:
    amount = known(nanos)
    return "an unknown amount" if amount is None else figures.money(amount)

"""Which findings are told on a channel, and when: severity, thresholds, no repeats, quiet hours, bursts.

Pure: what waits, what was told and the time are given. Always, for every channel: a key is told at most once; the
same kind about the same subject is told again within the cooldown only if it got worse; two messages are at least
`spacing` apart; in quiet hours only what may pass is told, the rest waits for their end and comes as one message.
Nothing is lost: what waits is told, dropped with a reason, or goes on waiting.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.alerts.kinds import KINDS
from lineitem.alerts.notice import CRITICAL, INFO, SEVERITIES, WARNING, known, rank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lineitem.alerts.notice import Notice
    from lineitem.alerts.settings import AlertSettings, ChannelSettings

    #: (kind, subject) -> (when it was last told, how urgent it was then)
    Told = Mapping[tuple[str, str], tuple[int, int]]


class Pending(NamedTuple):
    """A notice that waits for its channel."""

    noted: int  #: when it was noted, milliseconds
    notice: Notice


class Choice(NamedTuple):
    """What becomes of waiting notices: `tell` makes one message, `dropped` are (key, why); the others wait."""

    tell: list[Notice]
    dropped: list[tuple[str, str]]


def severity_of(notice: Notice, thresholds: Mapping[str, tuple[int, int]]) -> str:
    """How urgent a notice is here: by its threshold where it has one and its figure is known, else as it says."""
    limits = thresholds.get(notice.kind)
    figure = known(notice.figures.get(KINDS[notice.kind].measure)) if limits else None
    if limits is None or figure is None:
        return SEVERITIES[rank(notice.severity)]
    return CRITICAL if figure >= limits[1] else WARNING if figure >= limits[0] else INFO


def wanted(notice: Notice, channel: ChannelSettings, settings: AlertSettings) -> Notice | None:
    """The notice as this channel tells it; None where it does not want it."""
    if notice.kind not in KINDS or (channel.kinds and notice.kind not in channel.kinds):
        return None
    severity = severity_of(notice, settings.thresholds)
    return notice._replace(severity=severity) if rank(severity) >= rank(channel.severity) else None


def choose(waiting: Iterable[Pending], told: Told, last: int | None, now: int, settings: AlertSettings) -> Choice:
    """What of a channel's waiting notices is told now; `last` is when its last message was made."""
    dropped: list[tuple[str, str]] = []
    alive = [each for each in waiting if not _stale(each, now, dropped)]
    fresh = _without_repeats(alive, told, now, settings.cooldown, dropped)
    passing = [each for each in fresh if _may_pass(each.notice, now, settings)]
    if not passing or now < _release(passing, last, now, settings):
        return Choice([], dropped)
    return Choice([each.notice for each in passing], dropped)


def _stale(each: Pending, now: int, dropped: list[tuple[str, str]]) -> bool:
    lasts = known(each.notice.figures.get(KINDS[each.notice.kind].lasts))
    if lasts is not None and now - each.noted >= lasts:
        dropped.append((each.notice.key, "too late to be of use"))
        return True
    return False


def _without_repeats(
    waiting: Iterable[Pending], told: Told, now: int, cooldown: int, dropped: list[tuple[str, str]]
) -> list[Pending]:
    """Of each kind and subject the most urgent, and only if that is news."""
    best: dict[tuple[str, str], Pending] = {}
    for each in sorted(waiting, key=lambda one: (-rank(one.notice.severity), one.noted, one.notice.key)):
        thread = each.notice.kind, each.notice.subject
        at, urgency = told.get(thread, (None, 0))
        recent = at is not None and 0 <= now - at < cooldown
        if thread in best or (recent and rank(each.notice.severity) <= urgency):
            dropped.append((each.notice.key, "told already"))
        else:
            best[thread] = each
    return list(best.values())


def _may_pass(notice: Notice, now: int, settings: AlertSettings) -> bool:
    quiet = settings.quiet
    if quiet is None or (settings.quiet_except_critical and notice.severity == CRITICAL):
        return True
    return quiet.until(now) is None


def _release(passing: list[Pending], last: int | None, now: int, settings: AlertSettings) -> int:
    """From when on they may be told: at once if critical, else once others had time to join; never too close."""
    urgent = any(each.notice.severity == CRITICAL for each in passing)
    first = min(now, *(each.noted for each in passing))  # a clock set back must not hold them for ever
    release = first if urgent else first + settings.gather
    return max(release, last + settings.spacing) if last is not None and last <= now else release

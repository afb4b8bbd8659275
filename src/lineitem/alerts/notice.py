"""A finding in the form in which it may be told: a kind, numbers and short names; never a text, a path or a prompt.

Always: `encode` and `decode` are inverse, and what is no notice decodes to None.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: From the least to the most urgent.
SEVERITIES = ("info", "warning", "critical")
INFO, WARNING, CRITICAL = SEVERITIES
#: The largest number that is believed: two and a half centuries of milliseconds, nine thousand million dollars.
_LARGEST = 1 << 63


class Notice(NamedTuple):
    """One thing to tell."""

    key: str  #: the same thing always has the same key: it is told once
    kind: str  #: one of `kinds.KINDS`
    severity: str  #: what the finding itself says; thresholds may say otherwise
    at: int  #: milliseconds
    subject: str  #: what a cooldown is about: the id of a session, a limit, a model
    figures: Mapping[str, int | None]  #: nanodollars, tokens, counts, milliseconds, hundredths of a percent
    names: Mapping[str, str]  #: `project`, `session`, `model`, `tool`: as they came, hostile


def rank(severity: str) -> int:
    """How urgent; an unknown word is the least."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def known(figure: object) -> int | None:
    """A figure that can be shown; None for anything that is no plausible whole number."""
    if type(figure) is not int or not 0 <= figure < _LARGEST:
        return None
    return figure


def encode(notice: Notice) -> str:
    """A notice as JSON, the same text for the same notice."""
    from json import dumps

    row = [*notice[:5], dict(notice.figures), dict(notice.names)]
    return dumps(row, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def decode(text: str) -> Notice | None:
    """The notice `encode` wrote; None where it is none."""
    from json import loads

    try:
        key, kind, severity, at, subject, figures, names = loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    texts = (key, kind, severity, subject)
    if not all(isinstance(each, str) for each in texts) or not isinstance(at, int):
        return None
    if not isinstance(figures, dict) or not isinstance(names, dict):
        return None
    if not all(isinstance(name, str) for name in names.values()):
        return None
    return Notice(key, kind, severity, at, subject, figures, names)

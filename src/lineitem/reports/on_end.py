"""Where the report of a session that ended goes, which sessions ended, and which reports could not be written.

In: `[reports] on_session_end` of the settings, the ledger. Out: paths, sessions, troubles. Always: a path lies below
the folder that the setting names, whatever a project or a session is called.
"""

from __future__ import annotations

import os
import re
from json import dumps, loads
from typing import NamedTuple

from lineitem.core.problems import UsageError
from lineitem.ledger import live, questions
from lineitem.ledger.findings import last_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lineitem.ledger.store import Ledger

#: What may stand in braces, and how long it may get.
_NAMES, _LONGEST = ("project", "session", "date"), 80
#: Names that Windows keeps for devices.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_BRACES = re.compile(r"\{([^{}]*)\}")
#: Kept states: the last event that was looked at; the reports that could not be written.
_HEARD, _TROUBLE = "reports/heard", "reports/trouble"
#: So many sessions' troubles are remembered.
_MOST = 20


class Pattern(NamedTuple):
    """Where reports go: an existing folder, and a path below it with placeholders."""

    folder: str
    below: str

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Pattern | None:
        """None: nothing is to be written. Raises UsageError for what cannot be meant."""
        table = settings.get("reports", {})
        if not isinstance(table, dict) or set(table) - {"on_session_end"}:
            raise UsageError("[reports] of the settings knows on_session_end, and nothing else.")
        text = table.get("on_session_end", "")
        if not isinstance(text, str):
            raise UsageError("reports.on_session_end is a path in quotes.")
        return cls.parse(text) if text else None

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Raises UsageError."""
        path = os.path.expanduser(text)
        unknown = [name for name in _BRACES.findall(path) if name not in _NAMES]
        if unknown or path.count("{") != len(_BRACES.findall(path)) or path.count("}") != path.count("{"):
            known = ", ".join(f"{{{name}}}" for name in _NAMES)
            raise UsageError(f"reports.on_session_end: '{text}' has other placeholders than {known}.")
        if not os.path.isabs(path) or not path.endswith(".md") or "{session}" not in path:
            raise UsageError(
                f"reports.on_session_end: '{text}' must begin with / or ~, have {{session}} in it and end in .md."
            )
        folder = os.path.dirname(path.partition("{")[0])
        return cls(folder, os.path.relpath(path, folder))

    def path(self, **names: str) -> str:
        """Where the report of a session goes; the folders between are made. Raises UsageError, OSError."""
        below = _BRACES.sub(lambda match: cleaned(names[match[1]]), self.below)
        found = os.path.join(self.folder, below)
        if not os.path.isdir(self.folder):
            raise UsageError(f"There is no folder {self.folder}.")
        inside, above = os.path.realpath(self.folder), os.path.dirname(found)
        if os.path.commonpath((inside, os.path.realpath(above))) != inside:
            raise UsageError(f"{above} leads out of {self.folder}.")
        os.makedirs(above, exist_ok=True)
        return found


def cleaned(name: str) -> str:
    """A name as one part of a path: letters, digits, dots, dashes and underscores, no dot in front or behind."""
    made = re.sub(r"[^\w.-]+", "-", name)[:_LONGEST].strip(".-")
    return f"_{made}" if not made or _DEVICES.match(made) else made


class Ended(NamedTuple):
    """A session that ended."""

    session: str
    project: str  #: its folder below `projects/`
    at: int  #: its last request, in milliseconds


def heard(ledger: Ledger) -> int:
    """The last event that was looked at; what ended before the first look is left alone."""
    known = ledger.state(_HEARD)
    if not known:
        remember(ledger, last_event(ledger))
    return int(ledger.state(_HEARD))


def remember(ledger: Ledger, event: int) -> None:
    """All that ended up to this event is written."""
    with ledger.transaction():
        ledger.set_state(_HEARD, str(event))


def ended_since(ledger: Ledger, event: int) -> tuple[int, list[str]]:
    """(the last event there is, the sessions that ended after that one)."""
    return live.ended_since(ledger, event)


def ended(ledger: Ledger, session: str) -> Ended | None:
    """What is known of a session; None where it made no request."""
    found = next((row for row in questions.sessions(ledger) if row[1] == session and row[4]), None)
    return Ended(session, found[2], found[4]) if found else None


def troubles(ledger: Ledger) -> dict[str, str]:
    """Session -> why its report could not be written."""
    known: dict[str, str] = loads(ledger.state(_TROUBLE) or "{}")
    return known


def note(ledger: Ledger, session: str, why: str) -> None:
    """Remember that a report could not be written; `why` is '' where it was."""
    known = troubles(ledger)
    if known.get(session, "") == why:
        return
    known.pop(session, None)
    if why:
        known[session] = why
    with ledger.transaction():
        ledger.set_state(_TROUBLE, dumps(dict(list(known.items())[-_MOST:])))

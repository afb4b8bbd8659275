"""The words of a message: from notices to a title and a few lines, of templates, numbers and safe names.

In: notices whose names are hostile, and `pseudonym`, which hides a name where the channel wants it hidden. Out:
a `Message`, the same for the same notices. Always: no path, prompt or tool text; at most `LINES` lines of
`LINE` characters; an unknown figure is left out.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.alerts import figures
from lineitem.alerts.kinds import KINDS
from lineitem.alerts.names import model_name, project_name, safe_name, session_name
from lineitem.alerts.notice import SEVERITIES, known, rank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from lineitem.alerts.notice import Notice

    #: (what kind of name, the name) -> what is shown instead
    Pseudonym = Callable[[str, str], str]

TITLE, LINE, LINES = 100, 240, 8
#: Every title begins with it: a person sees who speaks, and no title begins with a sign that means something.
_PREFIX = "lineitem: "
_WRITERS = {"project": project_name, "session": session_name, "model": model_name}


class Section(NamedTuple):
    """Lines under a heading; '' for none."""

    heading: str
    lines: tuple[str, ...]


class Message(NamedTuple):
    """What a channel sends. `id` is the same on every attempt."""

    id: str
    title: str
    sections: tuple[Section, ...]
    severity: str
    at: int
    what: str = "alert"  #: `alert`, `digest`, `test`
    facts: tuple[dict[str, Any], ...] = ()  #: for programs: kind, severity, at, figures, names (as shown)


def message_of(notices: Sequence[Notice], channel: str, pseudonym: Pseudonym | None = None) -> Message:
    """One message for one notice or for a burst of them, the most urgent first."""
    ordered = sorted(notices, key=lambda notice: (-rank(notice.severity), notice.at, notice.key))
    lines = [line_of(notice, pseudonym) for notice in ordered[:LINES]]
    if len(ordered) > LINES:
        lines[-1:] = [f"and {figures.count(len(ordered) - LINES + 1)} more"]
    return Message(
        message_id(channel, [notice.key for notice in ordered]),
        _title(ordered),
        (Section("", tuple(lines)),),
        ordered[0].severity,
        max(notice.at for notice in ordered),
        "alert",
        tuple(_facts(notice, pseudonym) for notice in ordered[:LINES]),
    )


def message_id(channel: str, keys: Sequence[str]) -> str:
    """An id that the same cause always gets, and no other."""
    from hashlib import blake2b
    from json import dumps

    text = dumps([channel, sorted(keys)]).encode()
    return "msg_" + blake2b(text, digest_size=16, person=b"lineitem message"[:16]).hexdigest()


def _title(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return cut(f"{_PREFIX}{KINDS[notices[0].kind].title}", TITLE)
    counts = [(sum(each.severity == severity for each in notices), severity) for severity in reversed(SEVERITIES)]
    words = [f"{figures.count(number)} {severity}" for number, severity in counts if number]
    return cut(_PREFIX + ", ".join(words), TITLE)


def line_of(notice: Notice, pseudonym: Pseudonym | None = None) -> str:
    """A notice as one line: where, what, how much."""
    names = shown_names(notice, pseudonym)
    kind = KINDS[notice.kind]
    clauses = [text for text in (fill(clause, notice, names) for clause in kind.clauses) if text]
    session = f"session {names['session']}" if "session" in names else ""
    where = ", ".join(part for part in (names.get("project", ""), session) if part)
    start = f"{kind.title} ({where})" if where else kind.title
    return cut(f"{start}: {'; '.join(clauses)}" if clauses else start, LINE)


def shown_names(notice: Notice, pseudonym: Pseudonym | None) -> dict[str, str]:
    """The names of a notice, harmless, and hidden where there is a pseudonym for them; the empty ones left out."""
    shown: dict[str, str] = {}
    for label, name in notice.names.items():
        hidden = pseudonym is not None and label in ("project", "session") and bool(name)
        # a pseudonym is no folder and no id any more, but still nobody's word that it is harmless
        text = safe_name(pseudonym(label, name)) if hidden and pseudonym else _WRITERS.get(label, safe_name)(name)
        if text:
            shown[label] = text
    return shown


def fill(template: str, notice: Notice, names: dict[str, str]) -> str:
    """A clause with its figures and names; '' where one of them is unknown."""
    from string import Formatter

    text = ""
    for literal, field, unit, _ in Formatter().parse(template):
        text += literal
        if field is None:
            continue
        write = figures.WRITTEN.get(unit or "")
        if write is None:
            shown = names.get(field, "")
        else:
            figure = known(notice.figures.get(field))
            shown = "" if figure is None else write(figure)
        if not shown:
            return ""
        text += shown
    return text


def _facts(notice: Notice, pseudonym: Pseudonym | None) -> dict[str, Any]:
    wanted = _fields(notice.kind)
    return {
        "kind": notice.kind,
        "severity": notice.severity,
        "at": notice.at,
        "figures": {field: known(notice.figures.get(field)) for field in wanted},
        "names": shown_names(notice, pseudonym),
    }


def _fields(kind: str) -> list[str]:
    """The figures a kind's sentence speaks of: no other leaves the machine."""
    from string import Formatter

    return [
        field
        for clause in KINDS[kind].clauses
        for _, field, unit, _ in Formatter().parse(clause)
        if field is not None and unit in figures.WRITTEN
    ]


def cut(text: str, length: int) -> str:
    """At most so many characters; a shortened text ends with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def encode(message: Message) -> str:
    """A message as JSON, as the outbox keeps it."""
    from json import dumps

    row = [*message[:2], [[part.heading, list(part.lines)] for part in message.sections], *message[3:6]]
    return dumps([*row, list(message.facts)], ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def decode(text: str) -> Message | None:
    """The message `encode` wrote; None where it is none."""
    from json import loads

    try:
        ident, title, sections, severity, at, what, facts = loads(text)
        made = tuple(Section(str(heading), tuple(str(line) for line in lines)) for heading, lines in sections)
        return Message(str(ident), str(title), made, str(severity), int(at), str(what), tuple(facts))
    except (TypeError, ValueError, RecursionError):
        return None

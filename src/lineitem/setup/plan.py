"""What an installation would change in a settings.json: a document and a wish in, a `Plan` out; nothing is written.

`installing` takes away what is ours and out of date and adds what is missing; a document that holds all of it stays
as it is. `removing` takes out what is ours and nothing else. Both are plain functions of their arguments.
"""

from __future__ import annotations

import difflib
import fnmatch
import json
from typing import TYPE_CHECKING, NamedTuple

from lineitem.setup import edit, entries
from lineitem.setup.document import EMPTY, Document, decoded
from lineitem.setup.refusals import SettingsRefused
from lineitem.setup.spans import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from lineitem.setup.entries import Wanted


class Change(NamedTuple):
    """One edit: where, the JSON that stood there and that stands there then (None: nothing), and what for."""

    path: tuple[str | int, ...]
    before: str | None
    after: str | None
    why: str


class Plan(NamedTuple):
    """What would change in one settings.json."""

    path: str
    before: bytes | None  #: None: there is no file
    after: bytes | None
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()  #: what a person should know; a conflict is one
    wrapped: str | None = None  #: the command of the statusline that stood there, from now on run by ours

    def diff(self, secrets: Sequence[str] = ()) -> str:
        """The change as a unified diff; `secrets` are shown as stars."""
        text = "".join(
            difflib.unified_diff(
                _lines(self.before or b""),
                _lines(self.after or b""),
                self.path,
                self.path,
                "now",
                "then",
                lineterm="\n",
            )
        )
        for secret in filter(None, secrets):
            text = text.replace(secret, "*" * 8)
        return text


def _lines(content: bytes) -> list[str]:
    *lines, rest = content.decode("utf-8-sig").split("\n")
    return [line + "\n" for line in lines] + ([rest + "\n\\ No newline at end of file\n"] if rest else [])


class _Draft:
    """A document being changed, with the list of what was."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.changes: list[Change] = []
        self.notes: list[str] = []
        self.wrapped: str | None = None

    @property
    def text(self) -> str:
        return self.document.text

    def value(self, *path: str | int) -> Any:
        return self.document.value(*path)

    def add(self, path: Sequence[str | int], value: Any, why: str, name: str = "") -> None:
        self._become(edit.added(self.text, path, value, name))
        place = name or len(self.value(*path)) - 1
        self.changes.append(Change((*path, place), None, json.dumps(value, ensure_ascii=False), why))

    def remove(self, path: Sequence[str | int], why: str) -> None:
        before = self._written(path)
        self._become(edit.removed(self.text, path))
        self.changes.append(Change(tuple(path), before, None, why))

    def replace(self, path: Sequence[str | int], written: str, why: str) -> None:
        before = self._written(path)
        self._become(edit.replaced(self.text, path, written))
        self.changes.append(Change(tuple(path), before, written, why))

    def _written(self, path: Sequence[str | int]) -> str:
        part = find(self.text, path)
        assert part is not None
        return self.text[part.at : part.end]

    def _become(self, text: str) -> None:
        self.document = self.document._replace(text=text)


def installing(path: str, before: bytes | None, wanted: Wanted, *, may_wrap: bool = True) -> Plan:
    """What makes the document in these bytes hold all that is wanted, once.

    Without `may_wrap` a statusline of somebody else stays: the one place for its command is taken.
    """
    draft = _Draft(decoded(before, path))
    _refuse_odd_hooks(draft, path)
    _put_hooks(draft, wanted)
    _allow_url(draft, wanted)
    if wanted.statusline:
        _put_statusline(draft, wanted, may_wrap=may_wrap)
    if wanted.telemetry:
        _put_telemetry(draft, wanted)
    if draft.value("disableAllHooks") is True:
        draft.notes.append("disableAllHooks is set here: Claude Code runs no hook and no statusline until it is not.")
    return _plan(path, before, draft)


def removing(path: str, before: bytes, wanted: Wanted, original: Original) -> Plan:
    """What takes ours out of the document in these bytes; a container goes with its last entry, unless it was there
    before us.
    """  # fmt: skip
    draft = _Draft(decoded(before, path))
    if isinstance(draft.value("hooks"), dict):
        for event in list(draft.value("hooks")):
            _take_hooks(draft, event, None)
            _prune(draft, ("hooks", event), original, [])
        _prune(draft, ("hooks",), original, {})
    _forbid_url(draft, original)
    _take_statusline(draft, original)
    _take_telemetry(draft, wanted, original)
    return _plan(path, before, draft)


class Original(NamedTuple):
    """What is known of the document before we came: itself, and the statusline's command we took over."""

    document: Document = EMPTY
    command: str | None = None


def holds_ours(document: Document) -> bool:
    """Whether anything stands there that only we can have put there."""
    hooks, command = document.value("hooks"), document.value("statusLine", "command")
    hooked = any(next(_ours(document, event), None) for event in hooks) if isinstance(hooks, dict) else False
    return hooked or (isinstance(command, str) and entries.our_words(command) is not None)


def missing(document: Document, wanted: Wanted) -> list[str]:
    """The names of what is wanted and not there, or there in another form."""
    lost = [event for event, handler in entries.handlers(wanted).items() if not _has_hook(document, event, handler)]
    if wanted.statusline and not _has_statusline(document, wanted):
        lost.append("statusLine")
    if wanted.telemetry:
        env = document.value("env")
        holds = env if isinstance(env, dict) else {}
        lost += [name for name, value in entries.telemetry(wanted).items() if holds.get(name) != value]
    urls = document.value("allowedHttpHookUrls")
    if wanted.style == "http" and isinstance(urls, list) and not _allowed(urls, wanted.url):
        lost.append("allowedHttpHookUrls")
    return lost


def _plan(path: str, before: bytes | None, draft: _Draft) -> Plan:
    return Plan(path, before, draft.document.encoded(), tuple(draft.changes), tuple(draft.notes), draft.wrapped)


# --- hooks


def _refuse_odd_hooks(draft: _Draft, path: str) -> None:
    hooks = draft.value("hooks")
    if find(draft.text, ("hooks",)) is not None and not isinstance(hooks, dict):
        raise SettingsRefused(f'{path} was left as it is: "hooks" holds no object.')
    for event in (*entries.OVER_HTTP, *entries.BY_COMMAND, entries.SWITCH):
        if hooks and event in hooks and not isinstance(hooks[event], list):
            raise SettingsRefused(f'{path} was left as it is: "hooks" / "{event}" holds no list.')


def _put_hooks(draft: _Draft, wanted: Wanted) -> None:
    handlers = entries.handlers(wanted)
    hooks = draft.value("hooks")
    for event in list(hooks or ()):
        _take_hooks(draft, event, handlers.get(event))
        if event not in handlers:
            _prune(draft, ("hooks", event), Original(), [])
    if hooks is None:
        draft.add((), {}, "to hold the hooks", "hooks")
    for event, handler in handlers.items():
        if _has_hook(draft.document, event, handler):
            continue
        if draft.value("hooks", event) is None:
            draft.add(("hooks",), [entries.group(handler)], "tells lineitem of it", event)
        else:
            draft.add(("hooks", event), entries.group(handler), "tells lineitem of it")


def _ours(document: Document, event: str) -> Iterator[tuple[int, int, Any]]:
    """(position of the group, position in it, the handler) of each of our handlers of an event."""
    groups = document.value("hooks", event)
    for at, group in enumerate(groups if isinstance(groups, list) else ()):
        listed = group.get("hooks") if isinstance(group, dict) else None
        for index, handler in enumerate(listed if isinstance(listed, list) else ()):
            if entries.is_ours(handler):
                yield at, index, handler


def _catches_all(group: Any) -> bool:
    return group.get("matcher", "") in ("", "*")


def _has_hook(document: Document, event: str, handler: dict[str, Any]) -> bool:
    groups = document.value("hooks", event)
    return any(one == handler and _catches_all(groups[at]) for at, _, one in _ours(document, event))


def _take_hooks(draft: _Draft, event: str, keep: dict[str, Any] | None) -> None:
    """Take our handlers of an event out, but one that is as we want it."""
    groups = draft.value("hooks", event)
    kept = False
    for at, index, handler in reversed(list(_ours(draft.document, event))):
        if not kept and handler == keep and _catches_all(groups[at]):
            kept = True
            continue
        group = draft.value("hooks", event, at)
        alone = len(group["hooks"]) == 1 and set(group) <= {"matcher", "hooks"}
        draft.remove(("hooks", event, at) if alone else ("hooks", event, at, "hooks", index), "it is ours")


def _prune(draft: _Draft, path: tuple[str, ...], original: Original, empty: Any) -> None:
    """Remove a container that our removal has left empty."""
    emptied = bool(draft.changes) and draft.value(*path) == empty
    if emptied and find(original.document.text, path) is None and draft.changes[-1].path[: len(path)] == path:
        draft.remove(path, "its last entry was ours")


# --- the list of allowed addresses


def _allowed(urls: list[Any], url: str) -> bool:
    return any(isinstance(one, str) and fnmatch.fnmatchcase(url, one) for one in urls)


def _allow_url(draft: _Draft, wanted: Wanted) -> None:
    urls = draft.value("allowedHttpHookUrls")
    if wanted.style != "http" or not isinstance(urls, list):
        return
    for index in reversed(range(len(urls))):
        if entries.is_our_url(urls[index]) and urls[index] != wanted.url:
            draft.remove(("allowedHttpHookUrls", index), "an older address of ours")
    if not _allowed(draft.value("allowedHttpHookUrls"), wanted.url):
        draft.add(("allowedHttpHookUrls",), wanted.url, "the list exists, so an address that is not in it is blocked")


def _forbid_url(draft: _Draft, original: Original) -> None:
    urls, before = draft.value("allowedHttpHookUrls"), original.document.value("allowedHttpHookUrls")
    for index in reversed(range(len(urls) if isinstance(urls, list) else 0)):
        if entries.is_our_url(urls[index]) and urls[index] not in (before if isinstance(before, list) else ()):
            draft.remove(("allowedHttpHookUrls", index), "it is ours")


# --- the statusline


def _has_statusline(document: Document, wanted: Wanted) -> bool:
    status = document.value("statusLine")
    command = status.get("command") if isinstance(status, dict) else None
    return isinstance(command, str) and _words(command)[:5] == _words(entries.statusline_command(wanted))


def _words(command: str) -> list[str]:
    return entries.our_words(command) or []


def _put_statusline(draft: _Draft, wanted: Wanted, *, may_wrap: bool) -> None:
    status, ours = draft.value("statusLine"), entries.statusline_command(wanted)
    if find(draft.text, ("statusLine",)) is None:
        new = {"type": "command", "command": ours, "padding": 0}
        draft.add((), new, "shows what the session costs", "statusLine")
        return
    command = status.get("command") if isinstance(status, dict) and status.get("type") == "command" else None
    if not isinstance(command, str):
        draft.notes.append("statusLine is in a form we do not know; it was left as it is.")
        return
    words = entries.our_words(command)
    if words is not None:
        if words[:5] != _words(ours):
            new_line = entries.shell_line([*_words(ours), *words[5:]])
            draft.replace(("statusLine", "command"), json.dumps(new_line, ensure_ascii=False), "ours, out of date")
    elif entries.mentions_us(command):
        draft.notes.append("statusLine already starts lineitem inside another command; it was left as it is.")
    elif not may_wrap:
        draft.notes.append("statusLine was left as it is: lineitem already runs the one of another settings.json.")
    else:
        draft.wrapped = command
        draft.replace(
            ("statusLine", "command"),
            json.dumps(ours, ensure_ascii=False),
            "shows what the session costs, behind what the command that stands here now prints",
        )


def _take_statusline(draft: _Draft, original: Original) -> None:
    status = draft.value("statusLine")
    command = status.get("command") if isinstance(status, dict) else None
    if not isinstance(command, str) or not entries.mentions_us(command):
        return
    if entries.our_words(command) is None:
        draft.notes.append("statusLine starts lineitem inside another command; it was left as it is.")
        return
    if original.command is None:
        draft.remove(("statusLine",), "it is ours")
        return
    part = find(original.document.text, ("statusLine", "command"))
    if part is not None and part.value == original.command:
        written = original.document.text[part.at : part.end]  # as the person spelt it
    else:
        written = json.dumps(original.command, ensure_ascii=False)
    draft.replace(("statusLine", "command"), written, "the command that stood here before")


# --- telemetry


def _put_telemetry(draft: _Draft, wanted: Wanted) -> None:
    env, ours = draft.value("env"), entries.telemetry(wanted)
    if find(draft.text, ("env",)) is None:
        draft.add((), {}, "to hold the variables", "env")
        env = {}
    if not isinstance(env, dict):
        draft.notes.append('Telemetry was not switched on: "env" holds no object.')
        return
    others = _others(env, ours)
    if others:
        names = ", ".join(others)
        draft.notes.append(f"Telemetry was not switched on: it is already sent elsewhere or set otherwise ({names}).")
        return
    for name, value in ours.items():
        if name in env and env[name] != value:
            draft.replace(("env", name), json.dumps(value), "ours, out of date")
        elif name not in env:
            draft.add(("env",), value, "sends the client's telemetry to lineitem", name)


def _others(env: dict[str, Any], ours: dict[str, str]) -> list[str]:
    """Variables about telemetry that are somebody else's; all of them, for one alone would send it astray."""
    steering = sorted(name for name in env if entries.steers_telemetry(name) and env[name] != ours.get(name))
    return [] if steering and entries.sends_to_us(env) and set(steering) <= _MOVING else steering


#: What changes with our port and our token.
_MOVING = {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"}


def _take_telemetry(draft: _Draft, wanted: Wanted, original: Original) -> None:
    env = draft.value("env")
    if not isinstance(env, dict) or not entries.sends_to_us(env):
        return
    for name, value in reversed(entries.telemetry(wanted).items()):
        given = env.get(name) == value or name in _MOVING
        if given and find(original.document.text, ("env", name)) is None:
            draft.remove(("env", name), "it is ours")
    _prune(draft, ("env",), original, {})

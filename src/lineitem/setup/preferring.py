"""Changes of a person's settings: what would change and what would then leave the machine, and the change itself.

The file is changed under a lock, key by key; whatever the settings would be is checked whole before a byte is written,
by the same rules as when they are read. Nothing that sends anything is switched on unseen: who changes says which
list of what leaves the machine they have seen.
"""

from __future__ import annotations

from hashlib import blake2b
from json import dumps
from typing import NamedTuple

from lineitem import settings
from lineitem.alerts.egress import HERE
from lineitem.core.problems import UsageError
from lineitem.setup.document import LARGEST
from lineitem.setup.preferences import changed, flat, shown, spelled
from lineitem.setup.refusals import SettingsRefused
from lineitem.setup.settings_file import SettingsFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from lineitem.setup.preferences import Changes, Path

    #: (channel, host, what is sent)
    Leaving = tuple[str, str, str]


class Change(NamedTuple):
    """What would become of a settings file."""

    place: str
    settings: dict[str, Any]  #: all, as they would be
    changes: list[tuple[Path, Any, Any]]  #: (path, before, after), without secrets; None: it is not there
    leaves: list[Leaving]  #: what would leave the machine then
    new: list[Leaving]  #: what of that does not now

    @property
    def seen(self) -> str:
        """What who has seen `new` can tell; "" where nothing new would leave."""
        return blake2b(dumps(self.new).encode(), digest_size=12).hexdigest() if self.new else ""


def planned(changes: Changes) -> Change:
    """What these changes would make of the settings file. Raises UsageError for what cannot be meant."""
    file = _file()
    content = file.settled()
    return _planned(file.path, content, changes)[1]


def carried_out(changes: Changes, seen: str | None = None, keep: Callable[[Change], None] = lambda _: None) -> Change:
    """Change the settings file; `keep` is called before it changes, and may stop it by raising.

    seen: the `seen` of the change that was looked at; None: who asks is told in another way.
    Raises UsageError, SettingsRefused, SettingsBusy, and Unseen where something new would leave the machine.
    """
    done: list[Change] = []

    def edit(content: bytes | None) -> bytes | None:
        made, change = _planned(file.path, content, changes)
        if seen is not None and change.seen != seen and change.new:
            raise Unseen(change)
        done[:] = [change]
        return made

    def before() -> None:
        if not kept:
            kept.append(None)
            keep(done[0])

    file = _file()
    kept: list[None] = []
    file.change(edit, before)
    return done[0]


class Unseen(UsageError):
    """Something would leave the machine that was not looked at. `change` says what."""

    def __init__(self, change: Change) -> None:
        super().__init__("This lets something new leave this machine: look at what, then say so.")
        self.change = change


def leaving(found: Mapping[str, Any]) -> list[Leaving]:
    """All that would leave the machine with these settings."""
    from lineitem.alerts.egress import egress
    from lineitem.alerts.settings import AlertSettings
    from lineitem.classifier.settings import ClassifierSettings
    from lineitem.classifier.standing import sends

    asked = ClassifierSettings.from_settings(found)
    rows = [(each.channel, each.host, each.sends) for each in egress(AlertSettings.from_settings(found))]
    return [*rows, ("classifier", asked.host, sends(asked))] if asked.enabled else rows


def check(found: Mapping[str, Any]) -> None:
    """Raise UsageError for settings that cannot be meant, whichever they are."""
    from lineitem.alerts.settings import AlertSettings
    from lineitem.classifier.settings import ClassifierSettings
    from lineitem.core import tags
    from lineitem.core.periods import Zone
    from lineitem.insights import health, tickets
    from lineitem.pricing.book import PriceBook
    from lineitem.reports.on_end import Pattern

    for name in ("db", "timezone"):
        if not isinstance(found.get(name, ""), str):
            raise UsageError(f"{name} is a text.")
    dirs = found.get("config_dirs", [])
    if not isinstance(dirs, list) or not all(isinstance(each, str) for each in dirs):
        raise UsageError("config_dirs is a list of folders.")
    ports = found.get("collector", {})
    if not isinstance(ports, dict) or set(ports) - {"port", "grpc_port"}:
        raise UsageError("[collector] knows port and grpc_port.")
    for name in ("prices", "alerts", "classifier"):
        if not isinstance(found.get(name, {}), dict):
            raise UsageError(f"{name} is a table: [{name}].")
    given = dict(found)
    settings.collector_port("", given)
    settings.grpc_port("", given)
    settings.note_on_resume(given)
    if given.get("db"):
        settings.database_path(given["db"])
    Zone(found.get("timezone", ""))
    PriceBook(found.get("prices"))
    health.from_settings(found)
    AlertSettings.from_settings(found)
    ClassifierSettings.from_settings(found)
    tags.from_settings(found, "", "")
    tickets.from_settings(found)
    Pattern.from_settings(found)


def _file() -> SettingsFile:
    return SettingsFile(settings.path(), decode=_decoded)


def _decoded(content: bytes | None, place: str) -> dict[str, Any]:
    if content is not None and len(content) > LARGEST:
        raise SettingsRefused(f"{place} was left as it is: it is larger than {LARGEST >> 20} MiB.")
    try:
        return settings.decoded(content or b"", place)
    except UsageError as error:
        raise SettingsRefused(str(error)) from error


def _planned(place: str, content: bytes | None, changes: Changes) -> tuple[bytes | None, Change]:
    before = _decoded(content, place)
    text = changed((content or b"").decode("utf-8"), changes, place)
    after = settings.decoded(text.encode("utf-8"), place)
    check(after)
    found = [
        (path, shown(path, old), shown(path, new))
        for path, old, new in _differences(dict(flat(before)), dict(flat(after)))
    ]
    leaves = leaving(after)
    try:
        now = leaving(before)
    except UsageError:  # what stands there cannot be meant, so nothing is sent
        now = []
    new = [row for row in leaves if row not in now and row[1] != HERE]
    change = Change(place, after, found, leaves, new)
    made = text.encode("utf-8")
    return (content if made == (content or b"") else made), change


def _differences(before: Mapping[Path, Any], after: Mapping[Path, Any]) -> list[tuple[Path, Any, Any]]:
    paths = dict.fromkeys((*before, *after))
    return [(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)]


def sentence(change: tuple[Path, Any, Any]) -> str:
    """A change in words: `health.preset = "intensive" (was "standard")`."""
    path, before, after = change
    if after is None:
        return f"{spelled(path)} is taken out (was {_written(before)})"
    was = "" if before is None else f" (was {_written(before)})"
    return f"{spelled(path)} = {_written(after)}{was}"


def _written(value: Any) -> str:
    return dumps(value, ensure_ascii=False, default=str)

"""What a person does with settings, on whatever surface: see what is set, look at a change, make it.

In: settings by their path as a text, with their values. Out: JSON documents. Always: no secret is in a document; a
change is checked whole, kept in the audit log, and switches nothing on that sends anything unless that was seen.
Raises UsageError for what cannot be meant.
"""

from __future__ import annotations

from lineitem import settings
from lineitem.core.problems import UsageError
from lineitem.reports.shapes import TEXT, Column, Table
from lineitem.setup.preferences import HIDDEN, flat, parse_path, shown, spelled
from lineitem.setup.preferring import carried_out, leaving, planned, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lineitem.setup.preferences import Path
    from lineitem.setup.preferring import Change
    from lineitem.wiring import Lineitem

#: What the dashboard may change, by the beginning of a path; "*" is any name. Where keys are sent, what is read, where
#: files are written and where the collector listens is for who sits at a terminal.
ON_PAGE: tuple[Path, ...] = (
    ("health",), ("prices",),
    *(("alerts", name) for name in ("preset", "cooldown", "quiet", "quiet_except_critical", "digests", "digest_at",
                                    "digest_on", "thresholds")),
    *(("alerts", "channels", "*", name) for name in ("kind", "severity", "kinds", "names", "digests", "url", "secret",
                                                     "sounds", "model")),
    ("alerts", "channels", "*"),
    *(("classifier", name) for name in ("enabled", "model", "snippet", "budget")),
)  # fmt: skip
#: A channel as a whole is only taken out.
_ONLY_OUT = ("alerts", "channels", "*")


def on_page(path: Path, value: Any) -> bool:
    """Whether the dashboard may give a setting this value (None: take it out)."""
    for allowed in ON_PAGE:
        if allowed == _ONLY_OUT:
            if value is None and len(path) == 3 and path[:2] == allowed[:2]:
                return True
        elif len(path) >= len(allowed) and all(each in ("*", name) for each, name in zip(allowed, path, strict=False)):
            return True
    return False


def standing(found: Mapping[str, Any]) -> Table:
    """What is set, and what holds where nothing is; what there is to choose from stands in its tail."""
    import os

    from lineitem.alerts.kinds import KINDS
    from lineitem.alerts.kinds import PRESETS as LOUDNESS
    from lineitem.alerts.notice import SEVERITIES
    from lineitem.alerts.settings import CHANNEL_KINDS
    from lineitem.classifier.settings import ClassifierSettings
    from lineitem.insights import health

    rows = [_row(path, value, "file") for path, value in flat(found)]
    known = {row["setting"] for row in rows}
    thresholds, asked = health.from_settings(found), ClassifierSettings.from_settings(found)
    for path, value in (
        (("timezone",), "the machine's"), (("collector", "port"), settings.PORT),
        (("health", "yellow"), thresholds.yellow), (("health", "red"), thresholds.red),
        (("prices", "multiplier"), "1"), (("alerts", "preset"), "standard"),
        (("classifier", "enabled"), asked.enabled), (("classifier", "model"), asked.model),
        (("classifier", "snippet"), asked.snippet),
    ):  # fmt: skip
        if spelled(path) not in known:
            chosen = path[0] == "health" and "health.preset" in known
            rows.append(_row(path, value, "preset" if chosen else "default"))
    presets = [
        {"name": name, "yellow": each.yellow, "red": each.red, "inForce": each == thresholds}
        for name, each in health.PRESETS.items()
    ]
    columns = [Column("setting", "Setting", TEXT), Column("text", "Value", TEXT), Column("source", "From", TEXT)]
    place = settings.path()
    tail = {
        "file": place, "fileExists": os.path.exists(place), "presets": presets,
        "choices": {"alertPresets": list(LOUDNESS), "severities": list(SEVERITIES), "alertKinds": list(KINDS),
                    "channelKinds": {kind: list(names) for kind, names in CHANNEL_KINDS.items()}},
        "egress": _leaving(leaving(found)),
    }  # fmt: skip
    notes = [f"They are in {place}" + ("." if tail["fileExists"] else ", which is not there yet."),
             "`lineitem settings --set health.preset=intensive` changes one; docs/settings.md has all."]  # fmt: skip
    return Table("settings", "Settings", columns, rows, tail=tail, notes=notes, waiting=False)


def look(given: Mapping[str, Any], *, page: bool = False) -> dict[str, Any]:
    """What changes would do: `{"health.preset": "intensive", "health.red": None}`; nothing happens."""
    return document(planned(_meant(given, page=page)), done=False)


def make(
    lineitem: Lineitem, given: Mapping[str, Any], now: int, *, seen: str | None = None, page: bool = False
) -> dict[str, Any]:
    """Make changes. seen: as in `preferring.carried_out`, which says what it raises."""
    changes = _meant(given, page=page)
    done: list[Change] = []

    def decide() -> dict[str, Any]:
        done.append(carried_out(changes, seen))
        said = [sentence(each) for each in done[0].changes]
        return {"changes": said, "leaves": [list(row) for row in done[0].new]}

    if planned(changes).changes:
        lineitem.limits.deciding(now, "settings changed", decide)
        lineitem.renew()
    else:
        done.append(planned(changes))
    return document(done[0], done=True)


def _meant(given: Mapping[str, Any], *, page: bool) -> dict[Path, Any]:
    if not given:
        raise UsageError("Say what to change: --set health.preset=intensive, --unset health.preset.")
    made: dict[Path, Any] = {}
    for text, value in given.items():
        path = parse_path(text)
        if path in made:
            raise UsageError(f"{spelled(path)} was given twice.")
        if value == HIDDEN:
            raise UsageError(f"{spelled(path)} is what is shown instead of a secret: leave it out, or give a new one.")
        if page and not on_page(path, value):
            raise UsageError(f"{spelled(path)} is not changed on a page: `lineitem settings --set` does it.")
        made[path] = value
    return made


def _row(path: Path, value: Any, source: str) -> dict[str, Any]:
    from json import dumps

    told = shown(path, value)
    secret = told == HIDDEN
    text = told if isinstance(told, str) else dumps(told, ensure_ascii=False, default=str)
    return {"setting": spelled(path), "value": None if secret else _plain(told), "text": text, "secret": secret,
            "source": source, "onPage": on_page(path, value)}  # fmt: skip


def _plain(value: Any) -> Any:
    """A value of TOML as JSON has it: days and times are texts."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def document(change: Change, *, done: bool) -> dict[str, Any]:
    """A change as JSON."""
    rows = [
        {"setting": spelled(path), "before": _plain(before), "after": _plain(after)}
        for path, before, after in change.changes
    ]
    return {"file": change.place, "done": done, "changes": rows, "egress": _leaving(change.leaves),
            "newEgress": _leaving(change.new), "seen": change.seen, "schemaVersion": 1}  # fmt: skip


def _leaving(rows: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"channel": channel, "host": host, "sends": sends} for channel, host, sends in rows]

"""The way in: what would change, putting it in place, what is lost, putting it back, taking it away.

`Place` says where and what. Nothing here asks or prints: the command line shows `Plan.diff` and asks, then calls
`install`, which works out the plan again from what is in the file by then.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from lineitem.core.problems import LineitemError
from lineitem.setup import live_folder
from lineitem.setup.document import EMPTY, decoded
from lineitem.setup.entries import Wanted, is_ours, telemetry
from lineitem.setup.plan import Original, Plan, holds_ours, installing, missing, removing
from lineitem.setup.record import Record, Records
from lineitem.setup.refusals import SettingsRefused
from lineitem.setup.settings_file import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_Result = TypeVar("_Result")
#: Where the collector listens unless settings.toml says otherwise.
PORT = 4953
#: What a plan shows instead of a token that is not made yet.
NO_TOKEN = "made-when-it-is-installed"  # noqa: S105 - no token


class Place(NamedTuple):
    """What to put where."""

    settings: str  #: path of the settings.json
    database: str  #: path of the store
    port: int = PORT
    style: str = "http"
    telemetry: bool = False
    statusline: bool = True
    interpreter: str = ""  #: default: the Python this runs in
    programs: str = ""  #: the folder `lineitem_hook`; default: the one beside this package
    switches: bool = False  #: a budget acts on switches of the model
    closed: bool = False  #: a budget lets nothing pass while the collector does not answer
    note: bool = False  #: `handoff.on_resume` is on


class Status(NamedTuple):
    """What a settings.json holds of ours."""

    path: str
    installed: bool
    lost: list[str]  #: what we put in and is not there any more, by name
    others: dict[str, int]  #: by event: handlers that are not ours
    wraps: bool  #: the statusline runs another one first
    port: int | None  #: where its hooks send to; None: it is not known
    exposed: bool  #: other users of this machine may read the file, and the ingest token in it


def default_settings() -> str:
    """Claude Code's own settings.json of this user."""
    folder = os.environ.get("CLAUDE_CONFIG_DIR", "").split(",")[0].strip()
    return os.path.join(os.path.expanduser(folder or os.path.join("~", ".claude")), "settings.json")


def planned(place: Place) -> Plan:
    """What `install` would change now. Nothing is written, no token is made."""
    live = live_folder.place_of(place.database)
    file, records = SettingsFile(place.settings), Records(live)
    wanted = _wanted(place, live, _token(live) or NO_TOKEN, records.of(file.path))
    return _explained(file, wanted, lambda: _installing(file, file.settled(), wanted, records))


def install(
    place: Place, step: Callable[[str], None] = lambda _: None, sleep: Callable[[float], None] = time.sleep
) -> Plan:
    """Put in place what is missing, bring up to date what is old; the plan as carried out. Safe to repeat."""
    live = live_folder.made(live_folder.place_of(place.database))
    records = Records(live.path)
    file = SettingsFile(place.settings, step, sleep)
    wanted = _wanted(place, live.path, live.ingest, records.of(file.path))
    done: list[Plan] = []

    def edit(before: bytes | None) -> bytes | None:
        done.append(_installing(file, before, wanted, records))
        return done[-1].after

    def keep() -> None:
        _keep_way_back(records, done[-1], wanted)
        step("recorded")
        _back_up(records, done[-1])

    _explained(file, wanted, lambda: file.change(edit, keep))
    return done[-1]


def planned_removal(settings: str, database: str) -> Plan:
    """What `uninstall` would change now. Nothing is written."""
    file, records = SettingsFile(settings), Records(live_folder.place_of(database))
    return _removing(file, file.settled(), records)


def uninstall(
    settings: str,
    database: str,
    step: Callable[[str], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Plan:
    """Take ours out; the very bytes that stood there before, where nobody else has changed the file since."""
    records = Records(live_folder.place_of(database))
    file = SettingsFile(settings, step, sleep)
    done: list[Plan] = []

    def edit(before: bytes | None) -> bytes | None:
        done.append(_removing(file, before, records))
        return done[-1].after

    file.change(edit, lambda: _back_up(records, done[-1]))
    records.forget(file.path)
    return done[-1]


def status(settings: str, database: str) -> Status:
    """What is there of ours, what is lost, what is somebody else's."""
    records = Records(live_folder.place_of(database))
    file = SettingsFile(settings)
    try:
        document = decoded(file.settled(), file.path)
    except SettingsRefused:  # it is no JSON: nothing of ours is in force
        document = EMPTY
    record = records.of(file.path)
    hooks = document.value("hooks")
    others = {event: _others(groups) for event, groups in hooks.items()} if isinstance(hooks, dict) else {}
    return Status(
        path=file.path,
        installed=holds_ours(document),
        lost=_lost(file, record, records.live) if record else [],
        others={event: count for event, count in others.items() if count},
        wraps=records.wrapped(file.path) is not None,
        port=record.wanted.port if record else None,
        exposed=exposed(file.path),
    )


def lost(database: str) -> dict[str, list[str]]:
    """By settings.json we are installed in: what is not there any more. Cheap enough for every minute.

    A file that cannot be read as JSON, or is gone, has lost everything we put into it.
    """
    records = Records(live_folder.place_of(database))
    found = {record.path: _lost(SettingsFile(record.path), record, records.live) for record in records.all()}
    return {path: names for path, names in found.items() if names}


def planned_repair(database: str) -> list[Plan]:
    """What `repair` would change now, a plan for every settings.json we are installed in. Nothing is written."""
    records = Records(live_folder.place_of(database))
    return [planned(_place(record.path, database, record.wanted, "", "")) for record in records.all()]


def repair(database: str, interpreter: str = "", programs: str = "") -> list[Plan]:
    """Put back what is lost, in every settings.json we are installed in, as it was asked for."""
    records = Records(live_folder.place_of(database))
    return [install(_place(record.path, database, record.wanted, interpreter, programs)) for record in records.all()]


def _place(path: str, database: str, wanted: Wanted, interpreter: str, programs: str) -> Place:
    return Place(
        settings=path,
        database=database,
        port=wanted.port,
        style=wanted.style,
        telemetry=wanted.telemetry,
        statusline=wanted.statusline,
        interpreter=interpreter,
        programs=programs,
        switches=wanted.switches,
        closed=wanted.closed,
        note=wanted.note,
    )


# --- what is wanted


def _wanted(place: Place, live: str, token: str, record: Record | None) -> Wanted:
    """What the place asks for; telemetry that was switched on once stays so until it is uninstalled."""
    return Wanted(
        live=_text(live),
        token=token,
        port=place.port,
        interpreter=_text(place.interpreter or sys.executable),
        programs=_text(place.programs or programs_beside()),
        style=place.style,
        telemetry=place.telemetry or (record is not None and record.wanted.telemetry),
        statusline=place.statusline,
        windows=os.name == "nt",
        switches=place.switches,
        closed=place.closed,
        note=place.note,
    )


def programs_beside() -> str:
    """The folder of the programs that Claude Code starts; LineitemError where this installation lacks them."""
    import lineitem

    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(lineitem.__file__))), "lineitem_hook")
    if not os.path.isfile(os.path.join(folder, "forward.py")):
        raise LineitemError(f"This installation is not complete: {folder} is missing. Install lineitem again.")
    return folder


def _text(path: str) -> str:
    """A path that can stand in a JSON file; SettingsRefused for one that is not Unicode."""
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise SettingsRefused(f"The path {path!a} is not UTF-8 and cannot stand in a settings.json.") from error
    return path


def _recorded(record: Record | None, live: str) -> Wanted:
    """What a record says was wanted."""
    wanted = record.wanted if record else Wanted(live, "", PORT, "", "")
    return wanted._replace(token=_token(live))


def _token(live: str) -> str:
    found = live_folder.found(live)
    return found.ingest if found else ""


# --- plans, with what only the disk knows


def _installing(file: SettingsFile, before: bytes | None, wanted: Wanted, records: Records) -> Plan:
    plan = installing(file.path, before, wanted, may_wrap=not records.wraps_another(file.path))
    notes = list(plan.notes)
    if wanted.token == NO_TOKEN and NO_TOKEN.encode() in (plan.after or b""):
        notes.append(f"{NO_TOKEN} stands for a token, which is made when this is put in place.")
    if exposed(file.path):
        notes.append(
            f"Other users of this machine may read {file.path}, and with it the token for sending events to lineitem"
            " (no token to read them). To close it: chmod 600"
        )
    if _passing(wanted.interpreter):
        notes.append(f"{wanted.interpreter} is a temporary Python. Install lineitem for good, then install this again.")
    return plan._replace(notes=tuple(notes))


def _removing(file: SettingsFile, before: bytes | None, records: Records) -> Plan:
    record = records.of(file.path)
    if before is None or (record is None and not holds_ours(decoded(before, file.path))):
        return Plan(file.path, before, before)
    original = _original(file.path, record, records)
    plan = removing(file.path, before, _recorded(record, records.live), original)
    if record is not None and record.stands_for(before):
        return plan._replace(after=record.before)
    return plan


def _original(path: str, record: Record | None, records: Records) -> Original:
    return Original(decoded(record.before, path) if record else EMPTY, records.wrapped(path))


def _back_up(records: Records, plan: Plan) -> None:
    if plan.before is not None and os.path.isdir(records.live):
        records.back_up(plan.path, plan.before)


def _keep_way_back(records: Records, plan: Plan, wanted: Wanted) -> None:
    """Keep what the settings.json is without us, and the command of the statusline we take over."""
    without = _without_us(records, plan)
    if plan.wrapped is not None:
        records.wrap(plan.path, plan.wrapped)
    elif decoded(plan.before, plan.path).value("statusLine") is None:
        records.unwrap(plan.path)
    gaps = missing(decoded(plan.after, plan.path), wanted)  # what a conflict kept out is not lost later
    real = wanted._replace(
        statusline=wanted.statusline and "statusLine" not in gaps,
        telemetry=wanted.telemetry and telemetry(wanted).keys().isdisjoint(gaps),
    )
    records.keep(plan.path, without, (plan.before, plan.after), real)


def _without_us(records: Records, plan: Plan) -> bytes | None:
    """The bytes to put back: those from before us, or where others changed the file since, theirs without ours."""
    record = records.of(plan.path)
    if plan.before is None or (record is not None and record.stands_for(plan.before)):
        return record.before if record is not None and plan.before is not None else None
    if record is None and not holds_ours(decoded(plan.before, plan.path)):
        return plan.before
    original = _original(plan.path, record, records)
    return removing(plan.path, plan.before, _recorded(record, records.live), original).after


def _explained(file: SettingsFile, wanted: Wanted, work: Callable[[], _Result]) -> _Result:
    """Do the work; a refusal also says what to paste by hand."""
    try:
        return work()
    except SettingsRefused as refusal:
        snippet = decoded(installing(file.path, None, wanted).after, file.path).text
        hint = f" ({NO_TOKEN} stands for a token that `lineitem install` makes)" if NO_TOKEN in snippet else ""
        raise SettingsRefused(f"{refusal} Mend it and try again, or put this in by hand{hint}:\n{snippet}") from refusal


# --- looking


def _lost(file: SettingsFile, record: Record, live: str) -> list[str]:
    wanted = _recorded(record, live)
    try:
        document = decoded(file.settled(), file.path)
    except SettingsRefused:
        document = EMPTY
    gone = [] if os.path.exists(wanted.interpreter) else ["interpreter"]
    return [*missing(document, wanted), *gone]


def _handlers(groups: Any) -> list[Any]:
    listed = [group.get("hooks") for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    return [handler for handlers in listed if isinstance(handlers, list) for handler in handlers]


def _others(groups: Any) -> int:
    return sum(not is_ours(handler) for handler in _handlers(groups))


def exposed(path: str, mode_of: Callable[[str], int] = lambda path: os.stat(path).st_mode) -> bool:
    """Whether other users may read the file: itself, and through every folder above it."""
    if os.name != "posix" or not os.path.exists(path) or not mode_of(path) & stat.S_IROTH:
        return False
    folder = os.path.dirname(path)
    while folder != os.path.dirname(folder) and mode_of(folder) & stat.S_IXOTH:
        folder = os.path.dirname(folder)
    return folder == os.path.dirname(folder)


def _passing(interpreter: str) -> bool:
    """Whether a Python lies where things are thrown away: a temporary folder, or a cache of uv or pipx."""
    real = os.path.abspath(interpreter)
    caches = ("/uv/archive-v0/", "/uv/builds-v0/", "/pipx/.cache/")
    return real.startswith(os.path.join(tempfile.gettempdir(), "")) or any(one in real for one in caches)

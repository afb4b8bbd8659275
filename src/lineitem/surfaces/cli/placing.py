"""Putting lineitem in place and taking it away: shows the exact change first, asks, then does it."""

from __future__ import annotations

import os
import sys

from lineitem import settings
from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.output import write_json
from lineitem.surfaces.page import clean, coloured, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.classifier.standing import Standing
    from lineitem.setup.install import Place
    from lineitem.setup.plan import Plan

    Options = dict[str, Any]


def install(options: Options) -> int:
    """Put hooks, statusline and, where wanted, telemetry into Claude Code's settings."""
    from lineitem.setup import install as setup

    known = settings.load()
    database = settings.database_path(options.get("db", ""), known)
    style = options.get("style", "http")
    if style not in ("http", "command"):
        raise UsageError(f"--style is http or command, not '{style}'.")
    switches, closed = _asked_by_budgets(database)
    place = setup.Place(
        _settings_file(options), database, settings.collector_port(options.get("port", ""), known), style,
        telemetry=bool(options.get("otlp")), statusline=not options.get("no_statusline"), switches=switches,
        closed=closed, note=settings.note_on_resume(known),
    )  # fmt: skip
    if options.get("repair"):
        return _repair(database, options)
    plan = _planned(place, options)
    if not _agreed(plan, options, "Put this in place?", _secrets(database)):
        return 0 if options.get("dry_run") or plan.before == plan.after else 1
    done = setup.install(place)
    if not options.get("json"):
        print(f"Done: {clean(done.path)}. Claude Code takes it up in new sessions, and in running ones within moments.")
        print("Next: `lineitem autostart on` starts the collector now and at every login; `lineitem serve` once, here.")
        print("Undo: `lineitem uninstall`.")
    return 0


def _asked_by_budgets(database: str) -> tuple[bool, bool]:
    """(whether a budget acts on switches of the model, whether one lets nothing pass while no collector runs)."""
    if not os.path.exists(database):
        return False, False
    from lineitem.wiring import Lineitem

    lineitem = Lineitem(database)
    try:
        acting = lineitem.limits.acting()
    finally:
        lineitem.close()
    return any("model" in budget.on for budget in acting), any(budget.closed for budget in acting)


def _planned(place: Place, options: Options) -> Plan:
    """What would change; a refusal shows lines to paste, which hold the real token unless it is a dry run."""
    from lineitem.setup import install as setup
    from lineitem.setup.live_folder import made, place_of
    from lineitem.setup.refusals import SettingsRefused

    try:
        return setup.planned(place)
    except SettingsRefused:
        if options.get("dry_run"):
            raise
        made(place_of(place.database))
        return setup.planned(place)


def uninstall(options: Options) -> int:
    """Take out what `install` put in; the file is as it was, byte for byte, where nobody else changed it since."""
    from lineitem.setup import install as setup

    database = settings.database_path(options.get("db", ""), settings.load())
    path = _settings_file(options)
    plan = setup.planned_removal(path, database)
    if not _agreed(plan, options, "Take this out?", _secrets(database)):
        return 0 if options.get("dry_run") or plan.before == plan.after else 1
    setup.uninstall(path, database)
    if not options.get("json"):
        print(f"Done: {clean(plan.path)}. The store and its history stay.")
    return 0


def _agreed(plan: Plan, options: Options, question: str, secrets: tuple[str, ...]) -> bool:
    """Whether to go on: the change was shown, there is one, and the person wants it."""
    if options.get("json"):
        write_json({**_told(plan, secrets), "dryRun": bool(options.get("dry_run")), "schemaVersion": 1}, options)
    else:
        _show(plan, options, secrets)
    if plan.before == plan.after:
        if not options.get("json"):
            print(f"Nothing to change in {clean(plan.path)}.")
        return False
    return not options.get("dry_run") and wanted(question, options)


def wanted(question: str, options: Options) -> bool:
    """Whether the person says yes, here or with --yes."""
    if options.get("yes"):
        return True
    if not sys.stdin.isatty():
        sys.stderr.write("Nothing was changed: say --yes, or run it in a terminal.\n")
        return False
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _told(plan: Plan, secrets: tuple[str, ...]) -> dict[str, Any]:
    """A plan as JSON."""
    changes = [
        {"path": list(change.path), "before": _masked(change.before, secrets),
         "after": _masked(change.after, secrets), "why": change.why}
        for change in plan.changes
    ]  # fmt: skip
    return {"settings": plan.path, "changes": changes, "notes": list(plan.notes)}


def _secrets(database: str) -> tuple[str, ...]:
    """What no plan shows: the token, where there is one."""
    from lineitem.setup.live_folder import found, place_of

    folder = found(place_of(database))
    return (folder.ingest,) if folder else ()


def _masked(text: str | None, secrets: tuple[str, ...]) -> str | None:
    for secret in filter(None, secrets):
        text = text and text.replace(secret, "********")
    return text


def _show(plan: Plan, options: Options, secrets: tuple[str, ...]) -> None:
    """A plan as a diff, with the colours everybody knows, and its notes."""
    paint = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"} if coloured(sys.stdout, options) else {}
    for line in plan.diff(secrets).splitlines():
        colour = paint.get(line[:1], "")
        text = clean(line)
        write(sys.stdout, f"{colour}{text}\x1b[0m\n" if colour else f"{text}\n")
    for note in plan.notes:
        print(f"Note: {clean(note)}")


def _repair(database: str, options: Options) -> int:
    """Put back what was lost, wherever it was installed, as it was asked for then."""
    from lineitem.setup import install as setup

    plans, secrets = setup.planned_repair(database), _secrets(database)
    lost = [plan for plan in plans if plan.before != plan.after]
    quiet = bool(options.get("json"))
    if not quiet:
        if not plans:
            print("lineitem is installed nowhere: `lineitem install` puts it in place.")
        for plan in plans:
            _show(plan, options, secrets)
            if plan not in lost:
                print(f"{clean(plan.path)}: nothing was lost.")
    wished = bool(lost) and not options.get("dry_run") and wanted("Put this back?", options)
    done = [plan for plan in setup.repair(database) if plan.before != plan.after] if wished else []
    if quiet:
        write_json({"repaired": [plan.path for plan in done], "plans": [_told(plan, secrets) for plan in plans],
                    "dryRun": bool(options.get("dry_run")), "schemaVersion": 1}, options)  # fmt: skip
    for plan in done if not quiet else ():
        print(f"{clean(plan.path)}: put back {len(plan.changes)} entries.")
    return 0 if wished or not lost or options.get("dry_run") else 1


def autostart(options: Options) -> int:
    """Start the collector at login, or no more, or say how it stands."""
    from lineitem.setup import autostart as login
    from lineitem.setup.live_folder import made, place_of
    from lineitem.setup.login_items import Service

    known = settings.load()
    database = settings.database_path(options.get("db", ""), known)
    live = place_of(database)
    command = [sys.executable, "-m", "lineitem", "serve", "--db", database]
    folders = options.get("config_dir") or os.environ.get("CLAUDE_CONFIG_DIR", "").split(",")
    for folder in filter(None, map(str.strip, folders)):
        command += ["--config-dir", os.path.abspath(os.path.expanduser(folder))]
    kept = () if os.name == "nt" else ("LINEITEM_SETTINGS", "XDG_CONFIG_HOME", "XDG_DATA_HOME")  # tasks take none
    environment = tuple((name, os.environ[name]) for name in kept if os.environ.get(name))
    service = Service(tuple(command), environment, os.path.join(live, "collector.log"))
    host = login.this_host(live)
    wanted = options.get("argument") or "status"
    if wanted == "on":
        made(live)
        state = login.on(service, host)
    elif wanted == "off":
        login.off(host)
        state = login.state(service, host)
    elif wanted == "status":
        state = login.state(service, host)
    else:
        raise UsageError(f"`lineitem autostart` knows on, off and status, not '{wanted}'.")
    if options.get("json"):
        write_json({"file": state.file, "installed": state.installed, "current": state.current,
                    "running": state.running, "schemaVersion": 1}, options)  # fmt: skip
        return 0
    if not state.installed:
        print("The collector does not start by itself: `lineitem autostart on` changes that.")
        return 0
    runs = {True: "It runs now.", False: "It does not run now.", None: "Whether it runs now, nobody said."}
    print(f"The collector starts at login ({clean(state.file)}). {runs[state.running]}")
    if not state.current:
        print("It would be started as an earlier lineitem wanted it: `lineitem autostart on` brings it up to date.")
    return 0


def status(options: Options) -> int:
    """What is in place: hooks, collector, autostart; 1 where something of it is lost."""
    from lineitem.server.serve import running, waiting
    from lineitem.setup import install as setup
    from lineitem.setup.live_folder import place_of

    if options.get("egress"):
        return _egress(options)
    known = settings.load()
    database = settings.database_path(options.get("db", ""), known)
    found = setup.status(_settings_file(options), database)
    collector, held = running(place_of(database)), waiting(place_of(database))
    lost = setup.lost(database)
    classifier = _classifier(options, database)
    if options.get("json"):
        write_json({
            "settings": found.path, "installed": found.installed, "lost": lost, "foreignHooks": found.others,
            "wrapsStatusline": found.wraps, "settingsReadableByOthers": found.exposed,
            "collector": collector
            and {key: collector.get(key) for key in ("pid", "port", "socket", "grpcPort", "version")},
            "inbox": held and {"waiting": held.values, "waitingBytes": held.bytes, "full": held.full},
            "database": database, "classifier": classifier and classifier.json(), "schemaVersion": 1,
        }, options)  # fmt: skip
        return 1 if lost else 0
    print(f"Hooks: {'in place' if found.installed else 'not installed'} in {clean(found.path)}.")
    if found.wraps:
        print("Statusline: ours, and the one that was there before runs first.")
    where = f"runs (process {collector['pid']}, port {collector['port']})" if collector else "does not run"
    print(f"Collector: {where}.")
    if collector and found.installed and found.port not in (None, collector["port"]):
        print(
            f"The hooks send to port {found.port}: `lineitem install --port {collector['port']}` brings them together."
        )
    if held and held.values:
        print(f"Inbox: {held.values} values ({held.bytes >> 10} KiB) wait for the store.")
        if held.full:
            print("The inbox is full: nothing more is taken until the store takes it in. What fails: `/v1/health`.")
    print(f"Store: {clean(database)}")
    if classifier:
        print(f"Classifier: {clean(classifier.sentence)}")
    if found.exposed:
        print(f"Others on this machine may read {clean(found.path)}, and with it the ingest token: chmod 600 it.")
    for path, names in lost.items():
        print(f"Lost from {clean(path)}: {', '.join(map(clean, names))}. `lineitem install --repair` puts it back.")
    return 1 if lost else 0


def _classifier(options: Options, database: str) -> Standing | None:
    """How the classifier stands; None where no store can be opened: none is made for that, and `doctor` says why."""
    from lineitem.core.problems import StoreError
    from lineitem.wiring import Lineitem

    if not os.path.exists(database):
        return None
    try:
        lineitem = Lineitem(options.get("db", ""))
    except StoreError:
        return None
    try:
        return lineitem.classifier()
    finally:
        lineitem.close()


def _egress(options: Options) -> int:
    """What would leave the machine."""
    from lineitem.surfaces.answering import egress_document
    from lineitem.wiring import Lineitem

    lineitem = Lineitem(options.get("db", ""))
    try:
        document = egress_document(lineitem)
    finally:
        lineitem.close()
    found = document["egress"]
    if options.get("json"):
        write_json(document, options)
        return 0
    for row in found:
        print(f"{clean(row['channel'])}: to {clean(row['host'])}: {clean(row['sends'])}")
    if not found:
        print("Nothing leaves this machine: no channel is set in [alerts], and [classifier] is off.")
    return 0


def _settings_file(options: Options) -> str:
    from lineitem.setup.install import default_settings

    return os.path.abspath(os.path.expanduser(options["settings"])) if options.get("settings") else default_settings()

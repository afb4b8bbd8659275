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
    from lineitem.setup.plan import Plan

    Options = dict[str, Any]


def install(options: Options) -> int:
    """Put hooks, statusline and, where wanted, telemetry into Claude Code's settings."""
    from lineitem.setup import install as setup
    from lineitem.setup.live_folder import found, place_of

    known = settings.load()
    database = settings.database_path(options.get("db", ""), known)
    style = options.get("style", "http")
    if style not in ("http", "command"):
        raise UsageError(f"--style is http or command, not '{style}'.")
    switches, closed = _asked_by_budgets(database)
    place = setup.Place(
        _settings_file(options), database, settings.collector_port(options.get("port", ""), known), style,
        telemetry=bool(options.get("otlp")), statusline=not options.get("no_statusline"), switches=switches,
        closed=closed,
    )  # fmt: skip
    if options.get("repair"):
        if options.get("dry_run"):
            raise UsageError("--repair puts back what was installed before; it has no --dry-run.")
        plans = setup.repair(database)
        return _repaired(plans, options)
    plan = setup.planned(place)
    folder = found(place_of(database))
    if not _agreed(plan, options, "Put this in place?", (folder.ingest,) if folder else ()):
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
        acting = lineitem.acting_budgets()
    finally:
        lineitem.close()
    return any("model" in budget.on for budget in acting), any(budget.closed for budget in acting)


def uninstall(options: Options) -> int:
    """Take out what `install` put in; the file is as it was, byte for byte, where nobody else changed it since."""
    from lineitem.setup import install as setup
    from lineitem.setup.live_folder import found, place_of

    database = settings.database_path(options.get("db", ""), settings.load())
    path = _settings_file(options)
    plan = setup.planned_removal(path, database)
    folder = found(place_of(database))
    if not _agreed(plan, options, "Take this out?", (folder.ingest,) if folder else ()):
        return 0 if options.get("dry_run") or plan.before == plan.after else 1
    setup.uninstall(path, database)
    if not options.get("json"):
        print(f"Done: {clean(plan.path)}. The store and its history stay.")
    return 0


def _agreed(plan: Plan, options: Options, question: str, secrets: tuple[str, ...]) -> bool:
    """Whether to go on: the change was shown, there is one, and the person wants it."""
    diff = plan.diff(secrets)
    if options.get("json"):
        changes = [
            {"path": list(change.path), "before": _masked(change.before, secrets),
             "after": _masked(change.after, secrets), "why": change.why}
            for change in plan.changes
        ]  # fmt: skip
        write_json({"settings": plan.path, "changes": changes, "notes": list(plan.notes),
                    "dryRun": bool(options.get("dry_run")), "schemaVersion": 1}, options)  # fmt: skip
    else:
        _show(diff, options)
        for note in plan.notes:
            print(f"Note: {clean(note)}")
    if plan.before == plan.after:
        if not options.get("json"):
            print(f"Nothing to change in {clean(plan.path)}.")
        return False
    if options.get("dry_run"):
        return False
    if options.get("yes"):
        return True
    if not sys.stdin.isatty():
        sys.stderr.write("Nothing was changed: say --yes, or run it in a terminal.\n")
        return False
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _masked(text: str | None, secrets: tuple[str, ...]) -> str | None:
    for secret in filter(None, secrets):
        text = text and text.replace(secret, "********")
    return text


def _show(diff: str, options: Options) -> None:
    """A diff, with the colours everybody knows."""
    paint = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"} if coloured(sys.stdout, options) else {}
    for line in diff.splitlines():
        colour = paint.get(line[:1], "")
        text = clean(line)
        write(sys.stdout, f"{colour}{text}\x1b[0m\n" if colour else f"{text}\n")


def _repaired(plans: list[Plan], options: Options) -> int:
    changed = [plan for plan in plans if plan.before != plan.after]
    if options.get("json"):
        write_json({"repaired": [plan.path for plan in changed], "schemaVersion": 1}, options)
    elif not plans:
        print("lineitem is installed nowhere: `lineitem install` puts it in place.")
    else:
        for plan in plans:
            said = f"put back {len(plan.changes)} entries" if plan.before != plan.after else "nothing was lost"
            print(f"{clean(plan.path)}: {said}.")
    return 0


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
    from lineitem.server.serve import running
    from lineitem.setup import install as setup
    from lineitem.setup.live_folder import place_of

    if options.get("egress"):
        return _egress(options)
    known = settings.load()
    database = settings.database_path(options.get("db", ""), known)
    found = setup.status(_settings_file(options), database)
    collector = running(place_of(database))
    lost = setup.lost(database)
    classifier = _classifier(options, database)
    if options.get("json"):
        write_json({
            "settings": found.path, "installed": found.installed, "lost": lost, "foreignHooks": found.others,
            "wrapsStatusline": found.wraps, "settingsReadableByOthers": found.exposed,
            "collector": collector and {key: collector.get(key) for key in ("pid", "port", "socket", "version")},
            "database": database, "classifier": classifier and classifier.json(), "schemaVersion": 1,
        }, options)  # fmt: skip
        return 1 if lost else 0
    print(f"Hooks: {'in place' if found.installed else 'not installed'} in {clean(found.path)}.")
    if found.wraps:
        print("Statusline: ours, and the one that was there before runs first.")
    where = f"runs (process {collector['pid']}, port {collector['port']})" if collector else "does not run"
    print(f"Collector: {where}.")
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
    from lineitem.wiring import Lineitem

    lineitem = Lineitem(options.get("db", ""))
    try:
        found = lineitem.egress()
    finally:
        lineitem.close()
    if options.get("json"):
        rows = [{"channel": channel, "host": host, "sends": sends} for channel, host, sends in found]
        write_json({"egress": rows, "schemaVersion": 1}, options)
        return 0
    for channel, host, sends in found:
        print(f"{clean(channel)}: to {clean(host)}: {clean(sends)}")
    if not found:
        print("Nothing leaves this machine: no channel is set in [alerts], and [classifier] is off.")
    return 0


def _settings_file(options: Options) -> str:
    from lineitem.setup.install import default_settings

    return os.path.abspath(os.path.expanduser(options["settings"])) if options.get("settings") else default_settings()

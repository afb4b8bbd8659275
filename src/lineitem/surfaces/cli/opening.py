"""`lineitem open`: the dashboard in the browser, and the collector that serves it."""

from __future__ import annotations

import os
import sys
import time

from lineitem import __version__, settings
from lineitem.core.problems import LineitemError
from lineitem.surfaces.cli.output import write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.setup.live_folder import LiveFolder

#: How long a collector that was just started may take until it listens (seconds).
_PATIENCE = 20.0
#: What says on Linux that there is a screen, or what to start.
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER")


def open_dashboard(options: dict[str, Any]) -> int:
    """Open the dashboard; with --print, only print its address."""
    from lineitem.setup.live_folder import made, place_of

    database = settings.database_path(options.get("db", ""), settings.load())
    folder = made(place_of(database))
    collector, started = _collector(database, folder, options)
    # behind `#` stands what no browser sends to any server
    address = f"http://127.0.0.1:{collector['port']}/#token={folder.change}"
    if options.get("json"):
        document = {"url": address, "started": started, "version": collector.get("version"), "schemaVersion": 1}
        write_json(document, options)
        return 0
    _tell(collector, started=started)
    print(address, flush=True)
    if options.get("print"):
        return 0
    if not _shown(address):
        sys.stderr.write("No browser could be opened here: open that address in one of this machine.\n")
    return 0


def _tell(collector: dict[str, object], *, started: bool) -> None:
    """Say what a person should know of the collector that serves the page."""
    if started:
        sys.stderr.write(
            f"The collector was started (process {collector['pid']}) and runs until it is ended;"
            " `lineitem autostart on` starts it at every login.\n"
        )
    elif collector.get("version") != __version__:
        other = collector.get("version", "of another version")
        sys.stderr.write(
            f"The collector that runs is lineitem {other}, this is {__version__}:"
            f" end it (process {collector.get('pid', '?')}) and run `lineitem open` again.\n"
        )


def _shown(address: str) -> bool:
    """Whether a browser shows it. Without a screen none is started: one for terminals would take over this one."""
    if sys.platform.startswith("linux") and not any(map(os.environ.get, _SCREENS)):
        return False
    import webbrowser

    from lineitem.setup.leading import leading_to

    if os.environ.get("WSL_DISTRO_NAME"):  # a browser of Windows opens no file of Linux
        return webbrowser.open(address)
    return webbrowser.open(leading_to(address))


def _collector(database: str, folder: LiveFolder, options: dict[str, Any]) -> tuple[dict[str, object], bool]:
    """What the collector says about itself that runs, is just starting, or is started here; whether it was here.

    Raises LineitemError.
    """
    from lineitem.server.serve import held, running

    found = running(folder.path)
    if found is not None and found.get("port"):
        return found, False
    process = None if held(folder.path) else _start(database, folder.path, options)
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        found = running(folder.path)
        if found is not None and found.get("port"):
            # (on Windows a virtual environment starts a process that starts another one)
            ours = process is not None and (sys.platform == "win32" or found.get("pid") == process.pid)
            if process is not None and not ours:
                process.terminate()  # it was too late, and would take over when the other one ends
            return found, ours
        # it ends well where another one, started at the same moment, was faster
        if process is not None and process.poll() not in (None, 0):
            break
        time.sleep(0.05)
    log = os.path.join(folder.path, "collector.log")
    raise LineitemError(
        f"The collector did not start; what it said is in {log}. `lineitem serve` shows it here:"
        f" {_last_line(log) or 'it said nothing'}"
    )


def _start(database: str, live: str, options: dict[str, Any]) -> Any:
    """Start a collector that goes on when this command is over; its process."""
    import subprocess

    command = [sys.executable, "-m", "lineitem", "serve", "--db", database]
    for folder in options.get("config_dir") or ():
        command += ["--config-dir", os.path.abspath(os.path.expanduser(folder))]
    if options.get("port"):
        command += ["--port", str(options["port"])]
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    with open(
        os.open(os.path.join(live, "collector.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab"
    ) as said:
        # In the live folder: it holds on to no folder of a person's, and no module of one is taken for ours.
        return subprocess.Popen(  # noqa: S603 - our own interpreter and words
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=live, env=_environment(), **detached
        )


def _environment() -> dict[str, str]:
    """The environment, with folders that hold wherever a process runs."""
    found = dict(os.environ)
    for name, between in (("LINEITEM_SETTINGS", ""), ("CLAUDE_CONFIG_DIR", ","), ("PYTHONPATH", os.pathsep)):
        parts = found[name].split(between) if between and name in found else [found.get(name, "")]
        if any(parts):
            found[name] = between.join(
                os.path.abspath(os.path.expanduser(part.strip())) for part in parts if part.strip()
            )
    return found


def _last_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if line.strip()]
    except FileNotFoundError:
        return ""
    return lines[-1] if lines else ""

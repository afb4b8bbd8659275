"""`lineitem open`: the dashboard in the browser, and the collector that serves it."""

from __future__ import annotations

import os
import sys
import time

from lineitem import settings
from lineitem.core.problems import LineitemError
from lineitem.surfaces.cli.output import write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: How long a collector that was just started may take until it listens (seconds).
_PATIENCE = 20.0
#: What says on Linux that there is a screen, or what to start.
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER")


def open_dashboard(options: dict[str, Any]) -> int:
    """Open the dashboard; with --print, only print its address."""
    from lineitem.server.serve import running
    from lineitem.setup.live_folder import made, place_of

    database = settings.database_path(options.get("db", ""), settings.load())
    folder = made(place_of(database))
    collector = running(folder.path)
    started = collector is None
    if collector is None:
        collector = _started(database, folder.path, options)
    # behind `#` stands what no browser sends to any server
    address = f"http://127.0.0.1:{collector['port']}/#token={folder.change}"
    if options.get("json"):
        write_json({"url": address, "started": started, "schemaVersion": 1}, options)
        return 0
    if started:
        sys.stderr.write(
            f"The collector was started (process {collector['pid']}) and runs until it is ended;"
            " `lineitem autostart on` starts it at every login.\n"
        )
    print(address, flush=True)
    if options.get("print"):
        return 0
    if not _shown(address):
        sys.stderr.write("No browser could be opened here: open that address in one of this machine.\n")
    return 0


def _shown(address: str) -> bool:
    """Whether a browser shows it. Without a screen none is started: one for terminals would take over this one."""
    if sys.platform.startswith("linux") and not any(map(os.environ.get, _SCREENS)):
        return False
    import webbrowser

    return webbrowser.open(address)


def _started(database: str, live: str, options: dict[str, Any]) -> dict[str, object]:
    """Start a collector that goes on when this command is over; what it says about itself. Raises LineitemError."""
    import subprocess

    from lineitem.server.serve import running

    command = [sys.executable, "-m", "lineitem", "serve", "--db", database]
    for folder in options.get("config_dir") or ():
        command += ["--config-dir", os.path.abspath(os.path.expanduser(folder))]
    if options.get("port"):
        command += ["--port", str(options["port"])]
    log = os.path.join(live, "collector.log")
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as said:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, **detached
        )
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        found = running(live)
        if found is not None and found.get("port"):
            return found
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise LineitemError(
        f"The collector did not start; what it said is in {log}. `lineitem serve` shows it here:"
        f" {_last_line(log) or 'it said nothing'}"
    )


def _last_line(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    return lines[-1] if lines else ""

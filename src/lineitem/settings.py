"""Every option of the program once: where files are, and what a person set in settings.toml.

Order: command line, environment, settings file, default. The file lies in the platform's config folder, or
where LINEITEM_SETTINGS says; docs/settings.md lists what may stand in it.
"""

from __future__ import annotations

import os
import sys

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: platformdirs knows the other platforms, and takes 12 ms to import.
_LINUX: bool = sys.platform.startswith("linux")
#: Top-level names a settings file may hold.
_KNOWN = ("prices", "config_dirs", "db", "timezone", "collector", "health", "alerts", "tags", "classifier", "work",
          "reports", "handoff")  # fmt: skip
#: The collector's port where nothing else is said.
PORT = 4953


def data_folder() -> str:
    """The platform's data folder of this program."""
    if _LINUX:
        base = os.environ.get("XDG_DATA_HOME") or os.path.join(_home(), ".local", "share")
        return os.path.join(base, "lineitem")
    from platformdirs import user_data_dir

    return user_data_dir("lineitem", appauthor=False)


def config_folder() -> str:
    """The platform's config folder of this program."""
    if _LINUX:
        base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(_home(), ".config")
        return os.path.join(base, "lineitem")
    from platformdirs import user_config_dir

    return user_config_dir("lineitem", appauthor=False)


def _home() -> str:
    return os.environ.get("HOME") or os.path.expanduser("~")


def database_path(given: str = "", settings: dict[str, Any] | None = None) -> str:
    """The SQLite file: --db, LINEITEM_DB, the settings file, else in the data folder."""
    url = given or os.environ.get("LINEITEM_DB", "") or str((settings or {}).get("db", ""))
    if not url:
        return os.path.join(data_folder(), "lineitem.sqlite")
    if url.startswith("sqlite:///"):
        path = url[len("sqlite:///") :]
        if not path:
            raise UsageError("--db sqlite:/// names no file. Use sqlite:///path/to/file.sqlite.")
        return os.path.abspath(os.path.expanduser(path))
    if "://" in url:
        raise UsageError(f"--db {url.split('://')[0]}://... is not supported here. Use sqlite:///path/to/file.")
    return os.path.abspath(os.path.expanduser(url))


def collector_port(given: str = "", settings: dict[str, Any] | None = None) -> int:
    """The collector's port: --port, the settings file, else the usual one; 0: any that is free."""
    return _port(given or (settings or {}).get("collector", {}).get("port", PORT), "The collector's port")


def grpc_port(given: str = "", settings: dict[str, Any] | None = None) -> int | None:
    """The port for OTLP over gRPC: --grpc-port, the settings file; None: it is not spoken; 0: any that is free."""
    found = given or (settings or {}).get("collector", {}).get("grpc_port")
    return None if found is None else _port(found, "The port for gRPC")


def note_on_resume(settings: dict[str, Any]) -> bool:
    """Whether it is said in a session that is taken up again what that costs; `handoff.on_resume`."""
    table = settings.get("handoff", {})
    if not isinstance(table, dict) or any(name != "on_resume" for name in table):
        raise UsageError("[handoff] in the settings file knows on_resume and nothing else.")
    found = table.get("on_resume", False)
    if not isinstance(found, bool):
        raise UsageError(f"handoff.on_resume is true or false, not '{found}'.")
    return found


def _port(found: Any, what: str) -> int:
    if isinstance(found, str) and found.isdigit():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 65_536:
        raise UsageError(f"{what} is a number up to 65535, not '{found}'.")
    return found


def path() -> str:
    """The settings file, whether it is there or not."""
    return os.environ.get("LINEITEM_SETTINGS") or os.path.join(config_folder(), "settings.toml")


def stamp() -> tuple[int, int, int] | None:
    """What tells the settings file from what it was before; None: there is none, or it cannot be looked at."""
    try:
        found = os.stat(path())
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def load() -> dict[str, Any]:
    """The settings file as a dict; empty where there is none."""
    place = path()
    try:
        with open(place, "rb") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"The settings file {place} cannot be read: {error.strerror}.") from error
    return decoded(text, place)


def decoded(content: bytes, place: str) -> dict[str, Any]:
    """The settings in a file's bytes. Raises UsageError for what is no TOML, and for a setting nobody knows."""
    import tomllib

    try:
        settings = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"The settings file {place} is not valid TOML: {error}.") from error
    for name in settings:
        if name not in _KNOWN:
            raise UsageError(f"The settings file {place} has an unknown setting '{name}'. Known: {', '.join(_KNOWN)}.")
    return settings

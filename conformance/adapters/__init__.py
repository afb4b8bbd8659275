"""How to ask a tool for its totals: one small module per tool.

An adapter has two functions, `command` and `totals`.
In:   where the tool may work (`Place`), then what it wrote to stdout.
Out:  the command to run, then its figures as `Totals`.
Holds always: an adapter computes nothing that the tool did not say; what a tool does not tell is None.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.truth import Tokens


@dataclass(frozen=True)
class Place:
    """One run of a tool: its program, the config folder to read, a home to fill, and the zone for days."""

    program: list[str]
    config_dir: Path
    home: Path
    timezone: str = "UTC"

    def environment(self) -> dict[str, str]:
        """A machine on which nothing but this config folder exists."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
        return kept | {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "CLAUDE_CONFIG_DIR": str(self.config_dir),
            "LINEITEM_DB": self.database,
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "TZ": "UTC",
        }

    @property
    def database(self) -> str:
        """For tools that keep one."""
        return f"sqlite:///{self.home / 'ledger.db'}"


@dataclass
class DayTotals:
    tokens: Tokens | None = None
    usd: float | None = None
    nanos: int | None = None


@dataclass
class Totals:
    """What a tool says. Money either in whole nanodollars or in dollars."""

    tokens: Tokens
    nanos: int | None = None
    usd: float | None = None
    unpriced: bool | None = None
    """Whether it says that some money is unknown; None: it never says so."""
    days: dict[str, DayTotals] | None = None


class Adapter(Protocol):
    """What a module in this package offers."""

    DEFAULT: list[str]
    """The program to run if none is named."""

    def command(self, place: Place) -> list[str]: ...

    def totals(self, stdout: bytes) -> Totals: ...


@dataclass(frozen=True)
class Tool:
    """A tool as it was asked for on the command line."""

    name: str
    adapter: Adapter = field(repr=False)
    program: list[str]


def load(name: str, program: str | None = None) -> Tool:
    """The adapter of that name here, or the one in that file (`path/to/adapter.py`), with its program."""
    if name.endswith(".py"):
        spec = importlib.util.spec_from_file_location("adapter", name)
        if spec is None or spec.loader is None:
            raise SystemExit(f"cannot load an adapter from {name}")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    else:
        module = importlib.import_module(f"conformance.adapters.{name}")
    adapter = cast("Adapter", module)
    command = [program] if program else list(adapter.DEFAULT)
    found = shutil.which(command[0])
    if found is None:
        raise SystemExit(f"{command[0]} is not to be found; name the program with --bin")
    return Tool(name, adapter, [os.path.abspath(found), *command[1:]])

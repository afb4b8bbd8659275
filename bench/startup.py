"""How long each command takes to start, and what it imports: `python -m bench.startup`.

In:   an installed lineitem.
Out:  per command: milliseconds until exit beside a bare Python's, milliseconds spent on imports, and the
packages that cost most. With `--check`, exit 1 if a command takes more than its budget.
Holds always: commands run on a tiny transcript, in their own home, in turns with a bare Python. A budget is a
multiple of the bare start, since milliseconds are another machine's by tomorrow.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.measure import Run, run
from conformance.adapters import Place, load
from conformance.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping

BUDGETS = {
    "--version": 2.0,
    "daily --json": 5.0,
    "daily": 10.0,
    "session --json": 5.0,
    "bill --json": 5.0,
    "calls --json": 5.0,
    "--help": 8.0,
    "doctor": 10.0,
}
"""Wall time until exit with nothing new to read, in starts of a bare Python."""
SHOWN = 5
BARE = [sys.executable, "-c", "pass"]


class Imports(NamedTuple):
    code: int
    """What the command exited with."""
    ms: float
    modules: int
    heaviest: list[tuple[str, float]]
    """Packages with the milliseconds that their own modules took."""


def main() -> int:
    options = arguments()
    tool = load("lineitem", options.lineitem)
    over = []
    with tempfile.TemporaryDirectory(prefix="startup-") as folder:
        place = Place(tool.program, Path(folder, "config"), Path(folder, "home"))
        place.home.mkdir()
        write_transcript(place.config_dir)
        known = set(imported(profiled(BARE, place.environment())))
        print(f"{'command':<16} {'wall ms':>8} {'bare':>6} {'x bare':>7} {'budget':>7} {'imports':>8}  heaviest")
        for words, budget in BUDGETS.items():
            command = [*place.program, *words.split()]
            wall, bare = walls(command, place.environment(), options.runs)
            found = imports(command, place.environment(), known)
            print(row(words, wall, bare, budget, found), flush=True)
            if wall / bare > budget:
                over.append(words)
    if over:
        print(f"over budget: {', '.join(over)}")
    return 1 if over and options.check else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description="Start-up time per command.")
    parser.add_argument("--lineitem", metavar="PATH", help="the program (default: the one beside this Python)")
    parser.add_argument("--runs", type=int, default=11, help="runs per command (default: 11)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a command is over its budget")
    return parser.parse_args()


def write_transcript(config_dir: Path) -> None:
    tree = Tree()
    session = tree.session()
    session.prompt()
    session.answer(outputs=(1, 500), write_5m=20_000)
    tree.write(config_dir)


def walls(command: list[str], environment: Mapping[str, str], runs: int) -> tuple[float, float]:
    """Median milliseconds of the command and of a bare Python, in turns; the first pair is thrown away."""
    pairs = [(run(command, environment).exit_ms, run(BARE, environment).exit_ms) for _ in range(runs + 1)]
    ours, bare = zip(*pairs[1:], strict=True)
    return statistics.median(ours), statistics.median(bare)


def imports(command: list[str], environment: Mapping[str, str], known: set[str]) -> Imports:
    """What a command imports beyond what every Python does."""
    packages: dict[str, float] = {}
    done = profiled(command, environment)
    modules = {name: ms for name, ms in imported(done).items() if name not in known}
    for name, ms in modules.items():
        package = name.split(".", 1)[0]
        packages[package] = packages.get(package, 0.0) + ms
    heaviest = sorted(packages.items(), key=lambda item: -item[1])[:SHOWN]
    return Imports(done.code, sum(modules.values()), len(modules), heaviest)


def profiled(command: list[str], environment: Mapping[str, str]) -> Run:
    """A run that tells its imports on stderr."""
    return run(command, {**environment, "PYTHONPROFILEIMPORTTIME": "1"})


def imported(done: Run) -> dict[str, float]:
    """Modules with the milliseconds that each took by itself."""
    modules = {}
    for line in done.errors.splitlines():
        if line.startswith("import time:") and line.count("|") == 2:
            own, _, name = line.removeprefix("import time:").split("|")
            if own.strip().isdigit():
                modules[name.strip()] = int(own) / 1_000
    return modules


def row(words: str, wall: float, bare: float, budget: float, found: Imports) -> str:
    mark = " OVER" if wall / bare > budget else ""
    mark += f" EXIT {found.code}" if found.code else ""
    heaviest = ", ".join(f"{name} {ms:.1f}" for name, ms in found.heaviest)
    times = f"{wall:8.1f} {bare:6.1f} {wall / bare:7.1f} {budget:7.1f} {found.ms:8.1f}"
    return f"{words:<16} {times}  {heaviest} ({found.modules} modules){mark}"


if __name__ == "__main__":
    sys.exit(main())

"""What the hook and the statusline cost, and whether they ever speak: `python -m bench.forwarder [--store FILE]`.

In:   this source tree; `--store` a lineitem store with a large history, else an empty one is made.
Out:  medians in ms of a bare `python -I -S -c pass`, of the forwarder and of the statusline, taken in turns, with
their ratio to the bare start; then how many hostile runs of the forwarder ended with another code than 0 or with a
byte of output.
Holds always: everything happens in a throw-away folder; exit 1 where a budget is exceeded or a run was noticed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from lineitem.ledger.sqlite import Database
from tests.hook.processes import BARE, HOOK
from tests.hook.samples import encoded, status, tool_event
from tests.hook.stand_in import collector, make_live
from tests.hook.test_forward import HOSTILE, STATES

EVENT = encoded(tool_event(tool_input={"command": "x" * 900}, tool_response={"stdout": "y" * 900}))
STATUS = encoded(status())
#: Milliseconds that a collector which never answers may cost in all.
HUNG_BUDGET = 250


class Case(NamedTuple):
    name: str
    command: list[str]
    given: bytes
    budget: float
    """In starts of a bare Python; 0: `HUNG_BUDGET`."""


def main() -> int:
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="forwarder-") as folder:
        cases = prepared(Path(folder), options.store)
        with ExitStack() as stack:
            stack.enter_context(collector(Path(folder, "up/s.live"), b'{"line":"$1.23"}'))
            stack.enter_context(collector(Path(folder, "hung/s.live"), None))
            over = show(cases, measured(cases, options.runs))
        noticed = sum(hostile(Path(folder), random.Random(seed)) for seed in range(options.hostile))
    print(f"\n{options.hostile} hostile runs of the forwarder, noticed: {noticed}")
    return 1 if noticed or over else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, help="a store with a large history")
    parser.add_argument("--runs", type=int, default=51)
    parser.add_argument("--hostile", type=int, default=5000)
    return parser.parse_args()


def prepared(folder: Path, store: Path | None) -> list[Case]:
    """A live folder for each state of the collector, and what is run in it."""
    lives = {}
    for state in ("up", "down", "hung"):
        (folder / state).mkdir()
        lives[state] = str(make_live(folder / state, "s.live"))
    if store:
        shutil.copy(store, folder / "down/s")
    else:
        Database(str(folder / "down/s")).connection.close()
    line, hook = [*BARE, str(HOOK / "statusline.py")], [*BARE, str(HOOK / "forward.py")]
    return [
        Case("bare python", [*BARE, "-c", "pass"], EVENT, 1),
        Case("hook, collector up", [*hook, lives["up"]], EVENT, 2),
        Case("hook, collector down", [*hook, lives["down"]], EVENT, 2),
        Case("hook, collector hung", [*hook, lives["hung"]], EVENT, 0),
        Case("statusline, collector up", [*line, lives["up"]], STATUS, 2),
        Case("statusline, from the store", [*line, lives["down"]], STATUS, 4),
        Case("statusline, collector hung", [*line, lives["hung"]], STATUS, 0),
    ]


def measured(cases: list[Case], runs: int) -> dict[str, list[float]]:
    """Milliseconds of every run, the cases in turns."""
    found: dict[str, list[float]] = {case.name: [] for case in cases}
    for number in range(runs + 1):
        for case in cases:
            started = time.perf_counter()
            subprocess.run(case.command, input=case.given, capture_output=True, check=True)
            if number:  # the first one fills the caches
                found[case.name].append((time.perf_counter() - started) * 1000)
    return found


def show(cases: list[Case], found: dict[str, list[float]]) -> bool:
    """Print the medians; True where one is over its budget."""
    bare = statistics.median(found["bare python"])
    over = False
    print(f"{'':<28} {'median ms':>9} {'min':>6} {'max':>6} {'x bare':>7}  budget")
    for case in cases:
        times = found[case.name]
        median = statistics.median(times)
        limit = case.budget * bare if case.budget else HUNG_BUDGET
        over |= median > limit
        budget = f"{case.budget:g} x" if case.budget else f"{HUNG_BUDGET} ms"
        print(f"{case.name:<28} {median:>9.1f} {min(times):>6.1f} {max(times):>6.1f} {median / bare:>7.2f}  {budget}")
    return over


def hostile(folder: Path, rng: random.Random) -> bool:
    """One run in a hostile state with a hostile event: whether it was noticed."""
    place = Path(tempfile.mkdtemp(dir=folder))
    live = make_live(place)
    if rng.random() < 0.6:
        rng.choice(STATES)(live)
    given = rng.choice([*HOSTILE, EVENT, rng.randbytes(rng.randrange(400))])
    if rng.random() < 0.5 and given:
        broken = bytearray(given[: rng.randrange(1, len(given) + 1)])
        broken[rng.randrange(len(broken))] = rng.randrange(256)
        given = bytes(broken)
    closing = rng.choice(["", "", "", "<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full"])
    command = ["/bin/sh", "-c", f'exec "$0" "$@" {closing}', *BARE, str(HOOK / "forward.py"), str(live)]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=30)
    finally:
        if live.exists():
            live.chmod(0o700)
        shutil.rmtree(place)
    noticed = bool(done.returncode or done.stdout or done.stderr)
    if noticed:
        print(f"noticed: {done.returncode} {done.stdout!r} {done.stderr[-300:]!r} {given[:80]!r}", file=sys.stderr)
    return noticed


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())

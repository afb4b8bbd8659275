"""Reports and exports over a large store, beside ccusage: `python -m bench.reports CORPUS --store FILE`.

Each report is asked of a store that knows the corpus, each export until its first byte, in turns with ccusage's
`daily --json` over the same transcripts. Shown is the median of lineitem's time over ccusage's of the same turn; the
first run of each is not counted. A report whose figures are kept (`advice`, `anomalies`) is so asked of a store that
has them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.scenarios import native_ccusage

REPORTS = (
    "advice", "whatif", "rot", "efficiency", "trend", "forecast", "commits", "commits --by ticket", "pr", "budget",
    "audit", "compare --marker 2026-06-01", "report daily", "report weekly", "report monthly", "report session",
    "manual status", "anomalies",
)  # fmt: skip
EXPORTS = (
    "items", "items --format jsonl", "items --format json", "items --format parquet", "focus", "focus --format parquet",
    "metrics", "metrics --format otlp", "daily", "session", "calls", "calls --format parquet", "advice", "rot",
    "session LAST --format speedscope", "session LAST --format pprof",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Reports and exports over a large store, beside ccusage.")
    parser.add_argument("corpus", type=Path, help="the folder with `projects`")
    parser.add_argument(
        "--store", type=Path, required=True, help="a store that knows it; it is read, and kept up to date"
    )
    parser.add_argument("--ccusage", metavar="PATH", help="the program (default: from a node_modules, or the PATH)")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--only", default="", help="only what begins with this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "HOME": home, "LINEITEM_DB": f"sqlite:///{options.store.resolve()}"}
        env["CLAUDE_CONFIG_DIR"] = home  # nothing new to read: what is measured is the answer
        theirs = [options.ccusage or str(native_ccusage()), "claude", "daily", "--json", "-O"]
        over = {**env, "CLAUDE_CONFIG_DIR": str(options.corpus.resolve())}
        last = _last(env)
        for kind, names in ("report", REPORTS), ("export", EXPORTS):
            for name in names:
                if name.startswith(options.only):
                    words = name.replace("LAST", last).split()
                    ours = [sys.executable, "-m", "lineitem", *(["export"] if kind == "export" else []), *words]
                    _show(kind, name, ours, env, theirs, over, options.turns)
    return 0


def _show(
    kind: str, name: str, ours: list[str], env: dict[str, str], theirs: list[str], over: dict[str, str], turns: int
) -> None:
    _timed(ours, env, first=False)
    ratios, seconds = [], []
    for _ in range(turns):
        mine, code = _timed(ours, env, first=kind == "export")
        other, _ = _timed(theirs, over, first=False)
        ratios.append(mine / other)
        seconds.append(mine)
    failed = f"  exit {code}" if code not in (0, None) else ""
    print(f"{kind:<7} {name:<36} {median(ratios):6.3f}  {median(seconds):6.2f} s{failed}", flush=True)


def _timed(words: list[str], env: dict[str, str], *, first: bool) -> tuple[float, int | None]:
    """Seconds until the first byte, or until the end; and the exit code where the end was waited for."""
    began = time.perf_counter()
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        if first:
            process.stdout.read(1)
            took = time.perf_counter() - began
            process.kill()
            return took, None
        process.stdout.read()
        code = process.wait()
        return time.perf_counter() - began, code


def _last(env: dict[str, str]) -> str:
    import json

    said = subprocess.run(
        [sys.executable, "-m", "lineitem", "session", "--json"], env=env, capture_output=True, check=True
    )
    sessions = json.loads(said.stdout)["sessions"]
    return str(max(sessions, key=lambda row: row["lastActivity"])["sessionId"])


if __name__ == "__main__":
    sys.exit(main())

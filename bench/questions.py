"""What the pages of the dashboard ask, over a large store: `python -m bench.questions --store FILE`.

A collector is started on the store, every question of every page is asked once for each range (its last day, week and
month), then all of them again: of the second time the median, the 95th of a hundred, and the slowest are shown. The
second time comes when the collector's memory of whole answers is over, so that each is put together anew.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

#: Seconds after which no whole answer is given again.
_FORGOTTEN = 21
_RANGED = ("reports/daily", "reports/session", "reports/projects", "reports/models", "reports/tools", "reports/skills",
           "reports/mcp", "reports/branches", "reports/efficiency", "reports/advice", "reports/anomalies",
           "reports/agents?rows=1000", "reports/prompts?rows=1000", "reports/commits?rows=1000",
           "reports/bill?rows=200", "reports/bill?rows=1000&under=memory", "charts/days", "charts/bill",
           "charts/explore?by=model&over=day", "charts/explore?by=tool&split=part",
           "charts/explore?by=agent&split=kind", "reports/explore?by=cause&rows=200")  # fmt: skip
_PLAIN = ("reports/daily", "charts/year", "reports/budget", "reports/forecast", "reports/watch", "reports/health",
          "reports/doctor", "reports/prices", "reports/egress", "reports/audit")  # fmt: skip
_SESSION = ("reports/session?id=%s&rows=1", "reports/check?session=%s", "reports/health?id=%s", "reports/rot?id=%s",
            "reports/context?id=%s", "reports/context?id=%s&turns=1", "reports/calls?session=%s&rows=400",
            "reports/agents?session=%s", "reports/anomalies?session=%s", "reports/whatif?id=%s",
            "reports/bill?session=%s&rows=200", "charts/bill?session=%s", "charts/growth?id=%s", "charts/prompts?id=%s",
            "charts/calls?session=%s")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="What the pages of the dashboard ask, over a large store.")
    parser.add_argument("--store", type=Path, required=True, help="a store that knows much")
    parser.add_argument("--slowest", type=int, default=8, help="so many questions are shown one by one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "HOME": home, "CLAUDE_CONFIG_DIR": home}
        env["LINEITEM_DB"] = f"sqlite:///{options.store.resolve()}"
        words = [sys.executable, "-m", "lineitem"]
        with subprocess.Popen([*words, "serve", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True) as served:
            try:
                assert served.stderr is not None
                served.stderr.readline()
                time.sleep(5)  # until it has looked once
                address = _said([*words, "open", "--print"], env).split()[-1]
                _show(address, _questions(env), options.slowest)
            finally:
                served.terminate()
    return 0


def _said(words: list[str], env: dict[str, str]) -> str:
    return subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout


def _questions(env: dict[str, str]) -> list[str]:
    rows: list[dict[str, Any]] = json.loads(
        _said([sys.executable, "-m", "lineitem", "session", "--json"], env)
    )["sessions"]  # fmt: skip
    latest = max(rows, key=lambda row: str(row["lastActivity"]))
    last = date.fromisoformat(latest["lastActivity"][:10])
    found = [*_PLAIN, *(each % latest["sessionId"] for each in _SESSION)]
    for days in (1, 7, 30):
        asked = f"since={last - timedelta(days=days - 1)}&until={last}"
        found += [f"{each}{'&' if '?' in each else '?'}{asked}" for each in _RANGED]
    return found


def _show(address: str, questions: list[str], slowest: int) -> None:
    place, _, token = address.partition("/#token=")

    def ask(question: str) -> float:
        asked = urllib.request.Request(f"{place}/v1/{question}", headers={"Authorization": f"Bearer {token}"})
        began = time.perf_counter()
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answer.read()
        return time.perf_counter() - began

    first = [ask(question) for question in questions]
    time.sleep(_FORGOTTEN)
    taken = sorted(((ask(question), question) for question in questions), reverse=True)
    cuts = quantiles((seconds for seconds, _ in taken), n=20, method="inclusive")
    print(f"{len(questions)} questions: median {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms,", end="")
    print(f" slowest {taken[0][0] * 1000:.0f} ms; asked first, all together {sum(first):.1f} s")
    for seconds, question in taken[:slowest]:
        print(f"{seconds * 1000:8.0f} ms  {question}")


if __name__ == "__main__":
    sys.exit(main())

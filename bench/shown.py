"""How long until a tool call of the real client is on an open page of the dashboard?

    python -m bench.shown [--calls 20] [--every 1.5] [--store STORE]

The real Claude Code client runs against a scripted API on loopback, with lineitem's hooks and statusline installed and
the collector running; a Chromium has Today open. Each call writes down when it began, and the page when it first showed
that call, and when it first showed what it cost. --store: begin with (a copy of) this store instead of an empty one.
Needs what tests/client and tests/web need; nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.client.api import Api
from tests.client.client import Client, find_client, private_network, raise_loopback
from tests.client.scenario import Prompt, Say, Scenario, Use, rule

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
INSIDE = "--inside"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
#: Notes when a row with the name of a call is first there, and when it first has a cost and waits for nothing.
WATCH = """() => {
    window.seen = {};
    const look = () => {
        const at = performance.timeOrigin + performance.now();
        for (const row of document.querySelectorAll('#main tbody tr')) {
            const name = /call-\\d+/.exec(row.textContent)?.[0];
            if (!name) continue;
            const known = (window.seen[name] ??= { shown: at });
            const cost = row.lastElementChild.textContent;
            if (!known.priced && /\\$/.test(cost) && !/waiting/.test(row.textContent)) known.priced = at;
        }
    };
    new MutationObserver(look).observe(document.getElementById('main'), { childList: true, subtree: true });
    look();
}"""


def scenario(calls: int, every: float) -> Scenario:
    """A prompt to which the model answers with so many tool calls, one after the other."""
    uses = [
        Use("Bash", {"command": f"echo call-{number:02d}; date +%s%N > {{project}}/at-{number:02d}; sleep {every}",
                     "description": "one of many"})
        for number in range(calls)
    ]  # fmt: skip
    return Scenario("shown", "many calls", (Prompt("GO", "new"),), (rule("GO", *uses, Say("Done.")),))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--every", type=float, default=1.5, help="seconds that each call takes")
    parser.add_argument("--store", help="begin with a copy of this store")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    network = private_network()
    if network and not options.inside:
        words = [*network, sys.executable, "-m", "bench.shown", *sys.argv[1:], INSIDE]
        known = {**os.environ, "CLAUDE_BIN": str(find_client())}  # in there is no network to get one
        return subprocess.run(words, cwd=ROOT, env=known, check=False).returncode
    raise_loopback()
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder), options)
    print(json.dumps(figures, indent=1))
    return 0


def measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Play it, and how long each call took to be seen, in milliseconds."""
    project, home = folder / "project", folder / "home"
    for place in (project, home / ".claude"):
        place.mkdir(parents=True)
    (home / ".claude" / "settings.json").write_text("{}")
    store = folder / "store.sqlite"
    if options.store:
        shutil.copy(options.store, store)
    api = Api(scenario(options.calls, options.every), project=str(project))
    with api.serve() as url:
        client = Client(find_client(), home, project, url, {"LINEITEM_DB": f"sqlite:///{store}"})
        source = os.pathsep.join((str(ROOT / "src"), *filter(None, sys.path)))
        env = {**client.environment(), "PYTHONPATH": source}
        lineitem(env, "install", "--yes")
        with subprocess.Popen([sys.executable, "-m", "lineitem", "serve"], env=env, stderr=subprocess.PIPE,
                              text=True) as collector:  # fmt: skip
            try:
                assert collector.stderr is not None
                while "listens" not in collector.stderr.readline():
                    assert collector.poll() is None
                address = lineitem(env, "open", "--print").strip()
                seen = watched(address, home, lambda: client.run("GO"), options.calls)
            finally:
                collector.terminate()
    began = {f"call-{path.name[3:]}": int(path.read_text()) / 1e6 for path in project.glob("at-*")}
    return {
        "calls": len(began), "seen": len(seen),
        "shownAfterItBegan": spread([seen[name]["shown"] - at for name, at in began.items() if name in seen]),
        "pricedAfterItEnded": spread([seen[name]["priced"] - at - options.every * 1000 for name, at in began.items()
                                      if "priced" in seen.get(name, {})]),
    }  # fmt: skip


def watched(address: str, home: Path, play: Any, calls: int) -> dict[str, dict[str, float]]:
    """What a page saw, and when, while something was played."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("LINEITEM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES, env={**os.environ, "HOME": str(home)})
        page = browser.new_page(viewport={"width": 1440, "height": 1200})
        page.goto(address)
        until(page, "document.body.dataset.ready > 0 && document.querySelector('.state-dot.open')")
        page.evaluate(WATCH)
        from threading import Thread

        playing = Thread(target=play)
        playing.start()
        while playing.is_alive():
            page.wait_for_timeout(100)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found: dict[str, dict[str, float]] = page.evaluate("window.seen")
            if sum("priced" in each for each in found.values()) >= calls:
                break
            page.wait_for_timeout(100)
        browser.close()
    return found


def until(page: Page, condition: str) -> None:
    end = time.monotonic() + 60
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


def lineitem(env: dict[str, str], *words: str) -> str:
    """What a command of ours prints."""
    command = [sys.executable, "-m", "lineitem", *words]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


def spread(values: list[float]) -> dict[str, float]:
    """Milliseconds: the least, the median, nine in ten, the most."""
    if not values:
        return {}
    ordered = sorted(values)
    nine = ordered[min(len(ordered) - 1, int(len(ordered) * 0.9))]
    found = {"least": ordered[0], "median": statistics.median(ordered), "nineInTen": nine, "most": ordered[-1]}
    return {name: round(value) for name, value in found.items()}


if __name__ == "__main__":
    sys.exit(main())

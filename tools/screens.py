"""Photographs the dashboard for docs/pictures: the built-in example, served by a real collector, in a real Chromium.

Photographs depend on the fonts of a machine, so no test compares them; `just screens` takes them anew.

usage: python tools/screens.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lineitem.surfaces.cli import story

PICTURES = Path(__file__).parents[1] / "docs/pictures"
#: File, what stands behind the `#` of the address, colours; and how large it is.
SCREENS = (("web.png", f"/session/{story.SESSION}", "dark"),)
WIDTH, HEIGHT = 1280, 1010
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")


def main() -> int:
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.stderr.write("No Chromium here: apt-get install chromium\n")
        return 1
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        story.tell(f"{home}/claude")
        env = {
            **os.environ,
            "HOME": home,
            "CLAUDE_CONFIG_DIR": f"{home}/claude",
            "LINEITEM_DB": f"sqlite:///{home}/l.db",
        }
        words = [sys.executable, "-m", "lineitem"]
        with subprocess.Popen(
            [*words, "serve", "--port", "0"],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as collector:
            try:
                assert collector.stdout is not None
                collector.stdout.readline()  # it listens
                said = subprocess.run([*words, "open", "--print"], env=env, capture_output=True, text=True, check=True)
                chromium = playwright.chromium.launch(executable_path=browser, args=list(SWITCHES), env={"HOME": home})
                for name, place, theme in SCREENS:
                    page = chromium.new_context(
                        viewport={"width": WIDTH, "height": HEIGHT},
                        color_scheme="dark" if theme == "dark" else "light",
                    ).new_page()
                    page.goto(said.stdout.split()[-1])
                    page.wait_for_selector("body[data-ready]")
                    page.evaluate("place => { location.hash = place }", place)
                    page.wait_for_timeout(2_500)  # charts are drawn after figures
                    page.screenshot(path=PICTURES / name)
                chromium.close()
            finally:
                collector.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())

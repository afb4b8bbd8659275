"""The example as if it were one's own, a collector that serves it, and a Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lineitem.surfaces.cli import story
from lineitem.wiring import Lineitem
from tests.server.stand import Stand
from tests.web.looking import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Where a Chromium may be that nobody told us of.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config folder with the example in it."""
    folder = tmp_path_factory.mktemp("told")
    story.tell(str(folder))
    return folder


@pytest.fixture(scope="module")
def store(told: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with all of the example read, folded and looked through."""
    path = str(tmp_path_factory.mktemp("store") / "store.sqlite")
    lineitem = Lineitem(f"sqlite:///{path}", [str(told)])
    lineitem.refresh()
    lineitem.fold()
    lineitem.notice()
    lineitem.close()
    return path


@pytest.fixture(scope="module")
def stand(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A collector that has read the example."""
    with Stand(tmp_path_factory.mktemp("stand"), told) as stand:
        ready(stand)
        yield stand


def ready(stand: Stand) -> None:
    """Wait until what lay there was read."""
    end = time.monotonic() + PATIENCE
    while (health := stand.ask("GET", "/v1/health", token=None)[1])["rounds"] == 0:
        assert time.monotonic() < end, f"it never read what lay there: {health}"
        time.sleep(0.02)


@pytest.fixture(scope="module")  # Playwright holds an event loop: other modules want their own
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A real Chromium with a profile of its own."""
    with started(tmp_path_factory) as browser:
        yield browser


@contextmanager
def started(tmp_path_factory: pytest.TempPathFactory, *more: str) -> Iterator[Browser]:
    """A Chromium with these switches, too."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = os.environ.get("LINEITEM_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
    home = str(tmp_path_factory.mktemp("browser"))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*switches, *more], env={**os.environ, "HOME": home}
        )
        yield browser
        browser.close()

"""What holds for every test: a home of its own, one time zone, repeatable examples.

No test may read or write the person's own transcripts, settings or store. So every test runs with a
throw-away home, and with none of the variables that would lead elsewhere; the defaults then point into it.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A slow machine is no failure; in CI the same examples are tried every time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

OURS = ("CLAUDE_", "LINEITEM_", "ANTHROPIC_", "XDG_")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home directory, in UTC, without colours, for the test and the programs it starts."""
    place = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(place))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    _apply_zone()
    yield place
    monkeypatch.undo()
    _apply_zone()


def _apply_zone() -> None:
    if hasattr(time, "tzset"):  # not on Windows
        time.tzset()

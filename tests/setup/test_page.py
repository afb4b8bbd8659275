"""The page about installing says what the code does."""

from __future__ import annotations

import json
import os

import pytest

from lineitem.setup import document, entries, record, settings_file
from lineitem.setup.autostart import Host
from lineitem.setup.install import PORT, Place
from tests.docs.pages import ROOT, text
from tests.setup.places import wanted

PAGE = " ".join(text(ROOT / "docs/install.md").split())
WORDS = {5: "five", 6: "six", 13: "13"}


@pytest.mark.parametrize(
    "sentence",
    [
        f"one group for each of {WORDS[len(entries.OVER_HTTP) + len(entries.BY_COMMAND)]} events",
        f"`env`, {WORDS[len(entries.telemetry(wanted()))]} variables",
        f"waits at most {entries.HTTP_TIMEOUT} seconds",
        f"to `http://127.0.0.1:{PORT}`",
        f"`--style {Place('', '').style}` (the default)",
        f"the last {WORDS[record.BACKUPS]} versions",
        f"{WORDS[settings_file.ATTEMPTS]} times at most",
        f"larger than {document.LARGEST >> 20} MiB",
    ],
)
def test_the_page_states_it(sentence: str) -> None:
    assert sentence in PAGE


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_page_names_the_file_that_starts_it_at_login(platform: str) -> None:
    host = Host(platform, "~", "~/.config", "LIVE", 0, "", lambda _: (0, ""))
    shown = host.file.replace(os.sep, "/").removeprefix("LIVE/")
    assert f"`{shown}`" in PAGE


def test_every_entry_is_named_on_the_page() -> None:
    wish = wanted(style="command")
    assert "Authorization" not in json.dumps(entries.handlers(wish))
    for name in ("hooks", "statusLine", "allowedHttpHookUrls", "env"):
        assert f"`{name}`" in PAGE

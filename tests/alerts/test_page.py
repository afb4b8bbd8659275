"""docs/alerts.md: every example is read by the program, every figure in its tables is the program's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from lineitem.alerts.channels.webhook import body_of
from lineitem.alerts.figures import money, percent
from lineitem.alerts.kinds import KINDS, PRESETS
from lineitem.alerts.messages import message_of
from lineitem.alerts.settings import CHANNEL_KINDS, AlertSettings
from tests.alerts.notices import anomaly
from tests.docs.pages import ROOT, text

PAGE = text(ROOT / "docs/alerts.md")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_understood(example: str) -> None:
    given: dict[str, Any] = tomllib.loads(example)
    settings = AlertSettings.from_settings(given)
    here = [settings.in_session] if settings.in_session else []
    assert {channel.name for channel in (*settings.channels, *here)} == set(given["alerts"].get("channels", {}))


def test_every_kind_of_channel_and_every_setting_has_an_example() -> None:
    together = "".join(EXAMPLES)
    for kind, own in CHANNEL_KINDS.items():
        assert f'kind = "{kind}"' in together
        assert all(f"`{name}" in PAGE or f"{name} =" in together for name in own)
    for name in AlertSettings._fields:
        written = {"digests": "digests =", "channels": "channels.", "in_session": 'kind = "session"'}.get(name, name)
        assert re.search(rf"^(\[alerts\.)?{re.escape(written)}", together, re.MULTILINE), name


def test_the_defaults_on_the_page_are_the_defaults() -> None:
    when = next(example for example in EXAMPLES if "cooldown" in example)
    settings, default = AlertSettings.from_settings(tomllib.loads(when)), AlertSettings()
    for name in ("cooldown", "gather", "spacing", "patience", "quiet_except_critical"):
        assert getattr(settings, name) == getattr(default, name), name


def test_the_table_of_kinds_is_complete_and_true() -> None:
    rows = re.findall(r"^\| (`.*?) \| .*? \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
    shown: dict[str, list[str]] = {}
    for names, warning, critical in rows:
        shown |= {name: [warning, critical] for name in re.findall(r"`(\w+)`", names)}
    assert set(shown) == set(KINDS)
    for name, kind in KINDS.items():
        write = money if kind.unit == "money" else percent
        if kind.measure:
            assert shown[name] == [write(limit).removesuffix(".00") for limit in kind.standard], name


def test_the_presets_are_those_on_the_page() -> None:
    assert PRESETS == {"few": 400, "standard": 100, "many": 25}
    assert '"few"               # money thresholds times four; "many": a quarter' in PAGE


def test_the_webhook_on_the_page_has_the_shape_of_a_real_one() -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    shown, real = json.loads(example), json.loads(body_of(message_of([anomaly()._replace(severity="warning")], "ci")))
    assert shown["timestamp"] == real["timestamp"]
    assert shown["data"]["notices"] == real["data"]["notices"]
    assert shown["data"]["title"] == real["data"]["title"]
    assert (set(shown), set(shown["data"])) == (set(real), set(real["data"]))


def test_the_room_is_cheap_until_something_is_sent() -> None:
    script = (
        "import sys, lineitem.alerts\n"
        "cheap = set(sys.modules)\n"
        "import lineitem.alerts.tell, lineitem.alerts.delivery, lineitem.alerts.settings\n"
        "heavy = {'apprise', 'desktop_notifier', 'requests', 'asyncio', 'ssl', 'http.client', 'socket'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert not {'typing', 'json', 'lineitem.alerts.settings'} & cheap\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=False,
                          cwd=ROOT, env={"PYTHONPATH": str(ROOT / "src")})  # fmt: skip
    assert done.returncode == 0, done.stderr

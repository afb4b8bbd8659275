"""Settings changed on the page: as the command line does, with what would leave the machine shown first."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.stand import CHANGE, READ, Stand
from tests.web.conftest import ready
from tests.web.looking import Look

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SLACK = {"alerts.channels.ci.kind": "slack", "alerts.channels.ci.url": "https://hooks.slack.com/services/shhh"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text('# mine\ntimezone = "UTC"  # home\n')
    monkeypatch.setenv("LINEITEM_SETTINGS", str(path))
    return path


@pytest.fixture
def stand(tmp_path: Path, file: Path) -> Iterator[Stand]:
    del file
    with Stand(tmp_path) as stand:
        ready(stand)
        yield stand


def look(stand: Stand, changes: Any) -> tuple[int, Any]:
    return stand.ask("POST", "/v1/settings/look", {"set": changes}, token=CHANGE)


def change(stand: Stand, changes: Any, **more: str) -> tuple[int, Any]:
    return stand.ask("POST", "/v1/settings/change", {"set": changes, **more}, token=CHANGE)


def test_a_look_changes_nothing_and_a_change_is_taken_on_at_once(stand: Stand, file: Path) -> None:
    before = file.read_text()
    status, looked = look(stand, {"health.preset": "intensive"})
    assert (status, looked["changes"], looked["done"], file.read_text()) == (
        200, [{"setting": "health.preset", "before": None, "after": "intensive"}], False, before,
    )  # fmt: skip
    status, made = change(stand, {"health.preset": "intensive"})
    assert (status, made["done"], made["newEgress"]) == (200, True, [])
    assert file.read_text().startswith(before)
    assert stand.ask("GET", "/v1/reports/health", token=READ)[1]["thresholds"] == {"yellow": 120_000, "red": 200_000}
    (row,) = stand.ask("GET", "/v1/reports/audit", token=READ)[1]["audit"]
    assert (row["what"], row["about"]) == ("settings changed", 'health.preset = "intensive"')


def test_nothing_is_switched_on_that_sends_anything_before_that_was_seen(stand: Stand, file: Path) -> None:
    status, refused = change(stand, SLACK)
    assert (status, "look at what" in refused["error"]) == (409, True)
    assert refused["newEgress"][0]["host"] == "hooks.slack.com"
    assert change(stand, SLACK, seen="0" * 24)[0] == 409
    assert "slack" not in file.read_text()
    assert stand.ask("GET", "/v1/reports/audit", token=READ)[1]["audit"] == []
    seen = look(stand, SLACK)[1]["seen"]
    assert change(stand, {**SLACK, "alerts.channels.ci.severity": "info"}, seen=seen)[0] == 409  # another thing
    assert change(stand, SLACK, seen=seen)[0] == 200
    assert tomllib.loads(file.read_text())["alerts"]["channels"]["ci"]["kind"] == "slack"


def test_no_secret_is_ever_sent_to_a_page(stand: Stand) -> None:
    said = [look(stand, SLACK)[1]]
    said.append(change(stand, SLACK, seen=said[0]["seen"])[1])
    said.append(look(stand, {"alerts.channels.ci": None})[1])
    reports = ("settings", "egress", "audit", "doctor")
    said += [stand.ask("GET", f"/v1/reports/{report}", token=CHANGE)[1] for report in reports]
    assert "shhh" not in json.dumps(said)
    assert '"secret": true' in json.dumps(said)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"set": {"db": "/x"}}, "is not changed on a page"),
        ({"set": {"config_dirs": ["/"]}}, "is not changed on a page"),
        ({"set": {"collector.port": 1}}, "is not changed on a page"),
        ({"set": {"classifier.base_url": "https://evil.example"}}, "is not changed on a page"),
        ({"set": {"classifier.key": "x"}}, "is not changed on a page"),
        ({"set": {"reports.on_session_end": "/tmp/{session}"}}, "is not changed on a page"),
        ({"set": {"alerts.channels.ci.local": True}}, "is not changed on a page"),
        ({"set": {"alerts.channels.ci": {"kind": "desktop"}}}, "is not changed on a page"),
        ({"set": {"alerts": {}}}, "is not changed on a page"),
        ({"set": {"classifier": {"enabled": True, "base_url": "https://evil.example"}}}, "is not changed on a page"),
        ({"set": {}}, "Say what to change"),
        ({"set": ["health.preset"]}, "Say what to change"),
        ({"set": {"health.preset": "standard"}, "more": 1}, "Say what to change"),
        ({}, "Say what to change"),
        ({"set": {"health.preset": {"env": "X"}}}, "[health]"),
        ({"set": {"health.preset\nx": 1}}, "is no setting"),
        ({"set": {"health.yellow": 1.5}}, "[health]"),
        ({"set": {"prices.models.m": {"input": None}}}, "cannot be changed"),
    ],
)
def test_what_a_page_may_not_or_cannot_mean_changes_nothing(
    stand: Stand, file: Path, body: dict[str, Any], why: str
) -> None:
    before = file.read_text()
    for route in ("look", "change"):
        status, found = stand.ask("POST", f"/v1/settings/{route}", body, token=CHANGE)
        assert (status, why in found["error"]) == (400, True), found
    assert file.read_text() == before


def test_settings_that_somebody_spoilt_stop_only_their_own_page(stand: Stand, file: Path) -> None:
    file.write_text("[health\n")
    assert stand.ask("GET", "/v1/reports/daily", token=READ)[0] == 200
    status, found = stand.ask("GET", "/v1/reports/settings", token=READ)
    assert (status, "is not valid TOML" in found["error"]) == (400, True)
    assert change(stand, {"health.preset": "standard"})[0] == 400
    assert file.read_text() == "[health\n"
    file.write_text("")
    assert stand.ask("GET", "/v1/reports/settings", token=READ)[0] == 200


def test_a_preset_a_price_and_a_channel_are_set_on_the_page(chromium: Browser, stand: Stand, file: Path) -> None:
    with Look(chromium, stand) as look:
        look.open("/settings")
        look.page.click("button:has-text('intensive')")
        look.until("document.querySelector('[aria-pressed=true]')?.textContent.startsWith('intensive')")
        look.page.fill("input[name=multiplier]", "0.87")
        look.page.click("section:has(input[name=multiplier]) button:text-is('Save')")
        look.until("document.querySelector('.said')?.textContent.includes('prices.multiplier')")
        look.page.click("text=Add a channel")
        look.page.fill("form:has(select[name=kind]) input[name=name]", "ci")
        look.page.select_option("select[name=kind]", "slack")
        look.page.select_option("select[name=url-place]", "here")
        look.page.fill("input[name=url]", "https://hooks.slack.com/services/shhh")
        look.page.click("text=Add it")
        look.until("document.querySelector('dialog[open]')?.innerText.includes('hooks.slack.com')")
        look.page.click("text=Leave it off")
        look.until("document.querySelector('.said')?.textContent === 'Nothing was changed.'")
        assert "slack" not in file.read_text()
        look.page.click("text=Add it")
        look.until("document.querySelector('dialog[open]')")
        look.page.click("text=Switch it on")
        look.until("document.querySelector('[aria-label=\"Take out ci\"]')")
        assert "shhh" not in look.page.content()
        look.page.click("[aria-label='Take out ci']")
        look.until("!document.querySelector('[aria-label=\"Take out ci\"]')")
        assert look.wrong == []
    found = tomllib.loads(file.read_text())
    assert (found["health"], found["prices"], found["timezone"]) == (
        {"preset": "intensive"}, {"multiplier": "0.87"}, "UTC",
    )  # fmt: skip
    assert file.read_text().startswith('# mine\ntimezone = "UTC"  # home\n')

"""The [alerts] table: what may stand in it, what is refused and how, and what would leave the machine."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.alerts.channels.opening import open_channels
from lineitem.alerts.egress import egress
from lineitem.alerts.secret import Secret
from lineitem.alerts.settings import AlertSettings
from lineitem.core.problems import UsageError
from tests.alerts.notices import DOLLAR

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CANARY = "T0CANARY/B0CANARY/sEcReTsEcReT"


def read(text: str) -> AlertSettings:
    return AlertSettings.from_settings(tomllib.loads(text))


def test_without_settings_nothing_is_ever_sent() -> None:
    settings = AlertSettings.from_settings({})
    assert settings == AlertSettings()
    assert egress(settings) == []
    assert open_channels(settings) == {}


def test_everything_a_person_may_write_is_understood() -> None:
    settings = read(
        """
        timezone = "Europe/Berlin"
        [alerts]
        preset = "few"
        cooldown = "1h"
        quiet = "22:00-07:00"
        digests = ["daily", "weekly"]
        digest_at = "07:30"
        digest_on = "friday"
        [alerts.thresholds]
        anomaly = ["0.75", 3]
        limit = [70, 90.5]
        [alerts.channels.desk]
        kind = "desktop"
        severity = "info"
        critical_sound = "Basso"
        """
    )
    assert (settings.cooldown, settings.digest_at, settings.digest_on) == (3_600_000, 450, 4)
    assert settings.thresholds["anomaly"] == (DOLLAR * 3 // 4, 3 * DOLLAR)
    assert settings.thresholds["limit"] == (7000, 9050)
    assert settings.thresholds["loop"] == (2 * DOLLAR, 20 * DOLLAR)
    assert settings.channels[0].critical_sound == "Basso"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("alerts = 1", "alerts must be a table"),
        ("[alerts]\nquite = '22:00-07:00'", "`quite`"),
        ("[alerts]\nquiet = 'at night'", "quiet hours|time of day"),
        ("[alerts]\ncooldown = 10", "alerts.cooldown"),
        ("[alerts]\ncooldown = '-1s'", "alerts.cooldown"),
        ("[alerts]\npreset = 'all'", "few, standard, many"),
        ("[alerts]\ndigests = 'daily'", "alerts.digests"),
        ("[alerts]\nquiet_except_critical = 1", "true or false"),
        ("timezone = 'Mars'\n[alerts]\nquiet = '22:00-07:00'", "Mars"),
        ("[alerts.thresholds]\nanomaly = ['5', '1']", "must not be above"),
        ("[alerts.thresholds]\nanomaly = [true, 1]", "alerts.thresholds.anomaly"),
        ("[alerts.thresholds]\nanomaly = [nan, inf]", "alerts.thresholds.anomaly"),
        ("[alerts.thresholds]\nhealth = [1, 2]", "alerts.thresholds"),
        ("[alerts.channels]\nx = 1", "alerts.channels.x"),
        ("[alerts.channels.x]\nkind = 'fax'", "desktop, webhook"),
        ("[alerts.channels.'a b']\nkind = 'desktop'", "channel's name"),
        ("[alerts.channels.x]\nkind = 'desktop'\nurl = 'https://a.b'", "no setting `url`"),
        ("[alerts.channels.x]\nkind = 'slack'", "needs a url"),
        ("[alerts.channels.x]\nkind = 'webhook'\nurl = 'https://a.b'", "needs a secret"),
        ("[alerts.channels.x]\nkind = 'slack'\nurl = { env = '' }", "alerts.channels.x.url"),
        ("[alerts.channels.x]\nkind = 'slack'\nurl = { cmd = 'pass show slack' }", "alerts.channels.x.url"),
        ("[alerts.channels.x]\nkind = 'desktop'\nkinds = ['anomalies']", "alerts.channels.x.kinds"),
        ("[alerts.channels.x]\nkind = 'desktop'\nwarning_sound = \"a\\u001b\"", "warning_sound"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        read(text)


def test_a_secret_comes_from_the_environment_or_a_private_file_at_the_time_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_env = Secret("x.url", {"env": "SLACK_URL"})
    with pytest.raises(UsageError, match="SLACK_URL is empty or not set"):
        from_env.read()
    monkeypatch.setenv("SLACK_URL", " https://a ")
    assert from_env.read() == "https://a"

    path = tmp_path / "url"
    from_file = Secret("x.url", {"file": str(path)})
    with pytest.raises(UsageError, match="cannot be read"):
        from_file.read()
    path.write_text("https://b\n")
    if os.name == "posix":
        path.chmod(0o640)
        with pytest.raises(UsageError, match="chmod 600"):
            from_file.read()
    path.chmod(0o600)
    assert from_file.read() == "https://b"
    for bad in ("", "two\nlines", "x" * 5000):
        path.write_text(bad)
        with pytest.raises(UsageError, match="one line"):
            from_file.read()
    with pytest.raises(UsageError, match=r"is no file|cannot be read"):
        Secret("x.url", {"file": str(tmp_path)}).read()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_in_place_of_a_secret_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(UsageError, match="is no file"):
        Secret("x", {"file": str(tmp_path / "fifo")}).read()


def test_what_would_leave_is_listed_by_host_and_never_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL", f"mailtos://ada:{CANARY.replace('/', '')}@smtp.example.com?to=x@example.org")
    settings = read(
        f"""
        [alerts]
        digests = ["weekly"]
        [alerts.channels.desk]
        kind = "desktop"
        [alerts.channels.team]
        kind = "slack"
        url = "https://hooks.slack.com/services/{CANARY}"
        names = "hidden"
        [alerts.channels.short]
        kind = "slack"
        url = "slack://{CANARY}"
        [alerts.channels.mail]
        kind = "email"
        url = {{ env = "MAIL" }}
        kinds = ["limit", "week"]
        severity = "critical"
        [alerts.channels.phone]
        kind = "apprise"
        url = "pushed://{CANARY}"
        [alerts.channels.ci]
        kind = "webhook"
        url = "https://ci.example.org/hooks/{CANARY}"
        secret = "{WHSEC}"
        [alerts.channels.unset]
        kind = "discord"
        url = {{ env = "NOT_SET" }}
        """
    )
    rows = egress(settings)
    assert [(row.channel, row.host) for row in rows] == [
        ("desk", "this machine"),
        ("team", "hooks.slack.com"),
        ("short", "hooks.slack.com"),
        ("mail", "smtp.example.com"),
        ("phone", "the service of apprise"),
        ("ci", "ci.example.org"),
        ("unset", "unknown: its url, from env, cannot be read"),
    ]
    assert rows[1].sends.endswith("pseudonyms for projects and sessions; weekly digest")
    assert rows[3].sends.startswith("limit, week from critical on: figures")
    for shown in (repr(settings), str(settings.channels), repr(rows)):
        assert "CANARY" not in shown
        assert WHSEC not in shown


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
        max_leaves=8,
    ),
    st.sampled_from(["alerts", "channels", "x", "kind", "url", "secret", "thresholds", "quiet", "digests", "severity"]),
)
def test_law_anything_in_the_file_is_settings_or_a_usage_error(value: Any, place: str) -> None:
    channel: dict[str, Any] = {"kind": "webhook", "url": "https://a.b", "secret": WHSEC}
    alerts: dict[str, Any] = {"channels": {"x": channel}}
    given_: dict[str, Any] = {"alerts": alerts}
    if place == "alerts":
        given_["alerts"] = value
    elif place == "x":
        alerts["channels"]["x"] = value
    elif place in ("kind", "url", "secret", "severity"):
        channel[place] = value
    else:
        alerts[place] = value
    try:
        settings = AlertSettings.from_settings(given_)
    except UsageError:
        return
    assert isinstance(settings, AlertSettings)
    egress(settings)
    open_channels(settings)

"""`lineitem settings`: what is set, and changes that keep whatever else stands in the file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

OWN = """\
# mine, not to be lost
timezone = "Europe/Berlin"   # home

[health]
yellow = 60_000  # as Bob likes it
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "own" / "settings.toml"
    monkeypatch.setenv("LINEITEM_SETTINGS", str(path))
    return path


def test_a_file_is_made_for_its_owner_alone(said: Any, file: Path) -> None:
    assert said("settings --set health.preset=intensive")[0] == 0
    assert tomllib.loads(file.read_text()) == {"health": {"preset": "intensive"}}
    assert file.stat().st_mode & 0o077 == 0


def test_what_stands_there_stays(said: Any, file: Path) -> None:
    file.parent.mkdir()
    file.write_text(OWN)
    code, out, _ = said("settings --set health.red=90000 --set prices.multiplier=0.87")
    assert (code, "health.red: 90000" in out) == (0, True)
    made = file.read_text()
    assert made.startswith(OWN.rstrip("\n"))
    assert tomllib.loads(made)["health"] == {"yellow": 60_000, "red": 90_000}
    assert said("settings --unset health.red --unset prices.multiplier")[0] == 0
    assert tomllib.loads(file.read_text())["health"] == {"yellow": 60_000}
    assert "# as Bob likes it" in file.read_text()


def test_it_says_what_holds_and_from_where_and_no_secret(said: Any, file: Path) -> None:
    file.parent.mkdir()
    file.write_text('[alerts.channels.ci]\nkind = "slack"\nurl = "https://hooks.slack.com/services/T0/B0/shhh"\n')
    code, out, err = said("settings --json")
    assert (code, err, "shhh" in out) == (0, "", False)
    found = json.loads(out)
    rows = {row["setting"]: row for row in found["settings"]}
    assert (rows["alerts.channels.ci.url"]["secret"], rows["alerts.channels.ci.url"]["source"]) == (True, "file")
    assert (rows["health.yellow"]["value"], rows["health.yellow"]["source"]) == (80_000, "default")
    assert [each["name"] for each in found["presets"] if each["inForce"]] == ["standard"]
    assert found["egress"][0]["host"] == "hooks.slack.com"
    assert "shhh" not in str(said("settings --unset alerts.channels.ci --dry-run --json"))
    assert "shhh" not in str(said("settings --unset alerts.channels.ci"))
    assert "shhh" not in str(said("audit --json"))


def test_what_would_leave_the_machine_is_agreed_to_first(said: Any, file: Path) -> None:
    words = "settings --set alerts.channels.ci.kind=slack --set alerts.channels.ci.url=https://hooks.slack.com/x"
    code, _, err = said(words)
    assert (code, file.exists()) == (1, False)
    assert "Leaves this machine: ci to hooks.slack.com: every kind" in err
    code, out, _ = said(f"{words} --dry-run")
    assert (code, file.exists(), "Would change" in out) == (0, False, True)
    assert said(f"{words} --yes")[0] == 0
    assert file.exists()
    assert said("settings --set alerts.channels.ci.severity=critical")[0] == 1  # other things would leave it then
    assert said("settings --set alerts.channels.desk.kind=desktop")[0] == 0  # and a desktop is here


def test_every_change_is_in_the_audit_log(said: Any, file: Path) -> None:
    said("settings --set health.preset=intensive")
    said("settings --set health.preset=intensive")  # nothing changes
    said("settings --set health.preset=none")
    (row,) = json.loads(said("audit --json")[1])["audit"]
    assert (row["what"], row["about"]) == ("settings changed", 'health.preset = "intensive"')
    assert file.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("--set health.preset", "is not NAME=VALUE"),
        ("--set =3", "is not NAME=VALUE"),
        ("--unset =", "is no setting"),
        ("--set helth.preset=standard", "unknown setting 'helth'"),
        ("--set health.preset=loud", "[health] preset is one of"),
        ("--set health=3", "[health]"),
        ("--set prices.multiplier=-1", "prices.multiplier"),
        ("--set collector.port=99999", "port is a number up to 65535"),
        ("--set timezone=Moon/Base", "no time zone"),
        ("--set config_dirs=3", "config_dirs is a list"),
        ("--set db=postgres://x", "is not supported"),
        ("--set classifier=3", "classifier is a table"),
        ("--set alerts.channels.ci.kind=slack", "needs a url"),
        ("--set health.red=1 --set health.red=2 --unset health.red", "given twice"),
        ("--set alerts.channels.ci.url=********", "instead of a secret"),
        ("--set reports.on_session_end=3", "on_session_end"),
        ("--set work.ticket=3", "work.ticket"),
        ("--set tags=3", "tags"),
        ("--set handoff.on_resume=3", "handoff.on_resume"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(said: Any, file: Path, words: str, why: str) -> None:
    file.parent.mkdir()
    file.write_text(OWN)
    code, out, err = said(f"settings {words}")
    assert (code, out, why in err) == (2, "", True), err
    assert file.read_text() == OWN
    assert json.loads(said("audit --json")[1])["audit"] == []


def test_a_file_that_is_no_toml_is_left_as_it_is(said: Any, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[health\n")
    code, _, err = said("settings --set health.preset=standard")
    assert (code, "is not valid TOML" in err, file.read_text()) == (2, True, "[health\n")


def test_lines_may_end_as_on_windows(said: Any, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(OWN.replace("\n", "\r\n").encode())
    assert said("settings --set health.red=90000")[0] == 0
    assert file.read_bytes().startswith(OWN.rstrip("\n").replace("\n", "\r\n").encode())
    assert tomllib.loads(file.read_text())["health"] == {"yellow": 60_000, "red": 90_000}


def test_a_file_too_large_to_be_one_is_left_as_it_is(said: Any, file: Path) -> None:
    """It is read only so far: written again it would end there."""
    file.parent.mkdir()
    file.write_text("# long\n" * (10 << 17) + "[health]\nred = 300000\n")
    before = file.stat().st_size
    code, _, err = said("settings --set health.preset=standard")
    assert (code, "is larger than 8 MiB" in err, file.stat().st_size) == (2, True, before)

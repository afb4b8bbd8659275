"""A collector that runs takes changes of the settings on: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lineitem.server.guesser import Guesser
from lineitem.server.renewing import Renewing
from lineitem.server.reporter import Reporter
from lineitem.server.teller import Teller
from lineitem.surfaces.incognito import pseudonym

CHANNEL = '[alerts.channels.ci]\nkind = "slack"\nurl = { env = "NOWHERE" }\n'


class Heard:
    """What a part of the collector was given."""

    def __init__(self) -> None:
        self.given: list[Mapping[str, Any]] = []

    def take(self, settings: Mapping[str, Any]) -> None:
        self.given.append(settings)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("LINEITEM_SETTINGS", str(path))
    return path


def test_settings_are_taken_on_once_when_they_are_others(file: Path) -> None:
    heard = Heard()
    renewing = Renewing([heard])
    assert not renewing.look()
    file.write_text('[health]\npreset = "intensive"\n')
    assert [renewing.look(), renewing.look()] == [True, False]
    file.unlink()
    assert renewing.look()
    assert heard.given == [{"health": {"preset": "intensive"}}, {}]


@pytest.mark.parametrize(
    "text", ["[health\n", '[health]\npreset = "loud"\n', "[prices]\nmultiplier = -1\n", "foo = 1\n"]
)
def test_what_cannot_be_meant_is_logged_and_changes_nothing(
    file: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    heard = Heard()
    renewing = Renewing([heard])
    file.write_text(text)
    assert not renewing.look()
    assert not renewing.look()
    assert heard.given == []
    assert len([record for record in caplog.records if "the settings stay as they were" in record.message]) == 1


def test_a_channel_that_is_set_while_it_runs_is_served_and_one_taken_out_is_not(file: Path, tmp_path: Path) -> None:
    teller = Teller(str(tmp_path / "store.sqlite"), [], {}, pseudonym)
    guesser = Guesser(str(tmp_path / "store.sqlite"), [], {})
    reporter = Reporter(str(tmp_path / "store.sqlite"), [], {}, lambda *_: None)
    parts = (teller, guesser, reporter)
    for part in parts:
        part.start()
    assert not any(part._thread.is_alive() for part in parts)
    renewing = Renewing(parts)
    try:
        file.write_text(CHANNEL + "[classifier]\nenabled = true\n")
        assert renewing.look()
        assert (teller._thread.is_alive(), guesser._thread.is_alive()) == (True, True)
        assert [channel.name for channel in teller._settings.channels] == ["ci"]
        file.write_text(f'[reports]\non_session_end = "{tmp_path}/{{session}}.md"\n')
        assert renewing.look()
        assert (teller._settings.channels, guesser._settings.enabled) == ((), False)
        assert reporter._thread.is_alive()
    finally:
        for part in parts:
            part.stop()
    assert not any(part._thread.is_alive() for part in (teller, reporter))

"""Where a person sees it: status, doctor, anomalies, what would leave the machine; and the thread behind it all."""

from __future__ import annotations

import json
import logging
import re
import time
from pathlib import Path
from typing import Any

import pytest

from lineitem.ledger.store import Ledger
from lineitem.server import guesser as room
from lineitem.server.guesser import Guesser
from lineitem.surfaces.cli import main
from lineitem.surfaces.incognito import obscured
from tests.classifier.findings import finding, keep
from tests.classifier.stand_in import SAID, StandIn, message

TOML = '[classifier]\nenabled = true\nbase_url = "{url}"\nbudget = "0.50"\n'


class Placed:
    """A store with one finding of this minute, and settings that switch the classifier on."""

    def __init__(self, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.db = folder / "store.sqlite"
        settings = folder / "settings.toml"
        settings.write_text(TOML.format(url=url), "utf-8")
        monkeypatch.setenv("LINEITEM_SETTINGS", str(settings))
        monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{self.db}")
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(folder / "claude"))
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
        (folder / "claude" / "projects").mkdir(parents=True)
        ledger = Ledger(str(self.db))
        keep(ledger, finding(at=int(time.time() * 1000) - 1_000))
        ledger.close()
        self.settings: dict[str, Any] = {"classifier": {"enabled": True, "base_url": url, "budget": "0.50"}}

    def answered(self) -> list[Any]:
        ledger = Ledger(str(self.db))
        found = list(ledger.db.rows("select cause, why from question"))
        ledger.close()
        return found


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    main([*words, "--json"])
    return json.loads(capsys.readouterr().out)


def work(place: Placed, server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the background work until it has asked."""
    monkeypatch.setattr(room, "_LOOK", 0.01)
    behind = Guesser(str(place.db), [], place.settings)
    assert behind.trouble() == ""
    behind.start()
    assert server.came.wait(30)
    behind._stop.set()
    behind._thread.join(30)  # what it is about is kept before it ends
    assert not behind._thread.is_alive()


def test_the_background_asks_and_everybody_can_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with StandIn() as server:
        place = Placed(tmp_path, server.url, monkeypatch)
        work(place, server, monkeypatch)
        assert place.answered() == [("result", None)]
    found = said(capsys, "status")["classifier"]
    assert (found["enabled"], found["spentNanos"], found["budgetNanos"]) == (True, 90_000, 500_000_000)
    assert said(capsys, "doctor")["classifier"] == found
    main(["status"])
    assert (
        "Classifier: on, claude-haiku-5-5; $0.0001 of $0.50 this month, 1 finding explained." in capsys.readouterr().out
    )
    main(["doctor"])
    assert "Classifier on, claude-haiku-5-5; $0.0001 of $0.50" in capsys.readouterr().out
    (row,) = said(capsys, "anomalies")["anomalies"]
    assert row["guess"] == SAID["text"]
    monkeypatch.setenv("COLUMNS", "200")
    main(["anomalies"])
    shown = capsys.readouterr().out
    assert "A model's guess" in shown
    assert obscured([row])[0]["guess"] is None


def test_a_refused_key_is_said_by_doctor_and_status_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with StandIn((401, b"{}", {})) as server:
        place = Placed(tmp_path, server.url, monkeypatch)
        work(place, server, monkeypatch)
        assert len(server.got) == 1
    main(["status"])
    assert capsys.readouterr().out.count("status 401") == 1
    (problem,) = said(capsys, "doctor")["problems"]
    assert (problem["slug"], problem["count"]) == ("classifier-stopped", 1)


def test_what_would_leave_the_machine_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Placed(tmp_path, "https://gateway.example.org", monkeypatch)
    (row,) = said(capsys, "status", "--egress")["egress"]
    assert (row["channel"], row["host"]) == ("classifier", "gateway.example.org")
    assert "400 characters" not in row["sends"]
    (tmp_path / "settings.toml").write_text("[classifier]\nenabled = true\nsnippet = true\n", "utf-8")
    (row,) = said(capsys, "status", "--egress")["egress"]
    assert row["host"] == "api.anthropic.com"
    assert "at most 400 characters" in row["sends"]
    (tmp_path / "settings.toml").write_text("", "utf-8")
    main(["status", "--egress"])
    assert "Nothing leaves this machine" in capsys.readouterr().out


def test_a_store_that_cannot_be_opened_does_not_hide_what_is_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Placed(tmp_path, "http://127.0.0.1:9", monkeypatch)
    place.db.write_bytes(b"no store at all" * 300)
    found = said(capsys, "status")
    assert (found["classifier"], found["installed"]) == (None, False)


def test_unless_it_is_switched_on_nothing_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn() as server:
        place = Placed(tmp_path, server.url, monkeypatch)
        del place.settings["classifier"]["enabled"]
        behind = Guesser(str(place.db), [], place.settings)
        assert behind.trouble() == ""
        behind.start()
        assert not behind._thread.is_alive()
        behind.stop()
        assert server.got == []


def test_without_the_library_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Placed(tmp_path, "http://127.0.0.1:9", monkeypatch)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    trouble = Guesser(str(place.db), [], place.settings).trouble()
    assert trouble == "The library anthropic is not installed: pip install 'lineitem[classifier]'."


def test_the_library_logs_nothing_of_what_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with StandIn((200, message(), {})) as server:
        place = Placed(tmp_path, server.url, monkeypatch)
        work(place, server, monkeypatch)
    assert "sk-ant-test" not in caplog.text
    assert "rules_say" not in caplog.text


def test_a_store_of_the_version_before_gets_the_new_tables(tmp_path: Path) -> None:
    import apsw

    from lineitem.ledger.schema import _GUESSES, MIGRATIONS

    path = tmp_path / "store.sqlite"
    Ledger(str(path)).close()
    before = MIGRATIONS.index(_GUESSES) + 1
    connection = apsw.Connection(str(path))
    later = re.findall(r"^create table (\w+)", "".join(MIGRATIONS[before - 1 :]), re.MULTILINE)
    assert {"asked", "question"} <= set(later)
    connection.execute(";".join(f"drop table {name}" for name in later) + f"; pragma user_version={before}")
    connection.close()
    ledger = Ledger(str(path))
    assert ledger.db.one("select count(*) from question")[0] == 0
    assert ledger.db.one("pragma user_version")[0] == 1 + len(MIGRATIONS)
    ledger.close()
    assert (tmp_path / f"store.sqlite.version-{before}.backup").exists()

"""`lineitem install`, `uninstall`, `status` as a person uses them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from lineitem.setup.install import NO_TOKEN
from lineitem.surfaces.cli import main
from lineitem.surfaces.cli.app import run_with_click

BEFORE = b'{\n  "model": "opus",\n  "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "mine"}]}]}\n}\n'


@pytest.fixture
def settings(home: Path) -> Path:
    place = home / ".claude" / "settings.json"
    place.parent.mkdir()
    place.write_bytes(BEFORE)
    return place


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """Exit code and JSON of a command."""
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_dry_run_shows_the_change_and_writes_nothing(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "+" in shown
    assert "/v1/hook" in shown
    assert f"{NO_TOKEN} stands for a token" in shown
    assert settings.read_bytes() == BEFORE
    assert not list(settings.parent.parent.rglob("*.live"))


def test_without_a_terminal_nothing_is_changed_unless_it_is_said(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["install"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert settings.read_bytes() == BEFORE


def test_status_tells_what_waits_for_the_store(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lineitem.core.live import Event
    from lineitem.ledger import inbox
    from lineitem.setup.live_folder import made

    store = home / "s.sqlite"
    db = ("--db", f"sqlite:///{store}")
    assert said(capsys, "status", *db)[1]["inbox"] is None
    front = inbox.Inbox(inbox.place_in(made(f"{store}.live").path))
    front.add([Event(f"e{number}", "3f2a91c0", 1_000, "Stop") for number in range(3)])
    front.close()
    found = said(capsys, "status", *db)[1]["inbox"]
    assert (found["waiting"], found["full"]) == (3, False)
    assert main(["status", *db]) == 0
    assert "Inbox: 3 values (8 KiB) wait for the store." in capsys.readouterr().out
    monkeypatch.setattr(inbox, "MOST", 1)
    assert main(["status", *db]) == 0
    assert "The inbox is full" in capsys.readouterr().out


def test_install_and_uninstall_leave_the_very_same_bytes(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = said(capsys, "install", "--yes")
    assert code == 0
    assert {change["path"][0] for change in found["changes"]} == {"hooks", "statusLine"}
    document = json.loads(settings.read_bytes())
    assert document["model"] == "opus"
    assert document["hooks"]["Stop"][0]["hooks"][0]["command"] == "mine"
    code, found = said(capsys, "status")
    assert (code, found["installed"], found["lost"], found["collector"]) == (0, True, {}, None)
    assert main(["install", "--yes"]) == 0
    assert "Nothing to change" in capsys.readouterr().out
    assert main(["uninstall", "--yes"]) == 0
    assert settings.read_bytes() == BEFORE
    capsys.readouterr()
    assert said(capsys, "status")[1]["installed"] is False


def test_status_says_when_hooks_and_collector_do_not_meet(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["install", "--yes"]) == 0
    assert settings.read_bytes() != BEFORE
    for port, said_so in ((4777, True), (4953, False)):
        about = {"pid": 1, "port": port, "socket": None, "grpcPort": None, "version": "0"}
        monkeypatch.setattr("lineitem.server.serve.running", lambda _, about=about: about)
        capsys.readouterr()
        assert main(["status"]) == 0
        assert ("The hooks send to port 4953: `lineitem install --port 4777`" in capsys.readouterr().out) is said_so


def test_the_token_is_never_shown(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--yes"]) == 0
    (token,) = settings.parent.parent.rglob("ingest.token")
    secret = token.read_text().strip()
    settings.write_bytes(BEFORE)
    capsys.readouterr()
    main(["install", "--dry-run"])
    main(["install", "--dry-run", "--json"])
    shown = capsys.readouterr()
    assert secret not in shown.out + shown.err


def test_what_somebody_took_out_is_said_and_put_back(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--yes"]) == 0
    settings.write_bytes(b'{"model": "opus"}')
    capsys.readouterr()
    code, found = said(capsys, "status")
    assert code == 1
    assert found["lost"]
    assert said(capsys, "install", "--repair", "--yes")[1]["repaired"] == [str(settings)]
    assert said(capsys, "status")[0] == 0
    assert json.loads(settings.read_bytes())["model"] == "opus"


def test_settings_that_cannot_be_parsed_are_refused_and_left_alone(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.write_bytes(b'{"hooks": ')
    assert main(["install", "--yes"]) == 2
    assert "settings.json" in capsys.readouterr().err
    assert settings.read_bytes() == b'{"hooks": '


def test_the_lines_to_paste_of_a_first_installation_hold_the_token_that_was_made(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.write_bytes(b'{"hooks": ')
    assert main(["install"]) == 2
    shown = capsys.readouterr().err
    (token,) = settings.parent.parent.rglob("ingest.token")
    assert token.read_text().strip() in shown
    settings.write_text(shown[shown.index("\n{") :])  # pasted by hand
    assert said(capsys, "status")[1]["installed"] is True
    assert "Nothing to change" in (main(["install"]), capsys.readouterr().out)[1]


def test_the_lines_of_a_dry_run_say_that_the_token_is_not_made_yet(
    settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.write_bytes(b'{"hooks": ')
    assert main(["install", "--dry-run"]) == 2
    assert f"{NO_TOKEN} stands for a token" in capsys.readouterr().err
    assert not list(settings.parent.parent.rglob("*.live"))


def test_a_repair_shows_what_it_puts_back_and_asks(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["install", "--yes"]) == 0
    settings.write_bytes(BEFORE)
    capsys.readouterr()
    assert main(["install", "--repair", "--dry-run"]) == 0
    assert "/v1/hook" in capsys.readouterr().out
    code, found = said(capsys, "install", "--repair", "--dry-run")
    assert (code, found["repaired"], found["dryRun"]) == (0, [], True)
    assert found["plans"][0]["changes"]
    assert main(["install", "--repair"]) == 1  # no terminal, and no --yes
    assert settings.read_bytes() == BEFORE
    terminal = io.StringIO("n\ny\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    assert main(["install", "--repair"]) == 1
    assert settings.read_bytes() == BEFORE
    assert main(["install", "--repair"]) == 0
    assert "put back" in capsys.readouterr().out
    assert main(["install", "--repair"]) == 0
    assert "nothing was lost" in capsys.readouterr().out


def test_a_repair_of_nothing_says_so(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--repair"]) == 0
    assert "installed nowhere" in capsys.readouterr().out
    assert settings.read_bytes() == BEFORE


@pytest.mark.parametrize("words", [["install", "--style", "pigeon"], ["autostart", "maybe"], ["serve", "--port", "x"]])
def test_wrong_use_is_a_sentence(home: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert home.exists()
    assert main(words) == 2
    assert "lineitem:" in capsys.readouterr().err


def test_autostart_says_how_it_stands(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert home.exists()
    code, found = said(capsys, "autostart", "status")
    assert (code, found["installed"]) == (0, False)


@pytest.mark.parametrize(
    "name", ["install", "uninstall", "autostart", "status", "serve", "watch", "anomalies", "health"]
)
def test_every_live_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_with_click([name, "--help"]) == 0
    assert f"lineitem {name}" in capsys.readouterr().out


@pytest.mark.parametrize(("told", "code"), [
    ("on_resume = true", 0), ("on_resume = false", 0), ('on_resume = "yes"', 2), ("on_return = true", 2),
])  # fmt: skip
def test_a_note_on_resume_is_put_in_where_the_settings_say_so(
    settings: Path, home: Path, capsys: pytest.CaptureFixture[str], told: str, code: int
) -> None:
    assert settings.is_file()
    own = home / ".config/lineitem/settings.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(f"[handoff]\n{told}\n")
    assert main(["install", "--dry-run"]) == code
    shown = capsys.readouterr()
    assert ("--note" in shown.out) == (told == "on_resume = true")
    assert ("handoff" in shown.err) == bool(code)

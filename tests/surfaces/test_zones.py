"""The time zone of the settings file counts wherever a day is made or a clock is drawn."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lineitem.surfaces.cli import main
from tests.telling.transcripts import START, Tale, counts

ZONE = "Asia/Tokyo"


def told(home: Path, at: int) -> str:
    """A session with a tool call and a cache miss that begins at this moment; its id."""
    tale = Tale(at=at)
    pen = tale.session()
    pen.prompt("go")
    block = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}
    pen.answer([block], counts(3, 90_000, 0, 0, 50))
    pen.result("toolu_1", "done")
    tale.at += 3_600_000
    pen.answer([{"type": "text", "text": "done"}], counts(3, 91_000, 0, 0, 50))
    tale.write(home / ".claude")
    return pen.session


def drawn(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The lines of an answer that a clock is on."""
    assert main(list(words)) == 0
    return [line for line in capsys.readouterr().out.splitlines() if ":" in line]


@pytest.mark.parametrize("words", [("session",), ("session", "ID"), ("blocks",), ("prompts",), ("watch", "--once")])
def test_the_zone_of_the_settings_draws_the_same_clocks_as_the_option(
    words: tuple[str, ...], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = int(time.time() * 1000)
    session = told(home, now - 7_200_000 if words[0] == "watch" else START)
    words = tuple(session if word == "ID" else word for word in words)
    plain, wanted = drawn(capsys, *words), drawn(capsys, *words, "--timezone", ZONE)
    settings = home / "settings.toml"
    settings.write_text(f'timezone = "{ZONE}"\n')
    monkeypatch.setenv("LINEITEM_SETTINGS", str(settings))
    assert drawn(capsys, *words) == wanted != plain

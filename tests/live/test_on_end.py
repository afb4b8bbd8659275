"""The report of a session is written when the session ends, where the settings say."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.live import Event
from lineitem.core.problems import UsageError
from lineitem.ledger import live
from lineitem.reports import on_end
from lineitem.reports.on_end import Pattern, cleaned
from lineitem.server.reporter import LOOKS, Reporter
from lineitem.surfaces.cli import main
from lineitem.surfaces.cli.report import keep_ended
from lineitem.wiring import Lineitem
from tests.server.stand import INGEST, READ, Stand
from tests.server.test_collector import soon
from tests.telling.transcripts import Pen, Tale, counts


@given(st.text() | st.sampled_from(["..", ".", "../../etc/passwd", "CON", "a/b\\c", "\0", "nul.md", ""]))
def test_no_name_leads_anywhere_else(name: str) -> None:
    made = cleaned(name)
    assert 0 < len(made) <= 81
    assert made not in (".", "..")
    assert not set(made) & set('/\\\0<>:"|?*\n')
    assert not made.startswith(".")
    assert not made.endswith(".")
    assert made.partition(".")[0].upper() not in ("CON", "NUL")


@pytest.mark.parametrize(
    ("text", "said"),
    [("notes/{session}.md", "must begin with"), ("~/{project}.md", "have {session}"), ("~/{session}", "end in .md"),
     ("~/{user}/{session}.md", "other placeholders"), ("~/{session}}.md", "other placeholders")],
)  # fmt: skip
def test_what_cannot_be_meant_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Pattern.from_settings({"reports": {"on_session_end": text}})


def test_other_settings_are_refused_and_none_is_none() -> None:
    assert Pattern.from_settings({}) is None
    assert Pattern.from_settings({"reports": {"on_session_end": ""}}) is None
    for wrong in ({"on_end": "x"}, {"on_session_end": 3}, 3):
        with pytest.raises(UsageError):
            Pattern.from_settings({"reports": wrong})


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "notes" / "shop").symlink_to(tmp_path / "secret")
    pattern = Pattern.parse(f"{tmp_path}/notes/{{project}}/deep/{{session}}.md")
    with pytest.raises(UsageError, match="leads out"):
        pattern.path(project="shop", session="s", date="d")
    assert not list((tmp_path / "secret").iterdir())


class Desk:
    """A store, a session in it, and a reporter whose clock is ours."""

    def __init__(self, folder: Path, pattern: str) -> None:
        self.config, self.now = folder / "claude", 0.0
        self.tale = Tale()
        self.pen: Pen = self.tale.session("s1", "-code-shop")
        self.pen.prompt("go")
        self.answer()
        self.lineitem = Lineitem(str(folder / "s.sqlite"), [str(self.config)])
        self.reporter = Reporter(self.lineitem.path, [str(self.config)], {"reports": {"on_session_end": pattern}},
                                 keep_ended, lambda: self.now)  # fmt: skip
        self.round()

    def answer(self) -> None:
        self.pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
        self.tale.write(self.config)

    def round(self) -> None:
        self.lineitem.refresh()
        self.lineitem.fold()
        self.reporter.heed(self.lineitem)

    def end(self, key: str, session: str = "") -> None:
        with self.lineitem.ledger.transaction():
            live.keep_events(self.lineitem.ledger, [Event(key, session or self.pen.session, 1, "SessionEnd")])
        self.round()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.reporter.once(self.lineitem)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    made = tmp_path / "notes"
    made.mkdir()
    return made


def test_it_is_written_after_the_end_and_once_more(tmp_path: Path, notes: Path) -> None:
    desk = Desk(tmp_path, f"{notes}/{{project}}/{{session}}.md")
    place = notes / "code-shop" / f"{desk.pen.session}.md"
    desk.wait(100)
    assert not place.exists()
    desk.end("one")
    desk.wait(LOOKS[0] / 2)
    assert not place.exists()
    desk.wait(LOOKS[0])
    first = place.read_text()
    assert first.startswith(f"<!-- lineitem:report session {desk.pen.session} -->\n")
    place.write_text(first + "mine\n")
    desk.answer()  # what the client adds at the very end
    desk.round()
    desk.wait(LOOKS[1])
    assert place.read_text() != first + "mine\n"
    assert place.read_text().endswith("mine\n")
    desk.lineitem.close()


def test_a_session_that_goes_on_and_ends_again_is_written_again(tmp_path: Path, notes: Path) -> None:
    desk = Desk(tmp_path, f"{notes}/{{date}}-{{session}}.md")
    desk.end("one")
    desk.wait(LOOKS[1])
    (place,) = notes.iterdir()
    before = place.read_text()
    desk.answer()
    desk.end("two")
    desk.wait(LOOKS[0])
    assert list(notes.iterdir()) == [place]
    assert place.read_text() != before
    desk.lineitem.close()


def test_a_foreign_file_is_left_alone_and_doctor_tells(tmp_path: Path, notes: Path) -> None:
    desk = Desk(tmp_path, f"{notes}/{{session}}.md")
    place = notes / f"{desk.pen.session}.md"
    place.write_text("my own notes")
    desk.end("one")
    desk.wait(LOOKS[1])
    assert place.read_text() == "my own notes"
    found = desk.lineitem.health().problems
    assert [each["slug"] for each in found] == ["report-not-written"]
    place.unlink()
    desk.end("two")
    desk.wait(LOOKS[0])
    assert place.exists()
    assert desk.lineitem.health().problems == []
    desk.lineitem.close()


def test_a_missing_folder_and_a_session_without_requests_stop_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, f"{tmp_path}/gone/{{session}}.md")
    desk.end("one", "nobody")
    desk.end("two")
    desk.wait(LOOKS[1])
    assert list(on_end.troubles(desk.lineitem.ledger)) == [desk.pen.session]
    assert "There is no folder" in on_end.troubles(desk.lineitem.ledger)[desk.pen.session]
    desk.lineitem.close()


def test_what_a_collector_had_no_time_for_the_next_one_writes(tmp_path: Path, notes: Path) -> None:
    desk = Desk(tmp_path, f"{notes}/{{session}}.md")
    desk.end("one")
    again = Desk(tmp_path, f"{notes}/{{session}}.md")
    again.wait(LOOKS[0])
    assert len(list(notes.iterdir())) == 1
    again.wait(LOOKS[1])
    third = Desk(tmp_path, f"{notes}/{{session}}.md")
    next(notes.iterdir()).unlink()
    third.wait(LOOKS[1])
    assert not list(notes.iterdir())
    for each in (desk, again, third):
        each.lineitem.close()


SERVE = """
import sys
from lineitem.server import reporter
reporter.LOOKS = (0.0, 0.0)
from lineitem.surfaces.cli import main
sys.exit(main(["serve", "--db", sys.argv[1], "--port", "0", "--config-dir", sys.argv[2]]))
"""


def test_a_real_collector_writes_it(tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tale = Tale()
    pen = tale.session("s1", "-code-..-shop")
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "done"}], counts(3, 9_000, 0, 0, 50))
    tale.write(tmp_path / "claude")
    settings = tmp_path / "settings.toml"
    settings.write_text(f"reports.on_session_end = {json.dumps(f'{notes}/{{project}}/{{session}}.md')}\n")
    monkeypatch.setenv("LINEITEM_SETTINGS", str(settings))
    stand = Stand(tmp_path, tmp_path / "claude")
    for name, token in (("ingest", INGEST), ("read", READ)):
        (stand.live / f"{name}.token").write_text(token + "\n")
        (stand.live / f"{name}.token").chmod(0o600)
    try:
        stand.start("-c", SERVE, str(stand.db), str(tmp_path / "claude"))
        soon(lambda: stand.ask("GET", "/v1/health", token=None)[1]["rounds"])
        said: dict[str, Any] = {"session_id": pen.session, "hook_event_name": "SessionEnd", "reason": "exit"}
        assert stand.ask("POST", "/v1/hook", said)[0] == 200
        place = notes / "code-..-shop" / f"{pen.session}.md"
        soon(place.exists)
    finally:
        stand.stop()
    asked = tmp_path / "asked.md"
    assert main(["report", "session", pen.session, "--db", str(stand.db), "-o", str(asked), "--config-dir",
                 str(tmp_path / "claude")]) == 0  # fmt: skip
    assert place.read_text() == asked.read_text()
    if os.name == "posix":
        assert place.stat().st_mode & 0o077 == 0

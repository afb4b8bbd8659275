"""`lineitem report`: the figures are those of the other commands, and each audience reads what it is meant to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineitem.core.periods import Zone
from lineitem.reports import written
from lineitem.reports.query import Query
from lineitem.reports.written import AUDIENCES, KINDS
from lineitem.surfaces import incognito
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.cli.report import follow
from lineitem.surfaces.markdown import sections
from lineitem.writing import Asking, of_period, of_session
from tests.surfaces.answers import HOSTILE, shown
from tests.surfaces.test_incognito import TELLING
from tests.telling.language import Story
from tests.telling.language import story as told_by
from tests.telling.transcripts import Tale, counts

DAY = "2026-11-02"


@pytest.fixture
def example(home: Path) -> None:
    """The example as if it were one's own."""
    story.tell(str(home / ".claude"))


def said(*words: str) -> tuple[int, str, str]:
    code: list[int] = []
    out, err = shown(lambda: code.append(main(list(words))), 100)
    return code[0], out, err


def asked(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(*words, "--json")[1])
    return found


def section(document: dict[str, Any], key: str) -> dict[str, Any]:
    return next(each for each in document["sections"] if each["section"] == key)


def keys(document: dict[str, Any]) -> list[str]:
    return [each["section"] for each in document["sections"]]


# -- figures


@pytest.mark.usefixtures("example")
def test_the_figures_of_a_session_are_those_of_the_commands() -> None:
    report, bill = asked("report", "session"), asked("session", story.SESSION)
    facts = section(report, "overview")["facts"]
    for key in ("sessionId", "projectPath", "firstActivity", "lastActivity", "costNanos", "unloggedNanos"):
        assert facts[key] == bill[key]
    causes = section(report, "causes")
    assert sum(row["costNanos"] for row in causes["causes"]) == bill["costNanos"]
    assert causes["totals"]["causes"]["costNanos"] == bill["costNanos"]
    assert causes["cacheMisses"] == bill["cacheMisses"]
    effort = asked("efficiency", "--by", "session")
    assert section(report, "work")["operations"] == effort["operations"]
    assert section(report, "models")["models"] == effort["models"]
    assert section(report, "efficiency")["facts"] == effort["totals"]
    calls = asked("calls")
    assert section(report, "calls")["calls"] == calls["calls"][:15]
    activity = section(report, "activity")["activity"]
    assert sum(row["costNanos"] for row in activity if row["requests"] is None) == sum(
        row["totalNanos"] for row in calls["calls"]
    )
    assert section(report, "trend")["trend"] == asked("trend")["trend"]


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("kind", ["weekly", "monthly"])
def test_the_figures_of_a_period_are_those_of_the_commands(kind: str) -> None:
    report, bill = asked("report", kind, "--day", DAY), asked(kind)
    facts, whole = section(report, "overview")["facts"], bill[kind][0]
    for key in ("costNanos", "loggedNanos", "unloggedNanos", "requests", "totalTokens"):
        assert facts[key] == whole[key]
    assert section(report, "periods")[kind] == bill[kind]
    assert section(report, "days")["daily"] == asked("daily")["daily"]
    assert section(report, "causes")["totals"]["causes"]["costNanos"] == whole["costNanos"]
    assert section(report, "projects")["projects"] == asked("projects")["projects"]
    assert section(report, "sessions")["sessions"] == asked("session")["sessions"]
    assert section(report, "skills")["skills"] == asked("skills")["skills"]
    assert sum(row["costNanos"] for row in section(report, "skills")["agents"]) == whole["costNanos"]


@pytest.mark.usefixtures("example")
def test_a_day_is_a_paragraph_for_a_briefing() -> None:
    facts = section(asked("report", "daily", "--day", DAY), "day")["facts"]
    assert facts["costNanos"] == asked("daily")["totals"]["costNanos"]
    code, out, _ = said("report", "daily", "--day", DAY)
    assert code == 0
    assert out.startswith("On 2026-11-02, 1 session of 1 project cost $1.043 for 25 requests. Most of it, $1.043, went")
    assert out.count("\n") == 1
    assert "<!--" not in out
    assert said("report", "daily", "--day", "2026-11-03")[1] == "Nothing was spent on 2026-11-03.\n"


def test_an_empty_store_has_reports_without_zeros() -> None:
    assert said("report")[:2] == (0, f"{said('report', 'daily')[1]}")
    for kind in ("weekly", "monthly"):
        code, out, _ = said("report", kind)
        assert code == 0
        assert "| Total" not in out
    code, _, err = said("report", "session")
    assert code == 2
    assert "no session yet" in err


@told_by
def test_what_a_day_cost_is_held_against_the_days_before(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    wait 1d
    prompt 200 chars
    call read=9000 write=300 out=50 uses Read(app.py)
    result Read(app.py) 4000 chars
    call read=9300 write=1500 out=50 [model=haiku]
    """
    lineitem = told.store.ask()
    zone = Zone("UTC")
    days = lineitem.report("daily", Query(zone, 1_800_000_000_000)).rows
    last = told.store.rows("select max(at) from request")[0][0]
    found = of_period(Asking(lineitem, Query(zone, last), "engineer"), "daily", last)
    facts = found.sections[0].json()["facts"]
    assert (facts["costNanos"], facts["usualNanos"]) == (days[1]["costNanos"], days[0]["costNanos"])
    assert "the days with spending among the seven before" in sections(found, "UTC")[0][1]


@told_by
def test_what_fresh_sessions_would_have_saved_is_advised(told: Story) -> None:
    """
    prompt 200 chars
    call write=90000 out=10
    prompt 200 chars
    wait 20m
    call write=90100 out=10
    """
    lineitem = told.store.ask()
    made = of_session(Asking(lineitem, Query(Zone("UTC"), 1_800_000_000_000), "manager"), "")
    text = dict(sections(made, "UTC"))["recommendations"]
    missed = sum(nanos for _, _, nanos in told.misses())
    rows = next(each for each in made.sections if each.key == "recommendations").tables[0].rows
    assert {"rule": "cache-misses", "costNanos": missed} in rows
    assert "what the cache had held" in text


@told_by
def test_a_price_nobody_knows_makes_no_zero(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 model=claude-none-1
    """
    at = told.store.rows("select max(at) from request")[0][0]
    asking = Asking(told.store.ask(), Query(Zone("UTC"), at), "finance")
    assert "cost at least" in sections(of_period(asking, "daily", at), "UTC")[0][1]
    text = "".join(part for _, part in sections(of_session(asking, ""), "UTC"))
    assert "- Cost: unpriced" in text
    assert "have no price" in text
    assert "claude\\-none" not in text  # names of models need no escapes


# -- audiences


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("kind", ["session", "weekly", "monthly"])
def test_each_audience_reads_its_own_sections(kind: str) -> None:
    when = [] if kind == "session" else ["--day", DAY]
    report = {audience: keys(asked("report", kind, "--audience", audience, *when)) for audience in AUDIENCES}
    assert {"calls", "activity" if kind == "session" else "skills", "causes", "work"} <= set(report["engineer"])
    assert {"recommendations", "efficiency"} <= set(report["manager"])
    assert not {"calls", "activity", "tools"} & set(report["manager"])
    assert {"causes", "models"} <= set(report["finance"])
    assert not {"calls", "activity", "tools", "recommendations"} & set(report["finance"])
    assert {"tools", "servers", "left"} <= set(report["security"])
    assert not {"causes", "calls", "activity", "work", "recommendations"} & set(report["security"])


@pytest.mark.usefixtures("example")
def test_security_reads_what_was_run_how_often_and_nothing_that_was_said() -> None:
    code, out, _ = said("report", "session", "--audience", "security")
    assert code == 0
    ran = section(asked("report", "session", "--audience", "security"), "tools")["toolsRun"]
    assert sum(row["calls"] for row in ran) == asked("calls")["totals"]["calls"]
    assert "Nothing of lineitem leaves this machine" in out
    for text in ("The checkout tests fail", "round(net", "Tests for"):
        assert text not in out


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_hidden_report_tells_nothing_of_its_owner(kind: str, audience: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incognito, "secret", lambda: b"a machine of its own")
    said("budget", "add", "secretbudget", "--limit", "5", "--period", "month")
    words = ["report", kind, "--audience", audience, "--incognito"]
    words += [] if kind == "session" else ["--day", DAY]
    for form in ([], ["--json"]):
        out = said(*words, *form)[1]
        assert out
        assert not [name for name in (*TELLING, "secretbudget", "$1.0427", "1042678600") if name in out]


# -- files


@pytest.mark.usefixtures("example")
def test_a_note_stays_when_the_report_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "session.md"
    assert said("report", "session", "-o", str(path))[0] == 0
    before = path.read_bytes()
    assert before.decode() == said("report", "session")[1]
    path.write_bytes(before.replace(b"## Next steps\n", b"## Next steps\n\n- mend the \xff cart\r\n"))
    code, out, err = said("report", "session", "-o", str(path), "--audience", "finance")
    assert (code, out) == (0, "")
    assert err.startswith("Written: ")
    assert b"- mend the \xff cart\r\n" in path.read_bytes()
    assert b"begin calls" not in path.read_bytes()
    assert said("report", "session", "-o", str(path))[0] == 0
    assert path.read_bytes().replace(b"\n- mend the \xff cart\r\n", b"") == before
    code, _, err = said("report", "session", "-o", str(path))
    assert err.startswith("Unchanged: ")


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    "words",
    [
        ["yearly"], ["session", "5d0c", "--day", DAY], ["daily", "5d0c"], ["weekly", "--audience", "boss"],
        ["weekly", "--watch"], ["weekly", "--force"], ["weekly", "--git"], ["session", "--git", "--incognito"],
        ["weekly", "--json", "-o", "x.md"], ["weekly", "--start-of-week", "someday"], ["session", "ffff"],
        ["daily", "--day", "someday"],
    ],
)  # fmt: skip
def test_wrong_use_is_told_with_the_way_out(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = said("report", *words)
    assert (code, out) == (2, "")
    assert err
    assert os.listdir(tmp_path) == []


def test_it_is_written_again_when_the_ledger_changed_and_only_then() -> None:
    versions = iter([1, 1, 2, 2, 2, 7])
    done: list[int] = []

    def version() -> int:
        try:
            now = next(versions)
        except StopIteration:
            raise KeyboardInterrupt from None
        seen.append(now)
        return now

    seen: list[int] = []
    assert follow(lambda: done.append(seen[-1]), version, lambda _: None) == 0
    assert done == [1, 2, 7]


# -- names of others


def test_hostile_names_stay_in_their_cells(home: Path) -> None:
    tale = Tale()
    pen = tale.session("main", "-home-dev-<b>|shop")
    for number, name in enumerate((*HOSTILE, "a|b`c", "[x](http://example.org)", "<!-- lineitem:end calls -->")):
        pen.prompt("go")
        use = {"type": "tool_use", "id": f"toolu_{number}", "name": "Bash", "input": {"command": f"echo {name}"}}
        pen.answer([use], counts(3, 1_000, 0, 0, 50), gitBranch=name)
    tale.write(home / ".claude")
    for kind in ("session", "weekly"):
        for audience in ("engineer", "security"):
            words = ["report", kind, "--audience", audience, *(["--day", DAY] if kind == "weekly" else [])]
            code, out, err = said(*words, "-d")
            assert (code, err) == (0, ""), err
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out)
            assert not re.search(r"(?m)^<(?!!-- lineitem:)", out)


# -- git


def repository(folder: Path, *, evil: Path) -> list[str]:
    """A repository with three commits, whose configuration starts a program wherever it can."""
    folder.mkdir(parents=True)
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]

    def run(*words: str, **more: str) -> str:
        command = ["git", "-C", str(folder), *author, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, env={**env, **more}).stdout

    run("init", "-q", "-b", "main")
    for day, subject in (("2026-11-01", "before"), ("2026-11-02", "**within** | `it`"), ("2026-11-03", "after")):
        stamp = {"GIT_AUTHOR_DATE": f"{day}T10:30:00Z", "GIT_COMMITTER_DATE": f"{day}T10:30:00Z"}
        run("commit", "-q", "--allow-empty", "-m", subject, **stamp)
    script = evil.with_suffix(".sh")
    script.write_text(f"#!/bin/sh\ntouch {evil}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand", "core.askPass", "diff.external",
                "core.editor", "alias.log", "alias.rev-parse", "pager.log"):  # fmt: skip
        run("config", key, f"!{script}" if key.startswith("alias") else str(script))
    run("config", "log.showSignature", "true")
    return run("log", "--format=%H").split()[::-1]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX scripts")
def test_git_is_asked_in_the_sessions_own_folder_and_starts_nothing(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, evil = tmp_path / "shop", tmp_path / "evil"
    before, within, _ = repository(folder, evil=evil)
    evil.unlink(missing_ok=True)
    monkeypatch.setattr(story, "_HOME", str(folder))
    story.tell(str(home / ".claude"))
    git = section(asked("report", "session", "--git"), "git")
    assert git["facts"] == {"branch": "main", "atStart": before[:12], "atEnd": within[:12], "commits": 1}
    assert git["commits"] == [{"at": "2026-11-02T10:30:00.000Z", "commit": within[:12], "subject": "**within** | `it`"}]
    assert "within" not in said("report", "session", "--git", "--audience", "security")[1]
    assert "git" not in keys(asked("report", "session"))
    assert not evil.exists()


@pytest.mark.usefixtures("example")
def test_a_folder_that_is_gone_is_told() -> None:
    code, out, _ = said("report", "session", "--git")
    assert code == 0
    assert "not here any more" in out


def test_every_section_has_readers_who_exist() -> None:
    assert all(readers <= set(AUDIENCES) for readers in written._READERS.values())

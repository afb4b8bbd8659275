"""`lineitem advice`: on the example, and as docs/advice.md says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lineitem.insights.advice import AGENT_MODEL, COMPACT, LIFETIME, MODEL_CHOICE, RESUME, advice, rule
from lineitem.insights.savings import LATE_SERVER, LOOP, MEMORY, READING, RESULTS, SERVER, SKILLS
from lineitem.surfaces import incognito
from lineitem.surfaces.cli import story
from tests.docs.pages import ROOT, text

KINDS = (LOOP, SERVER, LATE_SERVER, SKILLS, MEMORY, RESULTS, READING, AGENT_MODEL, COMPACT, RESUME, LIFETIME,
         MODEL_CHOICE)  # fmt: skip
PAGE = text(ROOT / "docs/advice.md")


def found(said: Any, line: str = "") -> Any:
    code, out, err = said(f"advice --json {line}")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_the_page_names_every_kind_in_the_order_they_claim() -> None:
    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_was_and_what_to_do(kind: str) -> None:
    for subject in ("", "Bash npm test", "Read .py", "mcp__github__get_issue", "Grep", "1h", "<b>[red]\x1b[31m"):
        for note in ("", "claude-sonnet-5-5"):
            said = advice(kind, subject, note)
            assert said.title
            assert said.change.endswith(".")
            assert not set("\x1b<[") & set(said.title + said.change)
    assert rule(kind).endswith(".")


def test_on_the_example_it_adds_up_and_every_row_has_its_evidence(said: Any) -> None:
    document = found(said)
    bill = json.loads(said("session --json")[1])["totals"]["costNanos"]
    assert document["advice"]
    assert document["costNanos"] == bill
    assert 0 < document["totals"]["savedNanos"] == sum(row["savedNanos"] for row in document["advice"]) < bill
    for row in document["advice"]:
        evidence = found(said, row["id"])
        assert sum(each["savedNanos"] for each in evidence["evidence"]) == row["savedNanos"]
        for each in evidence["evidence"]:
            assert each["sessionId"] == story.SESSION
            if each["evidence"] != "the session":
                code, out, _ = said(f"explain '{each['evidence']}' --json")
                assert code == 0
                known = json.loads(out)
                assert each["savedNanos"] <= known.get("totalNanos", known.get("costNanos"))


def test_a_person_reads_what_to_change(said: Any) -> None:
    code, out, err = said("advice")
    assert (code, err) == (0, "")
    for row in found(said)["advice"]:
        assert row["title"][1:40] in out
        assert row["id"] in out
    code, out, _ = said(f"advice {found(said)['advice'][0]['id']}")
    assert code == 0
    assert "Found on" in out


def test_a_cause_is_explained(said: Any) -> None:
    code, out, _ = said("explain schemas/mcp__github")
    assert code == 0
    assert out.startswith("schemas/mcp__github  $")
    (row,) = (each for each in json.loads(said("mcp --json")[1])["mcp"] if each["server"] == "github")
    assert json.loads(said("explain schemas/mcp__github --json")[1])["costNanos"] == row["schemaNanos"]


def test_a_mark_is_made_once_and_taken_back(said: Any) -> None:
    ident = found(said)["advice"][0]["id"]
    code, out, _ = said(f"advice --done {ident}")
    assert (code, out.split()[0]) == (0, ident)
    assert said(f"advice --done {ident}")[0] == 2
    assert "too early to say" in said("advice")[1]
    assert json.loads(said(f"advice --undo {ident} --json")[1]) == {"id": ident, "followed": False, "schemaVersion": 1}
    assert found(said)["followed"] == []


def test_mistakes_are_sentences(said: Any) -> None:
    for line, part in (
        ("advice zzzz", "No advice is called 'zzzz'"),
        ("advice --done zzzz", "No advice is called"),
        ("advice --undo zzzz", "No advice that is followed"),
        ("advice abc --done def", "Give one of these"),
        ("advice --done abc --since 7d", "take no range"),
    ):
        code, out, err = said(line)
        assert (code, out) == (2, ""), line
        assert part in err


def test_incognito_names_nobody(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incognito, "secret", lambda: b"a machine of its own")
    rows = found(said)["advice"]
    said(f"advice --done {rows[0]['id']}")
    for line in ("advice --incognito", "advice --incognito --json",
                 *(f"advice {row['id']} --incognito{more}" for row in rows for more in ("", " --json"))):  # fmt: skip
        code, out, _ = said(line)
        assert code == 0
        assert not [name for name in ("github", "CLAUDE.md", "pytest", "git diff", "shop", "toolu_", story.SESSION[:8])
                    if name in out], line  # fmt: skip


def test_incognito_tells_no_true_amount(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incognito, "secret", lambda: b"a machine of its own")
    true, hidden = found(said), found(said, "--incognito")
    factor = hidden["costNanos"] / true["costNanos"]
    assert not 0.9 < factor < 1.1
    for key in ("totalSaved", "savedNanos"):
        assert hidden["totals"][key] == pytest.approx(true["totals"][key] * factor)


def test_one_in_a_range_is_what_the_row_of_that_range_is(said: Any) -> None:
    for line in ("--since 2026-11-01", "--model opus", "--until 2026-10-01"):
        rows = {row["id"]: row for row in found(said, line)["advice"]}
        for ident in (row["id"] for row in found(said)["advice"]):
            one = found(said, f"{ident} {line}")
            assert sum(each["savedNanos"] for each in one["evidence"]) == one["savedNanos"]
            assert one["savedNanos"] == rows.get(ident, {"savedNanos": 0})["savedNanos"]

"""`lineitem manual`: begun, logged, ended on the command line; and every example of docs/manual.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lineitem.core.manual import KINDS
from tests.docs.pages import ROOT, text
from tests.docs.test_cli_docs import keys

PAGE = text(ROOT / "docs/manual.md")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("lineitem manual")
]


def test_the_examples_of_the_page_run(said: Any) -> None:
    assert len(COMMANDS) == 7
    for line in COMMANDS:
        assert said(line.removeprefix("lineitem "))[0] == 0, line
    report = Path("checkout.md").read_text(encoding="utf-8")
    assert report.startswith("# checkout\n")
    assert "- [ ] ask for smaller changes\n" in report


def test_the_page_has_every_kind_with_its_range() -> None:
    for name, kind in KINDS.items():
        row = f"| `{name}` | {kind.least_in:,} to {kind.most_in:,} | {kind.least_out:,} to {kind.most_out:,} |"
        assert f"{row} {kind.text} |" in PAGE


def test_what_is_printed_adds_up(said: Any) -> None:
    said("manual start checkout")
    one = json.loads(said("manual log 12k 3k 'tax rules' --json")[1])
    two = json.loads(said("manual quick feature --json")[1])
    assert two["lowNanos"] < two["costNanos"] < two["highNanos"]
    assert "~$" in said("manual quick chat")[1]
    found = json.loads(said("manual --json")[1])
    (row,) = found["manual"]
    assert row["entries"] == 3
    assert row["costNanos"] > one["costNanos"] + two["costNanos"]
    assert found["totals"]["costNanos"] == row["costNanos"] == found["projectTotals"]["costNanos"]
    assert "The project as a whole" in said("manual status")[1]
    assert "by hand" in " ".join(said("daily")[1].split())
    assert "by hand" not in said("daily --no-cost")[1]
    ended = json.loads(said("manual end --json")[1])
    assert ended["manual"]["costNanos"] == row["costNanos"]
    assert sum(each["costNanos"] for each in ended["kinds"]) == row["costNanos"]


def test_every_key_is_explained(said: Any) -> None:
    page = text(ROOT / "docs/json.md")
    explained = set(re.findall(r"[A-Za-z0-9]+", " ".join(re.findall(r"`([^`\n]+)`", page))))
    said("manual start checkout --expect 5")
    for line in ("manual log 12k 3k --json", "manual quick chat --json", "manual note x --json", "manual --json",
                 "daily --json", "manual end --json"):  # fmt: skip
        assert keys(json.loads(said(line)[1])) - explained == set(), line


def test_a_report_may_be_shown_to_anybody(said: Any) -> None:
    said("manual start checkout")
    said("manual log 12k 3k 'tax rules'")
    out = said("manual end --incognito")[1]
    assert "checkout" not in out
    assert "tax rules" not in out
    assert "12,000" not in out


def test_what_everybody_may_know_does_not_tell_the_factor(said: Any) -> None:
    """Limits and the published ranges of kinds were multiplied by it, or printed as they are."""
    said("manual start checkout --expect 2.50")
    for line in ("manual quick review --incognito", "manual log 12k 3k --incognito"):
        out = said(line)[1]
        assert "2,000" not in out
        assert "12,000" not in out
    quick = json.loads(said("manual quick review --json --incognito")[1])
    assert {quick[key] for key in ("inputTokens", "outputTokens", "costNanos", "lowNanos", "highNanos")} == {None}
    logged = json.loads(said("manual log 12k 3k --json --incognito")[1])
    assert logged["inputTokens"] not in (None, 12_000)
    (row,) = json.loads(said("manual --json --incognito")[1])["manual"]
    assert (row["expectedNanos"], row["expectedTokens"]) == (None, None)
    assert row["expectedShare"] is not None
    found = json.loads(said("manual status --json --incognito")[1])
    assert found["manual"][0]["inputTokens"] is not None
    report = said("manual end --incognito")[1]
    assert "| quick review |  | claude-opus-5-5 | – / – | – |" in report
    assert re.search(r"\| review \| 2 \| – \| – \| .{0,2}– \| – \|", report)
    assert "Of what was expected" in report
    assert "2.50" not in report


def test_the_length_of_a_text_is_hidden_with_its_tokens(said: Any) -> None:
    Path("a.txt").write_text("All of it was looked at twice. " * 40, encoding="utf-8")
    shown, hidden = (json.loads(said(f"estimate a.txt --json{more}")[1]) for more in ("", " --incognito"))
    assert shown["characters"] == 1_240
    assert hidden["characters"] != 1_240


def test_what_was_typed_is_no_markdown(said: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Names in code had backslashes in them, which code shows, and a backtick ended it."""
    folder = tmp_path / "a_b `c` *d*"
    folder.mkdir()
    monkeypatch.chdir(folder)
    said("manual start '[x](y) # <b>'")
    said("manual note '<script>alert(1)</script> | `code`'")
    report = said("manual end")[1]
    assert report.startswith("# \\[x\\](y) \\# &lt;b&gt;\n")
    assert f"| Project | ``{folder}`` |" in report
    assert "<script>" not in report


def test_mistakes_are_sentences(said: Any) -> None:
    for line, part in (
        ("manual log 1 2", "No manual session is open"),
        ("manual end", "No manual session is open"),
        ("manual start", "It is `lineitem manual start NAME`"),
        ("manual start ''", "needs a name"),
        ("manual start x y", "words with spaces go in quotes"),
        ("manual begin x", "knows start, log, quick"),
        ("manual status --expect 5", "--expect goes with `lineitem manual start`"),
        ("manual note x --model sonnet", "--model goes with"),
        ("manual start x --expect lots", "is no limit"),
        ("manual log 1 2 3 4 5", "too much"),
    ):
        code, out, err = said(line)
        assert (code, out) == (2, ""), line
        assert part in err, line
    assert said("manual start x")[0] == 0
    assert "is open in" in said("manual start y")[2]
    assert "knows chat, code" in said("manual quick lunch")[2]
    assert "needs words" in said("manual note ' '")[2]
    Path("there.md").touch()
    assert "exists already" in said("manual end --out there.md")[2]
    code, out, err = said("manual end --out /nowhere/at/all.md")
    assert (code, out.startswith("# x\n")) == (1, True)
    assert "cannot be written" in err


def test_a_file_and_standard_input_are_estimated(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.txt").write_text("All of it was looked at twice. " * 40, encoding="utf-8")
    Path("image.png").write_bytes(b"\x89PNG\x00\x00")
    code, out, _ = said("estimate a.txt")
    assert code == 0
    assert "What it would cost" in out
    of_file = json.loads(said("estimate a.txt --json")[1])
    with open("a.txt", encoding="utf-8") as text_in:
        monkeypatch.setattr("sys.stdin", text_in)
        of_stdin = json.loads(said("estimate - --json")[1])
    assert of_file == of_stdin
    page = text(ROOT / "docs/json.md")
    explained = set(re.findall(r"[A-Za-z0-9]+", " ".join(re.findall(r"`([^`\n]+)`", page))))
    assert keys(of_file) - explained == set()
    for line, part in (
        ("estimate image.png", "is no text"),
        ("estimate nowhere.txt", "cannot be read"),
        ("estimate .", "cannot be read"),
        ("estimate a.txt --requests x", "--requests is a number"),
        ("estimate", "it needs FILE|-"),
    ):
        code, out, err = said(line)
        assert (code, out) == (2, ""), line
        assert part in err, line

"""`lineitem export`: every report in every format, sums that are the bill's, filters, files, mistakes."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lineitem.exports.sheet import meant
from lineitem.surfaces.cli import main, story
from lineitem.surfaces.cli.export import _ASKED
from lineitem.surfaces.commands import TABLES

ID = story.SESSION[:8]
REPORTS = sorted((*TABLES, *_ASKED, "items"))
TELLING = ("shop", story.SESSION, "cart.py", "grep -rn", "pytest", "github", "CLAUDE.md", "toolu_demo")


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Runs a command line on the example as if it were one's own: (exit code, stdout, stderr)."""
    story.tell(str(tmp_path / "claude"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'lineitem.sqlite'}")
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> tuple[int, bytes, str]:
        capfdbinary.readouterr()
        code = main(shlex.split(line))
        out = capfdbinary.readouterr()
        return code, out.out, out.err.decode()

    return run


def read(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline=""), strict=True))


def cost(said: Any, *filters: str) -> int:
    whole: int = json.loads(said(" ".join(["bill --json", *filters]))[1])["costNanos"]
    return whole


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_the_same_in_every_format(said: Any, name: str) -> None:
    more = " --marker 2026-11-09" if name == "compare" else ""
    code, text, err = said(f"export {name}{more}")
    assert (code, err) == (0, "")
    rows = read(text)
    lines = [json.loads(line) for line in said(f"export {name}{more} --format jsonl")[1].splitlines()]
    whole = json.loads(said(f"export {name}{more} --json")[1])
    assert lines in whole.values()
    assert whole["schemaVersion"] == 1
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        for key, value in line.items():
            if isinstance(value, str):
                assert meant(row[key]) == value
            elif value is None:
                assert row[key] == ""
            elif isinstance(value, int):
                assert row[key] == str(value).lower()


@pytest.mark.parametrize("filters", ["", "--since 2026-11-02 --until 2026-11-02", "--since 2026-11-03",
                                     "--project shop", "--project elsewhere", "--model opus",
                                     f"--session {ID}"])  # fmt: skip
def test_line_items_sum_to_the_bill(said: Any, filters: str) -> None:
    rows = read(said(f"export items {filters}")[1])
    assert sum(int(row["costNanos"]) for row in rows) == cost(said, filters)


def test_a_session_is_exported_by_its_line_items(said: Any) -> None:
    rows = read(said(f"export session {ID}")[1])
    assert rows == read(said(f"export items --session {ID}")[1])
    assert {row["sessionId"] for row in rows} == {story.SESSION}
    unlogged = [row for row in rows if row["part"] == "unlogged"]
    assert unlogged
    assert all(row["tokens.output"] == "" for row in unlogged)


@pytest.mark.parametrize("name", ["tools", "agents", "mcp", "prompts", "focus", "items", "metrics"])
def test_a_report_is_of_one_session_where_that_is_asked(said: Any, name: str) -> None:
    rows = read(said(f"export {name} --session {ID} --format csv")[1])
    key = {"focus": "BilledCost"}.get(name, "costNanos")
    spent = sum(Decimal(row[key]) for row in rows) * (10**9 if name == "focus" else 1)
    assert spent == cost(said, f"--session {ID}")
    code, out, err = said(f"export {name} --session nobody")
    assert (code, out) == (2, b"")
    assert "No session begins with 'nobody'" in err


@pytest.mark.parametrize("name", ["items", "calls", "session", "projects", "metrics", f"session {ID}"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_incognito_tells_nothing(said: Any, name: str, form: str) -> None:
    text = said(f"export {name} --format {form} --incognito")[1].decode()
    assert text
    assert not [word for word in TELLING if word in text]


def test_a_file_is_written_whole_or_not_at_all(said: Any, tmp_path: Path) -> None:
    code, out, err = said("export items -o items.csv")
    assert (code, out, err) == (0, b"", "Written: items.csv\n")
    assert (tmp_path / "items.csv").read_bytes() == said("export items")[1]
    code, _, err = said("export items -o nowhere/items.csv")
    assert code == 2
    assert "nowhere/items.csv cannot be written" in err
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_link_stays_a_link_and_a_pipe_a_pipe(said: Any, tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("there.csv")
    assert said("export projects -o link.csv")[0] == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "there.csv").read_bytes() == said("export projects")[1]
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert said("export projects -o pipe")[0] == 0
    assert os.read(reading, 1 << 16) == (tmp_path / "there.csv").read_bytes()
    os.close(reading)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="no such device here")
def test_standard_output_may_be_named_as_a_file(said: Any) -> None:
    whole = said("export projects")[1]
    command = [sys.executable, "-m", "lineitem", "export", "projects", "-o", "/dev/stdout"]
    for words, sent in ((command, whole), ([*command, "--format", "nothing"], b"")):
        done = subprocess.run(words, capture_output=True, check=False)
        assert done.stdout == sent
        assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("export everything", "There is no 'everything' to export: advice, agents,"),
        ("export daily --format xml", "--format of 'daily' is one of csv, jsonl, json, parquet, not 'xml'."),
        ("export metrics --format pprof", "A profile is of a session or of line items"),
        ("export calls --format prometheus", "--format of 'calls' is one of csv"),
        ("export daily 3f2a", "`lineitem export daily` is of no single one"),
        ("export daily --last none", "--last is a number of periods, not 'none'."),
        ("export calls --last 3", "--last goes with hourly, daily, weekly, monthly and trend, not with 'calls'."),
        ("export session zzz", "No session begins with 'zzz'."),
    ],
)
def test_a_mistake_is_told(said: Any, line: str, sentence: str) -> None:
    code, out, err = said(line)
    assert (code, out) == (2, b"")
    assert sentence in err


def test_the_latest_rows_only(said: Any) -> None:
    assert len(read(said("export daily --last 1")[1])) == 1
    assert len(read(said("export trend --last 1")[1])) == 1


def test_an_empty_report_still_names_its_columns(said: Any) -> None:
    assert said("export items --since 2030-01-01")[1].count(b"\r\n") == 1
    assert said("export projects --since 2030-01-01")[1].startswith(b'"project"')


def test_a_price_that_is_missing_is_no_zero(said: Any, tmp_path: Path) -> None:
    for path in tmp_path.rglob("*.jsonl"):
        path.write_bytes(path.read_bytes().replace(b"claude-opus-5-5", b"claude-unheard-of"))
    rows = read(said("export items --model unheard")[1])
    assert rows
    assert {(row["costNanos"], row["costUsd"], row["unpriced"]) for row in rows} == {("", "", "true")}

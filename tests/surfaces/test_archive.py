"""`lineitem archive`: the example goes to a folder and comes back; and every example of docs/archive.md."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.archive.place import Folder
from lineitem.core.problems import ArchiveError
from lineitem.ledger.facts import TABLES
from tests.docs.pages import ROOT, text

if TYPE_CHECKING:
    from pathlib import Path

PAGE = text(ROOT / "docs/archive.md")
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]
ANSWERS = ("daily --json", "bill --json", "session --json", "calls --json", "verify", "prompts --json", "check --json")


def test_pushed_and_pulled_into_an_empty_store_every_answer_is_the_same(
    said: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {line: said(line) for line in ANSWERS}
    code, out, err = said("archive push ~/kept")
    assert (code, err) == (0, "")
    assert out.startswith("Sent ")
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'new.sqlite'}")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "nowhere"))
    assert "parts of one store" in said("archive pull ~/kept --dry-run")[1]
    assert said("daily")[1] == "No usage was found.\n"
    assert "rows were new to this store" in said("archive pull ~/kept")[1]
    assert {line: said(line) for line in ANSWERS} == before
    assert "0 rows" not in said("archive pull ~/kept")[1]
    code, out, err = said("archive check ~/kept")
    assert (code, err) == (0, "")
    assert "All are as they were written." in out


def test_where_nothing_was_pushed_nothing_is_pulled(said: Any) -> None:
    for action in ("pull", "check", "pull --dry-run"):
        code, out, err = said(f"archive {action} nowhere")
        assert (code, out) == (1, "")
        assert "holds no archive" in err


def test_a_dry_run_sends_nothing_and_says_how_much(said: Any, tmp_path: Path) -> None:
    code, out, _ = said("archive push kept --dry-run --json")
    found = json.loads(out)
    assert (code, found["dryRun"], found["manifest"], found["origin"]) == (0, True, None, None)
    assert found["partsSent"] == found["parts"] > 0
    assert found["bytesSent"] > 1_000
    assert not (tmp_path / "shop/kept").exists()


def test_what_is_damaged_is_named_and_fails(said: Any, tmp_path: Path) -> None:
    said("archive push kept --format jsonl")
    (part,) = (tmp_path / "shop/kept/facts/sightings").rglob("*.gz")
    part.write_bytes(part.read_bytes()[:-1])
    for action in ("check", "pull --db sqlite:///empty.sqlite"):
        code, _, err = said(f"archive {action.replace(' ', ' kept ', 1) if ' ' in action else action + ' kept'}")
        assert code == 1
        assert f"archive-part-refused: {part.relative_to(tmp_path / 'shop/kept')}" in err


def test_what_cannot_be_read_is_named_and_taken_in_later(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said("archive push kept")
    read = Folder.read

    def fail(self: Folder, name: str, most: int) -> bytes | None:
        if "/sightings/" in name:
            raise ArchiveError(f"{name} cannot be read: Input/output error.")
        return read(self, name, most)

    with monkeypatch.context() as broken:
        broken.setattr(Folder, "read", fail)
        code, out, err = said("archive pull kept --db sqlite:///empty.sqlite")
    assert (code, "1 could not be read now: pull again" in out) == (1, True)
    assert "archive-part-unread: facts/sightings/" in err
    assert said("archive pull kept --db sqlite:///empty.sqlite")[0] == 0
    assert said("daily --json --db sqlite:///empty.sqlite")[1] == said("daily --json")[1]


def test_what_was_damaged_is_pushed_again_when_all_is_verified(said: Any, tmp_path: Path) -> None:
    said("archive push kept --format jsonl")
    (part,) = (tmp_path / "shop/kept/facts/sightings").rglob("*.gz")
    data = part.read_bytes()
    part.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    assert "Everything is there already." in said("archive push kept")[1]
    assert said("archive check kept")[0] == 1
    code, out, err = said("archive push kept --verify --dry-run")
    assert (code, out[:16], err) == (0, "Would send 1 of ", "")
    assert "Sent 1 of" in said("archive push kept --verify")[1]
    assert part.read_bytes() == data
    assert said("archive check kept")[0] == 0


def test_a_prune_says_first_and_removes_when_told_to(said: Any, tmp_path: Path) -> None:
    said("archive push kept")
    code, out, _ = said("archive prune kept")
    assert code == 0
    assert out.endswith("parts of one store stay.\nThere is nothing else.\n")
    for number in range(3):
        said(f"manual start piece-{number}")
        said("manual end")
        said("archive push kept")
    before = sorted((tmp_path / "shop/kept").rglob("*"))
    for line in ("archive prune kept --dry-run", "archive prune kept"):
        code, out, _ = said(line)
        assert code == (0 if "--dry-run" in line else 1)
        assert "No recent push names" in out
        assert sorted((tmp_path / "shop/kept").rglob("*")) == before
    told = json.loads(said("archive prune kept --dry-run --json")[1])
    code, out, err = said("archive prune kept --yes --json")
    found = json.loads(out)
    assert (code, err, found) == (0, "", told | {"dryRun": False})
    assert (found["manifestsRemoved"], found["partsRemoved"] > 0) == (2, True)
    assert said("archive check kept")[0] == 0
    assert "There is nothing else." in said("archive prune kept")[1]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("archive keep x", "knows push, pull, check and prune, not 'keep'"),
        ("archive push", "needs an address"),
        ("archive pull x --format jsonl", "--format goes with"),
        ("archive push x --format csv", "--format is jsonl or parquet, not 'csv'"),
        ("archive check x --dry-run", "--dry-run goes with"),
        ("archive pull x --verify", "--verify goes with"),
        ("archive push x --yes", "--yes goes with"),
    ],
)
def test_a_slip_gets_a_sentence_that_helps(said: Any, line: str, sentence: str) -> None:
    code, out, err = said(line)
    assert (code, out) == (2, "")
    assert sentence in err


def test_the_commands_of_the_page_run(said: Any) -> None:
    ours = [line for line in COMMANDS if line.startswith("lineitem") and "://" not in line]
    assert len(ours) > 3
    for line in ours:
        code, _, err = said(shlex.join(shlex.split(line, comments=True)[1:]))
        assert (code, err) == (0, ""), line


def test_the_page_names_every_table_and_column() -> None:
    for facts in TABLES:
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{facts.name}` |"))
        for column in facts.columns:
            assert f"`{column.name}`" in row, f"{facts.name}.{column.name}"

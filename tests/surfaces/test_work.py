"""`lineitem commits` and `lineitem pr` as a person and a program see them, with a real git beside them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lineitem.surfaces.cli import main
from lineitem.surfaces.comment import MARK, comment
from tests.stories.test_work import answer, commit, link
from tests.surfaces.answers import shown
from tests.telling.transcripts import Tale

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
WHO = {"NAME": "Ada", "EMAIL": "ada@example.com", "DATE": "1790000000 +0000"}


def git(folder: Path, *words: str, date: str = WHO["DATE"]) -> str:
    said = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in WHO.items()}
    said |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "GIT_CONFIG_GLOBAL": os.devnull}
    environment = {**os.environ, **said, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit_file(folder: Path, text: str, date: str = WHO["DATE"]) -> str:
    """The short hash of a new commit."""
    (folder / "file.txt").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", text, date=date)
    return git(folder, "rev-parse", "--short=7", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-qb", "main")
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", WHO["EMAIL"])
    return folder


@pytest.fixture
def tale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tale:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{tmp_path / 'lineitem.sqlite'}")
    (tmp_path / "nowhere").mkdir()
    monkeypatch.chdir(tmp_path / "nowhere")
    return Tale()


def told(tale: Tale, *hashes: str, branch: str = "feat/refunds") -> None:
    """A session that made these commits, and a pull request of them."""
    pen = tale.session("one")
    pen.branch = branch
    pen.prompt("go")
    for name in hashes:
        commit(pen, name)
    link(pen, 12)
    answer(pen)
    tale.write(Path(os.environ["CLAUDE_CONFIG_DIR"]))


def run(*words: str, width: int = 100) -> tuple[int, str, str]:
    code: list[int] = []
    out, err = shown(lambda: code.append(main(list(words))), width)
    return code[0], out, err


def test_commits_are_shown_with_what_is_left(tale: Tale) -> None:
    told(tale, "abc1234")
    code, out, err = run("commits")
    assert (code, err) == (0, "")
    assert re.search(r"abc1234 +feat/refunds .*0\.04", out)
    assert re.search(r"\(not committed\) .*0\.02", out)
    assert re.search(r"Total .*0\.06", out)
    document = json.loads(run("commits", "--json")[1])
    assert [row["commit"] for row in document["commits"]] == ["abc1234", "(not committed)"]
    assert document["commits"][0]["subject"] is None
    assert document["totals"]["costNanos"] == 60_000_000
    assert "abc1234" not in "".join(run("commits", "--incognito")[1:])
    assert "refunds" not in "".join(run("commits", "--incognito", "--by", "branch")[1:])


def test_a_long_list_keeps_what_is_left(tale: Tale) -> None:
    told(tale, *(f"{number:07x}" for number in range(40)))
    for order in ("asc", "desc"):
        out = run("commits", "--order", order)[1]
        lines = [line.split("  ")[0].strip() for line in out.splitlines()]
        assert abs(lines.index("15 more") - lines.index("(not committed)")) == 1
        assert "The 25 dearest of 40" in out


@needs_git
def test_git_says_what_a_hash_is(tale: Tale, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = commit_file(repository, "Round once")
    lost = commit_file(repository, "Never mind", "1790000100 +0000")
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    git(repository, "commit", "-q", "--allow-empty", "-m", "base")
    rebased = commit_file(repository, "Refund in cents", "1790000200 +0000")
    git(repository, "reset", "-q", "--hard", kept)
    commit_file(repository, "Another start", "1790000300 +0000")
    git(repository, "cherry-pick", "-X", "theirs", rebased, date="1790000200 +0000")
    now = git(repository, "rev-parse", "HEAD")
    told(tale, kept, lost, rebased, "0123456")
    rows = {row["commit"]: row for row in json.loads(run("commits", "--repo", str(repository), "--json")[1])["commits"]}
    assert (rows[kept]["subject"], rows[kept]["reachable"], rows[kept]["nowCommit"]) == ("Round once", True, None)
    assert rows[kept]["authoredAt"] == "2026-09-21T14:13:20.000Z"
    assert rows[kept]["fullCommit"].startswith(kept)
    assert (rows[lost]["subject"], rows[lost]["reachable"], rows[lost]["nowCommit"]) == ("Never mind", False, None)
    assert (rows[rebased]["reachable"], rows[rebased]["nowCommit"]) == (False, now)
    assert rows["0123456"]["subject"] is None
    assert "Round once" in run("commits", "--repo", str(repository))[1]
    monkeypatch.chdir(repository)
    assert "Never mind" in run("commits")[1]
    assert "Never mind" not in run("commits", "--incognito")[1]


@needs_git
def test_nothing_of_a_repository_is_run_or_written(tale: Tale, repository: Path) -> None:
    name = commit_file(repository, "Round once")
    trap = repository.parent / "sprung"
    for hook in ("reference-transaction", "post-index-change", "post-commit"):
        script = repository / ".git" / "hooks" / hook
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!/bin/sh\ntouch '{trap}'\n")
        script.chmod(0o755)
    for setting in ("core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand", "core.editor"):
        git(repository, "config", setting, f"touch '{trap}'; false")
    git(repository, "config", "log.showSignature", "true")
    trap.unlink(missing_ok=True)
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*") if path.is_file()}
    told(tale, name)
    assert "Round once" in run("commits", "--repo", str(repository))[1]
    assert "Nothing was written" in run("commits", "--notes", "--repo", str(repository))[1]
    assert {path: path.stat().st_mtime_ns for path in repository.rglob("*") if path.is_file()} == before
    assert run("commits", "--notes", "--yes", "--repo", str(repository))[0] == 0
    assert not trap.exists()


@needs_git
def test_notes_are_written_only_when_that_is_said(tale: Tale, repository: Path) -> None:
    name = commit_file(repository, "Round once")
    told(tale, name, "0123456")
    where = ("--repo", str(repository))
    code, out, err = run("commits", "--notes", *where)
    assert (code, err) == (0, "")
    assert re.search(rf"^{name}\S+  lineitem: \$0\.0400, 2 requests, 2,000 tokens$", out, re.MULTILINE)
    assert git(repository, "for-each-ref", "refs/notes") == ""
    document = json.loads(run("commits", "--notes", *where, "--json")[1])
    assert document["written"] is False
    assert len(document["notes"]) == 1
    for _ in range(2):  # what lineitem wrote before is replaced
        assert "Written: 1 notes." in run("commits", "--notes", "--yes", *where)[1]
    said = git(repository, "notes", "--ref=lineitem", "show", name)
    assert said.splitlines()[1:] == ["costNanos: 40000000", "unpricedTokens: 0"]
    assert git(repository, "status", "--porcelain") == ""


@needs_git
def test_a_hash_is_never_an_option(tale: Tale, repository: Path) -> None:
    commit_file(repository, "Round once")
    told(tale, "abc1234", branch="--output=x")
    assert run("commits", "--repo", str(repository))[0] == 0


@pytest.mark.parametrize(("words", "why"), [
    (["commits", "--repo", "/nowhere/at/all"], "There is no folder"),
    (["commits", "--yes"], "--yes goes with --notes"),
    (["commits", "--notes", "--since", "7d"], "--project alone"),
    (["commits", "--notes", "--by", "branch"], "--project alone"),
    (["commits", "--notes", "--incognito"], "--incognito"),
    (["pr", "--markdown"], "needs a pull request"),
    (["pr", "12", "--paths"], "goes with --markdown"),
    (["pr", "77"], "Nothing was spent"),
])  # fmt: skip
def test_mistakes_name_the_way_out(tale: Tale, words: list[str], why: str) -> None:
    told(tale, "abc1234")
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert why in err


@needs_git
def test_a_folder_without_a_repository_is_a_mistake_only_when_named(tale: Tale, tmp_path: Path) -> None:
    told(tale, "abc1234")
    code, _, err = run("commits", "--repo", str(tmp_path / "nowhere"))
    assert code == 2
    assert "not a git repository" in err
    assert run("commits")[0] == 0


# -- the comment


def test_a_pull_request_as_a_comment(tale: Tale) -> None:
    told(tale, "abc1234")
    code, out, err = run("pr", "12", "--markdown")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == MARK
    assert lines[2] == "### $0.0600: what <code>&#35;12</code> <code>feat/refunds</code> cost".replace("$", "&#36;")
    assert "| <code>abc1234</code> | 2 |" in out
    assert "| not committed | 1 |" in out
    assert "git commit" not in out
    assert "<code>git commit -am &#39;Round once&#39;</code>" in run("pr", "12", "--markdown", "--paths")[1]
    hidden = run("pr", "12", "--markdown", "--incognito")[1]
    assert not any(name in hidden for name in ("abc1234", "refunds", "&#35;12", "0.0600"))


def test_a_name_in_a_comment_does_nothing() -> None:
    evil = "x|</code><img src=x>@ada #1 `[a](http://b)`\n<!-- --> *b* \u202e"
    figures = {"requests": 1, "totalTokens": 2, "costNanos": 3, "unpricedTokens": 0, "provisional": True}
    document = {
        "pullRequest": evil, "branch": evil, "projects": 2,
        "commits": [{"commit": evil, **figures}], "models": [{"model": evil, **figures}],
        "calls": [{"tool": evil, "target": evil, "totalNanos": 3, "basis": "measured"}],
        "totals": {**figures, "unpricedModels": [evil]},
    }  # fmt: skip
    out = comment(document, paths=True)
    for sign in ("@", "`", "[", "*", "</code><img", "\u202e", "x|"):
        assert sign not in out.replace("**", ""), sign
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {5, 3}
    assert out.count("<!--") == 1

"""Git is asked in folders of strangers: nothing they name is started, and no question takes for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lineitem.handoff.history import history as of_late
from lineitem.sources import commits, git
from lineitem.sources.git import GitFailed, ask, look
from lineitem.sources.history import history

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts with #!")
#: Keys of a configuration that name programs.
PROGRAMS = ("core.fsmonitor", "core.pager", "pager.log", "gpg.program", "core.sshCommand", "core.askPass",
            "core.editor", "core.gitProxy", "diff.external", "diff.odd.command", "diff.odd.textconv",
            "filter.odd.clean", "filter.odd.process", "filter.odd.smudge", "credential.helper",
            "core.alternateRefsCommand",
            "interactive.diffFilter", "sequence.editor")  # fmt: skip


def said(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    said(folder, "init", "-q", "-b", "main")
    said(folder, "config", "user.name", "Mira")
    said(folder, "config", "user.email", "mira@example.org")
    (folder / "cart.py").write_text("1\n")
    said(folder, "add", ".")
    said(folder, "commit", "-qm", "a cart")
    return folder


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_nothing_that_a_configuration_names_is_started(repository: Path, tmp_path: Path) -> None:
    trap = script(tmp_path / "trap", f'touch "{tmp_path}/caught"; cat')
    commit = said(repository, "rev-parse", "HEAD")
    (repository / "cart.py").write_text("2\n")
    (repository / ".gitattributes").write_text("*.py filter=odd diff=odd\n")
    for key in PROGRAMS:
        said(repository, "config", key, str(trap))
    for key in ("log.showSignature", "filter.odd.required", "core.untrackedCache"):
        said(repository, "config", key, "true")
    hooks = repository / ".git/hooks"
    for name in ("reference-transaction", "post-index-change", "pre-commit", "post-commit"):
        script(hooks / name, f'touch "{tmp_path}/caught"')
    assert history(str(repository), 0, 4_000_000_000) is not None
    assert set(look(str(repository), [commit])) == {commit}
    found = of_late(str(repository))
    assert found is not None
    assert found.commits
    commits.changed(str(repository))
    assert commits.commits(str(repository), 1_000_000_000_000, 4_000_000_000_000)
    git.write_notes(str(repository), {commit: "a note"})
    assert not (tmp_path / "caught").exists()


def test_the_environment_says_nothing_to_git(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = script(tmp_path / "trap", f'touch "{tmp_path}/caught"')
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trap))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(trap))
    found = history(str(repository), 0, 4_000_000_000)
    assert found is not None
    assert [row["subject"] for row in found["commits"]] == ["a cart"]
    assert not (tmp_path / "caught").exists()


@pytest.fixture
def another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where another git may be put."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "bin/git"


def test_an_answer_without_an_end_is_cut(another: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(another, "exec yes")
    monkeypatch.setattr(git, "_BYTES", 1 << 20)
    with pytest.raises(GitFailed, match="more than 1 MB"):
        ask(str(tmp_path), ("log",))
    assert history(str(tmp_path), 0, 1) is None


def test_a_question_without_an_answer_is_given_up(
    another: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where what it started still could say something."""
    script(another, f'sleep 600 & echo $! > "{tmp_path}/started"; sleep 600')
    monkeypatch.setattr(git, "_PATIENCE", 0.3)
    with pytest.raises(GitFailed, match=r"longer than 0\.3 seconds"):
        ask(str(tmp_path), ("log",))
    if not (tmp_path / "started").exists():
        return  # the machine is so busy that it was ended before it began
    started = (tmp_path / "started").read_text().strip()
    state = subprocess.run(["ps", "-o", "stat=", "-p", started], check=False, capture_output=True, text=True)
    assert state.stdout.strip()[:1] in ("", "Z")


def test_what_it_reads_and_says_at_once_is_no_deadlock(another: Path, tmp_path: Path) -> None:
    script(another, "exec cat")
    text = "0123456789abcdef\n" * 200_000
    assert ask(str(tmp_path), ("cat-file",), text) == text


def test_trouble_is_told_in_its_first_line(repository: Path) -> None:
    with pytest.raises(GitFailed, match=r"git in .*shop: fatal: "):
        ask(str(repository), ("rev-parse", "nothing-like-it"))


def test_where_there_is_no_git_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitFailed, match="no git here"):
        ask(str(tmp_path), ("log",))
    assert not git.is_repository(str(tmp_path))

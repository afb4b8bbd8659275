"""Our block in a repository's git hooks: put in, run beside what is there, taken out to the byte."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.setup import git_hooks
from lineitem.setup.git_hooks import Block, added, taken
from lineitem.setup.refusals import HookRefused

BLOCK = Block("post-commit", "commits", "echo ours >> ran || :")
OTHER = Block("post-commit", "pages", "echo pages >> ran || :")
posix = pytest.mark.skipif(os.name != "posix", reason="file modes")


def git(folder: Path, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    who = {f"GIT_{each}_{what}": "ann" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return subprocess.run(["git", *words], cwd=folder, env=os.environ | who | (env or {}), capture_output=True,
                          text=True, check=False)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    git(made, "init", "-q", "-b", "main")
    return made


def commit(folder: Path, name: str = "first") -> None:
    assert git(folder, "commit", "-q", "--allow-empty", "-m", name).returncode == 0


def hook(folder: Path, content: str, mode: int = 0o755) -> Path:
    path = folder / ".git" / "hooks" / "post-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    path.chmod(mode)
    return path


hooks = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from([b"#!/bin/sh", b"#!/bin/bash -e", b"\n", b"\r\n", b"exit 3", b"# made by lineitem", b""]))
    .map(b"".join),
)  # fmt: skip


@given(hooks, st.permutations([BLOCK, OTHER]))
def test_what_was_there_is_there_again_to_the_byte(before: bytes, order: list[Block]) -> None:
    one = added(before, BLOCK)
    assert added(one, BLOCK) == one
    assert taken(one, BLOCK) == before
    both = added(one, OTHER)
    for block in order:
        both = taken(both, block)
    assert both == before


@given(hooks)
def test_the_first_line_stays_the_first(before: bytes) -> None:
    if before.startswith(b"#!"):
        assert added(before, BLOCK).partition(b"\n")[0] == before.partition(b"\n")[0]


def test_a_hook_of_our_own_comes_and_goes_with_its_blocks(folder: Path) -> None:
    path = folder / ".git" / "hooks" / "post-commit"
    assert not git_hooks.standing(str(folder), BLOCK).installed
    assert git_hooks.put(str(folder), BLOCK)[1]
    assert not git_hooks.put(str(folder), BLOCK)[1]
    git_hooks.put(str(folder), OTHER)
    commit(folder)  # the first of the repository
    assert (folder / "ran").read_text() == "pages\nours\n"
    assert git_hooks.take_out(str(folder), BLOCK)[1]
    assert path.exists()
    assert git_hooks.take_out(str(folder), OTHER)[1]
    assert not path.exists()
    assert not git_hooks.take_out(str(folder), OTHER)[1]


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    assert git_hooks.put(str(folder), BLOCK, dry=True)[1]
    assert not (folder / ".git" / "hooks" / "post-commit").exists()
    git_hooks.put(str(folder), BLOCK)
    assert git_hooks.take_out(str(folder), BLOCK, dry=True)[1]
    assert git_hooks.standing(str(folder), BLOCK).current


@posix
@pytest.mark.parametrize("content", ["#!/bin/sh\necho theirs >> ran\nexit 3\n", "#!/usr/bin/env bash\nexec false",
                                     "#!/bin/sh", "echo theirs >> ran\n"])  # fmt: skip
def test_a_hook_that_is_there_runs_with_its_own_exit_code(folder: Path, content: str) -> None:
    path = hook(folder, content, 0o750)
    alone = subprocess.run(["sh", str(path)], cwd=folder, check=False).returncode
    git_hooks.put(str(folder), BLOCK)
    together = subprocess.run(["sh", str(path)], cwd=folder, check=False).returncode
    assert together == alone
    commit(folder)
    assert "ours" in (folder / "ran").read_text()
    assert ("theirs" in (folder / "ran").read_text()) == ("theirs" in content)
    assert path.stat().st_mode & 0o777 == 0o750
    git_hooks.take_out(str(folder), BLOCK)
    assert path.read_text() == content
    assert path.stat().st_mode & 0o777 == 0o750


def test_an_older_block_is_brought_up_to_date(folder: Path) -> None:
    git_hooks.put(str(folder), BLOCK._replace(line="/gone/python || :"))
    found = git_hooks.standing(str(folder), BLOCK)
    assert (found.installed, found.current) == (True, False)
    assert git_hooks.put(str(folder), BLOCK)[1]
    assert "/gone" not in Path(found.path).read_text()


def test_a_linked_worktree_has_the_hooks_of_its_repository(folder: Path) -> None:
    commit(folder)
    git(folder, "worktree", "add", "-q", "../side")
    side = folder.parent / "side"
    assert git_hooks.put(str(side), BLOCK)[0].path == git_hooks.standing(str(folder), BLOCK).path
    commit(side)
    assert (side / "ran").exists()


def test_a_hooks_path_that_is_the_usual_one_is_fine(folder: Path) -> None:
    git(folder, "config", "core.hooksPath", ".git/hooks")
    git_hooks.put(str(folder), BLOCK)
    commit(folder)
    assert (folder / "ran").exists()


def refused(folder: Path) -> str:
    """What is said; nothing may have changed."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(HookRefused) as caught:
        git_hooks.put(str(folder), BLOCK)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    said = str(caught.value)
    assert said.endswith(f":\n{BLOCK.line}")
    return said


def test_hooks_that_are_kept_elsewhere_are_left_alone(folder: Path, home: Path) -> None:
    git(folder, "config", "core.hooksPath", "tools/hooks")
    assert f"{os.path.join('tools', 'hooks', 'post-commit')}:" in refused(folder).replace("/", os.sep)
    git(folder, "config", "core.hooksPath", ".husky/_")
    assert "into .husky/post-commit:" in refused(folder)
    git(folder, "config", "--unset", "core.hooksPath")
    git(folder, "config", "--global", "core.hooksPath", "~/hooks")
    assert str(home / "hooks") in refused(folder)


@posix
def test_hooks_that_others_make_or_keep_are_left_alone(folder: Path) -> None:
    hook(folder, "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n")
    assert ".pre-commit-config.yaml" in refused(folder)
    hook(folder, '#!/bin/sh\ncall_lefthook run "post-commit" "$@"\n')
    assert "lefthook.yml" in refused(folder)
    hook(folder, "#!/usr/bin/env python3\nprint(1)\n")
    assert "no shell script" in refused(folder)
    hook(folder, "#!/bin/sh\n", 0o644)
    assert "not executable" in refused(folder)
    path = hook(folder, "#!/bin/sh\n")
    path.rename(folder / "hook.sh")
    path.symlink_to(folder / "hook.sh")
    assert "is a link" in refused(folder)
    path.unlink()
    (folder / ".husky").mkdir()
    assert "into .husky/post-commit:" in refused(folder)


def test_a_hook_that_was_moved_to_run_first_is_still_ours(folder: Path) -> None:
    path = Path(git_hooks.put(str(folder), BLOCK)[0].path)
    legacy = path.with_name("post-commit.legacy")  # as pre-commit does
    path.rename(legacy)
    hook(folder, "#!/usr/bin/env bash\n# https://pre-commit.com\n")
    assert git_hooks.standing(str(folder), BLOCK).current
    assert not git_hooks.put(str(folder), BLOCK)[1]
    git_hooks.take_out(str(folder), BLOCK)
    assert not legacy.exists()

"""AI_CONTEXT.md: its block made anew, every other byte left, its age told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.problems import UsageError
from lineitem.handoff import brief
from lineitem.setup import brief_hook, git_hooks
from lineitem.setup.refusals import HookRefused
from lineitem_hook.brief import BEGIN, END, block, plain, renewed, span, synced
from tests.laws.examples import examples

posix = pytest.mark.skipif(os.name != "posix", reason="hooks are shell scripts")
WHO = {f"GIT_{each}_{what}": "ann" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
PAGE = "AI_CONTEXT.md"


def git(folder: Path, *words: str, code: int = 0) -> str:
    done = subprocess.run(["git", *words], cwd=folder, env=os.environ | WHO, capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout.decode("utf-8", "replace")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "ann")
    git(folder, "config", "user.email", "ann@example.com")
    return folder


def commit(folder: Path, name: str, subject: str = "work") -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(f"{subject}\n")
    git(folder, "add", name)
    git(folder, "commit", "-q", "-m", subject)


def created(folder: Path) -> brief.Place:
    place = brief.place_of(str(folder))
    brief.create(place)
    return place


def body(folder: Path) -> bytes:
    return (folder / PAGE).read_bytes()


# -- bytes

outside = st.binary(max_size=200).filter(lambda raw: BEGIN not in raw and END not in raw)
logs = st.lists(st.builds(lambda name, subject, files: f"\x01{name}\x022026-11-02\x02{subject}\n\n{files}\n",
                          st.text("0123456789abcdef", min_size=40, max_size=40), st.text(max_size=60),
                          st.text(max_size=80)), max_size=9).map("".join)  # fmt: skip


@examples(150)
@given(outside, outside, logs, logs)
def test_not_a_byte_outside_the_block_changes(before: bytes, after: bytes, old: str, new: str) -> None:
    content = before + block(old) + after
    made = renewed(content, new)
    assert made is not None
    place = span(made)
    assert place is not None
    assert (made[: place[0]], made[place[1] :]) == (before, after)
    assert renewed(made, new) == made


@examples(100)
@given(st.text(max_size=300))
def test_foreign_words_open_and_close_no_comment(text: str) -> None:
    told = plain(text)
    assert "\n" not in told
    assert "<!--" not in told
    assert "-->" not in told


@pytest.mark.parametrize("content", [b"", BEGIN, END + BEGIN, BEGIN + END + BEGIN + END, BEGIN + BEGIN + END])
def test_where_there_is_not_exactly_one_block_nothing_is_made(content: bytes) -> None:
    assert renewed(content, "\x01" + "a" * 40 + "\x022026-11-02\x02x\n") is None


def test_the_block_has_the_files_line_ends() -> None:
    content = block("").replace(b"\n", b"\r\n")
    made = renewed(content, "\x01" + "a" * 40 + "\x022026-11-02\x02x\n")
    assert made is not None
    assert made.count(b"\r\n") == made.count(b"\n")
    assert synced(made) == "a" * 12


# -- made, and how old


def test_it_is_made_for_the_repository(shop: Path) -> None:
    (shop / "Cargo.toml").write_text("[package]")
    commit(shop, "src/main.rs", "start")
    place = created(shop)
    told = body(shop).decode()
    assert told.startswith("# shop\n")
    assert "cargo test" in told
    assert "- `src/`: 1 file, mostly .rs" in told
    assert "start" in told
    assert not brief.drift(place, 0).stale
    with pytest.raises(UsageError, match="sync"):
        brief.create(place)


def test_without_a_commit_there_is_one_too(shop: Path) -> None:
    place = created(shop)
    assert b"No commit yet." in body(shop)
    found = brief.drift(place, 0)
    assert (found.stale, found.behind, found.head) == (False, 0, "")
    commit(shop, "a.py")
    assert brief.drift(place, 0).stale


def test_one_that_is_there_keeps_every_byte(shop: Path) -> None:
    (shop / PAGE).write_bytes(b"mine \xff\r\nno end")
    created(shop)
    assert body(shop).startswith(b"mine \xff\r\nno end\r\n\r\n" + BEGIN + b"\r\n")
    assert body(shop).endswith(END + b"\r\n")


def test_how_far_it_is_behind(shop: Path) -> None:
    commit(shop, "a.py", "one")
    place = created(shop)
    commit(shop, "b.py", "two")
    commit(shop, "b.py", "three")
    at = int(git(shop, "log", "-1", "--format=%ct"))
    found = brief.drift(place, at + 3 * 86_400 + 60)
    assert (found.behind, found.files, found.days, found.stale) == (2, ["b.py"], 3, True)
    assert brief.renew(place)
    assert not brief.renew(place)
    assert not brief.drift(place, at).stale
    git(shop, "add", PAGE)
    git(shop, "commit", "-q", "-m", "the page alone")
    assert not brief.drift(place, at).stale
    assert not brief.renew(place)


def test_a_commit_that_is_gone_is_said(shop: Path) -> None:
    commit(shop, "a.py", "one")
    place = created(shop)
    content = body(shop)
    (shop / PAGE).write_bytes(content.replace(synced(content).encode(), b"f" * 12))
    found = brief.drift(place, 0)
    assert (found.synced, found.behind, found.stale) == ("", None, True)


def test_a_block_that_a_commit_brought_is_not_behind_for_that_commit(shop: Path) -> None:
    """No commit can hold a block that names itself: in CI, where the hook's block comes with the next commit, too."""
    commit(shop, "a.py", "one")
    place = created(shop)
    (shop / "b.py").write_text("x")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "two, with the page")
    found = brief.drift(place, 0)
    assert (found.stale, found.behind, found.files) == (False, 0, [])
    (shop / PAGE).write_bytes(body(shop).replace(b"## Status", b"## Status\n\nbeta"))
    found = brief.drift(place, 0)
    assert (found.stale, found.behind) == (True, 1)  # it is another page now, and its block is of the commit before
    git(shop, "checkout", "-q", "--", PAGE)
    commit(shop, "c.py", "three, without it")
    found = brief.drift(place, 0)
    assert (found.stale, found.behind, found.files) == (True, 1, ["b.py", "c.py"])


def test_what_a_shallow_clone_lacks_is_not_called_stale(shop: Path, tmp_path: Path) -> None:
    commit(shop, "a.py", "one")
    created(shop)
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "the page")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop}", "shallow")
    found = brief.drift(brief.place_of(str(tmp_path / "shallow")), 0)
    assert (found.stale, found.behind, found.shallow) == (None, None, True)
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    assert brief.drift(brief.place_of(str(tmp_path / "shallow")), 0).stale is False


def test_a_repository_whose_only_commit_is_the_page_has_nothing_to_commit(shop: Path) -> None:
    place = created(shop)
    assert brief.commit(place, "docs: the page")
    assert not brief.commit(place, "docs: the page")
    assert git(shop, "log", "--format=%s").split() == ["docs:", "the", "page"]


def test_a_conflict_in_the_block_is_left_to_a_person(shop: Path) -> None:
    commit(shop, "a.py")
    place = created(shop)
    (shop / PAGE).write_bytes(b"<<<<<<<\n" + body(shop) + b"=======\n" + body(shop))
    with pytest.raises(UsageError, match="once each"):
        brief.renew(place)
    with pytest.raises(UsageError, match="once each"):
        brief.create(place)


@posix
def test_a_link_is_not_followed(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("mine")
    (shop / PAGE).symlink_to(tmp_path / "mine.md")
    with pytest.raises(UsageError, match="no plain file"):
        created(shop)
    assert (tmp_path / "mine.md").read_text() == "mine"


def test_it_can_be_committed_alone(shop: Path) -> None:
    commit(shop, "a.py")
    place = created(shop)
    (shop / "b.py").write_text("x")
    git(shop, "add", "b.py")
    assert brief.commit(place, "docs: the page")
    assert not brief.commit(place, "docs: the page")
    assert git(shop, "show", "--name-only", "--format=%s").split("\n") == ["docs: the page", "", PAGE, ""]
    assert git(shop, "status", "--porcelain") == "A  b.py\n"


# -- the hook


def on(folder: Path, *, alone: bool = False) -> None:
    git_hooks.put(str(folder), brief_hook.block(commit=alone))


@posix
@pytest.mark.parametrize("subject", ["feat: x", "chore: x", "docs(a): x", "x", "--> <!-- lineitem: end of state -->"])
def test_every_commit_makes_it_anew(shop: Path, subject: str) -> None:
    place = created(shop)
    on(shop)
    (shop / "deep").mkdir()
    commit(shop, "deep/a.py", subject)
    head = git(shop, "rev-parse", "HEAD").strip()
    assert synced(body(shop)) == head[:12]
    assert not brief.drift(place, 0).stale
    (shop / "b.py").write_text("x")
    git(shop / "deep", "add", "../b.py")
    git(shop / "deep", "commit", "-q", "-m", "from below")
    assert b"from below" in body(shop)


@posix
def test_committed_by_itself_the_tree_stays_clean(shop: Path) -> None:
    created(shop)
    on(shop, alone=True)
    git(shop, "add", "-A")
    commit(shop, "a.py", "one")
    (shop / "c.py").write_text("x")
    git(shop, "add", "c.py")
    (shop / "a.py").write_text("changed")
    git(shop, "commit", "-q", "-m", "two", "--", "a.py")
    assert git(shop, "status", "--porcelain") == "A  c.py\n"
    assert git(shop, "log", "--format=%s").split("\n")[:4] == [brief_hook.SUBJECT, "two", brief_hook.SUBJECT, "one"]


@posix
def test_committed_by_itself_also_where_nobody_ever_added_it(shop: Path) -> None:
    created(shop)
    on(shop, alone=True)
    (shop / "b.py").write_text("x")
    commit(shop, "a.py", "one")
    assert git(shop, "status", "--porcelain") == "?? b.py\n"
    assert git(shop, "log", "--format=%s").split("\n")[:2] == [brief_hook.SUBJECT, "one"]


@posix
def test_one_that_git_is_to_ignore_is_left_out(shop: Path) -> None:
    (shop / ".gitignore").write_text(PAGE)
    created(shop)
    on(shop, alone=True)
    commit(shop, "a.py", "one")
    assert git(shop, "log", "--format=%s") == "one\n"
    assert b"one" in body(shop)


@posix
def test_amid_a_rebase_nothing_is_made(shop: Path) -> None:
    for name in ("a.py", "b.py", "c.py"):
        commit(shop, name, name)
    created(shop)
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "the page")
    on(shop, alone=True)
    before = body(shop)
    git(shop, "-c", f"sequence.editor={sys.executable} -c pass", "rebase", "-q", "--force-rebase", "HEAD~3")
    assert git(shop, "status", "--porcelain") == ""
    assert body(shop) == before


@posix
def test_a_repository_without_the_page_is_left_alone(shop: Path) -> None:
    on(shop)
    commit(shop, "a.py")
    assert not (shop / PAGE).exists()


@posix
def test_a_worktree_has_its_own(shop: Path, tmp_path: Path) -> None:
    commit(shop, "a.py")
    created(shop)
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "the page")
    on(shop)
    git(shop, "worktree", "add", "-q", "-b", "other", str(tmp_path / "tree"))
    before = body(shop)
    commit(tmp_path / "tree", "b.py", "in the tree")
    assert b"in the tree" in body(tmp_path / "tree")
    assert body(shop) == before


RAN = "echo theirs >> ran\n"
SETUPS = {
    "none": None,
    "sh": b"#!/bin/sh\n" + RAN.encode(),
    "bash without an end": b"#!/usr/bin/env bash\necho theirs >> ran",
    "ends early": b"#!/bin/sh\n" + RAN.encode() + b"exit 3\necho never >> ran\n",
    "without a first line": RAN.encode(),
    "options": b"#!/bin/sh -e\n" + RAN.encode() + b"false\n",
    "our own block": git_hooks.added(b"#!/bin/sh\n" + RAN.encode(), git_hooks.Block("post-commit", "commits", ":")),
    "beginning with comments": b"#!/bin/sh\n# mine\n\n" + RAN.encode(),
}


@posix
@pytest.mark.parametrize("name", SETUPS)
def test_hooks_that_were_there_run_and_come_back_to_the_byte(shop: Path, name: str) -> None:
    content = SETUPS[name]
    hook = shop / ".git/hooks/post-commit"
    hook.parent.mkdir(exist_ok=True)
    if content is not None:
        hook.write_bytes(content)
        hook.chmod(0o755)
    created(shop)
    on(shop)
    commit(shop, "a.py", "seen")
    assert b"seen" in body(shop)
    assert content is None or (shop / "ran").read_text() == "theirs\n"
    git_hooks.take_out(str(shop), brief_hook.block())
    assert (hook.read_bytes() if hook.exists() else None) == content


@posix
@pytest.mark.parametrize("name", ["hooksPath", "husky", "lefthook", "pre-commit", "python", "link", "not executable"])
def test_hooks_that_others_keep_are_left_alone(shop: Path, tmp_path: Path, name: str) -> None:
    hook = shop / ".git/hooks/post-commit"
    hook.parent.mkdir(exist_ok=True)
    contents = {"lefthook": b"#!/bin/sh\nlefthook run post-commit\n", "python": b"#!/usr/bin/env python3\nprint()\n",
                "pre-commit": b"#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n"}  # fmt: skip
    hook.write_bytes(contents.get(name, b"#!/bin/sh\n:\n"))
    hook.chmod(0o644 if name == "not executable" else 0o755)
    if name == "hooksPath":
        git(shop, "config", "core.hooksPath", str(tmp_path / "shared"))
    elif name == "husky":
        (shop / ".husky").mkdir()
    elif name == "link":
        hook.rename(tmp_path / "elsewhere")
        hook.symlink_to(tmp_path / "elsewhere")
    before = hook.read_bytes()
    with pytest.raises(HookRefused, match="Put this line into"):
        on(shop)
    assert hook.read_bytes() == before
    assert not (tmp_path / "shared").exists()

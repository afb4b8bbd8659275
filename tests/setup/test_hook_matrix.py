"""The brief's hook beside whatever keeps a repository's hooks: theirs run, their bytes stay, ours goes to the byte.

Each set-up is a repository as people have it, with a hook of theirs that leaves a mark at every commit. Either our hook
is put in and works, or it is refused, nothing is changed, and the line that the refusal names works where it says.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from lineitem.handoff import brief
from lineitem.setup import brief_hook, git_hooks
from lineitem.setup.refusals import HookRefused
from lineitem.sources.git import GitFailed
from lineitem_hook.brief import synced

pytestmark = pytest.mark.skipif(os.name != "posix", reason="hooks are programs")
WHO = {f"GIT_{each}_{what}": "ann" for each in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
PAGE = "AI_CONTEXT.md"
MARK = 'echo theirs >> "$(git rev-parse --show-toplevel)/ran"\n'
SHELL = f"#!/bin/sh\n{MARK}"
PYTHON = (
    "#!/usr/bin/env python3\nimport subprocess\n"
    "top = subprocess.check_output(['git', 'rev-parse', '--show-toplevel'], text=True).strip()\n"
    "open(top + '/ran', 'a').write('theirs\\n')\n"
)


class Made(NamedTuple):
    """A repository that is set up."""

    work: Path  #: where commits are made
    kept: list[Path] = []  # noqa: RUF012 - nobody adds to it; files and folders of theirs that must stay as they are
    paste: Path | None = None  #: where the line of a refusal goes
    works: bool = True  #: whether our hook is put in
    theirs: bool = True  #: whether a hook of theirs is there


def git(folder: Path, *words: str) -> str:
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["git", *words], cwd=folder, env=os.environ | WHO | {"PATH": path}, capture_output=True,
                          check=False)  # fmt: skip
    assert not done.returncode, done.stderr
    return done.stdout.decode()


def program(path: Path, text: str | bytes, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def repository(folder: Path, *, commits: bool = True) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "ann")
    git(folder, "config", "user.email", "ann@example.com")
    if commits:
        git(folder, "commit", "-q", "--allow-empty", "-m", "start")
    return folder


def own_hook(folder: Path, text: str | bytes = SHELL, mode: int = 0o755) -> Path:
    return program(folder / ".git/hooks/post-commit", text, mode)


# -- the set-ups


def plain(at: Path) -> Made:
    return Made(repository(at / "shop"), theirs=False)


def without_a_commit(at: Path) -> Made:
    return Made(repository(at / "shop", commits=False), theirs=False)


def a_hook_in_sh(at: Path) -> Made:
    shop = repository(at / "shop")
    return Made(shop, [own_hook(shop)])


def a_hook_in_bash_that_ends_early(at: Path) -> Made:
    shop = repository(at / "shop")
    return Made(shop, [own_hook(shop, f"#!/usr/bin/env bash\nset -e\n{MARK}exit 0\necho never\n")])


def a_hook_in_python(at: Path) -> Made:
    shop = repository(at / "shop")
    return Made(shop, [own_hook(shop, PYTHON)], works=False)


def a_hook_that_is_a_program(at: Path) -> Made:
    shop = repository(at / "shop")
    return Made(shop, [own_hook(shop, Path("/bin/true").resolve().read_bytes())], works=False, theirs=False)


def a_hook_that_is_a_link(at: Path) -> Made:
    shop = repository(at / "shop")
    script = program(at / "dotfiles/post-commit", SHELL)
    (shop / ".git/hooks").mkdir(exist_ok=True)
    (shop / ".git/hooks/post-commit").symlink_to(script)
    return Made(shop, [script], script, works=False)


def hooks_elsewhere(at: Path) -> Made:
    shop = repository(at / "shop")
    git(shop, "config", "core.hooksPath", str(at / "hooks"))
    hook = program(at / "hooks/post-commit", SHELL)
    return Made(shop, [at / "hooks", shop / ".git/config"], hook, works=False)


def the_usual_hooks_by_name(at: Path) -> Made:
    shop = repository(at / "shop")
    git(shop, "config", "core.hooksPath", ".git/hooks")
    return Made(shop, [own_hook(shop), shop / ".git/config"])


def husky(at: Path) -> Made:
    """As husky 9 lays it out: git runs a stub, the stub runs the person's file."""
    shop = repository(at / "shop")
    stub = '#!/usr/bin/env sh\ns=$(dirname "$(dirname "$0")")/$(basename "$0")\n[ ! -f "$s" ] || sh -e "$s" "$@"\n'
    program(shop / ".husky/_/post-commit", stub)
    own = program(shop / ".husky/post-commit", MARK, 0o644)
    git(shop, "config", "core.hooksPath", ".husky/_")
    return Made(shop, [shop / ".husky", shop / ".git/config"], own, works=False)


def lefthook(at: Path) -> Made:
    """Its hook calls the program `lefthook`, which here does what a lefthook.yml would say."""
    shop = repository(at / "shop")
    runs = program(at / "bin/lefthook", SHELL)
    hook = own_hook(shop, '#!/bin/sh\ncall_lefthook() { lefthook "$@"; }\ncall_lefthook run "post-commit" "$@"\n')
    return Made(shop, [hook], runs, works=False)


def pre_commit(at: Path) -> Made:
    """Its hook calls the program `pre-commit`, which here does what a local hook would do."""
    shop = repository(at / "shop")
    runs = program(at / "bin/pre-commit", SHELL)
    text = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nexec pre-commit hook-impl\n"
    return Made(shop, [own_hook(shop, text)], runs, works=False)


def a_worktree(at: Path) -> Made:
    shop = repository(at / "shop")
    hook = own_hook(shop)
    git(shop, "worktree", "add", "-q", "-b", "fix", str(at / "fix"))
    return Made(at / "fix", [hook])


def a_submodule(at: Path) -> Made:
    inner = repository(at / "tax")
    shop = repository(at / "shop")
    git(shop, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "vendor/tax")
    hook = program(shop / ".git/modules/vendor/tax/hooks/post-commit", SHELL)
    return Made(shop / "vendor/tax", [hook, shop / ".git/config"])


def odd_names(at: Path) -> Made:
    shop = repository(at / "größe & 'tax' $HOME")
    return Made(shop, [own_hook(shop)])


SETUPS: list[Callable[[Path], Made]] = [
    plain, without_a_commit, a_hook_in_sh, a_hook_in_bash_that_ends_early, a_hook_in_python, a_hook_that_is_a_program,
    a_hook_that_is_a_link, hooks_elsewhere, the_usual_hooks_by_name, husky, lefthook, pre_commit, a_worktree,
    a_submodule, odd_names,
]  # fmt: skip


def held(paths: list[Path]) -> dict[Path, bytes]:
    files = [path for each in paths for path in ([each] if each.is_file() else sorted(each.rglob("*")))]
    return {path: path.read_bytes() for path in files if path.is_file()}


def fresh(work: Path) -> bool:
    """Whether a commit there makes the brief anew."""
    (work / "work.py").write_text(f"# {os.urandom(4).hex()}\n")
    git(work, "add", "work.py")
    git(work, "commit", "-q", "-m", "work")
    return synced((work / PAGE).read_bytes()) == git(work, "rev-parse", "HEAD").strip()[:12]


def ran(work: Path) -> int:
    path = work / "ran"
    return path.read_text().count("theirs") if path.exists() else 0


@pytest.mark.parametrize("make", SETUPS, ids=lambda make: make.__name__)
def test_theirs_run_their_bytes_stay_and_ours_goes_to_the_byte(tmp_path: Path, make: Callable[[Path], Made]) -> None:
    made = make(tmp_path)
    hooks = Path(git_hooks.standing(str(made.work), brief_hook.block()).path).parent
    before = held([hooks, *made.kept])
    begun = ran(made.work)
    brief.create(brief.place_of(str(made.work)))
    if made.works:
        assert git_hooks.put(str(made.work), brief_hook.block())[1]
        now = held([hooks, *made.kept])
        for path, content in before.items():
            assert git_hooks.taken(now[path], brief_hook.block()) == content
        assert fresh(made.work)
    else:
        with pytest.raises(HookRefused) as refused:
            git_hooks.put(str(made.work), brief_hook.block())
        assert held([hooks, *made.kept]) == before
        assert not fresh(made.work)
        if made.paste is not None:
            line = str(refused.value).partition("\n")[2]
            whole = made.paste.read_bytes()
            made.paste.write_bytes(whole + os.fsencode(line) + b"\n")
            assert fresh(made.work)
            made.paste.write_bytes(whole)
    commits = 1 + (made.paste is not None)
    assert ran(made.work) - begun == (commits if made.theirs else 0)
    git_hooks.take_out(str(made.work), brief_hook.block())
    assert held([hooks, *made.kept]) == before
    assert not fresh(made.work)
    assert ran(made.work) - begun == (commits + 1 if made.theirs else 0)


def test_a_bare_repository_has_no_work_to_tell_of(tmp_path: Path) -> None:
    bare = tmp_path / "shop.git"
    bare.mkdir()
    git(bare, "init", "-q", "--bare")
    program(bare / "hooks/post-commit", SHELL)
    before = held([bare])
    with pytest.raises(GitFailed):
        git_hooks.put(str(bare), brief_hook.block())
    with pytest.raises(GitFailed):
        brief.place_of(str(bare))
    assert held([bare]) == before


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_nobody_may_write_in_is_said(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    own_hook(shop)
    (shop / ".git/hooks").chmod(0o500)
    try:
        with pytest.raises(HookRefused, match="cannot be written"):
            git_hooks.put(str(shop), brief_hook.block())
    finally:
        (shop / ".git/hooks").chmod(0o700)


def test_a_folder_that_cannot_be_written_in_is_said(tmp_path: Path) -> None:
    """As above, for root too: what should be the folder is a file."""
    shop = repository(tmp_path / "shop")
    for path in (shop / ".git/hooks").glob("*"):
        path.unlink()
    (shop / ".git/hooks").rmdir()
    (shop / ".git/hooks").write_text("in the way")
    with pytest.raises(HookRefused, match="cannot be"):
        git_hooks.put(str(shop), brief_hook.block())
    assert (shop / ".git/hooks").read_text() == "in the way"


def test_the_template_gives_it_to_new_clones_and_goes_to_the_byte(tmp_path: Path) -> None:
    with pytest.raises(HookRefused, match="no template of yours"):
        git_hooks.put_for_clones(brief_hook.block())
    git(tmp_path, "config", "--global", "init.templateDir", str(tmp_path / "template"))
    git(tmp_path, "config", "--global", "user.name", "ann")
    git(tmp_path, "config", "--global", "user.email", "ann@example.com")
    theirs = program(tmp_path / "template/hooks/post-commit", SHELL)
    before = held([tmp_path / "template"])
    hook, changed = git_hooks.put_for_clones(brief_hook.block())
    assert (hook.path, changed) == (str(theirs), True)
    assert not git_hooks.put_for_clones(brief_hook.block())[1]
    shop = repository(tmp_path / "shop")
    brief.create(brief.place_of(str(shop)))
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "the page")
    git(tmp_path, "clone", "-q", str(shop), "clone")
    assert git_hooks.standing(str(tmp_path / "clone"), brief_hook.block()).current
    begun = ran(tmp_path / "clone")
    assert fresh(tmp_path / "clone")
    assert ran(tmp_path / "clone") - begun == 1
    assert git_hooks.take_out_for_clones(brief_hook.block())[1]
    assert held([tmp_path / "template"]) == before


@pytest.mark.parametrize("text", [PYTHON, "#!/bin/sh\n# https://pre-commit.com\n"])
def test_a_template_of_another_kind_is_left_alone(tmp_path: Path, text: str) -> None:
    git(tmp_path, "config", "--global", "init.templateDir", str(tmp_path / "template"))
    program(tmp_path / "template/hooks/post-commit", text)
    before = held([tmp_path / "template"])
    with pytest.raises(HookRefused, match="Put this line into"):
        git_hooks.put_for_clones(brief_hook.block())
    assert held([tmp_path / "template"]) == before


def test_a_template_that_only_a_repository_names_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = repository(tmp_path / "shop")
    git(shop, "config", "init.templateDir", str(tmp_path / "theirs"))
    monkeypatch.chdir(shop)
    with pytest.raises(HookRefused, match="no template of yours"):
        git_hooks.put_for_clones(brief_hook.block())
    assert not (tmp_path / "theirs").exists()

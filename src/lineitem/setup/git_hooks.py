"""Blocks of ours in a repository's git hooks: put in, brought up to date, taken out to the byte.

A block stands between two marks that name its purpose, right behind the first line of the hook: so it runs before
anything there can end the hook, and what was there still runs, with its own exit code. The block reads nothing of
standard input and never fails. A hook that git, or another program, keeps elsewhere or makes anew is left alone:
HookRefused then says where to paste the line.
"""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from lineitem.setup.files import write_whole
from lineitem.setup.refusals import HookRefused
from lineitem.sources.git import GitFailed, ask

#: What stands in a hook that was not there before.
_OURS = b"#!/bin/sh\n# made by lineitem\n"
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash"))
_PRE_COMMIT = (
    "a script of yours that .pre-commit-config.yaml names as a local hook"
    " (language: script, always_run: true, stages: [{hook}])"
)
#: Programs that write hooks again from settings of their own: what tells a hook of theirs, where the line goes.
_MAKERS = (
    (b"pre-commit.com", "pre-commit", _PRE_COMMIT),
    (b"lefthook", "lefthook", "lefthook.yml, as `run:` of a command below `{hook}:`"),
    (b"husky", "husky", ".husky/{hook}"),
    (b"overcommit", "overcommit", ".overcommit.yml, as a command of {hook}"),
)  # fmt: skip
#: A hook that is longer is no hook.
_LARGEST = 1 << 20


class Block(NamedTuple):
    """What we want in a hook."""

    hook: str  #: git's name of it: post-commit
    purpose: str  #: tells our blocks from each other
    line: str  #: one shell command that never fails and reads nothing


class Hook(NamedTuple):
    """How a hook stands."""

    path: str
    installed: bool  #: our block is in it, or in the copy that pre-commit runs first
    current: bool  #: and as it would be written now


def standing(folder: str, block: Block) -> Hook:
    """How it stands in the repository around a folder. Raises GitFailed where there is none."""
    return _stands(os.path.join(_own(folder), block.hook), block)


def put(folder: str, block: Block, *, dry: bool = False) -> tuple[Hook, bool]:
    """Put the block in; how it stands then, and whether anything changed. Raises HookRefused, GitFailed."""
    found = standing(folder, block)
    if found.current:
        return found, False
    return _put(_checked(folder, block), block, dry=dry), True


def take_out(folder: str, block: Block, *, dry: bool = False) -> tuple[Hook, bool]:
    """Take it out; what was there before is there again, to the byte. How it stands, whether anything changed."""
    return _take_out(standing(folder, block).path, block, dry=dry)


def put_for_clones(block: Block, *, dry: bool = False) -> tuple[Hook, bool]:
    """The same in git's template, from which new clones and repositories get their hooks. Raises HookRefused."""
    path = _template(block)
    found = _stands(path, block)
    if found.current:
        return found, False
    _check_file(path, block)
    return _put(path, block, dry=dry), True


def take_out_for_clones(block: Block, *, dry: bool = False) -> tuple[Hook, bool]:
    """Take it out of git's template; clones that have it keep it. Raises HookRefused where there is no template."""
    return _take_out(_template(block), block, dry=dry)


def _stands(path: str, block: Block) -> Hook:
    try:
        contents = [_content(each) for each in _places(path)]
    except OSError as error:
        raise _refused(f"{path} cannot be read: {error.strerror}", "it", block) from error
    holding = [each for each in contents if each is not None and taken(each, block) != each]
    return Hook(path, bool(holding), any(_block(block) in each for each in holding))


def _put(path: str, block: Block, *, dry: bool) -> Hook:
    if not dry:
        try:
            before = _content(path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            write_whole(path, added(before, block), 0o755 if before is None else stat.S_IMODE(os.stat(path).st_mode))
        except OSError as error:
            raise _refused(f"{path} cannot be written: {error.strerror}", "it", block) from error
    return Hook(path, True, True)


def _take_out(hook: str, block: Block, *, dry: bool) -> tuple[Hook, bool]:
    changed = False
    for path in _places(hook):
        before = _content(path)
        after = before if before is None else taken(before, block)
        if before is None or after is None or after == before:
            continue
        changed = True
        if dry:
            continue
        try:
            if after == _OURS:
                os.unlink(path)
            else:
                write_whole(path, after, stat.S_IMODE(os.stat(path).st_mode))
        except OSError as error:
            raise HookRefused(f"{path} cannot be written: {error.strerror}. Nothing was changed.") from error
    return Hook(hook, False, False), changed


# -- bytes


def added(before: bytes | None, block: Block) -> bytes:
    """A hook with the block in it; an older block of that purpose is gone. None: there is no hook yet."""
    rest = _OURS if before is None else taken(before, block)
    if not rest.startswith(b"#!"):
        return _block(block) + b"\n" + rest
    first, end, rest = rest.partition(b"\n")
    return first + b"\n" + _block(block) + (end and b"\n" + rest)


def taken(content: bytes, block: Block) -> bytes:
    """The hook without the block; the same bytes where it is not in it."""
    begin, end = _marks(block)
    start, stop = content.find(begin), content.find(end)
    if start < 0 or stop < start:
        return content
    stop += len(end)
    if content[stop : stop + 1] == b"\n":
        return content[:start] + content[stop + 1 :]
    return content[:start].removesuffix(b"\n") + content[stop:]


def _block(block: Block) -> bytes:
    begin, end = _marks(block)
    return begin + b"\n" + os.fsencode(block.line) + b"\n" + end


def _marks(block: Block) -> tuple[bytes, bytes]:
    return f"# >>> lineitem: {block.purpose} >>>".encode(), f"# <<< lineitem: {block.purpose} <<<".encode()


# -- places


def _own(folder: str) -> str:
    """The folder `hooks` of the repository itself, one for all its worktrees."""
    common = ask(folder, ("rev-parse", "--git-common-dir")).rstrip("\n")
    return os.path.join(os.path.realpath(os.path.join(folder, common)), "hooks")


def _places(path: str) -> tuple[str, str]:
    """The hook, and where pre-commit moves one that it finds, to run it first."""
    return path, f"{path}.legacy"


def _checked(folder: str, block: Block) -> str:
    """The hook's path, where it may be changed. Raises HookRefused."""
    top = ask(folder, ("rev-parse", "--show-toplevel")).rstrip("\n")
    own = _own(folder)
    path = os.path.join(own, block.hook)
    elsewhere = _hooks_path(folder, top)
    if os.path.isdir(os.path.join(top, ".husky")) or ".husky" in elsewhere.replace("\\", "/").split("/"):
        raise _refused("husky keeps the hooks of this repository", f".husky/{block.hook}", block)
    if elsewhere and os.path.realpath(elsewhere) != own:
        said = f"git takes the hooks of this repository from {elsewhere} (core.hooksPath), which others may share"
        raise _refused(said, os.path.join(elsewhere, block.hook), block)
    _check_file(path, block)
    return path


def _check_file(path: str, block: Block) -> None:
    if os.path.islink(path):
        raise _refused(f"{path} is a link", "the file it leads to", block)
    try:
        content = _content(path)
    except OSError as error:
        raise _refused(f"{path} cannot be read: {error.strerror}", "it", block) from error
    if content is not None:
        _check_content(path, taken(content, block), block)


def _template(block: Block) -> str:
    """The hook in the folder that git copies into new repositories. Only a person's own configuration is asked."""
    try:
        folder = ask(os.getcwd(), ("config", "--global", "--type=path", "--get", "init.templateDir")).rstrip("\n")
    except GitFailed:
        folder = ""
    if not os.path.isabs(folder):
        raise HookRefused(
            "git has no template of yours for new clones. Make one, and try again:"
            " git config --global init.templateDir ~/.config/git/template"
        )
    return os.path.join(folder, "hooks", block.hook)


def _check_content(path: str, content: bytes, block: Block) -> None:
    for sign, name, where in _MAKERS:
        if sign in content:
            raise _refused(f"{name} makes {path} and would make it anew", where.format(hook=block.hook), block)
    if os.name == "posix" and not os.stat(path).st_mode & stat.S_IXUSR:
        raise _refused(f"{path} is not executable, so git does not run it", "it when it is to run", block)
    if len(content) > _LARGEST or not _is_shell(content):
        raise _refused(f"{path} is no shell script", "a shell script that runs it", block)


def _is_shell(content: bytes) -> bool:
    if not content.startswith(b"#!"):
        return b"\0" not in content and not content.startswith((b"MZ", b"\xfe\xff", b"\xff\xfe"))
    words = content[2:].partition(b"\n")[0].decode("utf-8", "replace").replace("\\", "/").split()
    names = [word.rpartition("/")[2].removesuffix(".exe") for word in words if not word.startswith("-")]
    if names[:1] == ["env"]:
        names = [name for name in names[1:] if "=" not in name]
    return bool(names) and names[0] in _SHELLS


def _hooks_path(folder: str, top: str) -> str:
    """Where core.hooksPath leads; '' where it is not set. The last value is what we tell git ourselves."""
    values = ask(folder, ("config", "--type=path", "--get-all", "core.hooksPath")).splitlines()[:-1]
    return os.path.join(top, values[-1]) if values and values[-1] else ""


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _refused(why: str, where: str, block: Block) -> HookRefused:
    return HookRefused(f"{why}: nothing was changed. Put this line into {where}:\n{block.line}")

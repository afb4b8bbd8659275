"""The git repository a folder lies in, and its address, as its own files tell them; git itself is not asked."""

from __future__ import annotations

import os
from typing import NamedTuple

#: Folders are looked through upwards this far; a configuration is read this far (bytes).
_DEPTH, _MOST = 40, 200_000


class Identity(NamedTuple):
    """What tells a repository from others."""

    common: str  #: git's folder, one for all worktrees of a clone; by its real path
    address: str  #: as `address` gives it; '' where it has no remote
    mark: str  #: stays when the clone is moved, and no other clone has it; '' where nothing does


def identity(folder: str) -> Identity | None:
    """The repository that a folder which is there lies in; None: in none."""
    found = _configuration(folder) if os.path.isdir(folder) else ""
    if not found or not os.path.isfile(found):
        return None
    common = os.path.realpath(os.path.dirname(found))
    return Identity(common, address(folder), _mark(common))


def _mark(common: str) -> str:
    """A digest of the first thing that ever happened in a clone: who, when, from where to which commit."""
    from hashlib import sha256

    try:
        with open(os.path.join(common, "logs", "HEAD"), "rb") as file:
            first = file.readline(2_000)
    except OSError:
        return ""
    return sha256(first).hexdigest()[:24] if first.strip() else ""


def address(folder: str) -> str:
    """`host/owner/name` of the remote `origin`, or of the first one; '' where there is none or it cannot be read."""
    found = _configuration(folder)
    if not found:
        return ""
    try:
        with open(found, encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST)
    except OSError:
        return ""
    remotes = _remotes(text)
    return plain(remotes.get("origin") or next(iter(remotes.values()), ""))


def plain(url: str) -> str:
    """An address without scheme, credentials and ending: `git@host:owner/name.git` is `host/owner/name`."""
    rest = url.partition("://")[2] or url
    if "://" not in url and ":" in rest and "/" not in rest.partition(":")[0]:
        rest = rest.replace(":", "/", 1)  # scp's way to write it
    host, slash, path = rest.partition("/")
    host = host.rpartition("@")[2]
    return (host + slash + path).rstrip("/").removesuffix(".git")


def _configuration(folder: str) -> str:
    """The file `config` of the repository around a folder."""
    for _ in range(_DEPTH):
        if not folder or not os.path.isabs(folder):
            return ""
        inner = os.path.join(folder, ".git")
        if os.path.isdir(inner):
            return os.path.join(inner, "config")
        if os.path.isfile(inner):
            return _of_worktree(inner)
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return ""


def _of_worktree(file: str) -> str:
    """A worktree's or submodule's `.git` is a file that names the folder of the repository."""
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:
            named = opened.read(4_096).partition("gitdir:")[2].strip()
        inner = os.path.normpath(os.path.join(os.path.dirname(file), named))
        common = os.path.join(inner, "commondir")
        if os.path.isfile(common):
            with open(common, encoding="utf-8", errors="replace") as opened:
                inner = os.path.normpath(os.path.join(inner, opened.read(4_096).strip()))
    except (OSError, ValueError):
        return ""
    return os.path.join(inner, "config") if named else ""


def _remotes(text: str) -> dict[str, str]:
    """Name -> url of the remotes in a git configuration."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            head, _, rest = line[1:].partition(" ")
            name = rest.strip().rstrip("]").strip('"') if head == "remote" else ""
        elif name and line.partition("=")[0].strip() == "url":
            found.setdefault(name, line.partition("=")[2].strip().strip('"'))
    return found

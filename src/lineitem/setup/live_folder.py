"""The live folder beside the store, and the three tokens in it: made once, for this user alone.

`made` creates what is missing and gives back the folder; it never follows a link, and refuses a folder or a token
that another user owns, or could have written. However many processes make it at once, all get the same tokens.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from typing import NamedTuple

from lineitem.setup.refusals import FolderRefused

#: 32 random bytes as base64url.
_TOKEN_BYTES = 32
_TOKEN = re.compile(rb"[\w-]{43}\n?", re.ASCII)
_INGEST, _READ, _CHANGE, _SPOOL = "ingest.token", "read.token", "change.token", "spool"
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


class LiveFolder(NamedTuple):
    """The folder of everything that is alive: sockets, tokens, the spool."""

    path: str
    ingest: str  #: the token for sending
    read: str  #: the token for asking
    change: str = ""  #: the token for asking and changing budgets: what the dashboard has; "": not made yet


def place_of(database: str) -> str:
    """Where the live folder of a store is."""
    return f"{os.path.abspath(database)}.live"


def made(path: str) -> LiveFolder:
    """The live folder at that place, made where it is missing."""
    above = os.path.dirname(path)
    try:
        os.makedirs(above, mode=0o700, exist_ok=True)
        mode = os.stat(above).st_mode
    except OSError as error:
        raise FolderRefused(f"The folder {above} cannot be made: {error.strerror}.") from error
    if os.name == "posix" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise FolderRefused(f"Anybody may exchange what is in {above}. Close it (chmod o-w) and try again.")
    _make_folder(path)
    _make_folder(os.path.join(path, _SPOOL))
    return LiveFolder(path, *(_token(os.path.join(path, name)) for name in (_INGEST, _READ, _CHANGE)))


def found(path: str) -> LiveFolder | None:
    """The live folder at that place; None where it, or a token, is not there. Nothing is made."""
    try:
        _check_folder(path)
        ingest, read = (_known(os.path.join(path, name)) for name in (_INGEST, _READ))
    except FileNotFoundError:
        return None
    try:
        return LiveFolder(path, ingest, read, _known(os.path.join(path, _CHANGE)))
    except FileNotFoundError:  # of an earlier version
        return LiveFolder(path, ingest, read)


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise FolderRefused(f"The folder {path} cannot be made: {error.strerror}.") from error
    _check_folder(path)


def _check_folder(path: str) -> None:
    """Refuse a folder that is not ours alone to write; one that others may read is closed to them."""
    seen = os.lstat(path)
    if not stat.S_ISDIR(seen.st_mode):
        raise FolderRefused(f"{path} is no folder (links are not followed). Move it away and try again.")
    if os.name != "posix":  # Windows: a user's own folders are closed to others by inheritance
        return
    _check_owner(path, seen)
    if seen.st_mode & 0o022:
        raise FolderRefused(f"Others may write to {path}. Look what is in it, then: chmod 700 {path}")
    if seen.st_mode & 0o077:
        os.chmod(path, 0o700)


def _check_owner(path: str, seen: os.stat_result) -> None:
    if hasattr(os, "geteuid") and seen.st_uid != os.geteuid():
        raise FolderRefused(f"{path} belongs to another user (number {seen.st_uid}).")


def _token(path: str) -> str:
    """The token in the file, which is made where it is missing: whoever is first decides for all."""
    try:
        return _known(path)
    except FileNotFoundError:
        pass
    draft = f"{path}.{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(secrets.token_urlsafe(_TOKEN_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # whole, and only where there is none
        except FileExistsError:
            pass
    finally:
        os.unlink(draft)
    return _known(path)


def _known(path: str) -> str:
    """The token in the file; FolderRefused where it is no token, or not this user's alone."""
    try:
        handle = os.open(path, os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FolderRefused(f"The token {path} cannot be read: {error.strerror}. Remove it and try again.") from error
    try:
        seen = os.fstat(handle)
        if os.name == "posix":
            _check_owner(path, seen)
            if seen.st_mode & 0o077:
                raise FolderRefused(f"Others may read the token {path}. Remove it and install again.")
        content = os.read(handle, 64) if stat.S_ISREG(seen.st_mode) else b""
    finally:
        os.close(handle)
    if not _TOKEN.fullmatch(content):
        raise FolderRefused(f"{path} holds no token. Remove it and try again.")
    return content.decode().strip()

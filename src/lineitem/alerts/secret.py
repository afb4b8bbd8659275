"""Addresses and keys that must not be seen: where they are kept, and how they are read when they are needed.

A secret is given as `{ env = "NAME" }`, `{ file = "path" }` (a file only its owner may read), or written into the
settings. It is read at the moment of sending, so that a changed one counts at once. Always: neither `repr`, `str` nor
an error shows it.
"""

from __future__ import annotations

import os
import stat

from lineitem.core.problems import UsageError

#: A secret is one line; nothing longer is read.
_LONGEST = 4096


class Secret:
    """A place where a secret is found."""

    __slots__ = ("_given", "how", "label")

    def __init__(self, label: str, given: object) -> None:
        """`label` names the setting; `given` is a text, or a table with `env` or `file`."""
        self.label = label
        if isinstance(given, str) and given:
            self.how, self._given = "settings", given
            return
        if isinstance(given, dict) and len(given) == 1:
            ((how, where),) = given.items()
            if how in ("env", "file") and isinstance(where, str) and where:
                self.how, self._given = how, where
                return
        raise UsageError(f'{label} must be a text, {{ env = "NAME" }} or {{ file = "path" }}.')

    def __repr__(self) -> str:
        return f"Secret({self.label}, from {self.how})"

    def read(self) -> str:
        """The secret itself."""
        if self.how == "settings":
            return self._given
        if self.how == "env":
            found = os.environ.get(self._given, "").strip()
            if not found:
                raise UsageError(f"{self.label}: the environment variable {self._given} is empty or not set.")
            return found
        return self._from_file(os.path.expanduser(self._given))

    def _from_file(self, path: str) -> str:
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise UsageError(f"{self.label}: the file {path} cannot be read: {error.strerror}.") from None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{self.label}: {path} is no file.")
            if os.name == "posix" and status.st_mode & 0o077:
                raise UsageError(f"{self.label}: others may read {path}. Take that from them: chmod 600 {path}")
            text = os.read(handle, _LONGEST + 1)
        finally:
            os.close(handle)
        try:
            found = text.decode("utf-8").strip()
        except UnicodeDecodeError:
            found = ""
        if not found or len(text) > _LONGEST or "\n" in found:
            raise UsageError(f"{self.label}: {path} must hold one line of text.")
        return found

"""Files of a repository, read so that nothing in it can hurt: small parts of plain files that lie in it."""

from __future__ import annotations

import os
import stat

#: Bytes of a file that are read; files of one folder that are looked at, and names in it that are listed.
MOST, _FILES, _NAMES = 200_000, 40, 5_000


def text_of(top: str, path: str, most: int = MOST) -> str:
    """The beginning of a file; '' where it is none, leads out of the repository, or holds no text."""
    whole = os.path.join(top, path)
    try:
        real = os.path.realpath(whole)
        if os.path.commonpath((real, os.path.realpath(top))) != os.path.realpath(top):
            return ""
        handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return ""
            raw = file.read(most)
    except (OSError, ValueError):
        return ""
    return decoded(raw)


def decoded(raw: bytes) -> str:
    """Text in UTF-8 or, where its first bytes say so, UTF-16; '' for what holds none."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if raw.count(0) * 4 > len(raw):
        return ""
    return raw.decode("utf-8-sig", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")  # one that strayed in


def names_in(top: str, folder: str, ending: str = ".md") -> list[str]:
    """The files in a folder with such an ending, by name as people count: 2 before 10; at most 40."""
    found = []
    try:
        with os.scandir(os.path.join(top, folder)) as entries:
            for number, entry in enumerate(entries):
                if number >= _NAMES:
                    break
                if entry.name.lower().endswith(ending) and entry.is_file(follow_symlinks=False):
                    found.append(entry.name)
    except (OSError, ValueError):
        return []
    found.sort(key=_counted)
    return [f"{folder}/{name}" for name in found[:_FILES]]


def size_of(top: str, path: str) -> int:
    """Bytes of a plain file; 0 where there is none."""
    try:
        found = os.lstat(os.path.join(top, path))
    except (OSError, ValueError):
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _counted(name: str) -> list[tuple[int, str]]:
    import re

    return [(int(part[:18]), "") if part.isascii() and part.isdigit() else (0, part.casefold())
            for part in re.split(r"(\d+)", name) if part]  # fmt: skip

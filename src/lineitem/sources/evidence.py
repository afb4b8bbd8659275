"""Commit hashes that a tool result shows: evidence for the cost of work.

In: the first bytes of a result, still JSON-escaped. Out: ids only, no text.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: So much of a result is looked at; what hooks print before git does may be long.
HEAD = 4_000
_MADE = rb'\[(detached HEAD|[^\s\]"\\]{1,80})(?: \([a-z -]+\))? ([0-9a-f]{7,40})\] '
#: What `git commit` prints first: [branch hash] or [branch (root-commit) hash].
_FIRST = re.compile(rb'^"' + _MADE)
#: The same below other output: then the line after it must be git's, too.
_LATER = re.compile(
    rb"\\n" + _MADE + rb'(?:[^\\"]|\\[^n]){0,400}\\n (?:\d+ files? changed|Author: |Date: |Committer: )'
)


def commits_in(head: bytes, extra: dict[str, Any]) -> None:
    """Add `git: [branch, hash, ...]` to `extra` where a result shows output of git commit; HEAD: on no branch."""
    if head[:2] != b'"[' and b" changed" not in head:
        return
    first = _FIRST.match(head)
    found = [first] if first else []
    found += _LATER.finditer(head)
    for each in found:
        branch = b"HEAD" if each.group(1) == b"detached HEAD" else each.group(1)
        extra.setdefault("git", []).extend((branch.decode("utf-8", "replace"), each.group(2).decode("ascii")))

"""Commit hashes and pull requests that a tool result shows: evidence for the cost of work.

In: the first bytes of a result, still JSON-escaped. Out: ids only, no text.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What `git commit` prints first: [branch hash] or [branch (root-commit) hash].
_COMMIT = re.compile(rb'^"?\[([^\s\]"\\]{1,80})(?: \([a-z -]+\))? ([0-9a-f]{7,40})\] ')


def commits_in(head: bytes, extra: dict[str, Any]) -> None:
    """Add `git: [branch, hash]` to `extra` where a result begins like the output of git commit."""
    found = _COMMIT.match(head)
    if found:
        extra["git"] = [found.group(1).decode("utf-8", "replace"), found.group(2).decode("ascii")]

"""What git says of a folder between two moments: asked only where a person asked for it, and read-only.

In: a folder and two times. Out: commits, as values. How git is asked, and what is never started: `sources.git`.
"""

from __future__ import annotations

import os

from lineitem.core.periods import iso
from lineitem.sources.git import GitFailed, ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Commits that are listed.
_MOST = 200


def history(folder: str, since: int, until: int) -> dict[str, Any] | None:
    """The branch, the commit at both moments, the commits in between. since, until: seconds since 1970.

    None where the folder is not there or no git repository, or there is no git.
    """
    if not os.path.isabs(folder) or not os.path.isdir(folder):
        return None
    branch = _asked(folder, "rev-parse", "--abbrev-ref", "HEAD")
    if branch is None:
        return None
    listed = _asked(folder, "log", "-z", f"-n{_MOST}", f"--max-age={since + 1}", f"--min-age={until}", "--no-mailmap",
                    "--format=%H%x00%ct%x00%s", "--no-show-signature", "--no-color", "HEAD", "--")  # fmt: skip
    fields = (listed or "").split("\0")
    commits = [
        {"at": iso(int(at) * 1000), "commit": commit[:12], "subject": subject}
        for commit, at, subject in zip(fields[::3], fields[1::3], fields[2::3], strict=False)
        if at.isdigit()
    ]
    return {"branch": branch.strip() or None, "atStart": _before(folder, since), "atEnd": _before(folder, until),
            "commits": sorted(commits, key=lambda row: row["at"])}  # fmt: skip


def _before(folder: str, moment: int) -> str | None:
    """The latest commit up to a moment."""
    found = _asked(folder, "rev-list", "-n1", f"--min-age={moment}", "HEAD", "--")
    return (found or "").strip()[:12] or None


def _asked(folder: str, *words: str) -> str | None:
    """What git prints; None where it fails or takes too long."""
    try:
        return ask(folder, words)
    except GitFailed:
        return None

"""What git says of a folder between two moments: asked only where a person asked for it, and read-only.

In: a folder and two times. Out: commits, as values. Always: the command line is ours, no shell reads it, and nothing
that a repository's configuration names is started: no pager, hook, monitor, signature check, filter or transport.
"""

from __future__ import annotations

import os

from lineitem.core.periods import iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Seconds an answer may take; commits that are listed.
_PATIENCE, _MOST = 10, 200
_OFF = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "log.showSignature=false", "protocol.allow=never",
        "core.sshCommand=false", "core.askPass=", "credential.helper=", "log.mailmap=false")  # fmt: skip


def history(folder: str, since: int, until: int) -> dict[str, Any] | None:
    """The branch, the commit at both moments, the commits in between. since, until: seconds since 1970.

    None where the folder is not there or no git repository, or there is no git.
    """
    if not os.path.isabs(folder) or not os.path.isdir(folder):
        return None
    branch = _asked(folder, "rev-parse", "--abbrev-ref", "HEAD")
    if branch is None:
        return None
    listed = _asked(folder, "log", "-z", f"-n{_MOST}", f"--max-age={since + 1}", f"--min-age={until}",
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
    import shutil
    import subprocess

    program = shutil.which("git")
    if program is None:
        return None
    off = [word for setting in _OFF for word in ("-c", setting)]
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - our own words, no shell; the folder is an argument of -C
            [program, "--no-pager", "--no-optional-locks", *off, "-C", folder, *words],
            capture_output=True, check=False, timeout=_PATIENCE, stdin=subprocess.DEVNULL, env=env,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None

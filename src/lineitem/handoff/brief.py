"""AI_CONTEXT.md, the brief of a repository: made from a template that fits it, its block made anew, how old it is.

Always: what stands outside the marked block is a person's and stays to the byte.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import NamedTuple

from lineitem.core.problems import UsageError
from lineitem.handoff.commands import commands_of
from lineitem.handoff.documents import pieces_of
from lineitem.handoff.pieces import COMMANDS, line
from lineitem.handoff.reading import text_of
from lineitem.setup.files import write_whole
from lineitem.sources.git import GitFailed, ask, without_filters
from lineitem_hook.brief import FILE, LOG, block, busy, commits, plain, read, renewed, span, sync, synced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DAY = 86_400
#: Folders of a layout; changed files that are named.
_FOLDERS, _NAMED = 12, 20


class Place(NamedTuple):
    """A repository's brief."""

    top: str  #: the work tree
    inner: str  #: git's folder of it
    path: str


class Drift(NamedTuple):
    """How far a brief is behind."""

    exists: bool
    block: bool  #: whether it has the marked block, once
    synced: str  #: the commit the block was made from; '' where it says none, or one that is not there
    head: str  #: the latest commit that touches more than the brief; '' without one
    behind: int | None  #: commits since; None: not known
    files: list[str]  #: that they changed
    days: int | None  #: from the commit the block was made from to now
    shallow: bool = False  #: the commit it was made from may be one that this clone left out

    @property
    def stale(self) -> bool | None:
        """Whether it should be made anew; None: it cannot be told."""
        if self.block and self.shallow:
            return None
        return not self.block or (self.synced != self.head and self.behind != 0)

    def json(self) -> dict[str, Any]:
        return {
            "exists": self.exists, "hasBlock": self.block, "syncedCommit": self.synced or None,
            "headCommit": self.head or None, "commitsBehind": self.behind, "changedFiles": len(self.files),
            "changedFileNames": self.files[:_NAMED], "ageDays": self.days, "stale": self.stale,
        }  # fmt: skip


def place_of(folder: str) -> Place:
    """Where the brief of the repository around a folder is. Raises GitFailed."""
    told = ask(folder, ("rev-parse", "--show-toplevel", "--absolute-git-dir")).rstrip("\n")
    top, _, inner = told.rpartition("\n")
    return Place(top, inner, os.path.join(top, FILE))


def told(top: str) -> str:
    """What git says of the latest commits; '' where there are none."""
    try:
        return ask(top, ("-c", "core.quotepath=off", *LOG))
    except GitFailed:
        return ""


def drift(place: Place, now: int) -> Drift:
    """now: seconds since 1970."""
    content = _content(place)
    said = synced(content or b"")
    found = commits(told(place.top))
    head = found[0][0] if found else ""
    known = _asked(place.top, "rev-parse", "--verify", "-q", f"{said}^{{commit}}").strip() if said else ""
    behind, files, days = None, [], None
    if known:
        paths = ("--", ":/", f":(top,exclude){FILE}")
        since = _asked(place.top, "rev-list", "--no-merges", f"{known}..HEAD", *paths).split()
        behind = len(since) - (_brought(place.top) in since)
        named = _asked(place.top, "diff-tree", "-r", "--name-only", "--no-renames", "-z", "--ignore-submodules=all",
                       known, "HEAD", *paths)  # fmt: skip
        files = [line(name) for name in named.split("\0") if name]
        at = _asked(place.top, "log", "-1", "--no-show-signature", "--format=%ct", known).strip()
        days = max(0, now - int(at)) // _DAY if at.isdecimal() else None
    elif not found and content is not None and span(content):
        behind = 0
    shallow = bool(said and not known) and _asked(place.top, "rev-parse", "--is-shallow-repository").strip() == "true"
    has_block = bool(content and span(content))
    return Drift(content is not None, has_block, known, head, behind, files if behind else [], days, shallow)


def _brought(top: str) -> str:
    """The commit that brought the file as it stands there: no commit can hold a block that names itself."""
    without = without_filters(top)
    if without is None or _asked(
        top, *without, "diff", "--name-only", "--no-ext-diff", "--no-textconv", "HEAD", "--", FILE
    ):
        return ""
    return _asked(top, "log", "-1", "--no-show-signature", "--format=%H", "--", FILE).strip()


def create(place: Place, *, dry: bool = False) -> bytes:
    """Make the brief, or put the block at the end of one that lacks it; what it holds then. Raises UsageError."""
    before = _content(place)
    if before is None:
        if os.path.lexists(place.path):
            raise UsageError(f"{place.path} is there and is no plain file.")
        after = _template(place.top).encode("utf-8", "replace") + block(told(place.top)) + b"\n"
    elif span(before):
        raise UsageError(f"{place.path} is there, with its block: `lineitem brief sync` makes that anew.")
    else:
        _check(before, place.path)
        newline = "\r\n" if b"\r\n" in before else "\n"
        gap = b"" if not before else newline.encode() * (1 if before.endswith(b"\n") else 2)
        after = before + gap + block(told(place.top), newline) + newline.encode()
    if not dry:
        mode = 0o644 if before is None else os.stat(place.path).st_mode & 0o777
        write_whole(place.path, after, mode)
    return after


def renew(place: Place, *, dry: bool = False) -> bool:
    """Make the block anew; whether that changes it. Raises UsageError where there is none."""
    content = _content(place)
    if content is None:
        raise UsageError(f"There is no {FILE} in {place.top}: `lineitem brief create` makes it.")
    if span(content) is None:
        _check(content, place.path)
        raise UsageError(f"{place.path} has no block of lineitem's: `lineitem brief create` puts one at its end.")
    if busy(place.inner):
        raise UsageError("git is amid a rebase or a merge: finish it first.")
    said = told(place.top)
    if dry or not said:
        return bool(said) and renewed(content, said) != content
    return sync(place.top, place.inner, said)


def commit(place: Place, subject: str) -> bool:
    """Commit the brief alone, without hooks; whether there was anything to commit. Raises GitFailed."""
    ask(place.top, ("add", "--", FILE))
    begun = _asked(place.top, "rev-parse", "--verify", "-q", "HEAD")
    if begun and not _asked(place.top, "diff-index", "--cached", "--name-only", "HEAD", "--", FILE):
        return False
    ask(place.top, ("commit", "-q", "--no-verify", "--only", "-m", subject, "--", FILE))
    return True


def without_block(text: str) -> str:
    """A brief as a person wrote it: the block is git's history, which is told anyway."""
    content = text.encode("utf-8", "replace")
    found = span(content)
    return text if found is None else (content[: found[0]] + content[found[1] :]).decode("utf-8", "replace")


def _check(content: bytes, path: str) -> None:
    if b"lineitem: state, made" in content or b"lineitem: end of state" in content:
        raise UsageError(f"The marks of the block in {path} are not there once each: take them out by hand first.")


def _content(place: Place) -> bytes | None:
    try:
        return read(place.path)
    except OSError as error:
        raise UsageError(f"{place.path} cannot be read: {error.strerror}.") from error


def _asked(top: str, *words: str) -> str:
    try:
        return ask(top, words)
    except GitFailed:
        return ""


# -- the template


def _template(top: str) -> str:
    """A brief for this repository: what can be told from its files, and room for what cannot."""
    name = plain(os.path.basename(top.rstrip("/\\")) or "this repository")
    agents = pieces_of(text_of(top, "AGENTS.md"), "") or pieces_of(text_of(top, "CLAUDE.md"), "")
    commands = [piece.text for piece in agents if piece.section == COMMANDS][:5]
    commands = commands or [piece.text for piece in commands_of(top)]
    parts = [
        f"# {name}",
        "What a fresh session should know of this repository. All but the marked block below is written by people.",
        "## Status", "<!-- What works, what is under way. -->",
        "## Next steps", "<!-- - [ ] what to do next; [x] when it is done -->",
        "## Decisions", "<!-- - what was decided, and why -->",
        "## Constraints", "<!-- - what must not change -->",
    ]  # fmt: skip
    if commands:
        parts += ["## Commands", "```sh\n" + "\n".join(commands) + "\n```"]
    if layout := _layout(top):
        parts += ["## Layout", "\n".join(layout)]
    return "\n\n".join(parts) + "\n\n"


def _layout(top: str) -> list[str]:
    """The folders of the repository: how many files of which kinds git keeps there."""
    kinds: dict[str, Counter[str]] = {}
    for name in _asked(top, "ls-files", "-z").split("\0"):
        folder, slash, rest = name.partition("/")
        if slash:
            ending = os.path.splitext(rest)[1]
            kinds.setdefault(folder, Counter())[ending if ending.isascii() and len(ending) < 12 else ""] += 1
    found = []
    for folder, counts in sorted(kinds.items(), key=lambda each: (-each[1].total(), each[0]))[:_FOLDERS]:
        most = ", ".join(ending for ending, _ in counts.most_common(3) if ending)
        files = counts.total()
        said = f"{files:,} file{'' if files == 1 else 's'}{f', mostly {plain(most)}' if most else ''}"
        found.append(f"- `{plain(folder).replace('`', '')}/`: {said}")
    return found

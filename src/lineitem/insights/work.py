"""To which commit the spending of a session belongs: pure, by moments.

A session's requests, its agents' included, belong to the next commit the session made: those from after the request
that sent the previous commit's result (or from the start) up to and with the one that sent this commit's. Commits
whose results went out together share what led to them. What comes after the last commit belongs to none.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Commit(NamedTuple):
    """A commit and the session that owes it."""

    hash: str
    branch: str  #: "": none was checked out
    session: int
    at: int  #: when its result came, in milliseconds
    until: int  #: the moment of the request that sent the result; `at` where none did
    sent: bool  #: whether one did

    @property
    def order(self) -> tuple[int, int, str]:
        return self.until, self.at, self.hash


def once(told: Iterable[Commit]) -> list[Commit]:
    """Each hash once, in the order they were made: that of the earliest result; of copies the one that was sent on."""
    kept: dict[str, Commit] = {}
    for commit in told:
        known = kept.get(commit.hash)
        if known is None or _rank(commit) < _rank(known):
            kept[commit.hash] = commit
    return sorted(kept.values(), key=lambda commit: (commit.at, commit.hash))


def _rank(commit: Commit) -> tuple[int, bool, int, int, str]:
    return commit.at, not commit.sent, commit.until, commit.session, commit.branch


class Stretches:
    """A session's time, cut by its commits."""

    __slots__ = ("_ends", "_groups")

    def __init__(self, commits: Iterable[Commit]) -> None:
        """commits: of one session, at least one."""
        ends: dict[int, list[Commit]] = {}
        for commit in sorted(commits, key=lambda each: each.order):
            ends.setdefault(commit.until, []).append(commit)
        self._ends = list(ends)
        self._groups = [tuple(group) for group in ends.values()]

    def place(self, at: int) -> int:
        """The number of the stretch that holds a moment."""
        return bisect_left(self._ends, at)

    def commits(self, place: int) -> tuple[Commit, ...]:
        """The commits a stretch belongs to: mostly one; none after the last."""
        return self._groups[place] if place < len(self._groups) else ()

    def of(self, at: int) -> tuple[Commit, ...]:
        """The commits to which a request at this moment belongs."""
        return self.commits(self.place(at))


def stretches(commits: Iterable[Commit]) -> Mapping[int, Stretches]:
    """Session -> its time, cut by the commits it made."""
    found: dict[int, list[Commit]] = {}
    for commit in commits:
        found.setdefault(commit.session, []).append(commit)
    return {session: Stretches(each) for session, each in found.items()}

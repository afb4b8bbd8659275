"""Commits and pull requests that the store has evidence of, each with the session and the branch that owe it."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from lineitem.insights.work import Commit, once
from lineitem.ledger import work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineitem.ledger.store import Ledger
    from lineitem.sources.made import Key, Linked, Made

#: What `git commit` and Claude Code say where no branch is checked out.
DETACHED = "HEAD"
#: Branches that many pull requests come from or go to: being on one says nothing about a pull request.
SHARED = frozenset(("", DETACHED, "main", "master", "trunk", "develop"))


class PullRequest(NamedTuple):
    """A pull request, and where its work was done."""

    number: int
    url: str
    branch: str  #: that was checked out when the client noted it first
    project: int  #: name: of the session that noted it

    @property
    def repository(self) -> str:
        """`host/owner/name` of its address."""
        from lineitem.sources.repository import plain

        return plain(self.url.partition("/pull/")[0].partition("/-/merge_requests/")[0])


class Evidence(NamedTuple):
    """What transcripts showed."""

    commits: list[Commit]
    pull_requests: list[PullRequest]


#: What a transcript showed, with how far it was read then: of those who ask again and again.
Remembered = dict[int, tuple[tuple[int, int], "Shown"]]


class Shown(NamedTuple):
    """What one transcript showed."""

    session: int
    project: int
    commits: list[Made]
    links: list[Linked]


def evidence(ledger: Ledger, known: Remembered | None = None) -> Evidence:
    """All of it, each commit and each pull request once. known: what was seen before; it is kept up to date."""
    shown = [each for _, each in _found(ledger, None)] if known is None else _remembered(ledger, known)
    told = [(each.session, commit) for each in shown for commit in each.commits]
    links = [(link, each.project, ledger.text(each.session)) for each in shown for link in each.links]
    requests = _Requests(ledger, [key for _, each in told for key in (each.asked, each.sent) if key])
    return Evidence(once(_commit(session, each, requests) for session, each in told), _once(links))


def _remembered(ledger: Ledger, known: Remembered) -> list[Shown]:
    read = work.files_read(ledger)
    fresh = [file for file, upto in read.items() if file not in known or known[file][0] != upto]
    found = dict(_found(ledger, fresh)) if fresh else {}
    nothing = Shown(0, 0, [], [])
    for file in fresh:
        known[file] = (read[file], found.get(file, nothing))
    return [known[file][1] for file in sorted(read) if known[file][1].commits or known[file][1].links]


def _found(ledger: Ledger, among: list[int] | None) -> Iterator[tuple[int, Shown]]:
    """(transcript, what it showed) of those (among these, None: of all) that showed anything."""
    from lineitem.sources.made import MARKS, made

    for file, rows in groupby(work.rows_of(ledger, work.files_showing(ledger, MARKS, among)), key=itemgetter(0)):
        spans = list(rows)
        _, session, thread, project, _ = spans[0]
        commits, linked = made((span[4] for span in spans), ledger.text(session), ledger.text(thread))
        yield file, Shown(session, project, list(commits), list(linked))


class _Requests:
    """Who made a request, and when: requests that are counted under another id are found by their message."""

    def __init__(self, ledger: Ledger, keys: Iterable[Key]) -> None:
        self._exact: dict[Key, tuple[int, int]] = {}
        self._any: dict[str, tuple[int, int]] = {}
        for mid, variant, session, at, counted in work.requests_named(ledger, {mid for mid, _ in keys}):
            if counted:
                self._exact[mid, variant] = session, at
                self._any[mid] = min(self._any.get(mid, (session, at)), (session, at))

    def of(self, key: Key | None) -> tuple[int, int] | None:
        """(session, at); None for none that is known."""
        return self._exact.get(key) or self._any.get(key[0]) if key else None


def _commit(session: int, told: Made, requests: _Requests) -> Commit:
    """A commit of the session that asked for it, which need not be the one whose file shows it."""
    asked, sent = requests.of(told.asked), requests.of(told.sent)
    owner = asked[0] if asked else session
    branch = "" if told.branch == DETACHED else told.branch
    if sent is not None and sent[0] == owner:
        return Commit(told.hash, branch, owner, told.at, sent[1], sent=True)
    return Commit(told.hash, branch, owner, told.at, max(told.at, asked[1] if asked else 0), sent=False)


def _once(links: list[tuple[Linked, int, str]]) -> list[PullRequest]:
    """Each address once, as it was noted first."""
    found: dict[str, PullRequest] = {}
    for linked, project, _ in sorted(links, key=lambda each: (each[0].at, each[2], each[0].url)):
        branch = "" if linked.branch in SHARED else linked.branch
        found.setdefault(linked.url, PullRequest(linked.number, linked.url, branch, project))
    return sorted(found.values(), key=lambda each: (each.url, each.number))

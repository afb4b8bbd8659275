"""What the stored rows of a transcript tell of commits and pull requests: pure, ids and times only.

In: the packed rows of one file in order, as JSON (`core.sightings`). Out: each commit with the request that asked for
it and the one that sent its result, and each pull request with the branch that was checked out when it was first
named. Only what is needed of a row is decoded: whole transcripts are looked through while somebody waits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from lineitem.core.sightings import (
    ANSWER,
    ATTACHMENT,
    BLOB,
    COMPACTION,
    LINK,
    NOTE,
    SENT,
    SHAPE,
    TOTAL,
    USER,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: A request: message id and variant, as `sources.transcript` names them.
Key = tuple[str, str]

#: What stands in stored rows where one of these is told: a row without it need not be decoded.
MARKS = ('"git":[', '"pr-link"')
_GIT = MARKS[0].encode()
#: No number of a pull request is larger.
_MOST = 10**9


class Made(NamedTuple):
    """A commit as a tool result showed it."""

    hash: str
    branch: str  #: HEAD: none was checked out
    at: int  #: of the result, in milliseconds
    asked: Key | None  #: the request whose tool call made it; None: not in this file
    sent: Key | None  #: the request that sent the result on; None: there was none


class Linked(NamedTuple):
    """A pull request as the client noted it first."""

    number: int
    url: str
    at: int
    branch: str


class _Answer(msgspec.Struct, array_like=True, tag=ANSWER, gc=False):
    n: msgspec.Raw
    uuid: msgspec.Raw
    parent: msgspec.Raw
    at: msgspec.Raw
    mid: str
    request: str
    ref: msgspec.Raw
    model: msgspec.Raw
    usage: list[int]
    extra: msgspec.Raw
    blocks: msgspec.Raw


class _User(msgspec.Struct, array_like=True, tag=USER, gc=False):
    n: msgspec.Raw
    uuid: msgspec.Raw
    parent: msgspec.Raw
    at: int
    flags: msgspec.Raw
    shape: msgspec.Raw
    results: msgspec.Raw
    extra: msgspec.Raw


class _Note(msgspec.Struct, array_like=True, tag=NOTE, gc=False):
    n: msgspec.Raw
    at: int
    what: str
    value: msgspec.Raw


def _others() -> Any:
    """Rows of other kinds are stepped over."""
    kinds = (ATTACHMENT, COMPACTION, TOTAL, SENT, BLOB, SHAPE, LINK)
    made = [msgspec.defstruct(f"_Other{kind}", [], array_like=True, tag=kind, gc=False) for kind in kinds]
    union: Any = _Answer | _User | _Note
    for each in made:
        union |= each
    return list[union]


_ROWS = msgspec.json.Decoder(_others())
_EXTRA = msgspec.json.Decoder(dict[str, Any] | int)
_LIST = msgspec.json.Decoder(list[Any])


class _Reader:
    """One file while it is looked through."""

    def __init__(self, session: str, thread: str) -> None:
        self.session, self.thread = session, thread
        self.commits: list[list[Any]] = []
        self.links: dict[str, Linked] = {}
        self.answers: list[_Answer] = []
        self.waiting: dict[str, list[list[Any]]] = {}  #: thread -> commits whose result nobody sent yet
        self.branch = ""

    def take(self, span: str) -> None:
        """The rows of one span; hundreds of thousands come by, so this is one loop."""
        keep = self.answers.append
        for row in _ROWS.decode(span):
            kind = type(row)
            if kind is _Answer:
                keep(row)
                if self.waiting:
                    self._sent(row)
            elif kind is _User:
                if _GIT in bytes(row.results):
                    self._results(row)
            elif kind is _Note:
                self._note(row)

    def _own(self, extra: msgspec.Raw) -> str:
        """The thread of a row, which may lie in its session's file."""
        if b'"th"' not in bytes(extra):
            return self.thread
        told = _EXTRA.decode(extra)
        return str(told.get("th", self.thread)) if isinstance(told, dict) else self.thread

    def _sent(self, row: _Answer) -> None:
        """This request sent the results that wait; further lines of the one that asked for them do not."""
        own = self._own(row.extra)
        left = []
        for commit in self.waiting.pop(own, ()):
            if commit[3] is not None and commit[3][0] == row.mid:
                left.append(commit)
            else:
                commit[4] = self._key(row)
        if left:
            self.waiting[own] = left

    def _results(self, row: _User) -> None:
        own = self._own(row.extra)
        for result in _LIST.decode(row.results):
            told = (result[4] or {}).get("git", ())
            if not told:
                continue
            asked = self._asked(result[0])
            for name, commit in zip(told[::2], told[1::2], strict=False):
                self.commits.append([commit, name, row.at, asked, None])
                self.waiting.setdefault(own, []).append(self.commits[-1])

    def _asked(self, call: str) -> Key | None:
        """The request that made a tool call; mostly it is the last one."""
        named = f'"{call}"'.encode()
        for answer in reversed(self.answers):
            if call and named in bytes(answer.blocks):
                return self._key(answer)
        return None

    def _note(self, row: _Note) -> None:
        if row.what == "env":
            self.branch = _LIST.decode(row.value)[1] or ""
        elif row.what == "pr-link":
            number, url = _LIST.decode(row.value)[:2]
            if isinstance(url, str) and url and type(number) is int and 0 < number < _MOST:
                self.links.setdefault(url, Linked(number, url, row.at, self.branch))

    def _key(self, row: _Answer) -> Key:
        uncached, _, write5, write1, read, _ = row.usage
        return row.mid, row.request or f"~{self.session}/{uncached}/{write5 + write1}/{read}"


def made(spans: Iterable[str], session: str, thread: str) -> tuple[list[Made], list[Linked]]:
    """(commits, pull requests) of one file."""
    reader = _Reader(session, thread)
    for span in spans:
        reader.take(span)
    return [Made(*each) for each in reader.commits], list(reader.links.values())

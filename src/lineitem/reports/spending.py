"""What a part of all spending came to: the sum of the ledger's own rows that belong to a scope, session by session.

Always: without terms it is what `daily` says of the same range; cut along the scopes of one dimension it adds up to
that. Unlogged spend belongs to a session and nothing below it: it is in a sum unless the scope asks for a model, a
branch, a skill, a tool, an agent or a server.
"""

from __future__ import annotations

from typing import NamedTuple

from lineitem.core import scopes
from lineitem.core.apportion import apportion
from lineitem.core.periods import QUARTER_MS
from lineitem.core.problems import UsageError
from lineitem.core.scopes import Scope
from lineitem.core.tags import labels_of
from lineitem.ledger import spending as rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lineitem.core.tags import Tags
    from lineitem.ledger.store import Ledger
    from lineitem.reports.lines import Line

    #: (since, until) -> line items of that range, and the agents they belong to as `questions.agents` has them
    Lines = Callable[[int, int], tuple[Iterable[Line], Iterable[tuple[object, ...]]]]

_OF_SESSIONS = frozenset((scopes.SESSION, scopes.PROJECT))
_OF_REQUESTS = frozenset((scopes.BRANCH, scopes.SKILL))
#: Dimensions that only line items tell.
OF_LINES = frozenset((scopes.TOOL, scopes.AGENT, scopes.SERVER))


#: What live sources do not tell of a request.
_UNTOLD = {scopes.BRANCH: "", scopes.SKILL: ""}


class Spent(NamedTuple):
    """A sum: nanodollars, tokens of logged requests, and how many of those have no price."""

    nanos: int = 0
    tokens: int = 0
    unpriced: int = 0

    def plus(self, nanos: int, tokens: int, unpriced: int) -> Spent:
        return Spent(self.nanos + nanos, self.tokens + tokens, self.unpriced + unpriced)


class Spending:
    """Answers for one state of the ledger: what is asked twice is looked up once."""

    def __init__(self, ledger: Ledger, tags: Tags, lines: Lines) -> None:
        self._ledger, self.tags, self._lines = ledger, tags, lines
        self._places: dict[int, tuple[str, str]] | None = None
        self._labels: dict[int, Mapping[str, str]] | None = None
        self._found: dict[tuple[int, str], dict[str, str]] = {}
        self._folders: dict[str, tuple[str, str]] = {}  #: by project: its folder, the address of its repository
        self._ranges: dict[tuple[str, int, int], list[tuple[int, dict[str, str], int, int, int]]] = {}

    def check(self, scope: Scope) -> None:
        """Raise UsageError where a scope asks for what no line of the ledger tells together."""
        _check(scope, self.tags)

    def total(self, scope: Scope, since: int, until: int) -> Spent:
        """The sum of a scope in a range of whole quarter hours. Raises UsageError for what cannot be told apart."""
        found = self.by_session(scope, since, until).values()
        return Spent(sum(each.nanos for each in found), sum(each.tokens for each in found),
                     sum(each.unpriced for each in found))  # fmt: skip

    def by_session(self, scope: Scope, since: int, until: int) -> dict[str, Spent]:
        """The same by session id; sessions without spending are left out."""
        self.check(scope)
        sums: dict[str, Spent] = {}
        for number, names, tokens, nanos, unpriced in self._rows(scope, since, until):
            session, tags = self._names(number, names.get(scopes.BRANCH, ""))
            if scope.takes({**tags, **names}):
                sums[session] = sums.get(session, Spent()).plus(nanos, tokens, unpriced)
        return sums

    def by_quarter(self, scope: Scope, since: int, until: int) -> list[tuple[int, Spent]]:
        """(when, what was spent in the quarter hour from then on); it adds up to `total`.

        Line items have no quarter hours. What a session spent on tools, agents or servers is divided over its quarter
        hours as it spent what else the scope asks for: exact by session, apportioned within one.
        """
        if scope.dimensions & OF_LINES:
            return self._by_quarter_of_lines(scope, since, until)
        found: dict[int, Spent] = {}
        for at, number, names, tokens, nanos, unpriced in self._quarters(scope, since, until):
            _, tags = self._names(number, names.get(scopes.BRANCH, ""))
            if scope.takes({**tags, **names}):
                found[at] = found.get(at, Spent()).plus(nanos, tokens, unpriced)
        return sorted(found.items())

    def _by_quarter_of_lines(self, scope: Scope, since: int, until: int) -> list[tuple[int, Spent]]:
        wide = Scope(tuple(term for term in scope.terms if term[0] not in OF_LINES))
        shape: dict[str, dict[int, Spent]] = {}
        for quarter, number, model, *sums in rows.by_quarter(self._ledger, since, until):
            session, tags = self._names(number, "")
            if wide.takes({**tags, scopes.MODEL: self._ledger.text(model)}):
                at, times = quarter * QUARTER_MS, shape.setdefault(session, {})
                times[at] = times.get(at, Spent()).plus(sums[1], sums[0], sums[2])
        told: dict[str, dict[int, Spent]] = {}  # of sessions of which nothing is logged: when the client told its total
        for at, number, nanos in rows.unlogged(self._ledger, since, until):
            times = told.setdefault(self._names(number, "")[0], {})
            quarter = at - at % QUARTER_MS
            times[quarter] = times.get(quarter, Spent()).plus(nanos, 0, 0)
        found: dict[int, Spent] = {}
        for session, spent in self.by_session(scope, since, until).items():
            times = shape.get(session) or told.get(session) or {until - QUARTER_MS: Spent()}
            nanos = apportion(spent.nanos, [max(0, each.nanos) for each in times.values()])
            tokens = apportion(spent.tokens, [each.tokens for each in times.values()])
            for at, part, count in zip(times, nanos, tokens, strict=True):
                found[at] = found.get(at, Spent()).plus(part, count, 0)
        return sorted(found.items())

    def _quarters(
        self, scope: Scope, since: int, until: int
    ) -> Iterable[tuple[int, int, dict[str, str], int, int, int]]:
        ledger, text = self._ledger, self._ledger.text
        if self._by_request(scope):
            for quarter, session, model, branch, skill, *sums in rows.requests_by_quarter(ledger, since, until):
                names = {scopes.MODEL: text(model), scopes.BRANCH: text(branch), scopes.SKILL: text(skill)}
                yield quarter * QUARTER_MS, session, names, *sums
        fine = self._by_request(scope)
        for quarter, session, model, *sums in rows.by_quarter(ledger, since, until, live=fine):
            names = {scopes.MODEL: text(model), **(_UNTOLD if fine else {})}
            yield quarter * QUARTER_MS, session, names, *sums
        if not scope.dimensions & (_OF_REQUESTS | {scopes.MODEL}):
            for at, session, nanos in rows.unlogged(ledger, since, until):
                yield at - at % QUARTER_MS, session, {}, 0, nanos, 0

    def active(self, since: int) -> frozenset[str]:
        """The ids of the sessions with a request since a moment."""
        return frozenset(row[0] for row in rows.active(self._ledger, since))

    def known(self, since: int) -> dict[str, dict[str, str]]:
        """Session id -> what is known of it, by dimension: tags, project, its latest model; of those active since."""
        found = {}
        for number, model, branch, _ in rows.latest(self._ledger, since):
            session, names = self._names(number, branch)
            found[session] = {**names, scopes.MODEL: model, scopes.BRANCH: branch}
        return found

    def _rows(self, scope: Scope, since: int, until: int) -> list[tuple[int, dict[str, str], int, int, int]]:
        """(session, names below the session, tokens, nanos, unpriced) of a range, as finely as the scope asks."""
        asked = scope.dimensions
        fine = "lines" if asked & OF_LINES else "requests" if self._by_request(scope) else "usage"
        key = fine, since, until
        found = self._ranges.get(key)
        if found is None:
            found = self._ranges[key] = list(self._cut(fine, since, until))
        if asked & (OF_LINES | _OF_REQUESTS | {scopes.MODEL}):
            return found
        return found + [(number, {}, 0, nanos, 0) for _, number, nanos in rows.unlogged(self._ledger, since, until)]

    def _by_request(self, scope: Scope) -> bool:
        """Whether the rows of single requests are needed: branches and skills are known of nothing else."""
        tags = scope.dimensions - frozenset(scopes.BUILT_IN)
        return bool(scope.dimensions & _OF_REQUESTS) or bool(tags and self.tags.asks_branch)

    def _cut(self, fine: str, since: int, until: int) -> Iterable[tuple[int, dict[str, str], int, int, int]]:
        ledger, text = self._ledger, self._ledger.text
        if fine == "lines":
            yield from self._cut_lines(since, until)
        elif fine == "requests":
            for session, model, branch, skill, tokens, nanos, unpriced in rows.by_request(ledger, since, until):
                names = {scopes.MODEL: text(model), scopes.BRANCH: text(branch), scopes.SKILL: text(skill)}
                yield session, names, tokens, nanos, unpriced
            for session, model, tokens, nanos, unpriced in rows.by_model(ledger, since, until, live=True):
                yield session, {scopes.MODEL: text(model), **_UNTOLD}, tokens, nanos, unpriced
        else:
            for session, model, tokens, nanos, unpriced in rows.by_model(ledger, since, until):
                yield session, {scopes.MODEL: text(model)}, tokens, nanos, unpriced

    def _cut_lines(self, since: int, until: int) -> Iterable[tuple[int, dict[str, str], int, int, int]]:
        lines, agents = self._lines(since, until)
        types = {(str(row[0]), str(row[1])): str(row[2]) or "agent" for row in agents}
        number = self._ledger.name
        for line in lines:
            _, _, below = line.cause.partition("/")
            name = below.partition("/")[0]
            server = name[5:].partition("__")[0] if name.startswith("mcp__") else ""
            names = {
                scopes.MODEL: line.model,
                scopes.TOOL: name if line.kind == "tool" else "",
                scopes.SERVER: server if line.kind in ("tool", "schemas") else "",
                scopes.AGENT: types.get((line.session, line.thread), "agent") if line.thread else scopes.MAIN,
            }
            yield number(line.session), names, sum(line.tokens), line.nanos, 0

    def _names(self, number: int, branch: str) -> tuple[str, dict[str, str]]:
        """(id, tags and names of the session) of a session, on a branch."""
        if self._places is None:
            self._places = {row[0]: (row[1], row[2]) for row in rows.places(self._ledger)}
        session, project = self._places.get(number, ("", ""))
        key = number, branch if self.tags.asks_branch else ""
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = {
                **self._tagged(number, project, branch), scopes.SESSION: session, scopes.PROJECT: project,
            }  # fmt: skip
        return session, found

    def _tagged(self, number: int, project: str, branch: str) -> dict[str, str]:
        """The tags of a session on a branch."""
        if self._labels is None:
            from json import loads

            self._labels = {row[0]: labels_of(loads(row[1])) for row in rows.labels(self._ledger)}
        labels = self._labels.get(number, {})
        if not self.tags.rules:
            return self.tags.of("", "", "", labels)
        place = self._folders.get(project)
        if place is None:
            from lineitem.sources.repository import address

            folder = folder_of(self._ledger, number)
            place = self._folders[project] = folder, address(folder) if self.tags.asks_repository else ""
        return self.tags.of(*place, branch, labels)


def folder_of(ledger: Ledger, number: int) -> str:
    """The working folder of a session; '' where nothing tells it."""
    from json import loads

    from lineitem.core.sightings import NOTE

    text = rows.first_rows(ledger, number)
    if text is None:
        return rows.snapshot_folder(ledger, number)
    return next((row[4][0] or "" for row in loads(text) if row[0] == NOTE and row[3] == "env"), "")


def _check(scope: Scope, tags: Tags) -> None:
    asked = scope.dimensions
    deep, wide = asked & OF_LINES, asked & _OF_REQUESTS
    if deep and not wide and tags.asks_branch and asked - frozenset(scopes.BUILT_IN):
        wide = frozenset(("a tag that depends on the branch",))
    if deep and wide:
        raise UsageError(
            f"{' and '.join(sorted(deep))} cannot be cut by {' and '.join(sorted(wide))} at once:"
            " requests of several branches carry one tool call. Make two budgets of it."
        )

"""What pull requests cost: all of them, or one (or a branch) with its commits, models and dearest tool calls."""

from __future__ import annotations

from bisect import bisect_right

from lineitem.core.problems import UsageError
from lineitem.ledger import work as asked
from lineitem.reports.calls import row as call_row
from lineitem.reports.lines import calls_of
from lineitem.reports.shapes import COUNT, MONEY, TEXT, TOKENS, Column, Table
from lineitem.reports.work import (
    NO_BRANCH,
    NOT_LOGGED,
    add,
    commit_columns,
    commit_rows,
    finished,
    not_logged,
    parts,
    row_of,
    unpriced,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from lineitem.ledger.questions import Filter
    from lineitem.ledger.store import Ledger
    from lineitem.reports.evidence import Evidence, PullRequest
    from lineitem.reports.lines import Line
    from lineitem.reports.query import Query
    from lineitem.reports.work import Part

    Row = dict[str, Any]
    #: Sessions -> their line items, and the agents of all sessions.
    Lines = Callable[[Sequence[int]], tuple[Iterable[Line], Iterable[tuple[Any, ...]]]]
    #: A project (its number) and a branch there.
    Place = tuple[int, str]

NO_PULL_REQUEST = "(no pull request)"
#: So many tool calls of one pull request are shown.
_DEAREST = 5
_RULE = (
    "Work on the branch that was checked out when a pull request was first named belongs to it, committed or not;"
    " docs/work.md has the rules."
)
_LIFE = (
    "Tool calls are shown with what they cost over their life: they are a part of the cost, and do not add up to it."
)


def pull_requests(ledger: Ledger, query: Query, where: Filter, found: Evidence) -> Table:
    """One row a pull request; those of one branch share a row."""
    made = parts(ledger, where, found.commits)
    places = _places(found.pull_requests)
    rows: dict[Place | None, Row] = {}
    commits: dict[Place | None, set[str]] = {}
    for part in made:
        place = (part.project, part.branch) if (part.project, part.branch) in places else None
        row = rows.get(place)
        if row is None:
            row = rows[place] = row_of(_head(places[place]) if place else _rest(NO_PULL_REQUEST))
            if place is None:
                row["remainder"] = True
        add(row, part)
        if part.commit:
            commits.setdefault(place, set()).add(part.commit.hash)
    for place, hashes in commits.items():
        rows[place]["commits"] = len(hashes)
    shown = [*rows.values(), *not_logged(ledger, where, _rest(NOT_LOGGED))]
    columns = [
        Column("pullRequest", "Pull request", TEXT),
        Column("branch", "Branch", TEXT),
        Column("repository", "Repository", TEXT, wide=True),
        Column("commits", "Commits", COUNT),
    ]
    table = finished("pullRequests", "The bill by pull request", columns, shown, query, unpriced(ledger, made))
    if made:
        table.notes.append(_RULE)
    return table


def _places(found: Iterable[PullRequest]) -> dict[Place, list[PullRequest]]:
    """(project, branch) -> its pull requests; those without a branch of their own have none."""
    places: dict[Place, list[PullRequest]] = {}
    for each in found:
        if each.branch:
            places.setdefault((each.project, each.branch), []).append(each)
    return places


def _head(here: Sequence[PullRequest]) -> Row:
    ordered = sorted(here, key=lambda each: (each.number, each.url))
    return {
        "pullRequest": ", ".join(f"#{each.number}" for each in ordered),
        "urls": [each.url for each in ordered],
        "branch": ordered[0].branch,
        "repository": ", ".join(dict.fromkeys(each.repository for each in ordered)),
        "commits": 0,
    }


def _rest(name: str) -> Row:
    return {"pullRequest": name, "urls": [], "branch": "", "repository": "", "commits": 0}


# -- one of them


def one(ledger: Ledger, query: Query, where: Filter, found: Evidence, name: str, lines: Lines) -> Table:
    """The commits of a pull request (its number) or of a branch; below them models and the dearest tool calls.

    Raises UsageError where there is no such one, or more than one.
    """
    here = _named(ledger, query, found.pull_requests, name)
    places = _places(here)
    branch = next(iter(places))[1] if places else name
    if here and not places:
        raise UsageError(f"No branch of its own is known for {name}: name the branch, `lineitem pr BRANCH`.")
    made = parts(ledger, where, found.commits)
    mine = [p for p in made if p.branch == branch and (not places or (p.project, branch) in places)]
    if not mine:
        raise UsageError(f"Nothing was spent on a pull request or branch '{name}'. `lineitem pr` lists them.")
    rows = commit_rows(ledger, mine, {})
    head = _head(here) if here else _rest("")
    head["branch"] = branch or NO_BRANCH
    head["commits"] = sum(1 for row in rows if not row.get("remainder"))
    head["projects"] = len({part.project for part in mine})
    title = f"{head['pullRequest']} {head['branch']}".strip()
    table = finished("commits", f"The bill of {title}", commit_columns({}), rows, query, unpriced(ledger, mine))
    dearest = _dearest(ledger, where, found, mine, lines)
    table.head = head
    table.below = [_models(ledger, mine)]
    if head["projects"] > 1:
        table.notes.append(f"Branches of this name in {head['projects']} projects; --project chooses among them.")
    if dearest:
        columns = [Column("tool", "Tool", TEXT), Column("target", "Target", TEXT), Column("totalNanos", "Cost", MONEY)]
        table.below.append(Table("calls", "Its dearest tool calls", columns, [call_row(call) for call in dearest],
                                 notes=[_LIFE]))  # fmt: skip
    return table


def _named(ledger: Ledger, query: Query, found: Iterable[PullRequest], name: str) -> list[PullRequest]:
    """The pull requests that are meant: one by its number, or those of a branch."""
    part = query.project.lower()
    known = [each for each in found if part in ledger.text(each.project).lower()]
    number = name.removeprefix("#").removeprefix("!")
    if number.isascii() and number.isdigit():
        meant = [each for each in known if each.number == int(number)]
        if len(meant) > 1:
            several = ", ".join(each.repository for each in meant[:4])
            raise UsageError(f"There are {len(meant)} pull requests {name} ({several}): choose with --project.")
        if meant:
            return [each for each in known if each.branch and _place(each) == _place(meant[0])] or meant
    return [each for each in known if each.branch == name]


def _place(each: PullRequest) -> Place:
    return each.project, each.branch


def _models(ledger: Ledger, mine: Iterable[Part]) -> Table:
    rows: dict[int, Row] = {}
    for part in mine:
        add(rows.setdefault(part.model, row_of({"model": ledger.text(part.model)})), part)
    ordered = sorted(rows.values(), key=lambda row: (-row["costNanos"], row["model"]))
    columns = [
        Column("model", "Model", TEXT),
        Column("requests", "Requests", COUNT),
        Column("outputTokens", "Output", TOKENS, wide=True),
        Column("totalTokens", "Tokens", TOKENS),
        Column("costNanos", "Cost", MONEY),
    ]
    return Table("models", "The same by model", columns, ordered)


def _dearest(ledger: Ledger, where: Filter, found: Evidence, mine: Sequence[Part], lines: Lines) -> list[Any]:
    """The dearest tool calls that were made while this was worked on."""
    sessions = sorted({part.session for part in mine if not part.provisional})
    if not sessions:
        return []
    moments = _moments(ledger, where, found, mine, sessions)
    calls = calls_of(*lines(sessions)).values()
    here = [call for call in calls if _is_of(moments.get(call.session), call.at)]
    return sorted(here, key=lambda call: (-call.total, call.at, call.id))[:_DEAREST]


def _moments(
    ledger: Ledger, where: Filter, found: Evidence, mine: Sequence[Part], sessions: Sequence[int]
) -> dict[str, list[tuple[int, bool]]]:
    """Session id -> its requests' moments in order, and whether each is of this."""
    from lineitem.insights.work import stretches
    from lineitem.reports.evidence import DETACHED

    hashes = {part.commit.hash for part in mine if part.commit}
    branches = {(part.session, part.branch) for part in mine if part.commit is None}
    cut = stretches(found.commits)
    told: dict[str, list[tuple[int, bool]]] = {}
    for session, branch, _, at, *_ in asked.spent_each(ledger, where.only(sessions)):
        commits = cut[session].of(at) if session in cut else ()
        name = ledger.text(branch)
        plain = "" if name == DETACHED else name
        is_mine = any(each.hash in hashes for each in commits) if commits else (session, plain) in branches
        told.setdefault(ledger.text(session), []).append((at, is_mine))
    return {session: sorted(moments) for session, moments in told.items()}


def _is_of(moments: list[tuple[int, bool]] | None, at: int) -> bool:
    """Whether the last request up to a moment is of this."""
    place = bisect_right(moments, (at, True)) if moments else 0
    return bool(moments and place and moments[place - 1][1])

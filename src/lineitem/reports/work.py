"""What work cost: by commit, branch and ticket; each adds up, with its remainder, to the bill."""

from __future__ import annotations

from operator import add as _plus

from lineitem.core.apportion import apportion
from lineitem.core.periods import iso
from lineitem.core.problems import UsageError
from lineitem.insights.work import stretches
from lineitem.ledger import questions
from lineitem.ledger import work as asked
from lineitem.reports.evidence import DETACHED
from lineitem.reports.over_time import provisional_part
from lineitem.reports.shapes import COUNT, MONEY, TEXT, TIME, TOKENS, Column, Table, dollars

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from lineitem.insights.work import Commit
    from lineitem.ledger.questions import Filter
    from lineitem.ledger.store import Ledger
    from lineitem.reports.query import Query
    from lineitem.sources.git import Known

    Row = dict[str, Any]

BY = ("commit", "branch", "ticket")
NOT_COMMITTED, NOT_LOGGED, NO_BRANCH, NO_TICKET = "(not committed)", "(not logged)", "(no branch)", "(no ticket)"
#: Places in the sums of a part.
REQUESTS, UNCACHED, OUTPUT, WRITE5, WRITE1, READ, SEARCHES, NANOS, UNPRICED = range(9)
_RULE = (
    "A commit owes what its session and agents spent since the commit before it, up to the request that sent its"
    " result; docs/work.md has the rules."
)


class Part:
    """What was spent on one commit (or on none), of one project, branch and model."""

    __slots__ = ("branch", "commit", "model", "project", "provisional", "session", "sums")

    def __init__(
        self, commit: Commit | None, session: int, project: int, branch: str, model: int, sums: Sequence[int],
        provisional: bool = False,
    ) -> None:  # fmt: skip
        """branch: that of the commit, else the one that was checked out; "": none."""
        self.commit, self.session, self.project, self.branch, self.model = commit, session, project, branch, model
        self.sums, self.provisional = sums, provisional


def parts(ledger: Ledger, where: Filter, commits: Iterable[Commit]) -> list[Part]:
    """All that was spent, each request once. Unlogged spend is in none."""
    known = asked.projects(ledger)
    provisional = questions.provisional(ledger)
    cut = {session: each for session, each in stretches(commits).items() if session not in provisional}
    text = ledger.text
    sums: dict[tuple[int, int, int, int], list[int]] = {}
    if cut:
        for session, branch, model, at, *each in asked.spent_each(ledger, where.only(cut)):
            key = (session, cut[session].place(at), branch, model)
            found = sums.get(key)
            if found is None:
                sums[key] = each
            else:
                found[:] = map(_plus, found, each)
    made = [
        part
        for (session, place, branch, model), each in sums.items()
        for part in _shared(cut[session].commits(place), session, text(branch), model, each, known)
    ]
    apart = {*cut, *provisional}
    for session, branch, model, *each in asked.spent_by_branch(ledger, where.without(apart) if apart else where):
        made.append(Part(None, session, known.get(session, 0), _plain(text(branch)), model, each))
    if provisional:
        for session, model, *each in questions.usage_by_session(ledger, where.only(provisional)):
            made.append(Part(None, session, known.get(session, 0), "", model, each, provisional=True))
    return made


def _plain(branch: str) -> str:
    return "" if branch == DETACHED else branch


def _shared(
    commits: tuple[Commit, ...], session: int, branch: str, model: int, sums: list[int], known: Mapping[int, int]
) -> Iterable[Part]:
    """The parts of commits whose results went out together: equal, and whole."""
    project, branch = known.get(session, 0), _plain(branch)
    if len(commits) < 2:
        commit = commits[0] if commits else None
        yield Part(commit, session, project, (commit.branch if commit else "") or branch, model, sums)
        return
    split = [apportion(each, [1] * len(commits)) for each in sums]
    for place, commit in enumerate(commits):
        mine = [each[place] for each in split]
        if any(mine):
            yield Part(commit, session, project, commit.branch or branch, model, mine)


# -- rows


def row_of(head: Row) -> Row:
    """A row without anything yet."""
    return {**head, "requests": 0, "inputTokens": 0, "outputTokens": 0, "cacheCreationTokens": 0,
            "cacheReadTokens": 0, "totalTokens": 0, "webSearches": 0, "unpricedTokens": 0, "costNanos": 0}  # fmt: skip


def add(row: Row, part: Part) -> None:
    """Put a part into a row."""
    sums = part.sums
    written = sums[WRITE5] + sums[WRITE1]
    row["requests"] += sums[REQUESTS]
    row["inputTokens"] += sums[UNCACHED]
    row["outputTokens"] += sums[OUTPUT]
    row["cacheCreationTokens"] += written
    row["cacheReadTokens"] += sums[READ]
    row["totalTokens"] += sums[UNCACHED] + sums[OUTPUT] + written + sums[READ]
    row["webSearches"] += sums[SEARCHES]
    row["unpricedTokens"] += sums[UNPRICED]
    row["costNanos"] += sums[NANOS]
    if part.provisional:
        row["provisionalNanos"] = (row.get("provisionalNanos") or 0) + sums[NANOS]


def finished(
    key: str, title: str, columns: Sequence[Column], rows: list[Row], query: Query, unpriced: Iterable[str]
) -> Table:
    """A table of such rows, dearest first, remainders last. unpriced: names of models without a price."""
    rows.sort(key=lambda row: (row.get("remainder", False), -row["costNanos"], str(row[columns[0].key])))
    if query.options.get("order") == "asc":
        rows.reverse()
    for row in rows:
        row["totalCost"] = dollars(row["costNanos"])
        row.update(provisional_part(row.get("provisionalNanos")))
    whole = sum(row["costNanos"] for row in rows)
    provisional = any(row["provisional"] for row in rows)
    totals = {
        "requests": sum(row["requests"] for row in rows), "totalTokens": sum(row["totalTokens"] for row in rows),
        "totalCost": dollars(whole), "costNanos": whole, "provisional": provisional,
        "provisionalNanos": sum(row["provisionalNanos"] for row in rows), "unpricedModels": sorted(set(unpriced)),
    }  # fmt: skip
    notes = ["unpriced"] * bool(totals["unpricedModels"]) + ["provisional"] * provisional
    return Table(key, title, [*columns, *_SPENT], rows, totals, notes=notes, empty="No usage was found.")


_SPENT = (
    Column("requests", "Requests", COUNT, wide=True),
    Column("totalTokens", "Tokens", TOKENS),
    Column("costNanos", "Cost", MONEY),
)


def not_logged(ledger: Ledger, where: Filter, head: Row) -> list[Row]:
    """The row of what no transcript shows, if there is any."""
    beyond = sum(row[3] for row in questions.beyond_by_run(ledger, where))
    return [{**row_of(head), "remainder": True, "costNanos": beyond}] if beyond else []


def unpriced(ledger: Ledger, made: Iterable[Part]) -> list[str]:
    """The models without a price among these."""
    return [ledger.text(model) for model in {part.model for part in made if part.sums[UNPRICED]}]


# -- by commit, branch, ticket


def work(
    ledger: Ledger, query: Query, where: Filter, commits: Sequence[Commit], ticket: Callable[[str], str],
    known: Mapping[str, Known],
) -> Table:  # fmt: skip
    """One row a commit, or what `--by` says. known: what git says of a hash.   Raises UsageError."""
    by = query.options.get("by", "commit")
    if by not in BY:
        raise UsageError(f"--by is one of {', '.join(BY)}, not '{by}'.")
    made = parts(ledger, where, commits)
    if by == "commit":
        rows = commit_rows(ledger, made, known)
        rows += not_logged(ledger, where, _head(NOT_LOGGED))
        table = finished("commits", "The bill by commit", commit_columns(known), rows, query, unpriced(ledger, made))
        table.below = _not_committed(made)
    else:
        table = _by_name(ledger, query, where, made, by, ticket)
    table.head["by"] = by
    if made:
        table.notes.append(_RULE)
    return table


def commit_columns(known: Mapping[str, Known]) -> list[Column]:
    """The columns of a list of commits; subjects where git was asked."""
    said = [Column("subject", "Subject", TEXT)] if known else [Column("branch", "Branch", TEXT)]
    return [Column("commit", "Commit", TEXT), *said, Column("at", "At", TIME, wide=True)]


def _head(name: str) -> Row:
    return {"commit": name, "branch": "", "at": None, "sessionId": None, "subject": None, "authoredAt": None,
            "reachable": None, "fullCommit": None, "nowCommit": None}  # fmt: skip


def commit_rows(ledger: Ledger, made: Iterable[Part], known: Mapping[str, Known]) -> list[Row]:
    """One row a commit, and one for what is not committed."""
    rows: dict[str, Row] = {}
    for part in made:
        commit = part.commit
        name = commit.hash if commit else NOT_COMMITTED
        row = rows.get(name)
        if row is None:
            head = _head(name)
            if commit is None:
                head["remainder"] = True
            else:
                head.update(branch=commit.branch, at=iso(commit.at) if commit.at else None,
                            sessionId=ledger.text(commit.session))  # fmt: skip
                if name in known:
                    head.update(_said(known[name]))
            row = rows[name] = row_of(head)
        add(row, part)
    return list(rows.values())


def _said(known: Known) -> Row:
    return {"subject": known.subject, "authoredAt": iso(known.authored * 1000) if known.authored else None,
            "reachable": known.reachable, "fullCommit": known.full, "nowCommit": known.now}  # fmt: skip


def _not_committed(made: Iterable[Part]) -> list[Table]:
    """What belongs to no commit, by the branch that was checked out; none where there is nothing."""
    rows: dict[str, Row] = {}
    for part in made:
        if part.commit is None:
            name = part.branch
            row = rows.get(name) or rows.setdefault(name, row_of({"branch": name or NO_BRANCH}))
            add(row, part)
    if not rows:
        return []
    found = sorted(rows.values(), key=lambda row: (-row["costNanos"], row["branch"]))
    for row in found:
        row["totalCost"] = dollars(row["costNanos"])
        row.update(provisional_part(row.get("provisionalNanos")))
    columns = [Column("branch", "Branch", TEXT), *_SPENT]
    return [Table("notCommitted", "Of this not committed, by branch", columns, found)]


def _by_name(
    ledger: Ledger, query: Query, where: Filter, made: list[Part], by: str, ticket: Callable[[str], str]
) -> Table:
    """By branch or ticket: what was committed there, and what was not."""
    rows: dict[str, Row] = {}
    commits: dict[str, set[str]] = {}
    tickets: dict[str, str] = {}
    for part in made:
        name = part.branch
        if by == "ticket":
            if name not in tickets:
                tickets[name] = ticket(name)
            name = tickets[name]
        row = rows.get(name)
        if row is None:
            head = {by: name or (NO_BRANCH if by == "branch" else NO_TICKET), "commits": 0}
            row = rows[name] = row_of({**head, "committedNanos": 0, "uncommittedNanos": 0})
            if not name:
                row["remainder"] = True
        add(row, part)
        row["committedNanos" if part.commit else "uncommittedNanos"] += part.sums[NANOS]
        if part.commit:
            commits.setdefault(name, set()).add(part.commit.hash)
    for name, hashes in commits.items():
        rows[name]["commits"] = len(hashes)
    found = list(rows.values())
    rest = {by: NOT_LOGGED, "commits": 0, "committedNanos": 0, "uncommittedNanos": 0}
    found += [{**row, "uncommittedNanos": row["costNanos"]} for row in not_logged(ledger, where, rest)]
    columns = [
        Column(by, by.capitalize(), TEXT),
        Column("commits", "Commits", COUNT),
        Column("uncommittedNanos", "Not committed", MONEY, wide=True),
    ]
    plural = {"branch": "branches", "ticket": "tickets"}[by]
    return finished(plural, f"The bill by {by}, commits included", columns, found, query, unpriced(ledger, made))

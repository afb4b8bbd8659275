"""What work cost: commits by their hashes in results, branches, tickets and pull requests, each nanodollar once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.reports.query import Query
from lineitem.surfaces.incognito import obscured
from lineitem.tallying import Memory
from tests.telling.stores import Books
from tests.telling.transcripts import HAIKU, OPUS, Pen, Tale, counts

NOW = 1_800_000_000_000
TEXT = [{"type": "text", "text": "ok"}]
#: Nanodollars of a thousand tokens of output of the usual model.
THOUSAND = 20_000_000
DONE = "[{branch} {hash}] Round once\n 1 file changed, 2 insertions(+)"


def query(**options: str) -> Query:
    made = Query(Zone("UTC"), NOW)
    made.options = dict(options)
    made.project, made.model, made.session = (options.get(key, "") for key in ("project", "model", "session"))
    return made


def answer(pen: Pen, output: int = 1_000, model: str = OPUS) -> None:
    pen.answer(TEXT, counts(0, 0, 0, 0, output), model=model)


def commit(pen: Pen, name: str, output: int = 1_000, said: str = DONE, *, send: bool = True) -> None:
    """A request that commits, the result, and (`send`) the request that sends it."""
    call = pen.tale.name("toolu_01")
    use = {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": "git commit -am 'Round once'"}}
    pen.answer([use], counts(0, 0, 0, 0, output))
    pen.result(call, said.format(branch=pen.branch, hash=name))
    if send:
        answer(pen)


def link(pen: Pen, number: int, repository: str = "github.com/ada/shop") -> None:
    url = f"https://{repository}/pull/{number}"
    pen.add({"type": "pr-link", "sessionId": pen.session, "prNumber": number, "prUrl": url})


@pytest.fixture
def tale() -> Tale:
    return Tale()


def kept(tale: Tale, folder: Path) -> Books:
    tale.write(folder)
    store = Books(folder)
    store.read()
    return store


def costs(store: Books, by: str = "commit", **options: str) -> dict[str, int]:
    """Row -> thousands of tokens of output it was billed for; the whole must be the bill."""
    table = store.ask().commits(query(by=by, **options))
    bill = store.ask().report("daily", query(**options)).totals
    assert table.totals is not None
    assert bill is not None
    assert table.totals["costNanos"] == bill["costNanos"] == sum(row["costNanos"] for row in table.rows)
    return {str(row[by]): row["costNanos"] // THOUSAND for row in table.rows}


def test_a_commit_owes_what_led_to_it(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    answer(pen, 3_000)
    commit(pen, "aaaaaa1")
    answer(pen, 5_000)
    commit(pen, "aaaaaa2")
    answer(pen, 7_000)
    with kept(tale, tmp_path) as store:
        assert costs(store) == {"aaaaaa1": 5, "aaaaaa2": 7, "(not committed)": 7}
        rest = store.ask().commits(query()).json()["notCommitted"]
        assert [(row["branch"], row["costNanos"]) for row in rest] == [("main", 7 * THOUSAND)]


def test_agents_count_by_the_moment_they_spent(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    answer(pen)
    agent = tale.agent(pen, "a1")
    agent.prompt("look")
    answer(agent, 4_000)
    commit(pen, "aaaaaa1")
    answer(agent, 2_000)
    with kept(tale, tmp_path) as store:
        assert costs(store) == {"aaaaaa1": 7, "(not committed)": 2}


def test_an_agent_commits_for_its_session(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    answer(pen)
    agent = tale.agent(pen, "a1")
    agent.prompt("fix it")
    commit(agent, "aaaaaa1")
    answer(pen)
    with kept(tale, tmp_path) as store:
        assert costs(store) == {"aaaaaa1": 3, "(not committed)": 1}


def test_a_fork_does_not_owe_the_commits_it_copied(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    commit(pen, "aaaaaa1", send=False)
    copied = len(pen.lines)
    answer(pen)
    tale.at += 60_000
    child = tale.fork(pen, "fork", lines=copied, origin=True)
    answer(child, 6_000)
    commit(child, "bbbbbb1")
    with kept(tale, tmp_path) as store:
        assert costs(store) == {"aaaaaa1": 2, "bbbbbb1": 8}
        rows = {row["commit"]: row["sessionId"] for row in store.ask().commits(query()).rows}
        assert rows["aaaaaa1"] == pen.session
        assert rows["bbbbbb1"] == child.session


def test_a_hash_shown_again_is_owed_once(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    commit(pen, "aaaaaa1")
    other = tale.session("two")
    other.prompt("what was that")
    commit(other, "aaaaaa1", 9_000)
    with kept(tale, tmp_path) as store:
        assert costs(store) == {"aaaaaa1": 2, "(not committed)": 10}


def test_a_result_that_nobody_sent_still_is_a_commit(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    commit(pen, "aaaaaa1", 2_000, send=False)
    with kept(tale, tmp_path) as store:
        assert costs(store) == {"aaaaaa1": 2}


def test_commits_of_one_result_share_to_the_nanodollar(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    both = DONE + "\n" + DONE.replace("{hash}", "aaaaaa2")
    commit(pen, "aaaaaa1", 2_001, both)
    with kept(tale, tmp_path) as store:
        rows = store.ask().commits(query()).rows
        assert [row["commit"] for row in rows] == ["aaaaaa1", "aaaaaa2"]
        assert sum(row["costNanos"] for row in rows) == 3_001 * THOUSAND // 1_000
        assert abs(rows[0]["costNanos"] - rows[1]["costNanos"]) <= 1
        assert sum(row["requests"] for row in rows) == 2


@pytest.mark.parametrize("said", [
    "Switched to a new branch 'fix'\n" + DONE,
    'ruff....Passed\n[{branch} {hash}] Say \\ "it"\n Date: Mon Nov 2 10:00:00 2026\n 1 file changed',
    "[{branch} (root-commit) {hash}] Begin",
    "[detached HEAD {hash}] Round once\n 1 file changed",
])  # fmt: skip
def test_what_git_prints_is_understood(tale: Tale, tmp_path: Path, said: str) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    commit(pen, "abc1234", said=said)
    with kept(tale, tmp_path) as store:
        assert costs(store) == {"abc1234": 2}


@pytest.mark.parametrize("said", ["log:\n[INFO 1234567] 1 file changed", "no [main abc1234] here", "[abc1234] odd"])
def test_what_only_looks_like_it_is_no_commit(tale: Tale, tmp_path: Path, said: str) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    commit(pen, "abc1234", said=said)
    with kept(tale, tmp_path) as store:
        assert costs(store) == {"(not committed)": 2}


def test_branches_hold_their_commits_and_the_rest(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    answer(pen, 3_000)  # on main, before the branch was made
    pen.branch = "feat/ABC-12-refunds"
    commit(pen, "aaaaaa1")
    answer(pen, 4_000)
    pen.branch = "#7"
    answer(pen, 6_000)
    with kept(tale, tmp_path) as store:
        assert costs(store, "branch") == {"feat/ABC-12-refunds": 9, "#7": 6}
        assert costs(store, "ticket") == {"ABC-12": 9, "#7": 6}
        row = store.ask().commits(query(by="branch")).rows[0]
        assert (row["commits"], row["committedNanos"], row["uncommittedNanos"]) == (1, 5 * THOUSAND, 4 * THOUSAND)
        ask = store.ask()
        ask.settings = {"work": {"ticket": "feat/([A-Z]+)-"}}
        assert [row["ticket"] for row in ask.commits(query(by="ticket")).rows] == ["ABC", "(no ticket)"]


def test_a_filter_cuts_the_spend_and_not_the_commits(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    answer(pen, 10_000, HAIKU)
    commit(pen, "aaaaaa1")
    tale.at += 86_400_000
    commit(pen, "aaaaaa2")
    with kept(tale, tmp_path) as store:
        assert costs(store, model="opus") == {"aaaaaa1": 2, "aaaaaa2": 2}
        assert set(costs(store, model="haiku")) == {"aaaaaa1"}
        assert set(costs(store, project="nowhere")) == set()
        late = query()
        late.since = tale.at - 3_600_000
        assert [row["commit"] for row in store.ask().commits(late).rows] == ["aaaaaa2"]


def test_what_is_not_logged_is_a_row_of_its_own(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    commit(pen, "aaaaaa1")
    pen.add({"type": "cost-state", "sessionId": pen.session, "totalCostUSD": 1.0, "startTime": 1, "modelUsage": {},
             "hasUnknownModelCost": False})  # fmt: skip
    with kept(tale, tmp_path) as store:
        for by in ("commit", "branch", "ticket"):
            assert costs(store, by)["(not logged)"] == 48


def test_by_is_checked(tale: Tale, tmp_path: Path) -> None:
    with kept(tale, tmp_path) as store, pytest.raises(UsageError, match="commit, branch, ticket"):
        store.ask().commits(query(by="author"))


# -- pull requests


def worked(tale: Tale) -> Pen:
    pen = tale.session("one")
    pen.prompt("go")
    pen.branch = "feat/refunds"
    answer(pen, 3_000)
    commit(pen, "aaaaaa1")
    link(pen, 12)
    pen.branch = "main"
    answer(pen, 5_000)
    link(pen, 12)  # it is told again in every turn
    return pen


def test_a_pull_request_is_the_work_on_its_branch(tale: Tale, tmp_path: Path) -> None:
    worked(tale)
    other = tale.session("two")
    other.branch = "feat/refunds"
    other.prompt("review")
    answer(other, 2_000)
    elsewhere = tale.session("three", "-home-dev-till")
    elsewhere.branch = "feat/refunds"
    elsewhere.prompt("another repository")
    answer(elsewhere, 4_000)
    with kept(tale, tmp_path) as store:
        table = store.ask().pull_requests(query())
        assert table.totals is not None
        assert table.totals["costNanos"] == 16 * THOUSAND
        first, rest = table.rows
        assert (first["pullRequest"], first["branch"], first["commits"]) == ("#12", "feat/refunds", 1)
        assert first["repository"] == "github.com/ada/shop"
        assert first["costNanos"] == 7 * THOUSAND
        assert (rest["pullRequest"], rest["costNanos"]) == ("(no pull request)", 9 * THOUSAND)


def test_one_pull_request_in_full(tale: Tale, tmp_path: Path) -> None:
    worked(tale)
    with kept(tale, tmp_path) as store:
        for name in ("12", "#12", "feat/refunds"):
            document = store.ask().pull_requests(query(), name).json()
            assert document["totals"]["costNanos"] == 5 * THOUSAND
            assert [row["commit"] for row in document["commits"]] == ["aaaaaa1"]
            assert [row["costNanos"] for row in document["models"]] == [5 * THOUSAND]
            assert [(row["tool"], row["target"]) for row in document["calls"]] == [
                ("Bash", "git commit -am 'Round once'")
            ]
        assert store.ask().pull_requests(query(), "main").json()["totals"]["costNanos"] == 5 * THOUSAND
        for unknown in ("13", "feat/none", "#0"):
            with pytest.raises(UsageError, match="Nothing was spent"):
                store.ask().pull_requests(query(), unknown)


def test_pull_requests_of_one_number_are_told_apart(tale: Tale, tmp_path: Path) -> None:
    worked(tale)
    pen = tale.session("two", "-home-dev-till")
    pen.branch = "fix"
    pen.prompt("go")
    answer(pen)
    link(pen, 12, "gitlab.com/ada/till")
    with kept(tale, tmp_path) as store:
        with pytest.raises(UsageError, match="choose with --project"):
            store.ask().pull_requests(query(), "12")
        assert store.ask().pull_requests(query(project="till"), "12").json()["repository"] == "gitlab.com/ada/till"


def test_a_pull_request_noted_on_main_has_no_branch(tale: Tale, tmp_path: Path) -> None:
    pen = tale.session("one")
    pen.prompt("go")
    answer(pen)
    link(pen, 3)
    with kept(tale, tmp_path) as store:
        assert [row["pullRequest"] for row in store.ask().pull_requests(query()).rows] == ["(no pull request)"]
        with pytest.raises(UsageError, match="name the branch"):
            store.ask().pull_requests(query(), "3")


def test_pull_requests_of_one_branch_share_a_row(tale: Tale, tmp_path: Path) -> None:
    link(worked(tale), 12)
    pen = tale.session("two")
    pen.branch = "feat/refunds"
    pen.prompt("go")
    answer(pen)
    link(pen, 15)
    with kept(tale, tmp_path) as store:
        assert store.ask().pull_requests(query()).rows[0]["pullRequest"] == "#12, #15"
        assert store.ask().pull_requests(query(), "15").json()["pullRequest"] == "#12, #15"


def test_who_asks_again_hears_of_what_was_committed_since(tale: Tale, tmp_path: Path) -> None:
    pen, other = tale.session("one"), tale.session("two")
    for each in (pen, other):
        each.prompt("go")
        answer(each)
    commit(pen, "aaaaaa1")
    with kept(tale, tmp_path) as store:
        follower = store.ask()
        follower.remember(Memory())
        for step in range(4):
            if step == 1:
                commit(pen, "bbbbbb2")
            elif step == 2:
                commit(other, "cccccc3")
            elif step == 3:
                link(other, 9)
                answer(other)
            tale.write(tmp_path)
            store.read()
            for name in ("commits", "pull_requests"):
                said, anew = (getattr(ask, name)(query()).json() for ask in (follower, store.ask()))
                assert said == anew
        made = {row["commit"] for row in follower.commits(query()).rows if row["sessionId"]}
        assert made == {"aaaaaa1", "bbbbbb2", "cccccc3"}


def test_names_are_hidden_for_screenshots(tale: Tale, tmp_path: Path) -> None:
    worked(tale)
    with kept(tale, tmp_path) as store:
        hidden = obscured([store.ask().pull_requests(query()).json(), store.ask().pull_requests(query(), "12").json(),
                           *(store.ask().commits(query(by=by)).json() for by in ("commit", "branch"))])  # fmt: skip
        for name in ("refunds", "ada", "#12", "aaaaaa1"):  # hexadecimal pseudonyms may hold an "ada"
            assert not re.search(rf"(?<!\w){name}(?!\w)", str(hidden))

"""The cost of work: whatever was committed where, by whom and however often it was copied, each nanodollar once."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.periods import Zone
from lineitem.insights.work import Commit, Stretches, once
from lineitem.reports.query import Query
from tests.laws.examples import examples
from tests.telling.stores import Books
from tests.telling.transcripts import HAIKU, OPUS, Pen, Tale, counts

NOW = 1_800_000_000_000
BRANCHES = ("main", "", "HEAD", "feat/ABC-1", "fix/#2", "feat/ABC-1-again")
MODELS = (OPUS, HAIKU, "claude-nobody-knows-1")
STEP = st.tuples(
    st.sampled_from(("answer", "commit", "unsent", "again", "branch", "agent", "session", "fork", "link", "wait",
                     "total")),
    st.integers(0, 5),
)  # fmt: skip
MOMENTS = st.integers(0, 40)
COMMITS = st.lists(
    st.builds(
        Commit, st.sampled_from("abcdef"), st.sampled_from(("main", "fix")), st.integers(1, 3), MOMENTS, MOMENTS,
        st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


class History:
    """Sessions as steps tell them."""

    def __init__(self) -> None:
        self.tale = Tale()
        self.hashes = 0
        self.pen = self.session()
        self.main = self.pen

    def session(self, number: int = 0) -> Pen:
        self.main = self.pen = self.tale.session(f"s{self.tale.at}", ("-home-dev-shop", "-home-dev-till")[number % 2])
        self.pen.prompt("go")
        return self.pen

    def take(self, what: str, number: int) -> None:
        if what == "answer":
            usage = counts(number, 10 * number, 0, 500, 1_001)
            self.pen.answer([{"type": "text", "text": "ok"}], usage, model=MODELS[number % 3])
        elif what in ("commit", "unsent", "again"):
            self.commit(send=what != "unsent", new=what != "again")
        elif what == "branch":
            self.pen.branch = BRANCHES[number]
        elif what == "agent":
            self.pen = self.tale.agent(self.main, f"a{self.tale.at}") if self.pen is self.main else self.main
        elif what == "session":
            self.session(number)
        elif what == "fork":
            lines = max(2, len(self.main.lines) - number)
            self.main = self.pen = self.tale.fork(self.main, f"f{self.tale.at}", lines=lines, origin=bool(number % 2))
        elif what == "link":
            url = f"https://github.com/ada/shop/pull/{number + 1}"
            self.main.add({"type": "pr-link", "sessionId": self.main.session, "prNumber": number + 1, "prUrl": url})
        elif what == "wait":
            self.tale.at += number * 3_600_000
        else:
            self.main.add({"type": "cost-state", "sessionId": self.main.session, "totalCostUSD": number / 3,
                           "startTime": 1, "modelUsage": {}, "hasUnknownModelCost": False})  # fmt: skip

    def commit(self, *, send: bool, new: bool) -> None:
        self.hashes += new
        call = self.tale.name("toolu_01")
        use = {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": "git commit"}}
        self.pen.answer([use], counts(1, 5, 0, 20, 107))
        self.pen.result(call, f"[{self.pen.branch or 'main'} {self.hashes:07x}] Go on\n 1 file changed")
        if send:
            self.pen.answer([{"type": "text", "text": "ok"}], counts(1, 5, 0, 20, 33))


@given(st.lists(STEP, max_size=40), st.lists(st.integers(0, 100), max_size=2), st.sampled_from(("", "opus", "haiku")))
@examples(60)
def test_work_and_remainder_are_the_bill(steps: list[tuple[str, int]], cuts: list[int], model: str) -> None:
    history = History()
    for what, number in steps:
        history.take(what, number)
        history.tale.at += 1_000
    with tempfile.TemporaryDirectory() as folder:
        history.tale.write(Path(folder))
        with Books(folder) as store:
            store.read()
            ask = store.ask()
            span = store.rows("select min(at), max(at) from request")[0]
            start, whole = (span[0], span[1] - span[0]) if span[0] else (0, 0)
            edges = [0, *sorted({(start + whole * cut // 100) // 900_000 * 900_000 for cut in cuts} - {0}), 1 << 62]
            for since, until in itertools.pairwise(edges):
                query = Query(Zone("UTC"), NOW)
                query.since, query.until, query.model = since, until, model
                bill = ask.report("models", query)
                assert bill.totals is not None
                tables = [ask.pull_requests(query)]
                for by in ("commit", "branch", "ticket"):
                    query.options = {"by": by}
                    tables.append(ask.commits(query))
                for table in tables:
                    assert table.totals is not None
                    assert table.totals["costNanos"] == bill.totals["costNanos"]
                    for key in ("costNanos", "requests", "totalTokens", "unpricedTokens"):
                        assert sum(row[key] for row in table.rows) == sum(row[key] for row in bill.rows), key
                    assert min((row["costNanos"] for row in table.rows if row["requests"]), default=0) >= 0
                named = Counter(row["commit"] for row in tables[1].rows)
                assert not named or max(named.values()) == 1


@given(COMMITS, st.lists(MOMENTS, max_size=20))
def test_a_moment_belongs_to_the_next_commit(told: list[Commit], moments: list[int]) -> None:
    commits = once(told)
    assert len({commit.hash for commit in commits}) == len(commits)
    assert {commit.hash for commit in commits} == {commit.hash for commit in told}
    assert once(reversed(told)) == once(told)
    mine = [commit for commit in commits if commit.session == 1]
    cut = Stretches(mine)
    for at in moments:
        later = [commit.until for commit in mine if commit.until >= at]
        assert {each.until for each in cut.of(at)} == ({min(later)} if later else set())
        assert len(cut.of(at)) == (later.count(min(later)) if later else 0)

"""Counted family by family, remembered, or by workers: the answer is the same."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem import tallying
from lineitem.core.live import ApiCall, Snapshot
from lineitem.core.periods import QUARTER_MS, Zone
from lineitem.ledger import live
from lineitem.ledger.questions import shared
from lineitem.pipeline.live import derive_live
from lineitem.reports.query import Query
from lineitem.surfaces import answering
from lineitem.tallying import Memory, families
from lineitem.wiring import Lineitem
from tests.laws.examples import examples
from tests.laws.histories import Deck, history
from tests.laws.test_confluence import put
from tests.laws.test_conservation import told
from tests.telling.stores import Books
from tests.telling.transcripts import START

histories = st.binary(min_size=60, max_size=200)
schedules = st.binary(min_size=4, max_size=16)
NOW = 1_800_000_000_000
ASKED = ("bill", "tools", "mcp", "agents", "prompts", "efficiency", "whatif", "commits", "explore")


def answers(ask: Lineitem, ranges: list[tuple[int, int]]) -> list[str]:
    """What reports say of some ranges."""
    found = []
    for since, until in ranges:
        for name in ASKED:
            query = Query(Zone("UTC"), NOW)
            query.since, query.until = since, until
            if name == "bill":
                document = ask.bill(query).json()
            elif name == "efficiency":
                document = ask.efficiency(query).json()
            elif name == "explore":
                query.options = {"by": "tool", "split": "part"}
                document = ask.explore(query).json()
            elif name == "commits":
                document = ask.commits(query).json()
            elif name == "whatif":
                document = ask.whatif("", query).json()
            else:
                document = ask.report(name, query).json()
            found.append(json.dumps(document))
    return found


@given(histories, schedules, st.integers(0, 100))
@examples(40)
def test_what_is_remembered_is_what_is_counted_anew(choices: bytes, schedule: bytes, cut: int) -> None:
    written, deck = history(choices).told(), Deck(schedule)
    middle = (START + 2 * 86_400_000 * cut // 100) // QUARTER_MS * QUARTER_MS
    ranges = [(0, 1 << 62), (0, middle), (middle, 1 << 62)]
    with tempfile.TemporaryDirectory() as place, Books(place) as store:
        follower = store.ask()
        follower.remember(Memory())
        step = 0
        while True:
            step += 1
            for path, content in written.items():
                whole = deck.spent or not content.startswith(b"{") or ".meta." in path
                put(Path(place), path, content if whole else content[: len(content) * (1 + deck.below(8)) // 8])
            store.read()
            if deck.spent or step % 2:  # else line items are stale
                store.fold()
            anew = store.ask()
            follower._onlooker = anew._onlooker = True  # neither makes them
            assert answers(follower, ranges) == answers(anew, ranges)
            if deck.spent:
                break


@given(histories, st.lists(told(), min_size=1, max_size=3), st.integers(0, 100))
@examples(25)
def test_also_of_sessions_that_live_sources_tell_of(
    choices: bytes, sightings: list[list[ApiCall | Snapshot]], cut: int
) -> None:
    """They come, grow, and are no longer provisional once there is a transcript."""
    middle = (START + 2 * 86_400_000 * cut // 100) // QUARTER_MS * QUARTER_MS
    ranges = [(0, 1 << 62), (0, middle)]
    with tempfile.TemporaryDirectory() as place, Books(place) as store:
        follower = store.ask()
        follower.remember(Memory())
        for step in range(len(sightings) + 1):
            if step < len(sightings):
                store.ledger.begin()
                live.keep_api_calls(store.ledger, [each for each in sightings[step] if isinstance(each, ApiCall)])
                live.keep_snapshots(store.ledger, [each for each in sightings[step] if isinstance(each, Snapshot)])
                derive_live(store.ledger, store.book, store.ledger.live_sessions())
                store.ledger.commit()
            else:
                history(choices).write(Path(place))
                store.read()
            store.fold()
            assert answers(follower, ranges) == answers(store.ask(), ranges)


@given(histories, st.integers(0, 100))
@examples(15)
def test_workers_count_as_one_does(choices: bytes, cut: int) -> None:
    middle = (START + 2 * 86_400_000 * cut // 100) // QUARTER_MS * QUARTER_MS
    ranges = [(0, 1 << 62), (middle, 1 << 62)]
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        history(choices).write(Path(place))
        with Books(place, db=Path(place) / "store") as store:
            store.read()
            store.fold()
            alone = answers(store.ask(), ranges)
            patch.setattr(tallying, "_WORTH_A_CREW", 1)
            patch.setattr(tallying, "_BATCH", 1)
            patch.setattr(tallying, "crew_size", lambda tasks: min(tasks, 2))
            assert answers(store.ask(), ranges) == alone


@given(histories)
@examples(25)
def test_a_family_is_what_shares_requests(choices: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        history(choices).write(Path(place))
        with Books(place) as store:
            store.read()
            numbers = [row[0] for row in store.rows("select session from session")]
            found = families(store.ledger, numbers[::2], numbers[1::2])
            assert sorted(number for family in found for number in family.sessions) == sorted(numbers)
            of = {number: family for family in found for number in family.sessions}
            for one, other in shared(store.ledger):
                if one in of and other in of:
                    assert of[one] is of[other]


@given(histories, st.integers(1, 4))
@examples(25)
def test_a_tree_of_the_dearest_says_what_it_leaves_out(choices: bytes, most: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        history(choices).write(Path(place))
        with Books(place) as store:
            store.read()
            store.fold()
            whole = answering.document(store.ask(), "bill", {}, NOW)["tree"]
            short = answering.document(store.ask(), "bill", {"rows": str(most)}, NOW)["tree"]
            same(whole, short, most)


def same(whole: dict[str, object], short: dict[str, object], most: int) -> None:
    """A node, and the same node with fewer below it."""
    for key in ("cause", "ownNanos", "totalNanos", "tokens"):
        assert whole[key] == short[key]
    every, shown = whole["children"], short["children"]
    assert isinstance(every, list)
    assert isinstance(shown, list)
    assert [each["cause"] for each in shown] == [each["cause"] for each in every[:most]]
    more = short.get("more")
    if len(every) <= most:
        assert more is None
    else:
        left = every[most:]
        assert more == {"causes": len(left), "totalNanos": sum(each["totalNanos"] for each in left)}
    for one, other in zip(every, shown, strict=False):
        same(one, other, most)

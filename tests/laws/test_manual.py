"""What is logged by hand is in a total where nothing else counts it, and never twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.manual import CALL, KINDS, LOG, MARGIN, QUICK, Entry, covered, projects_of
from tests.laws.examples import examples

HOUR = 3_600_000
moments = st.integers(0, 8 * HOUR)


def entry(at: int, number: int, how: str = LOG) -> Entry:
    return Entry(f"{number:04d}", "s", "/code/shop", at, how, "", "", "m", 1, 0, 0, 0, 1, 0, "", "", None)


hands = st.lists(moments, max_size=12).map(lambda times: [entry(at, number) for number, at in enumerate(times)])


@examples(300)
@given(hands, st.lists(moments, max_size=30).map(sorted))
def test_more_work_of_claude_code_never_uncovers_an_entry(entries: list[Entry], worked: list[int]) -> None:
    assert covered(entries, 0, worked[::2]) <= covered(entries, 0, worked)


@examples(300)
@given(hands, st.lists(moments, max_size=30).map(sorted))
def test_the_order_of_entries_does_not_matter(entries: list[Entry], worked: list[int]) -> None:
    assert covered(entries, 0, worked) == covered(entries[::-1], 0, worked)


@given(hands)
def test_without_claude_code_nothing_is_covered_and_with_it_throughout_everything_is(entries: list[Entry]) -> None:
    assert covered(entries, 0, []) == set()
    assert covered(entries, 0, list(range(0, 8 * HOUR + 1, MARGIN))) == {each.id for each in entries}


@given(hands, moments)
def test_a_moment_of_work_covers_what_stands_for_it(entries: list[Entry], moment: int) -> None:
    for each in entries:
        if abs(each.at - moment) <= MARGIN:
            assert each.id in covered(entries, 0, [moment])


def test_an_entry_stands_for_the_time_since_the_one_before() -> None:
    entries = [entry(2 * HOUR, 1), entry(5 * HOUR, 2)]
    assert covered(entries, 0, [HOUR]) == {"0001"}
    assert covered(entries, 0, [3 * HOUR]) == {"0002"}
    assert covered(entries, 0, [6 * HOUR]) == set()


def test_what_an_api_answered_is_covered_by_no_clock() -> None:
    assert covered([entry(HOUR, 1, CALL), entry(HOUR, 2, QUICK)], 0, [HOUR]) == {"0002"}


def test_the_middle_of_a_kind_lies_within_its_range() -> None:
    for kind in KINDS.values():
        given_, made = kind.middle
        assert kind.least_in <= given_ <= kind.most_in
        assert kind.least_out <= made <= kind.most_out


def test_projects_are_named_as_claude_code_names_them() -> None:
    assert projects_of("/code/my.shop_2", "") == ["-code-my-shop-2", "-code-my.shop_2"]

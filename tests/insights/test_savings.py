"""What changes would have saved: each rule by itself, and that no nanodollar is saved twice."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.rates import Rates
from lineitem.insights.savings import (
    KEPT_MEMORY,
    KEPT_RESULT,
    LATE_SERVER,
    LOOP,
    MEMORY,
    READING,
    RESULTS,
    SERVER,
    SKILLS,
    Claim,
    Item,
    Sends,
    claims,
)
from tests.laws.examples import examples

RATES = Rates("opus", 5_000_000_000, 6_250_000_000, 10_000_000_000, 500_000_000, 25_000_000_000, 0)
MINUTE = 60_000


def item(cause: str, **more: Any) -> Item:
    """A line item that cost a thousand nanodollars for each of its three parts."""
    row = {"thread": 0, "call": "", "model": 1, "at": 0, "prompt": 1, "carried": 10, "entered": 0, "output": 0,
           "generate": 1_000, "ingest": 1_000, "carry": 1_000, **more}  # fmt: skip
    return Item(cause=cause, kind=cause.partition("/")[0], **row)


def call(number: int, cause: str, **more: Any) -> Item:
    return item(cause, call=f"toolu_{number}", at=number * MINUTE, **more)


def sends(times: list[int] | None = None, start: int = 1_000, **ends: int) -> Sends:
    return Sends(0, {0: times or []}, {int(name[1:]): at for name, at in ends.items()}, start, lambda _: RATES)


def kinds(found: list[Claim]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for each in found:
        sums[each.kind] = sums.get(each.kind, 0) + each.nanos
    return sums


def test_of_a_large_result_the_part_beyond_what_is_kept_is_saved() -> None:
    made = [call(1, "tool/Bash/pytest -q", entered=4 * KEPT_RESULT + 50, output=50, generate=7)]
    (found,) = claims(made, sends())
    assert (found.kind, found.subject) == (RESULTS, "Bash pytest")
    result = 2_000 * 4 * KEPT_RESULT // (4 * KEPT_RESULT + 50)  # the call itself is taken in and carried, too
    assert found.nanos == result * 3 // 4


def test_what_was_worked_on_later_was_needed() -> None:
    read = call(1, "tool/Read/src/a.py", entered=9_000)
    assert kinds(claims([read], sends())) == {RESULTS: 2_000 * 7_000 // 9_000}
    assert claims([read, call(2, "tool/Edit/src/a.py")], sends()) == []
    elsewhere = call(2, "tool/Edit/src/a.py", thread=5)
    assert kinds(claims([read, elsewhere], sends())) == {RESULTS: 2_000 * 7_000 // 9_000}


def test_the_same_call_with_the_same_answer_is_work_twice_and_then_a_loop() -> None:
    made = [call(number, "tool/Bash/curl localhost", entered=400) for number in range(5)]
    assert kinds(claims(made, sends())) == {LOOP: 3 * 3_000}
    assert claims(made[:3], sends()) == []


def test_an_edit_between_is_progress_and_another_answer_is_news() -> None:
    again = [call(number, "tool/Bash/pytest", entered=400) for number in (1, 2, 4, 5)]
    assert claims([*again, call(3, "tool/Edit/a.py")], sends()) == []
    assert claims([call(number, "tool/Bash/date", entered=400 * number) for number in range(1, 6)], sends()) == []


def test_calls_of_another_length_or_far_apart_are_no_loop() -> None:
    parts = [call(number, "tool/Read/big.py", entered=400 + number, output=10 + number) for number in range(5)]
    assert claims(parts, sends()) == []
    cut = [call(number, "tool/Bash/curl a-very-long-address…", entered=400) for number in range(5)]
    assert claims(cut, sends()) == []
    between = [call(number, f"tool/Grep/{number}", entered=90) for number in range(200)]
    daily = [call(50 * number, "tool/Bash/date", entered=400) for number in range(4)]
    assert claims([*between, *daily], sends()) == []


def test_reading_takes_no_more_than_the_carry_that_large_results_left() -> None:
    times = [number * MINUTE for number in range(100)]
    made = [call(number, f"tool/Read/src/{number}.py", entered=20_000, carried=98 - number, carry=10**9, ingest=10**7,
                 generate=10**7) for number in range(10)]  # fmt: skip
    found = kinds(claims(made, sends(times, e1=10 * MINUTE)))
    left = sum(10**9 * 2_000 // 20_000 * 89 // (98 - number) for number in range(10))
    agent = 1_000 * (6_250 + 10 * 500) + 1_000 * (25_000 + 6_250 + 89 * 500)
    assert abs(found[READING] - (left - agent)) < 100
    assert found[RESULTS] == 10 * ((10**9 + 10**7) * 18_000 // 20_000)


def test_schemas_of_a_server_that_is_never_called_are_saved_whole() -> None:
    schemas = item("schemas/mcp__github", generate=0)
    assert kinds(claims([schemas, item("schemas/builtin")], sends())) == {SERVER: 2_000}
    (found,) = claims([schemas, call(1, "tool/mcp__other__x")], sends())
    assert (found.kind, found.subject) == (SERVER, "github")


def test_schemas_of_a_server_called_late_are_saved_until_then() -> None:
    times = [number * MINUTE for number in range(11)]
    made = [item("schemas/mcp__github", generate=0), call(5, "tool/mcp__github__get_issue")]
    assert kinds(claims(made, sends(times))) == {LATE_SERVER: 1_000 * 5 // 10}
    first = [item("schemas/mcp__github", generate=0), call(0, "tool/mcp__github__get_issue")]
    assert claims(first, sends(times)) == []


def test_the_list_of_skills_is_of_use_where_one_was_used() -> None:
    listing = item("skill/listing", generate=0)
    assert kinds(claims([listing], sends())) == {SKILLS: 2_000}
    assert claims([listing, item("skill/charts")], sends()) == []
    assert claims([listing, call(1, "tool/Skill/charts")], sends()) == []


def test_of_a_long_memory_file_the_part_beyond_what_is_kept_is_saved() -> None:
    made = [item("memory/CLAUDE.md", entered=3 * KEPT_MEMORY, generate=0), item("memory/b.md", entered=KEPT_MEMORY)]
    (found,) = claims(made, sends())
    assert (found.kind, found.subject, found.nanos) == (MEMORY, "CLAUDE.md", 2_000 * 2 // 3)


def test_a_memory_file_is_no_longer_for_entering_after_each_compaction() -> None:
    twice = item("memory/CLAUDE.md", entered=2 * KEPT_MEMORY, generate=0)
    assert claims([twice], sends()._replace(windows={0: 2})) == []
    (found,) = claims([twice._replace(entered=4 * KEPT_MEMORY)], sends()._replace(windows={0: 2}))
    assert found.nanos == 2_000 // 2


def test_an_agent_saves_the_carry_beyond_the_prompt_less_what_it_costs() -> None:
    """Ten results, read in ten minutes, carried by the ninety requests after that."""
    times = [number * MINUTE for number in range(100)]
    made = [call(number, f"tool/Read/src/{number}.py", entered=1_900, carried=98 - number, carry=10**8, ingest=0)
            for number in range(10)]  # fmt: skip
    found = claims(made, sends(times, e1=10 * MINUTE))
    beyond = sum(10**8 * 89 // (98 - number) for number in range(10))
    agent = 1_000 * (6_250 + 10 * 500)
    report = 1_000 * (25_000 + 6_250 + 89 * 500)
    assert kinds(found) == {READING: beyond - agent - report}


def test_an_agent_that_costs_more_than_it_saves_is_no_advice() -> None:
    times = [number * MINUTE for number in range(12)]
    made = [call(number, f"tool/Read/src/{number}.py", entered=1_900, carried=11 - number) for number in range(10)]
    assert claims(made, sends(times, e1=10 * MINUTE)) == []


CAUSES = (
    "tool/Bash/pytest", "tool/Read/a.py", "tool/Read/b.py", "tool/Edit/a.py", "tool/mcp__github__search", "tool/Grep/x",
    "tool/Agent/Explore", "schemas/mcp__github", "schemas/mcp__jira/x", "schemas/builtin", "memory/CLAUDE.md",
    "skill/listing", "prompt", "reply", "tool", "tool/Skill/a", "compaction",
)  # fmt: skip
money = st.integers(0, 10**9)
tokens = st.sampled_from((0, 40, 1_999, 2_001, 9_000, 60_000))
ITEMS = st.lists(
    st.builds(
        lambda cause, number, thread, **more: item(cause, call=f"t{number}" if cause.startswith("tool") else "",
                                                   at=number * MINUTE, thread=thread, **more),
        st.sampled_from(CAUSES), st.integers(0, 30), st.integers(0, 1), prompt=st.integers(0, 3),
        carried=st.integers(0, 40), entered=tokens, output=tokens, generate=money, ingest=money, carry=money,
    ),
    max_size=40,
)  # fmt: skip


@given(ITEMS, st.lists(st.integers(0, 30 * MINUTE), max_size=30), st.integers(0, 30_000))
@examples(300)
def test_nothing_is_saved_twice(items: list[Item], times: list[int], start: int) -> None:
    times.sort()
    found = claims(items, sends(times, start, e1=5 * MINUTE, e2=15 * MINUTE))
    saved = [0] * len(items)
    for each in found:
        assert each.nanos > 0
        saved[each.item] += each.nanos
    assert all(part <= whole.nanos for part, whole in zip(saved, items, strict=True))

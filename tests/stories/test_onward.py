"""Sessions that could go on, be compacted or be left: what is said of them."""

from __future__ import annotations

from typing import Any

from lineitem.core.periods import Zone
from lineitem.reports.query import Query
from tests.telling.language import Story, story

READ, WRITE, OUT = 200, 5_000, 20_000
_LATER = 10**15


def ways(told: Story, *, later: int = _LATER) -> dict[str, Any]:
    """The ways of the session "main", that much later than its last request (milliseconds)."""
    ask = told.store.ask()
    number = ask.session_number(told.sessions["main"].session)
    last = max(row[4] for row in ask.ledger.db.rows("select session, 0, 0, 0, last_at from session"))
    stand = ask.stands(number, Query(Zone("UTC"), last + later))
    assert stand is not None
    return {"stand": stand, **{way.way: way for way in stand.ways(2, 500, 0)}}


@story
def test_what_is_to_come_is_told_from_the_last_prompts(told: Story) -> None:
    """
    prompt 200 chars
    call write=30000 out=100
    prompt 200 chars
    call read=30000 write=1000 out=100
    prompt 200 chars
    call read=31000 write=1000 out=100
    prompt 200 chars
    call read=32000 write=1000 out=100
    """
    found = ways(told, later=1_000)
    assert found["stand"].warm is True
    assert found["stand"].context == 33_000
    assert found["continue"].nanos == (33_000 + 34_000) * READ + 2 * (1_000 * WRITE + 100 * OUT)
    assert found["fresh"].nanos == 30_500 * WRITE + 31_500 * READ + 2 * (1_000 * WRITE + 100 * OUT)


@story
def test_after_the_caches_lifetime_the_window_is_written_again(told: Story) -> None:
    """
    prompt 200 chars
    call write=30000 out=100
    prompt 200 chars
    call read=30000 write=1000 out=100
    """
    warm, cold = ways(told, later=1_000), ways(told)
    assert cold["stand"].warm is False
    assert cold["continue"].first - warm["continue"].first == 31_000 * (WRITE - READ)
    assert cold["fresh"] == warm["fresh"]


@story
def test_an_hour_of_cache_is_warm_for_an_hour(told: Story) -> None:
    """
    prompt 200 chars
    call hour=30000 out=100
    prompt 200 chars
    call read=30000 hour=1000 out=100
    """
    assert ways(told, later=50 * 60_000)["stand"].warm is True
    assert ways(told, later=61 * 60_000)["stand"].warm is False


@story
def test_what_agents_cost_comes_along_either_way(told: Story) -> None:
    """
    prompt 200 chars
    call write=30000 out=100 uses Agent(Explore)
    agent scout Explore by Agent(Explore)
    prompt 300 chars
    call write=2000 out=100
    main
    result Agent(Explore) 300 chars
    call read=30000 write=400 out=100
    """
    found = ways(told, later=1_000)
    assert found["stand"].going.others == 2_000 * WRITE + 100 * OUT
    assert found["stand"].context == 30_400


@story
def test_a_compacted_session_is_as_large_as_it_is_now(told: Story) -> None:
    """
    prompt 200 chars
    call write=90000 out=100
    compact before 90000
    summary 900 chars
    call write=12000 out=100
    """
    assert ways(told)["stand"].context == 12_000
    assert ways(told)["stand"].level == 0

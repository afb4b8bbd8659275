"""Agents: windows of their own, joined to the calls that started them."""

from __future__ import annotations

import pytest

from tests.telling.language import Story, story

WRITE, READ, OUT = 5_000, 200, 20_000


def calls(told: Story) -> dict[str, dict[str, int]]:
    """The calls report by `Tool(target)`."""
    from lineitem.core.periods import Zone
    from lineitem.reports.query import Query

    names = {call: name for name, call in told.calls.items()}
    rows = told.store.ask().report("calls", Query(Zone("UTC"), 1_800_000_000_000)).rows
    return {names[row["toolUseId"]]: row for row in rows}


@story
def test_an_agents_spend_is_the_subtree_of_its_call(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Agent(Explore)
    agent finder Explore by Agent(Explore)
    prompt 300 chars
    call write=6000 out=40 uses Read(app.py)
    result Read(app.py) 4000 chars
    call read=6000 write=1000 out=90
    main
    result Agent(Explore) 800 chars launches finder
    call read=9000 write=300 out=50
    """
    spent = 7_000 * WRITE + 6_000 * READ + 130 * OUT
    assert told.threads() == {"finder": ("Explore", "Agent(Explore)", "", 2)}
    assert calls(told)["Agent(Explore)"]["subtreeNanos"] == spent
    assert told.bill() == spent + 9_300 * WRITE + 9_000 * READ + 130 * OUT
    assert told.requests() == 4
    # its context is its own: the main conversation does not carry what it read
    assert told.call("Read(app.py)").carry == 0


@story
def test_an_agent_without_a_sidecar_is_joined_by_its_result(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Agent(Explore)
    agent finder
    prompt 300 chars
    call write=6000 out=40
    main
    result Agent(Explore) 800 chars launches finder
    call read=9000 write=300 out=50
    """
    assert told.threads()["finder"][1] == "Agent(Explore)"
    assert calls(told)["Agent(Explore)"]["subtreeNanos"] == 6_000 * WRITE + 40 * OUT


@story
def test_a_background_agent_that_finishes_later_is_its_calls_too(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Agent(Explore)
    result Agent(Explore) 80 chars launches finder background
    call read=9000 write=120 out=50
    agent finder
    prompt 300 chars
    call write=6000 out=40
    wait 20m
    prompt 60 chars
    call write=6100 out=40
    main
    prompt 300 chars notification
    call write=9300 out=50
    """
    assert told.threads()["finder"][1:] == ("Agent(Explore)", "", 2)
    assert calls(told)["Agent(Explore)"]["subtreeNanos"] == 12_100 * WRITE + 80 * OUT


@story
def test_agents_of_agents_are_in_the_subtree_of_the_first_call(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Agent(outer)
    agent outer Explore by Agent(outer)
    prompt 300 chars
    call write=6000 out=40 uses Agent(inner)
    agent inner Plan by Agent(inner)
    prompt 300 chars
    call write=3000 out=20
    agent outer
    result Agent(inner) 80 chars launches inner
    call read=6000 write=120 out=50
    main
    result Agent(outer) 80 chars launches outer
    call read=9000 write=120 out=50
    """
    inner = 3_000 * WRITE + 20 * OUT
    outer = 6_120 * WRITE + 6_000 * READ + 90 * OUT
    assert told.threads()["inner"] == ("Plan", "Agent(inner)", "outer", 1)
    assert calls(told)["Agent(inner)"]["subtreeNanos"] == inner
    assert calls(told)["Agent(outer)"]["subtreeNanos"] == outer + inner


@story
def test_an_agents_spend_belongs_to_the_prompt_that_led_to_it(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    prompt 200 chars
    call read=9000 write=160 out=80 uses Agent(outer)
    agent outer Explore by Agent(outer)
    prompt 300 chars
    call write=6000 out=40 uses Agent(inner)
    agent inner Plan by Agent(inner)
    prompt 300 chars
    call write=3000 out=20
    main
    result Agent(outer) 80 chars launches outer
    call read=9160 write=120 out=50
    """
    told.store.fold()
    assert told.store.rows("select agents from prompt order by ordinal") == [(0,), (9_000 * WRITE + 60 * OUT,)]


@pytest.mark.parametrize("layout", ["flat", "workflow", ""])
def test_an_agents_file_is_read_wherever_clients_put_it(tmp_path_factory: pytest.TempPathFactory, layout: str) -> None:
    told = Story(tmp_path_factory.mktemp("story"))
    told.tell(f"""
        prompt 200 chars
        call write=9000 out=80
        agent finder workflow-subagent {layout}
        prompt 300 chars
        call write=6000 out=40
    """)
    told.holds()
    assert told.requests("main") == 2
    assert told.threads()["finder"][3] == 1
    assert told.bill() == 15_000 * WRITE + 120 * OUT


@story
def test_an_agent_inside_the_main_file_has_a_window_of_its_own(told: Story) -> None:
    """
    version 2.0.14
    prompt 200 chars
    call write=9000 out=80 uses Task(look)
    agent finder inline
    prompt 300 chars
    call write=6000 out=40 uses Read(app.py)
    result Read(app.py) 4000 chars
    call read=6000 write=1000 out=90
    main
    result Task(look) 800 chars
    call read=9000 write=300 out=50
    """
    assert told.requests() == 4
    assert told.bill() == 16_300 * WRITE + 15_000 * READ + 260 * OUT
    assert told.call("Read(app.py)").ingest == 1_000
    assert told.call("Read(app.py)").carry == 0
    assert told.call("Task(look)").ingest == 300
    assert told.misses() == []


@story
def test_a_forked_agent_inherits_its_window_and_does_not_pay_for_it_as_its_own(told: Story) -> None:
    """
    prompt 200 chars
    call write=30000 out=80 uses Agent(fork)
    agent twin fork by Agent(fork) forked
    prompt 300 chars
    call read=30000 write=160 out=40
    main
    result Agent(fork) 80 chars launches twin
    call read=30000 write=120 out=50
    """
    inherited = [line for line in told.lines() if line.thread and line.cause.endswith("/inherited")]
    assert sum(line.i_read for line in inherited) == pytest.approx(30_000, rel=0.02)


@story
def test_a_copied_agent_of_a_forked_session_is_paid_once(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Agent(Explore)
    agent finder Explore by Agent(Explore)
    prompt 300 chars
    call write=6000 out=40
    main
    fork child named by request
    prompt 60 chars
    call read=9000 write=120 out=50
    """
    assert told.requests() == 3


@story
def test_an_agents_file_that_vanished_still_counts(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    agent finder Explore
    prompt 300 chars
    call write=6000 out=40
    read
    main
    lose
    """
    assert told.bill() == 15_000 * WRITE + 120 * OUT
    assert told.threads()["finder"][0] == "Explore"

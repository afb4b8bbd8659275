"""Which answers are counted, once, and for whom."""

from __future__ import annotations

import pytest

from tests.telling.language import Story, story

#: Opus 5.5, nanodollars a token: plain input, 5-minute write, 1-hour write, read, output
IN, WRITE, HOUR, READ, OUT = 4_000, 5_000, 8_000, 200, 20_000
FIRST = 3 * IN + 9_000 * WRITE + 50 * OUT


@story
def test_one_answer_on_several_lines_is_one_request(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50 thinks 200 says 300 uses Read(app.py)
    """
    assert told.requests() == 1
    assert told.bill() == FIRST


@story
def test_early_lines_with_partial_output_count_for_nothing(told: Story) -> None:
    """
    version 2.1.29
    prompt 100 chars
    call uncached=3 write=9000 out=50 early=1,8 thinks 200 says 300 uses Read(app.py)
    """
    assert told.bill() == FIRST


@story
def test_a_file_that_ends_in_partial_lines_counts_the_largest(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50 early=1,8 thinks 200 says 300 uses Read(app.py)
    cut 1 lines
    """
    assert told.bill() == FIRST - 42 * OUT


@story
def test_the_rest_of_an_answer_raises_what_was_counted_before(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50 early=1 id=a request=a says 300 uses Read(app.py)
    cut 1 lines
    read
    call uncached=3 write=9000 out=50 id=a request=a uses Read(app.py)
    """
    assert told.requests() == 1
    assert told.bill() == FIRST


@story
def test_a_fork_copies_answers_and_pays_for_none_of_them(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50 uses Read(app.py)
    result Read(app.py) 8000 chars
    call read=9003 write=2050 out=20
    wait 5m
    fork child
    prompt 90 chars
    call read=11053 write=80 out=30
    """
    assert told.requests() == 3
    assert told.bill("child") == 11_053 * READ + 80 * WRITE + 30 * OUT
    # the fork re-sends what its parent read
    assert told.cause("tool", "child").carry == pytest.approx(2_000 + 50, abs=40)
    assert told.cause("tool", "child").generate == 0
    assert told.cause("tool", "child").ingest == 0


@pytest.mark.parametrize("how", ["named by origin", "named by request"])
@pytest.mark.parametrize("name", ["a", "b", "c", "d"])
def test_a_fork_that_names_its_parent_owns_nothing_of_it(
    tmp_path_factory: pytest.TempPathFactory, how: str, name: str
) -> None:
    """Whatever its id: among ids that sort before and after the parent's."""
    told = Story(tmp_path_factory.mktemp("story"))
    told.tell(f"""
        prompt 100 chars
        call uncached=3 write=9000 out=50
        fork {name} {how}
        prompt 90 chars
        call read=9053 write=80 out=30
    """)
    told.holds()
    assert told.logged("main") == FIRST
    assert told.logged(name) == 9_053 * READ + 80 * WRITE + 30 * OUT


@story
def test_forks_of_forks_count_each_answer_once(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50
    fork second named by request
    prompt 90 chars
    call read=9003 write=80 out=30
    fork third of second named by origin
    prompt 90 chars
    call read=9083 write=70 out=40
    fork fourth of main
    prompt 90 chars
    call read=9003 write=60 out=60
    """
    assert told.requests() == 4
    assert sum(told.logged(name) for name in ("main", "second", "third", "fourth")) == (
        FIRST + 80 * WRITE + 70 * WRITE + 60 * WRITE + (9_003 * 2 + 9_083) * READ + 130 * OUT
    )


@story
def test_a_resumed_session_goes_on_in_its_file(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50
    total 0.046012
    read
    wait 1d
    prompt 90 chars
    call uncached=3 write=9150 out=30
    total 0.092374
    """
    assert told.requests("main") == 2
    assert told.runs() == [(FIRST, FIRST, 0), (46_362_000, 46_362_000, 0)]


@story
def test_a_side_question_repeats_answers_and_costs_nothing_for_them(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50 thinks 100 says 100
    call read=9003 write=60 out=30
    aside 3
    """
    assert told.requests() == 2
    assert told.bill() == FIRST + 9_003 * READ + 60 * WRITE + 30 * OUT


@story
def test_answers_without_a_request_id_are_counted_once_each(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50 request=none thinks 100 says 100
    call read=9003 write=60 out=30 request=none
    fork child
    """
    assert told.requests() == 2
    assert told.bill() + told.bill("child") == FIRST + 9_003 * READ + 60 * WRITE + 30 * OUT


@story
def test_a_gateway_that_gives_every_answer_the_same_id_loses_none(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=9000 out=50 id=same request=none
    prompt 100 chars
    call uncached=9100 out=50 id=same request=none
    prompt 100 chars
    call uncached=9200 out=70 id=same request=none
    session other
    prompt 100 chars
    call uncached=9100 out=60 id=same request=none
    """
    assert told.requests() == 4
    assert told.bill() == 27_300 * IN + 170 * OUT
    assert told.bill("other") == 9_100 * IN + 60 * OUT


@story
def test_an_id_that_comes_again_with_the_same_counts_is_never_paid_twice(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=9000 out=50 id=same request=none
    prompt 100 chars
    call uncached=9100 out=50
    fork child
    prompt 100 chars
    call uncached=9000 out=60 id=same request=none
    prompt 100 chars
    call uncached=9300 out=60
    """
    # told.holds(): line items sum to the bill, although one id stands for two answers that look alike
    assert told.bill() + told.bill("child") == (9_000 + 9_100 + 9_300) * IN + 170 * OUT


@story
def test_a_gateway_that_reuses_an_id_under_request_ids_loses_none(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=9000 out=50 id=same
    prompt 100 chars
    call uncached=9100 out=50 id=same
    """
    assert told.requests() == 2


@story
def test_lines_that_the_client_made_up_are_no_requests(told: Story) -> None:
    """
    prompt 100 chars
    synthetic
    prompt 100 chars
    call uncached=3 write=9000 out=50
    synthetic
    """
    assert told.requests() == 1
    assert told.bill() == FIRST


@pytest.mark.parametrize("copy", ["superseded", "orphaned", "folder"])
def test_a_copy_set_aside_or_in_a_second_folder_costs_nothing(
    tmp_path_factory: pytest.TempPathFactory, copy: str
) -> None:
    told = Story(tmp_path_factory.mktemp("story"))
    told.tell(f"""
        prompt 100 chars
        call uncached=3 write=9000 out=50 uses Read(app.py)
        result Read(app.py) 8000 chars
        call read=9003 write=2050 out=20
        total 0.0584626
        copy {copy}
        call read=11053 write=20 out=30
        total 0.0613732
    """)
    told.holds()
    logged = FIRST + (9_003 + 11_053) * READ + 2_070 * WRITE + 50 * OUT
    assert told.logged() == logged
    assert told.bill() == logged
    assert told.call("Read(app.py)").ingest == pytest.approx(2_050, abs=25)


@story
def test_totals_never_fall_when_files_vanish(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50
    total 0.05
    read
    lose
    session other
    prompt 100 chars
    call uncached=3 write=9000 out=50
    """
    assert told.bill() == 50_000_000
    assert told.bill("other") == FIRST


@story
def test_totals_never_fall_when_files_are_cut(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50
    call read=9003 write=60 out=30
    total 0.05
    read
    cut 2 lines
    read
    prompt 90 chars
    call read=9003 write=90 out=20
    """
    assert told.requests() == 3
    assert told.logged() == FIRST + 2 * 9_003 * READ + 150 * WRITE + 50 * OUT


@story
def test_a_file_written_anew_counts_nothing_twice(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50 uses Read(app.py)
    result Read(app.py) 8000 chars
    call read=9003 write=2050 out=20
    read
    rewrite
    """
    assert told.requests() == 2
    assert told.call("Read(app.py)").generate == 50
    assert told.call("Read(app.py)").ingest == pytest.approx(2_050, abs=5)


@story
def test_another_model_of_a_retried_answer_is_the_one_with_the_most_output(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=1 id=a request=a model=haiku
    call uncached=3 write=9000 out=50 id=a request=a model=opus
    """
    assert told.requests() == 1
    assert told.bill() == FIRST


@story
def test_an_advisor_is_a_request_of_its_own_at_its_own_price(told: Story) -> None:
    """
    prompt 100 chars
    advisor sonnet in=400 out=60
    call uncached=3 write=9000 out=50
    """
    assert told.requests() == 2
    assert told.bill() == FIRST + 400 * 2_000 + 60 * 10_000
    assert told.cause("reply/advisor").nanos == 1_400_000


@story
def test_an_unknown_model_keeps_its_tokens_and_has_no_price(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=3 write=9000 out=50 model=nobody-knows-me
    prompt 90 chars
    call uncached=3 write=9000 out=50
    """
    assert told.bill() == FIRST
    assert sum(line.g_output for line in told.lines() if line.model == "nobody-knows-me") == 50
    assert sum(line.nanos for line in told.lines() if line.model == "nobody-knows-me") == 0


@story
def test_fast_mode_us_inference_and_prompt_steps_price_the_whole_request(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=10 write=9000 out=50 fast
    call uncached=10 read=9010 write=1000 out=50 us
    call uncached=10 write=100000 out=50 model=haiku
    call uncached=10 read=99000 out=50 model=haiku
    """
    assert told.bill() == (
        2 * (10 * IN + 9_000 * WRITE + 50 * OUT)
        + (10 * IN + 9_010 * READ + 1_000 * WRITE + 50 * OUT) * 11 // 10
        + 5 * (10 * 100 + 100_000 * 125 + 50 * 500)
        + (10 * 100 + 99_000 * 10 + 50 * 500)
    )


@story
def test_web_searches_are_billed_by_the_search(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=10 write=9000 out=50 search=3 uses web_search(weather)
    """
    assert told.bill() == 10 * IN + 9_000 * WRITE + 50 * OUT + 3 * 10_000_000
    assert told.call("web_search(weather)").nanos_of("search") == 30_000_000


@story
def test_one_hour_writes_cost_what_they_cost(told: Story) -> None:
    """
    prompt 100 chars
    call uncached=10 write=4000 hour=5000 out=50
    """
    assert told.bill() == 10 * IN + 4_000 * WRITE + 5_000 * HOUR + 50 * OUT

"""Who is billed for what: calls, results, carrying, misses, compactions, skills, memory and the rest."""

from __future__ import annotations

import pytest

from lineitem.core.periods import Zone
from lineitem.reports.query import Query
from tests.telling.language import Story, story

IN, WRITE, HOUR, READ, OUT = 4_000, 5_000, 8_000, 200, 20_000


@story
def test_a_file_read_pays_rent_on_every_later_call(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(app.py)
    result Read(app.py) 4200 chars
    call read=9000 write=1200 out=300
    prompt 60 chars
    call read=10200 write=320 out=50
    prompt 60 chars
    call read=10520 write=70 out=50
    """
    read = told.call("Read(app.py)")
    assert read.generate == 80
    assert read.ingest == 1_200
    assert read.carry == 2 * 1_200
    assert read.basis == {"measured"}
    assert read.nanos == 80 * OUT + 1_200 * WRITE + 2_400 * READ


@story
def test_parallel_calls_are_split_by_block_and_result(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=200 uses Read(small.py), Read(large.py), Bash(ls)
    result Read(small.py) 400 chars
    result Read(large.py) 40000 chars
    result Bash(ls) 400 chars
    call read=9000 write=10200 out=30
    """
    small, large, other = (told.call(name) for name in ("Read(small.py)", "Read(large.py)", "Bash(ls)"))
    assert small.generate + large.generate + other.generate == 200
    assert min(small.generate, large.generate, other.generate) > 40
    assert small.ingest + large.ingest + other.ingest == 10_200
    assert large.ingest > 9_000
    assert small.ingest == pytest.approx(other.ingest, abs=40)
    assert large.basis == {"apportioned"}


@story
def test_results_in_another_order_go_to_their_own_calls(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=100 uses Read(small.py), Read(large.py)
    result Read(large.py) 40000 chars
    result Read(small.py) 400 chars
    call read=9000 write=10100 out=30
    """
    assert told.call("Read(large.py)").ingest > 9_000


@story
def test_the_last_answer_is_written_but_never_sent(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(app.py)
    """
    read = told.call("Read(app.py)")
    assert (read.generate, read.ingest, read.carry) == (80, 0, 0)


@story
def test_thinking_and_text_are_told_apart_where_the_api_does(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=500 think=400 thinks 1200 says 300
    """
    assert told.cause("thinking").generate == 400
    assert told.cause("reply").generate == 100


@story
def test_thinking_that_is_sent_again_is_carried(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=480 think=400 thinks 1200 uses Bash(ls)
    result Bash(ls) 400 chars
    call read=9000 write=600 out=30
    prompt 60 chars
    call read=9600 write=50 out=30
    """
    assert told.cause("thinking").ingest == 400
    assert told.cause("thinking").carry == 400
    assert told.call("Bash(ls)").ingest == 200


@story
def test_thinking_that_is_not_sent_again_is_not_carried(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=480 think=400 thinks 1200 says 300
    prompt 150 chars
    call read=9000 write=130 out=30
    prompt 60 chars
    call read=9130 write=50 out=30
    """
    assert told.cause("thinking").generate == 400
    assert told.cause("thinking").ingest == 0
    assert told.cause("thinking").carry == 0


@story
def test_a_cache_gone_cold_is_a_miss_with_its_price(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(app.py)
    result Read(app.py) 4200 chars
    call read=9000 write=1200 out=100
    wait 40m
    prompt 60 chars
    call write=10340 out=50
    """
    (miss,) = told.misses()
    assert miss[0] == "idle beyond the 5-minute cache lifetime"
    assert miss[1] == 10_200
    assert miss[2] == 10_200 * WRITE
    assert told.call("Read(app.py)").rewrite == 1_200


@story
def test_an_hour_in_the_cache_is_an_hour(told: Story) -> None:
    """
    prompt 200 chars
    call hour=9000 out=80
    wait 40m
    prompt 60 chars
    call read=9000 hour=120 out=50
    wait 90m
    prompt 60 chars
    call hour=9200 out=50
    """
    (miss,) = told.misses()
    assert miss[0] == "idle beyond the 1-hour cache lifetime"
    assert miss[1] == 9_120


@story
def test_another_model_pays_for_the_whole_window(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(app.py)
    result Read(app.py) 4200 chars
    call read=9000 write=1200 out=100
    prompt 60 chars
    call write=10340 out=50 model=sonnet
    """
    (miss,) = told.misses()
    assert miss[:2] == ("model changed", 10_200)
    read = told.call("Read(app.py)")
    assert read.rewrite == 1_200
    assert {line.model for line in read.lines} == {"claude-opus-5-5", "claude-sonnet-5-5"}
    assert read.nanos == 80 * OUT + 1_200 * WRITE + 1_200 * 2_500


@story
def test_a_prefix_rewritten_in_the_middle_is_said(told: Story) -> None:
    """
    prompt 200 chars
    call write=30000 out=80
    prompt 60 chars
    call read=9000 write=21120 out=50
    """
    (miss,) = told.misses()
    assert miss[:2] == ("an earlier part of the prompt was rewritten", 21_000)


@story
def test_small_rewrites_are_no_misses(told: Story) -> None:
    """
    prompt 200 chars
    call write=30000 out=80
    prompt 60 chars
    call read=29000 write=1120 out=50
    """
    assert told.misses() == []


@story
def test_after_a_compaction_nothing_old_is_carried(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(app.py)
    result Read(app.py) 42000 chars
    call read=9000 write=12000 out=100
    compact before 21100
    summary 3000 chars
    call read=8000 write=1900 out=50
    prompt 60 chars
    call read=9900 write=70 out=50
    """
    read = told.call("Read(app.py)")
    assert (read.generate, read.ingest, read.carry, read.rewrite) == (80, 12_000, 0, 0)
    assert told.cause("compaction").ingest == pytest.approx(900, rel=0.5)
    assert told.cause("compaction").carry == told.cause("compaction").ingest


@story
def test_what_a_compaction_keeps_is_carried_on(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(app.py)
    result Read(app.py) 12000 chars as kept
    call read=9000 write=3200 out=100
    compact before 12300 keeps kept
    summary 3000 chars
    call write=13000 out=50
    """
    read = told.call("Read(app.py)")
    assert read.ingest == 3_200  # once: the call, and its result
    assert read.rewrite == pytest.approx(3_200, rel=0.1)
    # so it is as long as it is, to who asks what shorter results would have saved
    query = Query(Zone("UTC"), 1_800_000_000_000)
    for limit, saves in (("3100", True), ("3150", False)):
        query.options = {"cut": limit}
        (_, cut) = told.store.ask().whatif("", query).rows
        assert (cut["savedNanos"] > 0) == saves, limit


@story
def test_a_compaction_whose_request_the_client_counted_is_billed_to_what_it_read(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(app.py)
    result Read(app.py) 42000 chars
    call read=9000 write=12000 out=100
    compact before 21100
    summary 3000 chars
    call read=8000 write=1900 out=50
    total 0.149192 opus: in=3 write=23400 read=37900 out=1230 cost=0.149192   # 20,900 read, 500 written, 1,000 out
    """
    # what no transcript shows: 3 in, 500 written, 20,900 read, 1,000 out
    assert told.unlogged() == 3 * IN + 500 * WRITE + 20_900 * READ + 1_000 * OUT
    read = told.call("Read(app.py)")
    assert read.carry == 11_900
    assert told.cause("compaction").generate == 1_000


@story
def test_helpers_in_no_transcript_are_unlogged(told: Story) -> None:
    """
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.046497 opus: in=3 write=9000 out=50 cost=0.046012; haiku: in=3000 out=370 cost=0.000485
    """
    assert told.unlogged() == 485_000
    assert told.cause("unlogged").nanos == 485_000
    assert told.bill() == 46_497_000


@story
def test_a_total_is_cumulative_over_runs(told: Story) -> None:
    """
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.05
    wait 1h
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.1
    """
    assert told.runs() == [(50_000_000, 46_012_000, 3_988_000), (50_000_000, 46_012_000, 3_988_000)]


@story
def test_a_fork_inherits_its_parents_total(told: Story) -> None:
    """
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.05
    fork child named by request
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.097
    """
    assert told.bill("main") == 50_000_000
    assert told.bill("child") == 47_000_000


@story
def test_a_fork_of_a_run_without_a_total_inherits_what_was_logged(told: Story) -> None:
    """
    prompt 200 chars
    call uncached=3 write=9000 out=50
    fork child named by request
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.092024
    """
    assert told.runs("child") == [(46_012_000, 46_012_000, 0)]


@story
def test_clear_starts_the_count_from_zero(told: Story) -> None:
    """
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.05 started 1000
    wait 1m
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.047 started 61000
    """
    assert told.runs() == [(50_000_000, 46_012_000, 3_988_000), (47_000_000, 46_012_000, 988_000)]
    assert told.bill() == 97_000_000


@story
def test_a_total_that_only_grew_after_a_restart_is_told_by_its_start(told: Story) -> None:
    """
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.047 started 1000
    wait 1m
    prompt 200 chars
    call uncached=3 write=18000 out=50
    total 0.092 started 61000
    """
    assert told.runs() == [(47_000_000, 46_012_000, 988_000), (92_000_000, 91_012_000, 988_000)]


@story
def test_totals_below_what_was_logged_are_duplicates_and_do_not_lower_the_bill(told: Story) -> None:
    """
    prompt 200 chars
    call uncached=3 write=9000 out=50
    total 0.02
    """
    assert told.bill() == 46_012_000


@story
def test_memory_files_and_other_additions_have_causes_of_their_own(told: Story) -> None:
    """
    attach instructions CLAUDE.md 4000 chars
    attach skill_listing 2000 chars
    attach deferred_tools_delta 2000 chars
    attach file notes.txt 8000 chars
    attach date 40 chars
    prompt 200 chars
    call write=19000 out=50
    prompt 60 chars
    call read=19000 write=120 out=50
    """
    for cause in ("memory/CLAUDE.md", "skill/listing", "schemas/deferred", "prompt/file/notes.txt", "system/date"):
        assert told.cause(cause).ingest > 0, cause
        assert told.cause(cause).carry == told.cause(cause).ingest, cause
    assert told.cause("prompt/file/notes.txt").ingest == pytest.approx(
        2 * told.cause("memory/CLAUDE.md").ingest, rel=0.1
    )


@story
def test_an_mcp_tool_has_its_servers_name(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses mcp__github__search(bug)
    result mcp__github__search(bug) 4200 chars
    call read=9000 write=1200 out=50
    """
    assert told.cause("tool/mcp__github__search").ingest == 1_200
    # what was asked for is not kept
    assert all("bug" not in line.cause for line in told.lines())


@story
def test_a_skills_text_is_the_skills(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Skill(charts)
    result Skill(charts) 60 chars
    prompt 6000 chars meta
    skill charts
    call read=9000 write=1600 out=50
    skill none
    prompt 60 chars
    call read=10600 write=100 out=50
    """
    assert told.cause("skill/charts").ingest == pytest.approx(1_490, abs=40)
    assert told.cause("skill/charts").carry == told.cause("skill/charts").ingest
    skills = told.store.ask().report("skills", Query(Zone("UTC"), 1_800_000_000_000)).rows
    assert {row["skill"]: row["requests"] for row in skills} == {"charts": 1, "(no skill)": 2}


@story
def test_context_editing_takes_the_oldest_results_out(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(old.py)
    result Read(old.py) 40000 chars
    call read=9000 write=11000 out=80 uses Read(new.py)
    result Read(new.py) 4000 chars
    call read=20000 write=1200 out=100
    prompt 60 chars
    call read=9000 write=2400 out=50      # the old result is gone: 21,300 + 120 are 11,400 now
    prompt 60 chars
    call read=11400 write=100 out=50
    """
    old, new = told.call("Read(old.py)"), told.call("Read(new.py)")
    assert old.carry < 11_000 + 2_200
    assert new.ingest == 1_200
    assert new.rewrite + new.carry == pytest.approx(2 * 1_200, rel=0.1)


@story
def test_a_rewound_conversation_drops_what_came_after(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80 uses Read(kept.py)
    result Read(kept.py) 4000 chars
    call read=9000 write=1200 out=100 as turn
    prompt 60 chars
    call read=10200 write=120 out=80 uses Read(gone.py)
    result Read(gone.py) 40000 chars
    call read=10320 write=11000 out=50
    back to turn
    prompt 80 chars
    call read=10200 write=130 out=50
    prompt 80 chars
    call read=10330 write=80 out=50
    """
    assert told.call("Read(kept.py)").carry == 4 * 1_200
    assert told.call("Read(gone.py)").carry == 0
    assert told.misses() == []


@story
def test_a_window_that_grew_by_something_unseen_says_remainder(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    call read=9000 write=30000 out=50
    """
    assert told.cause("remainder").ingest == pytest.approx(30_000, abs=100)


@story
def test_prompts_are_told_apart_by_who_asked(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    prompt 60 chars command /review
    call read=9000 write=120 out=50
    prompt 60 chars scheduled nightly
    call read=9120 write=120 out=50
    call read=9240 write=60 out=50
    prompt 60 chars notification
    call read=9300 write=120 out=50
    """
    assert told.prompts() == [
        ("manual", "", 1), ("command", "/review", 1), ("scheduled", "nightly", 2), ("background", "", 1),
    ]  # fmt: skip


@story
def test_branches_are_told_apart(told: Story) -> None:
    """
    prompt 200 chars
    call write=9000 out=80
    branch work
    prompt 60 chars
    call read=9000 write=120 out=50
    """
    rows = told.store.ask().report("branches", Query(Zone("UTC"), 1_800_000_000_000)).rows
    assert {row["branch"]: row["outputTokens"] for row in rows} == {"main": 80, "work": 50}

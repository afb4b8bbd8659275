"""One small story for every bug that was found, named for its symptom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.telling.digests import agree, derived, everything, sightings_of
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, Entry, Pen, Tale, counts, encode, uuid

SAID: list[Entry] = [{"type": "text", "text": "done"}]
DATA = "/home/dev/shop/data.csv"


def grown(folder: Path, tale: Tale, store: Books) -> None:
    """The tale so far, read."""
    tale.write(folder)
    store.read()


def runs_of(store: Books) -> list[tuple[int, ...]]:
    """(reported, logged, beyond) of every run."""
    return store.rows("select reported, logged, unlogged + unexplained from run order by session, ordinal")


def begun(tale: Tale, name: str = "main") -> Pen:
    """A session with one answer: 3 uncached, 9,000 written, 50 out on Opus 5.5 are 46,012,000 nanodollars."""
    pen = tale.session(name)
    pen.prompt("go")
    pen.answer(SAID, counts(3, 9_000, 0, 0, 50))
    return pen


FIRST = 46_012_000


# -- the client's own totals


def test_a_total_that_is_read_by_itself_belongs_to_the_answers_before_it(tmp_path: Path) -> None:
    """A hook reads when the turn ends; the total is written when the run ends."""
    tale = Tale()
    pen = begun(tale)
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        pen.total("0.046012")
        grown(tmp_path, tale, store)
        assert runs_of(store) == [(FIRST, FIRST, 0)]
        assert store.bill(pen.session) == FIRST


def test_totals_in_a_rewritten_file_are_not_reported_twice(tmp_path: Path) -> None:
    tale = Tale()
    pen = begun(tale)
    pen.total("0.05")
    pen.answer(SAID, counts(3, 60, 0, 9_003, 50))
    pen.total("0.06")
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        before = runs_of(store), store.bill(pen.session)
        pen.lines.insert(0, {"type": "summary", "summary": "x", "leafUuid": "y"})
        grown(tmp_path, tale, store)
        assert (runs_of(store), store.bill(pen.session)) == before


@pytest.mark.parametrize("name", ["{}.superseded-1793613600000", "{}.orphaned-1793613600000-a1b2.jsonl"])
def test_totals_in_a_file_set_aside_are_not_reported_twice(tmp_path: Path, name: str) -> None:
    tale = Tale()
    pen = begun(tale)
    pen.total("0.05")
    path = pen.path if "superseded" in name else pen.path.removesuffix(".jsonl")
    tale.files[name.format(path)] = pen.bytes()
    pen.answer(SAID, counts(3, 60, 0, 9_003, 50))
    pen.total("0.06")
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert sum(row[0] for row in runs_of(store)) == 60_000_000
        assert store.bill(pen.session) == 60_000_000


def test_totals_in_two_config_folders_that_hold_the_same_file_are_not_reported_twice(tmp_path: Path) -> None:
    tale = Tale()
    pen = begun(tale)
    pen.total("0.05")
    pen.total("0.06")
    one, other = tale.write(tmp_path / "one"), tale.write(tmp_path / "other")
    with Books(one, other) as store:
        store.read()
        assert store.bill(pen.session) == 60_000_000


def test_a_rewritten_file_that_begins_with_a_total_is_not_reported_twice(tmp_path: Path) -> None:
    """No line before it says when it was written; the file as it was before did."""
    tale = Tale()
    pen = begun(tale)
    pen.total("0.05")
    pen.prompt("more")
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        del pen.lines[:2]
        grown(tmp_path, tale, store)
        assert runs_of(store) == [(50_000_000, FIRST, 50_000_000 - FIRST)]
        assert store.bill(pen.session) == 50_000_000


def test_the_first_answer_dates_a_total_by_the_line_before_it_whatever_it_is(tmp_path: Path) -> None:
    """Also by a line that the client made up, two days later."""
    from lineitem.core.periods import Zone
    from lineitem.pipeline.intake import Intake
    from lineitem.reports.over_time import Fresh, over_time
    from lineitem.reports.query import Query

    tale = Tale()
    pen = begun(tale)
    tale.at += 2 * 86_400_000
    pen.answer(SAID, counts(), model="<synthetic>", isApiErrorMessage=True)
    pen.total("0.05")
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        intake = Intake(store.ledger, store.book)
        intake.look(store.folders)
        totals = intake.read_quick()
        query = Query(Zone("UTC"), tale.at)
        first = over_time(store.ledger, query, "daily", Fresh(intake.quick_cells(), intake.quick_beyond(totals)))
        store.read()
        assert first.rows == over_time(store.ledger, query, "daily").rows
        assert [row["unloggedNanos"] for row in first.rows] == [0, 50_000_000 - FIRST]


def test_a_file_that_another_program_read_further_was_not_cut(tmp_path: Path) -> None:
    """It was looked at, grew, was read by the other, and then by this one."""
    from lineitem.pipeline.intake import Intake

    tale = Tale()
    pen = begun(tale)
    pen.total("0.05")
    with Books(tmp_path, db=tmp_path / "s.sqlite") as slow, Books(tmp_path, db=tmp_path / "s.sqlite") as quick:
        grown(tmp_path, tale, quick)
        pen.prompt("more")
        tale.write(tmp_path)
        intake = Intake(slow.ledger, slow.book)
        assert intake.look(slow.folders)
        pen.total("0.06")
        grown(tmp_path, tale, quick)
        intake.take_in()
        assert quick.rows("select generation from file") == [(0,)]
        assert quick.bill(pen.session) == 60_000_000


# -- what was answered last


def test_the_answer_before_a_compaction_keeps_its_output(tmp_path: Path) -> None:
    tale = Tale()
    pen = begun(tale)
    pen.boundary(9_053)
    pen.prompt("so far: ...", isCompactSummary=True)
    pen.answer(SAID, counts(3, 4_000, 0, 0, 7))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        lines = store.lines(pen.session)
        assert sum(line.g_output for line in lines) == 57
        assert sum(line.g_nanos for line in lines) == 57 * 20_000


def test_the_answer_before_a_rewind_keeps_its_output(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    first = pen.prompt("one")
    pen.attachment("date", "it is late")
    pen.answer(SAID, counts(3, 9_000, 0, 0, 50))
    pen.prompt("two")
    pen.answer(SAID, counts(3, 60, 0, 9_003, 20))
    pen.parent = first["uuid"]
    pen.prompt("two, differently")
    pen.answer(SAID, counts(3, 60, 0, 9_003, 7))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert sum(line.g_output for line in store.lines(pen.session)) == 77


def test_a_prompt_that_goes_back_to_an_earlier_answer_leaves_what_came_after_behind(tmp_path: Path) -> None:
    """The usual rewind: the new prompt follows the last line of an earlier turn; older results stay."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("one")
    calls = [{"type": "tool_use", "id": f"toolu_{n}", "name": "Read", "input": {"file_path": DATA}} for n in (1, 2)]
    pen.answer(calls[:1], counts(3, 9_000, 0, 0, 40))
    pen.result("toolu_1", "1, 2, 3; " * 400)
    pen.answer(SAID, counts(3, 2_000, 0, 9_003, 50))
    pen.system("turn_duration")
    back = pen.parent
    pen.prompt("two")
    pen.answer(calls[1:], counts(3, 60, 0, 11_003, 40))
    pen.result("toolu_2", "4, 5, 6; " * 2_000)
    pen.answer(SAID, counts(3, 8_000, 0, 11_063, 20))
    pen.parent = back
    pen.prompt("two, differently")
    pen.answer(SAID, counts(3, 80, 0, 11_003, 30))
    pen.answer(SAID, counts(3, 40, 0, 11_083, 30))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        lines = {line.call: line for line in store.lines(pen.session) if line.call}
        assert lines["toolu_1"].c_read == pytest.approx(4 * 2_000, rel=0.03)
        assert lines["toolu_2"].c_read == 0


# -- who made it


def test_an_answer_copied_by_a_fork_belongs_to_the_session_that_made_it(tmp_path: Path) -> None:
    """2.1.330 writes `requestSessionId` on copied answers: the session whose request it was."""
    tale = Tale()
    parent = begun(tale)
    child = tale.fork(parent, "child", at="00000000-0000-4000-8000-000000000000")
    for line in child.lines:
        if isinstance(line, dict) and line["type"] == "assistant":
            line["requestSessionId"] = parent.session
    child.prompt("on")
    child.answer(SAID, counts(3, 60, 0, 9_003, 20))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert {row[1]: row[7] for row in store.requests()} == {parent.session: 50, child.session: 20}


def test_of_two_files_that_begin_alike_the_one_that_was_begun_first_owns_the_answers(tmp_path: Path) -> None:
    """A fork's own first line (what was typed) is later than the copied ones that follow it."""
    tale = Tale()
    parent = tale.session("parent")
    parent.meta("queue-operation", operation="enqueue", timestamp="2026-11-02T09:59:59.000Z")
    parent.prompt("go")
    parent.answer(SAID, counts(3, 9_000, 0, 0, 50))
    child = tale.fork(parent, "child", at="00000000-0000-4000-8000-000000000000")
    child.lines.insert(0, {"type": "queue-operation", "operation": "enqueue", "timestamp": "2026-11-02T11:00:00.000Z",
                           "sessionId": child.session})  # fmt: skip
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert [row[1] for row in store.requests()] == [parent.session]


def test_a_flat_agent_file_that_begins_with_half_a_line_makes_no_nameless_session(tmp_path: Path) -> None:
    tale = Tale()
    main = begun(tale)
    agent = tale.agent(main, "a", flat=True)
    agent.prompt("look")
    agent.answer(SAID, counts(3, 1_000, 0, 0, 20))
    whole = agent.bytes()
    with Books(tmp_path) as store:
        tale.write(tmp_path)
        (tmp_path / "projects" / agent.path).write_bytes(whole[:100])
        store.read()
        grown(tmp_path, tale, store)
        assert store.sessions() == [main.session]


def test_an_agent_file_that_is_cut_to_nothing_stays_with_its_session(tmp_path: Path) -> None:
    """A flat file says its session only in its lines."""
    tale = Tale()
    main = begun(tale)
    agent = tale.agent(main, "a", flat=True)
    agent.prompt("look")
    agent.answer(SAID, counts(3, 1_000, 0, 0, 20))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        place = tmp_path / "projects" / agent.path
        place.write_bytes(place.read_bytes()[:50])
        store.read()
        store.rebuild()
        assert store.sessions() == [main.session]
        assert {row[1] for row in store.requests()} == {main.session}


def test_an_agent_whose_sidecar_comes_late_gets_its_type(tmp_path: Path) -> None:
    tale = Tale()
    main = begun(tale)
    agent = tale.agent(main, "a")
    agent.prompt("look")
    agent.answer(SAID, counts(3, 1_000, 0, 0, 20))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        tale.files[agent.path[:-6] + ".meta.json"] = b'{"agentType":"Explore","toolUseId":"toolu_9"}'
        grown(tmp_path, tale, store)
        store.fold()
        assert store.rows("select type, call from agent") == [("Explore", "toolu_9")]


def test_a_sidecar_that_vanishes_does_not_take_the_agents_type_along(tmp_path: Path) -> None:
    tale = Tale()
    main = begun(tale)
    agent = tale.agent(main, "a", card={"agentType": "Explore", "toolUseId": "toolu_9"})
    agent.prompt("look")
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        (card,) = tale.files
        (tmp_path / "projects" / card).unlink()
        tale.files.clear()
        agent.answer(SAID, counts(3, 1_000, 0, 0, 20))
        grown(tmp_path, tale, store)
        store.fold()
        assert store.rows("select type, call from agent") == [("Explore", "toolu_9")]


# -- the same however it was read


def test_a_file_that_lost_its_first_lines_rebuilds_to_the_store_that_grew(tmp_path: Path) -> None:
    tale = Tale()
    pen = begun(tale)
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        del pen.lines[0]
        grown(tmp_path, tale, store)
        store.fold()
        before = derived(store.ledger)
        store.rebuild()
        agree(before, derived(store.ledger))


def test_lines_of_one_answer_under_two_request_ids_rebuild_to_the_store_that_grew(tmp_path: Path) -> None:
    """A side question's file repeats an answer line by line, each under a request id of its own."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "thinking", "thinking": "hm"}, *SAID], counts(3, 9_000, 0, 0, 50))
    aside = tale.agent(pen, "btw")
    for number, line in enumerate(pen.lines[1:]):
        assert isinstance(line, dict)
        aside.add(dict(line, agentId=aside.agent, requestId=f"req_btw{number}"))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        store.fold()
        before = derived(store.ledger)
        store.rebuild()
        agree(before, derived(store.ledger))


def test_a_skill_named_on_a_later_line_of_an_answer_is_known_however_the_file_is_cut(tmp_path: Path) -> None:
    tale = Tale()
    pen = begun(tale)
    pen.answer([{"type": "thinking", "thinking": "hm"}, *SAID], counts(3, 60, 0, 9_003, 20))
    last = pen.lines[-1]
    assert isinstance(last, dict)
    last["attributionSkill"] = "charts"
    last["gitBranch"] = "work"
    with Books(tmp_path) as cut, Books(tmp_path) as whole:
        for line in (last, None):
            pen.lines.pop() if line else pen.lines.append(last)
            grown(tmp_path, tale, cut)
        whole.read()
        for store in (cut, whole):
            store.fold()
        agree(everything(whole.ledger), everything(cut.ledger))


def test_a_line_that_follows_one_the_client_made_up_has_the_right_parent(tmp_path: Path) -> None:
    """Made-up lines are left out of the chain, also where an agent wrote between."""
    tale = Tale()
    pen = begun(tale)
    main = pen.parent
    inside = tale.inline_agent(pen)
    inside.prompt("look")
    inside.answer(SAID, counts(3, 1_000, 0, 0, 20))
    pen.answer(SAID, counts(), model="<synthetic>", isApiErrorMessage=True)
    pen.prompt("again")
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        *_, last = sightings_of(store.ledger, 1)
        assert main is not None
        assert last[2] == main[:13]


def test_two_totals_run_together_on_one_line_do_not_take_the_next_ones_place(tmp_path: Path) -> None:
    tale = Tale()
    pen = begun(tale)
    pen.total("0.05")
    pen.total("0.06")
    joined = encode(pen.lines[-2]) + encode(pen.lines[-1])
    pen.lines[-2:] = [joined]
    pen.total("0.07")
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert store.rows("select nanos from total order by start, ordinal") == [
            (50_000_000,),
            (60_000_000,),
            (70_000_000,),
        ]


# -- one line must not stop the rest


def answer(usage: str) -> bytes:
    return (
        f'{{"type":"assistant","uuid":"{uuid("odd")}","timestamp":"2026-11-02T10:00:00.000Z","requestId":"req_odd",'
        f'"message":{{"id":"msg_odd","model":"{OPUS}","role":"assistant","content":[],"usage":{usage}}}}}'
    ).encode()


POISON = {
    "a count beyond 64 bits": answer('{"input_tokens":99999999999999999999,"output_tokens":5}'),
    "a count of 63 bits": answer('{"input_tokens":9223372036854775807,"output_tokens":5}'),
    "a count that costs more than 63 bits": answer('{"input_tokens":900000000000000,"output_tokens":5}'),
    "a start beyond 64 bits": b'{"type":"cost-state","totalCostUSD":1,"startTime":99999999999999999999999}',
    "a start beyond all numbers": b'{"type":"cost-state","totalCostUSD":1,"startTime":1e300}',
    "tokens of a total beyond 63 bits": b'{"type":"cost-state","totalCostUSD":1,"modelUsage":{"claude-opus-5-5":'
    b'{"inputTokens":9000000000000000000,"outputTokens":1,"costUSD":0.5}}}',
    "a pull request beyond 64 bits": b'{"type":"pr-link","sessionId":"s","prNumber":18446744073709551999}',
}


@pytest.mark.parametrize("poison", sorted(POISON))
def test_a_number_beyond_all_bounds_does_not_stop_the_reading_of_everything_else(tmp_path: Path, poison: str) -> None:
    tale = Tale()
    pen = tale.session()
    pen.add(POISON[poison])
    pen.prompt("go")
    pen.answer(SAID, counts(3, 9_000, 0, 0, 50))
    begun(tale, "another")
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        store.fold()
        assert [row[7] for row in store.requests() if row[0] != "msg_odd"] == [50, 50]


def test_a_command_that_is_no_utf8_does_not_stop_the_reading(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    use = {"type": "tool_use", "id": "toolu_odd", "name": "Bash", "input": {"command": "echo \ud800"}}
    pen.answer([use], counts(3, 9_000, 0, 0, 40))
    begun(tale, "another")
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert sorted(row[7] for row in store.requests()) == [40, 50]
        assert any(line.cause == "tool/Bash" for line in store.lines())


def test_several_counts_that_sum_beyond_63_bits_do_not_stop_the_reading(tmp_path: Path) -> None:
    tale = Tale()
    pen = begun(tale)
    for number in range(3):
        odd = answer('{"input_tokens":4000000000000000000,"output_tokens":5}').replace(b"odd", b"odd%d" % number)
        pen.add(odd.replace(OPUS.encode(), b"nobody-knows-me"))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        store.fold()
        assert [row[7] for row in store.requests() if "odd" not in row[0]] == [50]


def test_a_whole_count_written_as_a_fraction_counts(tmp_path: Path) -> None:
    """Some gateways write 1000.0."""
    tale = Tale()
    pen = begun(tale)
    pen.add(answer('{"input_tokens":1000.0,"output_tokens":5}'))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert {row[0]: row[3] for row in store.requests()}["msg_odd"] == 1_000


def test_a_count_that_is_no_number_is_a_problem_with_a_name(tmp_path: Path) -> None:
    """Its answer is billed too low: that is not `repaired, nothing is lost`."""
    tale = Tale()
    pen = begun(tale)
    pen.add(answer('{"input_tokens":"many","output_tokens":5}'))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert set(store.slugs()) - {"line-repaired"}


def test_lines_after_a_line_beyond_all_bounds_are_counted(tmp_path: Path) -> None:
    tale = Tale()
    pen = begun(tale)
    pen.add(b'{"type":"user","message":{"role":"user","content":"' + b"x" * (65 << 20) + b'"}}')
    pen.answer(SAID, counts(3, 60, 0, 9_003, 20))
    pen.answer(SAID, counts(3, 60, 0, 9_063, 30))
    with Books(tmp_path) as store:
        grown(tmp_path, tale, store)
        assert [row[7] for row in store.requests()] == [50, 20, 30]


# -- compactions


def summarised(tale: Tale, *, keep: bool) -> Pen:
    """A read whose result was never sent before the window is summarised; the client's total knows the summary."""
    pen = tale.session()
    pen.prompt("go")
    pen.answer(
        [{"type": "tool_use", "id": "toolu_A", "name": "Read", "input": {"file_path": DATA}}],
        counts(3, 9_000, 0, 0, 50),
    )
    answer = str(pen.parent)
    result = str(pen.result("toolu_A", "a line of the file\n" * 400)["uuid"])
    pen.boundary(12_000, [answer, result] if keep else [])
    pen.prompt("a summary of it all", isCompactSummary=True, isVisibleInTranscriptOnly=True)
    pen.answer(SAID, counts(3, 6_000, 0, 3_000, 50))
    used = {
        "inputTokens": 1_006, "outputTokens": 700, "cacheReadInputTokens": 12_003, "cacheCreationInputTokens": 15_000,
        "cacheCreationEphemeral5mInputTokens": 15_000, "cacheCreationEphemeral1hInputTokens": 0, "costUSD": 0.2,
    }  # fmt: skip
    pen.total("0.2", {OPUS: used})
    return pen


def sent(store: Books, pen: Pen) -> int:
    """Tokens of the read's result over all prompts."""
    return sum(
        sum(row)
        for row in store.rows(
            "select i_uncached + i_write5 + i_write1 + i_read, c_read + r_uncached + r_write5 + r_write1 from item"
            " where call = 'toolu_A' and session = ?",
            store.number(pen.session),
        )
    )


def test_what_a_compaction_keeps_was_not_in_the_summarising_prompt(tmp_path: Path) -> None:
    found = {}
    for keep in (True, False):
        tale = Tale()
        pen = summarised(tale, keep=keep)
        folder = tmp_path / str(keep)
        folder.mkdir()
        with Books(folder) as store:
            grown(folder, tale, store)
            store.fold()
            assert store.rows("select sum(unlogged) > 0 from session") == [(1,)]
            found[keep] = sent(store, pen)
    # kept: once, in the window after; not kept: once, in the summarising prompt
    assert 0 < found[True] < 2_200
    assert 0 < found[False] < 2_200


def test_a_tool_of_a_prompt_snapshot_is_weighed_once(tmp_path: Path) -> None:
    """It repeats name and description beside the schema that is sent."""
    described = "Reads a file and gives back its lines, with numbers. " * 40
    bare = {"name": "Read", "description": described, "input_schema": {"type": "object"}}
    sizes: list[object] = []
    for tool in (bare, {"name": "Read", "description": described, "schema": bare}):
        tale = Tale()
        pen = tale.session()
        pen.line("attachment", attachment={"type": "prompt_snapshot", "systemPrompt": ["be kind"], "tools": [tool]})
        folder = tmp_path / str(len(sizes))
        folder.mkdir()
        with Books(folder) as store:
            grown(folder, tale, store)
            ((kept,),) = store.rows("select rows from sighting")
            row = json.loads(kept)[-1]
            sizes.append(next(part[2] for part in row[9] if part[0] == "tool"))
    assert sizes[0] == sizes[1]

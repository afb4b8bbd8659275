"""What stands out is found once, kept with its cause, told once; sessions stand as they stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lineitem.alerts.kinds import preset_thresholds
from lineitem.alerts.rules import severity_of
from lineitem.core.live import Event, Snapshot
from lineitem.core.periods import Zone
from lineitem.insights.health import Health, Thresholds
from lineitem.ledger import live
from lineitem.noticing import Noted, Rules, advised, notice
from lineitem.reports.query import Query
from lineitem.surfaces.incognito import obscured
from tests.surfaces.answers import shown
from tests.telling.stores import Books
from tests.telling.transcripts import OPUS, Pen, Tale, counts

THRESHOLDS = Thresholds(80_000, 150_000)


def reads(pen: Pen, number: int, size: int, context: int, file: str = "", written: int = 40) -> int:
    """A turn that reads one file of so many tokens, with a call of so many; what the window holds then."""
    call = f"toolu_{number}"
    path = f"/home/dev/shop/{file or f'f{number}.py'}"
    block = {"type": "tool_use", "id": call, "name": "Read", "input": {"file_path": path}}
    pen.answer([block], counts(3, 60, 0, context, written))
    context += 63
    pen.result(call, "x = 1\n" * (size // 4))
    pen.answer([{"type": "text", "text": "ok"}], counts(3, size, 0, context + written, 10))
    return context + written + 3 + size + 10


def worked(tale: Tale, sizes: list[int]) -> Pen:
    """A session that reads files of these sizes."""
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "ok"}], counts(3, 9_000, 0, 0, 10))
    context = 9_013
    for number, size in enumerate(sizes):
        context = reads(pen, number, size, context)
    return pen


def noticed(store: Books) -> list[Noted]:
    store.read()
    store.fold()
    return notice(store.ledger, store.book, THRESHOLDS)


def rows(store: Books, **options: Any) -> list[dict[str, Any]]:
    query = Query(Zone(""), 2_000_000_000_000)
    query.options = options
    return list(store.ask().anomalies(query).rows)


def test_a_call_far_larger_than_its_kind_is_found_with_its_cause(tmp_path: Path) -> None:
    tale = Tale()
    pen = worked(tale, [300] * 25 + [40_000])
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        found = [each.finding for each in noticed(store)]
        (spike,) = [finding for finding in found if finding.rule == "spike"]
        assert (spike.call, spike.session) == ("toolu_25", pen.session)
        assert spike.value > 40_000
        (row,) = [row for row in rows(store) if row["rule"] == "spike"]
        assert row["toolUseId"] == "toolu_25"
        assert row["usual"] < 1_000
        assert row["text"]
        assert row["suggestion"]


def test_what_stands_out_can_be_shown_to_anybody(tmp_path: Path) -> None:
    """Sentences, causes and facts named tools' targets and amounts though names were to be hidden."""
    tale = Tale()
    worked(tale, [300] * 25 + [40_000])
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        noticed(store)
        (row,) = [row for row in rows(store) if row["rule"] == "spike"]
        assert "f25.py" in str(row)
        (hidden,) = obscured([row])
        assert not [each for each in ("f25.py", "shop", row["sessionId"], row["text"]) if each in str(hidden)]
        assert hidden["name"] == row["name"]
        assert abs(hidden["value"] * row["usual"] - hidden["usual"] * row["value"]) <= row["value"] + row["usual"]


def test_what_happens_and_what_lies_in_the_window_can_be_shown_to_anybody(tmp_path: Path) -> None:
    from lineitem.surfaces.cli.live import watch
    from lineitem.surfaces.text import print_table

    tale = Tale()
    pen = worked(tale, [300] * 3)
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        noticed(store)
        asked = store.ask()
        query = Query(Zone(""), asked.ledger.db.one("select max(last_at) from session")[0])
        options = {"incognito": True, "once": True}
        pages = (
            shown(lambda: watch(asked, query, options), 160)[0],
            shown(lambda: print_table(asked.context(pen.session), options), 160)[0],
        )
        open_pages = shown(lambda: watch(asked, query, {"once": True}), 160)[0]
        assert "f2.py" in open_pages
        for page in pages:
            assert not [each for each in ("f2.py", "shop", pen.session[:8]) if each in page]


def test_nothing_is_found_twice(tmp_path: Path) -> None:
    tale = Tale()
    pen = worked(tale, [300] * 25 + [40_000])
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        first = noticed(store)
        assert first
        assert noticed(store) == []
        reads(pen, 26, 300, 90_000)
        tale.write(tmp_path)
        assert [each.finding.rule for each in noticed(store) if each.finding.rule != "health"] == []
        assert len(rows(store)) == len({row["toolUseId"] or row["at"] for row in rows(store)})


def test_what_was_learnt_survives_a_restart(tmp_path: Path) -> None:
    tale = Tale()
    pen = worked(tale, [300] * 25)
    tale.write(tmp_path)
    db = tmp_path / "store.sqlite"
    with Books(tmp_path, db=db) as store:
        assert noticed(store) == []
    reads(pen, 25, 40_000, 90_000)
    tale.write(tmp_path)
    with Books(tmp_path, db=db) as store:
        assert "spike" in {each.finding.rule for each in noticed(store)}


def test_a_loop_is_found_however_its_calls_are_spread_over_rounds(tmp_path: Path) -> None:
    """Each round began to count anew: a collector, which looks after every call, never found one."""
    found = []
    for name, every in (("at-once", 9), ("one-by-one", 1)):
        tale = Tale()
        pen, context = worked(tale, []), 9_013
        with Books(tmp_path / name) as store:
            loops = []
            for number in range(9):
                context = reads(pen, number, 300, context, "same.py")
                if (number + 1) % every == 0:
                    tale.write(tmp_path / name)
                    loops += [each.finding.value for each in noticed(store) if each.finding.rule == "loop"]
        found.append(loops)
    assert found[0]
    assert found[0] == found[1]


def crowd(tale: Tale, agents: int, model: str = OPUS) -> Pen:
    """A session that starts so many agents one after the other; each costs a request."""
    pen = tale.session()
    pen.prompt("go")
    pen.answer([{"type": "text", "text": "ok"}], counts(3, 9_000, 0, 0, 10), model=model)
    for number in range(agents):
        call = f"toolu_{number}"
        use = {"type": "tool_use", "id": call, "name": "Agent", "input": {"subagent_type": "Explore", "prompt": "x"}}
        pen.answer([use], counts(3, 60, 0, 9_000, 40), model=model)
        agent = tale.agent(pen, f"a{number}", card={"agentType": "Explore", "toolUseId": call})
        agent.prompt("look")
        agent.answer([{"type": "text", "text": "seen"}], counts(3, 40_000, 0, 0, 10), model=model)
        pen.result(call, "seen " * 40)
        pen.answer([{"type": "text", "text": "ok"}], counts(3, 60, 0, 9_060, 10), model=model)
    return pen


def test_many_agents_are_told_with_what_they_cost(tmp_path: Path) -> None:
    """The threshold of money never applied to them: no finding held any."""
    tale = Tale()
    crowd(tale, 10)
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        noted = [each for each in noticed(store) if each.finding.rule == "fan-out"]
        (found,) = [each.finding for each in noted]
        spent = store.rows("select sum(nanos) from agent")[0][0]
        assert spent < (found.fact("nanos") or 0) < spent * 1.1
        ((told, _),) = advised(noted)
        assert severity_of(told, preset_thresholds("standard")) == "warning"
        assert severity_of(told, preset_thresholds("few")) == "info"


def test_what_agents_without_a_price_cost_is_not_nothing(tmp_path: Path) -> None:
    tale = Tale()
    crowd(tale, 20, model="claude-unheard-of-9")
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        noted = [each for each in noticed(store) if each.finding.rule == "fan-out"]
        assert [each.finding.fact("nanos") for each in noted] == [None, None]
        told = [each for each, _ in advised(noted)]
        assert [severity_of(each, preset_thresholds("standard")) for each in told] == ["info", "warning"]


def test_a_dear_call_is_told_with_what_it_cost(tmp_path: Path) -> None:
    """The threshold of money never applied to calls that are found by their tokens."""
    tale = Tale()
    worked(tale, [300] * 25 + [40_000])
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        noted = [each for each in noticed(store) if each.finding.rule == "spike"]
        ((told, _),) = advised(noted)
        nanos = told.figures["nanos"] or 0
        assert 40_000 * 5_000 <= nanos <= 41_000 * 5_000 + 60 * 25_000
        assert severity_of(told, preset_thresholds("standard")) == "info"
        assert severity_of(told, preset_thresholds("many")) == "warning"


def test_a_call_of_few_tokens_that_cost_much_is_found_with_its_cause(tmp_path: Path) -> None:
    """What the model writes costs four times what it is given: in tokens such a call is hardly a large one."""
    tale = Tale()
    pen = worked(tale, [2_000] * 25)
    reads(pen, 25, 2_000, 70_000, written=4_000)
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        (noted,) = [each for each in noticed(store) if each.finding.rule == "spike"]
        assert (noted.finding.measure, noted.finding.call) == ("nanos", "toolu_25")
        assert noted.finding.value == noted.finding.fact("nanos")
        assert noted.why[0]["cause"] == "written"
        assert "$0.08" in noted.why[0]["text"]


def test_a_growing_context_is_yellow_then_red_and_falls_again(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    with Books(tmp_path) as store:
        seen = []
        for context in (40_000, 90_000, 95_000, 160_000, 30_000, 100_000):
            pen.answer([{"type": "text", "text": "ok"}], counts(3, 100, 0, context, 10))
            tale.write(tmp_path)
            seen.append([each.finding.severity for each in noticed(store) if each.finding.rule == "health"])
        assert seen == [[], [1], [], [2], [], [1]]
        (row,) = store.ask().standing("", Query(Zone(""), tale.at + 1_000)).rows
        assert (row["level"], row["contextTokens"]) == ("yellow", 100_103)


def test_the_levels_of_the_sessions_read_last_are_remembered() -> None:
    rules = Rules()
    rules.health = {f"s-{number}": Health(at=1_000 - number) for number in range(1_000)}
    again = Rules(rules.state())
    assert set(again.health) == {f"s-{number}" for number in range(500)}


def test_what_an_older_lineitem_learnt_is_taken_up() -> None:
    older: dict[str, Any] = {
        "tokens": {
            "measure": "tokens", "unknown": 2, "baselines": [[["Read .py"], [200, 0, *range(40)]]],
            "told": [[["s-1", "Read .py"], [5, 1]]],
        },
        "slope": {"projects": [["shop", [200, 0, 7, 9]]]},
        "agents": [["s-1", [1, 2, 3]]],
        "health": {"s-1": [5, 90_000, 1, 1]},
    }  # fmt: skip
    rules = Rules(older)
    assert [(measure, key) for measure, key, _ in rules.calls.learnt()] == [("tokens", ("Read .py",))]
    state = rules.state()
    assert state["slope"]["projects"] == older["slope"]["projects"]
    assert (len(state["agents"]), set(state["health"])) == (1, {"s-1"})
    assert Rules(json.loads(json.dumps(state))).state() == state


def test_a_resume_with_a_cold_cache_is_said_with_both_figures(tmp_path: Path) -> None:
    tale = Tale()
    pen = worked(tale, [300])
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        store.read()
        note = (
            '{"source":"resume","context_tokens":156000,"prompt_cache_likely_expired":true,'
            '"seconds_since_last_response":7200,"estimated_cache_write_nanos":780000000}'
        )
        live.keep_events(store.ledger, [Event("one", pen.session, tale.at + 5, "SessionStart", note=note)])
        (found,) = [each.finding for each in noticed(store) if each.finding.rule == "resume"]
        assert found.fact("client") == 780_000_000
        assert found.fact("write") == 156_000 * 5_000
        assert found.fact("minutes") == 120


def test_limits_are_told_with_where_they_are_going(tmp_path: Path) -> None:
    tale = Tale()
    pen = worked(tale, [300])
    tale.write(tmp_path)
    hour = 3_600_000
    now = tale.at
    with Books(tmp_path) as store:
        store.read()
        live.keep_snapshots(store.ledger, [
            Snapshot(pen.session, now - hour, five_hour=4_000, five_hour_resets=now + 2 * hour, window=200_000),
            Snapshot(pen.session, now, five_hour=6_000, five_hour_resets=now + 2 * hour, window=200_000, warm=True,
                     expires=now + 60_000, ttl="5m"),
        ])  # fmt: skip
        noticed(store)
        table = store.ask().standing(pen.session, Query(Zone(""), now))
        assert table.head["limits"]["fiveHour"]["usedHundredths"] == 6_000
        assert table.head["limits"]["fiveHour"]["fullAt"] is not None
        assert table.head["limits"]["week"] is None
        (row,) = table.rows
        assert (row["windowTokens"], row["cacheWarm"], row["cacheLeftMs"]) == (200_000, True, 60_000)
        assert row["goingColdNanos"] == row["contextTokens"] * (5_000 - 200)
        assert "5-hour limit: 60% used" in " ".join(table.notes)


def test_a_store_in_which_nothing_stands_out_says_so(tmp_path: Path) -> None:
    from lineitem.surfaces.text import print_table

    with Books(tmp_path) as store:
        out, _ = shown(lambda: print_table(store.ask().anomalies(Query(Zone(""), 1)), {}), 100)
        assert "Nothing stands out here" in out


@pytest.mark.parametrize("given", [{"preset": "odd"}, {"yellow": 5, "red": 4}, {"yellow": "x"}, {"green": 1}, 3])
def test_thresholds_that_cannot_be_meant_are_refused(given: object) -> None:
    from lineitem.core.problems import UsageError
    from lineitem.insights.health import from_settings

    with pytest.raises(UsageError, match="health"):
        from_settings({"health": given})


def test_thresholds_are_a_preset_or_a_persons_own() -> None:
    from lineitem.insights.health import from_settings

    assert from_settings({}) == (80_000, 150_000)
    assert from_settings({"health": {"preset": "economical"}}) == (50_000, 100_000)
    assert from_settings({"health": {"red": 90_000}}) == (80_000, 90_000)


def test_what_the_alerts_keep_is_kept_with_the_findings_or_neither_is(tmp_path: Path) -> None:
    tale = Tale()
    worked(tale, [300] * 25 + [40_000])
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        store.read()
        store.fold()

        def fails(_: list[Noted]) -> None:
            raise OSError

        with pytest.raises(OSError):  # noqa: PT011
            notice(store.ledger, store.book, THRESHOLDS, fails)
        given: list[Noted] = []
        found = notice(store.ledger, store.book, THRESHOLDS, given.extend)
        assert given == found != []


def test_a_hostile_session_name_steers_no_terminal(tmp_path: Path) -> None:
    from lineitem.surfaces.text import print_table

    tale = Tale()
    pen = worked(tale, [300])
    hostile = pen.path.replace(pen.session, "\x1b[2Jse\u202es")
    tale.pens[hostile] = tale.pens.pop(pen.path)
    tale.write(tmp_path)
    with Books(tmp_path) as store:
        store.read()
        out, _ = shown(lambda: print_table(store.ask().context(), {}), 100)
    assert "The window of" in out
    assert "\x1b" not in out
    assert "\u202e" not in out

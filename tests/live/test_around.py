"""What is known around a finding: counted in the store, over the whole session, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lineitem.around import around
from lineitem.core.live import Event
from lineitem.insights.findings import Finding
from lineitem.insights.health import Thresholds
from lineitem.insights.why import Around
from lineitem.ledger import live
from lineitem.noticing import Noted, notice
from tests.telling.stores import Books
from tests.telling.transcripts import HAIKU, OPUS, Pen, Tale, counts

THRESHOLDS = Thresholds(80_000, 150_000)
#: Nanodollars a token of Opus 5.5.
UNCACHED, WRITE, READ, OUTPUT = 4_000, 5_000, 200, 20_000
TEXT = {"type": "text", "text": "ok"}


def uses(pen: Pen, call: str, tool: str, path: str, usage: dict[str, Any], size: int = 1_200) -> None:
    """The model calls a tool on a file and gets its answer."""
    pen.answer([{"type": "tool_use", "id": call, "name": tool, "input": {"file_path": path}}], usage)
    pen.result(call, "x = 1\n" * (size // 4))


def noticed(store: Books, tale: Tale, folder: Path) -> list[Noted]:
    tale.write(folder)
    store.read()
    store.fold()
    return notice(store.ledger, store.book, THRESHOLDS)


def spent(tale: Tale, folder: Path, *events: Event) -> tuple[Finding, list[dict[str, str]], Around]:
    """The first five minutes that were steep, why, and what is known around them."""
    with Books(folder) as store:
        live.keep_events(store.ledger, events)
        finding, why = next(each for each in noticed(store, tale, folder) if each.finding.rule == "slope")
        return finding, why, around(store.ledger, store.book, finding)


def test_reads_of_a_file_are_counted_over_the_session_and_no_other_tools_are(tmp_path: Path) -> None:
    """They were counted within one round of the collector, and for every tool: a file edited was read."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    context = 9_000
    pen.answer([TEXT], counts(3, context, 0, 0, 10))
    kinds = [("Read", f"/home/dev/shop/f{number}.py") for number in range(22)]
    kinds += [("Edit", "/home/dev/shop/big.py"), ("Read", "/home/dev/shop/big.py")] * 2
    found: list[Noted] = []
    with Books(tmp_path) as store:
        for number, (tool, path) in enumerate([*kinds, ("Read", "/home/dev/shop/big.py")]):
            size = 300 if number < len(kinds) else 40_000
            uses(pen, f"toolu_{number}", tool, path, counts(3, 60, 0, context, 40), size * 4)
            pen.answer([TEXT], counts(3, size, 0, context + 103, 10))
            context += 116 + size
            found += noticed(store, tale, tmp_path)
    (spike,) = [each for each in found if each.finding.rule == "spike"]
    (again,) = [why for why in spike.why if why["cause"] == "read-again"]
    assert again["text"] == "big.py was read 3 times in this session."


def test_a_name_that_was_cut_is_of_no_one_file(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    for number in range(2):
        path = f"/home/dev/shop/{'deep/' * 20}f{number}.py"
        uses(pen, f"toolu_{number}", "Read", path, counts(3, 9_000, 0, 0, 40))
    pen.answer([TEXT], counts(3, 9_000, 0, 0, 10))
    with Books(tmp_path) as store:
        noticed(store, tale, tmp_path)
        (target,) = {
            str(row[0]).partition("/Read/")[2] for row in store.rows("select cause from item where call <> ''")
        }
        spike = Finding("spike", 0, pen.session, "p", tale.at, "", "tokens", 9_000, 1_000, call="toolu_1")
        assert around(store.ledger, store.book, spike, "Read", target).reads is None


def test_what_fast_spending_went_to_is_counted_to_the_nanodollar(tmp_path: Path) -> None:
    """Of five minutes that cost too much nothing was ever known."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([TEXT], counts(3, 100_000, 0, 0, 50_000, thinking=40_000))
    pen.prompt("more")
    pen.answer([TEXT], counts(3, 60_000, 0, 100_000, 500_000, thinking=450_000))
    finding, why, known = spent(tale, tmp_path)
    assert (known.thinking, known.written) == (490_000 * OUTPUT, 60_000 * OUTPUT)
    assert known.carried == 100_000 * READ
    assert (known.entered, known.rewritten) == (160_000 * WRITE + 6 * UNCACHED, 0)
    assert sum((known.thinking or 0, known.written or 0, known.carried or 0, known.entered or 0)) == finding.value
    assert (why[0]["cause"], why[0]["confidence"]) == ("thinking", "sure")
    assert why[0]["text"] == "$9.80 of it is thinking."
    assert [each["cause"] for each in why] == ["thinking"]


def test_a_cache_written_again_is_named_with_its_reason(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([TEXT], counts(3, 800_000, 0, 0, 10))
    tale.at += 900_000
    for size in (800_100, 800_200, 800_300):
        pen.prompt("more")
        pen.answer([TEXT], counts(3, size, 0, 0, 10))
        tale.at += 1_000
    _, why, known = spent(tale, tmp_path)
    # of the misses only the first came after a pause: for several reasons none is named
    assert known.rewritten is not None
    assert known.rewritten > 2 * 790_000 * WRITE
    assert (why[0]["cause"], known.miss) == ("cold-cache", "")
    assert "writing to the cache again." in why[0]["text"]


def test_what_agents_spent_is_counted_with_how_many_they_were(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    calls = [f"toolu_{number}" for number in range(2)]
    ask = {"subagent_type": "Explore", "prompt": "look", "description": "look"}
    pen.answer([{"type": "tool_use", "id": call, "name": "Agent", "input": ask} for call in calls],
               counts(3, 9_000, 0, 0, 80))  # fmt: skip
    for call in calls:
        inner = tale.agent(pen, call, card={"agentType": "Explore", "toolUseId": call})
        inner.prompt("look")
        inner.answer([TEXT], counts(3, 6_000, 0, 0, 300_000))
    _, why, known = spent(tale, tmp_path)
    each = 3 * UNCACHED + 6_000 * WRITE + 300_000 * OUTPUT
    assert (known.agents, known.agents_cost) == (2, 2 * each)
    assert "spent by 2 agents" in next(cause["text"] for cause in why if cause["cause"] == "agents")


def test_beside_many_agents_stands_what_agents_spent_in_those_minutes(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([TEXT], counts(3, 9_000, 0, 0, 80))
    with Books(tmp_path) as store:
        for number in range(3):
            inner = tale.agent(pen, f"a{number}", card={"agentType": "Explore", "toolUseId": f"toolu_{number}"})
            inner.prompt("look")
            inner.answer([TEXT], counts(3, 6_000, 0, 0, 300))
            tale.at += 500_000
        noticed(store, tale, tmp_path)
        many = Finding("fan-out", 0, pen.session, "p", tale.at, "Agent Explore", "agents", 10, 10,
                       facts=(("minutes", 10),))  # fmt: skip
        known = around(store.ledger, store.book, many, "Agent", "Explore")
        assert (known.agents, known.agents_cost) == (1, 3 * UNCACHED + 6_000 * WRITE + 300 * OUTPUT)


def test_a_dearer_model_is_named_with_the_one_before(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([TEXT], counts(3, 9_000, 0, 0, 10), model=HAIKU)
    pen.prompt("more")
    pen.answer([TEXT], counts(3, 9_000, 0, 0, 600_000), model=OPUS)
    _, why, known = spent(tale, tmp_path)
    with Books(tmp_path) as store:
        old, new = (store.book.rates(model, tale.at) for model in (HAIKU, OPUS))
    assert (known.model_before, known.dearer) == (HAIKU, new.output * 100 // old.output)  # type: ignore[union-attr]
    dearer = next(cause for cause in why if cause["cause"] == "dearer-model")
    assert (dearer["confidence"], HAIKU in dearer["text"]) == ("likely", True)


def test_a_compaction_in_those_minutes_is_said_where_something_told_it(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([TEXT], counts(3, 9_000, 0, 0, 600_000))
    told = Event("one", pen.session, tale.at - 500, "PostCompact")
    assert spent(tale, tmp_path / "told", told)[2].compacted
    assert not spent(tale, tmp_path / "early", told._replace(at=tale.at - 900_000))[2].compacted
    assert not spent(tale, tmp_path / "none")[2].compacted


def test_schemas_are_told_by_proportion_and_never_surely(tmp_path: Path) -> None:
    tale = Tale()
    pen = tale.session()
    tool = {"name": "mcp__crm__find", "description": "finds a customer " * 4_000, "input_schema": {"type": "object"}}
    pen.line("attachment", attachment={"type": "prompt_snapshot", "systemPrompt": ["be kind"], "tools": [tool]})
    pen.prompt("go")
    pen.answer([TEXT], counts(3, 80_000, 0, 0, 100))
    for _ in range(40):
        pen.prompt("more")
        pen.answer([TEXT], counts(3, 0, 0, 1_400_000, 100))
    _, why, known = spent(tale, tmp_path)
    assert (known.server, known.schemas is not None) == ("mcp__crm", True)
    assert {cause["confidence"] for cause in why if cause["cause"] == "schemas"} <= {"likely"}


def test_where_the_requests_are_no_such_sum_nothing_is_said(tmp_path: Path) -> None:
    """A payment that comes late counts into the five minutes under way: those of its own time explain nothing."""
    tale = Tale()
    pen = tale.session()
    pen.prompt("go")
    pen.answer([TEXT], counts(3, 9_000, 0, 0, 600_000))
    with Books(tmp_path) as store:
        (finding,) = [each.finding for each in noticed(store, tale, tmp_path) if each.finding.rule == "slope"]
        assert around(store.ledger, store.book, finding) != Around()
        for value in (finding.value + 1, finding.value * 3):
            assert around(store.ledger, store.book, finding._replace(value=value)) == Around()

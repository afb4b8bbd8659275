"""The bill of a session: adds up, fits, says what it does not know, and is the same for the same session."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.reports.lines import Line
from lineitem.reports.session import SessionBill
from lineitem.surfaces.page import cells
from lineitem.surfaces.receipt import causes_of, receipt
from lineitem.surfaces.text import print_session
from tests.surfaces.answers import HOSTILE, shown

COLOUR = re.compile(r"\x1b\[[\d;]*m")
SESSION = "3f2a91c0-1111-4222-8333-444455556666"


def line(cause: str, thread: str = "", call: str = "", *, basis: str = "measured", **sums: int) -> Line:
    names = ("g_output", "g_nanos", "i_uncached", "i_write5", "i_write1", "i_read", "i_nanos", "c_read", "c_nanos",
             "r_uncached", "r_write5", "r_write1", "r_nanos", "s_nanos")  # fmt: skip
    row = (cause, cause.partition("/")[0], call, "claude-opus-5-5", basis, 1_793_613_600_000, 1, 2)
    return Line(SESSION, thread, (*row, *[sums.get(name, 0) for name in names]))


def bill(lines: list[Line], **given: Any) -> SessionBill:
    head = {
        "sessionId": SESSION,
        "projectPath": "-home-ada-shop",
        "firstActivity": "2026-11-02T10:00:00.000Z",
        "lastActivity": "2026-11-02T10:42:00.000Z",
        "costNanos": sum(each.nanos for each in lines),
        "reportedNanos": None,
        "unloggedNanos": 0,
    } | given.get("head", {})
    return SessionBill(
        head,
        lines,
        given.get("agents", []),
        given.get("misses", []),
        given.get("prompts", []),
        given.get("unpriced", set()),
    )


nanos = st.integers(0, 10**12)


@st.composite
def bills(draw: st.DrawFn) -> SessionBill:
    """Causes of every kind, agents of agents, agents whose call is gone, names from anywhere."""
    name = st.sampled_from(["Bash", "Read", "mcp__github__search", "Agent", *HOSTILE])
    lines = []
    threads = ["", "a1", "a2", "a3"]
    for number in range(draw(st.integers(1, 12))):
        kind = draw(
            st.sampled_from(["tool", "schemas", "system", "memory", "skill", "prompt", "reply", "thinking", "unlogged"])
        )
        cause = f"{kind}/{draw(name)}" if kind in ("tool", "memory", "skill") else kind
        call = f"toolu_{number}" if kind == "tool" else ""
        thread = "" if kind == "unlogged" else draw(st.sampled_from(threads))
        parts: Any = {part: draw(nanos) for part in ("g_nanos", "i_nanos", "c_nanos", "r_nanos", "s_nanos")}
        lines.append(line(cause, thread, call, basis=draw(st.sampled_from(["measured", "apportioned"])), **parts))
    agents = []
    for thread in threads[1:]:
        call = draw(st.sampled_from(["", "toolu_0", "toolu_1", "toolu_2"]))
        parent = next((each.thread for each in lines if each.call == call and call), "")
        agents.append((SESSION, thread, draw(name), call, parent, 2, 0))
    misses = [("", 1_793_613_600_000, "msg_1", draw(name), 5_000, draw(nanos), 3_000_000)] * draw(st.integers(0, 6))
    prompts = [
        (SESSION, number, 1_793_613_600_000, "manual", "", draw(st.integers(0, 3)), draw(nanos), draw(nanos))
        for number in range(draw(st.integers(0, 50)))
    ]
    unlogged = sum(each.nanos for each in lines if each.kind == "unlogged")
    reported = draw(st.none() | nanos)
    head = {"unloggedNanos": unlogged, "reportedNanos": reported, "projectPath": draw(name), "sessionId": draw(name)}
    return bill(lines, head=head, agents=agents, misses=misses, prompts=prompts)


@given(bills())
def test_the_totals_of_its_rows_are_the_bill(found: SessionBill) -> None:
    whole = sum(each.nanos for each in found.lines)
    assert sum(row.total for _, rows in causes_of(found, found.calls()) for row in rows.values()) == whole


@pytest.mark.parametrize("width", [80, 100, 140])
@given(found=bills())
def test_no_line_is_longer_than_the_page(width: int, found: SessionBill) -> None:
    for each in receipt(found, {}, width).lines:
        assert cells("".join(text for text, _ in each)) <= width


@given(bills(), st.booleans())
def test_no_name_steers_the_terminal(found: SessionBill, coloured: bool) -> None:
    out, _ = shown(lambda: print_session(found, {"color": coloured}), 110)
    assert all(each.isprintable() for each in COLOUR.sub("", out).split("\n"))


def text(found: SessionBill, width: int = 110, **options: Any) -> str:
    return receipt(found, {"timezone": "UTC", **options}, width).text()


def rows(out: str) -> dict[str, list[str]]:
    """The amounts of each row by its label."""
    found = {}
    for each in out.splitlines():
        if parts := re.match(r" [■· ] (.*?)((?:  +\S+)*)$", each):
            found[parts[1].strip()] = parts[2].split()
    return found


CALL: Any = {"g_nanos": 20_000_000, "i_nanos": 100_000_000, "c_nanos": 50_000_000, "r_nanos": 30_000_000}


def test_a_call_has_its_parts_its_own_and_its_total() -> None:
    lines = [line("tool/Agent/Explore", "", "toolu_1", **CALL), line("reply", "a1", g_nanos=300_000_000)]
    out = text(bill(lines, agents=[(SESSION, "a1", "Explore", "toolu_1", "", 3, 0)]))
    assert rows(out)["Agent Explore"] == ["0.0200", "0.1000", "0.0800", "0.0300", "0.2000", "0.5000", "100%"]
    assert rows(out)["The bill"] == ["$0.0200", "$0.1000", "$0.0800", "$0.0300", "$0.2000", "$0.5000", "100%"]
    assert rows(out)["agents: 1, each with a context of its own"] == ["0.3000", "60%"]


def test_own_is_left_out_where_there_are_no_agents() -> None:
    out = text(bill([line("tool/Bash/ls", "", "toolu_1", **CALL)]))
    assert " Own " not in out
    assert rows(out)["Bash ls"] == ["0.0200", "0.1000", "0.0800", "0.0300", "0.2000", "100%"]


def test_what_an_unknown_call_started_is_a_row_of_its_own() -> None:
    lines = [line("reply", "", g_nanos=100_000_000), line("reply", "a1", g_nanos=300_000_000)]
    out = text(bill(lines, agents=[(SESSION, "a1", "Explore", "toolu_gone", "", 3, 0)]))
    assert rows(out)["Agents: call not in the transcript"] == ["0.3000", "75%"]


def test_estimates_wear_a_mark_and_sums_do_not() -> None:
    lines = [line("tool/Bash/ls", "", "toolu_1", basis="apportioned", **CALL), line("reply", g_nanos=100_000_000)]
    found = rows(text(bill(lines)))
    assert all(amount.startswith("~") for amount in found["Bash ls"][:-1])
    assert not any("~" in amount for amount in found["The bill"] + found["Replies"])


def test_it_says_what_carrying_misses_and_silence_cost() -> None:
    lines = [line("tool/Bash/ls", "", "toolu_1", **CALL), line("unlogged", i_nanos=50_000_000, basis="remainder")]
    misses = [("", 1_793_613_600_000, "m", "idle beyond the 5-minute cache lifetime", 41_200, 30_000_000, 2_820_000)]
    out = text(bill(lines, misses=misses, head={"unloggedNanos": 50_000_000, "reportedNanos": 250_000_000}))
    found = rows(out)
    assert found["carrying what was already in the prompt"] == ["0.0800", "32%"]
    assert found["cache misses: 1, written to the cache again"] == ["0.0300", "12%"]
    assert "10:00  41.2k tokens: idle 47m, beyond the 5-minute cache " in out
    assert found["not logged, only in Claude Code's own total"] == ["0.0500", "20%"]
    assert found["Not logged"] == ["0.0500", "20%"]
    assert "Claude Code's own total is the same." in out


def test_it_says_so_where_the_client_says_something_else_or_nothing() -> None:
    lines = [line("reply", g_nanos=100_000_000)]
    assert "Claude Code wrote no total of its own" in text(bill(lines))
    assert "Claude Code's own total is $0.2000: see lineitem check." in text(
        bill(lines, head={"reportedNanos": 200_000_000})
    )


def test_a_bill_without_some_price_is_a_floor() -> None:
    out = text(bill([line("reply", g_nanos=100_000_000)], unpriced={"new-model"}))
    assert out.splitlines()[0].endswith("≥$0.1000")
    assert "No price is known for new-model" in out


def test_a_bill_of_nothing_is_a_bill() -> None:
    assert "$0.00" in text(bill([line("reply")]))


def test_without_cost_only_shares_are_shown() -> None:
    out = text(bill([line("tool/Bash/ls", "", "toolu_1", **CALL), line("reply", g_nanos=100_000_000)]), no_cost=True)
    assert "$" not in out
    assert "0.2" not in out
    assert rows(out)["Bash ls"] == ["67%"]


def test_the_narrow_form_keeps_carry_own_and_total() -> None:
    lines = [line("tool/Agent/Explore", "", "toolu_1", **CALL), line("reply", "a1", g_nanos=300_000_000)]
    found = bill(lines, agents=[(SESSION, "a1", "Explore", "toolu_1", "", 3, 0)])
    assert rows(text(found, 80))["Agent Explore"] == ["0.0800", "0.2000", "0.5000", "100%"]
    assert rows(text(found, 140, compact=True))["Agent Explore"] == ["0.0800", "0.2000", "0.5000", "100%"]

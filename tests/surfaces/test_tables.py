"""A table on pages of any width: every number of a row is there, the sums stand below, nothing steers a terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.reports.shapes import COUNT, DURATION, MONEY, RATIO, SHARE, TEXT, TIME, TOKENS, Column, Table
from lineitem.surfaces import numbers
from lineitem.surfaces.page import cells
from lineitem.surfaces.text import print_table
from tests.surfaces.answers import HOSTILE, shown, tables

WIDTHS = (80, 100, 140)
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def rows_of(out: str) -> list[str]:
    """The lines between the two rules."""
    lines = out.splitlines()
    rules = [place for place, line in enumerate(lines) if line.startswith(" ───")]
    return lines[rules[0] + 1 : rules[1]]


def totals_of(out: str) -> str:
    return next(line for line in out.splitlines() if line.startswith(" Total"))


def marked(text: str, row: dict[str, Any], unpriced: object) -> str:
    """A cost with what is to be known of it: some of it provisional, or without a price."""
    if not row["costNanos"]:
        return "unpriced" if unpriced else text
    text = f"~{text}" if row["provisional"] and text[0] != "<" else text
    return f"≥{text}" if unpriced else text


@pytest.mark.parametrize("width", WIDTHS)
@given(table=tables())
def test_no_line_is_longer_than_the_page(width: int, table: Table) -> None:
    out, _ = shown(lambda: print_table(table, {}), width)
    assert all(cells(line) <= width for line in out.splitlines())


@pytest.mark.parametrize("width", WIDTHS)
@given(table=tables())
def test_every_number_of_a_row_is_there_whole(width: int, table: Table) -> None:
    out, _ = shown(lambda: print_table(table, {}), width)
    lines = [line for line in rows_of(out) if not line.startswith("   ")]
    for row, line in zip(table.rows, lines, strict=True):
        for column in table.columns:
            if column.wide or column.kind not in (TOKENS, MONEY):
                continue
            value = row[column.key]
            text = numbers.tokens(value) if column.kind == TOKENS else numbers.money(value)
            if column.key == "costNanos":
                text = marked(text, row, row["unpricedTokens"])
            assert text in line.split()


@pytest.mark.parametrize("width", WIDTHS)
@given(table=tables())
def test_the_sums_stand_below(width: int, table: Table) -> None:
    out, _ = shown(lambda: print_table(table, {}), width)
    assert table.totals is not None
    assert numbers.tokens(table.totals["totalTokens"]) in totals_of(out).split()
    text = marked(numbers.money(table.totals["costNanos"]), table.totals, table.totals["unpricedModels"])
    assert totals_of(out).split()[-1] == text


@given(tables(), st.sampled_from(WIDTHS), st.booleans())
def test_no_name_steers_the_terminal(table: Table, width: int, coloured: bool) -> None:
    out, _ = shown(lambda: print_table(table, {"color": coloured}), width)
    assert all(line.isprintable() for line in COLOUR.sub("", out).split("\n"))
    assert coloured or "\x1b" not in out


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_is_shown_as_a_harmless_one(hostile: str) -> None:
    columns = [Column("branch", "Branch"), Column("costNanos", "Cost", MONEY)]
    table = Table("branches", "The bill by branch", columns, [{"branch": hostile, "costNanos": 10**9}], None)
    out, _ = shown(lambda: print_table(table, {}), 120)
    (line,) = [line for line in out.splitlines() if "$1.00" in line]
    assert line.isprintable()
    assert "]8;;" not in line


def test_markup_is_text() -> None:
    table = Table("x", "T", [Column("branch", "Branch")], [{"branch": "[bold]feat[/bold] [link=x]y[/link]"}])
    out, _ = shown(lambda: print_table(table, {"color": True}), 120)
    assert "[bold]feat[/bold] [link=x]y[/link]" in out


def some(key: str, columns: list[Column], rows: list[dict[str, Any]], **more: Any) -> Table:
    return Table(key, "Some table", columns, rows, more.pop("totals", None), **more)


WIDE = [
    Column("day", "Day", TEXT),
    Column("models", "Models", TEXT, wide=True),
    Column("costNanos", "Cost", MONEY),
]


@pytest.mark.parametrize(
    ("width", "options", "whole", "hinted"),
    [(120, {}, True, False), (99, {}, False, True), (120, {"compact": True}, False, False)],
)
def test_the_narrow_form_leaves_columns_out_and_says_so(
    width: int, options: dict[str, Any], whole: bool, hinted: bool
) -> None:
    table = some("daily", WIDE, [{"day": "2026-11-02", "models": "opus", "costNanos": 1}])
    out, err = shown(lambda: print_table(table, options), width)
    assert ("Models" in out) == whole
    assert ("left out" in err) == hinted
    assert err.count("\n") == hinted


def test_a_wide_column_that_says_nothing_is_left_out_without_a_word() -> None:
    table = some("daily", WIDE, [{"day": "2026-11-02", "models": "", "costNanos": 1}])
    out, err = shown(lambda: print_table(table, {}), 80)
    assert "Models" not in out
    assert err == ""


def test_without_cost_no_money_is_shown() -> None:
    table = some(
        "daily", WIDE, [{"day": "2026-11-02", "models": "opus", "costNanos": 10**9}], totals={"costNanos": 10**9}
    )
    out, _ = shown(lambda: print_table(table, {"no_cost": True}), 120)
    assert "$" not in out
    assert "2026-11-02" in out


def test_a_session_id_is_whole_where_there_is_room() -> None:
    ident = "3f2a91c0-1111-4222-8333-444455556666"
    table = some("sessions", [Column("sessionId", "Session"), Column("costNanos", "Cost", MONEY)],
                 [{"sessionId": ident, "costNanos": 1}])  # fmt: skip
    assert ident in shown(lambda: print_table(table, {}), 120)[0]
    narrow = shown(lambda: print_table(table, {}), 80)[0]
    assert "3f2a91c0 " in narrow
    assert ident not in narrow


def call(nanos: int, basis: str = "measured") -> dict[str, Any]:
    return {"tool": "Bash", "target": f"run {nanos}", "carriedRequests": 2, "selfNanos": nanos, "totalNanos": nanos,
            "basis": basis}  # fmt: skip


CALLS = [Column("tool", "Tool"), Column("target", "Target"), Column("carriedRequests", "Carried", COUNT, wide=True),
         Column("selfNanos", "Own", MONEY), Column("totalNanos", "Total", MONEY)]  # fmt: skip


def test_an_estimate_wears_a_mark() -> None:
    rows = [call(200_000_000, "apportioned"), call(100_000_000), call(10_000, "estimated")]
    out, _ = shown(lambda: print_table(some("calls", CALLS, rows), {}), 120)
    about, measured, little = (line.split()[-1] for line in out.splitlines()[4:7])
    assert (about, measured, little) == ("~$0.2000", "$0.1000", "<$0.0001")
    assert "~ is the split of an exact sum" in out


@pytest.mark.parametrize("order", ["desc", "asc"])
def test_of_many_calls_the_dearest_are_shown_and_the_others_summed(order: str) -> None:
    rows = sorted((call(nanos * 10**9) for nanos in range(1, 101)), key=lambda row: -row["totalNanos"])
    if order == "asc":
        rows.reverse()
    table = some("calls", CALLS, rows, totals={"selfNanos": sum(row["selfNanos"] for row in rows)})
    out, _ = shown(lambda: print_table(table, {"order": order}), 120)
    lines = rows_of(out)
    more = lines[-1] if order == "desc" else lines[0]
    assert len(lines) == 26
    assert more.split() == ["75", "more", "150", "$2,850.00", "$2,850.00"]
    assert "$5,050.00" in totals_of(out)
    assert "The 25 dearest of 100; --json has all." in out
    assert "run 100000000000" in out


def test_small_calls_have_more_digits_and_days_have_two() -> None:
    small = shown(lambda: print_table(some("calls", CALLS, [call(16_900_000)]), {}), 120)[0]
    day = shown(
        lambda: print_table(some("daily", WIDE, [{"day": "x", "models": "y", "costNanos": 180_000_000}]), {}), 120
    )[0]
    assert "$0.0169" in small
    assert "$0.18" in day.split()


def test_nothing_to_show_says_what_there_would_have_to_be() -> None:
    table = some("daily", WIDE, [], empty="No usage in this range.")
    out, err = shown(lambda: print_table(table, {}), 80)
    assert out == "No usage in this range.\n"
    assert "transcripts" in err
    assert "lineitem demo" in err
    _, err = shown(lambda: print_table(table, {"since": "7d", "project": "shop"}), 80)
    assert err == "Asked for --since 7d --project shop: try without.\n"


def test_the_notes_say_what_unlogged_and_unpriced_are() -> None:
    totals = {"costNanos": 10**9, "unloggedNanos": 40_000_000, "unpricedModels": ["new-model", "\x1b[31mother"]}
    rows = [{"day": "2026-11-02", "models": "x", "costNanos": 10**9, "unpricedTokens": 5}]
    table = some("daily", WIDE, rows, totals=totals, notes=["unlogged", "unpriced"])
    out, _ = shown(lambda: print_table(table, {}), 120)
    plain = " ".join(out.split())
    assert "$0.04 of the cost is unlogged: Claude Code counts it in its own total" in plain
    assert "`lineitem check`" in plain
    assert "No price is known for new-model, other: its tokens are counted, its cost is missing" in plain
    assert "prices.models" in plain
    assert totals_of(out).split()[-1] == "≥$1.00"


def test_the_models_of_a_day_stand_below_it() -> None:
    columns = [Column("day", "Day"), Column("totalTokens", "Tokens", TOKENS), Column("costNanos", "Cost", MONEY)]
    inner = [Column("modelName", "Model"), *columns[1:]]
    models = [{"modelName": "claude-opus-4-5-20251101", "totalTokens": 7, "costNanos": None, "unpricedTokens": 7}]
    rows = [{"day": "2026-11-02", "totalTokens": 7, "costNanos": 0, "unpricedTokens": 7, "modelBreakdowns": models}]
    out, _ = shown(lambda: print_table(some("daily", columns, rows, detail=("modelBreakdowns", inner)), {}), 80)
    assert [line.split() for line in out.splitlines()[4:]] == [
        ["2026-11-02", "7", "unpriced"],
        ["opus-4-5", "7", "unpriced"],
    ]


def test_blocks_show_gaps_the_rate_and_the_limit() -> None:
    columns = [Column("startTime", "Start", TIME), Column("state", "State"), Column("entries", "Requests", COUNT),
               Column("totalTokens", "Tokens", TOKENS), Column("costNanos", "Cost", MONEY)]  # fmt: skip
    gap = {"startTime": "2026-11-02T08:00:00.000Z", "state": "gap 9 h", "isGap": True, "entries": 0, "totalTokens": 0,
           "costNanos": 0}  # fmt: skip
    now = {"startTime": "2026-11-02T17:00:00.000Z", "state": "active", "isActive": True, "entries": 3,
           "totalTokens": 30_000, "costNanos": 10**9, "burnRate": {"tokensPerMinute": 2_100.4, "costPerHour": 4.2},
           "projection": {"totalTokens": 1_200_000, "totalCost": 12.8, "remainingMinutes": 165},
           "tokenLimitStatus": {"limit": 50_000, "percentUsed": 60.0, "status": "ok"}}  # fmt: skip
    out, _ = shown(lambda: print_table(some("blocks", columns, [gap, now]), {"timezone": "UTC"}), 120)
    lines = out.splitlines()
    assert lines[4].split() == ["2026-11-02", "08:00", "gap", "9", "h"]
    assert lines[5].split() == ["2026-11-02", "17:00", "active", "3", "30.0k", "$1.00"]
    assert "2,100 tokens a minute, $4.20 an hour; 2h 45m left, at this rate 1.2M tokens and $12.80" in out
    assert "60% of 50.0k tokens, ok." in out


def test_a_difference_nobody_explains_stands_out() -> None:
    columns = [Column("sessionId", "Session"), Column("unexplainedNanos", "Unexplained", MONEY)]
    rows = [{"sessionId": "3f2a91c0", "unexplainedNanos": 5_000_000, "agrees": False, "explained": {}}]
    totals = {"unexplainedNanos": 5_000_000, "withoutTotal": 3}
    out, _ = shown(lambda: print_table(some("sessions", columns, rows, totals=totals), {"color": True}), 120)
    assert COLOUR.sub("", out).count("$0.005000") == 2
    assert out.count("\x1b[91m$0.005000") == 1 or "38;2;229;83;75m$0.005000" in out
    assert "3 sessions have no total of Claude Code's own." in out


def test_shares_are_a_part_of_a_whole() -> None:
    table = some("x", [Column("name", "Name"), Column("part", "Part", SHARE)], [{"name": "a", "part": 1 / 3}])
    assert "33%" in shown(lambda: print_table(table, {}), 80)[0]


def test_a_duration_and_a_ratio_are_written_as_people_do() -> None:
    columns = [Column("took", "Took", DURATION), Column("ratio", "In/out", RATIO)]
    out, _ = shown(lambda: print_table(Table("x", "X", columns, [{"took": 272_000, "ratio": 94.871}]), {}), 80)
    assert out.splitlines()[-1].split() == ["4m", "32s", "94.9"]


@pytest.mark.parametrize("options", [{}, {"incognito": True}, {"no_cost": True}])
def test_further_tables_stand_below_and_in_the_document(options: dict[str, Any]) -> None:
    columns = [Column("project", "Project"), Column("costNanos", "Cost", MONEY)]
    whole = Table("x", "The whole", columns, [{"project": "shop", "costNanos": 4 * 10**9}], {"costNanos": 4 * 10**9})
    whole.below = [Table("y", "The part", columns, [{"project": "shop", "costNanos": 10**9}], notes=["So it is."])]
    out, _ = shown(lambda: print_table(whole, options), 80)
    assert out.index("The whole") < out.index("The part") < out.index("So it is.")
    assert ("$1.00" in out) == (not options)
    assert list(whole.json()) == ["x", "totals", "y", "schemaVersion"]


def test_that_columns_are_left_out_is_said_once_for_all_tables() -> None:
    columns = [Column("name", "Name"), Column("cost", "Cost", MONEY, wide=True)]
    whole, part = (Table(key, key, columns, [{"name": "shop", "cost": 10**9}]) for key in "xy")
    whole.below = [part]
    _, err = shown(lambda: print_table(whole, {}), 80)
    assert err.count("Some columns are left out") == 1

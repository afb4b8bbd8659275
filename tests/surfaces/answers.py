"""Answers for tests of surfaces: tables as reports make them, and what a person then sees of them."""

from __future__ import annotations

import contextlib
import io
import os
from typing import TYPE_CHECKING, Any
from unittest import mock

from hypothesis import strategies as st

from lineitem.reports.over_time import BREAKDOWN, TOKEN_COLUMNS, total_row
from lineitem.reports.shapes import COUNT, MONEY, NAMES, TIME, Column, Table
from lineitem.reports.tree import Node, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

#: What somebody may have put into a project's name, a branch or a command.
HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://example.org\x07link\x1b]8;;\x07",
    "\x1b]0;title\x07",
    "a\rb\nc\td\x08e\x7f",
    "\u202eesrever\u202c \u2066x\u2069 \u200e\u200b\ufeff",
    "[bold red]markup[/] [link=https://example.org]x[/link] :smile: \\[",
    "\x9b31mred\x9d0;t\x9c",
    "\x1bP1;2|17/ab\x1b\\ \x1b(0 \x1bc",
    "\ud800 lone \udfff",
    "東京の支店 👩‍👩‍👧 e\u0301",
)


def shown(call: Callable[[], object], columns: int, env: dict[str, str] | None = None) -> tuple[str, str]:
    """What a call writes to stdout and stderr, on a page of so many columns."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogatepass", newline="") for _ in range(2))
    settings = {"COLUMNS": str(columns), "NO_COLOR": "", "FORCE_COLOR": ""} | (env or {})
    with mock.patch.dict(os.environ, settings), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        call()
    out.seek(0)
    err.seek(0)
    return out.read(), err.read()


counts = st.integers(0, 10**12)
money = st.integers(0, 10**15)
names = st.text(max_size=60) | st.sampled_from(HOSTILE)


def row(draw: st.DrawFn, **named: Any) -> dict[str, Any]:
    """A row with all that tables of periods and sessions hold."""
    tokens = {column.key: draw(counts) for column in TOKEN_COLUMNS}
    models = [
        {"modelName": model, **{column.key: draw(counts) for column in TOKEN_COLUMNS}, "costNanos": draw(money)}
        for model in draw(st.lists(names, max_size=3))
    ]
    return {
        **named,
        **tokens,
        "modelsUsed": [model["modelName"] for model in models],
        "modelBreakdowns": models,
        "costNanos": draw(money),
        "loggedNanos": draw(money),
        "unloggedNanos": draw(money),
        "unloggedTokens": draw(counts),
        "unpricedTokens": draw(st.just(0) | counts),
        "cacheCreation5mTokens": 0,
        "cacheCreation1hTokens": 0,
        "webSearches": 0,
        "requests": draw(counts),
        "provisional": draw(st.booleans()),
        "provisionalNanos": 0,
    }


@st.composite
def tables(draw: st.DrawFn, empty: bool = False) -> Table:
    """A table of sessions, with whatever names."""
    number = draw(st.integers(0 if empty else 1, 6))
    rows = [
        row(
            draw,
            sessionId=f"{draw(st.integers(0, 2**32)):08x}-0000-4000-8000-{index:012d}",
            projectPath=draw(names),
            lastActivity="2026-11-02T10:04:05.678Z",
        )
        for index in range(number)
    ]
    totals = total_row(rows)
    unpriced = any(row["unpricedTokens"] for row in rows)
    totals["unpricedModels"] = draw(st.lists(names.filter(bool), min_size=1, max_size=2)) if unpriced else []
    columns = [
        Column("sessionId", "Session"),
        Column("projectPath", "Project", wide=True),
        Column("modelsUsed", "Models", NAMES, wide=True),
        Column("lastActivity", "Last", TIME),
        *TOKEN_COLUMNS,
        Column("requests", "Requests", COUNT, wide=True),
        Column("unloggedNanos", "Unlogged", MONEY, wide=True),
        Column("costNanos", "Cost", MONEY),
    ]
    return Table(
        "sessions",
        "The bill by session",
        columns,
        rows,
        totals,
        detail=("modelBreakdowns", BREAKDOWN) if draw(st.booleans()) else None,
        notes=["unlogged", "unpriced"] if totals["unpricedModels"] else [],
        empty="No session in this range.",
    )


def tree(causes: list[tuple[str, int]]) -> Tree:
    """A tree of these causes, as `bill` makes it."""
    from lineitem.reports.bill import added, bill

    return bill(added((cause, nanos, 0, nanos // 1000, 0, nanos // 100, nanos // 500) for cause, nanos in causes))


def leaf(name: str, own: int) -> Node:
    node = Node(name)
    node.own = node.total = own
    return node

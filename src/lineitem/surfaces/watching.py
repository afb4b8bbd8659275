"""The live view of a terminal: drawn again whenever the ledger changes, until Ctrl-C.

In: a function that gives what happens now. Out: one screen, and the terminal as it was afterwards. Every foreign
text passes `clean`.
"""

from __future__ import annotations

import sys
import time

from lineitem.surfaces import numbers
from lineitem.surfaces.columns import Col, Grid
from lineitem.surfaces.names import model_name, project_name, short_id
from lineitem.surfaces.page import Page, clean, room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lineitem.reports.live import Live

    Row = dict[str, Any]

#: How often the ledger is looked at (seconds).
_LOOK = 0.4
#: Ages and clocks are drawn again at least this often (seconds).
_AGAIN = 5.0


def watch(ask: Callable[[], Live], version: Callable[[], int], options: Row) -> int:
    """Show what happens until the person ends it; the exit code. `version` changes when the ledger does."""
    from shutil import get_terminal_size

    out = sys.stdout
    drawn, last = 0.0, -1
    out.write("\x1b[?1049h\x1b[?25l")
    try:
        while True:
            now = version()
            if now != last or time.monotonic() - drawn > _AGAIN:
                last, drawn = now, time.monotonic()
                page = live_page(ask(), room(), get_terminal_size().lines - 1, options.get("timezone", ""))
                out.write("\x1b[H\x1b[2J")
                page.show(options)
            time.sleep(_LOOK)
    except KeyboardInterrupt:
        return 0
    finally:
        out.write("\x1b[?25h\x1b[?1049l")
        out.flush()


def live_page(live: Live, width: int, height: int, zone: str = "") -> Page:
    """What happens as a page of at most `height` lines, clocks in a time zone (empty: the machine's)."""
    page = Page(width)
    page.ends([(" lineitem watch", "bold")], [("today ", "dim"), (numbers.money(live.today, 2), "bold"), (" ", "")])
    page.line()
    if not live.sessions:
        page.prose(
            "No session was active in the last three hours. `lineitem watch` shows one as soon as it is.", indent=" "
        )
        return page
    page.add(_sessions(live).lines(width, fill=True))
    page.line()
    left = height - len(page.lines) - 3
    if live.calls and left > 0:
        page.add(_calls(live.calls[:left], zone).lines(width, fill=True))
    return page


def _sessions(live: Live) -> Grid:
    grid = Grid([
        Col("Session"), Col("Project", least=6), Col("Model", least=6), Col("Last", number=True),
        Col("Context", number=True), Col("Full", number=True), Col("Cost", number=True),
    ])  # fmt: skip
    for row in live.sessions[:8]:
        used, whole = row["contextTokens"], row["windowTokens"]
        grid.row(
            (short_id(clean(row["sessionId"])), "bold"),
            (project_name(clean(row["projectPath"])), ""),
            (model_name(clean(row["model"] or "")), "dim"),
            (_ago(live.now - numbers.millis_of(row["lastActivity"])), "dim"),
            (numbers.tokens(used), ""),
            (numbers.share(used, whole) if used is not None and whole else "", ""),
            (_cost(row), "bold"),
        )
    return grid


def _calls(rows: list[Row], zone: str) -> Grid:
    grid = Grid([
        Col("At"), Col("Session"), Col("Tool", least=6), Col("Target", least=10), Col("Took", number=True),
        Col("Generate", number=True), Col("Ingest", number=True), Col("Carry", number=True), Col("Total", number=True),
    ])  # fmt: skip
    digits = numbers.digits_for(max(row["totalNanos"] for row in rows))
    for row in rows:
        grid.row(
            (numbers.clock(row["at"], zone), "dim"),
            (short_id(clean(row["sessionId"])), "dim"),
            (clean(row["tool"]), "tool"),
            (clean(row["target"]), ""),
            (numbers.duration(row["durationMs"]) if row["durationMs"] is not None else "", "dim"),
            (numbers.money(row["generateNanos"], digits, ""), "dim"),
            ("waiting" if row["waiting"] else numbers.money(row["ingestNanos"], digits, ""), "dim"),
            (numbers.money(row["carryNanos"], digits, "") if row["carryNanos"] else "", "dim"),
            (numbers.money(row["totalNanos"], digits, ""), ""),
        )
    return grid


def _cost(row: Row) -> str:
    """What a session cost so far."""
    text = numbers.money(row["costNanos"], 2)
    return numbers.about(text) if row["provisional"] else text


def _ago(millis: int) -> str:
    """How long ago that was."""
    return "now" if millis < 2_000 else numbers.duration(millis - millis % 1_000)

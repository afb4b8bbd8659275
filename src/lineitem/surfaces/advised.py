"""Advice as a page: each with what it would have saved, the change to make, and how far that can be trusted."""

from __future__ import annotations

from lineitem.surfaces import numbers
from lineitem.surfaces.names import project_name
from lineitem.surfaces.page import Page, clean, room
from lineitem.surfaces.text import print_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.shapes import Table

_INDENT = " " * 19


def print_advice(table: Table, options: dict[str, Any]) -> None:
    """Print what to change; tables of what is followed below it."""
    if not table.rows:
        below, table.below = table.below, []
        print_table(table, options)
    else:
        below = table.below
        page(table, options, room()).show(options)
    for inner in below:
        if inner.rows:
            print()
            print_table(inner, options)


def page(table: Table, options: dict[str, Any], width: int) -> Page:
    """The page of a table of advice that has rows."""
    rows, head, totals = table.rows, table.head, table.totals or {}
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured

        rows, head, totals = obscured(rows), obscured(head), obscured(totals)
    made = Page(width)
    digits = numbers.digits_for(rows[0]["savedNanos"])
    made.line((f" {table.title}", "bold"))
    cost, saved = (numbers.money(amount, digits) for amount in (head["costNanos"], totals["savedNanos"]))
    of = numbers.many(head["sessions"], "session")
    made.line((f" {of} cost {cost}; all of this together would have saved {saved}{_part(totals)}.", "dim"))
    for row in rows:
        made.line()
        first = f" {numbers.money(row['savedNanos'], digits):>10}{_part(row, bare=True):>6}  "
        title = clean(str(row["title"]))
        made.ends([(first, "bold"), (title[:1].upper() + title[1:], "")], [((row["id"] or "")[:8], "dim")])
        if not row["change"]:
            continue
        made.prose(clean(row["change"]), "", _INDENT)
        made.prose(_found_on(row, digits), indent=_INDENT)
    made.line()
    surely = any(row["monthLowNanos"] is not None for row in rows)
    for note in table.notes if surely else table.notes[:1]:
        made.prose(note, indent=" ")
    made.prose(
        "`lineitem advice ID` shows what it was found on; `lineitem advice --done ID` follows it up.", indent=" "
    )
    return made


def _found_on(row: dict[str, Any], digits: int) -> str:
    said = f"Found in {numbers.many(row['sessions'], 'session')}"
    if row["project"]:
        said += f" of {project_name(clean(str(row['project'])))}"
    if row["times"] > row["sessions"]:
        said += f", {row['times']:,} times"
    if row["monthNanos"]:
        said += f". A month like the last one: {numbers.money(row['monthNanos'], digits)}"
        if row["monthLowNanos"] is not None:
            low, high = (numbers.money(row[key], digits) for key in ("monthLowNanos", "monthHighNanos"))
            said += f", {low} to {high}"
    return said + "."


def _part(row: dict[str, Any], *, bare: bool = False) -> str:
    share = row["savedShare"]
    if share is None:
        return ""
    said = numbers.share(round(share * 1_000_000), 1_000_000)
    return said if bare else f" ({said})"

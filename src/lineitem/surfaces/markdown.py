"""Written reports as Markdown: headings, lists of facts, sentences, tables.

In: a `Written`. Out: its sections as text. Always: a foreign text is shown as it is and does nothing else, whichever
Markdown is spoken: no link, picture, HTML, formula or cell of a table can come of a name. A number is written as the
terminal writes it.
"""

from __future__ import annotations

from lineitem.reports.shapes import COUNT, DURATION, MONEY, NAMES, RATIO, SHARE, TEXT, TIME, TOKENS
from lineitem.reports.written import ADVICE, PROSE
from lineitem.surfaces import numbers
from lineitem.surfaces.names import PROVISIONAL, model_name, project_name, without_price
from lineitem.surfaces.page import clean
from lineitem.surfaces.palette import name as kind_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.reports.shapes import Column, Table
    from lineitem.reports.written import Sentence, Written

    Row = dict[str, Any]

_NUMBERS = frozenset((TOKENS, MONEY, COUNT, SHARE, DURATION, RATIO))
#: Keys whose text is a date or a word of ours; and keys whose text is at least no name: no code.
_OURS = frozenset(("period", "date", "week", "month", "operation", "severity", "limit", "reason"))
_WORDS = frozenset(("name", "during", "channel", "sends"))
#: What has a meaning somewhere in some Markdown.
_ENTITIES = {"|": "&#124;", "<": "&lt;", ">": "&gt;", "&": "&amp;"}
_RISKY = frozenset("\\`*_[]#!~$@^={}%")


def sections(written: Written, zone: str = "", pictures: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """(key, text) of each section, the title in the first. pictures: section -> name of its file."""
    made: list[tuple[str, str]] = []
    for section in written.sections:
        parts: list[str] = []
        if not made and written.title:
            parts.append(f"# {sentence(written.title, zone)}")
        if section.title:
            parts.append(f"## {section.title}")
        if section.facts is not None and section.facts.columns:
            parts.append(_facts(section.facts, zone))
        if section.said:
            if section.key == "recommendations" and section.tables[0].rows:
                parts.append("\n".join(f"- {sentence(said, zone)}" for said in section.said))
            else:
                parts.append(" ".join(sentence(said, zone) for said in section.said))
        if pictures and section.key in pictures:
            parts.append(f"![{section.title}]({_linked(pictures[section.key])})")
        parts += [text for table in section.tables if (text := _table(table, zone))]
        made.append((section.key, "\n\n".join(parts) + "\n"))
    return made


def plain(text: str) -> str:
    """A foreign text as Markdown that shows it and means nothing."""
    shown = clean(text).strip()
    lead = len(shown) - len(shown.lstrip("0123456789"))  # "1." at the beginning would be a list
    made = []
    for place, letter in enumerate(shown):
        if letter in _ENTITIES:
            made.append(_ENTITIES[letter])
        elif letter in _RISKY or _begins_a_list(letter, place, lead) or _in_a_name(letter, shown, place):
            made.append(f"\\{letter}")
        else:
            made.append(letter)
    return "".join(made)


def _spaced(text: str) -> str:
    """As `plain`, with the spaces at its ends."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{' ' * bool(before)}{plain(text)}{' ' * bool(after)}" if text.strip() else " " * bool(text)


def _begins_a_list(letter: str, place: int, lead: int) -> bool:
    """Whether this would make a list of a line; lead: how many digits it begins with."""
    return place == lead and letter in (".)" if lead else "+-")


def _in_a_name(letter: str, text: str, place: int) -> bool:
    """Whether a sign stands as in www.example.org, mailto:ada or :smile: some readers make links or pictures of."""
    after = text[place + 1 : place + 2]
    if letter == ".":
        return text[place - 1 : place].isalpha() and after.isalpha()
    return letter == ":" and bool(after.strip())


def code(text: str) -> str:
    """A foreign name as code, so that nothing in it is linked or read; plain where code cannot hold it."""
    text = clean(text).strip()
    if not text:
        return ""
    if "|" in text:  # there is no way to write it in the code of a table's cell that all readers understand
        return plain(text)
    longest = run = 0
    for letter in text:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    edge = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def sentence(pieces: Sentence, zone: str = "") -> str:
    """A sentence of our words and of values."""
    return "".join(piece if isinstance(piece, str) else value(*piece, zone=zone) for piece in pieces)


def value(kind: str, found: Any, digits: int | None = None, zone: str = "") -> str:
    """A value as its kind is written."""
    if found is None:
        return numbers.UNKNOWN
    if kind == MONEY:
        return _safe(numbers.money(found, numbers.digits_for(found) if digits is None else digits))
    if kind == TOKENS:
        return numbers.tokens(found)
    if kind == COUNT:
        return numbers.count(found)
    if kind == SHARE:
        return _safe(numbers.share(round(found * 1_000_000), 1_000_000))
    if kind == TIME:
        return numbers.moment(found, zone)
    if kind == DURATION:
        return numbers.duration(found)
    if kind == RATIO:
        return numbers.ratio(found)
    if kind == NAMES:
        return ", ".join(code(model_name(str(each))) for each in found) or numbers.UNKNOWN
    if kind == PROSE:
        return plain(str(found))
    if kind == ADVICE:
        parts = str(found).split("`")  # what stands between two of these is a command
        if len(parts) % 2 == 0 or not all(clean(part).strip() for part in parts[1:-1]):
            return plain(str(found))
        return "".join(code(part) if place % 2 else _spaced(part) for place, part in enumerate(parts))
    if kind == "project":
        return code(project_name(clean(str(found))))
    return code(model_name(clean(str(found))) if kind == "model" else str(found))


def _safe(number: str) -> str:
    """Signs of our own numbers that Markdown would read."""
    return number.replace("<", "&lt;").replace(">", "&gt;").replace("~", "\\~")


def _linked(name: str) -> str:
    """A file's name as the address of a link."""
    from urllib.parse import quote

    return quote(name, safe="")


# -- facts


def _facts(table: Table, zone: str) -> str:
    """One row, a line a fact; what is unknown is left out."""
    row = table.rows[0]
    return "\n".join(
        f"- {column.title}: {_cell(column, row, _digits(row, table.columns), zone)}"
        for column in table.columns
        if row.get(column.key) not in (None, [], "")
    ) + _beneath(table, row, provisional=bool(row.get("provisional")))  # fmt: skip


def _digits(row: Row, columns: Sequence[Column]) -> int:
    return numbers.digits_for(max((abs(row.get(each.key) or 0) for each in columns if each.kind == MONEY), default=0))


# -- tables


def _table(table: Table, zone: str) -> str:
    """A table with its sums; '' where there is nothing to draw."""
    columns, rows = table.columns, table.rows
    if not columns or not rows:
        return ""
    dearest = [*rows, table.totals or {}]
    digits = min(
        numbers.digits_for(max((abs(row.get(each.key) or 0) for row in rows for each in columns if each.kind == MONEY),
                               default=0)),
        max(_digits(row, columns) for row in dearest),
    )  # fmt: skip
    lines = [
        _row([column.title for column in columns]),
        _row(["---:" if column.kind in _NUMBERS else "---" for column in columns]),
    ]
    lines += [_row([_cell(column, row, digits, zone) for column in columns]) for row in rows]
    if table.totals is not None:
        cells = [
            f"**{_cell(column, table.totals, digits, zone)}**"
            if column.key in table.totals and column.kind in _NUMBERS
            else ""
            for column in columns
        ]
        cells[0] = "**Total**"
        lines.append(_row(cells))
    return "\n".join(lines) + _beneath(table, table.totals or {}, provisional="provisional" in table.notes)


def _beneath(table: Table, totals: Row, *, provisional: bool) -> str:
    """What must be said of the figures above."""
    said = []
    if "unpriced" in table.notes:
        names = [str(each) for each in totals.get("unpricedModels", ())]
        # the sentence is ours; the names in it are not
        said.append(plain(without_price(clean(each) for each in names)))
    elif totals.get("unpricedTokens"):
        said.append(f"{numbers.tokens(totals['unpricedTokens'])} tokens have no price and are in no sum (≥).")
    if provisional:
        said.append(PROVISIONAL.replace("~", "\\~"))
    return "".join(f"\n\n{each}" for each in said)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(column: Column, row: Row, digits: int, zone: str) -> str:
    found = row.get(column.key)
    if column.kind == MONEY:
        return _money(column, row, digits)
    if column.kind != TEXT or found is None:
        return value(column.kind, found, digits, zone)
    text = str(found)
    if column.key == "kind":
        return plain(kind_name(text))
    if column.key in _OURS:
        return _safe(text)
    if column.key in _WORDS or row.get("remainder"):
        return plain(text)
    if column.key in ("project", "projectPath"):
        return value("project", text)
    if column.key in ("model", "modelName"):
        return value("model", text)
    return code(text)


def _money(column: Column, row: Row, digits: int) -> str:
    nanos = row.get(column.key)
    unpriced = column.key == "costNanos" and (row.get("unpricedTokens") or row.get("unpricedModels"))
    if unpriced and not nanos:
        return "unpriced"
    text = numbers.money(nanos, digits)
    guessed = row.get("basis", "measured") != "measured" or (column.key == "costNanos" and row.get("provisional"))
    if nanos and guessed:
        text = numbers.about(text)
    return _safe(f"≥{text}" if unpriced else text)

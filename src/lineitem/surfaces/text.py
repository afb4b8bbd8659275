"""Tables, trees and bills as text for a person.

In: the shapes of `reports` and the options of the command line. Out: a page on stdout, talk on stderr.
Always: a number is whole, a sum stands under its rows, an estimate wears a `~`, a sum without some price a `≥`.
"""

from __future__ import annotations

from lineitem.reports.shapes import COUNT, DURATION, MONEY, NAMES, RATIO, SHARE, TIME, TOKENS
from lineitem.surfaces import numbers
from lineitem.surfaces.columns import Col, Grid
from lineitem.surfaces.names import PROVISIONAL, model_name, project_name, short_id, without_price
from lineitem.surfaces.page import ROOMY, Page, clean, hint, room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.pricing.book import PriceEntry
    from lineitem.reports.session import SessionBill
    from lineitem.reports.shapes import Column, Table
    from lineitem.reports.tree import Node, Tree
    from lineitem.surfaces.page import Piece

    Row = dict[str, Any]

#: Of long lists a person is shown so many, the dearest.
LONG = {"calls": 25, "prompts": 25, "agents": 25, "commits": 25, "notCommitted": 10}
#: Lists of small amounts: as many digits as their largest needs.
_FINE = frozenset(
    (
        "calls",
        "prompts",
        "agents",
        "tools",
        "mcp",
        "skills",
        "check",
        "sessions-check",
        "trend",
        "comparison",
        "estimate",
    )
)
_NUMBERS = frozenset((TOKENS, MONEY, COUNT, SHARE, DURATION, RATIO))
#: Children of a node a person is shown, and the percent of the bill a row must be worth.
_CHILDREN, _WORTH = 6, 1


def print_table(table: Table, options: dict[str, Any]) -> None:
    """Print a table with its sums and notes."""
    rows, totals = _as_shown(table, options)
    if not rows:
        page = Page(room())
        page.prose(table.empty, "")
        page.show(options)
        if table.waiting:
            _waiting(options)
        return
    wider = _TablePage(table, rows, totals, options).show()
    for inner in table.below:
        print()
        wider = max(wider, _TablePage(inner, *_as_shown(inner, options), options).show())
    if wider:
        hint(f"Some columns are left out: {wider} characters have room for all, and --json has them.", options)


def _as_shown(table: Table, options: dict[str, Any]) -> tuple[list[Row], Row | None]:
    """The rows and the totals of a table; obscured, and so its title, where that was asked for."""
    if not options.get("incognito"):
        return table.rows, table.totals
    from lineitem.surfaces.incognito import obscured

    session = table.head.get("sessionId")
    if session:
        table.title = table.title.replace(session[:8], obscured(table.head)["sessionId"][:8])
    for key in ("pullRequest", "branch"):
        if told := table.head.get(key):
            table.title = table.title.replace(told, obscured(table.head)[key])
    return obscured(table.rows), obscured(table.totals)


def print_tree(tree: Tree, options: dict[str, Any]) -> None:
    """Print a tree of causes: the kinds, what is below them, own and total."""
    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured_tree

        tree = obscured_tree(tree)
    if not tree.root.children:
        page = Page(room())
        page.prose("No usage was found.", "")
        page.show(options)
        _waiting(options)
        return
    tree_page(tree, options, room()).show(options)


def print_session(bill: SessionBill, options: dict[str, Any], above: str = "") -> None:
    """Print the bill of one session; `above` is said first."""
    from lineitem.surfaces.receipt import receipt

    if options.get("incognito"):
        from lineitem.surfaces.incognito import obscured_bill

        bill = obscured_bill(bill)
    page = receipt(bill, options, room(), above)
    page.show(options)


def print_prices(entries: Sequence[PriceEntry], options: dict[str, Any]) -> None:
    """Print the price book in force."""
    price_page(entries, room()).show(options)


# -- tables


class _TablePage:
    """A table while it is laid out: the widest form that fits."""

    def __init__(self, table: Table, rows: list[Row], totals: Row | None, options: dict[str, Any]) -> None:
        self.table, self.options = table, options
        self.rows, self.totals = rows, totals
        self.zone = options.get("timezone", "")
        self.width = room()
        self.digits = self._digits()
        self.made: dict[tuple[str, bool], list[Piece]] = {}

    def show(self) -> int:
        """Print it; how wide the page would have to be for the columns that were left out (0: none unasked)."""
        page, left_out = self.page()
        page.show(self.options)
        return max(ROOMY, left_out) if left_out and not self.options.get("compact") else 0

    def page(self) -> tuple[Page, int]:
        """The page, and how wide it would have to be to show every column (0: it does)."""
        page = Page(self.width)
        page.line((f" {clean(self.table.title)}", "bold"))
        page.line()
        grid, left_out = self._fitting()
        page.add(grid.lines(self.width))
        self._notes(page)
        return page, left_out

    def _fitting(self) -> tuple[Grid, int]:
        """The widest form that fits: ids and names shortened before columns are left out."""
        columns = self._columns()
        if self.width >= ROOMY and not self.options.get("compact"):
            for brief, few in ((False, False), (True, False), (True, True)):
                grid = self._grid(columns, brief=brief, few=few)
                if (grid.narrowest() if few else grid.wanted()) <= self.width:
                    return grid, 0
        kept = [column for column in columns if not column.wide]
        whole = self._grid(columns, brief=True, few=True) if len(kept) < len(columns) else None
        return self._grid(kept, brief=True, few=True), whole.narrowest() if whole else 0

    def _columns(self) -> list[Column]:
        """What there is to show: no money where none is wanted, no wide column that says nothing in any row."""
        hide = bool(self.options.get("no_cost"))
        return [
            column
            for column in self.table.columns
            if not (hide and column.kind == MONEY)
            and not (column.wide and not any(row.get(column.key) for row in self.rows))
        ]

    def _digits(self) -> int:
        if self.table.key not in _FINE and not any("explained" in row for row in self.rows[:1]):
            return 2
        keys = [column.key for column in self.table.columns if column.kind == MONEY]
        dearest = max(abs(row.get(key) or 0) for row in self.rows for key in keys)
        whole = max((abs((self.totals or {}).get(key) or 0) for key in keys), default=0)
        return min(numbers.digits_for(dearest), numbers.digits_for(max(dearest, whole)) + 1)

    def _grid(self, columns: Sequence[Column], *, brief: bool, few: bool) -> Grid:
        grid = Grid([
            Col(column.title, number=column.kind in _NUMBERS, least=16 if column.kind == TIME else 8)
            for column in columns
        ])  # fmt: skip
        rows, more = self._shown()
        others = self._place_of_more(rows) if more else -1
        cells = [self._down(column, rows, brief=brief, few=few) for column in columns]
        for place, (row, across) in enumerate(zip(rows, zip(*cells, strict=True), strict=True)):
            if place == others:
                grid.row(*self._more(columns, more))
            grid.row(*across)
            self._details(grid, columns, row)
        if others == len(rows):
            grid.row(*self._more(columns, more))
        if self.totals is not None:
            grid.rule()
            grid.row(*self._sum(columns, self.totals))
        return grid

    def _down(self, column: Column, rows: list[Row], *, brief: bool, few: bool) -> list[Piece]:
        """The cells of a column; made once for all forms in which it looks the same."""
        form = (column.key, brief if column.key == "sessionId" else few if column.kind == NAMES else False)
        if form not in self.made:
            self.made[form] = [self._cell(column, row, brief=brief, few=few) for row in rows]
        return self.made[form]

    def _cheapest_first(self) -> bool:
        return self.options.get("order") == "asc"

    def _shown(self) -> tuple[list[Row], list[Row]]:
        """The rows of a long list that are shown, and those that are not; a remainder always is."""
        most = LONG.get(self.table.key, 0)
        if not most or len(self.rows) <= most + 1:
            return self.rows, []
        rest = [row for row in self.rows if row.get("remainder")]
        rows = [row for row in self.rows if not row.get("remainder")] if rest else self.rows
        if self._cheapest_first():
            return rest + rows[-most:], rows[:-most]
        return rows[:most] + rest, rows[most:]

    def _place_of_more(self, rows: list[Row]) -> int:
        """Before which row those that are not shown are summed up: between the named ones and the remainders."""
        rest = sum(1 for row in rows if row.get("remainder"))
        return rest if self._cheapest_first() else len(rows) - rest

    def _more(self, columns: Sequence[Column], rows: list[Row]) -> list[Piece]:
        """One row for those that are not shown, so that the column still adds up."""
        sums: Row = {
            column.key: sum(row.get(column.key) or 0 for row in rows)
            for column in columns
            if column.kind in (MONEY, TOKENS, COUNT)
        }
        cells = [
            self._cell(column, sums, brief=True, few=True) if column.key in sums else ("", "") for column in columns
        ]
        cells[0] = (f"{len(rows):,} more", "dim")
        return [(text, "dim") for text, _ in cells]

    def _sum(self, columns: Sequence[Column], totals: Row) -> list[Piece]:
        cells: list[Piece] = []
        for column in columns:
            known = column.key in totals and column.kind in _NUMBERS
            text = self._cell(column, totals, brief=True, few=True)[0] if known else ""
            cells.append((text, "bold"))
        cells[0] = ("Total", "bold")
        return cells

    def _details(self, grid: Grid, columns: Sequence[Column], row: Row) -> None:
        """The nested rows below one, such as its models."""
        if self.table.detail is None:
            return
        key, named = self.table.detail
        known = {column.key: column for column in named}
        for inner in row.get(key) or ():
            cells: list[Piece] = [
                (self._cell(known[column.key], inner, brief=True, few=True)[0], "dim")
                if column.key in known
                else ("", "")
                for column in columns
            ]
            cells[0] = (f"  {clean(model_name(str(inner.get(named[0].key))))}", "dim")
            grid.row(*cells)

    def _cell(self, column: Column, row: Row, *, brief: bool, few: bool) -> Piece:
        value, kind = row.get(column.key), column.kind
        style = "dim" if row.get("isGap") or row.get("remainder") else "prompt" if row.get("isActive") else ""
        if row.get("agrees") is False and column.key in ("unexplainedNanos", "duplicatesNanos", "reportedNanos"):
            style = "unlogged"
        if kind == MONEY:
            return self._money(column, row, style)
        if value is None:
            return (numbers.UNKNOWN, "dim")
        if kind in (TOKENS, COUNT):
            if row.get("isGap"):
                return ("", "")
            return (numbers.tokens(value) if kind == TOKENS else numbers.count(value), style if value else "dim")
        if kind == TIME:
            return (numbers.moment(value, self.zone), style)
        if kind == DURATION:
            return (numbers.duration(value), style if value else "dim")
        if kind == RATIO:
            return (numbers.ratio(value), style)
        if kind == SHARE:
            return (numbers.share(round(value * 1_000_000), 1_000_000), style)
        return (self._name(column, value, brief, few), style)

    def _money(self, column: Column, row: Row, style: str) -> Piece:
        nanos = row.get(column.key)
        if row.get("isGap"):
            return ("", "")
        unpriced = column.key == "costNanos" and (row.get("unpricedTokens") or row.get("unpricedModels"))
        if unpriced and not nanos:
            return ("unpriced", "unlogged")
        text = numbers.money(nanos, self.digits)
        guessed = row.get("basis", "measured") != "measured" or (column.key == "costNanos" and row.get("provisional"))
        if nanos and guessed:
            text = numbers.about(text)
        if unpriced:
            text = _floor(text)
        return (text, style if nanos else "dim")

    def _name(self, column: Column, value: Any, brief: bool, few: bool) -> str:
        if column.kind == NAMES:
            names = [clean(model_name(str(name))) for name in value]
            return f"{names[0]} +{len(names) - 1}" if few and len(names) > 1 else ", ".join(names)
        text = clean(str(value))
        if column.key in ("projectPath", "project"):
            return project_name(text)
        if column.key == "sessionId":
            return short_id(text) if brief else text
        if column.key in ("model", "modelName"):
            return model_name(text)
        return text

    def _notes(self, page: Page) -> None:
        said = []
        if self.table.key == "blocks":
            said += _burning(self.rows, self.digits)
        if _shown_more := len(self._shown()[1]):
            named = sum(1 for row in self.rows if not row.get("remainder"))
            said.append(f"The {named - _shown_more} dearest of {named:,}; --json has all.")
        if any(row.get("basis", "measured") != "measured" for row in self.rows):
            said.append("~ is the split of an exact sum, or an estimate where the basis says so (--json).")
        if (self.totals or {}).get("withoutTotal"):
            said.append(
                f"{self.totals['withoutTotal']:,} sessions have no total of Claude Code's own." if self.totals else ""
            )
        hidden = ("unlogged",) if self.options.get("no_cost") else ()
        said += _said([note for note in self.table.notes if note not in hidden], self.totals or {}, self.digits)
        if said:
            page.line()
        for sentence in said:
            page.prose(sentence, indent=" ")


def _said(notes: Sequence[str], totals: Row, digits: int = 2) -> list[str]:
    """What the notes of an answer mean."""
    said = []
    if "unlogged" in notes:
        amount = numbers.money(totals["unloggedNanos"], digits)
        said.append(
            f"{amount} of the cost is unlogged: Claude Code counts it in its own total but writes it in no transcript"
            " (titles, summaries, helpers). `lineitem check` shows it by session."
        )
    if "unpriced" in notes:
        said.append(without_price(clean(str(name)) for name in totals.get("unpricedModels", ())))
    if "provisional" in notes:
        said.append(PROVISIONAL)
    return said + [note for note in notes if " " in note]


def _floor(text: str) -> str:
    return f"≥{text}"


def _burning(rows: list[Row], digits: int) -> list[str]:
    """What runs now: its rate and where that leads."""
    said = []
    for row in rows:
        rate, projected = row.get("burnRate"), row.get("projection")
        if not rate or not projected:
            continue
        left = numbers.duration(projected["remainingMinutes"] * 60_000)
        said.append(
            f"Now: {numbers.tokens(round(rate['tokensPerMinute']))} tokens a minute,"
            f" {numbers.money(round(rate['costPerHour'] * numbers.NANOS), digits)} an hour; {left} left, at this rate"
            f" {numbers.tokens(projected['totalTokens'])} tokens and"
            f" {numbers.money(round(projected['totalCost'] * numbers.NANOS), digits)}."
        )
    limits = [row["tokenLimitStatus"] for row in rows if row.get("tokenLimitStatus")]
    if limits:
        last = limits[-1]
        said.append(f"The last block: {round(last['percentUsed'])}% of {numbers.tokens(last['limit'])} tokens,"
                    f" {last['status']}.")  # fmt: skip
    return said


def _waiting(options: dict[str, Any]) -> None:
    """What there would have to be, where there is nothing."""
    given = [
        f"--{name} {options[name]}" for name in ("since", "until", "project", "model", "session") if options.get(name)
    ]
    if given:
        hint(f"Asked for {' '.join(given)}: try without.", options)
        return
    hint(
        "lineitem reads the transcripts that Claude Code writes below ~/.claude, or where\n"
        "CLAUDE_CONFIG_DIR or --config-dir says. `lineitem doctor` says what it found there,\n"
        "`lineitem demo` shows an example.",
        options,
    )


# -- trees


def tree_page(tree: Tree, options: dict[str, Any], width: int) -> Page:
    """The page of a tree."""
    page = Page(width)
    root = tree.root
    digits = numbers.digits_for(root.total)
    whole = "" if options.get("no_cost") else numbers.money(root.total, digits)
    if whole and "provisional" in tree.notes:
        whole = numbers.about(whole)
    page.ends([(f" {tree.title}", "bold")], [(whole, "bold"), (" ", "")])
    page.line()
    kinds = sorted(root.children.values(), key=_dearest)
    page.bar([(kind.name, kind.total) for kind in kinds])
    narrow = width < ROOMY or bool(options.get("compact"))
    grid = Grid(_tree_columns(narrow, bool(options.get("no_cost"))))
    for kind in kinds:
        _node(grid, kind, root, digits, 0)
    grid.rule()
    grid.row(*_node_cells(grid, root, root, digits, ("", ""), ("The bill", "bold"), "bold"))
    page.add(grid.lines(width, fill=True))
    said = _said(tree.notes, tree.head)
    if said:
        page.line()
    for sentence in said:
        page.prose(sentence, indent=" ")
    return page


def _tree_columns(narrow: bool, no_cost: bool) -> list[Col]:
    titles = ["In", "Out"] if narrow else ["Uncached", "Written", "Read", "Output"]
    titles += [] if no_cost else ["Own", "Total"]
    columns = [Col(least=1), Col("What it was spent on", least=16, gap=1)]
    return columns + [Col(title, number=True) for title in [*titles, ""]]


def _node(grid: Grid, node: Node, root: Node, digits: int, depth: int) -> None:
    """A row for a node, rows for those below it that are worth one, one row for the others."""
    from lineitem.surfaces.palette import name

    children = sorted(node.children.values(), key=_dearest)
    label = name(node.name) if not depth else clean(node.name.partition("/")[2] if depth == 1 else _last(node.name))
    while len(children) == 1 and not node.own:  # a lone child stands in its parent's row
        (node,) = children
        children = sorted(node.children.values(), key=_dearest)
        label += f"{'' if depth or ':' in label else ':'} {clean(_last(node.name))}"
    kind = node.name.partition("/")[0]
    mark = ("■", kind) if not depth else ("", "")
    style = "bold" if not depth else "" if depth == 1 else "dim"
    grid.row(*_node_cells(grid, node, root, digits, mark, ("  " * depth + label, style), style))
    shown = [child for child in children if child.total * 100 >= _WORTH * root.total][:_CHILDREN]
    rest = children[len(shown) :]
    if len(rest) == 1:
        shown, rest = children, []
    for child in shown:
        _node(grid, child, root, digits, depth + 1)
    if shown and rest:
        from lineitem.reports.tree import Node as Made

        others = Made("")
        for child in rest:
            others.own += child.own
            others.total += child.total
            others.tokens = [mine + more for mine, more in zip(others.tokens, child.tokens, strict=True)]
        text = "  " * (depth + 1) + f"{len(rest):,} more"
        grid.row(*_node_cells(grid, others, root, digits, ("", ""), (text, "dim"), "dim"))


def _last(name: str) -> str:
    """The own name of a cause: all below its parent."""
    parts = name.split("/", 2)
    return parts[-1]


def _node_cells(grid: Grid, node: Node, root: Node, digits: int, mark: Piece, label: Piece, style: str) -> list[Piece]:
    uncached, write5, write1, read, output = node.tokens
    counts = {"Uncached": uncached, "Written": write5 + write1, "Read": read, "Output": output, "Out": output,
              "In": uncached + write5 + write1 + read}  # fmt: skip
    amounts = {"Own": node.own, "Total": node.total}
    cells = [mark, label]
    for column in grid.columns[2:]:
        if column.title in counts:
            count = counts[column.title]
            cells.append((numbers.tokens(count) if count else "", "dim"))
        elif column.title in amounts:
            nanos = amounts[column.title]
            cells.append((numbers.money(nanos, digits, "$" if node is root else "") if nanos else "", style))
        else:
            cells.append((numbers.share(node.total, root.total), "bold" if style == "bold" else "dim"))
    return cells


def _dearest(node: Node) -> tuple[int, str]:
    return -node.total, node.name


# -- prices


def price_page(entries: Sequence[PriceEntry], width: int) -> Page:
    """The price book: one row a model and price, what comes on top, where it was read."""
    page = Page(width)
    page.line((" Prices in force", "bold"), ("  dollars a million tokens", "dim"))
    page.line()
    roomy = width >= ROOMY
    rates = [Col(title, number=True) for title in ("Input", "Write 5m", "Write 1h", "Read", "Output")]
    columns = [Col("Model", least=10), Col("Since", least=10), *rates]
    columns += [Col("Rules", least=8), Col("Checked", least=10)] if roomy else []
    grid = Grid(columns)
    for entry in entries:
        cells = [(clean(model_name(entry.model)), ""), (entry.since or "always", "dim")]
        cells += [(rate, "") for rate in (entry.input, entry.cache_write_5m, entry.cache_write_1h, entry.cache_read)]
        cells += [(entry.output, "")]
        if roomy:
            cells += [(clean("; ".join(entry.modifiers)), "dim"), (entry.checked or "yours", "dim")]
        grid.row(*cells)
    page.add(grid.lines(width))
    page.line()
    page.prose("Your own prices and discounts: docs/prices.md. Every row with its source: --json.", indent=" ")
    return page


__all__ = ["print_prices", "print_session", "print_table", "print_tree"]

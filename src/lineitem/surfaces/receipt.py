"""One session as a bill: where the money went, the dearest calls, what carrying, misses and silence cost.

In: a `SessionBill`. Out: a page. Always: the totals of the first part sum to the bill, since what an agent spent
stands in the total of the call that started it; the parts below it are parts of the same money.
"""

from __future__ import annotations

from lineitem.surfaces import numbers
from lineitem.surfaces.columns import Col, Grid
from lineitem.surfaces.names import PROVISIONAL_SESSION, model_name, project_name, short_id, without_price
from lineitem.surfaces.page import ROOMY, Page, cells, clean
from lineitem.surfaces.palette import KINDS, name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.reports.lines import Line
    from lineitem.reports.session import SessionBill
    from lineitem.surfaces.columns import Row
    from lineitem.surfaces.page import Piece

    Causes = list[tuple[str, dict[str, "Sum"]]]

#: How many calls, misses and rows of a kind a person is shown, and the percent of the bill a row must be worth.
CALLS, MISSES, ROWS, WORTH = 8, 4, 6, 2
_UNNAMED = {"tool": "tool", "system": "instructions", "prompt": "text"}


class Sum:
    """What one row of the bill adds up."""

    __slots__ = ("carry", "count", "generate", "guessed", "ingest", "own", "rewrite", "total")

    def __init__(self) -> None:
        self.generate = self.ingest = self.carry = self.rewrite = self.own = self.total = self.count = 0
        self.guessed = False  #: whether a part of it is a split or an estimate

    def take(self, line: Line) -> None:
        """Add a line item."""
        self.generate += line.g_nanos + line.s_nanos
        if line.kind != "unlogged":
            self.ingest += line.i_nanos
        self.carry += line.c_nanos + line.r_nanos
        self.rewrite += line.r_nanos
        self.own += line.nanos
        self.total += line.nanos
        # What is not logged is a difference of two sums: exact.
        self.guessed = self.guessed or (line.basis != "measured" and line.kind != "unlogged")

    def add(self, other: Sum) -> None:
        """Add another row."""
        for field in ("generate", "ingest", "carry", "rewrite", "own", "total", "count"):
            setattr(self, field, getattr(self, field) + getattr(other, field))
        self.guessed = self.guessed or other.guessed


def causes_of(bill: SessionBill, calls: list[dict[str, Any]]) -> Causes:
    """(kind of cause, name below it -> its sum), dearest first. All totals together are the bill."""
    found: dict[str, dict[str, Sum]] = {}
    for line in bill.lines:
        if not line.thread:
            found.setdefault(line.kind, {}).setdefault(_below(line), Sum()).take(line)
    for call in calls:
        if not call["threadId"] and "tool" in found:
            row = found["tool"].setdefault(call["tool"] or "tool", Sum())
            row.count += 1
            row.total += call["subtreeNanos"]
    whole = sum(line.nanos for line in bill.lines)
    rest = whole - sum(row.total for rows in found.values() for row in rows.values())
    if rest:
        found["agent"] = {"call not in the transcript": Sum()}
        found["agent"]["call not in the transcript"].total = rest
    places = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(found.items(), key=lambda pair: (-_total(pair[1]), places.get(pair[0], 99)))


def _below(line: Line) -> str:
    """The name of a line's row within its kind."""
    rest: str = line.cause.partition("/")[2]
    if line.kind == "memory":
        return rest
    return rest.partition("/")[0] or _UNNAMED.get(line.kind, "")


def _total(rows: dict[str, Sum]) -> int:
    return sum(row.total for row in rows.values())


def receipt(bill: SessionBill, options: dict[str, Any], width: int, above: str = "") -> Page:
    """The page of a session; `above` is said first."""
    roomy = width >= ROOMY and not options.get("compact")
    made = _Receipt(bill, options, width, roomy)
    page = made.page(above)
    if roomy and made.grid.narrowest() > width:  # amounts that long leave no room for all of them
        page = _Receipt(bill, options, width, roomy=False).page(above)
    return page


class _Receipt:
    """The page while it is written; one grid holds every amount, so that they stand under each other."""

    def __init__(self, bill: SessionBill, options: dict[str, Any], width: int, roomy: bool) -> None:
        self.bill, self.width = bill, width
        self.zone = options.get("timezone", "")
        money = not options.get("no_cost")
        self.whole = sum(line.nanos for line in bill.lines)
        self.digits = numbers.digits_for(self.whole)
        self.name = clean(short_id(bill.head["sessionId"]))
        self.calls = bill.calls()
        self.causes = causes_of(bill, self.calls)
        roomy = money and roomy
        rewritten = roomy and any(line.r_nanos for line in bill.lines)
        #: Which amounts have a column, of generate, ingest, carry, rewritten, own and total.
        self.shown = [roomy, roomy, money, rewritten, money and bool(bill.agents), money]
        self.grid = Grid(self._columns())

    def _columns(self) -> list[Col]:
        titles = ("Generate", "Ingest", "Carry", "rewritten", "Own", "Total")
        named = ["", *(title for title, shown in zip(titles, self.shown, strict=True) if shown), ""]
        texts = [Col(least=1), Col("What it was spent on", least=20, gap=1)]
        return texts + [Col(title, number=True) for title in named]

    def page(self, above: str) -> Page:
        """Write it."""
        page = Page(self.width)
        if above:
            page.prose(above, indent=" ")
            page.line()
        self._head(page)
        page.bar([(kind, _total(rows)) for kind, rows in self.causes])
        self._causes()
        self._dearest()
        self._of_this()
        page.add(self.grid.lines(self.width, fill=True))
        self._foot(page)
        return page

    # -- above

    def _head(self, page: Page) -> None:
        head = self.bill.head
        left: list[Piece] = [(" Session ", "dim"), (self.name, "bold")]
        left.append((f"  {clean(project_name(head['projectPath']))}", ""))
        page.ends(left, [(self._bill_text() if self.shown[-1] else "", "bold"), (" ", "")])
        said = ""
        for fact in filter(None, self._facts()):
            if said and cells(said) + 3 + cells(fact) >= self.width:
                page.line((f" {said}", "dim"))
                said = ""
            said += f" · {fact}" if said else fact
        page.prose(said, indent=" ")
        page.line()

    def _bill_text(self) -> str:
        # Without a price for all of it, the bill is a floor.
        if self.bill.unpriced and not self.whole:
            return "unpriced"
        text = numbers.money(self.whole, self.digits)
        if self.bill.head.get("provisional"):
            text = numbers.about(text)
        return f"≥{text}" if self.bill.unpriced else text

    def _facts(self) -> list[str]:
        bill, head = self.bill, self.bill.head
        first, last = head["firstActivity"], head["lastActivity"]
        when = took = ""
        if first and last:
            begun, ended = numbers.moment(first, self.zone), numbers.moment(last, self.zone)
            until = ended[11:] if ended[:10] == begun[:10] else ended
            when = begun if ended == begun else f"{begun} – {until}"
            took = numbers.duration(numbers.millis_of(last) - numbers.millis_of(first))
        models: dict[str, int] = {}
        for line in bill.lines:
            if line.model:
                models[line.model] = models.get(line.model, 0) + line.nanos
        names = ", ".join(clean(model_name(model)) for model in sorted(models, key=lambda each: -models[each]))
        asked = sum(1 for prompt in bill.prompts if prompt[5])
        requests = sum(prompt[5] for prompt in bill.prompts) + sum(agent[5] for agent in bill.agents)
        known = ((asked, "prompt"), (requests, "request"), (len(bill.agents), "agent"))
        told = [numbers.many(count, noun) for count, noun in known if count]
        return [when, took, names, *told]

    # -- the grid

    def _causes(self) -> None:
        everything = Sum()
        for kind, rows in self.causes:
            group = Sum()
            for row in rows.values():
                group.add(row)
            everything.add(group)
            below = sorted(rows.items(), key=lambda pair: (-pair[1].total, pair[0]))
            title = name(kind)
            if len(below) == 1:
                only = clean(below.pop()[0])
                title += f": {only}" if only and only != _UNNAMED.get(kind) else ""
            self._row(("■", kind), (title, "bold"), group, "bold")
            self._below(below)
        self.grid.rule()
        everything.guessed, everything.count = False, 0
        self._row(("", ""), ("The bill", "bold"), everything, "bold", unit="$")

    def _below(self, below: list[tuple[str, Sum]]) -> None:
        """The rows of one kind: those worth a line, the others together."""
        shown = [pair for pair in below if pair[1].total * 100 >= WORTH * self.whole][:ROWS]
        rest = below[len(shown) :]
        if len(rest) == 1:
            shown, rest = below, []
        for label, row in shown:
            self._row(("", ""), (f"  {clean(label)}", ""), row)
        if shown and rest:
            others = Sum()
            for _, row in rest:
                others.add(row)
            self._row(("", ""), (f"  {len(rest)} more", "dim"), others, "dim")

    def _dearest(self) -> None:
        if not self.calls:
            return
        self._section("The dearest tool calls")
        for call in self.calls[:CALLS]:
            row = Sum()
            row.generate = call["generateNanos"] + call["searchNanos"]
            row.ingest, row.carry, row.rewrite = call["ingestNanos"], call["carryNanos"], call["rewriteNanos"]
            row.own, row.total = call["selfNanos"], call["totalNanos"]
            row.guessed = call["basis"] != "measured"
            self._row(("·", "tool"), (f"{clean(call['tool'])} {clean(call['target'])}", ""), row)
        if len(self.calls) > CALLS:
            self._said(f"{len(self.calls) - CALLS:,} more: lineitem calls --session {self.name}")

    def _of_this(self) -> None:
        """Parts of the same money, by what one can do about them."""
        bill = self.bill
        self._section("Of this bill")
        carry = sum(line.c_nanos + line.r_nanos for line in bill.lines)
        self._part(
            "carrying what was already in a prompt, agents included"
            if bill.agents
            else "carrying what was already in the prompt",
            carry,
        )
        if bill.misses:
            lost = sum(miss[5] for miss in bill.misses)
            self._part(f"cache misses: {len(bill.misses)}, written to the cache again", lost)
            for miss in bill.misses[:MISSES]:
                self._part(f"  {self._miss(miss)}", miss[5], "dim")
            if len(bill.misses) > MISSES:
                rest = bill.misses[MISSES:]
                self._part(f"  {len(rest)} more", sum(miss[5] for miss in rest), "dim")
        if bill.agents:
            spent = sum(line.nanos for line in bill.lines if line.thread)
            self._part(f"agents: {len(bill.agents)}, each with a context of its own", spent)
        self._prompts()
        unlogged = bill.head["unloggedNanos"]
        if unlogged:
            named = sum(line.nanos for line in bill.lines if line.kind == "unlogged")
            traced = "" if named == unlogged else "; most is above" if named else "; all is above"
            self._part(f"not logged, only in Claude Code's own total{traced}", unlogged)

    def _prompts(self) -> None:
        """The cost of prompt after prompt as a little skyline, and the dearest of them."""
        costs = [
            (nanos + agents, ordinal, at, requests)
            for _, ordinal, at, _, _, requests, nanos, agents in self.bill.prompts
        ]
        costs = [cost for cost in costs if cost[3]]
        if len(costs) < 2:
            return
        most, ordinal, at, requests = max(costs, key=lambda cost: (cost[0], -cost[1]))
        drawn = most > 0 and len(costs) <= min(40, self.width - 66)
        skyline = "".join("▁▂▃▄▅▆▇█"[cost[0] * 7 // most] for cost in costs) if drawn else ""
        when = numbers.clock(_iso(at), self.zone)
        self._part(f"the dearest prompt: #{ordinal} at {when}, {numbers.many(requests, 'request')}  {skyline}", most)

    def _miss(self, miss: Any) -> str:
        thread, at, _, reason, tokens, _, idle = miss
        where = ", in an agent" if thread else ""
        why = "no reason found" if reason == "unknown" else clean(reason)
        if why.startswith("idle "):
            why = f"idle {numbers.duration(idle)}, {why.removeprefix('idle ').removesuffix(' lifetime')}"
        return f"{numbers.clock(_iso(at), self.zone)}  {numbers.tokens(tokens)} tokens{where}: {why}"

    def _section(self, title: str) -> None:
        self._said("")
        self._said(title, "dim")

    def _said(self, text: str, style: str = "dim") -> None:
        self.grid.row(("", ""), (text, style), *[None] * (len(self.grid.columns) - 2))

    def _part(self, text: str, nanos: int, style: str = "") -> None:
        amounts: Row = [(numbers.money(nanos, self.digits, ""), style)] if self.shown[-1] else []
        share = (numbers.share(nanos, self.whole), "dim")
        covered = [None] * (len(self.grid.columns) - 3 - len(amounts))
        self.grid.row(("", ""), (text, style), *covered, *amounts, share)

    def _row(self, mark: Piece, label: Piece, row: Sum, style: str = "", unit: str = "") -> None:
        """A row of amounts; the last of them, and all of the bill, in the row's own style."""
        loud = style if unit or style == "dim" else ""
        styles = (loud, loud, loud, "dim", loud, style)
        amounts = (row.generate, row.ingest, row.carry, row.rewrite, row.own, row.total)
        parts = [
            (self._amount(nanos, row.guessed, unit), how)
            for nanos, how, shown in zip(amounts, styles, self.shown, strict=True)
            if shown
        ]
        count = (f"{row.count:,}×" if row.count else "", "dim")
        self.grid.row(mark, label, count, *parts, (numbers.share(row.total, self.whole), style or "dim"))

    def _amount(self, nanos: int, guessed: bool, unit: str) -> str:
        text = numbers.money(nanos, self.digits, unit) if nanos else ""
        return numbers.about(text) if guessed and text else text

    # -- below

    def _foot(self, page: Page) -> None:
        head = self.bill.head
        reported = head["reportedNanos"]
        page.line()
        if head.get("provisional"):
            said = PROVISIONAL_SESSION
        elif reported is None:
            said = "Claude Code wrote no total of its own for this session."
        elif abs(reported - self.whole) <= 2_000:
            said = "Claude Code's own total is the same."
        else:
            said = f"Claude Code's own total is {numbers.money(reported, self.digits)}: see lineitem check."
        if self.shown[3]:
            said += " Carry includes rewritten."
        page.prose(f"{said} List prices; ~ is split by estimate.", indent=" ")
        if self.bill.unpriced:
            page.prose(without_price(map(clean, self.bill.unpriced)), indent=" ")


def _iso(at: int) -> str:
    from lineitem.core.periods import iso

    return iso(at)

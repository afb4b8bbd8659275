"""One session: its bill as a tree to walk, the dearest tool calls, what each prompt cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import ContentSwitcher

from lineitem.surfaces import numbers
from lineitem.surfaces.names import PROVISIONAL_SESSION, short_id
from lineitem.surfaces.page import Page, cells
from lineitem.surfaces.palette import name as kind_name
from lineitem.surfaces.tui import answers, words
from lineitem.surfaces.tui.bars import skyline
from lineitem.surfaces.tui.listing import Bar, Field, Listing, Row
from lineitem.surfaces.tui.outline import Outline
from lineitem.surfaces.tui.question import Question
from lineitem.surfaces.tui.sheet import Sheet
from lineitem.surfaces.tui.words import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from lineitem.reports.itemised import Item
    from lineitem.surfaces.page import Piece
    from lineitem.surfaces.tui.answers import Session
    from lineitem.wiring import Lineitem

_UNNAMED = {"tool": "tool", "system": "instructions", "prompt": "text"}


class SessionScreen(Question):
    """The bill of one session."""

    NAME = "session"
    HELP: ClassVar[str] = """
    The bill (b) as a tree: kinds of causes, what they were, single tool calls, and below a call the agent it started
    with a bill of its own. Own is what a row cost itself, Total with all below it; each total is its own and the
    totals below. ~ is the split of an exact sum, or an estimate.

    Right opens, left closes or goes up, Enter and Space do either, * opens all below. Beside it, or below, stands
    what the row under the cursor consists of.

    The tool calls (c), dearest first: Generate is the model writing it, Ingest the result entering the prompt, Carry
    sending both again in every later request. Enter finds a call in the tree.

    The prompts (p): what each cost, of that what is new and what carries what was there before, and the context at
    its end.

    The towers above are the context, and the cost, prompt by prompt.
    """
    BINDINGS: ClassVar[list[Any]] = [
        Binding("b", "part('bill')", "Bill"),
        Binding("c", "part('calls')", "Calls"),
        Binding("p", "part('prompts')", "Prompts"),
        Binding("i", "details", "Details"),
        Binding("escape,backspace", "app.leave", "Back"),
    ]

    def __init__(self, desk: Any, asking: Any, name: str, call: str = "") -> None:
        super().__init__(desk, asking)
        self.session, self._call = name, call

    def question(self, lineitem: Lineitem) -> Session:
        return answers.session(lineitem, self.asking, self.session)

    def content(self) -> ComposeResult:
        yield Sheet(id="summary")
        with Horizontal(id="parts"):
            with ContentSwitcher(initial="bill", id="part"):
                yield Outline(id="bill")
                yield Listing(id="calls")
                yield Listing(id="prompts")
            yield Sheet(id="detail")

    def action_part(self, name: str) -> None:
        self.query_one("#part", ContentSwitcher).current = name
        self.query_one(f"#{name}", Listing).focus()
        self._detail()

    def action_details(self) -> None:
        """Show what the row under the cursor consists of, or do not: as it is not now."""
        found = self.query_one("#detail", Sheet)
        shown = found.display
        self.set_class(not shown, "-detailed")
        self.set_class(shown, "-plain")

    def draw(self, answer: Session) -> None:
        self.query_one("#summary", Sheet).show(lambda width: summary_page(answer, width))
        digits = numbers.digits_for(answer.tree.total)
        outline = self.query_one(Outline)
        outline.grow(answer.tree, tree_columns(), lambda item, depth, sign: tree_cells(item, depth, sign, answer.tree),
                     tree_widths(answer.tree, answer.most, digits), "No usage was found.")  # fmt: skip
        self.query_one("#calls", Listing).show(_CALLS, call_rows(answer), "No tool call was found.")
        self.query_one("#prompts", Listing).show(_PROMPTS, prompt_rows(answer), "No prompt was found.")
        if self._call:
            outline.find(self._call)
            self._call = ""
        self._detail()

    def on_listing_looked(self, _: Listing.Looked) -> None:
        self._detail()

    def on_listing_chosen(self, message: Listing.Chosen) -> None:
        if message.listing.id == "calls":
            self.query_one(Outline).find(message.key)
            self.action_part("bill")

    def _detail(self) -> None:
        """Say what the row under the cursor consists of."""
        if self.answer is None:
            return
        answer, part = self.answer, self.query_one("#part", ContentSwitcher).current
        outline = self.query_one(Outline)
        item = outline.item(outline.key) if part == "bill" else None
        row: dict[str, Any] | None = None
        if part == "calls":
            key = self.query_one("#calls", Listing).key
            row = next((call for call in answer.calls if call["toolUseId"] == key), None)
        self.query_one("#detail", Sheet).show(lambda width: detail_page(answer, item, row, width))


# -- above


def summary_page(answer: Session, width: int) -> Page:
    """Which session it is, what it cost, how it grew."""
    page = Page(width)
    head = answer.head
    text = numbers.money(answer.tree.total, numbers.digits_for(answer.tree.total))
    if head.get("provisional"):
        text = numbers.about(text)
    if answer.unpriced:
        text = f"≥{text}" if answer.tree.total else "unpriced"
    page.ends([(" Session ", "dim"), (short_id(plain(head["sessionId"])), "bold"), (f"  {words.project(head)}", "")],
              [(text, "bold"), (" ", "")])  # fmt: skip
    said = ""
    for fact in filter(None, _facts(answer)):
        if said and cells(said) + 3 + cells(fact) >= width:
            page.line((f" {said}", "dim"))
            said = ""
        said += f" · {fact}" if said else fact
    page.prose(said, indent=" ")
    room = max(8, (width - 44) // 2)
    asked = [row for row in answer.prompts if row["ordinal"] is not None]
    contexts = [row["contextTokens"] for row in asked]
    costs = [row["costNanos"] for row in asked]
    if len(asked) > 1:
        grown, spent = skyline(contexts, room), skyline(costs, room)
        most = numbers.tokens(max(size or 0 for size in contexts))
        page.line((" context ", "dim"), (grown, "schemas"), (f" {most}", "dim"), ("   cost ", "dim"), (spent, "tool"),
                  (f" {numbers.money(max(costs))} a prompt", "dim"))  # fmt: skip
    return page


def _facts(answer: Session) -> list[str]:
    head = answer.head
    first, last = head["firstActivity"], head["lastActivity"]
    when = took = ""
    if first and last:
        begun, ended = numbers.moment(first, answer.zone), numbers.moment(last, answer.zone)
        when = f"{begun} – {ended[11:] if ended[:10] == begun[:10] else ended}"
        took = numbers.duration(numbers.millis_of(last) - numbers.millis_of(first))
    models = ", ".join(map(words.model, answer.models[:3]))
    asked = sum(1 for row in answer.prompts if row["ordinal"] is not None)
    counted = ((asked, "prompt"), (len(answer.calls), "tool call"), (answer.agents, "agent"))
    told = [numbers.many(count, noun) for count, noun in counted if count]
    if answer.misses:
        misses = "miss" if answer.misses == 1 else "misses"
        told.append(f"{answer.misses} cache {misses} {numbers.money(answer.missed)}")
    provisional = PROVISIONAL_SESSION if head.get("provisional") else ""
    return [when, took, models, *told, provisional]


# -- the tree


def tree_columns() -> tuple[Field, ...]:
    return (
        Field(least=1),
        Field("What it was spent on", least=14, gap=1, grows=True),
        Field("", number=True, rank=4),
        Field("Tokens in", number=True, rank=6),
        Field("Output", number=True, rank=5),
        Field("Own", number=True, rank=2),
        Field("Total", number=True),
        Field("", number=True, rank=1),
    )


def tree_widths(root: Item, most: int, digits: int) -> list[int]:
    """How wide the columns of the tree's numbers are: nothing in them is longer. most: tool calls of any node."""
    whole = numbers.money(root.total, digits, "")
    least = f"~{numbers.money(1, digits, '')}"
    amount = max(cells(f"~{whole}"), cells(least))
    count = cells(f"{numbers.count(most)}×") if most else 1
    uncached, write5, write1, read, output = root.tokens
    return [1, 40, count, max(6, cells(numbers.tokens(uncached + write5 + write1 + read))),
            max(6, cells(numbers.tokens(output))), amount, amount, 4]  # fmt: skip


def tree_cells(item: Item, depth: int, sign: str, root: Item) -> tuple[Piece, ...]:
    """A node's row."""
    digits = numbers.digits_for(root.total)
    style = "bold" if item.group else ""
    agent = item.kind == "agent" and item.thread
    label = f"{'  ' * depth}{sign} {label_of(item)}"
    return (
        ("■" if item.group else "", item.kind),
        (label, item.kind if agent else style),
        (f"{item.count:,}×" if item.count and not item.call else "", "dim"),
        (numbers.tokens(sum(item.tokens[:4])) if any(item.tokens[:4]) else "", "dim"),
        (numbers.tokens(item.tokens[4]) if item.tokens[4] else "", "dim"),
        (_amount(item.own, digits, guessed=item.guessed), "dim"),
        (_amount(item.total, digits, guessed=item.guessed), style),
        (numbers.share(item.total, root.total), "dim"),
    )


def label_of(item: Item) -> str:
    """What a node is called."""
    if item.group:
        return kind_name(item.name)
    if item.kind == "agent" and item.thread:
        return f"agent {plain(item.name)}".rstrip()
    return plain(item.name) or _UNNAMED.get(item.kind, "…")


def _amount(nanos: int, digits: int, *, guessed: bool) -> str:
    text = numbers.money(nanos, digits, "") if nanos else ""
    return numbers.about(text) if guessed and text else text


# -- the calls


_CALLS = (
    Field("At", least=5, rank=3),
    Field("Tool", least=5),
    Field("Target", least=20, grows=True),
    Field("Generate", number=True, rank=5),
    Field("Ingest", number=True, rank=6),
    Field("Carry", number=True, rank=4),
    Field("Carried", number=True, rank=7),
    Field("Own", number=True, rank=2),
    Field("Total", number=True),
    Field("", number=True, rank=1),
)


def call_rows(answer: Session) -> list[Row]:
    """The tool calls, dearest first."""
    digits = numbers.digits_for(answer.tree.total)
    made = []
    for row in answer.calls:
        guessed = row["basis"] != "measured"
        parts = ((_amount(row[key], digits, guessed=guessed), "dim")
                 for key in ("generateNanos", "ingestNanos", "carryNanos"))  # fmt: skip
        made.append(Row(row["toolUseId"], (
            (_when(row["at"], answer), "dim"),
            (plain(row["tool"]), "tool" if not row["threadId"] else "agent"),
            (plain(row["target"]), ""),
            *parts,
            (f"{row['carriedRequests']:,}×" if row["carriedRequests"] else "", "dim"),
            (_amount(row["selfNanos"], digits, guessed=guessed), ""),
            (_amount(row["totalNanos"], digits, guessed=guessed), "bold"),
            (numbers.share(row["totalNanos"], answer.tree.total), "dim"),
        )))  # fmt: skip
    return made


def _when(moment: str | None, answer: Session) -> str:
    """When something was, with its day where the session has several."""
    if not moment:
        return ""
    first, last = (numbers.day(answer.head[key], answer.zone) for key in ("firstActivity", "lastActivity"))
    said = numbers.moment(moment, answer.zone)
    return said[11:] if first == last else said[5:]


# -- the prompts


_PROMPTS = (
    Field("Prompt", least=6),
    Field("At", least=5, rank=4),
    Field("", least=6, rank=3, grows=True),
    Field("Requests", number=True, rank=5),
    Field("Context", number=True, rank=1),
    Field("New", number=True, rank=6),
    Field("Carry", number=True, rank=7),
    Field("Cost", number=True),
    Field("So far", number=True, rank=2),
)


def prompt_rows(answer: Session) -> list[Row]:
    """The prompts in their order."""
    digits = numbers.digits_for(answer.tree.total)
    most = max((row["costNanos"] for row in answer.prompts), default=0)
    made = []
    for row in answer.prompts:
        made.append(Row(str(row["ordinal"]), (  # noqa: PERF401 - read row by row
            (plain(row["prompt"]), "bold"),
            (_when(row["at"], answer), "dim"),
            Bar(row["costNanos"], most, "tool"),
            (numbers.count(row["requests"]), "dim"),
            (numbers.tokens(row["contextTokens"]) if row["contextTokens"] is not None else "", ""),
            (numbers.money(row["newNanos"], digits, ""), "dim"),
            (numbers.money(row["carryNanos"], digits, ""), "dim"),
            words.cost(row, digits),
            (numbers.money(row["cumulativeNanos"], digits, ""), "dim"),
        )))  # fmt: skip
    return made


# -- beside them


def detail_page(answer: Session, item: Item | None, call: dict[str, Any] | None, width: int) -> Page:
    """What a node of the tree, or a tool call, consists of."""
    page = Page(width)
    digits = numbers.digits_for(answer.tree.total)
    if item is not None:
        _item_lines(page, answer, item, digits)
    elif call is not None:
        page.prose(f"{plain(call['tool'])} {plain(call['target'])}", "bold", " ")
        tokens = call["tokens"]
        _lines(page, digits, [
            ("at", numbers.moment(call["at"], answer.zone)), ("generate", call["generateNanos"]),
            ("ingest", call["ingestNanos"]), ("carry", call["carryNanos"]), ("  rewritten", call["rewriteNanos"]),
            ("own", call["selfNanos"]), ("its agents", call["subtreeNanos"]), ("total", call["totalNanos"]),
        ])  # fmt: skip
        _tokens(page, list(tokens.values()))
        page.line((f" basis {call['basis']}", "dim"))
        page.prose(f"lineitem explain {plain(call['toolUseId'])}", indent=" ")
    return page


def _item_lines(page: Page, answer: Session, item: Item, digits: int) -> None:
    page.prose(label_of(item), "bold", " ")
    told: list[tuple[str, Any]] = []
    if item.at and (item.call or item.kind == "agent"):
        from lineitem.core.periods import iso

        told.append(("at", numbers.moment(iso(item.at), answer.zone)))
    parts = (("generate", item.generate), ("ingest", item.ingest), ("carry", item.carry), ("  rewritten", item.rewrite))
    told += [(name, nanos) for name, nanos in parts if nanos]
    below = item.total - item.own
    told += [("own", item.own), ("below", below)] if item.own and below else []
    told.append(("total", item.total))
    _lines(page, digits, told)
    page.line((" of the bill ", "dim"), (numbers.share(item.total, answer.tree.total), ""))
    _tokens(page, item.tokens)
    if item.guessed:
        page.prose("~ is the split of an exact sum, or an estimate.", indent=" ")
    if item.call:
        page.prose(f"lineitem explain {plain(item.call)}", indent=" ")


def _lines(page: Page, digits: int, told: list[tuple[str, Any]]) -> None:
    for name, value in told:
        text = numbers.money(value, digits) if isinstance(value, int) else value
        page.ends([(f" {name}", "dim")], [(text, "bold" if name == "total" else ""), (" ", "")])


def _tokens(page: Page, tokens: list[int]) -> None:
    names = ("uncached", "written 5m", "written 1h", "read", "output")
    for name, count in zip(names, tokens, strict=True):
        if count:
            page.ends([(f" {name}", "dim")], [(numbers.count(count), "dim"), (" ", "")])

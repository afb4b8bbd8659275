"""The itemised bill of a session that telemetry alone tells of: no transcript, no texts.

In: the API calls, finished tool calls and events of one session, in any order and repeated, and the rates of a call.
Out: the same `Folded` bill that transcripts give: generate, ingest, carry and rewrite per tool call, agents apart.
Always: the line items sum to what the calls cost, to the nanodollar; order and repetition do not matter; nothing is
said to be measured: the sums are, but how they divide follows from sizes in bytes.

It is one method and one implementation: the calls become the rows a transcript would have (`core.sightings`), with a
size where a transcript has a text's shape, and `Thread` folds them. What telemetry has and transcripts lack is added
here: the request behind a compaction, and helper calls by name. What it lacks stays open: schemas, system and memory
are one remainder at the start of a window.
"""

from __future__ import annotations

from lineitem.attribution.conversation import COMPACT, Conversation, note_of, window
from lineitem.attribution.items import (
    APPORTIONED,
    ESTIMATED,
    G_COST,
    G_OUTPUT,
    I_COST,
    I_READ,
    I_UNCACHED,
    I_WRITE1,
    I_WRITE5,
    MEASURED,
    REMAINDER,
    Item,
    close,
)
from lineitem.attribution.requests import Request
from lineitem.attribution.session import Folded, ThreadFacts, tell_agents
from lineitem.attribution.sizes import CREW, UNTOLD, Sizes, told_crew
from lineitem.attribution.thread import Compacted, Thread
from lineitem.core.apportion import apportion
from lineitem.core.rates import Rates
from lineitem.core.sightings import ANSWER, ATTACHMENT, COMPACTION, META, SUMMARY, USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from lineitem.attribution.conversation import Turn
    from lineitem.core.live import ApiCall, Event, ToolDone

    Row = list[Any]
    Within = Callable[[int], bool] | None

#: How the price classes of a model without a price relate to each other, as with every listed one: divides a cost
#: that the client told, and is no price.
PROPORTIONS = Rates("proportions", 1_000_000, 1_250_000, 2_000_000, 100_000, 5_000_000, 0)
#: A skill's text enters beside the answer of its call, and nobody tells its size: weighed like so many characters.
_SKILL = 3_000
#: Tokens of a tool call that are not its input, at most: what an answer has beyond is thinking.
_FRAME = 40
#: How many times its estimate a result may be in tokens (one digit a token), and tokens that are told in any case.
_DENSEST, _SLACK = 3, 40
#: The source of an amount that no call explains.
UNEXPLAINED = "~remainder"


def fold_telemetry(
    session: str,
    calls: Iterable[ApiCall],
    tools: Iterable[ToolDone],
    events: Iterable[Event],
    rates_of: Callable[[ApiCall], Rates | None],
    within: Within = None,
    parents: Mapping[str, str] | None = None,
) -> Folded:
    """The bill of a session.

    within: only calls at these moments are billed; the others still fill the window.
    parents: session -> the one it was forked from (`forked_from`); then the values hold the parents' too.
    """
    told = _told(session, list(calls), list(tools), list(events), parents or {})
    sizes = Sizes(told)
    folded = Folded()
    made: dict[str, tuple[ThreadFacts, Thread]] = {}
    loose = Loose(rates_of, within)
    for name in sorted(told.threads):
        bill = _ThreadBill(told, sizes, name, rates_of, within)
        folded.threads[name] = bill.thread
        made[name] = (ThreadFacts(name, bill.rows, told.types.get(name, ""), told.agents.get(name, "")), bill.thread)
        folded.items += [(name, item) for item in bill.items()]
        folded.misses += [(name, miss) for miss in bill.thread.misses]
        for call in bill.apart:
            loose.add(name, "compaction", call)
    for call in told.helpers:
        loose.add("", "remainder" if call.source == UNEXPLAINED else f"unlogged/{call.source}", call)
    folded.items = _provisional([*folded.items, *loose.items()])
    if "" in made:
        folded.prompts = made[""][1].prompts
    tell_agents(folded, made, told.agents)
    return folded


def _told(
    session: str, calls: list[ApiCall], tools: list[ToolDone], events: list[Event], parents: Mapping[str, str]
) -> Conversation:
    """The conversation of a session; a fork's begins with its parent's."""
    line = [session]
    while (parent := parents.get(line[-1])) and parent not in line:
        line.append(parent)
    told = Conversation(line.pop(), calls, tools, events)
    for name in reversed(line):
        child = Conversation(name, calls, tools, events)
        child.inherit(told)
        told = child
    return told


class _ThreadBill:
    """One thread of a conversation, folded. `apart`: its calls that no window holds."""

    def __init__(
        self, told: Conversation, sizes: Sizes, name: str, rates_of: Callable[[ApiCall], Rates | None], within: Within
    ) -> None:
        self._rates_of, self._within = rates_of, within
        self._told, self._sizes = told, sizes
        self._requests: dict[str, tuple[Request, Rates]] = {}
        self._summaries: dict[int, list[ApiCall]] = {}
        self._launched = {call: agent for agent, call in told.agents.items()}
        self.apart: list[ApiCall] = []
        self.rows = self._rows(name, told)
        self.thread = Thread(self._find, self._summary)
        self.thread.take(self.rows)
        self.thread.close()
        for unused in self._summaries.values():
            self.apart += [call for call in unused if call.session == told.session]

    def items(self) -> list[Item]:
        """Its line items in nanodollars: per model they sum to what its calls cost."""
        by_model: dict[str, list[Item]] = {model: [] for model in self.thread.total}
        for item in self.thread.items:
            by_model.setdefault(item.model, []).append(item)
        found = []
        for model, items in by_model.items():
            total = self.thread.total.get(model, 0)
            if total and not any(item.nanos for item in items):
                items = [Item("remainder", "", model, REMAINDER, 0, 0)]
                items[0].sums[I_COST] = total
            else:
                close(items, total)
            found += items
        return found

    def _rows(self, name: str, told: Conversation) -> list[Row]:
        rows: list[Row] = []
        before: Turn | None = None
        for turn in told.threads[name]:
            call = turn.call
            rows += [_prompt(event) for event in turn.prompts]
            if call.source == COMPACT and not turn.compacted:
                if call.session == told.session:
                    self.apart.append(call)  # it failed: the window stayed as it was
                continue
            kept: list[str] = []
            if before is not None:
                results = self._results(before)
                rows += results
                # a summary written in the middle of the work keeps the last answer and what its calls gave
                kept = [before.call.key, *(row[2] for row in results)]
            if call.source == COMPACT:
                self._summaries.setdefault(call.at, []).append(call)
                rows.append([COMPACTION, 0, "", "", call.at, "", 0, kept if before and before.made else []])
                rows.append(_text(call.at, turn.text or call.output * 4, SUMMARY))
                before = None
                continue
            if before is not None:
                rows += self._unseen(name, before, turn)
            before = turn
            self._requests[call.key] = self._request(name, call)
            answer = [ANSWER, 0, call.key, "", call.at, call.key, call.request, "", call.model, [], {}]
            rows.append([*answer, self._blocks(turn)])
        if before is not None:
            rows += self._results(before)  # they wait for a request: it is no part of the bill yet
        return rows

    def _blocks(self, turn: Turn) -> list[Row]:
        """The answer: its tool calls by the size of their input, its text by its length, and thinking."""
        blocks: list[Row] = []
        expected = 0
        for index, tool in enumerate(sorted(turn.made, key=_start)):
            size = self._sizes.written(tool)
            expected += size * 3 // 10 + _FRAME
            blocks.append(["u", index, tool.call, tool.tool, self._told.skills.get(tool.call, ""), [size]])
        if turn.text is not None or not blocks:
            length = turn.call.output * 4 if turn.text is None else turn.text
            expected += length * 3 // 10
            blocks.append(["t", len(blocks), "", "", "", [max(1, length)]])
        if turn.call.output > expected * 3 // 2:
            blocks.insert(0, ["h", len(blocks), "", "", "", [0]])
        return blocks

    def _results(self, turn: Turn) -> list[Row]:
        """What the tools answered, as it enters the next prompt."""
        rows: list[Row] = []
        for tool in turn.made:
            extra = {"ag": self._launched[tool.call]} if tool.call in self._launched else {}
            result = [tool.call, [self._sizes.given(tool)], tool.succeeded is False, 0, extra]
            rows.append([USER, 0, f"{tool.call}/result", "", tool.at, 0, [0], [result], {}])
            if tool.call in self._told.skills:
                rows.append(_text(tool.at, _SKILL, META))
        return rows

    def _unseen(self, name: str, before: Turn, turn: Turn) -> list[Row]:
        """What entered with this turn beside results and prompts (reminders, notes, schemas): its size, if it shows.

        It shows where the prompt grew by more than results of that many bytes can be.
        """
        grown = window(turn.call) - window(before.call) - before.call.output
        sizes = [self._sizes.given(tool) for tool in before.made]
        sizes += [_length(event) for event in turn.prompts]
        if any(tool.tool == "Skill" for tool in before.made):
            sizes.append(_SKILL)
        crew = CREW if told_crew(self._told, name, before, turn) else 0
        expected = (sum(sizes) + crew) * 28 // 100
        if sizes and grown > expected * _DENSEST + _SLACK * len(sizes):
            crew = (grown - sum(sizes) * 28 // 100) * 100 // 28
        return [[ATTACHMENT, 0, "", "", turn.call.at, "", "", 0, [crew], []]] if sizes and crew else []

    def _request(self, thread: str, call: ApiCall) -> tuple[Request, Rates]:
        request = Request(
            call.key, "", 0, call.session, thread, call.at, call.model, call.uncached, call.output, call.write5,
            call.write1, call.read, 0, 0, "", 0, "", "",
        )  # fmt: skip
        rates = self._rates_of(call)
        request.nanos = sum(call.costs(rates)) if call.nanos is None and rates is not None else call.nanos
        return request, rates or PROPORTIONS

    def _find(self, row: Row) -> tuple[Request, Rates | None, bool] | None:
        request, rates = self._requests[row[5]]
        return request, rates, self._pays(request.session, request.at)

    def _pays(self, session: str, at: int) -> bool:
        return session == self._told.session and (self._within is None or self._within(at))

    def _summary(self, at: int, _window: int) -> Compacted | None:
        waiting = self._summaries.get(at)
        if not waiting:
            return None
        call = waiting.pop(0)
        if not self._pays(call.session, at):
            return None
        request, rates = self._request("", call)
        total = self.thread.total
        total[call.model] = total.get(call.model, 0) + (request.nanos or 0)
        return Compacted(call.model, rates, [call.uncached, call.output, call.write5, call.write1, call.read, 0])


class Loose:
    """Line items of calls that lie in no window: helpers, failed compactions, amounts without a call."""

    def __init__(self, rates_of: Callable[[ApiCall], Rates | None], within: Within) -> None:
        self._rates_of, self._within = rates_of, within
        self._made: dict[tuple[str, str, str], Item] = {}

    def add(self, thread: str, cause: str, call: ApiCall) -> None:
        """Bill a call to one cause."""
        if self._within is not None and not self._within(call.at):
            return
        basis = REMAINDER if cause == "remainder" else ESTIMATED
        key = (thread, cause, call.model)
        item = self._made.get(key)
        if item is None:
            item = self._made[key] = Item(cause, "", call.model, basis, call.at, 0)
        sums = item.sums
        for place, tokens in (
            (I_UNCACHED, call.uncached), (I_WRITE5, call.write5), (I_WRITE1, call.write1), (I_READ, call.read),
            (G_OUTPUT, call.output),
        ):  # fmt: skip
            sums[place] += tokens
        known = self._rates_of(call)
        *prompt, output, _ = call.costs(known or PROPORTIONS)
        nanos = call.nanos
        if nanos is None:
            nanos = sum(prompt) + output if known is not None else 0
        entered, written = apportion(nanos, [sum(prompt), output])
        sums[I_COST] += entered
        sums[G_COST] += written

    def items(self) -> list[tuple[str, Item]]:
        return [(thread, item) for (thread, _, _), item in sorted(self._made.items())]


def _start(tool: ToolDone) -> tuple[int, str]:
    return tool.at - (tool.duration or 0), tool.call


def _text(at: int, length: int, flags: int) -> Row:
    return [USER, 0, "", "", at, flags, [max(1, length)], [], {}]


def _prompt(event: Event) -> Row:
    row = _text(event.at, _length(event), 0)
    command = note_of(event).get("command_name")
    if command:
        row[8] = {"c": f"/{str(command).lstrip('/')}"}
    return row


def _length(event: Event) -> int:
    """Characters of a prompt."""
    length = str(note_of(event).get("prompt_length", ""))
    return int(length) if length.isdecimal() else UNTOLD


def _provisional(items: list[tuple[str, Item]]) -> list[tuple[str, Item]]:
    """The items (thread, item) with nothing called measured; those that then are the same thing become one."""
    merged: dict[tuple[str, str, str, str, str], Item] = {}
    for thread, item in items:
        if not any(item.sums):
            continue
        if item.basis == MEASURED:
            item.basis = APPORTIONED
        known = merged.setdefault((thread, item.cause, item.call, item.model, item.basis), item)
        if known is not item:
            carried = max(known.sums[-1], item.sums[-1])
            known.sums = [one + other for one, other in zip(known.sums, item.sums, strict=True)]
            known.sums[-1] = carried
            known.at = min(known.at, item.at)
    return [(key[0], item) for key, item in merged.items()]

"""Any history of a few sessions, told by a string of bytes: each byte is a choice, zero the plainest one.

In: bytes, as Hypothesis draws and shrinks them.   Out: a `Tale` with sessions, agents, forks, compactions.
Windows, caches and totals behave as the API's and the client's do, so that the figures are plausible; now
and then they do not, as in the field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lineitem.core.rates import Rates, class_costs
from lineitem.pricing.book import PriceBook
from tests.telling.transcripts import HAIKU, OPUS, SONNET, Entry, Pen, Tale, counts

if TYPE_CHECKING:
    from collections.abc import Callable

MODELS = (
    OPUS, HAIKU, SONNET, "claude-fable-5-2", "claude-haiku-4-5-20251001", "claude-opus-4-6", "nobody-knows-me",
)  # fmt: skip
TOOLS = (("Bash", {"command": "ls -la src"}), ("Read", {"file_path": "/home/dev/shop/app.py"}),
         ("mcp__github__search", {"query": "bug"}), ("WebFetch", {"url": "https://example.org/a"}),
         ("Skill", {"skill": "charts"}))  # fmt: skip
ATTACHMENTS = ("instructions", "skill_listing", "deferred_tools_delta", "file", "hook_success", "date")
SIZES = (40, 300, 2_000, 9_000, 45_000, 130_000)
_BOOK = PriceBook.builtin()


class Deck:
    """The choices, one after the other; zeros when they run out."""

    def __init__(self, choices: bytes) -> None:
        self._choices, self._at = choices, 0

    @property
    def spent(self) -> bool:
        return self._at >= len(self._choices)

    def draw(self) -> int:
        if self.spent:
            return 0
        self._at += 1
        return self._choices[self._at - 1]

    def below(self, limit: int) -> int:
        return self.draw() % limit

    def rarely(self) -> bool:
        return self.draw() >= 225


class Window:
    """The context of one thread and what of it is cached."""

    def __init__(self, size: int = 0) -> None:
        self.size, self.cached = size, 0
        self.hour = False
        self.model = OPUS


class Life:
    """A session while it is told."""

    def __init__(self, tale: Tale, deck: Deck, pen: Pen) -> None:
        self.tale, self.deck, self.pen = tale, deck, pen
        self.windows: dict[int, Window] = {}
        self.spent: dict[str, list[int]] = {}  #: the client's own count since its last start
        self.told_total = False
        self.started = tale.at
        self.agents: list[Pen] = []

    def window(self, pen: Pen) -> Window:
        return self.windows.setdefault(id(pen), Window(18_000))

    # -- what may happen

    def prompt(self, pen: Pen) -> None:
        size = SIZES[self.deck.below(3)]
        self.window(pen).size += size // 4
        pen.prompt("please look " * (size // 12))

    def plain(self, pen: Pen) -> None:
        self.answer(pen, [{"type": "text", "text": "done. " * (1 + self.deck.below(40))}])

    def tools(self, pen: Pen) -> None:
        """Tool calls, written at once, and their results."""
        blocks: list[Entry] = []
        if self.deck.below(3) == 2:
            blocks.append({"type": "thinking", "thinking": "hm " * self.deck.below(80), "signature": "c2ln"})
        ids = []
        for _ in range(1 + self.deck.below(3)):
            tool, given = TOOLS[self.deck.below(len(TOOLS))]
            ids.append(self.tale.name("toolu_01"))
            blocks.append({"type": "tool_use", "id": ids[-1], "name": tool, "input": given})
        self.answer(pen, blocks)
        for call in ids:
            size = SIZES[self.deck.below(len(SIZES))]
            self.window(pen).size += size // 3
            pen.result(call, "x = 1; " * (size // 7))

    def attachment(self, pen: Pen) -> None:
        size = SIZES[self.deck.below(4)]
        self.window(pen).size += size // 4
        pen.attachment(ATTACHMENTS[self.deck.below(len(ATTACHMENTS))], "note " * (size // 5))

    def silence(self, pen: Pen) -> None:
        """The cache may go cold."""
        self.tale.at += (1_000, 400_000, 4_000_000, 90_000_000)[self.deck.below(4)]
        if self.deck.below(2):
            self.window(pen).cached = 0

    def switch(self, pen: Pen) -> None:
        window = self.window(pen)
        window.model, window.cached = MODELS[self.deck.below(len(MODELS))], 0

    def compact(self, pen: Pen) -> None:
        window = self.window(pen)
        if self.deck.below(2):  # its request is in no transcript, but in the client's count
            self.count(window.model, [2, 900, 0, 0, window.size, 0], 0)
        kept = [
            str(line["uuid"]) for line in pen.lines[-self.deck.below(4) :] if isinstance(line, dict) and "uuid" in line
        ]
        pen.boundary(window.size, kept)
        window.size, window.cached = 18_000 + 1_200, 18_000 * self.deck.below(2)
        pen.prompt("what happened so far " * 40, isCompactSummary=True, isVisibleInTranscriptOnly=True)

    def shrink(self, pen: Pen) -> None:
        """Context editing: old results leave the window."""
        window = self.window(pen)
        window.size = max(10_000, window.size - SIZES[self.deck.below(len(SIZES))])
        window.cached = min(window.cached, window.size // 2)

    def system(self, pen: Pen) -> None:
        pen.system(("turn_duration", "stop_hook_summary", "informational")[self.deck.below(3)])

    def log(self, pen: Pen) -> None:
        """The request log: tools, system and messages as sent."""
        shape = f"{self.deck.below(3):020x}"
        tools = [{"name": name, "description": "does it " * (1 + self.deck.below(60))} for name, _ in TOOLS[:3]]
        pen.meta("api-request-shape", shapeHash=shape, shape={
            "system": [{"type": "text", "text": "help " * (1 + self.deck.below(200))}], "tools": tools})  # fmt: skip
        pen.meta("api-request-blob", hash=f"{self.tale.count():020x}", message={"role": "user", "content": "hello"})
        pen.meta("api-request", id=self.tale.uuid(), shapeHash=shape, tail=["a", "b"], querySource="sdk")

    def apart(self, pen: Pen) -> None:
        """A result that was there before the last block of the answer was written."""
        calls = [self.tale.name("toolu_01") for _ in range(2)]
        self.answer(
            pen, [{"type": "tool_use", "id": call, "name": "Read", "input": {"file_path": "a.py"}} for call in calls]
        )
        last = pen.lines.pop()
        size = SIZES[self.deck.below(4)]
        self.window(pen).size += 2 * size // 3
        pen.result(calls[0], "x = 1; " * (size // 7))
        pen.lines.append(last)
        text = [
            {
                "tool_use_id": calls[1],
                "type": "tool_result",
                "content": [{"type": "text", "text": "y = 2; " * (size // 7)}],
            }
        ]
        pen.line("user", message={"role": "user", "content": [*text, {"type": "text", "text": "and more"}]})

    def elsewhere(self, pen: Pen) -> None:
        pen.branch = ("main", "work", "")[self.deck.below(3)]

    def synthetic(self, pen: Pen) -> None:
        usage = counts(0, 0, 0, 0, 0)
        pen.answer([{"type": "text", "text": "API Error"}], usage, model="<synthetic>", isApiErrorMessage=True)

    def helper(self, _: Pen) -> None:
        """A background helper: in no transcript."""
        self.count(HAIKU, [300 + self.deck.draw(), 30, 0, 0, 0, 0], 0)

    def total(self, pen: Pen) -> None:
        """The client writes its own total, as when a run ends."""
        main = self.pen
        nanos, models = 0, {}
        for model, (uncached, output, write5, write1, read, searches, cost) in self.spent.items():
            nanos += cost
            models[model + ("[1m]" if model == SONNET else "")] = {
                "inputTokens": uncached, "outputTokens": output, "cacheReadInputTokens": read,
                "cacheCreationInputTokens": write5 + write1, "webSearchRequests": searches,
                "costUSD": cost / 1e9,
            } | ({"cacheCreationEphemeral5mInputTokens": write5, "cacheCreationEphemeral1hInputTokens": write1}
                 if self.deck.below(3) else {})  # fmt: skip
        if self.deck.rarely():
            models = {}
        main.total(repr(nanos / 1e9), models, self.started)
        if self.deck.below(4) == 3:  # resumed by a build that starts from zero
            self.started = self.tale.at
        del pen

    def clear(self, _: Pen) -> None:
        self.spent = {}
        self.started = self.tale.at

    def rewind(self, pen: Pen) -> None:
        """The next line follows an earlier one."""
        lines = [line for line in pen.lines if isinstance(line, dict) and line.get("uuid")]
        if lines:
            pen.parent = lines[self.deck.draw() % len(lines)]["uuid"]

    def agent(self, pen: Pen) -> None:
        """A call that starts an agent; its transcript goes on by itself."""
        call = self.tale.name("toolu_01")
        self.answer(pen, [{"type": "tool_use", "id": call, "name": "Agent",
                           "input": {"subagent_type": "Explore", "prompt": "look around"}}])  # fmt: skip
        card = {"agentType": "Explore", "toolUseId": call, "spawnDepth": 1}
        own = self.tale.agent(self.pen, call, card=card if self.deck.below(4) else None, flat=self.deck.below(8) == 7)
        self.agents.append(own)
        self.window(own).size = 6_000
        self.prompt(own)
        self.plain(own)
        self.window(pen).size += 300
        pen.result(call, "it is there", {"status": "completed", "agentId": own.agent, "totalTokens": 7})

    def sidechain(self, pen: Pen) -> None:
        """An agent inside the main file, as old clients wrote it."""
        own = self.tale.inline_agent(self.pen)
        self.window(own).size = 5_000
        self.prompt(own)
        self.tools(own)
        self.plain(own)
        del pen

    def aside(self, pen: Pen) -> None:
        """A side question repeats the parent's answers under other request ids, in a file of its own."""
        answers = [line for line in pen.lines if isinstance(line, dict) and line["type"] == "assistant"]
        if not answers or pen is not self.pen:
            return
        own = self.tale.agent(self.pen, self.tale.name("btw"))
        for line in answers[-3:]:
            own.add(dict(line, agentId=own.agent, isSidechain=True, requestId=self.tale.name("req_btw")))

    # -- an answer

    def answer(self, pen: Pen, blocks: list[Entry]) -> None:
        deck, window = self.deck, self.window(pen)
        way = deck.draw()
        if way < 200:
            read = min(window.cached, window.size)
            written = window.size - read
            uncached = min(written, 3)
            written -= uncached
        else:  # nothing is as it should be
            read, written, uncached = (SIZES[deck.below(6)] * deck.below(3) for _ in range(3))
        window.hour = window.hour or deck.rarely()
        write5, write1 = (0, written) if window.hour else (written, 0)
        if deck.rarely():
            write5, write1 = written - written // 3, written // 3
        output = 5 + deck.draw() * (1 + deck.below(9))
        thinking = deck.below(2) * (output // 2)
        more: dict[str, Any] = {}
        flags = ""
        if deck.rarely():
            kind = deck.below(5)
            more = ({"speed": "fast"}, {"inference_geo": "us"}, {"service_tier": "batch"},
                    {"searches": 1 + deck.below(3)}, {"cache_creation": None})[kind]  # fmt: skip
            flags = "fgb"[kind] if kind < 3 else ""
            if kind == 4:
                write5, write1 = write5 + write1, 0
        searches = int(more.get("searches", 0))
        usage = counts(uncached, write5, write1, read, output, thinking=thinking, **more)
        fields: dict[str, Any] = {}
        if deck.rarely():
            advisor = {"type": "advisor_message", "model": SONNET, "input_tokens": 400, "output_tokens": 60}
            usage["iterations"] = [{"type": "message", "input_tokens": uncached, "output_tokens": output}, advisor]
            self.count(SONNET, [400, 60, 0, 0, 0, 0], 0)
        if deck.rarely():
            fields["attributionSkill"] = "charts"
        request: str | None = ""
        message = ""
        if deck.rarely():
            request = None
            if deck.below(2):
                message = "msg_gateway"
        outputs = [1, max(1, output // 2)][: deck.below(3)] if len(blocks) > 1 else []
        self.count(window.model, [uncached, output, write5, write1, read, searches], window.size, flags)
        pen.answer(blocks, usage, model=window.model, message=message, request=request, outputs=outputs, **fields)
        window.cached = window.size
        window.size += output

    def count(self, model: str, tokens: list[int], context: int, flags: str = "") -> None:
        """As the client counts for its own total."""
        rates = _BOOK.rates(
            model, self.tale.at, "fast" * ("f" in flags), "us" * ("g" in flags), "batch" * ("b" in flags), context
        )
        uncached, output, write5, write1, read, searches = tokens
        cost = (
            sum(class_costs(rates, uncached, write5, write1, read, output, searches)) if isinstance(rates, Rates) else 0
        )
        row = self.spent.setdefault(model, [0] * 7)
        for index, count in enumerate((*tokens, cost)):
            row[index] += count


_PLAIN: tuple[Callable[[Life, Pen], None], ...] = (
    Life.plain, Life.prompt, Life.tools, Life.tools, Life.attachment, Life.silence, Life.system, Life.total,
    Life.agent, Life.switch, Life.compact, Life.shrink, Life.helper, Life.rewind, Life.synthetic, Life.clear,
    Life.sidechain, Life.aside, Life.log, Life.apart, Life.elsewhere,
)  # fmt: skip


def history(choices: bytes) -> Tale:
    """The sessions that these choices tell."""
    deck = Deck(choices)
    tale = Tale()
    main = Life(tale, deck, tale.session("first"))
    main.prompt(main.pen)
    main.plain(main.pen)
    lives = [main]
    while not deck.spent:
        life = lives[deck.below(len(lives))]
        kind = deck.below(len(_PLAIN) + 3)
        pens = [life.pen, *life.agents]
        pen = pens[0] if deck.below(3) else pens[deck.below(len(pens))]
        if kind < len(_PLAIN):
            _PLAIN[kind](life, pen)
        elif kind == len(_PLAIN):
            lives.append(_forked(life, deck))
        elif kind == len(_PLAIN) + 1 and len(lives) < 4:
            other = Life(tale, deck, tale.session(f"other {len(lives)}", "-home-dev-other"))
            other.prompt(other.pen)
            lives.append(other)
        else:
            _set_aside(tale, life, deck)
    return tale


def _forked(life: Life, deck: Deck) -> Life:
    """A new session that goes on from a copy, and from the totals of its parent."""
    lines = life.pen.lines
    cut = len(lines) - deck.below(4)
    child = Life(
        life.tale, deck, life.tale.fork(life.pen, life.tale.name("fork"), lines=cut, origin=deck.below(2) == 1)
    )
    window = life.window(life.pen)
    own = child.window(child.pen)
    own.size, own.cached, own.model = window.size, 0, window.model
    child.spent = {model: list(row) for model, row in life.spent.items()}
    child.started = life.started
    child.prompt(child.pen)
    child.plain(child.pen)
    return child


def _set_aside(tale: Tale, life: Life, deck: Deck) -> None:
    """A copy of the session's file under another name, perhaps an older state of it."""
    pen = life.pen
    name = f"{pen.path}.superseded-{1_793_613_600_000 + tale.count()}"
    lines = pen.lines[: max(1, len(pen.lines) - deck.below(6))]
    other = tale.pen(name, pen.session)
    other.lines = list(lines)

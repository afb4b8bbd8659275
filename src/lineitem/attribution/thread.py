"""Folds one thread of a session: its sightings in order become line items, cache misses and prompts.

Between two requests the window grows by exactly the tokens of what entered. The answer before is known
(its output tokens); what remains belongs to the results, prompts and attachments between: one of them is
measured, several share the sum by estimated weight. What stands before the first message is told by the
logged shape of the request, or is the remainder of the first prompt.
"""

from __future__ import annotations

from lineitem.attribution.context import READ, UNCACHED, WRITE1, WRITE5, Context
from lineitem.attribution.items import (
    APPORTIONED,
    ESTIMATED,
    FEMTO,
    G_COST,
    G_OUTPUT,
    I_COST,
    INGEST,
    MEASURED,
    REMAINDER,
    S_COST,
    Item,
)
from lineitem.attribution.misses import Miss, had_all, miss_of
from lineitem.attribution.output import divided
from lineitem.attribution.pieces import KEPT, Piece, as_sent, attachment_pieces, shape_pieces
from lineitem.attribution.prompts import Prompt, origin
from lineitem.attribution.weights import WEIGHTS, estimate, picture
from lineitem.core.apportion import apportion
from lineitem.core.causes import tool_cause
from lineitem.core.sightings import (
    ANSWER,
    ATTACHMENT,
    COMPACTION,
    INVISIBLE,
    LINK,
    META,
    NOTE,
    SENT,
    SHAPE,
    SUMMARY,
    USER,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Final

    from lineitem.attribution.requests import Request
    from lineitem.attribution.weights import Weights
    from lineitem.core.rates import Rates

    Row = list[Any]
    #: Line items of one model: by tool use id, and by cause and basis where there is no such id.
    _Known = tuple[dict[str, Item], dict[tuple[str, str], Item]]

#: Who owns blocks that are no tool calls: cause and tool use id.
_THINKING: Final = ("thinking", "")
_REPLY: Final = ("reply", "")
#: Last segment of a line that has none.
_NOWHERE: Final = -1
#: Segments of one window are told from those of the next by this: more than any window has.
_APART: Final = 1 << 32
#: Shape of no text.
_NOTHING: Final = [0]
#: A sum that differs from its estimate by no more than this is believed to be those segments.
_PLAUSIBLE_LOW: Final = 3
_PLAUSIBLE_HIGH: Final = 4
_SMALL: Final = 400


class Compacted:
    """An unlogged request that summarised the window: its tokens by class, as the client's total tells them."""

    __slots__ = ("model", "rates", "tokens")

    def __init__(self, model: str, rates: Rates, tokens: list[int]) -> None:
        self.model, self.rates, self.tokens = model, rates, tokens


class Thread:
    """The fold of one thread. Feed it rows in order with `take`, then `close` it."""

    __slots__ = (
        "_answer", "_answer_uuids", "_at", "_blocks", "_command", "_compaction", "_context", "_find", "_firsts",
        "_fixed", "_generated", "_inherited", "_known", "_last_answer_place", "_last_hash", "_links", "_model",
        "_of_model", "_owners", "_pays", "_places", "_rates", "_request", "_shape", "_shape_hash", "_size", "_skill",
        "_split", "_started", "_waiting", "_watch", "_weighed", "_weights", "_weights_of", "_window", "agents", "calls",
        "examples", "forks", "items", "misses", "prompts", "requests", "total",
    )  # fmt: skip

    def __init__(
        self,
        find: Callable[[Row], tuple[Request, Rates | None, bool] | None],
        compaction: Callable[[int, int], Compacted | None],
        inherited: str = "",
        weights: Callable[[str], Weights] | None = None,
        watch: Callable[[Request, Context, int], None] | None = None,
        weighed: dict[str, int] | None = None,
    ) -> None:
        """find: the request of an ANSWER row, its rates (None: unpriced), whether this thread pays for it.
        compaction: (time, tokens in the window) -> the unlogged request that summarised it.
        watch: called with every request, what it sent, and how many prompts there were before it was sent.
        weighed: tool use id -> thousandths of a token of its result, where more is known than its shape tells.
        inherited: cause of a prompt that begins with another thread's window (a forked agent).
        """
        self._find, self._compaction = find, compaction
        self._inherited = inherited
        self._weights_of = weights
        self._watch = watch
        self._weighed = weighed or {}
        self._weights = WEIGHTS
        self.examples: list[tuple[str, Row, int]] = []  #: (model, shape, measured tokens)
        self.items: list[Item] = []
        self._known: _Known = ({}, {})  # those of the current model
        self._of_model: dict[str, _Known] = {"": self._known}
        self.prompts: list[Prompt] = []
        self.misses: list[Miss] = []
        self.requests = 0
        self.total: dict[str, int] = {}  #: nanodollars of what this thread paid for, by model
        self.agents: dict[str, str] = {}  #: agent id -> tool use id of the call that started it
        self.calls: dict[str, tuple[str, int]] = {}  #: tool use id -> (cause, prompt)
        self.forks: dict[str, list[tuple[Item, int]]] = {}  #: message id of an answer that was forked -> its prompt
        self._context = Context()
        self._answer: list[Row] = []  # blocks of the last answer, not yet in the window
        self._owners: list[tuple[str, str]] = []  # cause and tool use id of each
        self._blocks: set[tuple[int, str]] = set()  # index and id of each, where it has one
        self._split: list[int] = []  # output tokens of each of those blocks
        self._waiting: list[Piece] = []  # what came after it
        self._request: Request | None = None
        self._rates: Rates | None = None
        self._pays = False
        self._model = ""
        self._size = 0  # tokens of the last prompt
        self._shape: list[Piece] = []  # tools and system texts as sent
        self._shape_hash = ""
        self._last_hash = ""
        self._fixed: list[tuple[Piece, int]] = []  # them, with their tokens, for the next window
        self._skill = ""
        self._command = ""
        self._started = False
        self._at = 0
        # of every line that was seen: uuid -> its last segment, and its first where it has several; both counted
        # from `_window`, which is another number for every window
        self._places: dict[str, int] = {}
        self._firsts: dict[str, int] = {}
        self._window = 0
        self._last_answer_place = 0
        self._answer_uuids: list[str] = []
        self._generated = False  # the last answer's output is divided
        self._links: dict[str, str] = {}  # lines without a row -> the line above

    @property
    def model(self) -> str:
        """The model of the last request."""
        return self._model

    # -- rows

    def take(self, rows: Sequence[Row]) -> None:
        """Fold these rows; a line that was seen before (a rewritten file) is stepped over."""
        seen = self._places
        if not self._shape:
            self._foresee(rows)
        for row in rows:
            kind = row[0]
            if kind <= COMPACTION:
                uuid = row[2]
                if uuid:
                    if uuid in seen:
                        continue
                    seen[uuid] = _NOWHERE
                if row[4]:
                    self._at = row[4]
                if kind == ANSWER:
                    self._take_answer(row)
                elif kind == USER:
                    self._take_user(row)
                elif kind == ATTACHMENT:
                    self._take_attachment(row)
                else:
                    self._take_compaction(row)
            elif kind == SHAPE:
                self._take_shape(row[3])
            elif kind == SENT:
                self._shape_hash = row[3]
            elif kind == LINK:
                self._links[row[2]] = row[3]
            elif kind == NOTE and row[3] == "scheduled":
                self._command = "scheduled:" + str(row[4][0])

    def _foresee(self, rows: Sequence[Row]) -> None:
        """The first tools and system texts that these rows tell: the first prompt had them too."""
        for row in rows:
            kind = row[0]
            if kind == SHAPE:
                parts = row[3]
            elif kind == ATTACHMENT and row[5] == "prompt_snapshot":
                parts = row[9]
            else:
                continue
            if any(part[0] == "tool" for part in parts):
                self._take_shape(parts)
                return

    def _take_answer(self, row: Row) -> None:
        found = self._find(row)
        if found is None:
            return
        request, rates, pays = found
        if request is not self._request:
            self._enter(request, rates, pays)
        if row[2]:
            self._answer_uuids.append(row[2])
        answer, taken = self._answer, self._blocks
        for block in row[11]:
            key = (block[1] if block[1] >= 0 else len(answer), block[2])
            if key not in taken:
                taken.add(key)
                answer.append(block)
                self._owners.append(self._owner(block))

    def _owner(self, block: Row) -> tuple[str, str]:
        """Cause and tool use id of a block; a tool call is remembered for its result."""
        kind = block[0]
        if kind not in "us":
            return _THINKING if kind == "h" else _REPLY
        _, _, call, tool, target = block[:5]
        cause = tool_cause(tool, target)
        if call:
            self.calls[call] = (cause, len(self.prompts))
            if tool == "Skill" and target:
                self._skill = target
            if self.prompts:
                self.prompts[-1].calls.append(call)
        return cause, call

    def _take_user(self, row: Row) -> None:
        _, _, uuid, parent, at, flags, shape, results, extra = row[:9]
        if flags & INVISIBLE and not flags & SUMMARY:
            return
        for result in results:
            call, counts = result[:2]
            made = self.calls.get(call)
            cause = made[0] if made is not None else "tool"
            milli = self._weighed.get(call) or estimate(counts, self._weights)
            given = result[4]
            if given or result[3]:
                milli += self._beside(result[3], given or {}, call)
            piece = Piece(cause, call, "result", max(milli, 1000), at, uuid)
            if not given and not result[3] and len(counts) > 1:
                piece.shape = counts
            self._waiting.append(piece)
        if not extra and shape == _NOTHING:
            return
        more = extra or {}
        images = picture(more["im"], 0) if "im" in more else 0
        milli = estimate(shape, self._weights) + images
        for text in more.get("more", ()):
            milli += estimate(text, self._weights)
        if not milli:
            return
        cause = self._text_cause(flags, more, bool(results))
        self._waiting.append(Piece(cause, "", "text", milli, at, uuid))
        if not results and not flags & (META | SUMMARY) and more.get("c") != "":
            self._begin_prompt(parent, at, flags, more)

    def _beside(self, images: int, given: dict[str, Any], call: str) -> int:
        """Thousandths of a token of what a result holds beside its text; an agent that it names is remembered."""
        if "ag" in given:
            self.agents[given["ag"]] = call
        milli = picture(images, given.get("px", 0)) if images else 0
        return milli + sum(estimate(text, self._weights) for text in given.get("more", ()))

    def _text_cause(self, flags: int, more: dict[str, Any], beside_results: bool) -> str:
        if flags & SUMMARY:
            return "compaction"
        if "c" in more:
            self._command = more["c"] or self._command
            return f"prompt/command/{more['c'] or self._command}".rstrip("/")
        if flags & META:
            if self._skill or self._command:
                return f"skill/{self._skill or self._command.lstrip('/')}"
            return "system/note"
        return "system/note" if beside_results else "prompt"

    def _begin_prompt(self, parent: str | None, at: int, flags: int, more: dict[str, Any]) -> None:
        source, name = origin(flags, more, self._command)
        self._command = name
        self._skill = ""
        self.prompts.append(Prompt(at, source, name))
        if parent:
            self._rewind(parent)

    def _rewind(self, parent: str) -> None:
        """A prompt that follows an earlier line: what came after that line leaves the window."""
        for _ in range(len(self._links) + 1):
            above = self._links.get(parent)
            if above is None or self._placed(parent):
                break
            parent = above
        places = self._placed(parent)
        if not places or places.stop >= self._last_answer_place:
            return
        keep = places.stop
        self._generate()
        self._context.cut(keep)
        self._size = self._context.size
        self._answer, self._owners, self._blocks, self._split = [], [], set(), []
        self._waiting = self._waiting[-1:]

    def _placed(self, uuid: str) -> range:
        """The segments of a line in this window."""
        window, last = self._window, self._places.get(uuid, _NOWHERE)
        if last < window:
            return range(0)
        first = self._firsts.get(uuid, last)
        return range((first if first >= window else last) - window, last + 1 - window)

    def _take_attachment(self, row: Row) -> None:
        if row[5] == "prompt_snapshot":
            self._take_shape(row[9])
        else:
            self._waiting += attachment_pieces(row, self._weights)

    def _take_shape(self, parts: list[Row]) -> None:
        self._shape = shape_pieces(parts, self._weights, self._shape) or self._shape

    def _take_compaction(self, row: Row) -> None:
        """The window is summarised; what is kept was not in that prompt and enters the new window as it is."""
        self._generate()
        at = row[4]
        kept: list[str] = row[7] if len(row) > 7 else []
        size = self._size + (self._request.output if self._request else 0)
        again = self._kept_answer(set(kept), at)
        waiting = {piece.uuid: piece for piece in self._waiting if piece.uuid}
        self._waiting = [piece for piece in self._waiting if piece.uuid not in kept]
        window = (row[6] or size) if self._split or self._waiting else self._size
        summary = self._compaction(at, window) if size else None
        if summary is not None:
            self._summarise(summary)
        context = self._context
        context.settle()
        places: dict[int, None] = {}
        for uuid in kept:
            places.update(dict.fromkeys(self._placed(uuid)))
        again[:0] = [
            Piece(context.items[place].cause, context.items[place].call, KEPT, context.tokens[place] * 1000, at)
            for place in places
            if place < len(context.items)
        ]
        again += [waiting[uuid] for uuid in kept if uuid in waiting]
        self._window += _APART
        self._context = Context()
        self._answer, self._owners, self._blocks, self._split = [], [], set(), []
        self._waiting = again
        self._request = None
        self._size = 0
        self._started = False

    def _kept_answer(self, kept: set[str], at: int) -> list[Piece]:
        """The blocks of the last answer, taken out of the window, if all of it is kept: no request sent them yet."""
        if not self._answer_uuids or not kept.issuperset(self._answer_uuids):
            return []
        pieces = []
        for (cause, call), tokens in zip(self._owners, self._split):
            if tokens:
                pieces.append(Piece(cause, call, "text", tokens * 1000, at))
        self._answer, self._owners, self._split, self._answer_uuids = [], [], [], []
        return pieces

    # -- requests

    def _enter(self, request: Request, rates: Rates | None, pays: bool) -> None:
        """A request was sent: everything waiting enters the window, and the window is billed."""
        self._generate()
        context = self._context
        if request.model != self._model:
            self._change_model(request.model)
        size = request.context
        self._waiting = as_sent(self._waiting, request.model)
        if self._started:
            self._grow(size)
        elif not self._goes_on(self.forks.get(request.mid, []), size):
            self._begin(size)
        if request.mid in self.forks:
            self.forks[request.mid] = list(zip(context.items, context.tokens))
        self._waiting = []
        self._answer, self._owners, self._blocks, self._split, self._answer_uuids = [], [], set(), [], []
        self._last_answer_place = len(context.tokens)
        if pays:
            if rates is not None:
                self._find_miss(request, rates)
                self._bill(request, rates)
            self.requests += 1
            nanos = request.nanos or 0
            self.total[request.model] = self.total.get(request.model, 0) + nanos
            if self.prompts:
                prompt = self.prompts[-1]
                prompt.requests += 1
                prompt.nanos += nanos
        if self._watch is not None:
            self._watch(request, context, len(self.prompts))
        context.sent()
        self._request, self._rates, self._pays = request, rates, pays
        self._generated = False
        self._size = size
        self._last_hash = self._shape_hash

    def _bill(self, request: Request, rates: Rates) -> None:
        charge = self._context.charge
        at = 0
        for tokens, price_class, price in (
            (request.read, READ, rates.cache_read),
            (request.write1, WRITE1, rates.cache_write_1h),
            (request.write5, WRITE5, rates.cache_write_5m),
            (request.uncached, UNCACHED, rates.uncached_input),
        ):
            if tokens:
                lost = charge(at, at + tokens, price_class, price)
                at += tokens
                if lost:  # they were billed and lie in no segment
                    sums = self._item("remainder", "", REMAINDER, request.at).sums
                    sums[INGEST[price_class]] += lost
                    sums[I_COST] += lost * price

    def _generate(self) -> None:
        """The last answer is complete: its output tokens are divided among its blocks."""
        request = self._request
        if request is None or self._generated:
            return
        self._generated = True
        blocks, owners = self._answer, self._owners
        if not blocks:
            blocks.append(["t", 0, "", "", "", _NOTHING])
            owners.append(_REPLY)
        self._split, basis = divided(blocks, request.output, request.thinking, self._weights, self._weighed)
        if len(blocks) > len(owners):  # it was thought, and nothing of it was shown
            owners.insert(0, _THINKING)
        rates = self._rates
        if not self._pays or rates is None:
            return
        if request.searches:
            call = next((block[2] for block in blocks if block[0] == "s"), "")
            cause = self.calls[call][0] if call in self.calls else "tool/web_search"
            sums = self._item(cause, call, MEASURED, request.at).sums
            sums[S_COST] += request.searches * rates.web_search * FEMTO
        price = rates.output
        for (cause, call), tokens in zip(owners, self._split):
            if tokens:
                sums = self._item(cause, call, basis, request.at).sums
                sums[G_OUTPUT] += tokens
                sums[G_COST] += tokens * price

    def _item(self, cause: str, call: str, basis: str, at: int) -> Item:
        of_call, of_cause = self._known
        if call:
            item = of_call.get(call)
            if item is None:
                prompt = self.calls[call][1] if call in self.calls else len(self.prompts)
                item = of_call[call] = Item(cause, call, self._model, basis, at, prompt)
                self.items.append(item)
            elif basis != MEASURED:
                item.basis = basis
            return item
        item = of_cause.get((cause, basis))
        if item is None:
            item = of_cause[(cause, basis)] = Item(cause, "", self._model, basis, at, len(self.prompts))
            self.items.append(item)
        return item

    def _goes_on(self, window: list[tuple[Item, int]], size: int) -> bool:
        """Whether this thread, a forked agent, begins with a window of another one that is known: then it is filled.

        What belongs to a tool call is carried on for it; everything else was inherited.
        """
        if not self._inherited or self._waiting or sum(tokens for _, tokens in window) != size:
            return False
        self._started = True
        for item, tokens in window:
            cause = item.cause if item.call else self._inherited
            self._context.add(self._item(cause, item.call, item.basis, self._at), tokens, again=True)
        return True

    def _begin(self, size: int) -> None:
        """The first prompt of a window: schemas, system, then the messages so far."""
        self._started = True
        pieces: list[Piece] = []
        if self._fixed:
            for piece, known_tokens in self._fixed:
                piece.old = known_tokens
                pieces.append(piece)
        else:
            pieces += self._shape
        known = bool(pieces)
        waiting = self._waiting
        context = self._context
        fixed = sum(piece.old or 0 for piece in pieces)
        if not known:
            messages = sum(piece.milli for piece in waiting) // 1000
            rest = max(0, size - messages)
            cause = self._inherited or "system"
            context.add(self._item(cause, "", REMAINDER, self._at), rest)
            parts = apportion(size - rest, [piece.milli for piece in waiting]) if waiting else []
            if not waiting:
                context.resize([size])
            self._add(waiting, parts, ESTIMATED)
            return
        if not any(piece.kind == "schema" for piece in pieces) and not self._inherited:
            # the tools are not told: what the texts do not explain of the prompt is their schemas
            everything = pieces + waiting
            estimated = [max(1, piece.milli // 1000) for piece in everything]
            rest = size - sum(estimated)
            if rest > 0:
                context.add(self._item("schemas", "", REMAINDER, self._at), rest)
                self._add(everything, estimated, ESTIMATED)
                return
        if fixed and fixed < size and waiting:
            tokens = [piece.old or 0 for piece in pieces]
            parts = apportion(size - fixed, [piece.milli for piece in waiting])
            self._add(pieces, tokens, APPORTIONED)
            self._add(waiting, parts, MEASURED if len(waiting) == 1 else APPORTIONED)
            return
        everything = pieces + waiting
        parts = apportion(size, [max(1, piece.milli) for piece in everything])
        if self._inherited:
            estimated = [max(1, piece.milli // 1000) for piece in everything]
            rest = size - sum(estimated)
            if rest > size // 10:
                self._add(pieces, estimated[: len(pieces)], ESTIMATED)
                context.add(self._item(self._inherited, "", REMAINDER, self._at), rest)
                self._add(waiting, estimated[len(pieces) :], ESTIMATED)
                return
        self._add(pieces, parts[: len(pieces)], APPORTIONED)
        self._add(waiting, parts[len(pieces) :], APPORTIONED)
        if not self._inherited:
            self._fixed = list(zip(pieces, parts))

    def _add(self, pieces: list[Piece], tokens: list[int], basis: str) -> None:
        context, window, before, first = self._context, self._window, "", 0
        for piece, count in zip(pieces, tokens):
            item = self._item(piece.cause, piece.call, basis, piece.at or self._at)
            uuid = piece.uuid
            if uuid:
                place = window + len(context.tokens)
                if uuid == before:
                    self._firsts[uuid] = first
                else:
                    first = place
                self._places[uuid] = place
            before = uuid
            context.add(item, count, again=piece.kind == KEPT)

    def _grow(self, size: int) -> None:
        """The window grew by the last answer and by what came after it."""
        growth = size - self._size
        answer = self._split
        output = sum(answer)
        waiting = self._waiting
        milli = [piece.milli for piece in waiting]
        expected = sum(milli) // 1000
        rest = growth - output
        if answer and (rest < 0 or not waiting):
            spoken = [0 if block[0] == "h" else count for block, count in zip(self._answer, answer)]
            thinking = output - sum(spoken)
            if thinking and abs(rest + thinking - expected) < abs(rest - expected):
                answer = spoken
                rest += thinking
        if waiting and (rest * _PLAUSIBLE_HIGH >= expected or expected - rest < _SMALL) and rest > 0:
            self._enter_answer(answer)
            if rest > expected * _PLAUSIBLE_LOW + 8 * _SMALL:
                self._add(waiting, [max(1, piece.milli // 1000) for piece in waiting], ESTIMATED)
                unseen = rest - sum(self._context.tokens[-len(waiting) :])
                self._context.add(self._item("remainder", "", REMAINDER, self._at), unseen)
                return
            call = waiting[0].call
            alone = len(waiting) == 1 or (call and all(piece.call == call for piece in waiting))
            self._add(waiting, apportion(rest, milli), MEASURED if alone else APPORTIONED)
            if len(waiting) == 1 and waiting[0].shape:
                self.examples.append((self._model, waiting[0].shape, rest))
            return
        if not waiting and rest >= 0:
            if rest > _SMALL + output // 4:
                self._enter_answer(answer)
                self._context.add(self._item("remainder", "", REMAINDER, self._at), rest)
            else:
                self._enter_answer(apportion(output + rest, answer) if answer else [])
            return
        if growth >= 0:
            # less came than was written and read: what entered is divided in proportion, nothing old is touched
            weights = [tokens * 1000 for tokens in answer] + milli
            parts = apportion(growth, weights) if weights else []
            self._enter_answer(parts[: len(answer)])
            self._add(waiting, parts[len(answer) :], ESTIMATED)
            return
        self._shrink(size, answer)

    def _enter_answer(self, tokens: list[int]) -> None:
        context = self._context
        first = len(context.tokens)
        for (cause, call), count in zip(self._owners, tokens):
            if count:
                context.add(self._item(cause, call, MEASURED, self._at), count)
        last = len(context.tokens) - 1  # the one before it where it has none
        for uuid in self._answer_uuids:
            self._places[uuid] = self._window + last
            if last > first:
                self._firsts[uuid] = self._window + first

    def _shrink(self, size: int, answer: list[int]) -> None:
        """The window is smaller than what should be in it: something old left it (context editing).

        The oldest tool results and thoughts go first; what then does not fit is scaled down.
        """
        context = self._context
        waiting = self._waiting
        entering = [max(1, piece.milli // 1000) for piece in waiting]
        excess = context.size + sum(answer) + sum(entering) - size
        tokens = list(context.tokens)
        for index, count in enumerate(context.tokens):
            if excess <= 0:
                break
            if count:  # what left earlier is still there, and empty
                cause = context.items[index].cause
                if cause.startswith("tool/") or cause == "thinking":
                    gone = min(excess, count)
                    tokens[index] = count - gone
                    excess -= gone
        if excess > 0:
            held = [index for index, count in enumerate(tokens) if count]
            rest = [tokens[index] for index in held]
            for index, count in zip(held, apportion(max(0, sum(rest) - excess), rest) if rest else []):
                tokens[index] = count
        context.resize(tokens)
        self._enter_answer(answer)
        room = size - context.size
        if waiting:
            parts = apportion(max(0, room), [piece.milli for piece in waiting])
            self._add(waiting, parts, ESTIMATED)
        elif room > 0:
            context.add(self._item("remainder", "", REMAINDER, self._at), room)

    def _change_model(self, model: str) -> None:
        """Another model: other line items, perhaps another tokenizer."""
        self._context.settle()
        before = self._model
        self._model = model
        self._known = self._of_model.setdefault(model, ({}, {}))
        if self._weights_of is not None:
            self._weights = self._weights_of(model)
        if not before:
            return
        items = []
        for item in self._context.items:
            other = self._item(item.cause, item.call, item.basis, item.at)
            items.append(other)
        self._context.hand_over(items)

    def _find_miss(self, request: Request, rates: Rates) -> None:
        last = self._request
        if last is None or had_all(last, request):
            return
        again = self._context.old_beyond(request.read)
        changed = bool(self._shape_hash != self._last_hash and self._last_hash and self._shape_hash)
        miss = miss_of(last, request, rates, again, changed=changed)
        if miss is not None:
            self.misses.append(miss)

    def _summarise(self, summary: Compacted) -> None:
        """The request that wrote a summary: its prompt was the window, and it is billed like any other."""
        self._generate()
        before = self._model
        if summary.model != before:
            self._change_model(summary.model)
        context = self._context
        self._enter_answer(self._split)
        self._add(self._waiting, [max(1, piece.milli // 1000) for piece in self._waiting], ESTIMATED)
        uncached, output, write5, write1, read, _ = summary.tokens
        size = uncached + write5 + write1 + read
        if size > context.size:
            context.add(self._item("compaction", "", REMAINDER, self._at), size - context.size)
        at, rates = 0, summary.rates
        for tokens, price_class, price in (
            (read, READ, rates.cache_read),
            (write1, WRITE1, rates.cache_write_1h),
            (write5, WRITE5, rates.cache_write_5m),
            (uncached, UNCACHED, rates.uncached_input),
        ):
            context.charge(at, at + tokens, price_class, price)
            at += tokens
        sums = self._item("compaction", "", REMAINDER, self._at).sums
        sums[G_OUTPUT] += output
        sums[G_COST] += output * rates.output
        context.sent()
        self._waiting = []
        self._split = []
        self._request = None

    def window(self) -> list[tuple[str, str, int, bool]]:
        """What the next request will send, in order: (cause, tool use id, tokens, whether they are known).

        What came since the last request is weighed, not measured: only the next one tells. `close` first.
        """
        context = self._context
        held = [(item.cause, item.call, count, True) for item, count in zip(context.items, context.tokens)]
        held += [(*owner, count, True) for owner, count in zip(self._owners, self._split)]
        held += [(piece.cause, piece.call, piece.milli // 1000, False) for piece in self._waiting]
        return held

    def close(self) -> None:
        """The thread is over: divide the last answer, settle the window."""
        self._generate()
        self._context.settle()

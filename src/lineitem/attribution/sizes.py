"""What a tool was given and what it gave, weighed where telemetry tells its size and nothing of its text.

In: a conversation's turns. Out: sizes in characters of usual text (`core.kinds.USUAL`), which `weights.estimate` takes.
Always: they only divide sums that are known; the same conversation gives the same sizes.

A kind of text (`core.kinds`) says how finely it is cut. And a result that came before is the same text again: same
tool, same kind, same sizes. So what the growth of the prompt says of one group of results is carried to the next: where
all but one are known, the rest is the last one's.
"""

from __future__ import annotations

from itertools import pairwise

from lineitem.attribution.conversation import COMPACT, window
from lineitem.core.kinds import TOKENS, USUAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lineitem.attribution.conversation import Conversation, Turn
    from lineitem.core.live import ToolDone

    Text = tuple[str, ...] | tuple[str, str, int | None, int | None]

#: Bytes of a tool's input or answer that telemetry does not tell.
UNTOLD = 40
#: A shell's answer beyond so many bytes goes to a file, and the model sees its beginning (client 2.1.330).
_SHELL_LIMIT, _PREVIEW = 30_000, 3_200
#: `Read` numbers the lines of a file: to some 35 characters it adds 3, which are 2.6 tokens (client 2.1.330).
_LINE, _NUMBER, _NUMBER_TOKENS = 35, 3, 2_600
#: Tools whose input is the text of a file, beside so many characters of names.
_WRITING, _NAMES = frozenset(("Write", "Edit", "MultiEdit", "NotebookEdit")), 60
#: What agents report is prose as models write it.
_REPORTING = frozenset(("Agent", "Task"))
#: With its first results an agent that may start others is told which there are (client 2.1.330); these may not.
CREW, _ALONE = 1_700, frozenset(("Explore", "Plan"))
#: Doubt about a text never seen, of a kind and of none, and about one that stood alone: only their ratios matter.
_OF_KIND, _OF_NONE, _KNOWN = 0.35, 0.45, 0.02
#: Shorter results teach nothing.
_SHORT = 200
#: A group that grew by more times its estimate, and so many tokens, holds something else.
_AGAIN, _BESIDE = 3, 40


def seen_bytes(tool: str, size: int | None) -> int:
    """Bytes of a tool's answer that the model sees."""
    if size is None:
        return UNTOLD
    return _PREVIEW if tool == "Bash" and size > _SHELL_LIMIT else size


def told_crew(told: Conversation, name: str, before: Turn, turn: Turn) -> bool:
    """Whether these turns of a thread are the first two of an agent that may start others; its calls say what it is."""
    turns = told.threads[name]
    kind, _, agent = before.call.source.partition(":")
    return kind == "agent" and turns[0] is before and turns[1] is turn and agent.rpartition(":")[2] not in _ALONE


class Sizes:
    """The sizes of a conversation's tool calls."""

    def __init__(self, told: Conversation) -> None:
        self._kinds = told.kinds
        self._milli: dict[Text, float] = {}  # thousandths of a token a character, as learnt
        self._doubt: dict[Text, float] = {}
        groups = sorted(
            (turn.call.at, name, index, self._grown(told, name, before, turn), before)
            for name, turns in told.threads.items()
            for index, (before, turn) in enumerate(pairwise(turns))
            if _tells(before, turn)
        )
        for _ in range(2):  # what a later group said of a text helps with an earlier one
            for _, _, _, grown, before in groups:
                self._learn(before.made, grown)

    def given(self, tool: ToolDone) -> int:
        """The size of what a tool gave."""
        return round(seen_bytes(tool.tool, tool.size_out) * self._density(tool)) // USUAL

    def written(self, tool: ToolDone) -> int:
        """The size of what a tool was given."""
        size = UNTOLD if tool.size_in is None else tool.size_in
        kind = self._kinds.get(tool.call, "")
        if kind and tool.tool in _WRITING and size > _NAMES:
            return _NAMES + (size - _NAMES) * TOKENS[kind] // USUAL
        return size

    def _grown(self, told: Conversation, name: str, before: Turn, turn: Turn) -> int:
        """Tokens that entered with a turn beside the answer before it."""
        crew = CREW * USUAL // 1000 if told_crew(told, name, before, turn) else 0
        return window(turn.call) - window(before.call) - before.call.output - crew

    def _text(self, tool: ToolDone) -> Text:
        """What tells a result from others: without a kind, every one is another text."""
        kind = self._kinds.get(tool.call, "")
        return (tool.tool, kind, tool.size_in, tool.size_out) if kind else (tool.call,)

    def _density(self, tool: ToolDone) -> float:
        """Thousandths of a token a character of what a tool gave."""
        learnt = self._milli.get(self._text(tool))
        if learnt is not None:
            return learnt
        kind = self._kinds.get(tool.call) or ("md" if tool.tool in _REPORTING else "")
        if kind and tool.tool == "Read":
            return (_LINE * TOKENS[kind] + _NUMBER_TOKENS) / (_LINE + _NUMBER)
        return TOKENS.get(kind, USUAL)

    def _learn(self, made: list[ToolDone], grown: int) -> None:
        """A group of results entered as so many tokens: what the estimate lacks is laid to the doubtful ones."""
        sizes: dict[Text, float] = {}
        doubtful: dict[Text, float] = {}
        for tool in made:
            size = seen_bytes(tool.tool, tool.size_out)
            tokens = size * self._density(tool) / 1000
            if tool.size_out is None or size < _SHORT:
                grown -= round(tokens)
                continue
            text = self._text(tool)
            self._milli.setdefault(text, self._density(tool))
            self._doubt.setdefault(text, _OF_KIND if len(text) > 1 else _OF_NONE)
            sizes[text] = sizes.get(text, 0) + size
            doubtful[text] = doubtful.get(text, 0) + tokens * self._doubt[text]
        expected = sum(length * self._milli[text] / 1000 for text, length in sizes.items())
        whole = sum(doubtful.values())
        if not 0 < grown < expected * _AGAIN + _BESIDE or not whole:
            return
        for text, length in sizes.items():
            share = doubtful[text] / whole
            lacking = share * (grown - expected) * 1000 / length
            self._milli[text] = max(self._milli[text] / _AGAIN, self._milli[text] + lacking)
            self._doubt[text] = max(_KNOWN, self._doubt[text] * (1 - share))


def _tells(before: Turn, turn: Turn) -> bool:
    """Whether a prompt grew by the last answer and its results alone."""
    calls = before.call, turn.call
    return (
        bool(before.made)
        and not turn.prompts
        and COMPACT not in (before.call.source, turn.call.source)
        and calls[0].model == calls[1].model
        and all(tool.tool != "Skill" for tool in before.made)
    )

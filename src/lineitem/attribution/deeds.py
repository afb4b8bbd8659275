"""What hook events tell of the work itself: which answers there must have been, and which tool calls each made.

In: a session's hook events, in any order and repeated. Out: `Answer`s by thread, earliest first. Always: every tool
call is in one answer; calls that overlap in time are in the same; after a `Stop` a new one begins.
"""

from __future__ import annotations

from lineitem.core.live import ToolDone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.core.live import Event

#: Tools whose answer, as hooks give it, holds the whole file; the model sees one sentence.
_EDITS = frozenset(("Edit", "Write", "MultiEdit", "NotebookEdit"))
_SENTENCE = 150
#: Bytes of a tool's answer, as hooks give it, that are JSON around the text; and how many in a hundred of the rest
#: are text, not escapes (client 2.1.330).
_FRAME, _UNESCAPED = 95, 93
_AFTER = ("PostToolUse", "PostToolUseFailure")
_ENDS = ("Stop", "SubagentStop", "StopFailure")


class Answer:
    """One answer of the model: the tool calls it made, or (`ends`) the text that ended its turn."""

    __slots__ = ("at", "ends", "over", "tools")

    def __init__(self, at: int, tools: list[ToolDone], *, ends: bool = False) -> None:
        self.at = at  #: it was there by then
        self.tools = tools
        self.over = max((tool.at for tool in tools), default=at)
        self.ends = ends

    def joined(self, other: Answer) -> Answer:
        """Both as one answer."""
        return Answer(min(self.at, other.at), self.tools + other.tools)


def answers(events: Iterable[Event]) -> dict[str, list[Answer]]:
    """The answers of every thread ('' the main conversation), as far as hook events show them."""
    unique = sorted(set(events), key=lambda event: (event.at, event.what, repr(event)))
    threads: dict[str, list[Answer]] = {}
    for tool, start in _tools(unique):
        made = threads.setdefault(tool.agent, [])
        if made and start <= made[-1].over:
            made[-1] = made[-1].joined(Answer(start, [tool]))
        else:
            made.append(Answer(start, [tool]))
    for event in unique:
        if event.what in _ENDS and (event.agent in threads or event.what != "SubagentStop"):
            thread = threads.setdefault(event.agent, [])
            if not any(one.ends and one.at == event.at for one in thread):
                thread.append(Answer(event.at, [], ends=True))
    for thread in threads.values():
        thread.sort(key=lambda answer: (answer.at, answer.ends))
    return threads


def _tools(events: list[Event]) -> list[tuple[ToolDone, int]]:
    """(each tool call, when it began), by that time."""
    begun: dict[str, Event] = {}
    done: dict[str, Event] = {}
    for event in events:
        if event.call and event.what == "PreToolUse":
            begun.setdefault(event.call, event)
        elif event.call and event.what in _AFTER:
            done.setdefault(event.call, event)
    found = []
    for call in begun.keys() | done.keys():
        before, after = begun.get(call), done.get(call)
        one = after or before
        assert one is not None
        start = before.at if before is not None else one.at - (one.duration or 0)
        size_in = before.size_in if before is not None and before.size_in is not None else one.size_in
        size_out = after.size_out if after is not None else None
        tool = one.tool or (before.tool if before is not None else "")
        if size_out is not None:
            size_out = _SENTENCE if tool in _EDITS else max(0, size_out - _FRAME) * _UNESCAPED // 100
        succeeded = None if after is None else after.what == "PostToolUse"
        took = max(0, one.at - start) if one.duration is None else one.duration
        found.append(
            (ToolDone(call, one.session, max(one.at, start), tool, "", one.prompt, one.agent, size_in, size_out,
                      succeeded, took), start)
        )  # fmt: skip
    return sorted(found, key=lambda pair: (pair[1], pair[0].call))

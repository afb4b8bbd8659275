"""What telemetry told of one session, put in order: threads of API calls, each with the tool calls it made.

In: `ApiCall`, `ToolDone` and `Event` values of a session, in any order and repeated. Out: `Turn`s by thread, helper
calls apart. Always: the same set gives the same conversation; every API call is in it exactly once.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from json import loads

from lineitem.core.kinds import TOKENS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from typing import Any, TypeVar

    from lineitem.core.live import ApiCall, Event, ToolDone

    Value = TypeVar("Value", ApiCall, ToolDone, Event)

#: Query sources of the main conversation; others without an agent are helpers (titles, classifiers).
_MAIN = ("repl_main_thread", "sdk")
COMPACT = "compact"
#: Tokens that a person's prompt adds to a window, at most, where it shall be known by its size.
_PROMPT = 400


class Turn:
    """One API call of a thread: what entered the prompt with it, and the tool calls of its answer."""

    __slots__ = ("call", "compacted", "made", "prompts", "text")

    def __init__(self, call: ApiCall) -> None:
        self.call = call
        self.prompts: list[Event] = []  #: that came since the turn before
        self.made: list[ToolDone] = []
        self.text: int | None = None  #: characters of the answer's text
        self.compacted = False  #: it wrote a summary, and the window began anew with it


class Conversation:
    """The threads of a session, by agent id ('' the main conversation), and the calls beside them."""

    __slots__ = ("agents", "helpers", "kinds", "session", "skills", "threads", "types")

    def __init__(
        self, session: str, calls: Iterable[ApiCall], tools: Iterable[ToolDone], events: Iterable[Event]
    ) -> None:
        self.session = session
        heard = unique(event for event in events if event.session == session)
        done = _with_refused(unique(tool for tool in tools if tool.session == session), heard)
        self.threads: dict[str, list[Turn]] = {}
        self.helpers: list[ApiCall] = []
        makers = {tool.request for tool in done if tool.request}
        turns: dict[str, Turn] = {}
        for call in unique(call for call in calls if call.session == session):
            name = _thread(call, made_tools=call.request in makers)
            if name is None:
                self.helpers.append(call)
                continue
            turn = Turn(call)
            self.threads.setdefault(name, []).append(turn)
            if call.request:
                turns[call.request] = turn
        self._place_tools(done, turns)
        self._place_prompts(heard)
        self.skills: dict[str, str] = {}  #: call of the Skill tool -> name of the skill
        self.agents: dict[str, str] = {}  #: agent id -> the call that started it
        self.types: dict[str, str] = {}  #: agent id -> its type
        self.kinds: dict[str, str] = {}  #: call -> kind of the text it read or wrote
        self._hear(heard, done, turns)

    def inherit(self, parent: Conversation) -> None:
        """Begin with what a fork's window held: the parent's turns up to the one it was forked after."""
        main = self.threads.get("")
        if not main:
            return
        earlier = [turn for turn in parent.threads.get("", ()) if turn.call.at < main[0].call.at]
        sizes = [window(turn.call) for turn in earlier]
        while sizes and sizes[-1] != main[0].call.read and main[0].call.read in sizes:
            sizes.pop()
        self.threads[""] = earlier[: len(sizes)] + main
        self.skills = {**parent.skills, **self.skills}
        self.kinds = {**parent.kinds, **self.kinds}

    def _place_tools(self, done: list[ToolDone], turns: dict[str, Turn]) -> None:
        """Each tool call belongs to the answer that made it; where that is not told, to the last one before it."""
        times = {name: [turn.call.at for turn in thread] for name, thread in self.threads.items()}
        for tool in done:
            turn = turns.get(tool.request)
            if turn is None and tool.agent in times:
                before = bisect_right(times[tool.agent], tool.at - (tool.duration or 0))
                turn = self.threads[tool.agent][max(0, before - 1)]
            if turn is not None:
                turn.made.append(tool)

    def _place_prompts(self, heard: list[Event]) -> None:
        main = self.threads.get("", [])
        times = [turn.call.at for turn in main]
        for event in heard:
            place = bisect_right(times, event.at)
            if event.what == "otel/user_prompt" and place < len(main):
                main[place].prompts.append(event)

    def _hear(self, heard: list[Event], done: list[ToolDone], turns: dict[str, Turn]) -> None:
        skills = [tool for tool in done if tool.tool == "Skill"]
        starts = {name: thread[0].call.at for name, thread in self.threads.items() if name}
        over: dict[str, Event] = {}
        for event in heard:
            note = note_of(event)
            if event.what == "otel/assistant_response":
                turn = turns.get(str(note.get("request_id")))
                length = note.get("response_length")
                if turn is not None and length is not None and str(length).isdecimal():
                    turn.text = int(length)
            elif event.what == "otel/tool_kind" and str(note.get("kind")) in TOKENS:
                self.kinds[event.call] = str(note["kind"])
            elif event.what == "otel/skill_activated" and skills:
                nearest = min(skills, key=lambda tool: (abs(tool.at - event.at), tool.call))
                self.skills[nearest.call] = str(note.get("skill.name", ""))
            elif event.what == "otel/subagent_completed" and event.agent in starts:
                over[event.agent] = event
                self.types[event.agent] = str(note.get("agent_type", ""))
            elif event.what == "otel/compaction":
                self._mark_compaction(event, succeeded=str(note.get("success", True)).lower() != "false")
        self._mark_untold_compactions()
        for name, thread in self.threads.items():
            if name and not self.types.get(name):
                self.types[name] = thread[0].call.source.rpartition(":")[2]
        launches = [tool for tool in done if tool.tool in ("Agent", "Task")]
        self._link_agents(launches, starts, over)

    def _mark_compaction(self, event: Event, *, succeeded: bool) -> None:
        """The last call that wrote a summary before this event did so with, or without, success."""
        told = None
        for turn in self.threads.get(event.agent, ()):
            if turn.call.at <= event.at and turn.call.source == COMPACT:
                told = turn
        if told is not None:
            told.compacted = succeeded

    def _mark_untold_compactions(self) -> None:
        """Without such an event, the next prompt tells: it is much smaller where the window began anew."""
        for thread in self.threads.values():
            for turn, after in pairwise(thread):
                if turn.call.source == COMPACT and window(after.call) * 10 < window(turn.call) * 7:
                    turn.compacted = True

    def _link_agents(self, launches: list[ToolDone], starts: dict[str, int], over: dict[str, Event]) -> None:
        """Which call started which agent: nothing says so, but an agent runs within its call or right after it."""
        free = list(launches)
        for name in sorted(starts, key=lambda name: (over[name].at if name in over else starts[name], name)):
            end = over.get(name)
            begun = starts[name] if end is None or end.duration is None else end.at - end.duration
            said = None if end is None else note_of(end).get("is_async")
            background = end is None or said in (True, "true")
            near: list[tuple[int, str, ToolDone]] = []
            for tool in free:
                launched = tool.at - (tool.duration or 0)
                if tool.agent == name or launched > starts[name]:
                    continue
                if not background and end is not None and tool.at >= end.at:
                    near.append((tool.at - end.at, tool.call, tool))
                elif background or said is None:
                    near.append((abs(tool.at - begun), tool.call, tool))
            if near:
                chosen = min(near)[2]
                self.agents[name] = chosen.call
                free.remove(chosen)


def unique(values: Iterable[Value]) -> list[Value]:
    """Each thing once, earliest first; of two that share a key always the same one."""
    known: dict[str, Value] = {}
    for value in sorted(values, key=repr):
        known.setdefault(_key(value), value)
    return sorted(known.values(), key=lambda value: (value.at, _key(value)))


def resumed(events: Iterable[Event]) -> set[str]:
    """The sessions of which a hook or a metric says that they began with what was said before, in them or in others."""
    found = set()
    for event in events:
        if (event.what == "SessionStart" and note_of(event).get("source") in ("resume", "fork")) or (
            event.what == "otel/metric/session.count" and note_of(event).get("start_type") == "resume"
        ):
            found.add(event.session)
    return found


def forked_from(calls: Iterable[ApiCall], begun: Container[str] = ()) -> dict[str, str]:
    """Session -> the session it is a fork of, where its first prompt says so.

    A fork's first call reads from the cache exactly what a call of its parent sent, and adds that call's answer. A
    session that merely sends the same first prompt adds nothing. A fork that found the cache cold reads nothing: it is
    recognised where it is known that it was no new session (`begun`: `resumed`), and its first prompt is what exactly
    one other session had last, and little more.
    """
    firsts: dict[str, ApiCall] = {}
    sent: dict[tuple[str, int], list[ApiCall]] = {}
    lasts: dict[str, list[ApiCall]] = {}
    for call in unique(calls):
        if is_of_main(call):
            firsts.setdefault(call.session, call)
            sent.setdefault((call.model, window(call)), []).append(call)
            lasts.setdefault(call.session, []).append(call)
    found = {}
    for session, first in firsts.items():
        parents = {
            call.session
            for call in sent.get((first.model, first.read), ())
            if call.session != session and call.at < first.at and window(first) - first.read > call.output
        }
        if not parents and session in begun:
            parents = {name for name, told in lasts.items() if name != session and _goes_on(told, first)}
        elif not first.read:
            parents.clear()
        if len(parents) == 1:
            found[session] = parents.pop()
    return found


def _goes_on(told: list[ApiCall], first: ApiCall) -> bool:
    """Whether a first call sends what the last of these before it had, its answer and a prompt."""
    last = next((call for call in reversed(told) if call.at < first.at), None)
    return last is not None and last.model == first.model and 0 < window(first) - window(last) - last.output <= _PROMPT


def window(call: ApiCall) -> int:
    """Tokens of a call's prompt."""
    return call.uncached + call.write5 + call.write1 + call.read


def _key(value: Any) -> str:
    key: str = value.key if hasattr(value, "key") else value.call
    return key


def note_of(event: Event) -> dict[str, Any]:
    """What else is known of an event; nothing where its note is none of ours."""
    try:
        note = loads(event.note)
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def is_of_main(call: ApiCall) -> bool:
    """Whether a call sent the window of the main conversation on: no agent, no helper, no summary of it."""
    return call.source != COMPACT and _thread(call, made_tools=False) == ""


def _thread(call: ApiCall, *, made_tools: bool) -> str | None:
    """The thread a call belongs to; None: a helper."""
    if call.agent:
        return call.agent
    if not call.source or call.source == COMPACT or call.source.startswith(_MAIN):
        return ""
    return call.source if made_tools or call.source.startswith("agent:") else None


def _with_refused(done: list[ToolDone], heard: list[Event]) -> list[ToolDone]:
    """Also the tool calls that were decided on and never finished: the model wrote them all the same."""
    from lineitem.core.live import ToolDone

    known = {tool.call for tool in done}
    added = []
    for event in heard:
        if event.what == "otel/tool_decision" and event.call and event.call not in known:
            known.add(event.call)
            request = str(note_of(event).get("request_id", ""))
            added.append(
                ToolDone(event.call, event.session, event.at, event.tool, request, event.prompt, event.agent,
                         None, None, None, None)
            )  # fmt: skip
    return sorted(done + added, key=lambda tool: (tool.at, tool.call)) if added else done

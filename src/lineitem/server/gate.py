"""Answers hooks before something is spent: what budgets that are used up say of it.

The follower's thread looks how budgets stand after each round; the event loop's thread decides by what was seen then,
without asking the ledger. Only before it acts it looks whether the person has overridden or changed the budget since.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, NamedTuple

from lineitem.alerts.enforce import AGENT, CALL, MODEL, PROMPT, Asked, verdict
from lineitem.core import scopes
from lineitem.core.budgets import ASK, WARN
from lineitem.core.live import Decision
from lineitem.core.scopes import MAIN
from lineitem.sources.scan import project_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lineitem.alerts.enforce import Verdict
    from lineitem.alerts.notice import Notice
    from lineitem.core.budgets import Held
    from lineitem.core.live import Event
    from lineitem.core.tags import Tags
    from lineitem.sources.hooks import About
    from lineitem.wiring import Lineitem

#: Tools that start agents.
_AGENTS = frozenset(("Agent", "Task", "Workflow"))
#: What is asked before a tool call, and what is answered after one: the next request is then about to be made.
_BEFORE, _AFTER = "PreToolUse", frozenset(("PostToolUse", "PostToolUseFailure", "PostToolBatch"))
#: Who was asked at a prompt may go on for so long (milliseconds); who was warned is not warned again.
_CONFIRMED, _WARNED = 1_800_000, 600_000
_REMEMBERED = 2_000
#: How often it is looked where periods will end, and the longest time between two looks (seconds).
_AHEAD, _LONGEST = 600.0, 60.0


class Answer(NamedTuple):
    """What a hook is answered, and what of it is logged."""

    body: Mapping[str, object] = {}
    logged: tuple[Decision, ...] = ()


class Seen(NamedTuple):
    """How things stood when the follower last looked."""

    held: tuple[Held, ...] = ()
    sessions: Mapping[str, Mapping[str, str]] = {}  #: id -> what is known of a session, by dimension
    tags: Tags | None = None


class Gate:
    """`look` is the follower's, `decide` the event loop's."""

    def __init__(self) -> None:
        self._seen = Seen()
        self._told: dict[tuple[str, str, str], int] = {}  #: (session, budget, act) -> when
        self._noted: dict[str, None] = {}  #: keys of what was handed to the alerts, the latest last
        self._next = self._ahead = 0.0  #: when to look again, and when to look ahead again (seconds)

    @property
    def holds(self) -> bool:
        """Whether any budget acts now."""
        return bool(self._seen.held)

    def glance(self, lineitem: Lineitem) -> list[Notice]:
        """Look, unless that was done a moment ago: of the follower's time, a tenth at most goes into it."""
        begun = time.monotonic()
        if begun < self._next:
            return []
        ahead = begun >= self._ahead
        if ahead:
            self._ahead = begun + _AHEAD
        found = self.look(lineitem, int(time.time() * 1000), ahead=ahead)
        ended = time.monotonic()
        self._next = ended + min(_LONGEST, 9 * (ended - begun))
        return found

    def look(self, lineitem: Lineitem, now: int, *, ahead: bool = False) -> list[Notice]:
        """See how budgets stand, and hand to the alerts what is new; `ahead`: also where their periods will end."""
        held, sessions, tags, notices = lineitem.limits.look(now, ahead=ahead)
        self._seen = Seen(held, sessions, tags)
        new = [notice for notice in notices if notice.key not in self._noted]
        if new:
            lineitem.limits.note(new, now)
            self._noted |= dict.fromkeys(notice.key for notice in new)
            while len(self._noted) > _REMEMBERED:
                del self._noted[next(iter(self._noted))]
        return new

    def decide(self, event: Event, about: About, asked: Lineitem | None, now: int) -> Answer:
        """What the hook of this event is answered; nothing, almost always.

        asked: the ledger, for the last look before something is done; without it, what was seen holds.
        """
        seen = self._seen
        coming = _coming(event, about, seen, asked) if seen.held else None
        if coming is None:
            return Answer()
        held, passed = list(seen.held), []
        while (found := verdict(held, coming)) is not None:
            until, now_held = _again(found.held, asked, now)
            if until is not None:
                if not self._lately(event, found, "overridden", now, _WARNED):
                    passed.append(_logged(event, "overridden", _note(event, found, coming, until=until), now))
            elif now_held == found.held:
                answer = self._answered(event, coming, found, now)
                return answer._replace(logged=(*passed, *answer.logged))
            held = [each for each in held if each is not found.held]
            held += [now_held] if now_held is not None and until is None else []
        return Answer(logged=tuple(passed))

    def _answered(self, event: Event, coming: Asked, found: Verdict, now: int) -> Answer:
        note = _note(event, found, coming)
        if found.act == WARN:
            if self._lately(event, found, WARN, now, _WARNED):
                return Answer()
            return Answer({"systemMessage": found.reason}, (_logged(event, WARN, note, now),))
        if found.act == ASK and coming.moment == PROMPT:  # the client cannot ask here: the prompt is sent once more
            if self._lately(event, found, ASK, now, _CONFIRMED):
                return Answer(logged=(_logged(event, "confirmed", note, now),))
            text = f"{found.reason} Or send the prompt once more: then it goes on for half an hour."
            return Answer({"decision": "block", "reason": text}, (_logged(event, ASK, note, now),))
        return Answer(_refusal(event, found), (_logged(event, found.act, note, now),))

    def _lately(self, event: Event, found: Verdict, what: str, now: int, span: int) -> bool:
        """Whether this was said of this budget in this session within a span; from now on it was."""
        key = event.session, found.held.budget.name, what
        at = self._told.get(key)
        if at is not None and 0 <= now - at < span:
            return True
        self._told.pop(key, None)
        self._told[key] = now
        while len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]
        return False


def _refusal(event: Event, found: Verdict) -> dict[str, object]:
    """How this hook is told to ask or to refuse."""
    if event.what == "UserPromptSubmit":
        return {"decision": "block", "reason": found.reason}
    if event.what in _AFTER:
        return {"continue": False, "stopReason": found.reason}
    return {
        "hookSpecificOutput": {
            "hookEventName": event.what,
            "permissionDecision": "ask" if found.act == ASK else "deny",
            "permissionDecisionReason": found.reason,
        }
    }


def _coming(event: Event, about: About, seen: Seen, asked: Lineitem | None) -> Asked | None:
    """What is about to happen; None where nothing is that a budget could act on."""
    names = dict(seen.sessions.get(event.session) or _unknown(event, about, seen.tags))
    if event.what == "UserPromptSubmit":
        return Asked(PROMPT, event.session, names)
    if event.what == "PreModelSwitch":
        note: dict[str, Any] = json.loads(event.note)
        before, after = str(note.get("from_model", "")), str(note.get("to_model", ""))
        names[scopes.MODEL] = after
        return Asked(MODEL, event.session, names, asked is not None and asked.is_dearer(after, before))
    if event.what not in _AFTER and event.what != _BEFORE:
        return None
    names |= {
        scopes.TOOL: event.tool,
        scopes.AGENT: about.agent or MAIN,
        scopes.SERVER: event.tool[5:].partition("__")[0] if event.tool.startswith("mcp__") else "",
    }
    moment = AGENT if event.what == _BEFORE and event.tool in _AGENTS else CALL
    return Asked(moment, event.session, names, before=event.what == _BEFORE)


def _unknown(event: Event, about: About, tags: Tags | None) -> dict[str, str]:
    """What is known of a session that the ledger has not seen: where it runs."""
    found = tags.of(about.folder, "", "", {}) if tags is not None and about.folder else {}
    known = {scopes.SESSION: event.session, scopes.PROJECT: project_of(about.folder)}
    return {**found, **{name: value for name, value in known.items() if value}}


def _again(held: Held, asked: Lineitem | None, now: int) -> tuple[int | None, Held | None]:
    """(until when the person overrides the budget; how it stands after all, None if it holds nothing any more)."""
    if asked is None:
        return None, held
    until = asked.limits.overridden(held.budget.name, now)
    budget = asked.limits.find(held.budget.name)
    if budget is None:
        return until, None
    return until, held if budget == held.budget else held.replaced(budget)


def _note(event: Event, found: Verdict, coming: Asked, **more: Any) -> str:
    held = found.held
    said = {
        "budget": held.budget.name, "used": held.used, "limit": held.budget.limit, "unit": held.budget.unit,
        "period": held.during, "scope": held.budget.scope.text(), "moment": coming.moment, "event": event.what, **more,
    }  # fmt: skip
    if event.tool:
        said["tool"] = event.tool
    return json.dumps(said, separators=(",", ":"))


def _logged(event: Event, what: str, note: str, now: int) -> Decision:
    return Decision(str(uuid.uuid4()), event.session, now, what, note)

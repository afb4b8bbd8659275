"""The collector: takes what Claude Code says, keeps it, and says what it knows.

It joins the front door (what arrives is committed before it is acknowledged) with the follower (what was committed
goes into the ledger, transcripts are read and folded). No path, command or text of an event is ever acted upon: an
event only says that it is time to look where lineitem looks anyway.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from functools import partial
from typing import NamedTuple, Protocol

from lineitem.core.problems import LineitemError
from lineitem.insights.health import from_settings
from lineitem.ledger.inbox import InboxFull, place_in, waiting
from lineitem.reports.query import NEVER
from lineitem.server.asking import Desk
from lineitem.server.figures import figures
from lineitem.server.follow import Follower
from lineitem.server.front import Front
from lineitem.server.gate import Answer, Gate
from lineitem.server.news import News
from lineitem.server.renewing import Renewing
from lineitem.sources import hooks, otlp, statusline
from lineitem.wiring import Lineitem
from lineitem_hook.line import THEMES, draw

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from lineitem.core.live import Event, Snapshot
    from lineitem.ledger.inbox import Value
    from lineitem.server.asking import Web
    from lineitem.server.guard import Message as Scope
    from lineitem.server.guard import Receive, Send
    from lineitem.server.guesser import Guesser
    from lineitem.server.reporter import Reporter
    from lineitem.server.teller import Teller

#: So many sessions' last snapshots are remembered.
_SESSIONS = 1_000


class Mcp(Protocol):
    """An ASGI app that speaks MCP; it is stopped in the event loop that asked it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...
    async def stop(self) -> None: ...


class Parts(NamedTuple):
    """What a collector does beside taking and following; each may be missing."""

    on_change: Callable[[Lineitem], None] | None = None  #: called by the follower after each round of news
    teller: Teller | None = None
    gate: Gate | None = None
    guesser: Guesser | None = None
    reporter: Reporter | None = None
    web: Web | None = None  #: the dashboard
    mcp: Mcp | None = None  #: answers models' questions


class Collector:
    """One store's collector. `start` it inside a running event loop, and `stop` it there."""

    def __init__(self, db: str, dirs: Sequence[str], live: str, parts: Parts | None = None) -> None:
        """db: the store; dirs: config folders to follow; live: its live folder, which exists."""
        parts = parts or Parts()
        self._teller = parts.teller
        self.mcp = parts.mcp
        #: what runs in threads of its own
        self._behind = [each for each in (parts.teller, parts.guesser, parts.reporter) if each is not None]
        self.gate = parts.gate or Gate()
        self.db, self.dirs, self.live = db, list(dirs), live
        self.news = News()  #: what pages are told
        self.desk = Desk(parts.web, lambda: self.news.revision) if parts.web is not None else None
        self.follower = Follower(db, dirs, live, self._changed(parts.on_change))
        self._inbox = place_in(live)
        self.front = Front(self._inbox, self.follower.nudge)
        self._renewing = Renewing(self._behind)
        self.started = time.time()
        self._shown: dict[str, Snapshot] = {}  #: the last snapshot of each session
        self._ledger: Lineitem | None = None  #: for questions of the event loop's thread
        self.received: dict[str, int] = {}  #: how many of what were acknowledged
        self.refused: dict[str, int] = {}  #: how many bodies could not be read, and how many fields were odd

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self.front.start(loop)
        self.follower.start()
        for each in self._behind:
            each.start()

    def stop(self) -> None:
        """What was acknowledged is on disk already; what is under way is committed."""
        self.front.stop()
        self.follower.stop()
        for each in self._behind:
            each.stop()
        if self.desk is not None:
            self.desk.close()
        if self._ledger is not None:
            self._ledger.close()

    def _changed(self, on_change: Callable[[Lineitem], None] | None) -> Callable[[Lineitem], None]:
        """After every round of news: what else is to be done, then tell the pages."""

        def changed(lineitem: Lineitem) -> None:
            if self._renewing.look():
                self.follower.nudge()  # other prices make another bill
            if on_change is not None:
                on_change(lineitem)
            self.news.publish()

        return changed

    # -- taking

    async def hook(self, body: bytes, key: str, *, note: bool = False) -> Mapping[str, object] | None:
        """Keep a hook event; what the hook is answered, None where it was no event.

        note: of a session that is taken up again it is answered what that costs.
        """
        problems: list[tuple[str, str]] = []
        event = hooks.decode(body, _now(), key, problems)
        self._count(problems)
        if event is None:
            return None
        if not event.key:
            event = event._replace(key=str(uuid.uuid4()))
        now = _now()
        answer = self.gate.decide(event, hooks.about(body), self._asked(), now) if self.gate.holds else Answer()
        await self.keep("hook", [event, *answer.logged])
        if event.what == "ConfigChange":
            self.follower.check_hooks()
        if note and event.what == "SessionStart":
            return await self._of_return(event)
        if answer.body or self._teller is None:
            return answer.body
        return self._teller.answer(event)

    async def _of_return(self, event: Event) -> Mapping[str, object]:
        """What taking up this session costs, in a sentence, '' for nothing worth one; {}: it is not known here.

        Asked in a thread with a connection of its own, so that no event waits for it.
        """
        import asyncio

        asked = partial(said_on_return, self._asked().path, self.dirs, event)
        text = await asyncio.get_running_loop().run_in_executor(None, asked)
        return {} if text is None else {"systemMessage": text}

    async def status(self, body: bytes, theme: str, form: str, columns: int) -> str | None:
        """Keep a statusline's snapshot; the line to show, None where it was none."""
        problems: list[tuple[str, str]] = []
        now = _now()
        snapshot = statusline.decode(body, now, problems)
        self._count(problems)
        if snapshot is None:
            return None
        news = snapshot._replace(at=0)
        if news != self._shown.get(snapshot.session):  # the client asks far more often than it has news
            await self.keep("statusline", [snapshot])
            self._shown.pop(snapshot.session, None)  # so that the one unheard of for longest goes first
            if len(self._shown) >= _SESSIONS:
                self._shown.pop(next(iter(self._shown)))
            self._shown[snapshot.session] = news
        return self._line(body, snapshot, theme, form, columns, now)

    def _asked(self) -> Lineitem:
        """The ledger, for questions of the event loop's thread."""
        if self._ledger is None:
            self._ledger = Lineitem(self.db, self.dirs)
        try:
            self._ledger.renew()
        except LineitemError:
            pass  # the follower says what is wrong with the settings; no hook waits for it
        return self._ledger

    def _line(self, body: bytes, snapshot: Snapshot, theme: str, form: str, columns: int, now: int) -> str:
        """The statusline of a session."""
        asked = self._asked()
        thresholds = from_settings(asked.settings)
        text = body.decode("utf-8", "replace")
        found = figures(asked.ledger, asked.book, thresholds, text, snapshot.model, snapshot.ttl, now)
        if self.follower.lost:
            found["anomaly"] = "lineitem's hooks were removed: lineitem install --repair"
        return draw(found, theme if theme in THEMES else "plain", form, columns)

    async def telemetry(self, signal: str, kind: str, body: bytes) -> int:
        """Keep an OTLP export; how many of its records were rejected. Raises ValueError for what is no export."""
        found = otlp.decode(signal, kind, body)
        for (slug, _), count in found.troubles.items():
            self.refused[slug] = self.refused.get(slug, 0) + count
        await self.keep("telemetry", [*found.calls, *found.tools, *found.events])
        return found.rejected

    async def keep(self, what: str, values: Sequence[Value]) -> None:
        """On disk when this returns; raises what `Front.keep` raises."""
        try:
            await self.front.keep(values)
        except InboxFull:
            slug = "inbox-full"
            self.refused[slug] = self.refused.get(slug, 0) + 1
            raise
        self.received[what] = self.received.get(what, 0) + len(values)

    def _count(self, problems: Sequence[tuple[str, str]]) -> None:
        for slug, _ in problems:
            self.refused[slug] = self.refused.get(slug, 0) + 1

    # -- telling

    async def metrics(self) -> bytes:
        """What Prometheus scrapes: read in a thread with a connection of its own, so that no event waits for it."""
        import asyncio

        path = self._asked().path
        return await asyncio.get_running_loop().run_in_executor(None, scraped, path)

    def health(self) -> dict[str, Any]:
        """How the collector is; no name, no path, no figure of anybody's work."""
        from lineitem import __version__

        held = waiting(self._inbox)
        failed = self.front.failed or self.follower.failed
        failure = type(failed).__name__ if failed else InboxFull.__name__ if held and held.full else None
        problems = Counter(self.refused)
        problems.update(self.follower.problems.copy())  # a copy: another thread adds to it
        return {
            "status": "failing" if failure else "ok",
            "version": __version__,
            "uptimeSeconds": int(time.time() - self.started),
            "received": dict(sorted(self.received.items())),
            "waiting": held and held.values,
            "waitingBytes": held and held.bytes,
            "problems": dict(sorted(problems.items())),
            "rounds": self.follower.rounds,
            "hooksLost": sum(map(len, self.follower.lost.values())),
            "failure": failure,
        }


def said_on_return(path: str, dirs: Sequence[str], event: Event) -> str | None:
    """What is said of a return to a session, from the store at this path; None: it does not know the session."""
    from json import loads

    from lineitem.core.periods import Zone
    from lineitem.reports.onward import on_return
    from lineitem.reports.query import Query

    lineitem = Lineitem(path, dirs)
    try:
        number = lineitem.ledger.find_name(event.session)
        stand = lineitem.stands(number, Query(Zone(""), _now())) if number is not None else None
    finally:
        lineitem.close()
    return None if stand is None else on_return(stand, loads(event.note or "{}").get("prompt_cache_likely_expired"))


def scraped(path: str) -> bytes:
    """The answer to a scrape, from the store at this path."""
    from lineitem.exports.metrics import metrics
    from lineitem.exports.prometheus import prometheus
    from lineitem.ledger.questions import Filter
    from lineitem.ledger.store import Ledger

    ledger = Ledger(path, read_only=True)
    try:
        with ledger.moment():
            return prometheus(*metrics(ledger, Filter(0, NEVER)))
    finally:
        ledger.close()


def _now() -> int:
    return int(time.time() * 1000)

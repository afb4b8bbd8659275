"""What is said in a session itself: warnings that wait until the session's next hook asks.

In: notices, each with a sentence of advice, from the thread that looks for them. Out: one short text, when a hook of
that session is answered; another thread asks. Always: a text is made of our templates, numbers and the client's own
names of its tools - a transcript's words never come back into a conversation; each warning is said at most once, the
cooldown and the spacing of the settings hold for each session. Quiet hours do not: who works is awake. Nothing waits
on disk: what was not asked for when the collector ends is not said.
"""

from __future__ import annotations

import threading

from lineitem.alerts.kinds import KINDS
from lineitem.alerts.messages import LINE, cut, fill
from lineitem.alerts.notice import rank
from lineitem.alerts.rules import Pending, choose, wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lineitem.alerts.notice import Notice
    from lineitem.alerts.settings import AlertSettings

#: What has waited so long for a hook of its session is not said any more (milliseconds).
_LATE = 600_000
#: What happened so long ago is no news in a session (milliseconds).
_STALE = 1_800_000
#: Sessions that are remembered, and warnings that may wait for each.
_SESSIONS, _WAITING = 1_000, 8
#: Warnings said at once; the most urgent ones.
_LINES = 3
#: The client's own tools. A name that anybody could have chosen is not said.
_TOOLS = frozenset(
    ("Agent", "AskUserQuestion", "Bash", "BashOutput", "Edit", "ExitPlanMode", "Glob", "Grep", "KillShell", "LS",
     "MultiEdit", "NotebookEdit", "NotebookRead", "PowerShell", "Read", "Skill", "Task", "TaskOutput", "TodoWrite",
     "ToolSearch", "WebFetch", "WebSearch", "Workflow", "Write")
)  # fmt: skip


class InSession:
    """The warnings that wait for their sessions. Its two methods may be called from two threads."""

    def __init__(self, settings: AlertSettings) -> None:
        """settings: nothing is said where they have no channel for it."""
        self._channel = settings.in_session
        self._settings = settings._replace(gather=0, quiet=None)
        self._lock = threading.Lock()
        self._waiting: dict[str, dict[str, tuple[Pending, str]]] = {}  #: by session, '' for any; by key
        #: by session: when something was last said, and what was: see `rules.Told`
        self._keys: dict[str, None] = {}  #: what was told, the latest last: the plan's limits come in every round
        self._told: dict[str, tuple[int | None, dict[tuple[str, str], tuple[int, int]]]] = {}

    @property
    def model(self) -> bool:
        """Whether the model reads it too."""
        return self._channel is not None and self._channel.model

    def take(self, advised: Iterable[tuple[Notice, str]], now: int) -> None:
        """Let these wait for their sessions; what is about no session is said in the next one that asks."""
        if self._channel is None:
            return
        with self._lock:
            for notice, advice in advised:
                found = wanted(notice, self._channel, self._settings)
                if found is None or found.key in self._keys or now - notice.at > _STALE:
                    continue
                session = notice.names.get("session", "")
                waiting = self._waiting.setdefault(session, {})
                waiting[found.key] = Pending(now, found), advice
                while len(waiting) > _WAITING:
                    del waiting[next(iter(waiting))]
                while len(self._waiting) > _SESSIONS:
                    del self._waiting[next(iter(self._waiting))]

    def say(self, session: str, now: int) -> str:
        """What to say in a session now; '' for nothing, which it almost always is."""
        if not self._waiting:
            return ""
        with self._lock:
            return "\n".join(line for each in dict.fromkeys((session, "")) for line in self._lines(each, now))

    def _lines(self, session: str, now: int) -> list[str]:
        """What waits for a session and may be said; from then on it counts as told."""
        waiting = self._waiting.pop(session, {})
        alive = {key: each for key, each in waiting.items() if now - each[0].noted <= _LATE}
        if not alive:
            return []
        last, told = self._told.get(session, (None, {}))
        choice = choose((pending for pending, _ in alive.values()), told, last, now, self._settings)
        settled = {key for key, _ in choice.dropped} | {notice.key for notice in choice.tell}
        if later := {key: each for key, each in alive.items() if key not in settled}:
            self._waiting[session] = later
        if not choice.tell:
            return []
        said = sorted(choice.tell, key=lambda notice: (-rank(notice.severity), notice.at, notice.key))
        self._remember(session, said, now)
        lines = [line(notice, alive[notice.key][1]) for notice in said[:_LINES]]
        if len(said) > _LINES:
            lines.append(f"and {len(said) - _LINES} more: lineitem anomalies")
        return lines

    def _remember(self, session: str, said: Sequence[Notice], now: int) -> None:
        _, told = self._told.pop(session, (None, {}))
        recent = {what: each for what, each in told.items() if now - each[0] < self._settings.cooldown}
        recent |= {(notice.kind, notice.subject): (now, rank(notice.severity)) for notice in said}
        self._told[session] = now, recent
        self._keys |= dict.fromkeys(notice.key for notice in said)
        for remembered in (self._told, self._keys):
            while len(remembered) > _SESSIONS:
                del remembered[next(iter(remembered))]


def line(notice: Notice, advice: str) -> str:
    """A warning as one line, without a name that anybody could have chosen."""
    kind = KINDS[notice.kind]
    names = {"tool": _tool(notice.names["tool"])} if notice.names.get("tool") else {}
    clauses = [text for text in (fill(clause, notice, names) for clause in kind.clauses) if text]
    text = f"lineitem: {kind.title}: {'; '.join(clauses)}." if clauses else f"lineitem: {kind.title}."
    return cut(f"{text} {advice}".strip(), LINE)


def _tool(name: str) -> str:
    if name.startswith("mcp__"):
        return "An MCP tool"
    return name if name in _TOOLS else "A tool"

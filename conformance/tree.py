"""Tells sessions in a few lines and writes them the way Claude Code does.

In:   calls on a `Tree` (sessions, their agents and forks) and on a `Thread` (prompts, answers, tool results).
Out:  a config folder: `projects/<project>/<session>.jsonl` and what belongs around it.
Holds always: the same calls give the same bytes; ids and times come from counters, nothing is random.
"""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

Entry = dict[str, Any]

OPUS = "claude-opus-4-8"
HAIKU = "claude-haiku-4-5-20251001"
START = "2026-11-02T10:00:00Z"
PROJECT = "-home-dev-shop"


def usage(
    *,
    input: int = 10,  # noqa: A002 - the word of the trade
    output: int = 500,
    write_5m: int = 0,
    write_1h: int = 0,
    read: int = 0,
    **more: object,
) -> Entry:
    """The `usage` object of an answer; `more` adds or replaces fields, `cache_creation=None` removes it."""
    counts: Entry = {
        "input_tokens": input,
        "cache_creation_input_tokens": write_5m + write_1h,
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "service_tier": "standard",
        "cache_creation": {"ephemeral_1h_input_tokens": write_1h, "ephemeral_5m_input_tokens": write_5m},
        **more,
    }
    if counts["cache_creation"] is None:
        del counts["cache_creation"]
    return counts


def reported(usd: str, *, input: int, output: int, write_5m: int = 0, read: int = 0) -> Entry:  # noqa: A002
    """What the client says of one model in its total."""
    return {
        "inputTokens": input,
        "outputTokens": output,
        "cacheReadInputTokens": read,
        "cacheCreationInputTokens": write_5m,
        "cacheCreationEphemeral5mInputTokens": write_5m,
        "cacheCreationEphemeral1hInputTokens": 0,
        "webSearchRequests": 0,
        "costUSD": float(usd),
    }


def encode(entry: Entry) -> bytes:
    """One line as the client writes it: no spaces, text as it is."""
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


class Thread:
    """One transcript file: a main conversation, or one agent's."""

    def __init__(self, tree: Tree, path: PurePosixPath, session_id: str, **given: Any) -> None:
        self.tree = tree
        self.path = path
        self.session_id = session_id
        self.model: str = given.get("model", OPUS)
        self.agent_id: str | None = given.get("agent_id")
        self.sidechain: bool = given.get("sidechain", self.agent_id is not None)
        self.at = dt.datetime.fromisoformat(given.get("at", START))
        self.parent: str | None = None
        self.lines: list[Entry | bytes] = []

    # What stands in the file

    def raw(self, line: bytes) -> None:
        """A line with exactly these bytes; its end is written by the tree."""
        self.lines.append(line)

    def add(self, entry: Entry) -> Entry:
        """An entry as it is."""
        self.lines.append(entry)
        return entry

    def entry(self, kind: str, **fields: Any) -> Entry:
        """A line of the conversation: linked to the line before, stamped with the thread's clock."""
        own = self.tree.uuid()
        head: Entry = {"parentUuid": self.parent, "isSidechain": self.sidechain}
        if self.agent_id:
            head["agentId"] = self.agent_id
        tail: Entry = {
            "type": kind,
            "uuid": own,
            "timestamp": self.clock(),
            "userType": "external",
            "cwd": "/home/dev/shop",
            "sessionId": self.session_id,
            "version": "2.1.330",
            "gitBranch": "main",
        }
        self.parent = own
        return self.add(head | fields | tail)

    def prompt(self, text: str = "go on") -> Entry:
        return self.entry("user", message={"role": "user", "content": text})

    def tool_result(self, tool_use_id: str, content: Any = "done", result: Any = "done") -> Entry:
        block = {"tool_use_id": tool_use_id, "type": "tool_result", "content": content}
        return self.entry("user", message={"role": "user", "content": [block]}, toolUseResult=result)

    def block(self, message: str, counts: Entry, **given: Any) -> Entry:
        """One line of an answer: one content block, and the usage as known when it was written."""
        self.wait(seconds=1)
        content = given.get("content", [{"type": "text", "text": "a reply"}])
        fields: Entry = {
            "message": {
                "id": message,
                "type": "message",
                "role": "assistant",
                "model": given.get("model") or self.model,
                "content": content,
                "stop_reason": given.get("stop_reason", "end_turn"),
                "stop_sequence": None,
                "usage": counts,
            },
        }
        if request := given.get("request"):
            fields["requestId"] = request
        return self.entry("assistant", **fields, **given.get("fields", {}))

    def answer(
        self,
        *,
        outputs: Sequence[int] = (500,),
        message: str = "",
        request: str | None = "",
        model: str = "",
        fields: Mapping[str, object] | None = None,
        **counts: Any,
    ) -> str:
        """One answer, a line per number in `outputs`; `counts` as in `usage`. Gives back its `message.id`.

        `request=None` leaves the request id out; an empty id is made up.
        """
        number = self.tree.count()
        message = message or f"msg_01Conformance{number:011d}"
        if request is not None:
            request = request or f"req_011Conformance{number:08d}"
        for position, output in enumerate(outputs, start=1):
            thinks = position == 1 and len(outputs) > 1
            block = (
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
                if thinks
                else {"type": "text", "text": "a reply"}
            )
            self.block(
                message,
                usage(output=output, **counts),
                model=model,
                request=request,
                content=[block],
                stop_reason="end_turn" if position == len(outputs) else None,
                fields=dict(fields or {}),
            )
        return message

    def cost_state(self, total_usd: str, models: Mapping[str, Entry]) -> Entry:
        """The client's own total, as it writes it when a run ends; `models` as `reported` makes them."""
        return self.add(
            {
                "type": "cost-state",
                "sessionId": self.session_id,
                "totalCostUSD": float(total_usd),
                "totalAPIDuration": 4_000,
                "totalAPIDurationWithoutRetries": 4_000,
                "totalToolDuration": 900,
                "totalLinesAdded": 0,
                "totalLinesRemoved": 0,
                "totalDuration": 9_000,
                "startTime": int(self.at.timestamp() * 1000) - 9_000,
                "modelUsage": dict(models),
                "hasUnknownModelCost": False,
            }
        )

    # Its clock

    def clock(self) -> str:
        return self.at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.at.microsecond // 1000:03d}Z"

    def wait(self, **time: float) -> None:
        self.at += dt.timedelta(**time)

    def now(self, at: str) -> None:
        self.at = dt.datetime.fromisoformat(at)

    # Threads that come out of it

    def agent(self, name: str, *, folder: str = "", **given: Any) -> Thread:
        """A subagent's own transcript, below this session (or below this agent, if it is one)."""
        agent_id = "a" + hashlib.sha256(name.encode()).hexdigest()[:16]
        home = self.path.with_suffix("") / "subagents" / folder
        return self.tree.thread(
            home / f"agent-{agent_id}.jsonl", self.session_id, agent_id=agent_id, **self._given(given)
        )

    def fork(
        self, name: str, *, first: str = "", lines: int | None = None, origin: bool = False, **given: Any
    ) -> Thread:
        """A new session that begins with a copy of this one's first `lines` lines.

        The copy keeps uuids, times and ids; `sessionId` is the new one. `origin` adds `session_id`, which
        newer clients write: the session that a line was born in. `first` is the first hex digit of the new
        id, for an order by name.
        """
        session_id = self.tree.session_id(name, first)
        project = given.pop("project", str(self.path.parent.name))
        child = self.tree.thread(PurePosixPath(project) / f"{session_id}.jsonl", session_id, **self._given(given))
        child.copy(self.lines[:lines], origin=self.session_id if origin else None)
        child.parent = self.parent
        return child

    def copy(self, lines: Iterable[Entry | bytes], *, origin: str | None = None) -> None:
        """Lines of another transcript, under this session's id."""
        for line in lines:
            if isinstance(line, bytes):
                self.raw(line)
                continue
            entry = copy.deepcopy(line)
            if origin:
                entry.setdefault("session_id", origin)
            if "sessionId" in entry:
                entry["sessionId"] = self.session_id
            self.add(entry)

    def _given(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"model": self.model, "at": self.clock()} | given

    def text(self, end: bytes = b"\n") -> bytes:
        """The whole file."""
        return b"".join((line if isinstance(line, bytes) else encode(line)) + end for line in self.lines)


class Tree:
    """A config folder that is being told."""

    def __init__(self) -> None:
        self.timezone = "UTC"
        """The zone that days are asked for in."""
        self.unlogged_nanos = 0
        """Spent, and known from the client's total only."""
        self.doubt = ""
        """Why one could see the expected figure differently; empty for nearly all cases."""
        self.check_days = False
        """Whether the figures per day are compared as well."""
        self.threads: list[Thread] = []
        self.files: dict[PurePosixPath, bytes] = {}
        self._count = 0

    def count(self) -> int:
        self._count += 1
        return self._count

    def uuid(self) -> str:
        return f"00000000-0000-4000-8000-{self.count():012d}"

    @staticmethod
    def session_id(name: str, first: str = "") -> str:
        digits = first + hashlib.sha256(name.encode()).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[15:18]}-{digits[18:30]}"

    def session(self, name: str = "main", *, first: str = "", project: str = PROJECT, **given: Any) -> Thread:
        """A main conversation. `first` is the first hex digit of its id, for an order by name."""
        session_id = self.session_id(name, first)
        return self.thread(PurePosixPath(project) / f"{session_id}.jsonl", session_id, **given)

    def thread(self, path: PurePosixPath, session_id: str, **given: Any) -> Thread:
        thread = Thread(self, path, session_id, **given)
        self.threads.append(thread)
        return thread

    def file(self, path: PurePosixPath | str, content: bytes) -> None:
        """Any other file, by its path below `projects/`; takes the place of a told one of that name."""
        self.files[PurePosixPath(path)] = content

    def write(self, config_dir: Path) -> None:
        """Write the folder. Files are created in the order of their names."""
        content = {thread.path: thread.text() for thread in self.threads} | self.files
        for path in sorted(content):
            target = config_dir / "projects" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content[path])

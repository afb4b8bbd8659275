"""Writes transcripts as Claude Code does, line by line: what tests tell, as bytes.

In: calls on a `Tale` (a config folder) and its `Pen`s (one transcript each).   Out: files by path.
Always: the same calls give the same bytes; ids come from counters, times from one clock.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Entry = dict[str, Any]
#: A line of a file: an entry, or bytes as they are.
Content = Entry | bytes

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
START = 1_793_613_600_000  # 2026-11-02T10:00:00Z
CWD = "/home/dev/shop"
PROJECT = "-home-dev-shop"


def uuid(*seed: object) -> str:
    """A random-looking uuid, the same for the same seed."""
    digits = hashlib.blake2b(repr(seed).encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def stamp(at: int) -> str:
    """An instant as the client writes it."""
    seconds, millis = divmod(at, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{millis:03d}Z"


def encode(entry: Content) -> bytes:
    """One line without its newline."""
    if isinstance(entry, bytes):
        return entry
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def counts(uncached: int = 0, write5: int = 0, write1: int = 0, read: int = 0, output: int = 0, **more: Any) -> Entry:
    """A `usage` object; `thinking` and `searches` go where the client puts them, the rest is added as it is."""
    usage: Entry = {
        "input_tokens": uncached,
        "cache_creation_input_tokens": write5 + write1,
        "cache_read_input_tokens": read,
        "output_tokens": output,
        "cache_creation": {"ephemeral_5m_input_tokens": write5, "ephemeral_1h_input_tokens": write1},
        "service_tier": "standard",
    }
    if thinking := more.pop("thinking", 0):
        usage["output_tokens_details"] = {"thinking_tokens": thinking}
    if searches := more.pop("searches", 0):
        usage["server_tool_use"] = {"web_search_requests": searches, "web_fetch_requests": 0}
    return usage | more


class Pen:
    """One transcript. Lines are chained by `parentUuid`; `parent` may be set to go back."""

    def __init__(self, tale: Tale, path: str, session: str, agent: str = "", *, inline: bool = False) -> None:
        self.tale, self.path, self.session, self.agent = tale, path, session, agent
        self.sidechain = bool(agent)
        self.inline = inline  #: an agent's lines inside the main file, as old clients did
        self.lines: list[Content] = []
        self.parent: str | None = None
        self.branch = "main"
        self.version = "2.1.330"
        self.more: Entry = {}  #: fields of every line to come

    def add(self, entry: Content) -> Content:
        self.lines.append(entry)
        return entry

    def line(self, kind: str, **fields: Any) -> Entry:
        """A line of the conversation; its uuid is the parent of the next."""
        own = self.tale.uuid()
        head: Entry = {"parentUuid": self.parent, "isSidechain": self.sidechain}
        if self.agent and not self.inline:
            head["agentId"] = self.agent
        tail: Entry = {
            "type": kind,
            "uuid": own,
            "timestamp": stamp(self.tale.tick()),
            "userType": "external",
            "entrypoint": "cli",
            "cwd": CWD,
            "sessionId": self.session,
            "version": self.version,
            "gitBranch": self.branch,
        }
        entry = {**head, **fields, **tail, **self.more}
        self.parent = own
        self.add(entry)
        return entry

    def prompt(self, text: str, **fields: Any) -> Entry:
        return self.line("user", message={"role": "user", "content": text}, **fields)

    def result(self, call: str, text: Any, told: Any = None, **fields: Any) -> Entry:
        """The result of a tool call."""
        block = {"tool_use_id": call, "type": "tool_result", "content": text}
        told = text if told is None else told
        return self.line("user", message={"role": "user", "content": [block]}, toolUseResult=told, **fields)

    def answer(
        self,
        blocks: Iterable[Entry],
        usage: Entry,
        *,
        model: str = OPUS,
        message: str = "",
        request: str | None = "",
        outputs: Iterable[int] = (),
        **fields: Any,
    ) -> tuple[str, str | None]:
        """One answer, a line for each block; `outputs` are the output tokens the early lines hold.

        Gives back (message id, request id). `request=None` leaves the request id out.
        """
        message = message or self.tale.name("msg_01")
        request = self.tale.name("req_011") if request == "" else request
        blocks = list(blocks)
        early = list(outputs)
        for index, block in enumerate(blocks):
            own = usage if index >= len(early) else usage | {"output_tokens": early[index]}
            head = {"requestId": request} if request else {}
            self.line(
                "assistant",
                message={"model": model, "id": message, "type": "message", "role": "assistant",
                         "content": [block], "stop_reason": None, "usage": own},
                apiBlockIndex=index,
                **head,
                **fields,
            )  # fmt: skip
        return message, request

    def attachment(self, kind: str, text: str, **fields: Any) -> Entry:
        """What the client put beside a prompt."""
        return self.line(
            "attachment", attachment={"type": kind, **fields}, rendered=[{"content": text}], renderedRole="user"
        )

    def system(self, subtype: str, **fields: Any) -> Entry:
        return self.line("system", subtype=subtype, content="", level="info", **fields)

    def boundary(self, before: int, kept: Iterable[str] = ()) -> Entry:
        """A compaction: the chain starts anew."""
        above, self.parent = self.parent, None
        meta: Entry = {"trigger": "auto", "preTokens": before}
        if uuids := list(kept):
            meta["preservedMessages"] = {"uuids": uuids}
        return self.line("system", subtype="compact_boundary", logicalParentUuid=above, compactMetadata=meta)

    def total(self, dollars: str, models: Entry | None = None, started: int = START - 9_000) -> Content:
        """The client's own running total. Written as the client does: no uuid, no time."""
        used = json.dumps(models or {}, separators=(",", ":"))
        text = (
            f'{{"type":"cost-state","sessionId":"{self.session}","totalCostUSD":{dollars},"totalAPIDuration":1,'
            f'"startTime":{started},"modelUsage":{used},"hasUnknownModelCost":false}}'
        )
        return self.add(text.encode())

    def meta(self, kind: str, **fields: Any) -> Content:
        """A small line without uuid or time."""
        return self.add({"type": kind, **fields, "sessionId": self.session})

    def bytes(self) -> bytes:
        return b"".join(encode(line) + b"\n" for line in self.lines)


class Tale:
    """A config folder that is being told."""

    def __init__(self, name: str = "", at: int = START) -> None:
        self.label, self.at = name, at
        self.pens: dict[str, Pen] = {}
        self.files: dict[str, bytes] = {}
        self._count = 0

    def tick(self) -> int:
        """The time of the next line."""
        self.at += 137
        return self.at

    def count(self) -> int:
        self._count += 1
        return self._count

    def uuid(self) -> str:
        return uuid(self.label, self.count())

    def name(self, start: str) -> str:
        """An id that was never given before."""
        return f"{start}{self.label}{self.count():06d}"

    def pen(self, path: str, session: str, agent: str = "", *, inline: bool = False) -> Pen:
        pen = self.pens[path] = Pen(self, path, session, agent, inline=inline)
        return pen

    def session(self, name: str = "main", project: str = PROJECT) -> Pen:
        """A main conversation; its id begins with a name that sorts as given."""
        sid = uuid("session", self.label, name)
        return self.pen(f"{project}/{sid}.jsonl", sid)

    def agent(self, pen: Pen, name: str, *, folder: str = "", card: Entry | None = None, flat: bool = False) -> Pen:
        """An agent of a session, in its own file; `card` is its sidecar."""
        project, _, _ = pen.path.partition("/")
        own = "a" + uuid("agent", self.label, name).replace("-", "")[:16]
        if flat:
            path = f"{project}/agent-{own}.jsonl"
        else:
            path = f"{project}/{pen.session}/subagents/{folder}agent-{own}.jsonl"
        if card is not None:
            self.files[path[:-6] + ".meta.json"] = json.dumps(card).encode()
        return self.pen(path, pen.session, own)

    def inline_agent(self, pen: Pen) -> Pen:
        """An agent inside the main file: it writes into the same lines, chained apart."""
        own = Pen(self, pen.path, pen.session, "inline", inline=True)
        own.lines = pen.lines
        return own

    def fork(self, pen: Pen, name: str, *, lines: int | None = None, origin: bool = False, at: str = "") -> Pen:
        """A session that begins with a copy of another's first lines; without its totals and request log."""
        sid = at or uuid("session", self.label, name)
        child = self.pen(f"{pen.path.partition('/')[0]}/{sid}.jsonl", sid)
        for entry in pen.lines[:lines]:
            if isinstance(entry, bytes) or "uuid" not in entry:
                continue
            own = dict(entry, sessionId=sid)
            if origin:
                own.setdefault("session_id", pen.session)
            child.add(own)
            child.parent = entry["uuid"]
        return child

    def told(self) -> dict[str, bytes]:
        """Every file by its path below `projects/`."""
        return {path: pen.bytes() for path, pen in self.pens.items()} | self.files

    def write(self, folder: Path) -> Path:
        """Write the config folder; gives it back."""
        for path, content in sorted(self.told().items()):
            place = folder / "projects" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return folder

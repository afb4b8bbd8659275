"""Transcript lines in, sightings out: pure, no disk, no clock.

`Decoder.take(lines)` turns the decoded lines of one span of one file into packed rows
(`core.sightings`) and, beside them, one merged row per API answer (`answers`), which is all that totals
need. Nothing is lost by taking a span twice; unknown line types are stepped over.

What is kept of a line depends on that line alone, so that spans may be cut anywhere.

An answer row is a list, merged field by field to the maximum over all lines of the answer:
    [message_id, variant, at, model, uncached, output, write5m, write1h, read, thinking, searches,
     modifiers, origin_session, thread, branch, skill, prompt_size]
`prompt_size` is 0 unless the answer took several rounds of server tools: then the last round's prompt.
`variant` is the request id, or, where there is none, `~` and what tells two answers with one id apart.
"""

from __future__ import annotations

import msgspec

from lineitem.core.sightings import (
    ANSWER,
    ATTACHMENT,
    BACKGROUND,
    BLOB,
    COMPACTION,
    INVISIBLE,
    LINK,
    META,
    NOTE,
    SENT,
    SHAPE,
    SUMMARY,
    TOTAL,
    USER,
)
from lineitem.sources import transcript_schema as schema
from lineitem.sources.evidence import HEAD, commits_in
from lineitem.sources.shapes import shape
from lineitem.sources.shortening import short
from lineitem.sources.targets import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lineitem.sources.transcript_schema import Block, Line, Usage

    Row = list[Any]

#: Positions in an answer row.
MID, VARIANT, AT, MODEL, UNCACHED, OUTPUT, WRITE5, WRITE1, READ, THINKING, SEARCHES, MODIFIERS = range(12)
ORIGIN, THREAD, BRANCH, SKILL, PROMPT_SIZE = range(12, 17)

_KINDS = {"text": "t", "thinking": "h", "redacted_thinking": "h", "tool_use": "u", "server_tool_use": "s"}
_STEPPED_OVER = frozenset(
    ("progress", "file-history-snapshot", "file-history-delta", "queue-operation", "last-prompt", "mode")
)
#: No answer has more tokens than this: such a count is a broken line.
MOST_TOKENS = 10**9
_BAD = (msgspec.DecodeError, RecursionError, ValueError)


def milliseconds(timestamp: str, minutes: dict[str, int]) -> int:
    """Epoch milliseconds of an ISO timestamp, 0 where it is none; `minutes` remembers what was parsed."""
    minute = minutes.get(timestamp[:16])
    if minute is None or timestamp[-1:] != "Z" or len(timestamp) != 24 or not timestamp[20:23].isdigit():
        from datetime import UTC, datetime

        try:
            at = datetime.fromisoformat(timestamp)
        except ValueError:
            return 0
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        whole = (at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
        if whole >= 0 and timestamp[-1:] == "Z" and len(timestamp) == 24:
            minutes[timestamp[:16]] = int(whole // 60) * 60_000
        return max(0, round(whole * 1000))
    try:
        return minute + int(timestamp[17:19]) * 1000 + int(timestamp[20:23])
    except ValueError:
        return 0


def written(text: str) -> bytes:
    """A text as it would stand in JSON, but for its quotes."""
    return text.encode("utf-8", "replace").replace(b"\n", b"\\n")


def brief(uuid: str) -> str:
    """The part of a line's uuid that is kept: its first 48 random bits."""
    return uuid[:13]


class Decoder:
    """Decodes one file, span by span."""

    def __init__(self, session: str, thread: str, minutes: dict[str, int] | None = None, now: int = 0) -> None:
        self.session = session
        self.thread = thread
        self.answers: dict[tuple[str, str], Row] = {}
        self.rows: list[Row] = []
        self.problems: list[tuple[str, int, str]] = []
        self._minutes = minutes if minutes is not None else {}
        self._usage_before: Usage | None = None
        self._same: tuple[str | None, ...] = ()
        self._same_at = 0
        self._counts: list[int] = []
        self._extra: dict[str, Any] = {}
        self._cwd: str | None = ""
        self._branch: str | None = ""
        self._last = ""
        self._now = now
        self.first_at = 0  #: time of the first line of any type that has one

    def start_span(self) -> None:
        """Forget what only holds inside one span, so that spans can be read in any cut."""
        self.rows = []
        self._cwd = self._branch = ""
        self._last = ""
        self._usage_before = None

    def resume(self, last: str, cwd: str | None, branch: str | None, now: int, first_at: int) -> None:
        """Go on after lines that somebody else took."""
        self.rows = []
        self._last, self._cwd, self._branch, self._now, self.first_at = last, cwd, branch, now, first_at
        self._usage_before = None

    def standing(self) -> tuple[str, str | None, str | None, int, int]:
        """What `resume` needs of the lines so far."""
        return self._last, self._cwd, self._branch, self._now, self.first_at

    def take(self, lines: Sequence[Line], first: int = 0) -> None:
        """Add the rows of these lines of the current span; `first` is the ordinal of the first."""
        n = first
        if not self.session:
            self.session = next((line.sessionId for line in lines if line.sessionId), "")
        if not self.first_at:
            stamp = next((line.timestamp for line in lines if line.timestamp), None)
            self.first_at = milliseconds(stamp, self._minutes) if stamp else 0
        for line in lines:
            kind = line.type
            if kind == "assistant":
                self._answer(n, line)
            elif kind == "user":
                self._user(n, line)
            elif kind in _STEPPED_OVER:
                if line.uuid:
                    self._skip(n, line)
            else:
                self._other(n, line, kind)
            n += 1

    # -- the conversation

    def _place(self, n: int, line: Line) -> tuple[str, str | None, int]:
        """(uuid, parent unless it is the row before, time) of a line of the conversation."""
        stamp = line.timestamp
        at = 0
        if stamp:
            minute = self._minutes.get(stamp[:16])
            if minute is None or len(stamp) != 24:
                at = milliseconds(stamp, self._minutes)
            else:
                try:
                    at = minute + int(stamp[17:19]) * 1000 + int(stamp[20:23])
                except ValueError:
                    at = milliseconds(stamp, self._minutes)
            if at:
                self._now = at
        if line.cwd != self._cwd or line.gitBranch != self._branch:
            self._cwd, self._branch = line.cwd, line.gitBranch
            env = [line.cwd, line.gitBranch, line.version, line.entrypoint, line.sessionKind]
            self.rows.append([NOTE, n, at, "env", env])
        uuid = line.uuid[:13] if line.uuid else ""
        parent = line.parentUuid
        last = self._last
        self._last = uuid
        if parent is None:
            return uuid, "", at
        above = parent[:13]
        if above == last and last:
            return uuid, None, at
        return uuid, above, at

    def _skip(self, n: int, line: Line) -> None:
        """A line without a row of its own: lines below may name it as the one above them."""
        uuid = line.uuid[:13] if line.uuid else ""
        if uuid:
            self.rows.append([LINK, n, uuid, brief(line.parentUuid) if line.parentUuid else ""])
            self._last = uuid

    def _thread_of(self, line: Line) -> str:
        if line.agentId:
            return line.agentId
        if line.isSidechain and not self.thread:
            return "sidechain"
        return self.thread

    def _answer(self, n: int, line: Line) -> None:
        message = line.message
        uuid, parent, at = self._place(n, line)
        if message is None or message.model == "<synthetic>" or line.isApiErrorMessage:
            self._skip(n, line)
            return
        usage = message.usage
        mid = message.id or ""
        if usage is None or not (mid or line.uuid):
            self.problems.append(("answer-without-usage", n, mid))
            self._skip(n, line)
            return
        if not mid:
            mid = "uuid:" + (line.uuid or "")
            self.problems.append(("answer-without-id", n, mid))
        model = message.model or ""
        counts, extra = self._billed(n, line, mid, at, model, usage)
        content = message.content
        blocks: list[Row] = []
        if type(content) is list:
            index = line.apiBlockIndex
            several = len(content) > 1
            for i, block in enumerate(content):
                blocks.append(self._block(block, i if several else -1 if index is None else index, line.cwd))
        elif isinstance(content, str) and content:
            blocks.append(["t", 0, "", "", "", shape(written(content))])
        self.rows.append(
            [
                ANSWER,
                n,
                uuid,
                parent,
                at,
                mid,
                line.requestId or "",
                line.requestRef or "",
                model,
                counts,
                extra or 0,
                blocks,
            ]
        )

    def _billed(
        self, n: int, line: Line, mid: str, at: int, model: str, usage: Usage
    ) -> tuple[list[int], dict[str, Any]]:
        """Merge what a line of an answer was billed for: its counts, and what else is known of it."""
        thread = self._thread_of(line)
        same = (
            mid, line.requestId, thread, model, line.attributionSkill, line.gitBranch, line.attributionPlugin,
            line.session_id, line.requestSessionId,
        )  # fmt: skip
        if same == self._same and usage == self._usage_before and (not at or 0 < self._same_at <= at):
            return self._counts, self._extra  # another line of the same answer, billed alike
        self._same, self._same_at = same, at
        known = len(self.problems)
        counts, extra = self._usage(n, line, usage)
        if thread != self.thread:
            extra["th"] = thread
        self._merge(line, mid, at, model, counts, extra, thread)
        self._usage_before = usage if len(self.problems) == known else None  # what is wrong is said of each line
        self._counts, self._extra = counts, extra
        return counts, extra

    def take_usage(self, line: Line) -> None:
        """Merge one answer's line without making rows of it: for the very first, quick answer."""
        message = line.message
        stamp = line.timestamp
        at = milliseconds(stamp, self._minutes) if stamp else 0
        self._now = at or self._now
        if message is None or message.model == "<synthetic>" or line.isApiErrorMessage or message.usage is None:
            return
        mid = message.id or ("uuid:" + line.uuid if line.uuid else "")
        if not mid:
            return
        if not self.session:
            self.session = line.sessionId or ""
        self._billed(0, line, mid, at, message.model or "", message.usage)

    @property
    def now(self) -> int:
        """Time of the last line that has one."""
        return self._now

    def seen_first(self, stamp: str) -> None:
        """The time of the first line that has one."""
        self.first_at = milliseconds(stamp, self._minutes)

    def moment(self, stamp: str | None) -> None:
        """The time of a line that was stepped over."""
        self._now = (milliseconds(stamp, self._minutes) if stamp else 0) or self._now

    def _block(self, block: Block, index: int, cwd: str | None) -> Row:
        kind = _KINDS.get(block.type, "o")
        if kind in "us":
            name = block.name or ""
            return [
                kind,
                index,
                block.id or "",
                name,
                target(name, block.input, cwd),
                shape(memoryview(block.input)),
            ]
        if kind == "h":
            return [kind, index, "", "", "", shape(memoryview(block.thinking))]
        return [kind, index, "", "", "", shape(memoryview(block.text))]

    def _usage(self, n: int, line: Line, usage: Usage) -> tuple[list[int], dict[str, Any]]:
        extra: dict[str, Any] = {}
        written = usage.cache_creation_input_tokens
        write5, write1 = written, 0
        split = usage.cache_creation
        if split is not None:
            five, hour = split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens
            if five + hour:
                write5, write1 = max(five, written - hour), hour
        details = usage.output_tokens_details
        counts = [
            usage.input_tokens,
            usage.output_tokens,
            write5,
            write1,
            usage.cache_read_input_tokens,
            details.thinking_tokens if details is not None else 0,
        ]
        if min(counts) < 0:
            self.problems.append(("tokens-negative", n, ""))
            counts = [max(0, count) for count in counts]
        if max(counts) > MOST_TOKENS:
            self.problems.append(("tokens-implausible", n, str(max(counts))[:40]))
            counts = [count if count <= MOST_TOKENS else 0 for count in counts]
        if usage.server_tool_use is not None and 0 < usage.server_tool_use.web_search_requests <= 10_000:
            extra["ws"] = usage.server_tool_use.web_search_requests
        if usage.speed == "fast":
            extra["f"] = 1
        if usage.inference_geo == "us":
            extra["g"] = 1
        if usage.service_tier == "batch":
            extra["b"] = 1
        if line.attributionSkill:
            extra["sk"] = line.attributionSkill
        if line.attributionPlugin:
            extra["pl"] = line.attributionPlugin
        origin = line.session_id or line.requestSessionId
        if origin and origin != self.session:
            extra["o"] = origin
        if memoryview(usage.iterations).nbytes > 4:
            self._iterations(n, usage.iterations, line, extra)
        return counts, extra

    def _iterations(self, n: int, raw: msgspec.Raw, line: Line, extra: dict[str, Any]) -> None:
        """Advisor calls and attempts on another model are calls of their own, priced apart."""
        try:
            entries = schema.ITERATIONS.decode(raw)
        except _BAD:
            self.problems.append(("iterations-unreadable", n, ""))
            return
        own = line.message.model if line.message else None
        others: list[Row] = []
        size = 0
        for i, entry in enumerate(entries):
            written = entry.cache_creation_input_tokens
            split = entry.cache_creation
            hour = split.ephemeral_1h_input_tokens if split else 0
            five = max(split.ephemeral_5m_input_tokens if split else 0, written - hour)
            if entry.type == "advisor_message" or (entry.model and entry.model != own):
                counts = [
                    entry.input_tokens,
                    entry.output_tokens,
                    five,
                    hour,
                    entry.cache_read_input_tokens,
                    0,
                ]
                counts = [min(max(0, count), MOST_TOKENS) for count in counts]
                others.append([i, entry.model or "", counts, entry.type or ""])
            else:
                size = entry.input_tokens + five + hour + entry.cache_read_input_tokens
                size = size if 0 <= size <= MOST_TOKENS else 0  # not told
        if others:
            extra["it"] = others
        if size and len(entries) - len(others) > 1:
            extra["cx"] = size

    def _merge(
        self, line: Line, mid: str, at: int, model: str, counts: list[int], extra: dict[str, Any], thread: str
    ) -> None:
        uncached, output, write5, write1, read, thinking = counts
        variant = line.requestId or f"~{self.session}/{uncached}/{write5 + write1}/{read}"
        modifiers = ""
        if extra:
            modifiers = ("f" if "f" in extra else "") + ("g" if "g" in extra else "") + ("b" if "b" in extra else "")
        searches = extra.get("ws", 0) if extra else 0
        branch, skill = line.gitBranch or "", line.attributionSkill or ""
        origin, size = (extra.get("o", ""), extra.get("cx", 0)) if extra else ("", 0)
        add_answer(
            self.answers,
            [mid, variant, at, model, uncached, output, write5, write1, read, thinking, searches, modifiers, origin,
             thread, branch, skill, size],
        )  # fmt: skip
        for i, other, counts_of_other, _ in extra.get("it", ()) if extra else ():
            add_answer(
                self.answers,
                [f"{mid}#{i}", variant, at, other, *counts_of_other, 0, "", origin, thread, branch, skill, 0],
            )

    def _user(self, n: int, line: Line) -> None:
        uuid, parent, at = self._place(n, line)
        message = line.message
        if message is None:
            self._skip(n, line)
            return
        extra: dict[str, Any] = {}
        flags = 0
        if line.isMeta:
            flags |= META
        if line.isCompactSummary:
            flags |= SUMMARY
        if line.isVisibleInTranscriptOnly:
            flags |= INVISIBLE
        if line.sessionKind == "bg":
            flags |= BACKGROUND
        thread = self._thread_of(line)
        if thread != self.thread:
            extra["th"] = thread
        results: list[Row] = []
        texts: Row = [0]
        content = message.content
        if type(content) is list:
            for block in content:
                if block.type == "tool_result":
                    results.append(self._result(block, line))
                elif memoryview(block.text).nbytes > 2:
                    text = shape(memoryview(block.text))
                    if texts == [0]:
                        texts = text
                        if not results:
                            self._prompt(line, bytes(memoryview(block.text)[1:400]).decode("utf-8", "replace"), extra)
                    else:
                        extra.setdefault("more", []).append(text)
                elif block.type in ("image", "document"):
                    extra["im"] = extra.get("im", 0) + 1
        elif isinstance(content, str) and content:
            texts = shape(written(content))
            self._prompt(line, content[:400], extra)
        if line.promptId:
            extra["p"] = brief(line.promptId)
        self.rows.append([USER, n, uuid, parent, at, flags, texts, results, extra or 0])

    def _prompt(self, line: Line, head: str, extra: dict[str, Any]) -> None:
        """Who spoke: a person, a command, an agent that came back, a timer."""
        source = line.promptSource or (line.origin.kind if line.origin else None)
        if source:
            extra["s"] = source
        if head.startswith("<command-") or "<command-name>" in head[:200]:
            start = head.find("<command-name>")
            end = head.find("</command-name>", start)
            if start >= 0 and end > start:
                extra["c"] = short(head[start + 14 : end])
        elif head.startswith("<local-command-stdout>"):
            extra["c"] = ""
        elif head.startswith("<task-notification>"):
            extra["s"] = "task-notification"

    def _result(self, block: Block, line: Line) -> Row:
        raw = memoryview(block.content)
        size = raw.nbytes
        images = 0
        extra: dict[str, Any] = {}
        text: Row = [0]
        if size and raw[0] == 0x5B:  # a list of parts
            try:
                parts = schema.BLOCKS.decode(raw)
            except _BAD:
                parts = []
            for part in parts:
                if part.type == "image":
                    images += 1
                elif memoryview(part.text).nbytes:
                    found = shape(memoryview(part.text))
                    if text == [0]:
                        text = found
                    else:
                        extra.setdefault("more", []).append(found)
        elif size:
            text = shape(memoryview(raw))
            if size < 20_000:
                commits_in(bytes(raw[:HEAD]), extra)
        result = memoryview(line.toolUseResult)
        if images:
            self._picture(result, extra)
        if result.nbytes > 40 and (b'"agentId":"' in bytes(result[:400]) or b'"agentId":"' in bytes(result[-1500:])):
            try:
                agent = schema.AGENT_RESULT.decode(result)
            except _BAD:
                agent = schema.AgentResult()
            if agent.agentId:
                extra["ag"] = agent.agentId
            if agent.status:
                extra["st"] = agent.status
        return [block.tool_use_id or "", text, 1 if block.is_error else 0, images, extra or 0]

    def _picture(self, result: memoryview, extra: dict[str, Any]) -> None:
        """Width times height of a picture as shown to the model, where the client says it."""
        try:
            file = schema.IMAGE_RESULT.decode(result).file if result.nbytes else None
        except _BAD:
            return
        if file is not None and file.dimensions is not None:
            pixels = file.dimensions.displayWidth * file.dimensions.displayHeight
            if 0 < pixels < 1 << 32:
                extra["px"] = pixels

    # -- everything else

    def _other(self, n: int, line: Line, kind: str) -> None:
        if kind == "attachment":
            self._attachment(n, line)
        elif kind == "system":
            self._system(n, line)
        elif kind == "cost-state":
            self._total(n, line)
        elif kind == "api-request":
            self.rows.append(
                [
                    SENT,
                    n,
                    line.id or "",
                    (line.shapeHash or "")[:16],
                    line.base or "",
                    line.keep or 0,
                    [h[:16] for h in line.tail or ()],
                    line.querySource or "",
                ]
            )
        elif kind == "api-request-blob":
            self._blob(n, line)
        elif kind == "api-request-shape":
            parts = self._sent(line.shape)
            self.rows.append([SHAPE, n, (line.shapeHash or "")[:16], parts])
        elif kind in ("pr-link", "continued-in", "fork-context-ref", "relocated", "worktree-state"):
            value: list[Any] = [line.prNumber, line.prUrl, line.continuedInSessionId, line.parentSessionId]
            self.rows.append([NOTE, n, self._now, kind, value])
        elif line.uuid:
            self._skip(n, line)

    def _system(self, n: int, line: Line) -> None:
        if line.subtype == "compact_boundary":
            uuid, _, at = self._place(n, line)
            trigger, before, kept = "", 0, []
            if memoryview(line.compactMetadata).nbytes:
                try:
                    meta = schema.COMPACT.decode(line.compactMetadata)
                    trigger, before = meta.trigger or "", meta.preTokens or 0
                    if meta.preservedMessages:
                        kept = [brief(u) for u in meta.preservedMessages.uuids]
                except _BAD:
                    self.problems.append(("compaction-unreadable", n, ""))
            parent = brief(line.logicalParentUuid) if line.logicalParentUuid else ""
            self.rows.append([COMPACTION, n, uuid, parent, at, trigger, before, kept])
            return
        if line.subtype == "scheduled_task_fire":
            self.rows.append([NOTE, n, self._now, "scheduled", [line.taskId or ""]])
        if line.timestamp:
            at = milliseconds(line.timestamp, self._minutes)
            self._now = at or self._now
        if line.uuid:
            self._skip(n, line)

    def _attachment(self, n: int, line: Line) -> None:
        try:
            attachment = schema.ATTACHMENT.decode(line.attachment)
        except _BAD:
            attachment = schema.Attachment()
            if memoryview(line.attachment).nbytes:
                try:
                    attachment.type = schema.NAMED_TYPE.decode(line.attachment).type
                except _BAD:
                    self.problems.append(("attachment-unreadable", n, ""))
        uuid, parent, at = self._place(n, line)
        kind = attachment.type
        if kind == "prompt_snapshot":
            self.rows.append([ATTACHMENT, n, uuid, parent, at, kind, "", 2, [0], self._snapshot(attachment)])
            return
        role = 1 if line.renderedRole == "system" else 0
        text: Row = [0]
        parts: list[Row] = []
        if memoryview(line.rendered).nbytes > 2:
            try:
                rendered = schema.RENDERED.decode(line.rendered)
                parts = [["text", "", shape(memoryview(each.content))] for each in rendered]
            except _BAD:
                self.problems.append(("attachment-unreadable", n, kind))
            if parts:
                text = parts.pop(0)[2]
        else:
            for raw in (attachment.content, attachment.text, attachment.prompt):
                if memoryview(raw).nbytes > 2:
                    text = shape(memoryview(raw))
                    break
            else:
                role = 2 if kind.startswith("hook_") else role
        if memoryview(attachment.files).nbytes > 2:
            try:
                files = schema.MEMORY_FILES.decode(attachment.files)
                parts += [["memory", _tail_of(file.path, line.cwd), shape(memoryview(file.content))] for file in files]
            except _BAD:
                self.problems.append(("attachment-unreadable", n, kind))
        name = attachment.displayPath or attachment.filename or attachment.path or attachment.hookName or ""
        self.rows.append(
            [
                ATTACHMENT,
                n,
                uuid,
                parent,
                at,
                kind,
                _tail_of(name, line.cwd) if name else "",
                role,
                text,
                parts,
            ]
        )

    def _snapshot(self, attachment: schema.Attachment) -> list[Row]:
        parts: list[Row] = [["system", "", shape(memoryview(raw))] for raw in attachment.systemPrompt or ()]
        if memoryview(attachment.tools).nbytes > 2:
            parts += self._tools(attachment.tools)
        return parts

    def _tools(self, raw: msgspec.Raw) -> list[Row]:
        try:
            tools = schema.RAWS.decode(raw)
        except _BAD:
            return []
        return [["tool", self._name(tool), shape(memoryview(self._as_sent(tool)))] for tool in tools]

    def _as_sent(self, tool: msgspec.Raw) -> msgspec.Raw:
        """A tool of a snapshot as it is sent: its name and description stand in its schema once more."""
        try:
            sent = schema.SNAPSHOT_TOOL.decode(tool).schema
        except _BAD:
            return tool
        return sent if memoryview(sent).nbytes > 2 else tool

    def _name(self, raw: msgspec.Raw) -> str:
        try:
            return schema.NAMED.decode(raw).name or ""
        except _BAD:
            return ""

    def _sent(self, raw: msgspec.Raw) -> list[Row]:
        try:
            sent = schema.SENT.decode(raw)
        except _BAD:
            return []
        parts: list[Row] = [["tool", self._name(tool), shape(memoryview(tool))] for tool in sent.tools]
        return parts + [["system", "", shape(memoryview(block.text))] for block in sent.system]

    def _blob(self, n: int, line: Line) -> None:
        """A message as sent: which blocks it had and how long they were."""
        parts: list[Row] = []
        message = line.message
        content = message.content if message else None
        if isinstance(content, list):
            for block in content:
                if block.type == "tool_result":
                    parts.append(["result", block.tool_use_id or "", [memoryview(block.content).nbytes]])
                elif block.type == "tool_use":
                    parts.append(["use", block.id or "", [memoryview(block.input).nbytes]])
                else:
                    parts.append([block.type, "", [memoryview(block.text).nbytes]])
        elif content:
            parts.append(["text", "", [len(content)]])
        role = message.role or "" if message else ""
        self.rows.append([BLOB, n, (line.hash or "")[:16], role, parts])

    def _total(self, n: int, line: Line) -> None:
        row = self.total_row(n, line)
        if row is not None:
            self.rows.append(row)

    def total_row(self, n: int, line: Line) -> Row | None:
        """The row of a running total; None where it is no number."""
        nanos = nanodollars(bytes(memoryview(line.totalCostUSD)))
        if nanos is None:
            self.problems.append(("total-unreadable", n, ""))
            return None
        models: dict[str, list[int]] = {}
        if memoryview(line.modelUsage).nbytes > 2:
            try:
                for name, total in schema.MODEL_TOTALS.decode(line.modelUsage).items():
                    cost = nanodollars(bytes(memoryview(total.costUSD)))
                    five, hour = (
                        total.cacheCreationEphemeral5mInputTokens,
                        total.cacheCreationEphemeral1hInputTokens,
                    )
                    counts = [
                        total.inputTokens,
                        total.outputTokens,
                        -1 if five is None else five,
                        -1 if hour is None else hour,
                        total.cacheReadInputTokens,
                        total.thinkingTokens,
                        total.cacheCreationInputTokens,
                        total.webSearchRequests,
                        -1 if cost is None else cost,
                    ]
                    if all(-1 <= count <= 10**18 for count in counts):
                        models[name] = counts
                    else:
                        self.problems.append(("total-unreadable", n, name[:80]))
            except _BAD:
                self.problems.append(("total-unreadable", n, "modelUsage"))
        started = line.startTime or 0
        started = int(started) if 0 <= started < 1 << 53 else 0
        return [TOTAL, n, self._now, nanos, started, models, 1 if line.hasUnknownModelCost else 0]


def add_answer(merged: dict[tuple[str, str], Row], row: Row) -> None:
    """Add a row to those of other lines by (message id, variant): the order they come in does not matter."""
    key = (row[MID], row[VARIANT])
    known = merged.get(key)
    if known is None:
        merged[key] = row
        return
    merge_answer(known, *row[AT:ORIGIN])
    for place in (ORIGIN, THREAD, BRANCH, SKILL, PROMPT_SIZE):
        if row[place] > known[place]:
            known[place] = row[place]


def merge_answer(
    row: Row, at: int, model: str, uncached: int, output: int, write5: int, write1: int, read: int,
    thinking: int, searches: int, modifiers: str,
) -> None:  # fmt: skip
    """Merge another line of the same answer: per field the maximum, the earliest time."""
    if at and (at < row[AT] or not row[AT]):
        row[AT] = at
    if model != row[MODEL] and (output, model) > (row[OUTPUT], row[MODEL]):
        row[MODEL] = model
    if uncached > row[UNCACHED]:
        row[UNCACHED] = uncached
    if output > row[OUTPUT]:
        row[OUTPUT] = output
    if write5 > row[WRITE5]:
        row[WRITE5] = write5
    if write1 > row[WRITE1]:
        row[WRITE1] = write1
    if read > row[READ]:
        row[READ] = read
    if thinking > row[THINKING]:
        row[THINKING] = thinking
    if searches > row[SEARCHES]:
        row[SEARCHES] = searches
    if modifiers > row[MODIFIERS]:
        row[MODIFIERS] = modifiers


def nanodollars(text: bytes) -> int | None:
    """Whole nanodollars of a JSON number of dollars, exactly as written; None where it is no number."""
    from decimal import Decimal, InvalidOperation

    try:
        value = Decimal(text.decode("ascii"))
    except (InvalidOperation, UnicodeDecodeError):
        return None
    if not value.is_finite() or abs(value) > 1_000_000_000:
        return None
    return int((value * 1_000_000_000).to_integral_value())


def _tail_of(path: str, cwd: str | None) -> str:
    if cwd and path.startswith(cwd):
        return short(path[len(cwd) :].lstrip("/\\") or path)
    return short("/".join(path.replace("\\", "/").split("/")[-2:]))

"""One conversation, line by line: a session's main thread or an agent's.

In:   draws, texts, and the setting of a session.
Out:  a transcript file, and its requests in the `Truth`.
Holds always: a request is counted once, with the counts of its last line; each prompt is what the requests
before it read, wrote and answered plus what was added since, as it is in a real conversation.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bench.draws import Curve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.draws import Draws
    from bench.pages import Pages
    from bench.truth import Truth

HAIKU = "claude-haiku-4-5-20251001"
DAY_MS = 86_400_000
FLUSH_BYTES = 1 << 20
COPY_BYTES = 1_500_000
"""Copies repeat no more of a file than this."""
FULL_CONTEXT = 165_000
"""Tokens at which a session is compacted."""

PROMPT = Curve(40, p50=220, p90=1_500, p99=9_000, top=20_000)
THINKING = Curve(60, p50=450, p90=1_800, p99=5_000, top=9_000)
SIGNATURE = Curve(280, p50=800, p90=1_800, top=4_000)
REPLY = Curve(30, p50=230, p90=900, p99=3_500, top=9_000)
AGENT_REPORT = Curve(500, p50=2_200, p90=6_000, top=20_000)
AGENT_BYTES = Curve(20_000, p50=110_000, p90=420_000, p99=1_500_000, top=3_000_000)
ROUNDS = Curve(0, p50=5, p90=18, p99=45, top=70)
PAUSE_MS = Curve(2_000, p50=40_000, p90=400_000, p99=5_000_000, top=30_000_000)
WORK_MS = Curve(60, p50=900, p90=12_000, top=200_000)
LINE_MS = Curve(150, p50=900, p90=5_000, top=30_000)


class Tool(NamedTuple):
    name: str
    weight: int
    argument: str
    """The field of its input that holds most of the text."""
    call: Curve
    result: Curve


TOOLS = (
    Tool("Bash", 32, "command", Curve(8, p50=90, p90=500, p99=3_000, top=6_000),
         Curve(0, p50=420, p90=3_800, p99=22_000, p999=90_000, top=120_000)),
    Tool("Read", 28, "file_path", Curve(20, top=110),
         Curve(80, p50=3_000, p90=11_000, p99=45_000, p999=200_000, top=260_000)),
    Tool("Edit", 16, "old_string", Curve(30, p50=350, p90=2_200, p99=12_000, top=40_000),
         Curve(90, top=900)),
    Tool("Write", 4, "content", Curve(200, p50=2_500, p90=11_000, p99=40_000, top=90_000),
         Curve(60, top=200)),
    Tool("Grep", 9, "pattern", Curve(5, top=90), Curve(20, p50=500, p90=4_000, p99=14_000, top=30_000)),
    Tool("Glob", 3, "pattern", Curve(5, top=60), Curve(20, p50=300, p90=2_500, top=12_000)),
    Tool("TodoWrite", 4, "todos", Curve(100, top=1_400), Curve(60, top=160)),
    Tool("mcp__tracker__get_issue", 2, "id", Curve(4, top=20), Curve(200, p50=1_800, p90=9_000, top=60_000)),
    Tool("mcp__browser__snapshot", 2, "url", Curve(20, top=200),
         Curve(500, p50=6_000, p90=30_000, p99=120_000, top=200_000)),
)  # fmt: skip
DRAWN_TOOLS = tuple(tool for tool in TOOLS for _ in range(tool.weight))
SOURCE_FILE = Curve(400, p50=4_500, p90=19_000, p99=85_000, top=220_000)
IMAGE = Curve(650_000, top=1_250_000)


@dataclass
class Supply:
    """What everything is made from."""

    draws: Draws
    pages: Pages
    truth: Truth
    images: bool = True
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + by


@dataclass(frozen=True)
class Setting:
    """What is the same on every line of a session."""

    session_id: str
    cwd: str
    branch: str
    version: str
    model: str
    one_hour: bool
    """Whether the main thread writes its cache for an hour."""
    partial: bool
    """Whether lines before the last one of an answer have a partial output count (older clients)."""
    progress: bool
    """Whether agents' lines are repeated in progress lines (older clients)."""


class Transcript:
    """One file on its way to disk. `cuts` and `ends` are offsets at which a copy of it may end."""

    def __init__(self, supply: Supply, path: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.supply = supply
        self.path = path
        self.file = open(path, "wb")  # noqa: SIM115 - closed by `close`, long after
        self.waiting: list[bytes] = []
        self.waiting_bytes = 0
        self.size = 0
        self.cuts: list[int] = []
        self.ends: list[int] = []

    def add(self, line: bytes) -> None:
        self.waiting.append(line)
        self.waiting_bytes += len(line)
        self.size += len(line)
        if self.waiting_bytes > FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        data = b"".join(self.waiting)
        self.supply.count("lines", data.count(b"\n"))
        self.file.write(data)
        self.waiting.clear()
        self.waiting_bytes = 0

    def close(self, at_ms: int) -> None:
        self.flush()
        self.file.close()
        os.utime(self.path, ns=(at_ms * 1_000_000, at_ms * 1_000_000))
        self.supply.count("files")
        self.supply.count("bytes", self.size)


class Thread:
    def __init__(
        self,
        supply: Supply,
        transcript: Transcript,
        setting: Setting,
        at_ms: int,
        *,
        agent_id: str = "",
        model: str = "",
    ) -> None:
        self.supply = supply
        self.draws = supply.draws
        self.pages = supply.pages
        self.transcript = transcript
        self.setting = setting
        self.began_ms = self.at_ms = at_ms
        self.agent_id = agent_id
        self.model = model or setting.model
        self.one_hour = setting.one_hour and not agent_id
        self.parent = "null"
        self.cached = 0
        self.pending = self.draws.between(9_000, 21_000)
        self.last_request_ms = 0
        self.used: dict[str, list[int]] = {}
        """What this thread and its agents used: per model the counts of `truth.CLASSES`, and nanodollars."""
        self.last_usage = ""
        self.answers: list[bytes] = []
        """An agent's own lines, for the progress lines that repeat them."""

    # Lines

    def line(self, kind: str, head: str, body: tuple[bytes, ...], tail: str = "") -> bytes:
        """A line of the conversation; it is linked to the line before."""
        setting = self.setting
        own = f'"{self.draws.uuid()}"'
        agent = f'"agentId":"{self.agent_id}",' if self.agent_id else ""
        side = "true" if self.agent_id else "false"
        start = f'{{"parentUuid":{self.parent},"isSidechain":{side},{agent}{head}'
        end = (
            f'{tail}"type":"{kind}","uuid":{own},"timestamp":"{stamp(self.at_ms)}","userType":"external",'
            f'"entrypoint":"cli","cwd":"{setting.cwd}","sessionId":"{setting.session_id}",'
            f'"version":"{setting.version}","gitBranch":"{setting.branch}"}}\n'
        )
        line = b"".join((start.encode(), *body, end.encode()))
        self.parent = own
        self.transcript.add(line)
        return line

    def note(self, line: str) -> None:
        """A line without links: titles, modes, bookkeeping."""
        self.transcript.add(line.encode() + b"\n")

    def add_tokens(self, size: int) -> None:
        self.pending += tokens(size)

    def use(self, model: str, counts: Iterable[int]) -> None:
        row = self.used.setdefault(model, [0] * 6)
        for position, count in enumerate(counts):
            row[position] += count

    # What is said

    def prompt(self) -> None:
        text = self.pages.text(self.draws, self.draws.size(PROMPT))
        self.add_tokens(len(text))
        self.line("user", '"message":{"role":"user","content":"', (text, b'"},'), '"permissionMode":"default",')
        self.supply.count("prompts")

    def answer(self, blocks: list[bytes], said: int) -> None:
        """One answer: a line a block. `said` is the size of what the model wrote."""
        draws = self.draws
        gap = self.at_ms - self.last_request_ms
        cold = gap > (3_600_000 if self.one_hour else 300_000) or draws.chance(8)
        read = 0 if cold else self.cached
        written = self.pending + (self.cached if cold else 0)
        self.cached += self.pending
        output = tokens(said) + draws.between(3, 90)
        self.pending = output
        input_ = draws.between(1, 9)
        one_hour = (written if draws.chance(950) else written // 3) if self.one_hour else 0
        counts = (input_, output, written - one_hour, one_hour, read)
        self.use(self.model, (*counts, self.supply.truth.request(self.model, stamp(self.at_ms)[:10], counts)))
        self.last_request_ms = self.at_ms
        message = f'"id":"msg_01{draws.hex(22)}","type":"message","role":"assistant","model":"{self.model}"'
        head = f'"message":{{{message},'
        request = f'"requestId":"req_011C{draws.hex(20)}",'
        start = b'"stop_sequence":null,"content":['
        last = len(blocks) - 1
        for position, block in enumerate(blocks):
            shown = output if position == last or not self.setting.partial else min(output, draws.between(1, 8))
            self.last_usage = usage(counts, shown)
            stop = "null" if position < last else '"tool_use"' if b'"type":"tool_use"' in block[:20] else '"end_turn"'
            end = f'],"stop_reason":{stop},"usage":{self.last_usage}}},'
            line = self.line("assistant", head, (start, block, end.encode()), request)
            if self.agent_id:
                self.answers.append(line)
            elif self.transcript.size < COPY_BYTES:
                (self.transcript.cuts if position < last else self.transcript.ends).append(self.transcript.size)
            self.at_ms += draws.size(LINE_MS)
        self.supply.count("answerLines", last + 1)

    def thinking(self) -> tuple[bytes, int]:
        text = self.pages.text(self.draws, self.draws.size(THINKING))
        signature = self.pages.noise(self.draws, self.draws.size(SIGNATURE))
        return b'{"type":"thinking","thinking":"%b","signature":"%b"}' % (text, signature), len(text)

    def text(self) -> tuple[bytes, int]:
        text = self.pages.text(self.draws, self.draws.size(REPLY))
        return b'{"type":"text","text":"%b"}' % text, len(text)

    def call(self, tool: Tool | None) -> tuple[bytes, int, str]:
        """A tool call as a block; without a tool, one that starts an agent."""
        use = f"toolu_01{self.draws.hex(22)}"
        if tool is None:
            text = self.pages.text(self.draws, 700)
            about = '"input":{"description":"look around","subagent_type":"Explore","prompt":"'
            name = "Agent"
        else:
            text = self.pages.text(self.draws, self.draws.size(tool.call))
            about = f'"input":{{"{tool.argument}":"'
            name = tool.name
        head = f'{{"type":"tool_use","id":"{use}","name":"{name}",{about}'
        return head.encode() + text + b'"}}', len(text), use

    def result(self, use: str, tool: Tool) -> None:
        """What a tool gave back, as sent and as structured by the client."""
        draws = self.draws
        self.at_ms += draws.size(WORK_MS)
        self.supply.count("toolResults")
        if tool.name == "Read" and self.supply.images and draws.chance(3):
            image = self.pages.noise(draws, draws.size(IMAGE))
            self.pending += 1_500
            content = b'[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"%b"}}]' % image
            shown = b'{"type":"image","file":{"type":"image/png","originalSize":%d}}' % len(image)
        else:
            text = self.pages.text(draws, draws.size(tool.result))
            if draws.chance(10):
                text += QUOTED
            self.add_tokens(len(text))
            content = b'"%b"' % text
            shown = self.shown(tool, text)
        head = f'"message":{{"role":"user","content":[{{"tool_use_id":"{use}","type":"tool_result","content":'
        error = b"true" if draws.chance(40) else b"false"
        self.line("user", head, (content, b',"is_error":%b}]},"toolUseResult":' % error, shown, b","))

    def shown(self, tool: Tool, text: bytes) -> bytes:
        """`toolUseResult`: most tools repeat the text, edits hold the whole file."""
        if tool.name == "Bash":
            return b'{"stdout":"%b","stderr":"","interrupted":false,"isImage":false}' % text
        if tool.name == "Read":
            path = self.setting.cwd.encode() + b"/src/app.py"
            return b'{"type":"text","file":{"filePath":"%b","content":"%b","startLine":1}}' % (path, text)
        if tool.name in {"Edit", "Write"}:
            before = self.pages.text(self.draws, self.draws.size(SOURCE_FILE))
            return b'{"oldString":"a","newString":"b","originalFile":"%b","structuredPatch":[]}' % before
        return b'{"content":"%b"}' % text

    def agent_result(self, use: str, agent: Thread) -> None:
        """An agent's report; its `usage` is that of its last request and not to be counted again."""
        text = self.pages.text(self.draws, self.draws.size(AGENT_REPORT))
        self.add_tokens(len(text))
        content = b'[{"type":"text","text":"%b"}]' % text
        shown = (
            f'{{"status":"completed","agentId":"{agent.agent_id}","totalTokens":{agent.cached},'
            f'"totalDurationMs":{agent.at_ms - self.at_ms},"usage":{agent.last_usage},"content":'
        )
        self.at_ms = max(self.at_ms, agent.at_ms)
        head = f'"message":{{"role":"user","content":[{{"tool_use_id":"{use}","type":"tool_result","content":'
        self.line("user", head, (content, b'}]},"toolUseResult":', shown.encode(), content, b"},"))

    def progress(self, use: str, agent: Thread) -> None:
        """Lines that repeat some of an agent's lines as they came."""
        for line in agent.answers:
            if self.draws.chance(400):
                head = f'"data":{{"type":"agent_progress","agentId":"{agent.agent_id}","prompt":"","message":'
                self.line("progress", head, (line[:-1], b"},"), f'"parentToolUseID":"{use}",')
                self.supply.count("progressAnswers")

    def compact(self) -> None:
        """The context is full: a boundary, a summary, a small context."""
        before = self.cached + self.pending
        meta = f'"subtype":"compact_boundary","compactMetadata":{{"trigger":"auto","preTokens":{before}}},'
        self.line("system", meta, ())
        text = self.pages.text(self.draws, 9_000)
        self.cached = 0
        self.pending = 16_000 + tokens(len(text))
        self.line("user", '"message":{"role":"user","content":"', (text, b'"},'), '"isCompactSummary":true,')
        self.supply.count("compactions")

    def failure(self) -> None:
        """An error text of the client itself."""
        nothing = usage((0, 0, 0, 0, 0), 0)
        head = (
            f'"message":{{"id":"{self.draws.uuid()}","role":"assistant","model":"<synthetic>",'
            f'"stop_reason":"stop_sequence","usage":{nothing},"content":[{{"type":"text","text":"Error"}}]}},'
        )
        self.line("assistant", head, (), '"isApiErrorMessage":true,')
        self.supply.count("synthetic")

    def bookkeeping(self) -> None:
        """What the client keeps about the session between prompts."""
        draws, session = self.draws, self.setting.session_id
        own = draws.uuid()
        backups = ",".join(
            f'"src/{self.pages.word(draws)}.py":{{"backupFileName":"{draws.hex(16)}@v1","version":1}}'
            for _ in range(draws.below(12))
        )
        self.note(
            f'{{"type":"file-history-snapshot","messageId":"{own}","snapshot":{{"messageId":"{own}",'
            f'"trackedFileBackups":{{{backups}}},"timestamp":"{stamp(self.at_ms)}"}},"isSnapshotUpdate":false}}'
        )
        self.note(f'{{"type":"last-prompt","lastPrompt":"{self.pages.word(draws)}","sessionId":"{session}"}}')
        self.note(f'{{"type":"mode","mode":"normal","sessionId":"{session}"}}')


QUOTED = (
    b'{\\"type\\":\\"assistant\\",\\"message\\":{\\"id\\":\\"msg_01quoted\\",\\"usage\\":{\\"input_tokens\\":999999,'
    b'\\"output_tokens\\":999999}},\\"requestId\\":\\"req_quoted\\"}\\n'
)
"""Somebody looked at a transcript with a tool: text, not usage."""


def tokens(size: int) -> int:
    """Roughly what a text of that many bytes counts."""
    return size * 2 // 7 + 4


def usage(counts: tuple[int, int, int, int, int], output: int) -> str:
    input_, _, write_5m, write_1h, read = counts
    return (
        f'{{"input_tokens":{input_},"cache_creation_input_tokens":{write_5m + write_1h},'
        f'"cache_read_input_tokens":{read},"output_tokens":{output},'
        '"server_tool_use":{"web_search_requests":0,"web_fetch_requests":0},"service_tier":"standard",'
        f'"cache_creation":{{"ephemeral_1h_input_tokens":{write_1h},"ephemeral_5m_input_tokens":{write_5m}}},'
        '"inference_geo":"not_available","iterations":[],"speed":"standard"}'
    )


@lru_cache(maxsize=512)
def _date(day: int) -> str:
    """The date of a day counted from 1970-01-01 (civil calendar, integers only)."""
    shifted = day + 719_468
    era, of_era = divmod(shifted, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day_of_month = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return f"{year + era * 400 + (month <= 2):04d}-{month:02d}-{day_of_month:02d}T"


def stamp(at_ms: int) -> str:
    """ISO 8601 in UTC with milliseconds."""
    day, ms = divmod(at_ms, DAY_MS)
    seconds, ms = divmod(ms, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{_date(day)}{hours:02d}:{minutes:02d}:{seconds:02d}.{ms:03d}Z"

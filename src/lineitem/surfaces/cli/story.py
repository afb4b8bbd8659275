"""The session that `lineitem demo` shows: made up, told as the transcripts Claude Code would have written.

In: a config folder to write into. Out: one session with two agents, its prompts hours apart, a compaction, an MCP
server, a skill, a memory file, and the client's own total with a little that no transcript shows.
Always: the same bytes. Prompts are billed as the API bills them: what was cached is read, the rest is written, and
after five idle minutes nothing is cached any more.
"""

from __future__ import annotations

import os
from json import dumps

from lineitem.core.periods import iso
from lineitem.core.rates import Rates, class_costs
from lineitem.pricing.book import PriceBook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Entry = dict[str, Any]
    #: kind of block, tool, input (or text), output tokens
    Block = tuple[str, str, Any, int]

SESSION = "5d0c94e2-7f31-4b6a-9c58-2ad1b7e06f43"
PROJECT = "-code-shop"
_HOME = "/code/shop"
_OPUS, _HAIKU = "claude-opus-5-5", "claude-haiku-4-5-20251001"
_BEGIN = 1_793_613_600_000  # 2026-11-02 10:00 UTC
_MINUTE = 60_000
_LIFE = 5 * _MINUTE  #: of what is in the cache

#: Text to fill files and listings with: about ten tokens a line.
_CODE = (
    "def total(lines, rate):",
    "    net = sum(line.price * line.count for line in lines)",
    "    return round(net * (1 + rate), 2)  # too early: see issue 214",
    "",
    "class Cart:",
    "    def add(self, article, count=1):",
    "        self.lines.append(Line(article, count))",
    "        self.changed.send(self)",
)


def text(tokens: int, label: str = "") -> str:
    """Some code of about that many tokens."""
    lines, size = [label] if label else [], len(label)
    number = 0
    while size < tokens * 3:
        line = _CODE[number % len(_CODE)].replace("total", f"total_{number // len(_CODE)}")
        lines.append(line)
        size += len(line) + 1
        number += 1
    return "\n".join(lines)


class Thread:
    """One transcript being told: its clock, its window, what of it is cached."""

    def __init__(self, story: Story, agent: str = "", at: int = _BEGIN) -> None:
        self.story, self.agent, self.at = story, agent, at
        self.lines: list[Entry] = []
        self.parent: str | None = None
        self.size = 0  #: tokens of the next prompt so far
        self.cached = 0  #: of its beginning, tokens in the cache
        self.warm_until = 0

    def write(self, kind: str, **fields: Any) -> str:
        """A line of the conversation."""
        uuid = self.story.uuid()
        head: Entry = {"parentUuid": self.parent, "isSidechain": bool(self.agent)}
        if self.agent:
            head["agentId"] = self.agent
        tail = {"type": kind, "uuid": uuid, "timestamp": iso(self.at), "cwd": _HOME, "sessionId": SESSION,
                "version": "2.1.330", "gitBranch": "fix/rounding"}  # fmt: skip
        self.lines.append(head | fields | tail)
        self.parent = uuid
        return uuid

    def attach(self, tokens: int, kind: str, **fields: Any) -> None:
        """Something the client puts beside a prompt."""
        rendered = [{"content": text(tokens)}]
        self.write("attachment", attachment={"type": kind, **fields}, rendered=rendered, renderedRole="user")
        self.size += tokens

    def ask(self, words: str, tokens: int, *, at: int = 0) -> None:
        """A person asks."""
        self.at = at or self.at
        self.write("user", message={"role": "user", "content": words}, promptSource="typed")
        self.size += tokens

    def answer(self, *blocks: Block) -> list[str]:
        """The model answers; the ids of its tool calls."""
        self.at += 4_000
        read = min(self.cached, self.size) if self.at < self.warm_until else 0
        output = sum(block[3] for block in blocks)
        thinking = sum(block[3] for block in blocks if block[0] == "thinking")
        written = self.size - read
        usage = {
            "input_tokens": 0, "cache_creation_input_tokens": written, "cache_read_input_tokens": read,
            "output_tokens": output, "output_tokens_details": {"thinking_tokens": thinking},
            "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        }  # fmt: skip
        number = self.story.spend(_OPUS, [0, output, written, 0, read])
        calls = []
        for index, (kind, tool, content, _) in enumerate(blocks):
            block: Entry = {"type": kind}
            if kind == "tool_use":
                calls.append(f"toolu_demo{number:02d}{'abcd'[index]}")
                block |= {"id": calls[-1], "name": tool, "input": content}
            else:
                block[kind] = content
            message = {"id": f"msg_demo{number:02d}", "type": "message", "role": "assistant", "model": _OPUS,
                       "content": [block], "usage": usage}  # fmt: skip
            self.write("assistant", message=message, apiBlockIndex=index, requestId=f"req_demo{number:02d}")
        self.cached, self.warm_until = self.size, self.at + _LIFE
        self.size += output
        return calls

    def result(self, call: str, tokens: int, label: str = "", **fields: Any) -> None:
        """A tool gives its result."""
        self.at += 2_000
        block = {"type": "tool_result", "tool_use_id": call, "content": text(tokens, label)}
        self.write("user", message={"role": "user", "content": [block]}, **fields)
        self.size += tokens

    def use(self, tool: str, given: Entry, output: int, tokens: int, thinking: int = 0) -> None:
        """One tool call and its result."""
        thought = [_thought(thinking)] if thinking else []
        (call,) = self.answer(*thought, ("tool_use", tool, given, output))
        self.result(call, tokens)

    def reply(self, tokens: int) -> None:
        """An answer in words."""
        self.answer(("text", "", text(tokens), tokens))


def _thought(tokens: int) -> Block:
    return ("thinking", "", "", tokens)


def _bash(command: str) -> Entry:
    return {"command": command}


def _file(path: str) -> Entry:
    return {"file_path": f"{_HOME}/{path}"}


class Story:
    """The whole session and what the client counted."""

    def __init__(self) -> None:
        self.book = PriceBook.builtin()
        self.models: dict[str, list[int]] = {}
        self.files: dict[str, list[Entry]] = {}
        self.agents: dict[str, Entry] = {}
        self._uuids = self._requests = 0

    def uuid(self) -> str:
        """The next of a row of ids."""
        self._uuids += 1
        return f"{self._uuids:08d}-0000-4000-8000-000000000000"

    def spend(self, model: str, counts: list[int]) -> int:
        """Count a request, logged or not, as the client does; its number."""
        sums = self.models.setdefault(model, [0] * 5)
        for place, count in enumerate(counts):
            sums[place] += count
        self._requests += 1
        return self._requests

    def total(self, at: int) -> Entry:
        """The client's own total, as it writes it when it ends."""
        usage: Entry = {}
        whole = 0
        for model, (uncached, output, write5, write1, read) in self.models.items():
            rates = self.book.rates(model, at)
            assert isinstance(rates, Rates)
            nanos = sum(class_costs(rates, uncached, write5, write1, read, output, 0))
            whole += nanos
            usage[model] = {
                "inputTokens": uncached, "outputTokens": output, "cacheReadInputTokens": read,
                "cacheCreationInputTokens": write5 + write1, "cacheCreationEphemeral5mInputTokens": write5,
                "cacheCreationEphemeral1hInputTokens": write1, "webSearchRequests": 0, "costUSD": nanos / 1e9,
            }  # fmt: skip
        return {"type": "cost-state", "sessionId": SESSION, "totalCostUSD": whole / 1e9, "startTime": _BEGIN,
                "modelUsage": usage, "hasUnknownModelCost": False}  # fmt: skip

    def agent(self, name: str, kind: str, call: str, at: int) -> Thread:
        """A thread of its own, started by a tool call; its context begins cold."""
        thread = Thread(self, name, at)
        self.files[f"{SESSION}/subagents/agent-{name}.jsonl"] = thread.lines
        self.agents[name] = {"agentType": kind, "toolUseId": call, "description": "look around", "spawnDepth": 1}
        thread.ask("Look for every place that rounds an amount, and say where.", 160)
        thread.size += _window(thread, builtin=5_200, servers=0, system=1_900)
        return thread

    def save(self, config: str) -> None:
        """Write the transcripts below a config folder."""
        root = os.path.join(config, "projects", PROJECT)
        os.makedirs(os.path.join(root, SESSION, "subagents"))
        for name, lines in self.files.items():
            with open(os.path.join(root, name), "w", encoding="utf-8") as file:
                file.writelines(dumps(line) + "\n" for line in lines)
        for name, about in self.agents.items():
            path = os.path.join(root, SESSION, "subagents", f"agent-{name}.meta.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write(dumps(about))


def _window(thread: Thread, builtin: int, servers: int, system: int) -> int:
    """Tools and system as the client notes them down; their tokens."""
    tools = [{"name": name, "description": text(builtin // 4, name)} for name in ("Agent", "Bash", "Edit", "Read")]
    tools += [{"name": f"mcp__github__{name}", "description": text(servers // 3, name)}
              for name in ("get_issue", "list_pull_requests", "create_pull_request") if servers]  # fmt: skip
    thread.write("attachment", attachment={"type": "prompt_snapshot", "systemPrompt": [text(system)], "tools": tools})
    return builtin + servers + system


def _beside(main: Thread) -> None:
    """What the client puts beside the first prompt of a window."""
    main.attach(1_450, "instructions", files=[{"path": f"{_HOME}/CLAUDE.md", "content": text(1_450)}])
    main.attach(1_240, "skill_listing")
    main.attach(320, "environment")


def tell(config: str) -> None:
    """Write the example below this config folder."""
    story = Story()
    main = Thread(story)
    story.files[f"{SESSION}.jsonl"] = main.lines
    _morning(story, main)
    _lunch_is_over(story, main)
    _compaction(story, main)
    _afternoon(main)
    main.lines.append(story.total(main.at))
    story.save(config)


def _morning(story: Story, main: Thread) -> None:
    main.ask("The checkout tests fail since yesterday. Find out why, and mend it.", 22)
    fixed = _window(main, builtin=11_800, servers=4_300, system=3_100)
    main.size += fixed
    _beside(main)
    story.spend(_HAIKU, [1_480, 22, 0, 0, 0])  # a title for the session: no transcript shows it
    main.use("Bash", _bash("pytest tests/checkout -x"), 84, 2_650, thinking=190)
    cart, tax = main.answer(("tool_use", "Read", _file("src/shop/cart.py"), 46),
                            ("tool_use", "Read", _file("src/shop/tax.py"), 44))  # fmt: skip
    main.result(cart, 3_900)
    main.result(tax, 1_300, "RATES = {'DE': '0.19', 'FR': '0.20'}")
    (call,) = main.answer(_thought(640), ("tool_use", "Agent", {"subagent_type": "Explore"}, 188))
    scout = story.agent("a3f9c01d2e", "Explore", call, main.at)
    scout.use("Grep", {"pattern": "round("}, 52, 1_150)
    scout.use("Read", _file("src/shop/refund.py"), 47, 4_600)
    scout.use("Read", _file("src/shop/invoice.py"), 48, 6_900)
    scout.reply(430)
    main.at = scout.at
    main.result(call, 460, toolUseResult={"agentId": scout.agent, "status": "completed"})
    main.use("Edit", _file("src/shop/cart.py"), 610, 240, thinking=820)
    main.use("Bash", _bash("pytest tests/checkout -x"), 80, 1_720)
    main.reply(260)
    main.ask("Good. Does issue 214 say anything about refunds?", 16, at=main.at + 2 * _MINUTE)
    main.use("mcp__github__get_issue", {"number": 214}, 62, 6_350)
    main.use("Edit", _file("src/shop/refund.py"), 720, 240, thinking=410)
    (call,) = main.answer(("tool_use", "Skill", {"skill": "changelog"}, 28))
    main.result(call, 14, "Launching skill: changelog")
    main.write("user", message={"role": "user", "content": [{"type": "text", "text": text(1_180)}]}, isMeta=True)
    main.size += 1_180
    main.use("Edit", _file("CHANGELOG.md"), 190, 120)
    main.reply(180)


def _lunch_is_over(story: Story, main: Thread) -> None:
    main.ask("Back from lunch. Where else do we round too early?", 17, at=main.at + 47 * _MINUTE)
    main.use("Bash", _bash("grep -rn 'round(' src | sort"), 96, 8_400, thinking=220)
    calls = main.answer(("tool_use", "Agent", {"subagent_type": "general-purpose"}, 164))
    scout = story.agent("a71b5e4c90", "general-purpose", calls[0], main.at)
    scout.use("Read", _file("src/shop/report.py"), 45, 3_300)
    scout.reply(380)
    main.at = scout.at
    main.result(calls[0], 400, toolUseResult={"agentId": scout.agent, "status": "completed"})
    main.use("Edit", _file("src/shop/report.py"), 540, 240, thinking=350)
    tests, types = main.answer(
        ("tool_use", "Bash", _bash("pytest -q"), 40), ("tool_use", "Bash", _bash("mypy src"), 30)
    )
    main.result(tests, 980)
    main.result(types, 220)
    main.reply(310)


def _compaction(story: Story, main: Thread) -> None:
    """The window is replaced by a summary; the request that writes it is in no transcript."""
    main.at += 20_000
    before = main.size
    story.spend(_OPUS, [540, 1_050, 0, 0, before])
    logical = main.parent
    main.parent = None
    main.write("system", subtype="compact_boundary", logicalParentUuid=logical,
               compactMetadata={"trigger": "manual", "preTokens": before})  # fmt: skip
    summary = {"role": "user", "content": text(1_100)}
    main.write("user", message=summary, isCompactSummary=True, isVisibleInTranscriptOnly=True)
    main.cached = main.size = 11_800 + 4_300 + 3_100
    main.size += 1_100
    main.warm_until = main.at + _LIFE
    _beside(main)


def _afternoon(main: Thread) -> None:
    main.ask("Write the text of the pull request.", 12, at=main.at + 2 * _MINUTE)
    main.use("Bash", _bash("git diff main --stat -p"), 38, 3_650)
    main.use("mcp__github__create_pull_request", {"title": "Round amounts once"}, 640, 510, thinking=280)
    main.reply(150)

"""No text of a prompt, an answer or a tool is in the store: canaries put everywhere are found nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.telling.stores import Books
from tests.telling.transcripts import Entry, Pen, Tale, counts, encode


class Canaries:
    """Words that must not be kept, by where they were put."""

    def __init__(self) -> None:
        self.placed: dict[str, str] = {}

    def word(self, place: str, *, around: str = "some {} text") -> str:
        """A text with a canary in it."""
        canary = f"canary{len(self.placed):04d}zq"
        self.placed[canary] = place
        return around.format(canary)

    def found(self, data: bytes) -> set[str]:
        return {place for canary, place in self.placed.items() if canary.encode() in data}


def story(tale: Tale, say: Canaries) -> Pen:
    """Every field that can hold what somebody said, in a session with everything in it."""
    word = say.word
    pen = tale.session()
    pen.meta("summary", summary=word("summary"), leafUuid="x")
    pen.meta("ai-title", aiTitle=word("ai title"))
    pen.meta("custom-title", customTitle=word("custom title"))
    pen.meta("last-prompt", lastPrompt=word("last prompt"))
    pen.meta("queue-operation", operation="enqueue", content=word("queued prompt"))
    pen.meta("tag", tag=word("tag"))
    pen.meta("atis-latch", atis=word("latch"))
    pen.meta("nobody-knows", text=word("unknown line"), message={"role": "user", "content": word("unknown message")})
    pen.prompt(word("prompt"))
    pen.line(
        "user",
        message={
            "role": "user",
            "content": [
                {"type": "text", "text": word("prompt block")},
                {"type": "image", "source": {"type": "base64", "data": word("image")}},
                {"type": "document", "title": word("document title"), "source": {"data": word("document")}},
            ],
        },
    )
    pen.prompt(f"<command-name>/deploy</command-name><command-args>{word('command arguments')}</command-args>")
    pen.prompt(f"<local-command-stdout>{word('command output')}</local-command-stdout>")
    pen.prompt(f"<task-notification>{word('notification')}</task-notification>")
    pen.prompt(word("meta prompt"), isMeta=True)
    for kind in ("file", "instructions", "hook_success", "queued_command", "nobody_knows", "skill_listing"):
        pen.attachment(kind, word(f"{kind} rendered"), content=word(f"{kind} content"), prompt=word(f"{kind} prompt"))
    pen.line(
        "attachment",
        attachment={
            "type": "instructions",
            "files": [{"path": "/home/dev/shop/CLAUDE.md", "content": word("memory file")}],
        },
    )
    pen.line(
        "attachment",
        attachment={
            "type": "prompt_snapshot",
            "systemPrompt": [word("snapshot system")],
            "tools": [{"name": "Bash", "description": word("snapshot tool")}],
        },
    )
    pen.meta(
        "api-request-shape",
        shapeHash="a1",
        shape={
            "system": [{"type": "text", "text": word("shape system")}],
            "tools": [{"name": "Bash", "description": word("shape tool"), "input_schema": {"x": word("schema")}}],
        },
    )
    pen.meta("api-request-blob", hash="b1", message={"role": "user", "content": word("blob")})
    pen.meta(
        "api-request-blob",
        hash="b2",
        message={
            "role": "user",
            "content": [
                {"type": "text", "text": word("blob block")},
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": word("blob result")},
            ],
        },
    )
    pen.meta("api-request", id="q1", shapeHash="a1", tail=["b1"], querySource="sdk", params={"x": word("parameters")})
    blocks: list[Entry] = [
        {"type": "thinking", "thinking": word("thinking"), "signature": word("signature")},
        {"type": "redacted_thinking", "data": word("redacted thinking")},
        {"type": "text", "text": word("reply")},
        {
            "type": "tool_use",
            "id": "toolu_1",
            "name": "Write",
            "input": {"file_path": "/home/dev/shop/a.py", "content": word("written file")},
        },
        {
            "type": "tool_use",
            "id": "toolu_2",
            "name": "Edit",
            "input": {"file_path": "a.py", "old_string": word("old text"), "new_string": word("new text")},
        },
        {
            "type": "tool_use",
            "id": "toolu_3",
            "name": "Bash",
            "input": {
                "command": "cat notes.txt" + " " * 100 + "x" * 300 + word("end of a long command"),
                "description": word("command description"),
            },
        },
        {
            "type": "tool_use",
            "id": "toolu_4",
            "name": "Agent",
            "input": {
                "subagent_type": "Explore",
                "prompt": word("agent prompt"),
                "description": word("agent description"),
            },
        },
        {
            "type": "tool_use",
            "id": "toolu_5",
            "name": "mcp__notes__add",
            "input": {"text": word("mcp input"), "query": word("mcp query"), "path": word("mcp path")},
        },
        {"type": "tool_use", "id": "toolu_6", "name": "TodoWrite", "input": {"todos": [{"content": word("todo")}]}},
        {
            "type": "tool_use",
            "id": "toolu_7",
            "name": "AskUserQuestion",
            "input": {"questions": [{"question": word("question"), "options": [{"label": word("option")}]}]},
        },
        {
            "type": "tool_use",
            "id": "toolu_8",
            "name": "WebFetch",
            "input": {"url": f"https://example.org/{word('address', around='{}')}", "prompt": word("fetch prompt")},
        },
        {
            "type": "tool_use",
            "id": "toolu_9",
            "name": "Skill",
            "input": {"skill": "charts", "args": word("skill arguments")},
        },
    ]
    pen.answer(blocks, counts(3, 9_000, 0, 0, 900))
    for number in range(1, 10):
        told: dict[str, Any] = {"stdout": word("result told"), "filePath": "a.py", "oldString": word("result old")}
        pen.result(f"toolu_{number}", word("result"), told)
    pen.result(
        "toolu_4",
        [{"type": "text", "text": word("result block")}],
        {
            "status": "completed",
            "agentId": "a1",
            "prompt": word("agent result prompt"),
            "content": [{"type": "text", "text": word("agent result")}],
        },
    )
    pen.result("toolu_3", f"[main 1a2b3c4] {word('commit message')}", {"stdout": word("commit output")})
    pen.line(
        "user",
        message={"role": "user", "content": [{"type": "text", "text": word("x")}]},
        toolUseResult=word("failure text"),
    )
    for subtype in ("local_command", "informational", "away_summary", "scheduled_task_fire", "api_error"):
        pen.line(
            "system",
            subtype=subtype,
            content=word(f"{subtype} content"),
            prompt=word(f"{subtype} prompt"),
            taskId="task-1",
            error={"message": word(f"{subtype} error")},
            commandRun={"command": "/x", "args": word(f"{subtype} arguments")},
        )
    pen.boundary(20_000)
    pen.prompt(word("compact summary"), isCompactSummary=True)
    pen.answer([{"type": "text", "text": word("last reply")}], counts(3, 900, 0, 9_000, 40))
    pen.answer([{"type": "text", "text": word("error text")}], counts(), model="<synthetic>", isApiErrorMessage=True)
    pen.total("0.5")
    agent = tale.agent(
        pen,
        "explorer",
        card={
            "agentType": "Explore",
            "toolUseId": "toolu_4",
            "description": word("sidecar description"),
            "prompt": word("sidecar prompt"),
            "nobodyKnows": word("sidecar extra"),
        },
    )
    agent.prompt(word("agent's prompt"))
    agent.answer([{"type": "text", "text": word("agent's reply")}], counts(3, 900, 0, 0, 40))
    return pen


def broken(pen: Pen, say: Canaries) -> None:
    """Damaged lines, whose texts must not be told in a problem either."""
    for kind in (
        b'"message":7',
        b'"message":{"role":"user","content":{"x":1}}',
        b'"gitBranch":["%s"]' % say.word("odd").encode(),
    ):
        pen.add(
            b'{"type":"user","uuid":"%s",%s,"text":"%s"}'
            % (say.word("odd uuid").encode()[:10], kind, say.word("odd text").encode())
        )
    for cut in (30, 60, 100, 200):
        pen.add(encode(pen.prompt(say.word("cut line", around="{}" + " and more" * 12)))[:-cut])
        pen.lines.pop(-2)
    pen.add(b'{"type":"cost-state","totalCostUSD":"%s"}' % say.word("odd total").encode())
    pen.add(say.word("no json").encode())
    pen.add(json.dumps(say.word("a text")).encode())


@pytest.mark.parametrize("harmed", [False, True], ids=["whole lines", "broken lines too"])
def test_no_text_is_in_the_store(tmp_path: Path, harmed: bool) -> None:
    tale, say = Tale(), Canaries()
    pen = story(tale, say)
    if harmed:
        broken(pen, say)
    tale.write(tmp_path / "config")
    db = tmp_path / "data" / "store.sqlite"
    with Books(tmp_path / "config", db=db) as store:
        store.read()
        store.fold()
        live = b"".join(place.read_bytes() for place in sorted(db.parent.iterdir()))
        assert not say.found(live)
        assert len(store.requests()) == 3
        store.rebuild()
    closed = b"".join(place.read_bytes() for place in sorted(db.parent.iterdir()))
    assert not say.found(closed)
    assert len(say.placed) > 90

"""Usage numbers in places where they are a copy, a sum, or a text, and must not be counted."""

from __future__ import annotations

import json

from conformance.rates import HAIKU, OPUS
from conformance.tree import HAIKU as HAIKU_MODEL
from conformance.tree import Entry, Thread, Tree, encode, usage
from conformance.truth import Owed, owes

MAIN = owes(OPUS, input=10, write_5m=20_000, output=500)
HELPER = owes(HAIKU, input=10, write_5m=6_000, output=120)
BAIT = usage(input=999_999, output=999_999, write_5m=999_999, read=999_999)


def _main(tree: Tree) -> Thread:
    session = tree.session()
    session.prompt()
    session.answer(write_5m=20_000)
    return session


def _helper(session: Thread) -> Thread:
    agent = session.agent("helper", model=HAIKU_MODEL)
    agent.prompt()
    agent.answer(outputs=(1, 120), write_5m=6_000)
    return agent


def _bait(tree: Tree) -> dict[str, object]:
    message = {
        "id": "msg_01Bait",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-8",
        "usage": BAIT,
    }
    return {
        "type": "assistant",
        "message": message,
        "requestId": "req_011Bait",
        "uuid": tree.uuid(),
        "timestamp": "2026-11-02T10:00:09.000Z",
        "sessionId": "bait",
    }


def progress_lines_hold_whole_answers(tree: Tree) -> list[Owed]:
    """The parent shows the agent's lines as they come; the agent's own file has them too."""
    session = _main(tree)
    agent = _helper(session)
    for line in agent.lines:
        data: Entry = {
            "type": "agent_progress",
            "message": line,
            "normalizedMessages": [],
            "prompt": "",
            "agentId": agent.agent_id,
        }
        session.entry("progress", data=data, toolUseID="agent_msg_1", parentToolUseID="toolu_1")
    return [MAIN, HELPER]


def progress_lines_hold_partial_answers(tree: Tree) -> list[Owed]:
    """They were written while the answer still grew."""
    session = _main(tree)
    agent = _helper(session)
    for line in agent.lines[1:2] * 3:
        session.entry(
            "progress",
            data={"type": "agent_progress", "message": line, "agentId": agent.agent_id},
            toolUseID="t",
        )
    return [MAIN, HELPER]


def an_agents_result_tells_its_usage(tree: Tree) -> list[Owed]:
    """`toolUseResult.usage` and `totalTokens` repeat the agent's last request."""
    session = _main(tree)
    _helper(session)
    counts = usage(input=10, output=120, write_5m=6_000)
    session.tool_result(
        "toolu_1", "found it", {"status": "completed", "totalTokens": 6_130, "usage": counts, "agentId": "a1"}
    )
    return [MAIN, HELPER]


def a_tool_result_quotes_a_transcript(tree: Tree) -> list[Owed]:
    """Somebody looked at a transcript with `cat`."""
    session = _main(tree)
    text = encode(_bait(tree)).decode()
    session.tool_result("toolu_1", text + "\n" + text, {"stdout": text, "stderr": ""})
    return [MAIN]


def a_structured_result_looks_like_an_answer(tree: Tree) -> list[Owed]:
    """A tool that gives back JSON gave back an answer."""
    session = _main(tree)
    session.tool_result("toolu_1", "ok", {"structuredContent": _bait(tree)} | _bait(tree))
    return [MAIN]


def a_tool_call_writes_usage_numbers(tree: Tree) -> list[Owed]:
    """Within an assistant line, ahead of its true usage, the arguments of a call hold the same words."""
    session = tree.session()
    session.prompt()
    call = {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "mcp__api__post",
        "input": {"usage": BAIT, "message": _bait(tree)},
    }
    session.block("msg_01ConformanceCall", usage(write_5m=20_000), request="req_011ConformanceCall", content=[call])
    return [MAIN]


def a_reply_quotes_usage_numbers(tree: Tree) -> list[Owed]:
    """The text of an answer quotes JSON."""
    session = tree.session()
    session.prompt()
    text = {"type": "text", "text": json.dumps({"message": {"usage": BAIT}, "model": "claude-opus-4-8"})}
    session.block("msg_01ConformanceText", usage(write_5m=20_000), request="req_011ConformanceText", content=[text])
    return [MAIN]


def other_lines_hold_usage(tree: Tree) -> list[Owed]:
    """Attachments, queued prompts, hooks and lines of an unknown type, with an answer somewhere inside."""
    session = _main(tree)
    text = encode(_bait(tree)).decode()
    session.entry("attachment", attachment={"type": "file", "filename": "a.jsonl", "content": _bait(tree)})
    session.entry("system", subtype="informational", content=text, details={"message": {"usage": BAIT}})
    session.add({"type": "queue-operation", "operation": "enqueue", "content": text, "sessionId": session.session_id})
    session.add({"type": "a-type-of-next-year", "payload": _bait(tree), "timestamp": session.clock()})
    session.add({"type": "summary", "summary": text, "leafUuid": session.parent})
    return [MAIN]


def a_spilled_result_holds_a_transcript(tree: Tree) -> list[Owed]:
    """`<session>/tool-results/` keeps large outputs."""
    session = _main(tree)
    spilled = session.path.with_suffix("") / "tool-results"
    tree.file(spilled / "toolu_1.txt", encode(_bait(tree)) + b"\n")
    tree.file(spilled / "toolu_2.json", encode(_bait(tree)) + b"\n")
    return [MAIN]


def very_long_lines(tree: Tree) -> list[Owed]:
    """An answer behind 300 KB of text, between results of 1 MB."""
    session = tree.session()
    session.prompt("x" * 1_000_000)
    text = {"type": "text", "text": "word " * 60_000}
    session.block("msg_01ConformanceLong", usage(write_5m=20_000), request="req_011ConformanceLong", content=[text])
    session.tool_result("toolu_1", "y" * 1_000_000)
    return [MAIN]


CASES = (
    progress_lines_hold_whole_answers,
    progress_lines_hold_partial_answers,
    an_agents_result_tells_its_usage,
    a_tool_result_quotes_a_transcript,
    a_structured_result_looks_like_an_answer,
    a_tool_call_writes_usage_numbers,
    a_reply_quotes_usage_numbers,
    other_lines_hold_usage,
    a_spilled_result_holds_a_transcript,
    very_long_lines,
)

"""Reading in C and reading in Python say the same of the same bytes, whatever they are."""

from __future__ import annotations

import copy
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as draws

from lineitem.sources import native, quick, shapes, tail
from lineitem.sources.shortening import short
from lineitem.sources.spans import Spans
from lineitem.sources.transcript import Decoder
from tests.laws.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not native.here, reason="built without its C part")

GOLDEN = [
    json.loads(line)
    for path in sorted((Path(__file__).parents[1] / "golden").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
SESSION = "11111111-2222-4333-8444-555555555555"

#: What may stand where something else did.
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 1.0, 1e2, 10**9, 10**9 + 1, 2**31, 10**17, 10**18, 10**19, -(2**63), "", "x",
    "<command-name>/x</command-name>",
    "<synthetic>", "a\nb\\n", 'say "no"\t', "é — ☃ 🦊", "\u202f\x7f", "C:\\Users\\me",
    "git: token=abc123 ghp_abcdefghij1234",
    "A" * 40, "0f" * 20, "  two  spaces ", "x" * 79, "y z" * 140,
    "2026-11-02T10:00:00.000Z", "2026-02-30T10:00:00.000Z",
    "2026-11-02T10:00:61.000Z", "2026-11-02 10:00", "https://me:pw@host.example/x?y",
    "[main 1234567] x", "1 file changed",
    [], [1], [None], {}, {"a": 1}, [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
    [{"type": "image"}], {"agentId": "a1", "status": "completed"}, [{"type": "message"}],
    [{"type": "advisor_message", "input_tokens": 5}], {"type": "text"}, "assistant", "user", "system", "progress",
    "cost-state", "summary", "tool_use", "tool_result", "thinking", "image", "compact_boundary", "agent-1",
)  # fmt: skip
KEYS = (
    "type", "uuid", "parentUuid", "message", "content", "usage", "id", "model", "timestamp", "cwd", "gitBranch", "text",
    "input", "command", "file_path", "url", "pattern", "name", "is_error", "tool_use_id", "iterations", "speed",
    "inference_geo", "service_tier", "server_tool_use", "cache_creation", "output_tokens_details", "requestId",
    "attributionSkill", "attributionPlugin", "isSidechain", "agentId", "apiBlockIndex", "promptSource", "origin",
    "toolUseResult", "session_id", "keep", "tail", "startTime", "prNumber", "isMeta", "sessionKind", "thinking",
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of everything inside."""
    if isinstance(value, dict):
        inside: Any = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    else:
        return
    for key, part in list(inside):
        yield value, key
        yield from places(part)


@draws.composite
def lines(draw: draws.DrawFn) -> bytes:
    """A line as some client wrote it, or nearly."""
    value = copy.deepcopy(draw(draws.sampled_from(GOLDEN)))
    for _ in range(draw(draws.integers(0, 4))):
        found = list(places(value))
        if not found:
            break
        container, key = draw(draws.sampled_from(found))
        what = draw(draws.sampled_from(("replace", "replace", "replace", "drop", "add")))
        if what == "replace":
            container[key] = copy.deepcopy(draw(draws.sampled_from(ODD)))
        elif what == "drop":
            del container[key]
        elif isinstance(container, dict):
            container[draw(draws.sampled_from(KEYS))] = copy.deepcopy(draw(draws.sampled_from(ODD)))
    text = json.dumps(
        value,
        ensure_ascii=draw(draws.booleans()),
        separators=draw(draws.sampled_from([(",", ":"), (", ", ": "), (" ,\t", "\r: ")])),
    ).encode("utf-8", "surrogatepass")
    spoil = draw(draws.integers(0, 7))
    if spoil == 0 and text:  # a byte of it is another
        at = draw(draws.integers(0, len(text) - 1))
        text = text[:at] + bytes([draw(draws.sampled_from(b'"\\{}[]:,0n\x00\x1f\x80\xff u'))]) + text[at + 1 :]
    elif spoil == 1:  # a key stands twice
        key = draw(draws.sampled_from(KEYS))
        text = text[:-1] + f',"{key}":{json.dumps(draw(draws.sampled_from(ODD)))}}}'.encode()
    elif spoil == 2:
        text = text[: draw(draws.integers(0, len(text)))]
    return text.replace(b"\n", b" ")


FILES = draws.tuples(
    draws.lists(lines() | draws.sampled_from([b"", b"  ", b"null", b"[]", b"{}", b"\r"]), max_size=7), draws.booleans()
).map(lambda drawn: b"\n".join(drawn[0]) + (b"\n" if drawn[1] else b""))


def told(spans: Any, data: bytes, chunk: int) -> dict[str, Any]:
    """All that a reading of a file comes to."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        seen = [
            (span.start, span.end, span.whole, span.lines, span.unreadable, spans.packed, list(spans.totals))
            for span in tail.read(file.fileno(), 0, spans, chunk)
        ]
    return {
        "spans": seen,
        "answers": sorted(spans.answers(), key=str),
        "problems": spans.problems(0),
        "when": (spans.first_at, spans.now),
    }


@pytest.mark.parametrize("thread", ["", "agent-1"])
@examples(300)
@given(data=FILES, chunk=draws.sampled_from([tail.CHUNK, 4_000, 300]))
@example(data=b'{"type":"assistant","uuid":"u","message":{"id":"m","usage":{}}} {"type":"user"}\n', chunk=tail.CHUNK)
@example(data=b'{\n"type":"user","uuid":"u","message":{"content":"x"}}\n', chunk=tail.CHUNK)
@example(data=b'{"type":"system","timestamp":"0026-02-05T12:00:09.000Z"}\n' * 2, chunk=tail.CHUNK)
def test_both_readers_say_the_same(thread: str, data: bytes, chunk: int) -> None:
    assert told(native.NativeSpans(SESSION, thread, {}, 5), data, chunk) == told(
        Spans(SESSION, thread, {}, 5), data, chunk
    )


@examples(200)
@given(data=FILES)
def test_both_readers_find_the_same_answers(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(data)
        file.flush()
        decoder = Decoder(SESSION, "", {})
        try:
            totals = quick.read(file.name, decoder)
        except tail.NotQuick:
            return  # then it is read the slow way
        answers = native.NativeAnswers(SESSION, "", {})
        try:
            answers.read(file.name)
        except tail.NotQuick:
            return
        assert sorted(answers.answers(), key=str) == sorted(decoder.answers.values(), key=str)
        assert (answers.totals, answers.first_at) == (totals, decoder.first_at)


@examples(200)
@given(data=FILES)
def test_answers_with_one_digest_are_the_same(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(data)
        file.flush()
        alone, whole = native.NativeAnswers(SESSION, "", {}), native.NativeSpans(SESSION, "", {}, 0)
        try:
            alone.read(file.name)
        except tail.NotQuick:
            return
        with open(file.name, "rb") as opened:
            for _ in tail.read(opened.fileno(), 0, whole):
                pass
        same = sorted(alone.answers(), key=str) == sorted(whole.answers(), key=str)
        assert same == (alone.digest == whole.digest)
        assert whole.digest == native.digest(whole.answers())


@examples(200)
@given(text=draws.binary(max_size=400) | draws.text(max_size=300).map(str.encode), times=draws.integers(1, 40))
def test_both_count_the_same_characters(text: bytes, times: int) -> None:
    assert shapes.shape(text * times) == shapes.counted(text * times)


PIECES = (
    " ", "  ", "\n", "\t", "\r\n", "git commit -m", "—", "é", "ﷺ", "\u200b", "\xa0", "─", "\u0130", "\u212a", "x" * 31,
    "a1" * 16, "token", "ToKeN=abc123", "sk-abcdefgh12", "key", "gh_", "-u me:pw", "bearer Abc123xyz",
    "\x7f", "\x00", "_pa",
)  # fmt: skip
TEXTS = draws.lists(draws.sampled_from(PIECES) | draws.text(max_size=30), max_size=30).map("".join)


@examples(200)
@given(text=TEXTS)
def test_both_shorten_alike(text: str) -> None:
    """What a call was about is the same in both, and no secret is in it that is not in the other."""
    text = text.encode("utf-8", "replace").decode()
    block = {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": text}}
    usage = {"input_tokens": 1}
    line = {
        "type": "assistant", "uuid": "u", "timestamp": "2026-11-02T10:00:00.000Z",
        "message": {"id": "m", "model": "x", "content": [block], "usage": usage},
    }  # fmt: skip
    reader = native.NativeSpans(SESSION, "", {}, 0)
    told(reader, json.dumps(line, ensure_ascii=False).encode() + b"\n", tail.CHUNK)
    assert json.loads(reader.packed)[-1][-1][0][4] == short(text)


def test_without_the_c_part_files_are_read_in_python() -> None:
    """Asked for by the environment, as where it was never built."""
    import subprocess
    import sys

    code = "from lineitem.sources import native; print(native.here)"
    found = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "LINEITEM_NATIVE": "0"}, capture_output=True, check=True
    )
    assert found.stdout.strip() == b"False"

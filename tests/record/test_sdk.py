"""`lineitem.record` around the real SDK, against a server on loopback."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from pathlib import Path
from typing import Any

import anthropic
import pytest

from lineitem import record
from lineitem.core.manual import Entry
from lineitem.ledger import manual as kept
from lineitem.ledger.store import Ledger
from tests.classifier.stand_in import StandIn, message
from tests.docs.pages import ROOT, text

USAGE = {
    "input_tokens": 700, "output_tokens": 40, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 5_000,
    "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0}, "service_tier": "standard",
}  # fmt: skip
ASKED: dict[str, Any] = {"model": "claude-haiku-5-5", "max_tokens": 64, "messages": [{"role": "user", "content": "hi"}]}
WHOLE = (700, 100, 200, 5_000, 40, 2)
Answer = tuple[int, bytes, dict[str, str]]


def events(*, until: str = "message_stop") -> Answer:
    """A stream, up to and with an event."""
    start = json.loads(message("", USAGE | {"output_tokens": 1}))
    start |= {"content": [], "stop_reason": None}
    told = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {"output_tokens": 40}},
        {"type": "message_stop"},
    ]  # fmt: skip
    names = [each["type"] for each in told]
    lines = [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in told[: names.index(until) + 1]]
    return 200, "".join(lines).encode(), {"content-type": "text/event-stream"}


def plain() -> Answer:
    return 200, message("hello", USAGE), {}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "store.sqlite"
    monkeypatch.setenv("LINEITEM_DB", f"sqlite:///{path}")
    monkeypatch.chdir(tmp_path)
    return path


def entries(place: Path) -> list[Entry]:
    ledger = Ledger(str(place))
    try:
        return kept.entries(ledger)
    finally:
        ledger.close()


def counts(entry: Entry) -> tuple[int, ...]:
    return entry.uncached, entry.write5, entry.write1, entry.read, entry.output, entry.searches


def client(server: StandIn, **more: Any) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key="sk-ant-none", base_url=server.url, max_retries=0, **more)


def asynchronous(server: StandIn) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(api_key="sk-ant-none", base_url=server.url, max_retries=0)


def test_an_answer_is_recorded_and_handed_on(place: Path) -> None:
    with StandIn(plain()) as server, record.recording("nightly token=abcdef123456") as seen, client(server) as real:
        answer = seen.wrap(real).messages.create(**ASKED)
        assert answer.content[0].text == "hello"
        assert seen.see(answer) is answer  # once is enough
    (entry,) = entries(place)
    assert counts(entry) == WHOLE
    assert (entry.model, entry.how, entry.mid, entry.folder) == ("claude-haiku-5-5", "call", "msg_1", str(place.parent))
    assert entry.label == "nightly token=***"
    assert (seen.calls, seen.input_tokens, seen.output_tokens, seen.lost, seen.unread) == (1, 6_000, 40, 0, 0)


def test_a_stream_is_recorded_when_it_ends(place: Path) -> None:
    with StandIn(events()) as server, client(server) as real:
        mine = record.wrapped(real, "stream")
        with mine.messages.create(stream=True, **ASKED) as stream:
            kinds = [event.type for event in stream]
        assert kinds[-1] == "message_stop"
        stream = mine.messages.create(stream=True, **ASKED)
        assert next(stream).type == "message_start"
        assert [event.type for event in stream][-1] == "message_stop"
        with mine.messages.stream(**ASKED) as gathered:
            assert "".join(gathered.text_stream) == "hello"
            assert gathered.get_final_message().usage.output_tokens == 40
    assert record.flush()
    found = entries(place)
    assert [(each.how, counts(each)) for each in found] == [("call", WHOLE)] * 3


def test_a_stream_that_is_left_is_recorded_as_far_as_it_was_told(place: Path) -> None:
    with StandIn(events()) as server, client(server) as real:
        mine = record.wrapped(real)
        with mine.messages.create(stream=True, **ASKED) as stream:
            next(iter(stream))
        with mine.messages.stream(**ASKED) as gathered:
            next(iter(gathered))
        stream = mine.messages.create(stream=True, **ASKED)
        next(stream)
        stream.close()
    assert record.flush()
    assert [(each.how, each.uncached, each.output) for each in entries(place)] == [("part", 700, 1)] * 3


def test_a_stream_that_breaks_off_breaks_off_for_the_caller_too(place: Path) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "later"}}
    status, body, headers = events(until="content_block_delta")
    body += f"event: error\ndata: {json.dumps(error)}\n\n".encode()
    with StandIn((status, body, headers)) as server, client(server) as real:
        with pytest.raises(anthropic.APIError):
            list(record.wrapped(real).messages.create(stream=True, **ASKED))
        with pytest.raises(anthropic.APIError), record.wrapped(real).messages.stream(**ASKED) as stream:
            stream.until_done()
    assert record.flush()
    assert [each.how for each in entries(place)] == ["part", "part"]


def test_raw_responses_are_recorded_once(place: Path) -> None:
    with StandIn(plain()) as server, client(server) as real, record.recording() as seen:
        mine = seen.wrap(real)
        raw = mine.messages.with_raw_response.create(**ASKED)
        assert isinstance(raw, anthropic.APIResponse)
        assert raw.headers["content-type"]
        assert raw.parse().content[0].text == "hello"
        assert raw.parse() is raw.parse()
        assert seen.see(raw.parse()) is raw.parse()
        mine.beta.messages.with_raw_response.create(**ASKED)  # nobody parses it
        with mine.messages.with_streaming_response.create(**ASKED) as opened:
            assert opened.parse().usage.output_tokens == 40
    assert [counts(each) for each in entries(place)] == [WHOLE] * 3
    assert (seen.calls, seen.unread) == (3, 0)


def test_raw_streams_are_recorded_when_they_end(place: Path) -> None:
    with StandIn(events()) as server, client(server) as real:
        mine = record.wrapped(real)
        raw = mine.messages.with_raw_response.create(stream=True, **ASKED)
        assert raw.parse() is raw.parse()
        assert [event.type for event in raw.parse()][-1] == "message_stop"
        with mine.messages.with_streaming_response.create(stream=True, **ASKED) as opened:
            assert [event.type for event in opened.parse()][-1] == "message_stop"
    assert record.flush()
    assert [counts(each) for each in entries(place)] == [WHOLE] * 2


def test_raw_responses_of_asynchronous_clients_alike(place: Path) -> None:
    async def work(server: StandIn) -> None:
        async with record.recording() as seen, asynchronous(server) as real:
            mine = seen.wrap(real)
            raw = await mine.messages.with_raw_response.create(**ASKED)
            assert (await raw.parse()).content[0].text == "hello"
            await mine.messages.with_raw_response.create(**ASKED)  # nobody parses it
            async with mine.messages.with_streaming_response.create(**ASKED) as opened:
                assert (await opened.parse()).usage.output_tokens == 40
            assert (seen.calls, seen.unread, seen.lost) == (3, 0, 0)

    with StandIn(plain()) as server:
        asyncio.run(work(server))
    assert [counts(each) for each in entries(place)] == [WHOLE] * 3


def test_a_raw_response_that_is_no_answer_is_the_callers(place: Path) -> None:
    with StandIn((200, b"not json", {"content-type": "application/json"})) as server, client(server) as real:
        raw = record.wrapped(real).messages.with_raw_response.create(**ASKED)
        assert raw.read() == b"not json"
    assert record.flush()
    assert not place.exists() or entries(place) == []


def test_asynchronous_clients_alike(place: Path) -> None:
    async def work(server: StandIn) -> None:
        async with record.recording("async") as seen, asynchronous(server) as real:
            mine = seen.wrap(real)
            answer = await mine.messages.create(**ASKED)
            assert answer.usage.output_tokens == 40
            server.answers[:] = [events()]
            async with await mine.messages.create(stream=True, **ASKED) as stream:
                assert [event.type async for event in stream][-1] == "message_stop"
            stream = await mine.messages.create(stream=True, **ASKED)
            assert (await anext(stream)).type == "message_start"
            await stream.close()
            async with mine.messages.stream(**ASKED) as gathered:
                assert await gathered.get_final_text() == "hello"

    with StandIn(plain()) as server:
        asyncio.run(work(server))
    assert [each.how for each in entries(place)] == ["call", "call", "part", "call"]


def test_other_ways_to_the_same_messages(place: Path) -> None:
    with StandIn(plain()) as server, client(server) as real, record.wrapped(real) as mine:
        mine.with_options(timeout=5).messages.create(**ASKED)
        mine.beta.messages.create(**ASKED)
        mine.copy().messages.create(**ASKED)
    assert record.flush()
    assert len(entries(place)) == 3


def test_the_client_is_still_what_it_was(place: Path) -> None:
    with StandIn(plain()) as server, client(server) as real:
        mine = record.wrapped(real, db=str(place))
        assert isinstance(mine, anthropic.Anthropic)
        assert isinstance(mine.messages, type(real.messages))
        assert mine.api_key == "sk-ant-none"
        mine.max_retries = 3
        assert real.max_retries == 3
        assert repr(mine) == repr(real)
        assert isinstance(copy.copy(mine), anthropic.Anthropic)
        with pytest.raises(AttributeError):
            mine.nothing  # type: ignore[attr-defined]  # noqa: B018
        with pytest.raises(TypeError):
            mine.messages.create()  # type: ignore[call-overload]


def test_an_error_of_the_api_is_the_callers(place: Path) -> None:
    refused = 400, json.dumps({"type": "error", "error": {"type": "invalid_request_error", "message": "no"}}).encode()
    with StandIn((*refused, {})) as server, record.recording() as seen, client(server) as real:
        with pytest.raises(anthropic.BadRequestError):
            seen.wrap(real).messages.create(**ASKED)
        assert seen.calls == 0
    assert not place.exists()


def test_the_example_of_the_page_runs(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", text(ROOT / "docs/manual.md"), re.MULTILINE | re.DOTALL)
    with StandIn(plain()) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-none")
        found: dict[str, Any] = {}
        exec(example, found)
        found["client"].close()
    assert [each.label for each in entries(place)] == ["nightly summaries"]


def test_an_open_manual_session_takes_the_answer_in(place: Path) -> None:
    from lineitem.logbook import Logbook
    from lineitem.pricing.book import PriceBook

    ledger = Ledger(str(place))
    book = Logbook(ledger, PriceBook(), str(place.parent))
    book.start("checkout", "", "", 1_000)
    with record.recording("x") as seen:
        seen.see(json.loads(message("", USAGE)))
    (entry,) = kept.entries(ledger)
    assert entry.session == book.current().id
    found = book.end(entry.at + 60_000)
    assert found["manual"]["callNanos"] == found["manual"]["costNanos"] > 0
    assert found["manual"]["estimatedNanos"] == 0
    ledger.close()

"""A loopback stand-in for the Messages API, with a scripted model and exact ground truth.

The client talks to it as to the real one, streaming or not. A Scenario says what the model answers; every
request leaves a `ground.Request`, in the order in which they came.
What always holds: the usage in an answer is the sum of the segments in its ground truth.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread
from typing import Any
from zlib import crc32

from tests.client.ground import Request, Segment, Written
from tests.client.prompt import OPENING, block_tokens, human_text, parts, seal
from tests.client.prompt_cache import Clock, PromptCache
from tests.client.scenario import Advice, Block, Json, Rule, Say, Scenario, Search, Step, Think, Use, as_step

OK = 200
BEYOND_THE_SCRIPT = as_step(Say("There is nothing more to do."))
ERRORS = {400: "invalid_request_error", 404: "not_found_error", 529: "overloaded_error"}


class Api:
    """One API for one capture."""

    def __init__(self, scenario: Scenario, *, project: str) -> None:
        self.scenario = scenario
        self.project = project
        self.clock = Clock()
        self.requests: list[Request] = []
        self._cache = PromptCache(self.clock)
        self._attempts: Counter[int] = Counter()
        self._numbers = count(1)
        self._tag = f"{crc32(scenario.name.encode()):08x}"
        self._lock = Lock()

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Answer on a free loopback port for as long as the block runs; yields the base URL."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def count(self, asked: Json) -> Json:
        """The answer to a token count."""
        return {"input_tokens": sum(part.tokens for part in parts(asked))}

    def answer(self, asked: Json, *, session: str, agent: str | None) -> Json | int:
        """The whole message that answers a request, or the status that the API answers with instead."""
        step = scripted(self.scenario.rules, asked)
        with self._lock:
            status = self._status(step)
            if status != OK:
                self.requests.append(Request("", asked["model"], session, agent, status))
                return status
            request, content = self._account(step, asked, session, agent)
            self.requests.append(request)
        return message(request, content)

    def _status(self, step: Step) -> int:
        if step.refused:
            return 400
        self._attempts[id(step)] += 1
        return 529 if self._attempts[id(step)] <= step.overloads else OK

    def _account(self, step: Step, asked: Json, session: str, agent: str | None) -> tuple[Request, list[Json]]:
        number = next(self._numbers)
        model = step.served_by or asked["model"]
        hidden = (asked.get("thinking") or {}).get("display") == "omitted"
        names = (f"{self._tag}{number:05d}{place:02d}" for place in count())
        content = [sent for block in step.blocks for sent in self._content(block, next(names), hidden)]
        prompt = parts(asked)
        classes = self._cache.classes(model, [part.piece for part in prompt])
        segments = (
            Segment(part.kind, part.name, part.tokens, price_class, part.text[:OPENING])
            for part, price_class in zip(prompt, classes, strict=True)
        )
        request = Request(
            message=f"msg_{self._tag}{number:05d}",
            model=model,
            session=session,
            agent=agent,
            status=OK,
            prompt=tuple(segments),
            answer=tuple(written(block) for block in content),
            advice=step.advice,
            scripted=step is not BEYOND_THE_SCRIPT,
        )
        return request, content

    def _content(self, block: Block, name: str, hidden: bool) -> list[Json]:
        match block:
            case Think(text):
                return [{"type": "thinking", "thinking": "" if hidden else text, "signature": seal(text)}]
            case Say(text):
                return [{"type": "text", "text": text}]
            case Use(tool):
                given = block.input_in(self.project)
                return [{"type": "tool_use", "id": f"toolu_{name}", "name": tool, "input": given}]
            case Search(query, pages):
                ident = f"srvtoolu_{name}"
                return [
                    {"type": "server_tool_use", "id": ident, "name": "web_search", "input": {"query": query}},
                    {
                        "type": "web_search_tool_result",
                        "tool_use_id": ident,
                        "content": [found(page) for page in pages],
                    },
                ]


def found(page: str) -> Json:
    """A page as a web search finds it."""
    return {
        "type": "web_search_result",
        "title": page,
        "url": f"https://example.com/{page}",
        "encrypted_content": "",
    }


def written(block: Json) -> Written:
    """A block of an answer, as ground truth keeps it; what a search finds is not written by the model."""
    tokens = 0 if block["type"] == "web_search_tool_result" else block_tokens(block, {})
    return Written(block["type"], block.get("id", ""), tokens)


def scripted(rules: tuple[Rule, ...], asked: Json) -> Step:
    """The step for a request: the rule that knows its newest human text, as far as that has come."""
    messages = asked.get("messages") or []
    for place in range(len(messages) - 1, -1, -1):
        text = human_text(messages[place])
        found = next((rule for rule in rules if text and re.search(rule.pattern, text)), None)
        if found:
            done = sum(1 for later in messages[place:] if later["role"] == "assistant")
            return found.steps[done] if done < len(found.steps) else BEYOND_THE_SCRIPT
    return BEYOND_THE_SCRIPT


def message(request: Request, content: list[Json]) -> Json:
    """The message object that answers a request."""
    calls = any(block["type"] == "tool_use" for block in content)
    return {
        "id": request.message,
        "type": "message",
        "role": "assistant",
        "model": request.model,
        "content": content,
        "stop_reason": "tool_use" if calls else "end_turn",
        "stop_sequence": None,
        "usage": usage(request),
    }


def usage(request: Request) -> Json:
    """What a request is billed, as the API words it."""
    short, long = request.tokens("write_5m"), request.tokens("write_1h")
    counts = {
        "input_tokens": request.tokens("uncached"),
        "cache_creation_input_tokens": short + long,
        "cache_read_input_tokens": request.tokens("read"),
        "output_tokens": request.output_tokens,
    }
    return {
        **counts,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "output_tokens_details": {
            "thinking_tokens": sum(block.tokens for block in request.answer if block.kind == "thinking")
        },
        "server_tool_use": {"web_search_requests": request.searches, "web_fetch_requests": 0},
        "service_tier": "standard",
        "iterations": [{"type": "message", **counts}, advice_usage(request.advice)] if request.advice else [],
    }


def advice_usage(advice: Advice) -> Json:
    """What an advisor is billed: beside the request's own counts, never within them."""
    return {
        "type": "advisor_message",
        "model": advice.model,
        "input_tokens": advice.uncached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": advice.output,
    }


def events(answer: Json) -> Iterator[tuple[str, Json]]:
    """An answer as the events of a stream: usage is provisional at the start and final at the end."""
    started = {**answer["usage"], "output_tokens": 1, "output_tokens_details": {"thinking_tokens": 0}}
    yield "message_start", {"message": {**answer, "content": [], "stop_reason": None, "usage": started}}
    for index, block in enumerate(answer["content"]):
        empty, deltas = block_in_pieces(block)
        yield "content_block_start", {"index": index, "content_block": empty}
        for delta in deltas:
            yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    end = {"stop_reason": answer["stop_reason"], "stop_sequence": None}
    yield "message_delta", {"delta": end, "usage": answer["usage"]}
    yield "message_stop", {}


def block_in_pieces(block: Json) -> tuple[Json, list[Json]]:
    """A block as it starts in a stream, and what is then added to it."""
    match block["type"]:
        case "thinking":
            thoughts = [{"type": "thinking_delta", "thinking": block["thinking"]}] if block["thinking"] else []
            signed = {"type": "signature_delta", "signature": block["signature"]}
            return {"type": "thinking", "thinking": "", "signature": ""}, [*thoughts, signed]
        case "tool_use" | "server_tool_use":
            given = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            return {**block, "input": {}}, [given]
        case "text":
            return {"type": "text", "text": ""}, [{"type": "text_delta", "text": block["text"]}]
        case _:
            return block, []


def handler_of(api: Api) -> type[BaseHTTPRequestHandler]:
    """The HTTP side of an Api."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            if path == "/v1/messages/count_tokens":
                self.send_json(200, api.count(json.loads(body)))
            elif path == "/v1/messages":
                self.send_answer(json.loads(body))
            else:
                self.send_error_json(404)

        def do_GET(self) -> None:
            self.send_error_json(404)

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def send_answer(self, asked: Json) -> None:
            session = self.headers.get("x-claude-code-session-id") or ""
            answer = api.answer(asked, session=session, agent=self.headers.get("x-claude-code-agent-id"))
            if isinstance(answer, int):
                self.send_error_json(answer)
            elif asked.get("stream"):
                self.send_stream(answer)
            else:
                self.send_json(200, answer, request=answer["id"].replace("msg", "req"))

        def send_json(self, status: int, body: Json, *, request: str = "req_none") -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.send_header("request-id", request)
            self.end_headers()
            self.wfile.write(content)

        def send_error_json(self, status: int) -> None:
            kind = ERRORS[status]
            self.send_json(status, {"type": "error", "error": {"type": kind, "message": kind}})

        def send_stream(self, answer: Json) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("request-id", answer["id"].replace("msg", "req"))
            self.send_header("connection", "close")
            self.end_headers()
            for kind, event in events(answer):
                self.wfile.write(f"event: {kind}\ndata: {json.dumps({'type': kind, **event})}\n\n".encode())
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Say nothing: the capture is the record."""

    return Handler

"""How the API reads a request: its prompt as a list of segments, in the order in which it is billed.

The JSON of a request goes in; tools, then system texts, then message blocks come out, each with the text that
the model reads, its token count and the cache breakpoint on it. The wire's own JSON (quotes, keys, ids,
signatures) is not what the model reads and is not counted; a small frame around calls and results is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.client.prompt_cache import Lifetime, Piece
from tests.client.scenario import Json
from tests.client.tokens import count_tokens

Schemas = Mapping[str, str]  #: by tool name

FRAME = {
    "tool_use": 5,
    "tool_result": 3,
}  #: tokens around a block of that type, the same wherever it is counted
PIXELS = 750  #: pixels of a picture that make a token
OPENING = 60  #: characters of a segment that ground truth keeps, for people


class Part(NamedTuple):
    """A segment of a prompt, before anybody asked what it costs."""

    kind: str
    name: str
    text: str
    tokens: int
    breakpoint: Lifetime | None

    @property
    def piece(self) -> Piece:
        """What the prompt cache compares."""
        return Piece(f"{self.kind}\0{self.name}\0{self.text}", self.breakpoint)


def parts(request: Json) -> list[Part]:
    """The whole prompt of a request, in order."""
    return [*schema_parts(request), *system_parts(request), *message_parts(request)]


def schema_parts(request: Json) -> Iterator[Part]:
    """The tools whose schemas are loaded; deferred ones cost nothing until a result refers to them."""
    for tool in request.get("tools") or []:
        if not tool.get("defer_loading"):
            text = schema_text(tool)
            yield Part("schema", tool.get("name", ""), text, count_tokens(text), breakpoint_on(tool))


def system_parts(request: Json) -> Iterator[Part]:
    """The texts before the conversation; the billing header among them is for the API, no model reads it."""
    for block in blocks(request.get("system") or []):
        if not block["text"].startswith("x-anthropic-billing-header"):
            yield Part("system", "", block["text"], count_tokens(block["text"]), breakpoint_on(block))


def message_parts(request: Json) -> Iterator[Part]:
    """Every block of the conversation."""
    schemas = {tool.get("name", ""): schema_text(tool) for tool in request.get("tools") or []}
    for message in request.get("messages") or []:
        for block in blocks(message["content"]):
            kind = f"{message['role']}.{block['type']}"
            name = block.get("tool_use_id") or block.get("id") or ""
            tokens = block_tokens(block, schemas)
            yield Part(kind, name, block_text(block, schemas), tokens, breakpoint_on(block))


def breakpoint_on(block: Json) -> Lifetime | None:
    """The cache breakpoint a block carries."""
    control = block.get("cache_control")
    if not control:
        return None
    return "1h" if control.get("ttl") == "1h" else "5m"


def blocks(content: str | list[Json]) -> list[Json]:
    """Content as blocks: a plain string is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def schema_text(tool: Json) -> str:
    """What the model reads of a tool."""
    return json.dumps({key: value for key, value in tool.items() if key not in ("cache_control", "defer_loading")})


def block_tokens(block: Json, schemas: Schemas) -> int:
    """Tokens of a message block, whether the model reads it or writes it."""
    match block["type"]:
        case "image":
            return picture_tokens(block)
        case "tool_result":
            return FRAME["tool_result"] + sum(
                block_tokens(inner, schemas) for inner in blocks(block.get("content") or "")
            )
        case kind:
            return FRAME.get(kind, 0) + count_tokens(block_text(block, schemas))


def block_text(block: Json, schemas: Schemas) -> str:
    """What the model reads of a message block."""
    match block["type"]:
        case "text":
            text: str = block["text"]
            return text
        case "thinking":
            return unseal(block.get("signature", "")) or block.get("thinking", "")
        case "tool_use":
            return call_text(block["name"], block.get("input") or {})
        case "tool_result":
            return "\n".join(block_text(inner, schemas) for inner in blocks(block.get("content") or ""))
        case "tool_reference":
            return schemas.get(block.get("tool_name", ""), "")
        case _:
            return json.dumps(block)


def picture_tokens(block: Json) -> int:
    """Tokens of a PNG: they go by its size in pixels, which stand at the beginning of the file."""
    start = base64.b64decode(block["source"]["data"][:64])
    width, height = int.from_bytes(start[16:20]), int.from_bytes(start[20:24])
    return -(-width * height // PIXELS)


def call_text(tool: str, given: Json) -> str:
    """What the model writes to call a tool."""
    return tool + json.dumps(given, ensure_ascii=False)


def seal(text: str) -> str:
    """The signature of a thinking block, which carries the thoughts when their text is withheld."""
    return base64.b64encode(text.encode()).decode()


def unseal(signature: str) -> str:
    """The thoughts in a signature."""
    return base64.b64decode(signature).decode()


def human_text(message: Json) -> str:
    """What the human side says in a message, reminders left out."""
    if message["role"] != "user":
        return ""
    texts = (block["text"] for block in blocks(message["content"]) if block["type"] == "text")
    return "\n".join(text for text in texts if not text.lstrip().startswith("<system-reminder>"))

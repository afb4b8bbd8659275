"""The ground truth of a capture: what the API saw of every request, token by token.

Requests go to a file as JSON lines and come back the same. Nothing here knows prices.
What always holds: the segments of a request's prompt sum to the usage it was answered with, class by class.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.client.prompt_cache import PriceClass
from tests.client.scenario import Advice


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a prompt with one origin."""

    kind: str  #: `schema`, `system`, or role and block type: `user.tool_result`
    name: str  #: the id of the tool call it belongs to, or the name of the tool a schema describes
    tokens: int
    price_class: PriceClass
    opening: str  #: its first words, for people


@dataclass(frozen=True, slots=True)
class Written:
    """A block of an answer."""

    kind: str
    name: str  #: the id of a tool call
    tokens: int


@dataclass(frozen=True, slots=True)
class Request:
    """One request and its answer, or the status that came instead of one."""

    message: str
    model: str  #: that answered
    session: str
    agent: str | None  #: None in the main conversation
    status: int  #: of the HTTP answer: 200, or nothing is billed
    prompt: tuple[Segment, ...] = ()
    answer: tuple[Written, ...] = ()
    advice: Advice | None = None
    scripted: bool = True  #: False when the script had no answer left

    @property
    def prompt_tokens(self) -> int:
        """The size of the context."""
        return sum(segment.tokens for segment in self.prompt)

    @property
    def output_tokens(self) -> int:
        """What the model wrote, thinking included."""
        return sum(block.tokens for block in self.answer)

    @property
    def searches(self) -> int:
        """Web searches the API made, which are billed each."""
        return sum(1 for block in self.answer if block.kind == "server_tool_use")

    def tokens(self, price_class: PriceClass) -> int:
        """Prompt tokens of one price class."""
        return sum(segment.tokens for segment in self.prompt if segment.price_class == price_class)


def save_requests(path: Path, requests: Iterable[Request]) -> None:
    """Write requests as JSON lines."""
    path.write_text("".join(json.dumps(asdict(request)) + "\n" for request in requests))


def load_requests(path: Path) -> tuple[Request, ...]:
    """Read what save_requests wrote."""
    return tuple(decode_request(line) for line in path.read_text().splitlines())


def decode_request(line: str) -> Request:
    """One line of the file."""
    fields = json.loads(line)
    prompt = tuple(Segment(**segment) for segment in fields.pop("prompt"))
    answer = tuple(Written(**block) for block in fields.pop("answer"))
    advice = fields.pop("advice")
    return Request(**fields, prompt=prompt, answer=answer, advice=Advice(**advice) if advice else None)

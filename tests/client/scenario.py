"""What a scenario is: the prompts a person types, and the steps by which the scripted model answers them.

All of it is frozen data. A rule's pattern is searched in what the human side said last; its steps are the
answers to give, one per request, until the next human text. A step is a list of content blocks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Think:
    """A thinking block."""

    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """A text block."""

    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """A tool call. `{project}` in a value of its input stands for the project folder."""

    tool: str
    input: Json

    def input_in(self, project: str) -> Json:
        """The input as sent, with the project folder filled in."""
        filled: Json = json.loads(json.dumps(self.input).replace("{project}", project))
        return filled


@dataclass(frozen=True, slots=True)
class Search:
    """A web search that the API itself makes: the query, and the pages found."""

    query: str
    pages: tuple[str, ...]


Block = Think | Say | Use | Search


@dataclass(frozen=True, slots=True)
class Advice:
    """What another model was asked, and paid for, while an answer was made."""

    model: str
    uncached: int  #: tokens it read
    output: int  #: tokens it wrote


@dataclass(frozen=True, slots=True)
class Step:
    """One answer of the model, and how the API behaves before and while it gives it."""

    blocks: tuple[Block, ...]
    served_by: str | None = None  #: the model that answers, when it is not the one asked for
    advice: Advice | None = None
    overloads: int = 0  #: how often the API answers 529 before it gives this answer
    refused: bool = False  #: the API answers 400 instead, every time


@dataclass(frozen=True, slots=True)
class Rule:
    """When the newest human text that any rule knows matches `pattern`, answer with these steps in turn."""

    pattern: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One run of the client with `-p`, in the conversation of the run before it."""

    text: str
    conversation: Literal["new", "same", "fork"] = "same"
    model: str | None = None  #: other than the scenario's
    after_seconds: int = 0  #: how far the API's clock moves on before it
    ends_badly: bool = False  #: the run fails or is killed, as it should


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story to play: prompts, the answers to them, and the project they are typed in."""

    name: str
    about: str
    prompts: tuple[Prompt, ...]
    rules: tuple[Rule, ...]
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    model: str = "claude-opus-5-5"
    env: Mapping[str, str] = field(default_factory=dict)
    settings: Json = field(default_factory=dict)


def rule(pattern: str, *steps: Step | tuple[Block, ...] | Block) -> Rule:
    """A rule from loosely written steps: a step, the blocks of one, or its only block."""
    return Rule(pattern, tuple(as_step(step) for step in steps))


def as_step(step: Step | tuple[Block, ...] | Block) -> Step:
    """A step from a step, its blocks, or its only block."""
    if isinstance(step, Step):
        return step
    return Step(step if isinstance(step, tuple) else (step,))

"""What is taken from a model's answer: a cause of a closed list, how likely, and one clean sentence.

In: the body of a Messages API answer, as hostile as any text from outside. Out: the guess, and the tokens that were
counted. Always: anything that is not exactly of the form is refused as a whole, with a reason in our own words.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from lineitem.classifier.redaction import redacted

#: Every cause a guess may name: those of `insights.why`, and that it does not know.
CAUSES = (
    "result", "written", "thinking", "entered", "carried", "cold-cache", "agents", "schemas", "read-again",
    "dearer-model", "compaction", "repetition", "expired", "unknown",
)  # fmt: skip
LIKELIHOODS = ("high", "medium", "low")
#: Characters of a guess's sentence.
LONGEST = 200
#: Bytes of an answer's body: far more than a sentence needs.
LARGEST_BODY = 65_536
#: More tokens than this nobody is charged for one of our questions.
_IMPLAUSIBLE = 1_000_000

#: What an answer must look like, as the API is told.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "cause": {"type": "string", "enum": list(CAUSES)},
        "likelihood": {"type": "string", "enum": list(LIKELIHOODS)},
        "text": {"type": "string", "description": "One plain sentence of at most 150 characters."},
    },
    "required": ["cause", "likelihood", "text"],
    "additionalProperties": False,
}


class Guess(NamedTuple):
    """What a model thinks caused a finding. Never surer than a guess."""

    cause: str
    likelihood: str
    text: str


class Counted(NamedTuple):
    """Tokens of a request, by price class."""

    uncached: int
    write_5m: int
    write_1h: int
    read: int
    output: int


class Refused(Exception):
    """This is no answer; the text says why, in our words. `counted`: the tokens, where they were told."""

    def __init__(self, why: str, counted: Counted | None = None) -> None:
        super().__init__(why)
        self.why, self.counted = why, counted


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    cause: Literal[CAUSES]  # type: ignore[valid-type]  # a tuple of literals is what it takes
    likelihood: Literal[LIKELIHOODS]  # type: ignore[valid-type]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


_Count = Annotated[int, msgspec.Meta(ge=0, le=_IMPLAUSIBLE)]


class _Written(msgspec.Struct):
    ephemeral_5m_input_tokens: _Count = 0
    ephemeral_1h_input_tokens: _Count = 0


class _Usage(msgspec.Struct):
    input_tokens: _Count
    output_tokens: _Count
    cache_creation_input_tokens: _Count | None = None
    cache_read_input_tokens: _Count | None = None
    cache_creation: _Written | None = None


class _Block(msgspec.Struct):
    type: str
    text: str = ""


class _Message(msgspec.Struct):
    content: list[_Block]
    usage: msgspec.Raw = msgspec.Raw()
    stop_reason: str | None = None


_MESSAGE = msgspec.json.Decoder(_Message)
_SAID = msgspec.json.Decoder(_Said)
_USAGE = msgspec.json.Decoder(_Usage)
_BAD = (msgspec.DecodeError, RecursionError, ValueError)


def decode_answer(body: bytes) -> tuple[Guess, Counted | None]:
    """The guess in an answer, and its tokens (None: not told, or not believable). Raises Refused."""
    if len(body) > LARGEST_BODY:
        raise Refused("the answer was too long")
    try:
        message = _MESSAGE.decode(body)
    except _BAD:
        raise Refused("the answer was no message") from None
    counted = _counted(message.usage)
    if message.stop_reason == "refusal":
        raise Refused("the model declined", counted)
    texts = [block.text for block in message.content if block.type == "text"]
    if len(texts) != 1:
        raise Refused("the answer was not of the form asked for", counted)
    try:
        said = _SAID.decode(texts[0])
    except _BAD:
        raise Refused("the answer was not of the form asked for", counted) from None
    text = clean_sentence(said.text)
    if not any(sign.isalpha() for sign in text):
        raise Refused("the answer said nothing", counted)
    return Guess(said.cause, said.likelihood, text), counted


def _counted(usage: msgspec.Raw) -> Counted | None:
    try:
        found = _USAGE.decode(usage)
    except _BAD:
        return None
    written = found.cache_creation_input_tokens or 0
    longer = min(written, found.cache_creation.ephemeral_1h_input_tokens) if found.cache_creation else 0
    read = found.cache_read_input_tokens or 0
    return Counted(found.input_tokens, written - longer, longer, read, found.output_tokens)


_HARMLESS = frozenset(" .,;:()'\"%$/-+=?_")


def clean_sentence(text: str) -> str:
    """Letters, digits and plain punctuation on one line: nothing that a terminal or a page makes anything of."""
    kept = "".join(sign if sign.isalnum() or sign in _HARMLESS else " " for sign in redacted(text))
    return " ".join(kept.replace("://", " ").split())[:LONGEST]

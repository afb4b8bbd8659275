"""Sends one question to the Messages API through the SDK `anthropic`, and says how it went.

Always: one request, no retries, no redirects, bounded in time and in size; an outcome in our own words, in which
nothing stands that the other side said. The SDK is imported here and nowhere else, and only when something is sent.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from lineitem.classifier.answer import LARGEST_BODY, SCHEMA, Counted, Guess, Refused, decode_answer
from lineitem.classifier.budget import MOST_OUTPUT
from lineitem.classifier.question import SYSTEM
from lineitem.core.problems import UsageError

if TYPE_CHECKING:
    from lineitem.classifier.settings import ClassifierSettings

#: How it went: an answer; an answer that cannot be used; try again; it will not be taken; nothing will, until somebody
#: mends it.
ANSWERED, ODD, LATER, NEVER, STOPPED = "answered", "odd", "later", "never", "stopped"
MISSING = "The library anthropic is not installed: pip install 'lineitem[classifier]'."
#: Seconds for a step, and for all of it.
_STEP, _WHOLE = 20.0, 40.0
_AGAIN = (408, 409, 429)
#: What the SDK's HTTP library calls a connection that never came about: nothing was sent.
_UNSENT = ("ConnectError", "ConnectTimeout", "ProxyError")
_MENDED_BY_A_PERSON = {
    401: "The API does not take the key in classifier.key (status 401).",
    403: "The API does not allow it with the key in classifier.key (status 403).",
    404: "The API does not know the model or the address in [classifier] (status 404).",
}


class Outcome(NamedTuple):
    """How one request went."""

    what: str
    why: str = ""
    guess: Guess | None = None
    counted: Counted | None = None
    free: bool = False  #: certainly not charged


class Api(Protocol):
    """Where questions are sent."""

    def ask(self, asked: bytes) -> Outcome:
        """One attempt, in bounded time."""

    def trouble(self) -> str:
        """Why nothing can be sent at all, as far as one can tell before; '': it can."""


def size_of(asked: bytes) -> int:
    """Bytes of all the text that a question sends."""
    return len(asked) + len(SYSTEM.encode()) + len(repr(SCHEMA))


class MessagesApi:
    """Implements `Api`."""

    def __init__(self, settings: ClassifierSettings) -> None:
        self._settings = settings

    def trouble(self) -> str:
        from importlib.util import find_spec

        if find_spec("anthropic") is None:
            return MISSING
        try:
            self._settings.key.read()
        except UsageError as error:
            return str(error)
        return ""

    def ask(self, asked: bytes) -> Outcome:
        try:
            import anthropic
        except ImportError:
            return Outcome(STOPPED, MISSING, free=True)
        try:
            key = self._settings.key.read()
        except UsageError as error:
            return Outcome(STOPPED, str(error), free=True)
        try:
            return _taken(self._body(anthropic, key, asked))
        except anthropic.APIStatusError as error:
            return _by_status(error.status_code)
        except anthropic.APIConnectionError as error:
            late = isinstance(error, anthropic.APITimeoutError)
            unsent = type(error.__cause__).__name__ in _UNSENT
            return Outcome(LATER, "no answer in time" if late else "the connection failed", free=unsent)
        except Refused as refused:
            return Outcome(ODD, refused.why, counted=refused.counted)
        except Exception as error:  # noqa: BLE001 - a library's failure is an outcome; its text may hold the key
            return Outcome(LATER, f"failed with {type(error).__name__}")

    def _body(self, anthropic: Any, key: str, asked: bytes) -> bytes:
        """The answer as it came. Raises the SDK's errors, and Refused for what is too much."""
        until = time.monotonic() + _WHOLE
        http = anthropic.DefaultHttpxClient(follow_redirects=False, timeout=_STEP)
        with anthropic.Anthropic(
            api_key=key, base_url=self._settings.base_url, max_retries=0, timeout=_STEP, http_client=http,
            open_telemetry=False,
        ) as client, client.messages.with_streaming_response.create(
            model=self._settings.model, max_tokens=MOST_OUTPUT, system=SYSTEM,
            messages=[{"role": "user", "content": asked.decode()}],
            thinking={"type": "disabled"},  # it would be charged, and use up the answer's tokens
            output_config={"format": {"type": "json_schema", "schema": SCHEMA}},
        ) as answer:  # fmt: skip
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > LARGEST_BODY:
                    raise Refused("the answer was too long")
                if time.monotonic() > until:
                    raise anthropic.APITimeoutError(answer.http_request)
            return bytes(body)


def _taken(body: bytes) -> Outcome:
    guess, counted = decode_answer(body)
    return Outcome(ANSWERED, guess=guess, counted=counted)


def _by_status(status: int) -> Outcome:
    """An answer with an error is not charged."""
    if status in _MENDED_BY_A_PERSON:
        return Outcome(STOPPED, _MENDED_BY_A_PERSON[status], free=True)
    if status < 400:
        return Outcome(STOPPED, f"The address in classifier.base_url leads elsewhere (status {status}).", free=True)
    if status in _AGAIN or status >= 500:
        return Outcome(LATER, f"the API answered with status {status}", free=True)
    return Outcome(NEVER, f"the API would not take the question (status {status})", free=True)

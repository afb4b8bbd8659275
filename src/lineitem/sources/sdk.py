"""What an answer of the Messages API says it used, whatever object it is: the SDK's, a stand-in's, or a dict.

In: an answer with a `usage`, or events of a stream. Out: `Used`, one for the answer and one for each advisor it asked.
Always: nothing is raised and no text is looked at; a count that is no count is 0.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: More tokens in one answer are nobody's.
_MOST = 10**9


class Used(NamedTuple):
    """What one model was sent and made: tokens by price class, and web searches."""

    mid: str
    model: str
    uncached: int
    write5: int
    write1: int
    read: int
    output: int
    searches: int
    modifiers: str  #: f fast, g US inference, b batch


def used(answer: Any) -> list[Used]:
    """What an answer used; nothing where it does not say."""
    usage = get(answer, "usage")
    if usage is None:
        return []
    model, mid = _text(get(answer, "model")), _text(get(answer, "id"))
    modifiers = "".join(
        letter
        for letter, name, value in (
            ("f", "speed", "fast"), ("g", "inference_geo", "us"), ("b", "service_tier", "batch"),
        )
        if get(usage, name) == value
    )  # fmt: skip
    searches = min(_count(get(get(usage, "server_tool_use"), "web_search_requests")), 10_000)
    found = [Used(mid, model, *_counts(usage), searches, modifiers)]
    iterations = get(usage, "iterations")
    for number, each in enumerate(iterations if isinstance(iterations, (list, tuple)) else ()):
        other = _text(get(each, "model"))
        if get(each, "type") == "advisor_message" or (other and other != model):  # beside the counts of the answer
            found.append(Used(f"{mid}#{number}", other or model, *_counts(each), 0, modifiers))
    return found


class Told:
    """An answer as a stream tells it: begun by one event, completed by the others."""

    __slots__ = ("done", "start", "usage")

    def __init__(self) -> None:
        self.start: Any = None  #: the message as it began
        self.usage: dict[str, Any] = {}  #: what later events said
        self.done = False

    def take(self, event: Any) -> None:
        """Take in an event; those that say nothing of usage pass."""
        kind = get(event, "type")
        if kind == "message_start":
            self.start = get(event, "message")
        elif kind == "message_delta":
            told = get(event, "usage")
            for name in (*_COUNTED, "server_tool_use", "iterations"):
                value = get(told, name)
                if value is not None:
                    self.usage[name] = value
        elif kind == "message_stop":
            self.done = True

    def answer(self) -> dict[str, Any] | None:
        """The answer so far; None where nothing was told."""
        if self.start is None:
            return None
        begun = get(self.start, "usage")
        names = (*_COUNTED, "cache_creation", "server_tool_use", "iterations", "speed", "inference_geo", "service_tier")
        usage = {name: get(begun, name) for name in names}
        return {"id": get(self.start, "id"), "model": get(self.start, "model"), "usage": usage | self.usage}


_COUNTED = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def get(thing: Any, name: str) -> Any:
    """A field of an object or a dict; None where there is none, or it cannot be had."""
    if isinstance(thing, dict):
        return thing.get(name)
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a property of somebody else's class may raise anything
        return None


def _counts(usage: Any) -> tuple[int, int, int, int, int]:
    """Uncached, 5-minute writes, 1-hour writes, reads, output. Writes of no told lifetime are of five minutes."""
    split = get(usage, "cache_creation")
    hour = _count(get(split, "ephemeral_1h_input_tokens"))
    five = _count(get(split, "ephemeral_5m_input_tokens"))
    written = _count(get(usage, "cache_creation_input_tokens"))
    return (
        _count(get(usage, "input_tokens")),
        max(five, written - hour),
        hour,
        _count(get(usage, "cache_read_input_tokens")),
        _count(get(usage, "output_tokens")),
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST else 0


def _text(value: Any) -> str:
    return value[:200] if isinstance(value, str) else ""

"""What can still be had from a line that does not decode.

Seen in the field: two writers splicing a line, missing newlines (`}{`), runs of NUL bytes, bytes that are
no UTF-8, a field of another type than it ever had. Every intact record inside such a line is found again;
what is lost is said.
"""

from __future__ import annotations

import json

import msgspec

from lineitem.sources.transcript_schema import LINE, Line, Message, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BAD = (msgspec.DecodeError, RecursionError, ValueError)
_MESSAGE = msgspec.json.Decoder(Message)
_USAGE = msgspec.json.Decoder(Usage)
_JSON = json.JSONDecoder()
#: Every record of a transcript begins with one of these.
_STARTS = (b'{"', b'{ "')
#: The counts of a usage that money depends on.
_COUNTS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation")
_MOST_TRIES = 20_000
#: Characters that may be looked at in vain, over and above a few times the line itself.
_MOST_WORK = 1 << 20


def records(text: bytes) -> tuple[list[Line], str]:
    """(the records found in a broken line, what was lost or an empty string)."""
    clean = text.replace(b"\x00", b"") if b"\x00" in text else text
    if clean[:3] == b"\xef\xbb\xbf":
        clean = clean[3:]
    if clean.strip(b" \t\r") == b"":
        return [], "" if clean == text else "only NUL bytes"
    try:
        return [LINE.decode(clean)], ""
    except _BAD as error:
        reason = str(error) or type(error).__name__
    decoded = clean.decode("utf-8", "replace")
    try:
        return [LINE.decode(decoded.encode("utf-8", "replace"))], ""
    except _BAD:
        pass
    try:
        value = json.loads(decoded)
    except (ValueError, RecursionError):
        return _inside(decoded, reason)
    if not isinstance(value, dict):
        return [], reason
    dropped: list[str] = []
    line = _lenient(value, dropped)
    return ([line] if line is not None else []), (", ".join(dropped) if line is not None else reason)


def _lenient(value: dict[str, Any], dropped: list[str]) -> Line | None:
    """A record field by field, where one of them has a type it never had; what the bill misses is `dropped`."""
    kept: dict[str, Any] = {}
    for key, field in value.items():
        if key == "message" and isinstance(field, dict):
            kept[key] = _lenient_message(field, dropped)
        elif _fits(LINE, {key: field}):
            kept[key] = field
    if not kept.get("type"):
        return None
    try:
        return LINE.decode(msgspec.json.encode(kept))
    except _BAD:
        return None


def _lenient_message(value: dict[str, Any], dropped: list[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, field in value.items():
        if key == "usage" and isinstance(field, dict):
            whole = {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in field.items()}
            usage = {k: v for k, v in whole.items() if _fits(_USAGE, {k: v})}
            dropped += [
                f"usage.{name} is no count" for name in _COUNTS if field.get(name) is not None and name not in usage
            ]
            kept[key] = usage
        elif key == "content" and isinstance(field, list):
            kept[key] = [block for block in field if _fits(_MESSAGE, {"content": [block]})]
        elif _fits(_MESSAGE, {key: field}):
            kept[key] = field
        elif key in ("usage", "id", "model"):
            dropped.append(f"message.{key} is of another type")
    return kept


def _fits(decoder: Any, value: dict[str, Any]) -> bool:
    try:
        decoder.decode(msgspec.json.encode(value))
    except _BAD:
        return False
    return True


def _inside(text: str, reason: str) -> tuple[list[Line], str]:
    """The intact records inside a spliced line: tried from every place where one may begin."""
    found: list[Line] = []
    lost = ""
    at = work = end = 0
    value: object = None
    for _ in range(_MOST_TRIES):
        start = text.find('{"', at)
        if start < 0:
            break
        try:
            value, end = _JSON.raw_decode(text, start)
        except json.JSONDecodeError as error:
            lost = reason
            at = start + 1
            work += error.pos - start
        except (ValueError, RecursionError):
            lost = reason
            at = start + 1
            work += len(text) - start
        else:
            work = 0
        if at == start + 1:
            if work > _MOST_WORK + 4 * len(text):
                break
            continue
        if start > at and text[at:start].strip(" \t\r,"):
            lost = reason
        line = _record(value)
        if line is not None:
            found.append(line)
            at = end
        else:
            # an inner object of a record that was cut: step inside it no further
            lost = reason
            at = end
    if text[at:].strip(" \t\r"):
        lost = reason
    return found, lost if lost or found else reason


def _record(value: object) -> Line | None:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return None
    if "uuid" not in value and "sessionId" not in value and "message" not in value:
        return None
    if value["type"] in ("assistant", "user") and not isinstance(value.get("message"), dict):
        return None
    if value["type"] == "assistant" and "timestamp" not in value:
        return None
    return _lenient(value, [])


def from_ends(head: bytes, tail: bytes) -> Line | None:
    """An answer told from the two ends of a record too long to decode; None where they do not tell it."""
    if b'"type":"assistant"' not in head and b'"type":"assistant"' not in tail:
        return None
    ident = _string_after(head, b'"message":{', b'"id":"')
    model = _string_after(head, b'"message":{', b'"model":"')
    start = tail.rfind(b'"usage":{')
    if not ident or start < 0:
        return None
    try:
        usage, _ = _JSON.raw_decode(tail[start + 8 :].decode("utf-8", "replace"))
        counts = _USAGE.decode(msgspec.json.encode(usage))
    except _BAD:
        return None
    line = Line(type="assistant", message=Message(model=model, id=ident, content=[], usage=counts))
    for name, field in (("timestamp", "timestamp"), ("requestId", "requestId"), ("uuid", "uuid")):
        value = _string_after(tail[start:], b"", b'"' + name.encode() + b'":"') or _string_after(
            head, b"", b'"' + name.encode() + b'":"'
        )
        setattr(line, field, value)
    return line


def _string_after(data: bytes, anchor: bytes, mark: bytes) -> str | None:
    base = data.find(anchor) if anchor else 0
    start = data.find(mark, base)
    if base < 0 or start < 0:
        return None
    start += len(mark)
    end = data.find(b'"', start, start + 200)
    return data[start:end].decode("utf-8", "replace") if end > 0 else None

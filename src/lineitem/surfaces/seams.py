"""Files that are written again and keep what a person wrote: sections between two comments each.

In: the bytes of a file, and sections made anew. Out: the bytes it is to have. Always: what stands outside the
comments is the same bytes, in the same order; a file whose comments are not in order is refused, not mended.
"""

from __future__ import annotations

from lineitem.core.problems import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEAD, _BEGIN, _END, _TAIL = b"<!-- lineitem:report ", b"<!-- lineitem:begin ", b"<!-- lineitem:end ", b" -->"
#: What a person finds below the sections of a new file.
_YOURS = "\n## Notes\n\nWhat stands outside of lineitem's sections is yours: it stays when the report is made again.\n"
_NEXT = "\n## Next steps\n\n"


class NotOurs(UsageError):
    """A file that is no report, or that of something else, or whose comments are not in order."""


def identity(kind: str, subject: str) -> str:
    """What a file is a report of, in a comment: the kind and, where there is one, the session."""
    if not subject:
        return kind
    if len(subject) <= 64 and all(part.isascii() and part.isalnum() for part in subject.split("-")):
        return f"{kind} {subject}"
    from hashlib import sha256

    return f"{kind} sha256-{sha256(subject.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def fresh(of: str, sections: Iterable[tuple[str, str]], *, notes: bool = True) -> bytes:
    """A new file: what it is a report of, its sections, room for what a person writes."""
    made = [_HEAD + of.encode() + _TAIL + b"\n", *(_between(key, text) for key, text in sections)]
    if notes:
        made.append((_YOURS + _NEXT).encode())
    return b"".join(made)


def again(before: bytes, of: str, sections: Sequence[tuple[str, str]]) -> bytes:
    """The file with its sections made anew; raises NotOurs.

    A section that is not there comes after the one before it; one that is no longer made is taken out.
    """
    lines = before.splitlines(keepends=True)
    head, places = _places(lines, of)
    newline = b"\r\n" if lines[head].endswith(b"\r\n") else b"\n"
    texts = {key: _between(key, text).replace(b"\n", newline) for key, text in sections}
    upon: dict[int, list[str]] = {}  # line after which sections are put that are not there
    after = head
    for key, _ in sections:
        if key in places:
            after = places[key][1]
        else:
            upon.setdefault(after, []).append(key)
    begins = {begin: (end, key) for key, (begin, end) in places.items()}
    made: list[bytes] = []
    at = 0
    while at < len(lines):
        end, key = begins.get(at, (at, ""))
        if key:
            made.append(_as_ended(texts.get(key, b""), lines[end]))
        else:
            made.append(lines[at])
        for missing in upon.get(end, ()):
            if made[-1] and not made[-1].endswith(b"\n"):
                made.append(newline)
            made.append(texts[missing])
        at = end + 1
    return b"".join(made)


def _as_ended(text: bytes, last: bytes) -> bytes:
    """A section as the one it replaces: without a line's end where that had none."""
    return text if last.endswith((b"\n", b"\r")) else text.rstrip(b"\r\n")


def _between(key: str, text: str) -> bytes:
    name = key.encode()
    body = text.encode("utf-8", "replace")
    return _BEGIN + name + _TAIL + b"\n\n" + body + b"\n" + _END + name + _TAIL + b"\n"


def _places(lines: Sequence[bytes], of: str) -> tuple[int, dict[str, tuple[int, int]]]:
    """(line of the head, section -> its first and last line)."""
    head = -1
    places: dict[str, tuple[int, int]] = {}
    open_at, open_key = -1, ""
    for number, line in enumerate(lines):
        said = line.strip(b" \t\r\n\xef\xbb\xbf")
        if said.startswith(_HEAD) and said.endswith(_TAIL):
            known = said[len(_HEAD) : -len(_TAIL)].decode("ascii", "replace")
            if known != of:
                raise NotOurs(f"it is the report of another {known.split(' ')[0]}: '{known}', not '{of}'")
            if head >= 0:
                raise NotOurs(f"line {number + 1} says for the second time what it is a report of")
            head = number
        elif said.startswith(_BEGIN) and said.endswith(_TAIL):
            key = said[len(_BEGIN) : -len(_TAIL)].decode("ascii", "replace")
            if open_key or key in places or head < 0:
                raise NotOurs(f"line {number + 1} begins a section where none can begin")
            open_at, open_key = number, key
        elif said.startswith(_END) and said.endswith(_TAIL):
            if said[len(_END) : -len(_TAIL)].decode("ascii", "replace") != open_key or not open_key:
                raise NotOurs(f"line {number + 1} ends a section that did not begin")
            places[open_key] = (open_at, number)
            open_key = ""
    if open_key:
        raise NotOurs(f"the section that begins in line {open_at + 1} has no end")
    if head < 0:
        raise NotOurs("it is no report of lineitem's")
    return head, places

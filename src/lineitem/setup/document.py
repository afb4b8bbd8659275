"""The bytes of a settings.json, decoded strictly enough to be changed without loss.

Bytes in; a `Document` out, or `SettingsRefused` for what we cannot write back exactly as it was: no UTF-8, no JSON,
comments, one key twice, no object. `Document.encoded()` of an unchanged document is the bytes it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lineitem.setup.refusals import SettingsRefused
from lineitem.setup.spans import NotJson, find, root

if TYPE_CHECKING:
    from typing import Any

_BOM = b"\xef\xbb\xbf"
#: A settings.json beyond this is something else.
LARGEST = 8 << 20


class Document(NamedTuple):
    """A settings.json: its text, and whether a byte order mark stands in front."""

    text: str
    marked: bool = False

    def encoded(self) -> bytes:
        """The bytes to write."""
        return (_BOM if self.marked else b"") + self.text.encode()

    def value(self, *path: str | int) -> Any:
        """What stands at a path of keys and positions; None where there is nothing."""
        part = find(self.text, path)
        return None if part is None else part.value


#: What we start from where there is no file.
EMPTY = Document("{}\n")


def decoded(content: bytes | None, path: str) -> Document:
    """The document in these bytes; `EMPTY` where there is no file."""
    if content is None:
        return EMPTY
    if len(content) > LARGEST:
        raise _refused(path, f"it is larger than {LARGEST >> 20} MiB")
    marked = content.startswith(_BOM)
    try:
        text = content[len(_BOM) if marked else 0 :].decode()
    except UnicodeDecodeError as error:
        raise _refused(path, f"byte {error.start} is not UTF-8") from error
    try:
        value = root(text).value
    except NotJson as error:
        raise _refused(path, str(error) if text.strip() else "it is empty") from error
    if not isinstance(value, dict):
        raise _refused(path, "it holds no object")
    return Document(text, marked)


def _refused(path: str, why: str) -> SettingsRefused:
    return SettingsRefused(f"{path} was left as it is: {why}.")

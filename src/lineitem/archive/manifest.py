"""Manifests: which parts one push left behind, with counts and hashes. Written last, named for their own content.

    manifests/<origin>/<number>-<hash>.json        origin: the store that pushed; the highest number is its latest

Always: a manifest whose name is not the hash of its bytes is refused, and the one before it holds; one of a newer
lineitem stops everything before anything is touched.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from lineitem.core.problems import ArchiveTooNew

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lineitem.archive.place import Place

FORMAT = "lineitem-archive"
VERSION = 1
#: No manifest has more bytes: a part takes 300, and holds a million of facts.
_MOST = 256 << 20
_NAME = re.compile(r"manifests/([0-9a-f]{16})/(\d{8})-([0-9a-f]{32})\.json")
#: What a part may be called; nothing else is ever opened.
_PART = re.compile(r"facts/[a-z_]+/month=(?:[0-9]{4}-[0-9]{2}|none|all)/[0-9a-f]{32}\.(?:jsonl\.gz|parquet)")
_HASH = re.compile(r"[0-9a-f]{64}")


class Part(msgspec.Struct, frozen=True):
    """Some rows of one table and month."""

    table: str
    month: str
    path: str
    rows: int
    bytes: int
    sha256: str  #: of the file
    content: str  #: sha256 of its rows as JSON Lines, whatever the format

    @property
    def format(self) -> str:
        return "parquet" if self.path.endswith(".parquet") else "jsonl"

    @property
    def sound(self) -> bool:
        """Whether it can be meant."""
        return (
            _PART.fullmatch(self.path) is not None
            and self.path.startswith(f"facts/{self.table}/month={self.month}/")
            and _HASH.fullmatch(self.sha256) is not None
            and _HASH.fullmatch(self.content) is not None
            and self.rows > 0
            and self.bytes > 0
        )


class _Head(msgspec.Struct):
    """What every version of a manifest has."""

    format: str
    version: int
    store_version: int


class Manifest(msgspec.Struct, frozen=True):
    """What the facts of one store were at one moment."""

    format: str
    version: int
    store_version: int  #: of the tables of the store that pushed
    lineitem: str
    origin: str
    number: int
    made_at: int  #: milliseconds since 1970 UTC
    parts: tuple[Part, ...]


class Found(msgspec.Struct, frozen=True):
    """What an archive says of itself."""

    latest: dict[str, Manifest]  #: by origin
    highest: dict[str, int]  #: number used last, by origin, whole or not
    refused: list[tuple[str, str]]  #: (name, why) of manifests


def encoded(manifest: Manifest) -> tuple[str, bytes]:
    """(name, bytes) of a manifest."""
    data = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    return f"manifests/{manifest.origin}/{manifest.number:08d}-{sha256(data).hexdigest()[:32]}.json", data


class Newest(msgspec.Struct, frozen=True):
    """The last manifests of every store."""

    whole: list[Manifest]
    torn: list[tuple[str, str]]  #: (name, why) of those that are the very last of a store, and cannot count
    older: list[str]  #: names of those before `whole`, whole or not


def read(place: Place, store_version: int) -> Found:
    """The latest whole manifest of every store that pushed there. Raises ArchiveTooNew."""
    latest: dict[str, Manifest] = {}
    highest: dict[str, int] = {}
    refused: list[tuple[str, str]] = []
    for origin, names in _names(place).items():
        highest[origin] = names[0][0]
        for _, name in names:
            manifest, why = _read(place, name, store_version)
            if manifest is not None:
                latest[origin] = manifest
                break
            refused.append((name, why))
    return Found(latest, highest, refused)


def newest(place: Place, store_version: int, each: int) -> Newest:
    """The last whole manifests of every store, so many of each. Raises ArchiveTooNew."""
    found = Newest([], [], [])
    for names in _names(place).values():
        whole = 0
        for at, (_, name) in enumerate(names):
            if whole == each:
                found.older.append(name)
                continue
            manifest, why = _read(place, name, store_version)
            if manifest is not None:
                found.whole.append(manifest)
                whole += 1
            elif at == 0:
                found.torn.append((name, why))
    return found


def is_part(name: str) -> bool:
    """Whether a file is called as parts are."""
    return _PART.fullmatch(name) is not None


def _names(place: Place) -> dict[str, list[tuple[int, str]]]:
    """(number, name) of manifests by store, the latest first."""
    names: dict[str, list[tuple[int, str]]] = {}
    for name in place.sizes("manifests"):
        found = _NAME.fullmatch(name)
        if found is not None:
            names.setdefault(found[1], []).append((int(found[2]), name))
    return {origin: sorted(numbered, reverse=True) for origin, numbered in sorted(names.items())}


def _read(place: Place, name: str, store_version: int) -> tuple[Manifest | None, str]:
    """A manifest, or why it is refused."""
    data = place.read(name, _MOST)
    if data is None:
        return None, "it cannot be read"
    if sha256(data).hexdigest()[:32] != name[-37:-5]:
        return None, "it is not what was written"
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format == FORMAT and (head.version > VERSION or head.store_version > store_version):
            raise ArchiveTooNew(
                f"The archive {place.shown} was written by a newer lineitem. Nothing was touched. Upgrade lineitem."
            )
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None, "it is no manifest"
    if manifest.format != FORMAT or manifest.origin != name.split("/")[1] or not _sound(manifest.parts):
        return None, "it is no manifest"
    return manifest, ""


def _sound(parts: Iterable[Part]) -> bool:
    return all(part.sound for part in parts)

"""Push: the facts of a store into an archive. Parts first, a manifest that names them last.

Always: what is there already is not sent again; a push that was stopped anywhere leaves an archive that reads as
before, and the next one goes on. Everything sent belongs to one moment of the store.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import nullcontext
from hashlib import sha256
from typing import TYPE_CHECKING

from lineitem.archive import formats, manifest, sound, under_way
from lineitem.archive.manifest import Manifest, Part
from lineitem.archive.parts import cut
from lineitem.core.problems import UsageError
from lineitem.ledger import facts as kept
from lineitem.ledger.schema import VERSION as STORE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lineitem.archive.parts import Piece
    from lineitem.archive.place import Place
    from lineitem.ledger.facts import Facts
    from lineitem.ledger.store import Ledger

    Progress = Callable[[int, int], None]

#: Name of the kept state: what this store is called in archives.
_ORIGIN = "archive/origin"


class Pushed:
    """What a push sent, or would send."""

    def __init__(self) -> None:
        self.origin = self.manifest = ""
        self.parts: list[Part] = []
        self.rows: Counter[str] = Counter()
        self.sent = self.bytes_sent = 0  #: parts, and their bytes
        self.problems: list[tuple[str, str, str]] = []

    @property
    def new(self) -> bool:
        """Whether the archive says something else now."""
        return bool(self.manifest)


class _Push:
    def __init__(self, ledger: Ledger, place: Place, format_: str, *, dry: bool, verify: bool) -> None:
        self.ledger, self.place, self.dry, self.verify = ledger, place, dry, verify
        self.done = Pushed()
        found = manifest.read(place, STORE_VERSION)
        self.done.problems = refused_manifests(found)
        self._there = place.sizes("facts")
        self.origin = self.done.origin = _origin(ledger, keep=not dry)
        self.before = found.latest.get(self.origin)
        self.number = found.highest.get(self.origin, 0) + 1
        self.format = format_ or _as_before(self.before) or formats.usual()
        self._known: dict[tuple[str, str], Part] = {}
        for each in found.latest.values():
            for part in each.parts:
                if self._there.get(part.path) == part.bytes:
                    self._known[part.content, part.table + part.format] = part
                    self._known.setdefault((part.content, part.table), part)
        self._any_format = not format_

    def run(self, progress: Progress | None) -> Pushed:
        ledger, done = self.ledger, self.done
        kept.sort_on_disk(ledger)
        with ledger.moment():
            whole, sent = kept.weight(ledger) if progress is not None else 0, 0
            for facts in kept.TABLES:
                columns = tuple(column.name for column in facts.columns)
                for piece in cut(kept.rows_of(ledger, facts), columns):
                    done.rows[facts.name] += len(piece.rows)
                    done.parts.append(self._part(facts, piece))
                    sent += len(piece.lines)
                    if progress is not None:
                        progress(sent, max(whole, sent))
        self._finish()
        return done

    def _part(self, facts: Facts, piece: Piece) -> Part:
        """The part of a piece, sent if it is not there."""
        known = self._known.get((piece.content, facts.name + self.format))
        if known is None and self._any_format:
            known = self._known.get((piece.content, facts.name))
        if known is not None and known.month == piece.month and self._as_written(known):
            return known
        try:
            sound.check(facts, piece.rows)
        except formats.Unsound as why:  # better known now than when it is needed
            self.done.problems.append(("archive-row-odd", f"{facts.name} {piece.month}", str(why)))
        data = formats.encode(self.format, piece.rows, piece.lines, facts.columns)
        digest = sha256(data).hexdigest()
        name = f"{piece.content[:16]}{digest[:16]}.{formats.ENDING[self.format]}"
        path = f"facts/{facts.name}/month={piece.month}/{name}"
        part = Part(facts.name, piece.month, path, len(piece.rows), len(data), digest, piece.content)
        if self._there.get(path) != len(data) or not self._as_written(part):
            if not self.dry:
                self.place.write(path, data)
            self.done.sent += 1
            self.done.bytes_sent += len(data)
        return part

    def _as_written(self, part: Part) -> bool:
        """Whether a part that is there, of the right size, holds what it should; believed, unless all are verified."""
        if not self.verify:
            return True
        data = self.place.read(part.path, part.bytes)
        return data is not None and sha256(data).hexdigest() == part.sha256

    def _finish(self) -> None:
        """The manifest; it keeps what this store pushed once and has no longer, such as after a restored backup."""
        contents = {(part.table, part.content) for part in self.done.parts}
        held, own = kept.marked(self.ledger), list(self.done.parts)
        for part in self.before.parts if self.before is not None else ():
            if (part.table, part.content) in contents or mark_of(part) in held:
                continue
            if self._there.get(part.path) != part.bytes:
                self.done.problems.append(("archive-part-refused", part.path, "it is not there, nor in this store"))
                continue
            self.done.parts.append(part)
            if not self._as_written(part):
                why = "it was altered, and this store does not have what it held"
                self.done.problems.append(("archive-part-refused", part.path, why))
        parts = tuple(self.done.parts)
        same = self.before is not None and self.before.parts == parts
        if self.dry or same or not parts:
            return
        with self.ledger.transaction():
            kept.mark(self.ledger, map(mark_of, own))
        name, data = manifest.encoded(
            Manifest(manifest.FORMAT, manifest.VERSION, STORE_VERSION, _lineitem(), self.origin, self.number,
                     int(time.time() * 1000), parts)
        )  # fmt: skip
        self.place.write(name, data)
        self.done.manifest = name


def push(
    ledger: Ledger,
    place: Place,
    format_: str = "",
    progress: Progress | None = None,
    *,
    dry: bool = False,
    verify: bool = False,
) -> Pushed:
    """Send what is not there; `dry`: only say what that would be. format_: parquet or jsonl, '': as before.

    verify: read what is there, too, and send again what is not as it was written.
    """
    if format_ not in ("", *formats.ENDING):
        raise UsageError(f"--format is {' or '.join(formats.ENDING)}, not '{format_}'.")
    if format_ == formats.PARQUET:
        formats.needs_pyarrow()
    with nullcontext() if dry else under_way.announced(place, under_way.PUSH):
        return _Push(ledger, place, format_, dry=dry, verify=verify).run(progress)


def mark_of(part: Part) -> str:
    """How a store remembers that the facts of a part are in it."""
    return f"{part.table}/{part.content}"


def refused_manifests(found: manifest.Found) -> list[tuple[str, str, str]]:
    """As problems: manifests that are not what a push wrote."""
    problems: list[tuple[str, str, str]] = []
    for name, why in found.refused:
        problems.append(("archive-manifest-refused", name, why))
    return problems


def _origin(ledger: Ledger, *, keep: bool) -> str:
    """What this store is called in archives: random, made once."""
    from secrets import token_hex

    known = ledger.state(_ORIGIN)
    if known or not keep:
        return known
    with ledger.transaction():
        made = ledger.state(_ORIGIN) or token_hex(8)
        ledger.set_state(_ORIGIN, made)
    return made


def _as_before(before: Manifest | None) -> str:
    """The format of the latest push, if it can be written here."""
    used = {part.format for part in before.parts} if before is not None else set()
    return formats.JSONL if used == {formats.JSONL} else ""


def _lineitem() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("lineitem")
    except PackageNotFoundError:
        return ""


def as_json(done: Pushed, place: Place, *, dry: bool) -> dict[str, Any]:
    """What was pushed, for programs."""
    return {
        "archive": place.shown,
        "dryRun": dry,
        "origin": done.origin or None,
        "manifest": done.manifest or None,
        "parts": len(done.parts),
        "partsSent": done.sent,
        "bytes": sum(part.bytes for part in done.parts),
        "bytesSent": done.bytes_sent,
        "rows": dict(done.rows),
        "problems": [{"slug": slug, "place": where, "note": note} for slug, where, note in done.problems],
        "schemaVersion": 1,
    }

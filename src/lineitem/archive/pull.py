"""Pull: what an archive holds into a store, and whether an archive is what was written.

Always: a part is checked whole before anything of it is taken in, and taken in within one transaction that also
remembers it; so a pull that was stopped anywhere goes on where it was. Where reading a transcript goes on is told last,
when all that it said is there: until then it would be read from its beginning. Stores that have facts already keep
them (see ledger/facts.py).
"""

from __future__ import annotations

import time
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from lineitem.archive import formats, manifest, sound
from lineitem.archive.push import mark_of, refused_manifests
from lineitem.core.problems import ArchiveError
from lineitem.ledger import facts as kept
from lineitem.ledger.schema import VERSION as STORE_VERSION
from lineitem.pipeline.rebuilding import COMING_IN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from lineitem.archive.manifest import Part
    from lineitem.archive.place import Place
    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook

    Progress = Callable[[int, int], None]
    Row = tuple[Any, ...]

#: These tell of transcripts: only with all of them, reading goes on where it ended.
_SAID = ("transcripts", "sightings", "totals", "problems")
#: Name of the kept state: what the derived tables were made with; nothing: they are stale.
_DERIVATION = "derivation"
#: Of facts that came in: nothing more does, so what follows from them may be made.
_NO_LONGER = "1"
#: So many parts in a row that cannot be read are no accident of theirs: the place cannot be reached.
_PATIENCE = 3


class Pulled:
    """What a pull took in, or would; or what a check looked at."""

    def __init__(self) -> None:
        self.origins: list[str] = []
        self.parts = self.taken = self.bytes = self.there = 0  #: parts: named; taken in; bytes read; known before
        self.rows: Counter[str] = Counter()  #: of the parts that were read
        self.new: Counter[str] = Counter()  #: of these, what this store did not have
        self.problems: list[tuple[str, str, str]] = []
        self.refused: set[str] = set()  #: paths of parts
        self.waiting = 0  #: parts that could not be taken in yet
        self.unread = 0  #: parts that could not be read now

    @property
    def whole(self) -> bool:
        """Whether everything is as it was written."""
        torn = any(slug == "archive-manifest-refused" for slug, _, _ in self.problems)
        return not self.refused and not self.unread and not torn


class _Archive:
    """The parts of the latest manifests, each once."""

    def __init__(self, place: Place) -> None:
        self.place, self.done = place, Pulled()
        found = manifest.read(place, STORE_VERSION)
        if not found.highest:
            raise ArchiveError(f"{place.shown} holds no archive. `lineitem archive push` makes one.")
        self.done.problems = refused_manifests(found)
        self.done.origins = sorted(found.latest)
        known = {mark_of(part): part for each in found.latest.values() for part in each.parts}
        order = {facts.name: at for at, facts in enumerate(kept.TABLES)}
        self.parts: list[Part] = []
        for part in known.values():
            if part.table in order:
                self.parts.append(part)
            else:  # of a version that should have been refused
                self.refuse(part, "it is of no table that is known")
        self.parts.sort(key=lambda part: order[part.table])  # those of one table stay as they were pushed
        self.done.parts = len(known)
        self._unread = 0  # in a row

    def refuse(self, part: Part, why: str) -> None:
        self.done.refused.add(part.path)
        self.done.problems.append(("archive-part-refused", part.path, why))

    def rows(self, part: Part) -> list[Row] | None:
        """The rows of a part, checked; None where it is refused, or cannot be read. Raises where nothing can."""
        try:
            data = self.place.read(part.path, min(part.bytes, formats.MOST))
            if data is None:
                there = self.place.read(part.path, formats.MOST) is not None
                self.refuse(part, "it is larger than it was" if there else "it is not there")
        except ArchiveError as why:
            self.done.unread += 1
            self.done.problems.append(("archive-part-unread", part.path, str(why)))
            self._unread += 1
            if self._unread == _PATIENCE:
                raise
            return None
        self._unread = 0
        if data is None:
            return None
        self.done.bytes += len(data)
        if len(data) != part.bytes or sha256(data).hexdigest() != part.sha256:
            self.refuse(part, "it is torn, or was altered")
            return None
        try:
            facts = kept.BY_NAME[part.table]
            rows = formats.decode(part.format, data, facts.columns, part.rows)
            sound.check(facts, rows)
        except formats.Unsound as why:
            self.refuse(part, str(why))
            return None
        self.done.rows[part.table] += len(rows)
        return rows


def check(place: Place, progress: Progress | None = None) -> Pulled:
    """Read every part that counts, and compare it with what the manifest says."""
    archive = _Archive(place)
    for part in _told(archive.parts, progress):
        archive.rows(part)
    return archive.done


def pull(ledger: Ledger, place: Place, progress: Progress | None = None, *, dry: bool = False) -> Pulled:
    """Take in what this store does not have; `dry`: only say how much that is. What is derived is then stale."""
    archive = _Archive(place)
    done = archive.done
    marked = kept.marked(ledger)
    todo = [part for part in archive.parts if mark_of(part) not in marked]
    done.there = len(archive.parts) - len(todo)
    if dry:
        done.taken = len(todo)
        done.bytes = sum(part.bytes for part in todo)
        for part in todo:
            done.rows[part.table] += part.rows
        return done
    if not todo:
        return done
    if not ledger.has_transcripts():
        with ledger.transaction():
            ledger.set_state(kept.FRESH, "1")
    try:
        _take_all(ledger, archive, todo, progress)
    except ArchiveError as why:
        raise ArchiveError(f"{why} Pull again to go on.") from None
    finally:
        with ledger.transaction():
            if ledger.state(COMING_IN):
                ledger.set_state(COMING_IN, _NO_LONGER)
            _no_longer_fresh(ledger, archive)
    return done


def _take_all(ledger: Ledger, archive: _Archive, todo: list[Part], progress: Progress | None) -> None:
    """Every part that can be; and where reading goes on, of transcripts whose sightings are all here."""
    lost = False
    ends: list[tuple[Part, list[Row]]] = []
    for part in _told(todo, progress):
        rows = archive.rows(part)
        taken = rows is not None and _take(ledger, archive, part, rows)
        lost = lost or (part.table in _SAID and not taken)
        if rows is not None and part.table == "transcripts":
            ends.append((part, kept.ends_of(rows)))
    for part, rows in ends if not lost else ():
        with ledger.transaction():
            kept.go_on_from(ledger, rows)
            kept.mark(ledger, [mark_of(part)])


def _take(ledger: Ledger, archive: _Archive, part: Part, rows: list[Row]) -> bool:
    """The rows of one part, in one transaction that also remembers it; whether they were taken in."""
    done = archive.done
    try:
        with ledger.transaction():
            new = kept.BY_NAME[part.table].merge(ledger, rows)
            ledger.set_state(_DERIVATION, "")
            ledger.set_state(COMING_IN, str(int(time.time() * 1000)))
            if part.table != "transcripts":
                kept.mark(ledger, [mark_of(part)])
    except kept.NotYet as why:
        if part.table in _SAID:
            archive.refuse(part, str(why))
        else:
            done.waiting += 1
            done.problems.append(("archive-part-waits", part.path, str(why)))
        return False
    except (ValueError, TypeError, OverflowError) as why:  # a text or number that no store can hold
        archive.refuse(part, f"it holds what cannot be kept: {type(why).__name__}")
        return False
    done.taken += 1
    done.new[part.table] += new
    return True


def _no_longer_fresh(ledger: Ledger, archive: _Archive) -> None:
    """What others learnt was taken in, all of it; until then, the next pull may still take it."""
    learnt = {mark_of(part) for part in archive.parts if part.table == "learnt"}
    if ledger.state(kept.FRESH) and learnt <= kept.marked(ledger):
        ledger.set_state(kept.FRESH, "")


def settle(ledger: Ledger, book: PriceBook) -> None:
    """What follows from facts that came in: requests, sums, line items; and that they were looked through already."""
    from lineitem.pipeline.folding import fold_stale
    from lineitem.pipeline.rebuilding import refresh_derivation

    if not ledger.state(COMING_IN):
        return
    refresh_derivation(ledger, book)
    fold_stale(ledger, book)
    with ledger.transaction():
        kept.mark_scored(ledger)
        ledger.set_state(COMING_IN, "")


def _told(parts: list[Part], progress: Progress | None) -> Iterable[Part]:
    whole, done = sum(part.bytes for part in parts), 0
    for part in parts:
        yield part
        done += part.bytes
        if progress is not None:
            progress(done, whole)


def as_json(done: Pulled, place: Place, *, dry: bool | None = None) -> dict[str, Any]:
    """What was pulled, for programs; `dry` None: what was checked."""
    document: dict[str, Any] = {"archive": place.shown}
    if dry is not None:
        document["dryRun"] = dry
    document |= {"origins": done.origins, "parts": done.parts}
    if dry is not None:
        document |= {"partsTaken": done.taken, "partsThere": done.there, "partsWaiting": done.waiting}
    document |= {
        "partsRefused": len(done.refused),
        "partsUnread": done.unread,
        "bytes": done.bytes,
        "rows": dict(done.rows),
    }
    if dry is not None:
        document["newRows"] = {name: count for name, count in done.new.items() if count}
    problems = [{"slug": slug, "place": where, "note": note} for slug, where, note in done.problems]
    return document | {"problems": problems, "schemaVersion": 1}

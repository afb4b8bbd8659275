"""Prune: takes out of an archive what counts no longer, parts of earlier pushes mostly.

Always: the latest whole manifest of every store stays, and the one before it; and all that these name. Nothing else
than manifests and parts is touched, whatever lies beside them. Manifests go first: stopped anywhere, what is left are
parts that none names, and the next prune removes these.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from lineitem.archive import manifest, under_way
from lineitem.core.problems import ArchiveError
from lineitem.ledger.schema import VERSION as STORE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lineitem.archive.place import Place

    Progress = Callable[[int, int], None]


class Pruned:
    """What a prune removed, or would."""

    def __init__(self) -> None:
        self.origins: list[str] = []
        self.parts = 0  #: that stay
        self.manifests: list[str] = []
        self.removed: dict[str, int] = {}  #: bytes of parts, by path


def prune(place: Place, progress: Progress | None = None, *, dry: bool) -> Pruned:
    """Remove what counts no longer; `dry`: only say what that is. Raises ArchiveError while somebody pushes."""
    with nullcontext() if dry else under_way.announced(place, under_way.PRUNE):
        done = _plan(place)
        if dry:
            return done
        for name in done.manifests:
            place.remove(name)
        whole, gone = sum(done.removed.values()), 0
        for path, size in done.removed.items():
            place.remove(path)
            gone += size
            if progress is not None:
                progress(gone, whole)
    return done


def _plan(place: Place) -> Pruned:
    done = Pruned()
    found = manifest.newest(place, STORE_VERSION, each=2)
    if not found.whole and not found.torn:
        raise ArchiveError(f"{place.shown} holds no archive. `lineitem archive push` makes one.")
    for name, why in found.torn:
        raise ArchiveError(
            f"{name}: {why}. What it named is not known, so nothing is removed. Push again from its store."
        )
    done.origins = sorted({each.origin for each in found.whole})
    done.manifests = sorted(found.older)
    named = {part.path for each in found.whole for part in each.parts}
    done.parts = len(named)
    for path, size in sorted(place.sizes("facts").items()):
        if manifest.is_part(path) and path not in named:
            done.removed[path] = size
    return done


def as_json(done: Pruned, place: Place, *, dry: bool) -> dict[str, Any]:
    """What was removed, for programs."""
    return {
        "archive": place.shown,
        "dryRun": dry,
        "origins": done.origins,
        "parts": done.parts,
        "partsRemoved": len(done.removed),
        "bytesRemoved": sum(done.removed.values()),
        "manifestsRemoved": len(done.manifests),
        "problems": [],
        "schemaVersion": 1,
    }

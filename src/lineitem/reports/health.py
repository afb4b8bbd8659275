"""What is wrong here, and how to mend it."""

from __future__ import annotations

import os

from lineitem.attribution import weights
from lineitem.core.rates import Unpriced
from lineitem.ledger import questions
from lineitem.sources import native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook

#: At most this many places of one kind of problem are listed.
_SHOWN = 20


class Health:
    """`sound`: the store is whole. `problems`: by slug, with counts and places."""

    __slots__ = (
        "classifier",
        "classifier_text",
        "compiled",
        "folders",
        "native",
        "problems",
        "sound",
        "store",
        "unpriced",
    )

    def __init__(
        self, sound: bool, store: dict[str, Any], folders: list[dict[str, Any]], problems: list[dict[str, Any]],
        unpriced: list[dict[str, Any]],
    ) -> None:  # fmt: skip
        self.sound, self.store, self.folders, self.problems, self.unpriced = (
            sound,
            store,
            folders,
            problems,
            unpriced,
        )
        self.native = native.here  #: whether transcripts are read in C
        self.compiled = not str(weights.__file__).endswith(".py")  #: whether sessions are folded by compiled modules
        self.classifier: dict[str, Any] | None = None  #: how it stands, where somebody asked
        self.classifier_text = ""

    def json(self) -> dict[str, Any]:
        return {
            "sound": self.sound,
            "store": self.store,
            "folders": self.folders,
            "problems": self.problems,
            "unpricedModels": self.unpriced,
            "nativeReading": self.native,
            "compiledFolding": self.compiled,
            "classifier": self.classifier,
            "schemaVersion": 1,
        }


def health(
    ledger: Ledger, path: str, folders: list[str], scanned: list[tuple[str, str, str]], book: PriceBook
) -> Health:
    """The state of the store, the folders, the transcripts and the prices."""
    integrity = ledger.integrity()
    store = {
        "path": path,
        "bytes": os.path.getsize(path) if os.path.exists(path) else 0,
        "integrity": integrity,
        **questions.counts(ledger),
    }
    places: dict[str, list[dict[str, Any]]] = {}
    totals: dict[str, int] = {}
    for slug, file, start, ordinal, note in questions.problems(ledger):
        totals[slug] = totals.get(slug, 0) + 1
        if totals[slug] <= _SHOWN:
            places.setdefault(slug, []).append({"path": file, "offset": start, "line": ordinal, "note": note})
    for slug, file, note in scanned:
        totals[slug] = totals.get(slug, 0) + 1
        if totals[slug] <= _SHOWN:
            places.setdefault(slug, []).append({"path": file, "offset": None, "line": None, "note": note})
    problems = [
        {"slug": slug, "count": totals[slug], "places": places[slug]}
        for slug in sorted(totals, key=lambda name: (-totals[name], name))
    ]
    unpriced = []
    for model, requests, tokens, at in questions.unpriced(ledger):
        rates = book.rates(model, at)
        reason = rates.reason if isinstance(rates, Unpriced) else "priced since; `lineitem rebuild` takes it up"
        unpriced.append({"model": model, "requests": requests, "tokens": tokens, "reason": reason})
    listed = [{"path": folder, "exists": os.path.isdir(folder)} for folder in folders]
    return Health(integrity == "ok", store, listed, problems, unpriced)

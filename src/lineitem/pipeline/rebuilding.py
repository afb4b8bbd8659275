"""Everything derived, made again from the facts: thrown away, compared, or brought up to date with the code."""

from __future__ import annotations

import time

from lineitem.pipeline.deriving import derive
from lineitem.pipeline.live import derive_live
from lineitem.pipeline.merging import Merging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.pricing.book import PriceBook

#: What the derived tables were made with: another code or price book makes them again.
DERIVATION = "6"
#: Name of the kept state: facts of an archive came in, and when the last of them did; nothing: all was made of them.
COMING_IN = "archive/unsettled"
#: For so long after one part of an archive, the next one is expected.
_NEXT_PART = 60_000


def refresh_derivation(ledger: Ledger, book: PriceBook) -> bool:
    """Derive everything again where the code or the price book changed since; whether it did.

    Not while facts of an archive come in: each part would have everything derived anew, by whoever asks first. Who
    takes them in does it at the end; where that one was killed, the next does.
    """
    made_with = f"{DERIVATION}/{book.version}"
    if ledger.state("derivation") == made_with:
        return False
    if abs(time.time() * 1000 - int(ledger.state(COMING_IN) or 0)) < _NEXT_PART:
        return False
    if ledger.has_transcripts() or ledger.live_sessions():
        with ledger.transaction():
            replay(ledger, book)
            ledger.set_state("derivation", made_with)
    else:
        ledger.set_state("derivation", made_with)
    return True


def rebuild(ledger: Ledger, book: PriceBook) -> None:
    """Throw away what is derived and make it again from the facts, in one transaction."""
    with ledger.transaction():
        replay(ledger, book)
        learn(ledger, book)


def learn(ledger: Ledger, book: PriceBook) -> dict[str, int]:
    """Fit the weights to this person's own measured segments: tokenizer family -> examples it learnt from.

    Line items made with other weights become stale. Part of `lineitem rebuild` alone, so that the same facts
    give the same items until a person asks for this.
    """
    from lineitem.attribution.weights import calibrated, family, kept
    from lineitem.attribution.weights import learn as fitted
    from lineitem.pipeline.folding import fold_session

    examples: dict[str, list[Any]] = {}
    for number in ledger.all_sessions():
        for model, shape, tokens in fold_session(ledger, book, number).examples:
            examples.setdefault(family(model), []).append((shape, tokens))
    learnt = {}
    for name, rows in sorted(examples.items()):
        weights = fitted(rows)
        if weights is not None:
            ledger.set_state(f"weights/{name}", " ".join(map(str, weights)))
            learnt[name] = len(rows)
        counted = calibrated(rows, kept(ledger.state(f"weights/{name}")))
        if counted is not None:  # for estimates of texts that no sum holds
            ledger.set_state(f"calibration/{name}", " ".join(map(str, counted)))
    return learnt


def replay(ledger: Ledger, book: PriceBook) -> None:
    """Requests and everything above them again from the stored sightings; the caller holds a transaction."""
    ledger.forget_derived()
    merging = Merging(ledger, book)
    merging.take_stored()
    sessions = merging.keep()
    derive(ledger, book, sessions | set(ledger.sessions_with_files()))
    derive_live(ledger, book, ledger.live_sessions())


def verify(ledger: Ledger, book: PriceBook) -> list[str]:
    """Derive everything again, compare, and leave the store as it was: the tables that differ."""
    from lineitem.ledger.digest import digests
    from lineitem.pipeline.folding import fold_session, fold_stale, packed

    fold_stale(ledger, book)
    before = digests(ledger)
    ledger.begin()
    try:
        replay(ledger, book)
        stale = ledger.stale_sessions()
        ledger.keep_folds((number, packed(number, fold_session(ledger, book, number))) for number in stale)
        after = digests(ledger)
    finally:
        ledger.rollback()
    return [table for table in before if before[table] != after[table]]

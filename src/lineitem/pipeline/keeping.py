"""What one file said, and how far it was read, as it is kept. The caller holds a transaction."""

from __future__ import annotations

from lineitem.core.sightings import TOTAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lineitem.ledger.store import Ledger
    from lineitem.sources.scan import Found


def keep_touched(ledger: Ledger, found: Found) -> None:
    """A file with nothing new to read: its times changed, perhaps its sidecar."""
    from lineitem.sources.crew import sidecar

    card = sidecar(found.path) if found.thread else ""
    ledger.touch_file(found.key, found.dev, found.ino, found.size, found.mtime_ns, card, found.sidecar_ns)


def keep_reading(ledger: Ledger, found: Found, reading: Any, generation: int, first_at: int, *, new: bool) -> None:
    """What one file said, and how far it was read. new: nothing was known of it."""
    name = ledger.name
    size = found.size if not reading.waiting else reading.offset + reading.waiting
    file = ledger.keep_file(
        (found.key, name(found.project), name(found.session), name(found.thread), found.dev, found.ino,
         size, found.mtime_ns, reading.offset, reading.head, reading.tail, generation, first_at,
         reading.last_at, reading.sidecar, found.sidecar_ns)
    )  # fmt: skip
    ledger.keep_sightings((file, generation, start, end, rows.decode()) for start, end, rows in reading.spans)
    if reading.totals:
        from json import dumps

        ledger.keep_totals(
            (file, generation, start, row[1], row[2], row[3], row[4], row[6], dumps(row[5]))
            for start, row in reading.totals
            if row[0] == TOTAL
        )
    if reading.problems:
        ledger.keep_problems(
            (file, generation, start, ordinal, slug, note) for start, slug, ordinal, note in reading.problems
        )
    if not new:
        ledger.forget_waiting(file)
    if reading.waiting:
        note = f"{reading.waiting} bytes"
        ledger.keep_problems([(file, generation, reading.offset, 0, "line-half-written", note)])

"""The API's prompt cache, on a clock that can be moved.

The segments of a prompt go in, in order; the price class of each comes out.
The rule: a prompt is read as far as its longest prefix that ended at a breakpoint of an earlier request to
the same model and is still alive; from there up to its own last breakpoint it is written, for as long as the
breakpoint that closes the stretch says; what follows is plain input. Reading a prefix renews it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from typing import Literal, NamedTuple

PriceClass = Literal["uncached", "write_5m", "write_1h", "read"]
Lifetime = Literal["5m", "1h"]

SECONDS: dict[Lifetime, int] = {"5m": 300, "1h": 3600}
WRITTEN: dict[Lifetime, PriceClass] = {"5m": "write_5m", "1h": "write_1h"}


class Clock:
    """The time of day, plus what it was moved on by."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as the API sees them."""
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        """Move on; never back."""
        self.ahead += seconds


class Piece(NamedTuple):
    """What the cache needs to know of a segment: its content, and the breakpoint on it, if any."""

    content: str
    breakpoint: Lifetime | None


class Entry(NamedTuple):
    """A cached prefix."""

    lifetime: Lifetime
    until: float


@dataclass(slots=True)
class PromptCache:
    """Every prefix that is cached, by model and digest."""

    clock: Clock = field(default_factory=Clock)
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def classes(self, model: str, pieces: Sequence[Piece]) -> list[PriceClass]:
        """The price class of each piece of a prompt; the prompt is cached from now on."""
        prefixes = digests(pieces)
        marks = [place for place, piece in enumerate(pieces) if piece.breakpoint]
        with self.lock:
            now = self.clock.now()
            reach = marks[-1] + 1 if marks else 0
            hit = next((n for n in range(reach, 0, -1) if self._alive(model, prefixes[n - 1], now)), 0)
            if hit:
                self._keep(model, prefixes[hit - 1], self.entries[model, prefixes[hit - 1]].lifetime, now)
            for place in marks:
                self._keep(model, prefixes[place], pieces[place].breakpoint or "5m", now)
        return ["read" if place < hit else written(pieces[place:]) for place in range(len(pieces))]

    def _alive(self, model: str, prefix: str, now: float) -> bool:
        entry = self.entries.get((model, prefix))
        return entry is not None and entry.until > now

    def _keep(self, model: str, prefix: str, lifetime: Lifetime, now: float) -> None:
        self.entries[model, prefix] = Entry(lifetime, now + SECONDS[lifetime])


def written(rest: Sequence[Piece]) -> PriceClass:
    """The class of the first of these pieces, none of which is read: the next breakpoint decides."""
    closing = next((piece.breakpoint for piece in rest if piece.breakpoint), None)
    return WRITTEN[closing] if closing else "uncached"


def digests(pieces: Sequence[Piece]) -> list[str]:
    """A digest of the prompt up to and including each piece."""
    running, found = blake2b(digest_size=16), []
    for piece in pieces:
        content = piece.content.encode("utf-8", "replace")
        running.update(len(content).to_bytes(8, "big") + content)
        found.append(running.hexdigest())
    return found

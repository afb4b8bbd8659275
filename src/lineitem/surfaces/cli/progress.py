"""A progress bar on stderr for readings that take over a second."""

from __future__ import annotations

import sys
import time

_WIDTH = 30


class Progress:
    """Called with (bytes done, bytes in all); draws nothing before a second has passed."""

    def __init__(self, doing: str = "Reading transcripts") -> None:
        self._doing = doing
        self._started = time.monotonic()
        self._drawn = 0.0

    def __call__(self, done: int, whole: int) -> None:
        now = time.monotonic()
        if now - self._started < 1 or now - self._drawn < 0.1 or not whole:
            return
        self._drawn = now
        filled = min(_WIDTH, done * _WIDTH // whole)
        bar = "█" * filled + "░" * (_WIDTH - filled)
        sys.stderr.write(f"\r\x1b[2K{self._doing} {bar} {done / 1e6:,.0f} of {whole / 1e6:,.0f} MB")
        sys.stderr.flush()

    def done(self) -> None:
        """Take the bar away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

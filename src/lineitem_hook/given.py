"""What stands on standard input, with a limit of bytes and of time."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def given(most: int, seconds: float) -> bytes:
    """Standard input up to its end, cut at `most` bytes; what came by then where it does not end in time.

    It is read to its end also beyond the limit: who writes to us is never stopped by a closed pipe.
    """
    parts = []
    size = 0
    ready = _ready(seconds)
    while ready():
        part = os.read(0, 1 << 20)
        if not part:
            break
        if size < most:
            parts.append(part[: most - size])
        size += len(part)
    return b"".join(parts)


def _ready(seconds: float) -> Callable[[], bool]:
    """A question that waits until there is something to read: False when the time is up."""
    try:
        from select import POLLIN, poll
    except ImportError:
        return lambda: True  # Windows: pipes cannot be asked
    from time import monotonic

    end = monotonic() + seconds
    asked = poll()
    asked.register(0, POLLIN)
    return lambda: bool(asked.poll(max(0, (end - monotonic()) * 1000)))

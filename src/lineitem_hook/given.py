"""What stands on standard input, with a limit of bytes and of time."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def given(most: int, seconds: float) -> bytes:
    """Standard input up to its end, cut at `most` bytes; what came by then where it does not end in time.

    It is read to its end also beyond the limit, as long as there is time: who writes to us is not stopped by a closed
    pipe, and who never ends does not hold us. What is there already is read up to the limit however late it is.
    """
    parts = []
    size = 0
    left = _left(seconds)
    ready = _ready(left)
    while ready() and (size < most or left() > 0):
        part = os.read(0, 1 << 20)
        if not part:
            break
        if size < most:
            parts.append(part[: most - size])
        size += len(part)
    return b"".join(parts)


def _left(seconds: float) -> Callable[[], float]:
    """A question for the seconds that are left from now on, 0 when the time is up."""
    from time import monotonic

    end = monotonic() + seconds
    return lambda: max(0.0, end - monotonic())


def _ready(left: Callable[[], float]) -> Callable[[], bool]:
    """A question that waits until there is something to read: False when the time is up and there is nothing."""
    try:
        from select import POLLIN, poll
    except ImportError:
        return lambda: True  # Windows: pipes cannot be asked

    asked = poll()
    asked.register(0, POLLIN)
    return lambda: bool(asked.poll(left() * 1000))

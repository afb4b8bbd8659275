"""Who works on an archive now, so that nothing is removed that somebody is about to name.

    under-way/<push or prune>-<milliseconds since 1970>-<random>

A push may rely on a part that is there already, and that no manifest names until the push ends: the age of a file says
nothing. So each announces itself before it looks whether the other is there; whichever comes second sees the first.
What was killed leaves its name behind: after a day it counts as dead.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

from lineitem.core.problems import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineitem.archive.place import Place

PUSH, PRUNE = "push", "prune"
_FOLDER = "under-way"
_NAME = re.compile(rf"{_FOLDER}/({PUSH}|{PRUNE})-(\d{{13}})-[0-9a-f]{{8}}")
_DEAD_AFTER = 86_400_000


@contextmanager
def announced(place: Place, what: str) -> Iterator[None]:
    """While this holds, others see that it is under way. Raises ArchiveError where the other one is."""
    name = f"{_FOLDER}/{what}-{int(time.time() * 1000)}-{token_hex(4)}"
    place.write(name, b"\n")
    try:
        _nobody_else(place, PUSH if what == PRUNE else PRUNE)
        yield
    finally:
        try:
            place.remove(name)
        except ArchiveError:
            pass  # what went wrong before is worth telling; this one is dead in a day


def _nobody_else(place: Place, what: str) -> None:
    now = time.time() * 1000
    for name in sorted(place.sizes(_FOLDER)):
        found = _NAME.fullmatch(name)
        if found is None or found[1] != what:
            continue
        if now - int(found[2]) < _DEAD_AFTER:
            raise ArchiveError(
                f"A {what} to {place.shown} is under way; try again when it has ended. If it was killed, delete {name}"
                " there, or wait a day."
            )
        place.remove(name)

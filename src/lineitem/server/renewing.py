"""Takes on changes of the settings file while the collector runs: after each round of news it is looked at.

Always: all of it is taken on, or nothing where a part of it cannot be meant; that is logged once and the collector
goes on as before.
"""

from __future__ import annotations

import logging
from typing import Protocol

from lineitem import settings
from lineitem.core.problems import UsageError
from lineitem.setup.preferring import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_LOG = logging.getLogger("lineitem")


class Taking(Protocol):
    """What goes by settings, and takes others on."""

    def take(self, settings: Mapping[str, Any]) -> None: ...


class Renewing:
    """`look` is called from one thread only."""

    def __init__(self, parts: Sequence[Taking]) -> None:
        self._parts = list(parts)
        self._stamp = settings.stamp()

    def look(self) -> bool:
        """Whether the settings are others than before, and were taken on by all parts."""
        now = settings.stamp()
        if now == self._stamp:
            return False
        self._stamp = now
        try:
            known = settings.load()
            check(known)
        except UsageError as error:
            _LOG.warning("the settings stay as they were: %s", error)
            return False
        for part in self._parts:
            part.take(known)
        return True

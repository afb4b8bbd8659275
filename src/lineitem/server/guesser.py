"""Asks a model about findings that no rule explains, in a thread of its own: nothing ever waits for it.

Started and stopped with the collector; does nothing unless `[classifier]` says `enabled = true`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import threading
import time

from lineitem.classifier.settings import ClassifierSettings
from lineitem.core.problems import UsageError
from lineitem.wiring import Lineitem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOG = logging.getLogger("lineitem")
#: How often it is looked whether something is to be asked (seconds).
_LOOK = 5.0


class Guesser:
    """The background of the classifier."""

    def __init__(self, db: str, dirs: Sequence[str], settings: Mapping[str, object]) -> None:
        """settings: the whole settings file. Raises UsageError where its classifier cannot be meant."""
        self._db, self._dirs = db, list(dirs)
        self._settings = ClassifierSettings.from_settings(settings)
        self._stop = threading.Event()
        self._thread = self._made()

    def _made(self) -> threading.Thread:
        return threading.Thread(target=self._work, name="guesser", daemon=True)

    def take(self, settings: Mapping[str, object]) -> None:
        """Go by these settings from now on."""
        self._settings = ClassifierSettings.from_settings(settings)
        if not self._thread.is_alive() and not self._stop.is_set():
            self._thread = self._made()
            self.start()

    def trouble(self) -> str:
        """Why it can send nothing, one sentence; '' where it can, or is not wanted."""
        if not self._settings.enabled:
            return ""
        from lineitem.classifier.messages_api import MessagesApi

        return MessagesApi(self._settings).trouble()

    def start(self) -> None:
        if self._settings.enabled:
            self._thread.start()

    def stop(self) -> None:
        """A question under way is not waited for: what it may cost is set aside already."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _work(self) -> None:
        from lineitem.classifier.asking import Asking
        from lineitem.classifier.messages_api import MessagesApi

        lineitem = Lineitem(self._db, self._dirs)
        known, asking = None, None
        try:
            while not self._stop.wait(_LOOK):
                if known is not self._settings or asking is None:
                    known = self._settings
                    asking = Asking(known, MessagesApi(known), _now, random.random, os.path.expanduser("~"))
                    with contextlib.suppress(UsageError):
                        lineitem.renew()  # what a question costs
                if not known.enabled:
                    continue
                try:
                    asking.once(lineitem.ledger, lineitem.book)
                except Exception:  # noqa: BLE001 - a bad moment (a full disk) must not end it
                    _LOG.exception("nothing could be asked; it is tried again")
        finally:
            lineitem.close()


def _now() -> int:
    return int(time.time() * 1000)

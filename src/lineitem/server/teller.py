"""Tells people: turns what waits into messages and sends what is due, in a thread of its own; answers hooks.

A slow or dead channel holds up nothing but itself. Messages are kept before they are sent, so that a collector that was
ended goes on where it was.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time

from lineitem.alerts.channels.opening import open_channels
from lineitem.alerts.delivery import deliver
from lineitem.alerts.digest import digest, due
from lineitem.alerts.in_session import InSession
from lineitem.alerts.kept import Stored
from lineitem.alerts.settings import AlertSettings
from lineitem.alerts.tell import gather, post
from lineitem.core.periods import Zone
from lineitem.core.problems import UsageError
from lineitem.wiring import Lineitem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lineitem.alerts.delivery import Channel
    from lineitem.alerts.messages import Pseudonym
    from lineitem.alerts.notice import Notice
    from lineitem.core.live import Event
    from lineitem.noticing import Noted

_LOG = logging.getLogger("lineitem")
#: How often it is looked whether something is due (seconds).
_LOOK = 2.0
#: What was settled so long ago is forgotten (milliseconds).
_FORGET = 30 * 86_400_000
#: Events whose hooks may be answered with a warning, and those of them at which the model can read one.
_READ_AT = frozenset(("PostToolUse", "PostToolUseFailure", "UserPromptSubmit"))
_SAID_AT = _READ_AT | {"Stop"}


class Teller:
    """Started and stopped with the collector; sends nothing and says nothing where no channel is set."""

    def __init__(self, db: str, dirs: Sequence[str], settings: Mapping[str, object], pseudonym: Pseudonym) -> None:
        """settings: the whole settings file. Raises UsageError where its alerts cannot be meant."""
        self._db, self._dirs, self._pseudonym = db, list(dirs), pseudonym
        self._settings = AlertSettings.from_settings(settings)
        self._zone = Zone(str(settings.get("timezone", "")))
        self._in_session = InSession(self._settings)
        self._digested: set[str] = set()  #: the outbox knows them, too: this saves the asking
        self._stop = threading.Event()
        self._thread = self._made()

    def _made(self) -> threading.Thread:
        return threading.Thread(target=self._work, name="teller", daemon=True)

    def take(self, settings: Mapping[str, object]) -> None:
        """Go by these settings from now on; what waits to be said in a session is told by the others."""
        self._settings = AlertSettings.from_settings(settings)
        self._zone = Zone(str(settings.get("timezone", "")))
        self._in_session = InSession(self._settings)
        if not self._thread.is_alive() and not self._stop.is_set():
            self._thread = self._made()
            self.start()

    def heed(self, lineitem: Lineitem, noted: list[Noted]) -> None:
        """After a round: what stands out is said in its session, if that is wanted."""
        if self._settings.in_session is not None:
            now = _now()
            self._in_session.take(lineitem.to_tell(noted, self._settings, now), now)

    def hear(self, notices: list[Notice]) -> None:
        """What budgets say is said in their session too, or in the first that goes on, if that is wanted."""
        self._in_session.take([(notice, "") for notice in notices], _now())

    def answer(self, event: Event) -> dict[str, object]:
        """What the hook of this event is answered: almost always nothing.

        The person sees it in the terminal. The model reads it only if the settings say so, and never that of an
        agent: nobody but the main conversation can do anything about it.
        """
        if event.what not in _SAID_AT:
            return {}
        text = self._in_session.say(event.session, _now())
        if not text:
            return {}
        found: dict[str, object] = {"systemMessage": text}
        if self._in_session.model and not event.agent and event.what in _READ_AT:
            found["hookSpecificOutput"] = {"hookEventName": event.what, "additionalContext": text}
        return found

    def start(self) -> None:
        if self._settings.channels:
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _work(self) -> None:
        lineitem = Lineitem(self._db, self._dirs)
        try:
            opened = self._settings
            channels = open_channels(opened)
            while not self._stop.wait(_LOOK):
                if opened is not self._settings:
                    opened = self._settings
                    channels = open_channels(opened)
                    with contextlib.suppress(UsageError):
                        lineitem.renew()
                try:
                    self.once(lineitem, channels, _now)
                except Exception:  # noqa: BLE001 - whatever a channel's library does, the others are served
                    _LOG.exception("messages could not be sent; they are kept")
        finally:
            lineitem.close()

    def once(self, lineitem: Lineitem, channels: Mapping[str, Channel], clock: Callable[[], int]) -> None:
        """Make messages of what waits, and send what is due."""
        outbox, now = Stored(lineitem.ledger), clock()
        self._digests(lineitem, outbox, now)
        lineitem.note_cooling(now)
        gather(outbox, self._settings, now, self._pseudonym)
        deliver(outbox, channels, clock, random.random, self._settings.patience)
        outbox.forget(now - _FORGET)

    def _digests(self, lineitem: Lineitem, outbox: Stored, now: int) -> None:
        """Keep the digests whose hour has come, each once."""
        for span in due(self._settings, self._zone, now):
            if span.ident in self._digested:
                continue
            figures = lineitem.digest_figures(span.since, span.until, span.before, self._zone)
            for channel in self._settings.channels:
                message = digest(span, figures, self._pseudonym if channel.hides_names else None)
                post(outbox, self._settings._replace(channels=(channel,)), message, now)
            self._digested.add(span.ident)


def _now() -> int:
    return int(time.time() * 1000)

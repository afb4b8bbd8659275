"""Follows the transcripts: what was acknowledged goes into the ledger, what changed is read and folded.

One thread with one connection is the only writer of the ledger. It sleeps until somebody says that there is
something: a commit at the front door, a file that changed (watchfiles), or, should both be silent, the clock.
"""

from __future__ import annotations

import logging
import os
import threading
import time

from lineitem.ledger.inbox import Inbox, keep, place_in
from lineitem.setup.install import lost
from lineitem.sources import hooks, statusline
from lineitem.sources.spool import Spool
from lineitem.wiring import Lineitem, folders_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lineitem.core.live import Event, Snapshot
    from lineitem.ledger.inbox import Value
    from lineitem.sources.spool import Record

_LOG = logging.getLogger("lineitem")
#: Should nothing be heard, look anyway, this often (seconds).
_ANYWAY = 10.0
#: How often it is looked whether our hooks are still in Claude Code's settings (seconds).
_HOOKS = 60.0
#: How long a burst of changes is gathered (milliseconds): a second may pass from a change to its cost.
_BURST = 120


class _Stopped(Exception):
    """It was told to stop while it read: what is not committed is read again next time."""


class Follower:
    """Keeps the ledger up to date until stopped. `on_change` is called with its ledger after each round of news."""

    def __init__(
        self, db: str, dirs: Sequence[str], folder: str, on_change: Callable[[Lineitem], None] | None = None
    ) -> None:
        self._db, self._dirs, self._live = db, list(dirs), folder
        self._on_change = on_change
        self._news = threading.Event()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name="follower", daemon=True),
            threading.Thread(target=self._watch, name="watcher", daemon=True),
        ]
        self._spool = Spool(folder)
        self.problems: dict[str, int] = {}  #: what of the spool or the inbox could not be kept, by slug
        self.rounds = 0  #: how often the ledger was brought up to date
        self.failed: BaseException | None = None
        self.lost: dict[str, list[str]] = {}  #: what somebody took out of Claude Code's settings, by file
        self._look_at_hooks = 0.0
        self._version = -1  #: of the ledger, as another program changes it
        self._owed = True  # a change may still be to be told: it was not yet, or a round failed

    def start(self) -> None:
        self._news.set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._news.set()
        for thread in self._threads:
            thread.join()

    def nudge(self) -> None:
        """There is something: in the inbox, or in the files."""
        self._news.set()

    # -- the writing thread

    def _work(self) -> None:
        try:
            lineitem = Lineitem(self._db, self._dirs)
            inbox = Inbox(place_in(self._live))
        except Exception as error:  # noqa: BLE001 - said by whoever asks for the health
            self.failed = error
            _LOG.exception("the ledger cannot be opened")
            return
        try:
            while not self._stop.is_set():
                self._news.wait(_ANYWAY)
                self._news.clear()
                self._round(lineitem, inbox)
            self._round(lineitem, inbox, last=True)
        finally:
            inbox.close()
            lineitem.close()

    def _replay(self, lineitem: Lineitem) -> int:
        """Take in what forwarders put on disk; a batch is forgotten when it is committed. How many records."""
        taken = 0
        for batch in self._spool.take():
            try:
                records = list(batch.records())
            except OSError as error:  # it waits until it can be read; the others need not
                self._spool.unread(batch.path, error)
                continue
            problems = self._spool.problems
            values: list[Value] = [value for one in records if (value := _value(one, problems)) is not None]
            if values:
                keep(lineitem.ledger, values, problems, lineitem.told_live)
            batch.done()
            taken += len(values)
        return taken

    def _count(self, problems: list[tuple[str, str]]) -> None:
        for slug, _ in problems:
            self.problems[slug] = self.problems.get(slug, 0) + 1
        problems.clear()

    def _round(self, lineitem: Lineitem, inbox: Inbox, *, last: bool = False) -> None:
        try:
            try:
                moved = inbox.move(lineitem.ledger, lineitem.told_live) + self._replay(lineitem)
            finally:
                self._count(inbox.problems)
                self._count(self._spool.problems)
            if last:
                return
            found = lineitem.refresh(self._go_on)
            folded = lineitem.fold(progress=self._go_on)  # also what another program has read
            version = lineitem.ledger.data_version()  # another program wrote: a budget, an override
            self._owed |= bool(moved or found["files"] or folded or version != self._version)
            self._version = version
            if self._on_change is not None and self._owed:
                self._on_change(lineitem)
            self._owed = False
            self.rounds += 1
            self.failed = None
            if time.monotonic() >= self._look_at_hooks:
                self._look_at_hooks = time.monotonic() + _HOOKS
                self._notice_lost(lineitem)
        except _Stopped:
            return
        except Exception as error:  # noqa: BLE001 - a bad moment (a full disk) must not end the following
            self._owed = True  # it may have moved something before it failed
            self.failed = error
            _LOG.exception("a round of reading failed; it is tried again")
            self._stop.wait(1.0)

    def _go_on(self, *_: int) -> None:
        """Called for every file and every session: a first reading of gigabytes must not hold up the end."""
        if self._stop.is_set():
            raise _Stopped

    def check_hooks(self) -> None:
        """Claude Code's settings changed: look at once whether ours are still there."""
        self._look_at_hooks = 0.0
        self._news.set()

    def _notice_lost(self, lineitem: Lineitem) -> None:
        before, self.lost = self.lost, lost(self._db)
        if self.lost and self.lost != before:
            _LOG.warning("hooks were removed from %s: `lineitem install --repair` puts them back", ", ".join(self.lost))
            lineitem.note_lost_hooks(sum(map(len, self.lost.values())))

    # -- the watching thread

    def _watch(self) -> None:
        from watchfiles import watch

        while not self._stop.is_set():
            roots = _roots(folders_of(self._dirs))
            if not roots:
                self._stop.wait(2.0)
                self.nudge()
                continue
            for changes in watch(
                *roots, stop_event=self._stop, step=40, debounce=_BURST, rust_timeout=2_000, yield_on_timeout=True,
                watch_filter=lambda _, path: path.endswith((".jsonl", ".meta.json")), raise_interrupt=False,
            ):  # fmt: skip
                if changes:
                    self.nudge()
                elif _roots(folders_of(self._dirs)) != roots:
                    break


def _value(record: Record, problems: list[tuple[str, str]]) -> Event | Snapshot | None:
    """A record of the spool as the value it tells."""
    if record.kind == "statusline":
        return statusline.decode(record.body, record.at, problems)
    event = hooks.decode(record.body, record.at, record.key, problems)
    return event._replace(key=event.key or record.key) if event is not None else None


def _roots(folders: Iterable[str]) -> list[str]:
    """The folders to watch: where transcripts lie, or are going to."""
    found = []
    for folder in folders:
        projects = os.path.join(folder, "projects")
        if os.path.isdir(projects):
            found.append(projects)
        elif os.path.isdir(folder):
            found.append(folder)
    return found

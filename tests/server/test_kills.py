"""Killed at any moment, the collector loses nothing it acknowledged and counts nothing twice."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
from pathlib import Path
from uuid import UUID

import pytest

from lineitem.ledger.inbox import Inbox
from lineitem.ledger.store import Ledger
from tests.server.stand import INGEST, Stand

FULL = int(os.environ.get("LINEITEM_EXAMPLES", "0"))
KILLS, SESSIONS = (200, 100) if FULL else (6, 12)
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as POSIX does")


class Speaker(threading.Thread):
    """A session that sends events, each again until it is acknowledged."""

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True)
        self.session = str(UUID(int=number + 1))
        self.port = 0
        self.acknowledged = 0
        self.sent = 0
        self.ended = threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self.ended.is_set():
            try:
                self._speak()
            except (OSError, http.client.HTTPException):
                self.hang_up()
                self.ended.wait(0.01)
        self.hang_up()

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _speak(self) -> None:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        event = {
            "session_id": self.session, "hook_event_name": "PostToolUse", "tool_name": "Bash",
            "tool_use_id": f"toolu_{self.acknowledged}", "tool_input": {}, "tool_response": {}, "duration_ms": 5,
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {INGEST}", "Content-Type": "application/json"}
        self.sent += 1
        self._connection.request("POST", "/v1/hook", json.dumps(event), headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status == 200:
            self.acknowledged += 1


def test_a_collector_that_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(11)
    stand = Stand(tmp_path)
    stand.start()
    speakers = [Speaker(number) for number in range(SESSIONS)]
    for speaker in speakers:
        speaker.port = stand.port
        speaker.start()
    deaths = 0
    while deaths < KILLS:
        before = sum(speaker.acknowledged for speaker in speakers)
        goal = before + chance.randrange(1, 400)
        while sum(speaker.acknowledged for speaker in speakers) < goal:
            speakers[0].ended.wait(0.001)
        stand.stop(signal.SIGKILL)
        deaths += 1
        stand.start()
        for speaker in speakers:
            speaker.port = stand.port
    for speaker in speakers:
        speaker.ended.set()
    for speaker in speakers:
        speaker.join()
    stand.stop()
    ledger = Ledger(str(stand.db))
    inbox = Inbox(str(stand.live / "inbox.sqlite"))
    inbox.move(ledger)
    inbox.close()
    kept = dict(ledger.db.rows("select n.text, count(*) from event e join name n on n.id = e.session group by 1"))
    distinct = dict(
        ledger.db.rows("select n.text, count(distinct call) from event e join name n on n.id = session group by 1")
    )
    assert ledger.integrity() == "ok"
    ledger.close()
    acknowledged = sum(speaker.acknowledged for speaker in speakers)
    assert acknowledged > KILLS
    assert kept == distinct
    for speaker in speakers:
        # the last one may have been kept without its answer having arrived
        assert kept.get(speaker.session, 0) - speaker.acknowledged in (0, 1)


def test_the_harness_notices_a_collector_that_acknowledges_first(tmp_path: Path) -> None:
    """One value acknowledged and not kept is one too few: the comparison above is not vacuous."""
    with Stand(tmp_path) as stand:
        speaker = Speaker(0)
        speaker.port = stand.port
        for _ in range(5):
            speaker._speak()
        speaker.hang_up()
    speaker.acknowledged += 1
    ledger = Ledger(str(stand.db))
    (kept,) = next(iter(ledger.db.rows("select count(*) from event")))
    ledger.close()
    assert kept - speaker.acknowledged not in (0, 1)

"""At least once, with the same id each time, whatever kills the process and whenever."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lineitem.alerts.delivery import LATER, NEVER, SENT, Outcome, deliver
from lineitem.alerts.messages import Message
from lineitem.alerts.notice import Notice
from lineitem.alerts.outbox import LEASE, Outbox, wait_after
from lineitem.alerts.settings import AlertSettings
from lineitem.alerts.tell import gather, note, post
from tests.alerts.memory_outbox import Memory
from tests.alerts.notices import DOLLAR, HOUR, MINUTE, NOW, anomaly
from tests.alerts.sqlite_outbox import Stored
from tests.laws.examples import examples

DAY = 24 * HOUR
SETTINGS = AlertSettings.from_settings(
    {"alerts": {"channels": {"one": {"kind": "desktop"}, "two": {"kind": "desktop", "names": "hidden"}}}}
)


class Killed(BaseException):
    """The process ends here."""


class Receiver:
    """Stands for a channel and for who receives: remembers every delivery."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.answers: list[str] = []  #: what happens next; empty: all is well

    def send(self, message: Message, now: int) -> Outcome:
        assert now
        what = self.answers.pop() if self.answers else "ok"
        if what == "killed before":
            raise Killed
        if what == "down":
            return Outcome(LATER, "not reached")
        if what == "gone":
            return Outcome(NEVER, "answered 410")
        if what == "raises":
            raise RuntimeError("https://hooks.example/T0/secret refused")
        self.got.append(message.id)
        if what == "killed after":
            raise Killed
        return Outcome(SENT)


class Telling(RuleBasedStateMachine):
    """Findings come, processes die between any two steps, receivers fail; what was kept is told at least once."""

    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self.outbox = outbox
        self.now = NOW
        self.receivers = {"one": Receiver(), "two": Receiver()}
        self.noted: set[str] = set()

    @rule(number=st.integers(0, 12), nanos=st.sampled_from([DOLLAR, 9 * DOLLAR]), times=st.integers(1, 3))
    def finding(self, number: int, nanos: int, times: int) -> None:
        one = anomaly(f"a{number}", nanos, at=self.now, subject=f"s{number}")
        if one.key in self.noted:
            one = one._replace(figures={"nanos": 9 * DOLLAR})
        for _ in range(times):  # the same finding from a transcript, a hook and a rebuild
            note(self.outbox, [one], SETTINGS, self.now)
        self.noted.add(one.key)

    @rule(later=st.sampled_from([1, 20_000, 2 * MINUTE, LEASE, HOUR]))
    def time_passes(self, later: int) -> None:
        self.now += later

    @rule()
    def gathered(self) -> None:
        gather(self.outbox, SETTINGS, self.now, lambda _, name: name)

    @rule(
        channel=st.sampled_from(["one", "two"]),
        answers=st.lists(
            st.sampled_from(["ok", "down", "raises", "killed before", "killed after"]), min_size=1, max_size=4
        ),
    )
    def trouble(self, channel: str, answers: list[str]) -> None:
        self.receivers[channel].answers = list(answers)

    @rule()
    def sent(self) -> None:
        try:
            deliver(self.outbox, self.receivers, self._tick, lambda: 0.5, DAY * 1000)
        except Killed:
            self.restarted()

    def restarted(self) -> None:
        """A new process on the same store."""

    def _tick(self) -> int:
        self.now += 1
        return self.now

    @invariant()
    def nothing_was_given_up(self) -> None:
        assert self.outbox.given_up() == []

    def teardown(self) -> None:
        """In the end all is told: every kept notice arrived, and each message has one id."""
        for receiver in self.receivers.values():
            receiver.answers = []
        for _ in range(4):
            self.now += 2 * HOUR
            self.gathered()
            self.sent()
        assert self.outbox.claim(self.now + LEASE, ()) is None, "nothing waits"
        for channel, receiver in self.receivers.items():
            assert not self.outbox.pending(channel)
            assert set(receiver.got) == self._ids(channel)

    def _ids(self, channel: str) -> set[str]:
        raise NotImplementedError


class InMemory(Telling):
    def __init__(self) -> None:
        super().__init__(Memory())

    def _ids(self, channel: str) -> set[str]:
        assert isinstance(self.outbox, Memory)
        told = [key for key, (what, _) in self.outbox.fate.items() if key[0] == channel and what == "told"]
        assert len(told) == len({key for key in self.noted if (channel, key) in self.outbox.fate}), "told, not dropped"
        return {name for where, name in self.outbox.rows if where == channel}


def test_law_everything_kept_is_told_in_memory() -> None:
    run_state_machine_as_test(InMemory, settings=examples(40))


def test_law_everything_kept_is_told_on_disk(tmp_path: Path) -> None:
    class OnDisk(Telling):
        count = 0

        def __init__(self) -> None:
            OnDisk.count += 1
            self.path = str(tmp_path / f"{OnDisk.count}.sqlite")
            super().__init__(Stored(self.path))

        def restarted(self) -> None:
            assert isinstance(self.outbox, Stored)
            self.outbox.close()
            self.outbox = Stored(self.path)

        def _ids(self, channel: str) -> set[str]:
            assert isinstance(self.outbox, Stored)
            rows: Any = self.outbox.db.execute("select id from alert_message where channel = ?", (channel,))
            return {ident for (ident,) in rows}

        def teardown(self) -> None:
            super().teardown()
            assert isinstance(self.outbox, Stored)
            self.outbox.close()
            os.unlink(self.path)

    run_state_machine_as_test(OnDisk, settings=examples(10, 0.2))


@pytest.fixture(params=["memory", "disk"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "memory":
        yield Memory()
        return
    stored = Stored(str(tmp_path / "outbox.sqlite"))
    yield stored
    stored.close()


def kept(outbox: Outbox, *keys: str) -> None:
    for key in keys:
        note(outbox, [anomaly(key, 9 * DOLLAR, subject=key)], SETTINGS, NOW)
    gather(outbox, SETTINGS, NOW, lambda _, name: name)


def test_a_message_that_fails_is_tried_again_later_and_later_with_the_same_id(outbox: Outbox) -> None:
    kept(outbox, "a")
    clock, waits = [NOW], []
    receivers = {"one": Receiver(), "two": Receiver()}
    for _ in range(6):
        receivers["one"].answers = ["down"]
        assert deliver(outbox, receivers, lambda: clock[0], lambda: 0.0, DAY).failed == 1
        before = clock[0]
        while outbox.claim(clock[0], ["two"]) is None and clock[0] < before + DAY:
            clock[0] += 5000
        waits.append(clock[0] - before)
        clock[0] += LEASE  # that claim was a process that died
    deliver(outbox, receivers, lambda: clock[0], lambda: 0.0, DAY)
    assert waits == sorted(waits)
    assert waits[-1] > 10 * waits[0]
    assert len(receivers["one"].got) == len(receivers["two"].got) == 1


def test_a_channel_that_is_down_does_not_hold_up_the_other(outbox: Outbox) -> None:
    for number in range(3):
        note(outbox, [anomaly(str(number), 9 * DOLLAR, subject=str(number))], SETTINGS, NOW + number * HOUR)
        gather(outbox, SETTINGS, NOW + number * HOUR, lambda _, name: name)
    receivers = {"one": Receiver(), "two": Receiver()}
    receivers["one"].answers = ["down"] * 9
    done = deliver(outbox, receivers, lambda: NOW + DAY // 2, lambda: 0.5, DAY)
    assert (done.sent, done.failed) == (3, 1)
    assert len(receivers["one"].answers) == 8, "asked once, then left alone"


def test_what_never_arrives_is_given_up_after_a_day_and_shown(outbox: Outbox) -> None:
    kept(outbox, "a")
    receivers = {"one": Receiver(), "two": Receiver()}
    receivers["one"].answers = ["raises"] * 99
    clock = [NOW]
    for _ in range(60):
        deliver(outbox, receivers, lambda: clock[0], lambda: 0.9, DAY)
        clock[0] += HOUR // 2
    lost = outbox.given_up()
    assert [(row.channel, row.made, row.why) for row in lost] == [("one", NOW, "failed with RuntimeError")]
    assert lost[0].tries > 20
    assert outbox.claim(NOW + 99 * DAY, ()) is None, "it is not tried again"


def test_a_machine_that_slept_for_days_still_tries_once(outbox: Outbox) -> None:
    kept(outbox, "a")
    receivers = {"one": Receiver(), "two": Receiver()}
    assert deliver(outbox, receivers, lambda: NOW + 9 * DAY, lambda: 0.5, DAY).sent == 2


def test_a_message_that_kills_each_process_is_given_up_too(outbox: Outbox) -> None:
    kept(outbox, "a")
    receivers = {"one": Receiver(), "two": Receiver()}
    receivers["one"].answers = ["killed before"] * 999
    clock = [NOW]
    while clock[0] < NOW + 2 * DAY:
        try:
            deliver(outbox, receivers, lambda: clock[0], lambda: 0.5, DAY)
        except Killed:
            pass
        clock[0] += HOUR
    assert [row.why for row in outbox.given_up()] == ["each try ended the process"]


def test_a_receiver_that_is_gone_and_a_channel_that_is_no_more_are_given_up(outbox: Outbox) -> None:
    kept(outbox, "a")
    receiver = Receiver()
    receiver.answers = ["gone"]
    done = deliver(outbox, {"one": receiver}, lambda: NOW, lambda: 0.5, DAY)
    assert done.given_up == 2
    assert {row.why for row in outbox.given_up()} == {"answered 410", "the channel is no longer in the settings"}


def test_a_digest_is_kept_once_for_each_channel_that_wants_it(outbox: Outbox) -> None:
    from lineitem.alerts.messages import Section

    channels = {"mail": {"kind": "email", "url": "mailto://x"}, "desk": {"kind": "desktop"}}
    settings = AlertSettings.from_settings({"alerts": {"channels": channels}})
    message = Message("digest-daily-2026-11-18", "lineitem: a day", (Section("", ("x",)),), "info", NOW, "digest")
    assert [post(outbox, settings, message, NOW + each) for each in range(3)] == [1, 0, 0]
    first, other = outbox.claim(NOW, ()), outbox.claim(NOW, ())
    assert (first and (first.channel, first.made), other) == (("mail", NOW), None)
    assert outbox.last("mail") is None, "a digest does not keep an alert waiting"


def test_what_was_settled_long_ago_is_forgotten(outbox: Outbox) -> None:
    kept(outbox, "a")
    outbox.forget(NOW + DAY)
    sent = deliver(outbox, {"one": Receiver(), "two": Receiver()}, lambda: NOW, lambda: 0.5, DAY).sent
    assert sent == 2, "what waits is not"
    outbox.forget(NOW + DAY)
    assert note(outbox, [anomaly("a")], SETTINGS, NOW + DAY) == 2


def test_an_odd_key_is_kept_all_the_same(outbox: Outbox) -> None:
    odd: Notice = anomaly("\ud800" * 9, 9 * DOLLAR, subject="\x00" + "s" * 100_000)
    assert note(outbox, [odd, odd], SETTINGS, NOW) == 2
    assert gather(outbox, SETTINGS, NOW, lambda _, name: name) == 2


def test_waits_are_doubled_bounded_and_half_left_to_chance() -> None:
    assert [wait_after(tries, 0) for tries in (1, 2, 3, 99)] == [5000, 10_000, 20_000, 1_800_000]
    assert all(wait_after(tries, 0) <= wait_after(tries, 0.999) < 3_600_000 for tries in range(80))


#: Notes, gathers and sends for ever; whoever starts it kills it.
WORK = """
import os, random, sys, time
from lineitem.alerts.delivery import Outcome, deliver
from lineitem.alerts.settings import AlertSettings
from lineitem.alerts.tell import gather, note
from tests.alerts.notices import DOLLAR, anomaly
from tests.alerts.sqlite_outbox import Stored

path, log, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
settings = AlertSettings.from_settings({"alerts": {"spacing": "0s", "channels": {"one": {"kind": "desktop"}}}})
file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

class Receiver:
    def send(self, message, now):
        os.write(file, f"got {message.id}\\n".encode())
        return Outcome("sent")

outbox = Stored(path)
print("ready", flush=True)
now = first
for number in range(first, first + 100_000):
    now += 200_000
    note(outbox, [anomaly(f"a{number}", 9 * DOLLAR, now, str(number))], settings, now)
    os.write(file, f"kept a{number}\\n".encode())
    gather(outbox, settings, now, lambda _, name: name)
    deliver(outbox, {"one": Receiver()}, lambda: now, lambda: 0.5, 10**15)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as POSIX does")
def test_killed_at_any_moment_everything_kept_arrives(tmp_path: Path) -> None:
    kills = max(12, int(os.environ.get("LINEITEM_EXAMPLES", "0")) // 20)
    path, log = str(tmp_path / "o.sqlite"), tmp_path / "log"
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    chance = random.Random(7)
    for life in range(kills):
        command = [sys.executable, "-c", WORK, path, str(log), str(life * 10**9)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
            assert child.stdout
            assert child.stdout.readline() == b"ready\n"
            select_for = chance.random() * 0.08
            try:
                child.wait(select_for)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
    settings = AlertSettings.from_settings({"alerts": {"spacing": "0s", "channels": {"one": {"kind": "desktop"}}}})
    outbox, receiver = Stored(path), Receiver()
    end = (kills + 1) * 10**9
    gather(outbox, settings, end, lambda _, name: name)
    deliver(outbox, {"one": receiver}, lambda: end + LEASE, lambda: 0.5, 10**15)
    said = log.read_text().splitlines()
    got = Counter([line[4:] for line in said if line.startswith("got ")] + receiver.got)
    rows: Any = outbox.db.execute("select id from alert_message")
    assert set(got) == {ident for (ident,) in rows}
    assert len(got) > kills, "the programs did come to something"
    told: Any = outbox.db.execute("select key from alert_notice where told is not null")
    assert {line[5:] for line in said if line.startswith("kept ")} <= {key for (key,) in told}
    assert sum(number - 1 for number in got.values()) <= kills, "at most one repetition for each kill"
    outbox.close()

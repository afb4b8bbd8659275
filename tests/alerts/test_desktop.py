"""Desktop notifications: a real message bus with a stand-in for the desktop, and macOS's program as a stand-in."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from ast import literal_eval
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lineitem.alerts.channels import desktop
from lineitem.alerts.channels.desktop import Desktop, arguments_of, run_constant
from lineitem.alerts.delivery import LATER, SENT, Outcome
from lineitem.alerts.messages import Message, Section, message_of
from lineitem.alerts.settings import AlertSettings
from tests.alerts.notices import HOSTILE, NOW, anomaly, health

if TYPE_CHECKING:
    from collections.abc import Iterator

RAW = Message("msg_1", "lineitem: <b>&", (Section("", HOSTILE[:12]),), "critical", NOW)
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
<type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""

INTERFACE = """<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
<arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
<arg type="s" direction="out"/><arg type="s" direction="out"/></method>
</interface></node>"""


def channel(platform: str = "linux", **more: Any) -> Desktop:
    settings = AlertSettings.from_settings({"alerts": {"channels": {"desk": {"kind": "desktop", **more}}}})
    return Desktop(settings.channels[0], platform)


@contextmanager
def bus(folder: Path, got: list[tuple[Any, ...]]) -> Iterator[str]:
    """A message bus of our own with a notification service on it; yields its address."""
    config, path = folder / "bus.conf", folder / "bus"
    config.write_text(BUS.format(path=path))
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--print-address", "--nofork", "--nopidfile"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert daemon.stdout
    address = daemon.stdout.readline().strip()
    started, loop = threading.Event(), asyncio.new_event_loop()
    thread = threading.Thread(target=_serve, args=(loop, address, got, started))
    thread.start()
    try:
        assert started.wait(10)
        yield address
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        daemon.terminate()
        daemon.wait()
        daemon.stdout.close()


def _serve(loop: asyncio.AbstractEventLoop, address: str, got: list[tuple[Any, ...]], started: threading.Event) -> None:
    from dbus_fast import Message as Call
    from dbus_fast import MessageType
    from dbus_fast.aio import MessageBus

    def answer(call: Call) -> Any:
        """The desktop's side of the freedesktop specification."""
        if call.message_type is not MessageType.METHOD_CALL:
            return None
        if call.member == "Notify":
            app, _, _, title, body, _, hints, _ = call.body
            got.append((app, title, body, {name: value.value for name, value in hints.items()}))
        known: dict[str, tuple[str, list[Any]]] = {
            "Introspect": ("s", [INTERFACE]),
            "Notify": ("u", [len(got)]),
            "GetServerInformation": ("ssss", ["stand-in", "lineitem", "1", "1.2"]),
            "GetCapabilities": ("as", [["body", "body-markup", "sound"]]),
        }
        if call.member not in known:
            return None
        signature, values = known[call.member]
        return Call.new_method_return(call, signature, values)

    async def start() -> MessageBus:
        connection = await MessageBus(bus_address=address).connect()
        connection.add_message_handler(answer)
        await connection.request_name("org.freedesktop.Notifications")
        return connection

    async def end(connection: MessageBus) -> None:
        connection.disconnect()
        await asyncio.sleep(0)

    connection = loop.run_until_complete(start())
    started.set()
    loop.run_forever()
    loop.run_until_complete(end(connection))
    loop.close()


linux = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not shutil.which("dbus-daemon"), reason="needs a message bus"
)


@linux
def test_a_desktop_shows_it_with_a_sound_for_each_severity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("desktop_notifier", reason="desktop-notifier is in the extra alerts")
    got: list[tuple[Any, ...]] = []
    with bus(tmp_path, got) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert channel().send(message_of([anomaly()], "desk"), NOW) == Outcome(SENT)
        assert channel().send(RAW, NOW) == Outcome(SENT)
        assert channel(sounds=False).send(message_of([health("h", 1, "critical")], "desk"), NOW) == Outcome(SENT)
    (app, title, body, hints), (_, raw_title, raw_body, raw_hints), (*_, silent) = got
    assert (app, title) == ("lineitem", "lineitem: Unusually dear tool call")
    assert "Bash; $3.00" in body
    assert hints == {"urgency": 1, "sound-name": "dialog-warning"}
    assert raw_title == "lineitem: <b>&"
    assert "<" not in raw_body
    assert "&lt;img src=x" in raw_body
    assert raw_hints == {"urgency": 2, "sound-name": "dialog-error"}
    assert "sound-name" not in silent


@linux
def test_without_a_desktop_it_is_tried_later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("desktop_notifier", reason="desktop-notifier is in the extra alerts")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    assert channel().send(RAW, NOW) == Outcome(LATER, "there is no desktop to show it on")


def test_without_the_library_a_person_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)
    assert "pip install 'lineitem[alerts]'" in channel().send(RAW, NOW).why


def test_macos_gets_a_constant_script_and_the_texts_as_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, said = tmp_path / "osascript", tmp_path / "said"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(said)!r}, 'a').write(repr(sys.argv[1:]) + chr(10))\n"
    )
    program.chmod(0o700)
    monkeypatch.setattr(desktop, "_OSASCRIPT", str(program))
    assert channel("darwin").send(RAW, NOW) == Outcome(SENT)
    assert channel("darwin", warning_sound="Glass").send(message_of([anomaly()], "desk"), NOW) == Outcome(SENT)
    critical, warning = [literal_eval(line) for line in said.read_text(encoding="utf-8").splitlines()]
    assert critical[:2] == warning[:2] == ["-e", desktop._SCRIPT]
    assert critical[2::2] == ["lineitem: <b>&", "Funk"]
    assert '" & (do shell script "id") & "' in critical[3]
    assert warning[4] == "Glass"
    assert "id" not in desktop._SCRIPT.split()


def test_sounds_are_the_platforms_own() -> None:
    assert [channel("darwin").sound(each) for each in ("info", "warning", "critical")] == ["", "Tink", "Funk"]
    assert channel("linux").sound("critical") == "dialog-error"
    assert channel("win32").sound("warning").startswith("ms-winsoundevent:")
    assert channel("freebsd14").sound("warning") == "dialog-warning"
    assert arguments_of(RAW, "") == arguments_of(RAW, "Tink")[:2]


def test_a_program_that_is_missing_or_fails_is_tried_later() -> None:
    assert run_constant([os.devnull], []).what == LATER
    assert run_constant([sys.executable, "-c", "raise SystemExit(1)"], []) == Outcome(
        LATER, "the system did not show it"
    )

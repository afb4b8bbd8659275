"""Starting at login: three platforms, as files and as calls of their own programs."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.problems import UsageError
from lineitem.setup.autostart import Host, off, on, state, this_host
from lineitem.setup.login_items import NAME, Service, plist, task, unit
from lineitem.setup.refusals import AutostartFailed
from tests.laws.examples import examples

COLLECTOR = Service(("/opt/my apps/python", "-I", "-m", "lineitem", "serve", "--db", 'sqlite:////tmp/100% "ü"/$x.db'))
PLATFORMS = ["darwin", "linux", "win32"]
TASKS = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
WORDS = st.lists(
    WORD | st.sampled_from(["%h", "$HOME", "${X}", "a b", '"', "\\", "'", "&amp;", "<x>", "%%", ";"]), max_size=5
)


class Machine:
    """Stands in for the platform's program: notes the calls, answers as told."""

    def __init__(self, folder: Path, platform: str) -> None:
        self.calls: list[str] = []
        self.failing = ""
        self.says = ""
        live = folder / "live"
        live.mkdir()
        self.host = Host(platform, str(folder), str(folder / ".config"), str(live), 501, "PC\\ann & co", self.run)

    def run(self, command: Sequence[str]) -> tuple[int, str]:
        self.calls.append(" ".join(command))
        if self.failing and self.failing in self.calls[-1]:
            return 5, "no: it is forbidden\nand more"
        return 0, self.says

    def verbs(self) -> list[str]:
        return [next(word for word in call.split()[1:] if word != "--user").lower() for call in self.calls]


@pytest.fixture(params=PLATFORMS)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    return Machine(tmp_path, request.param)


PLACES = {
    "darwin": f"Library/LaunchAgents/{NAME}.plist",
    "linux": f".config/systemd/user/{NAME}.service",
    "win32": f"live/{NAME}.xml",
}
SWITCH_ON = {
    "darwin": ["bootstrap"],
    "linux": ["daemon-reload", "enable", "restart"],
    "win32": ["/create", "/run"],
}


def test_on_writes_the_users_own_file_and_starts_it(machine: Machine, tmp_path: Path) -> None:
    found = on(COLLECTOR, machine.host)
    assert Path(found.file) == tmp_path / PLACES[machine.host.platform]
    assert (found.installed, found.current) == (True, True)
    assert machine.verbs()[: len(SWITCH_ON[machine.host.platform])] == SWITCH_ON[machine.host.platform]
    assert all(
        call.split()[0] in {"launchctl", "systemctl", "schtasks"} and "sudo" not in call for call in machine.calls
    )


def test_a_second_on_starts_the_new_one(machine: Machine) -> None:
    on(COLLECTOR, machine.host)
    newer = COLLECTOR._replace(command=("/usr/bin/python3",))
    assert not state(newer, machine.host).current
    machine.calls.clear()
    assert on(newer, machine.host).current
    stops = {"darwin": "bootout", "linux": "restart", "win32": "/end"}
    assert stops[machine.host.platform] in machine.verbs()


def test_off_leaves_nothing(machine: Machine, tmp_path: Path) -> None:
    on(COLLECTOR, machine.host)
    off(machine.host)
    assert not (tmp_path / PLACES[machine.host.platform]).exists()
    assert state(COLLECTOR, machine.host)[1:] == (False, False, False)
    off(machine.host)  # once more does no harm


def test_off_removes_the_file_even_where_nothing_answers(machine: Machine, tmp_path: Path) -> None:
    on(COLLECTOR, machine.host)
    machine.failing = "ctl" if machine.host.platform != "win32" else "schtasks"
    off(machine.host)
    assert not (tmp_path / PLACES[machine.host.platform]).exists()


def test_what_cannot_be_started_is_taken_back(machine: Machine, tmp_path: Path) -> None:
    place = tmp_path / PLACES[machine.host.platform]
    machine.failing = {"darwin": "bootstrap", "linux": "restart", "win32": "/Run"}[machine.host.platform]
    with pytest.raises(AutostartFailed, match=r"no: it is forbidden\)") as failure:
        on(COLLECTOR, machine.host)
    assert failure.value.exit_code == 1
    assert not place.exists()
    machine.failing = ""
    on(COLLECTOR, machine.host)
    before = place.read_bytes()
    machine.failing = {"darwin": "bootstrap", "linux": "restart", "win32": "/Run"}[machine.host.platform]
    with pytest.raises(AutostartFailed):
        on(COLLECTOR._replace(command=("/usr/bin/python3",)), machine.host)
    assert place.read_bytes() == before


def test_what_the_platform_took_before_it_failed_is_taken_back_from_it(machine: Machine) -> None:
    """The file was removed and nothing else: systemd kept a link to it and the unit, Windows the task."""
    machine.failing = {"darwin": "bootstrap", "linux": "restart", "win32": "/Run"}[machine.host.platform]
    with pytest.raises(AutostartFailed):
        on(COLLECTOR, machine.host)
    taken = {"darwin": ["bootout"], "linux": ["disable", "daemon-reload"], "win32": ["/end", "/delete"]}
    assert machine.verbs()[-len(taken[machine.host.platform]) :] == taken[machine.host.platform]


def test_a_unit_that_was_there_is_loaded_again(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "linux")
    on(COLLECTOR, machine.host)
    machine.calls.clear()
    machine.failing = "enable"
    with pytest.raises(AutostartFailed):
        on(COLLECTOR._replace(command=("/usr/bin/python3",)), machine.host)
    assert machine.verbs()[-2:] == ["daemon-reload", "enable"]
    assert state(COLLECTOR, machine.host).current


@pytest.mark.parametrize(
    ("platform", "said", "running"),
    [
        ("darwin", "\tstate = running\n", True),
        ("darwin", "\tstate = not running\n", False),
        ("linux", "active\n", True),
        ("linux", "failed\n", False),
        ("linux", "Failed to connect to bus", None),
        ("win32", "Bereit", None),
    ],
)
def test_status_says_what_the_platform_says(tmp_path: Path, platform: str, said: str, running: bool | None) -> None:
    machine = Machine(tmp_path, platform)
    on(COLLECTOR, machine.host)
    machine.says = said
    assert state(COLLECTOR, machine.host).running is running


@examples(80)
@given(WORDS, WORDS)
def test_every_value_comes_out_of_every_format_as_it_went_in(arguments: list[str], more: list[str]) -> None:
    service = Service(("/opt/py thon", *arguments), tuple(("X", word) for word in more[:1]), "".join(more))
    agent = plistlib.loads(plist(service))
    assert agent["ProgramArguments"] == list(service.command)
    assert agent.get("EnvironmentVariables", {}) == dict(service.environment)
    root = ET.fromstring(task(service._replace(environment=()), "PC\\" + "".join(more)).decode("utf-16"))
    said = root.findtext(f".//{TASKS}Arguments")
    assert said == (subprocess.list2cmdline(arguments))
    assert {node.text for node in root.iter(f"{TASKS}UserId")} == {"PC\\" + "".join(more)}
    lines = unit(service).decode().split("\n")
    assert unquoted(next(line for line in lines if line.startswith("ExecStart="))[10:]) == list(service.command)
    given_ = [line.removeprefix("Environment=") for line in lines if line.startswith("Environment=")]
    assert [unquoted(line, dollars=False) for line in given_] == [[f"X={word}"] for word in more[:1]]


def unquoted(line: str, *, dollars: bool = True) -> list[str]:
    """What systemd makes of a quoted line, by its manual: `\\\\` and `\\"` in quotes, then `%%`, then `$$`."""
    words, word, at, inside = [], "", 0, False
    while at < len(line):
        character = line[at]
        if inside and character == "\\":
            word, at = word + line[at + 1], at + 1
        elif character == '"':
            if inside:
                words.append(word)
            word, inside = "", not inside
        elif inside:
            word += character
        else:
            assert character == " "
        at += 1
    assert not inside
    plain = [part.replace("%%", "%") for part in words]
    assert all("%" not in part.replace("%%", "") for part in words)
    return plain[:1] + [part.replace("$$", "$") if dollars else part for part in plain[1:]]


@pytest.mark.parametrize("word", ["a\nb", "a\x00b", "\x1b[2J", "\x85", "\udcff"])
@pytest.mark.parametrize("write", [plist, unit, lambda service: task(service, "ann")])
def test_a_control_character_is_refused(write: object, word: str) -> None:
    assert callable(write)
    for service in (Service(("/usr/bin/python3", word)), Service(("/x",), (("A", word),)), Service(("/x",), (), word)):
        with pytest.raises(UsageError):
            write(service)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.service"
    file.write_bytes(unit(COLLECTOR._replace(command=(sys.executable, *COLLECTOR.command[1:]))))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", file],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
    )
    if "Failed to initialize manager" in done.stderr:
        pytest.skip(f"systemd-analyze works for no user here: {done.stderr.strip()}")
    assert (done.returncode, done.stderr) == (0, "")


def reachable() -> bool:
    if not sys.platform.startswith("linux") or not shutil.which("systemctl"):
        return False
    done = subprocess.run(["systemctl", "--user", "show-environment"], capture_output=True, check=False)
    return done.returncode == 0


def test_this_machine_is_described_without_touching_it(tmp_path: Path, home: Path) -> None:
    host = this_host(str(tmp_path))
    assert Path(host.file).is_relative_to(home) or Path(host.file).is_relative_to(tmp_path)
    assert host.platform == sys.platform
    assert host.run(["lineitem-no-such-program"])[0] == 127
    assert host.run([sys.executable, "-c", "print(7); raise SystemExit(3)"]) == (3, "7\n")


@pytest.mark.skipif(not reachable(), reason="no systemd --user answers here")
def test_systemd_really_starts_and_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the real user manager, from its runtime folder: nothing of the person's own is written."""
    runtime = os.environ["XDG_RUNTIME_DIR"]
    monkeypatch.setenv("XDG_CONFIG_HOME", runtime)
    mark = tmp_path / "started here"
    code = f"import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    service, host = Service((sys.executable, "-c", code)), this_host(str(tmp_path))
    try:
        assert on(service, host).running
    finally:
        off(host)
    assert not state(service, host).installed

"""The plugin's files fit the program; its hooks are silent where `lineitem install` has put its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lineitem.setup import entries
from lineitem.sources.spool import Spool
from lineitem.surfaces.cli.argv import read
from tests.docs.pages import ROOT
from tests.hook.samples import SESSION, encoded, event, tool_event
from tests.server.stand import INGEST, Stand
from tests.server.test_collector import soon

PLUGIN = ROOT / "plugin"


def document(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def handlers() -> dict[str, dict[str, Any]]:
    """By event, its one handler."""
    found = {}
    for name, groups in document(PLUGIN / "hooks/hooks.json")["hooks"].items():
        [group] = groups
        [found[name]] = group["hooks"]
        assert group["matcher"] == ""
    return found


def test_it_tells_what_an_installation_tells() -> None:
    wanted = {*entries.OVER_HTTP, *entries.BY_COMMAND} - {"ConfigChange"}  # that one is to notice lost hooks
    assert set(handlers()) == wanted


def test_nothing_of_it_holds_up_work_or_fails_it() -> None:
    for name, handler in handlers().items():
        assert handler["command"].endswith(">/dev/null 2>&1 || :"), name
        assert handler["timeout"] <= 5
        # an asynchronous one may be cut off at the end of a session, and the last ones are of that end
        assert handler.get("async", False) == (name not in ("Stop", "StopFailure", "SessionEnd"))


def test_what_it_starts_are_commands_there_are() -> None:
    servers = document(PLUGIN / ".mcp.json")["mcpServers"]
    lines = [[each["command"], *each["args"]] for each in servers.values()]
    lines += [shlex.split(each["command"].partition(" >")[0]) for each in handlers().values()]
    for program, *words in lines:
        assert program == "lineitem"
        assert read(words) is not None


def test_versions_and_names_are_ours() -> None:
    plugin, market = document(PLUGIN / ".claude-plugin/plugin.json"), document(ROOT / ".claude-plugin/marketplace.json")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert plugin["version"] == project["version"]
    [entry] = market["plugins"]
    assert entry["name"] == plugin["name"] == project["name"]
    assert (ROOT / entry["source"]).resolve() == PLUGIN


@pytest.mark.parametrize("path", sorted(PLUGIN.rglob("SKILL.md")), ids=lambda path: path.parent.name)
def test_a_skill_is_for_the_person_and_costs_nothing_until_asked_for(path: Path) -> None:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert "disable-model-invocation: true" in head
    assert re.search(r"^description: .{10,80}$", head, re.MULTILINE)
    assert len(body) < 1_200


def test_no_file_of_it_names_a_place_on_a_machine() -> None:
    for path in (path for path in PLUGIN.rglob("*") if path.is_file()):
        assert not re.search(r"(?<!>)/(?:home|usr|opt|Users|tmp)\b", path.read_text(encoding="utf-8")), path


# -- its hooks


def told(home: Path, given: bytes, **env: str) -> tuple[int, bytes, bytes]:
    """What `lineitem hook` answers an event."""
    done = subprocess.run(
        [sys.executable, "-m", "lineitem", "hook"], input=given, capture_output=True, check=False, timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path]),
                          "LINEITEM_DB": f"sqlite:///{home / 'store.sqlite'}", **env},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def kept(home: Path) -> list[bytes]:
    return [one.body for batch in Spool(str(home / "store.sqlite.live")).take() for one in batch.records()]


def test_an_event_is_kept_where_a_collector_was_ever_started(home: Path) -> None:
    assert told(home, encoded(event("Stop"))) == (0, b"", b"")
    assert not (home / "store.sqlite.live").exists()
    (home / "store.sqlite.live").mkdir(mode=0o700)
    assert told(home, encoded(event("Stop"))) == (0, b"", b"")
    [body] = kept(home)
    assert json.loads(body)["session_id"] == SESSION


@pytest.mark.parametrize("style", ["http", "command"])
@pytest.mark.parametrize("place", ["home", "project", "config"])
def test_where_an_installation_tells_it_is_silent(home: Path, tmp_path: Path, style: str, place: str) -> None:
    live = home / "store.sqlite.live"
    live.mkdir(mode=0o700)
    folder = {"home": home / ".claude", "project": tmp_path / ".claude", "config": tmp_path / "cfg"}[place]
    env = {"project": {"CLAUDE_PROJECT_DIR": str(tmp_path)}, "config": {"CLAUDE_CONFIG_DIR": str(folder)}}.get(
        place, {}
    )
    wanted = entries.Wanted(str(live), "t" * 43, 4953, sys.executable, str(ROOT / "src/lineitem_hook"), style)
    settings = {"hooks": {name: [entries.group(each)] for name, each in entries.handlers(wanted).items()}}
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps(settings))
    assert told(home, encoded(event("Stop")), **env) == (0, b"", b"")
    assert kept(home) == []
    (folder / "settings.json").write_text(json.dumps({"hooks": {}}))
    assert told(home, encoded(event("Stop")), **env) == (0, b"", b"")
    assert len(kept(home)) == 1


@pytest.mark.parametrize("given", [b"", b"garbage", b"\xff\x00", b'{"hook_event_name": 5}', b"[" * 100_000])
def test_whatever_it_meets_it_is_quiet(home: Path, given: bytes) -> None:
    (home / "store.sqlite.live").mkdir(mode=0o700)
    assert told(home, given) == (0, b"", b"")


def test_broken_settings_do_not_make_it_speak(home: Path) -> None:
    settings = home / "odd.toml"
    settings.write_text("this is = = no TOML")
    assert told(home, encoded(event("Stop")), LINEITEM_SETTINGS=str(settings)) == (0, b"", b"")


def test_an_event_that_came_both_ways_is_one_event(tmp_path: Path) -> None:
    """Should both speak after all: a tool call's event is known by its call."""
    body = tool_event()
    with Stand(tmp_path) as stand:
        (stand.live / "ingest.token").write_text(INGEST)
        (stand.live / "ingest.token").chmod(0o600)
        assert stand.ask("POST", "/v1/hook", body)[0] == 200
        assert told(tmp_path, encoded(body)) == (0, b"", b"")
        assert soon(lambda: _events(stand.db) == 1)
        stand.stop()
        assert _events(stand.db) == 1


def _events(store: Path) -> int:
    import apsw

    database = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return len(database.execute("select key from event").fetchall())
    finally:
        database.close()

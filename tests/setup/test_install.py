"""Putting lineitem in place, as stories: what a person had stays, what is ours comes and goes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineitem.core.problems import LineitemError
from lineitem.setup import entries, live_folder
from lineitem.setup.install import (
    NO_TOKEN,
    default_settings,
    exposed,
    install,
    lost,
    planned,
    planned_removal,
    programs_beside,
    repair,
    status,
    uninstall,
)
from lineitem.setup.record import BACKUPS, Records
from lineitem.setup.refusals import SettingsBusy, SettingsRefused
from tests.laws.examples import examples
from tests.setup.places import PYTHON, TOKEN, place, wanted

PROGRAMS = "/opt/lineitem_hook"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def write(file: Path, **members: Any) -> bytes:
    content = json.dumps(members, indent=2).encode()
    file.write_bytes(content)
    return content


def read(file: Path) -> Any:
    return json.loads(file.read_bytes())


def handlers(file: Path, event: str) -> list[dict[str, Any]]:
    return [handler for group in read(file)["hooks"].get(event, []) for handler in group["hooks"]]


def live(file: Path) -> Path:
    return file.with_name("lineitem.sqlite.live")


# --- what is put in


def test_with_nothing_there_a_private_file_is_made_and_taken_away_again(file: Path) -> None:
    plan = install(place(file.parent))
    assert plan.before is None
    assert sorted(read(file)) == ["hooks", "statusLine"]
    assert set(read(file)["hooks"]) == {*entries.OVER_HTTP, *entries.BY_COMMAND}
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    uninstall(str(file), place(file.parent).database)
    assert not file.exists()


def test_hooks_go_over_http_but_for_those_the_client_runs_as_commands_only(file: Path) -> None:
    install(place(file.parent))
    token = (live(file) / "ingest.token").read_text(encoding="ascii").strip()
    assert handlers(file, "PreToolUse") == [
        {
            "type": "http",
            "url": "http://127.0.0.1:4953/v1/hook",
            "headers": {"Authorization": f"Bearer {token}", "x-lineitem-hook": "1"},
            "timeout": 2,
        }
    ]
    assert handlers(file, "SessionStart") == [
        {
            "type": "command",
            "command": PYTHON,
            "args": ["-I", "-S", f"{PROGRAMS}/forward.py", str(live(file))],
            "async": True,
            "timeout": 5,
        }
    ]


@pytest.mark.parametrize("style", ["http", "command"])
def test_a_note_on_resume_is_waited_for_and_comes_and_goes_with_its_setting(file: Path, style: str) -> None:
    before = write(file, model="opus")
    install(place(file.parent, style=style, note=True))
    (handler,) = handlers(file, "SessionStart")
    assert handler["args"] == ["-I", "-S", f"{PROGRAMS}/forward.py", str(live(file)), "--note"]
    assert "async" not in handler
    assert not any("--note" in each.get("args", ()) for each in handlers(file, "Stop"))
    install(place(file.parent, style=style))
    (handler,) = handlers(file, "SessionStart")
    assert handler["async"]
    install(place(file.parent, style=style, note=True))
    uninstall(str(file), place(file.parent).database)
    assert file.read_bytes() == before


def test_in_the_command_style_no_address_and_no_token_is_written(file: Path) -> None:
    install(place(file.parent, style="command"))
    token = (live(file) / "ingest.token").read_text(encoding="ascii").strip()
    assert token not in file.read_text(encoding="utf-8")
    assert {handler["type"] for event in read(file)["hooks"] for handler in handlers(file, event)} == {"command"}


def test_the_style_can_be_changed_and_nothing_stands_twice(file: Path) -> None:
    before = write(file, hooks={"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]})
    for style in ("http", "command", "http"):
        install(place(file.parent, style=style))
        assert all(sum(map(entries.is_ours, handlers(file, event))) == 1 for event in read(file)["hooks"])
    uninstall(str(file), place(file.parent).database)
    assert file.read_bytes() == before


def test_a_new_port_a_new_python_and_a_new_token_take_the_place_of_the_old(file: Path) -> None:
    before = write(file, model="opus", allowedHttpHookUrls=["https://example.org/*"])
    install(place(file.parent, telemetry=True))
    (live(file) / "ingest.token").unlink()
    install(place(file.parent, port=5001, interpreter="/opt/python3"))
    token = (live(file) / "ingest.token").read_text(encoding="ascii").strip()
    text = file.read_text(encoding="utf-8")
    assert "4953" not in text
    assert PYTHON not in text
    assert text.count(f"Bearer {token}") == len(entries.OVER_HTTP) + 1
    assert read(file)["env"]["OTEL_EXPORTER_OTLP_HEADERS"] == f"Authorization=Bearer {token}"
    assert read(file)["allowedHttpHookUrls"] == ["https://example.org/*", "http://127.0.0.1:5001/v1/hook"]
    uninstall(str(file), place(file.parent).database)
    assert file.read_bytes() == before


def test_an_address_is_added_only_to_a_list_that_is_there_and_lacks_it(file: Path) -> None:
    install(place(file.parent))
    assert "allowedHttpHookUrls" not in read(file)
    for urls in (["http://127.0.0.1:*"], ["*"], ["http://127.0.0.1:4953/v1/hook"]):
        write(file, allowedHttpHookUrls=urls)
        install(place(file.parent))
        assert read(file)["allowedHttpHookUrls"] == urls


# --- the statusline


def test_a_statusline_that_is_there_is_run_by_ours_and_comes_back(file: Path) -> None:
    before = write(file, statusLine={"type": "command", "command": "~/bin/mine --x 'a b'", "padding": 3})
    plan = install(place(file.parent))
    assert plan.wrapped == "~/bin/mine --x 'a b'"
    status_line = read(file)["statusLine"]
    assert (status_line["padding"], sorted(status_line)) == (3, ["command", "padding", "type"])
    kept = json.loads((live(file) / "statusline.json").read_bytes())
    assert kept == {"command": "~/bin/mine --x 'a b'", "settings": str(file)}
    assert status(str(file), place(file.parent).database).wraps
    uninstall(str(file), place(file.parent).database)
    assert file.read_bytes() == before
    assert not (live(file) / "statusline.json").exists()


def test_it_comes_back_also_where_the_file_was_changed_since(file: Path) -> None:
    write(file, statusLine={"type": "command", "command": "mine"})
    install(place(file.parent))
    write(file, **read(file) | {"theme": "dark"})
    uninstall(str(file), place(file.parent).database)
    assert read(file) == {"statusLine": {"type": "command", "command": "mine"}, "theme": "dark"}


def test_what_a_person_added_to_our_statusline_stays_when_we_move(file: Path) -> None:
    install(place(file.parent))
    content = read(file)
    content["statusLine"]["command"] += " --theme powerline --format '{session} $'"
    write(file, **content)
    assert install(place(file.parent)).changes == ()
    install(place(file.parent, interpreter="/opt/python3"))
    words = shlex.split(read(file)["statusLine"]["command"])
    assert words[0] == "/opt/python3"
    assert words[5:] == ["--theme", "powerline", "--format", "{session} $"]


def test_a_command_that_starts_ours_inside_is_not_wrapped_again(file: Path) -> None:
    """It would run ours, which would run it, and so on."""
    command = f"other --then '{PYTHON} -I -S {PROGRAMS}/statusline.py /x.live'"
    write(file, statusLine={"type": "command", "command": command})
    plan = install(place(file.parent))
    assert "inside another command" in plan.notes[0]
    assert read(file)["statusLine"]["command"] == command
    assert lost(place(file.parent).database) == {}


@pytest.mark.parametrize("odd", [None, 7, {}, {"type": "text", "command": "x"}, {"type": "command", "command": 3}])
def test_a_statusline_we_do_not_understand_stays(file: Path, odd: Any) -> None:
    write(file, statusLine=odd)
    plan = install(place(file.parent))
    assert "do not know" in plan.notes[0]
    assert read(file)["statusLine"] == odd


def test_a_statusline_removed_by_hand_does_not_come_back_from_the_dead(file: Path) -> None:
    database = place(file.parent).database
    write(file, statusLine={"type": "command", "command": "mine"})
    install(place(file.parent))
    content = read(file)
    del content["statusLine"]
    write(file, **content)
    assert lost(database) == {str(file): ["statusLine"]}
    repair(database, PYTHON, PROGRAMS)
    assert not (live(file) / "statusline.json").exists()
    uninstall(str(file), database)
    assert "statusLine" not in read(file)


def test_two_settings_files_share_a_store_but_only_one_foreign_statusline_fits(tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    befores = [write(x, statusLine={"type": "command", "command": x.name}) for x in (one, two)]
    install(place(tmp_path, settings=str(one)))
    plan = install(place(tmp_path, settings=str(two)))
    assert "another settings.json" in plan.notes[0]
    assert read(two)["statusLine"]["command"] == "two.json"
    database = place(tmp_path).database
    assert lost(database) == {}
    for path in (one, two):
        uninstall(str(path), database)
    assert [one.read_bytes(), two.read_bytes()] == befores


# --- telemetry


def test_telemetry_is_switched_on_when_asked_and_off_with_the_rest(file: Path) -> None:
    before = write(file, env={"EDITOR": "vi", "CLAUDE_CODE_ENABLE_TELEMETRY": "1"})
    install(place(file.parent, telemetry=True))
    env = read(file)["env"]
    assert env["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4953"
    assert env["OTEL_EXPORTER_OTLP_PROTOCOL"] == "http/json"
    write(file, **read(file) | {"theme": "dark"})
    uninstall(str(file), place(file.parent).database)
    assert read(file) == json.loads(before) | {"theme": "dark"}


@pytest.mark.parametrize(
    "env",
    [
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example.org"},
        {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "https://collector.example.org"},
        {"OTEL_LOGS_EXPORTER": "console"},
        {"CLAUDE_CODE_ENABLE_TELEMETRY": "0"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4953", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=mine"},
        {"OTEL_EXPORTER_OTLP_HEADERS": None},
    ],
)
def test_telemetry_that_goes_elsewhere_is_left_alone_and_our_token_is_not_sent_there(file: Path, env: Any) -> None:
    write(file, env=env)
    plan = install(place(file.parent, telemetry=True))
    assert any(note.startswith("Telemetry was not switched on") for note in plan.notes)
    assert read(file)["env"] == env
    assert lost(place(file.parent).database) == {}


def test_the_telemetry_header_is_spelt_as_the_client_sends_it(file: Path) -> None:
    """It decodes nothing: with `%20` in it the collector would be sent another token."""
    install(place(file.parent, telemetry=True))
    token = (live(file) / "ingest.token").read_text(encoding="ascii").strip()
    assert read(file)["env"]["OTEL_EXPORTER_OTLP_HEADERS"] == f"Authorization=Bearer {token}"


def test_telemetry_stays_on_when_installed_again_without_asking(file: Path) -> None:
    install(place(file.parent, telemetry=True))
    install(place(file.parent, port=5001))
    assert read(file)["env"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:5001"


# --- other people's work


def test_foreign_hooks_stay_where_they_are_even_those_that_look_like_ours(file: Path) -> None:
    look_alike = {"type": "http", "url": "http://127.0.0.1:4953/v1/hook"}
    before = write(
        file,
        hooks={
            "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "guard"}, look_alike]}],
            "Notification": [],
            "Odd": 7,
        },
    )
    install(place(file.parent))
    found = status(str(file), place(file.parent).database)
    assert found.others == {"PreToolUse": 2}
    assert read(file)["hooks"]["PreToolUse"][0]["hooks"][1] == look_alike
    uninstall(str(file), place(file.parent).database)
    assert file.read_bytes() == before


def test_an_entry_of_ours_that_a_person_moved_into_their_group_is_found_there(file: Path) -> None:
    install(place(file.parent))
    content = read(file)
    ours = handlers(file, "Stop")[0]
    content["hooks"]["Stop"] = [{"matcher": "", "hooks": [{"type": "command", "command": "say"}, ours]}]
    write(file, **content)
    assert install(place(file.parent)).changes == ()
    uninstall(str(file), place(file.parent).database)
    assert read(file) == {"hooks": {"Stop": [{"matcher": "", "hooks": [{"type": "command", "command": "say"}]}]}}


def test_a_narrowed_or_doubled_entry_of_ours_is_put_right(file: Path) -> None:
    install(place(file.parent))
    content = read(file)
    content["hooks"]["PreToolUse"][0]["matcher"] = "Bash"
    content["hooks"]["Stop"] *= 3
    content["hooks"]["Notification"] = content["hooks"]["Stop"][:1]  # of an older lineitem
    write(file, **content)
    assert lost(place(file.parent).database) == {str(file): ["PreToolUse"]}
    install(place(file.parent))
    assert [group["matcher"] for group in read(file)["hooks"]["PreToolUse"]] == [""]
    assert len(handlers(file, "Stop")) == 1
    assert "Notification" not in read(file)["hooks"]


@pytest.mark.parametrize("hooks", [None, [], "x", {"Stop": {}}, {"PreToolUse": None}, {entries.SWITCH: {}}])
def test_hooks_in_a_form_nobody_knows_are_refused_with_what_to_paste(file: Path, hooks: Any) -> None:
    before = write(file, hooks=hooks)
    with pytest.raises(SettingsRefused, match="holds no") as refusal:
        install(place(file.parent))
    assert file.read_bytes() == before
    snippet = str(refusal.value).split("by hand:\n")[1]
    assert set(json.loads(snippet)["hooks"]) == {*entries.OVER_HTTP, *entries.BY_COMMAND}
    with pytest.raises(SettingsRefused, match="holds no"):
        install(place(file.parent, switches=True))
    assert file.read_bytes() == before


def test_hooks_that_are_switched_off_are_mentioned(file: Path) -> None:
    write(file, disableAllHooks=True)
    assert any("disableAllHooks" in note for note in install(place(file.parent)).notes)


def test_a_file_that_holds_nothing_of_ours_is_not_touched_by_uninstall(file: Path) -> None:
    before = write(file, allowedHttpHookUrls=["http://127.0.0.1:4953/v1/hook"], env={"OTEL_LOGS_EXPORTER": "otlp"})
    plan = uninstall(str(file), place(file.parent).database)
    assert (plan.changes, file.read_bytes()) == ((), before)
    assert not live(file).exists()


def test_with_the_live_folder_gone_our_entries_are_still_found(file: Path) -> None:
    before = write(file, model="opus", hooks={"Stop": [{"hooks": [{"type": "command", "command": "say"}]}]})
    install(place(file.parent, telemetry=True))
    shutil.rmtree(live(file))
    uninstall(str(file), place(file.parent).database)
    assert read(file) == json.loads(before)


# --- the file itself


@pytest.mark.skipif(os.name != "posix", reason="links and modes as POSIX has them")
def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles" / "claude.json", tmp_path / "settings.json"
    real.parent.mkdir()
    before = write(real, model="opus")
    real.chmod(0o640)
    link.symlink_to(Path("dotfiles") / "claude.json")
    install(place(tmp_path))
    assert link.is_symlink()
    assert "hooks" in read(real)
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    uninstall(str(link), place(tmp_path).database)
    assert (link.is_symlink(), real.read_bytes()) == (True, before)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(file: Path) -> None:
    write(file, model="opus")
    os.chown(file, 12_345, 23_456)
    install(place(file.parent))
    assert (file.stat().st_uid, file.stat().st_gid) == (12_345, 23_456)


@pytest.mark.skipif(os.name != "posix", reason="links and pipes as POSIX has them")
@pytest.mark.parametrize("kind", ["pipe", "folder", "loop", "below a file"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "settings.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    else:
        (tmp_path / "file").touch()
        path = tmp_path / "file" / "settings.json"
    with pytest.raises(SettingsRefused):
        install(place(tmp_path, settings=str(path)), sleep=lambda _: None)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(file: Path, tmp_path: Path) -> None:
    write(file, model="opus")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SettingsRefused, match="cannot be changed"):
            install(place(tmp_path, database=str(tmp_path.parent / "elsewhere.sqlite")))
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="flock")
def test_a_lock_that_is_never_given_back_is_not_waited_for_for_ever(file: Path) -> None:
    import fcntl

    write(file, model="opus")
    naps: list[float] = []
    with file.with_name("settings.json.lineitem.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SettingsBusy, match="Another lineitem"):
            install(place(file.parent), sleep=naps.append)
    assert 5 <= sum(naps) <= 60


def test_five_backups_are_kept_and_nobody_else_may_read_them(file: Path) -> None:
    contents = []
    for number in range(BACKUPS + 2):
        contents.append(write(file, number=number))
        install(place(file.parent))
    folder = live(file) / "backups"
    kept = sorted(folder.iterdir())
    assert [path.read_bytes() for path in kept] == contents[2:]
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in [folder, *kept]} == {0o700, 0o600}


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b'{"path": 7}', b'{"path": "x", "hashes": [], "wanted": {}}'])
def test_a_spoilt_record_costs_the_exact_bytes_and_nothing_else(file: Path, spoilt: bytes) -> None:
    before = write(file, model="opus")
    install(place(file.parent))
    (record,) = (live(file) / "installed").iterdir()
    record.write_bytes(spoilt)
    assert list(Records(str(live(file))).all()) == []
    assert lost(place(file.parent).database) == {}
    uninstall(str(file), place(file.parent).database)
    assert read(file) == json.loads(before)


# --- looking first


def test_a_plan_writes_nothing_and_shows_the_very_bytes(file: Path) -> None:
    write(file, model="opus")
    plan = planned(place(file.parent))
    assert list(file.parent.iterdir()) == [file]
    assert NO_TOKEN in plan.diff()
    assert plan.diff().startswith(f"--- {file}\tnow\n+++ {file}\tthen\n")
    install(place(file.parent))
    assert planned(place(file.parent)).diff() == ""
    assert planned_removal(str(file), place(file.parent).database).after == plan.before
    assert "hooks" in read(file)


def test_a_diff_can_hide_the_token(file: Path) -> None:
    file.write_bytes(b'{"model": "opus"}')
    install(place(file.parent))
    token = (live(file) / "ingest.token").read_text(encoding="ascii").strip()
    plan = planned_removal(str(file), place(file.parent).database)
    assert token in plan.diff()
    assert token not in plan.diff([token])
    assert "\\ No newline at end of file" in plan.diff()


def test_every_change_says_where_and_what_for(file: Path) -> None:
    write(file, hooks={"Stop": []}, statusLine={"type": "command", "command": "mine"})
    changes = {change.path: change for change in planned(place(file.parent)).changes}
    assert changes["hooks", "Stop", 0].before is None
    assert changes["statusLine", "command"].before == '"mine"'
    assert all(change.why for change in changes.values())


@pytest.mark.skipif(os.name != "posix", reason="modes as POSIX has them")
def test_a_token_that_others_could_read_is_mentioned(file: Path) -> None:
    write(file, model="opus")
    modes = {str(file): 0o644}
    assert exposed(str(file), lambda path: modes.get(path, 0o755))
    modes[str(file.parent)] = 0o750
    assert not exposed(str(file), lambda path: modes.get(path, 0o755))
    modes[str(file)] = 0o640
    assert not exposed(str(file), lambda path: modes.get(path, 0o755))
    assert not exposed(str(file) + ".not-there")


def test_a_python_that_is_gone_is_a_loss_and_repair_takes_the_one_at_hand(file: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.touch()
    install(place(tmp_path, interpreter=str(python)))
    assert lost(place(tmp_path).database) == {}
    python.unlink()
    assert lost(place(tmp_path).database) == {str(file): ["interpreter"]}
    repair(place(tmp_path).database, sys.executable, PROGRAMS)
    assert lost(place(tmp_path).database) == {}


def test_a_file_that_became_unreadable_has_lost_all(file: Path) -> None:
    install(place(file.parent))
    file.write_bytes(b"{// oh")
    assert len(lost(place(file.parent).database)[str(file)]) == len(entries.OVER_HTTP) + 2
    found = status(str(file), place(file.parent).database)
    assert (found.installed, len(found.lost)) == (False, len(entries.OVER_HTTP) + 2)


def test_a_python_in_a_cache_is_mentioned(file: Path) -> None:
    plan = planned(place(file.parent, interpreter="/home/ann/.cache/uv/archive-v0/x/bin/python"))
    assert any("temporary Python" in note for note in plan.notes)
    assert not any("temporary Python" in note for note in planned(place(file.parent)).notes)


def test_where_claude_code_keeps_its_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_settings() == str(home / ".claude" / "settings.json")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/srv/claude")
    assert default_settings() == os.path.join("/srv/claude", "settings.json")


def test_an_installation_without_its_programs_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineitem.__file__", str(tmp_path / "lineitem" / "__init__.py"))
    with pytest.raises(LineitemError, match="not complete"):
        programs_beside()
    (tmp_path / "lineitem_hook").mkdir()
    (tmp_path / "lineitem_hook" / "forward.py").touch()
    assert programs_beside() == str(tmp_path / "lineitem_hook")


# --- command lines

PATH = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)


@examples(40)
@given(st.lists(PATH | st.sampled_from(["a b", "it's", "$HOME", "`x`", "~", "*", "a;b", "#"]), min_size=1, max_size=5))
def test_a_shell_gives_every_word_back(words: list[str]) -> None:
    line = entries.shell_line(words)
    assert shlex.split(line) == words
    if shutil.which("sh") and not any("\0" in word for word in words):
        done = subprocess.run(["sh", "-c", f"printf '%s\\n' {line}"], capture_output=True, check=True)
        assert done.stdout.decode() == "".join(word + "\n" for word in words)


@given(PATH, PATH)
def test_our_command_is_known_again_wherever_it_lies(live_path: str, programs: str) -> None:
    for windows in (False, True):
        wish = wanted(live=live_path, programs=programs + "/lineitem_hook", windows=windows)
        line = entries.statusline_command(wish)
        assert entries.mentions_us(line)
        assert entries.our_words(line) is not None
        assert all(entries.is_ours(handler) for handler in entries.handlers(wish).values())


def test_on_windows_paths_are_written_so_that_git_bash_and_powershell_read_them_alike() -> None:
    wish = wanted(
        interpreter=r"C:\Py\python.exe", programs=r"C:\Py\lineitem_hook", live=r"C:\Users\ann\x.live", windows=True
    )
    assert entries.statusline_command(wish) == (
        "C:/Py/python.exe -I -S C:/Py/lineitem_hook/statusline.py C:/Users/ann/x.live"
    )


def test_tokens_are_those_of_the_live_folder(file: Path) -> None:
    install(place(file.parent))
    folder = live_folder.found(str(live(file)))
    assert folder is not None
    assert folder.ingest in file.read_text(encoding="utf-8")
    assert folder.read not in file.read_text(encoding="utf-8")
    assert TOKEN not in file.read_text(encoding="utf-8")

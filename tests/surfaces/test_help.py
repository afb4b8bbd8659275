"""Help: fits a screen, shows every command, begins with examples, and says what to do about a mistake."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from lineitem.surfaces.cli import main
from lineitem.surfaces.cli.app import run_with_click
from lineitem.surfaces.cli.argv import read
from lineitem.surfaces.commands import BY_NAME, COMMANDS, Command
from tests.surfaces.answers import shown

each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)


def run(*words: str) -> tuple[int, str, str]:
    code: list[int] = []
    out, err = shown(lambda: code.append(main(list(words))), 80)
    return code[0], out, err


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_the_overview_fits_a_screen(words: list[str]) -> None:
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) <= 40
    assert all(len(line) <= 80 for line in out.splitlines())


@each_command
def test_the_overview_names_every_command_under_its_question(command: Command) -> None:
    _, out, _ = run("--help")
    section = next(part for part in out.split("\n\n") if part.startswith(command.group))
    assert command.name in section.replace("|", " ").split()


@each_command
def test_every_command_has_a_sentence_and_examples(command: Command) -> None:
    assert command.summary.endswith(".")
    assert command.examples
    assert all(option.help.endswith((".", "]")) for option in command.options)


@each_command
def test_help_begins_with_examples_and_has_every_option(command: Command) -> None:
    for words in [command.name, "--help"], ["help", command.name]:
        code, out, err = run(*words)
        assert (code, err) == (0, "")
        assert out.startswith(f"{command.summary}\n\nExamples\n  {command.examples[0]}\n")
        assert all(len(line) <= 80 for line in out.splitlines())
        said = out.replace(",", " ").replace(".", " ").split()
        assert all(option.flags[-1] in said for option in command.options)


@each_command
def test_every_example_is_understood(command: Command) -> None:
    for example in command.examples:
        program, *words = shlex.split(example)
        understood = read(words)
        assert program == "lineitem"
        assert understood is not None
        assert understood[0] == command.name


def listening(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What commands are asked to do, instead of their doing it."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def run(name: str, options: dict[str, Any]) -> int:
        asked.append((name, options))
        return 0

    monkeypatch.setattr("lineitem.surfaces.cli.run.run", run)
    return asked


@each_command
def test_click_understands_the_examples_alike(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = listening(monkeypatch)
    for example in command.examples:
        _, *words = shlex.split(example)
        assert run_with_click(words) == 0
        assert asked.pop() == read(words)


def test_click_hands_over_what_may_be_repeated_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = listening(monkeypatch)
    words = ["daily", "--config-dir", "a", "--config-dir=b", "-jb"]
    assert run_with_click(words) == 0
    assert asked == [("daily", {"config_dir": ["a", "b"], "json": True, "breakdown": True})]


def test_the_version_is_told() -> None:
    from lineitem import __version__

    assert run("--version") == (0, f"lineitem {__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "said", "where"),
    [
        (["dialy"], "lineitem: there is no command 'dialy'. Did you mean `lineitem daily`?", "lineitem --help"),
        (["sesion", "3f2a"], "there is no command 'sesion'. Did you mean `lineitem session`?", "lineitem --help"),
        (["xyzzy"], "lineitem: there is no command 'xyzzy'.\n", "lineitem --help"),
        (
            ["daily", "--sicne", "7d"],
            "lineitem daily: there is no option --sicne. Did you mean --since?",
            "daily --help",
        ),
        (["--josn"], "lineitem: there is no option --josn. Did you mean --json?", "lineitem --help"),
        (["daily", "--since"], "lineitem daily: option '--since' requires an argument.", "daily --help"),
        (["daily", "shop"], "lineitem daily: it takes no argument: 'shop' is too much.", "daily --help"),
        (["session", "a", "b"], "lineitem session: it takes only [ID]: 'b' is too much.", "session --help"),
        (["explain"], "lineitem explain: it needs ID.", "explain --help"),
        (["daily", "--json=1"], "lineitem daily: option '--json' does not take a value.", "daily --help"),
    ],
)
def test_a_mistake_is_told_with_the_way_out(words: list[str], said: str, where: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert where in err
    assert "Usage:" not in err


def test_the_overview_stays_small_when_commands_are_added() -> None:
    assert len(BY_NAME) == len(COMMANDS)

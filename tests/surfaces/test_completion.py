"""Completion scripts: for three shells, in their syntax, with every command and option."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from lineitem.core.problems import UsageError
from lineitem.surfaces.cli.completion import SHELLS, completion, values_of
from lineitem.surfaces.commands import COMMANDS
from tests.surfaces.answers import shown

each_shell = pytest.mark.parametrize("shell", SHELLS)


def script(shell: str) -> str:
    return shown(lambda: completion(shell), 80)[0]


@each_shell
def test_the_script_knows_every_command_and_option(shell: str) -> None:
    text = script(shell)
    for command in COMMANDS:
        assert command.name in text
        for option in command.options:
            for flag in option.flags:
                if flag.startswith("--"):
                    assert (flag[2:] if shell == "fish" else flag) in text


@each_shell
def test_the_shell_accepts_the_script(shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} on this machine")
    done = subprocess.run([program, "-n"], input=script(shell), text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("da", "daily"),
        ("daily --si", "--since --single-thread"),
        ("daily --order ''", "asc desc"),
        ("weekly -w m", "monday"),
        ("completion ''", "bash zsh fish"),
        ("prices ''", "check"),
        ("help exp", "explore explain export"),
        ("--no-c", "--no-color --no-cost"),
        ("daily --project ''", ""),
    ],
)
def test_bash_offers_what_fits(typed: str, offered: str) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine")
    ask = f'COMP_WORDS=(lineitem {typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _lineitem; echo "${{COMPREPLY[*]}}"'
    done = subprocess.run([bash, "-c", script("bash") + ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == offered


def test_another_shell_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(UsageError, match="bash, zsh and fish, not for 'tcsh'"):
        completion("tcsh")


@pytest.mark.parametrize(
    ("metavar", "words"),
    [
        ("asc|desc", ("asc", "desc")),
        ("N|max", ("max",)),
        ("[check]", ("check",)),
        ("[ID]", ()),
        ("TEXT", ()),
        ("DIR", ("/",)),
    ],
)
def test_what_may_stand_for_a_metavar(metavar: str, words: tuple[str, ...]) -> None:
    assert values_of(metavar) == words

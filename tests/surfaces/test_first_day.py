"""What a new user reads: on an empty machine, with one session, and after a slip of the pen."""

from __future__ import annotations

from pathlib import Path

import pytest

from lineitem.surfaces.cli import main, story
from lineitem.surfaces.commands import COMMANDS
from tests.surfaces.answers import shown

WIDTHS = (80, 120)
#: Commands that print an answer and stop, with what they need.
ASKING = [
    [
        command.name,
        *(
            {"explain": ["toolu_demo02b"], "compare": ["--marker", "2026-11-09"], "estimate": [__file__]}.get(
                command.name, ()
            )
        ),
    ]
    for command in COMMANDS
    if command.name
    not in (
        "serve",
        "open",
        "tui",
        "mcp-server",
        "hook",
        "watch",
        "completion",
        "shell",
        "autostart",
        "install",
        "uninstall",
        "demo",
        "prices",
        "export",
        "archive",
    )
]


def said(*words: str, width: int = 80) -> tuple[int, str, str]:
    code: list[int] = []
    out, err = shown(lambda: code.append(main(list(words))), width)
    return code[0], out, err


@pytest.fixture
def example(home: Path) -> None:
    """The example as if it were one's own."""
    story.tell(str(home / ".claude"))


@pytest.mark.parametrize("name", ["tools", "mcp", "agents", "skills", "prompts", "projects", "models", "branches",
                                  "daily", "blocks", "bill"])  # fmt: skip
def test_an_empty_store_has_no_table_of_zeros(name: str) -> None:
    code, out, err = said(name)
    assert (code, out) == (0, "No usage was found.\n")
    assert "lineitem demo" in err


def test_where_no_folder_exists_something_is_missing() -> None:
    _, out, _ = said("doctor")
    assert "Nothing is wrong" not in out
    assert "--config-dir" in out
    assert "0 sessions" in out


def test_nobody_is_sent_looking_for_transcripts_that_were_read(example: None) -> None:
    assert example is None
    for name in ("anomalies", "health", "check"):
        assert said(name, "--json")[0] == 0
        code, _, err = said(name)
        assert (code, err.replace("Some columns are left out", "").count("lineitem reads")) == (0, 0), name
    assert "1 session\n" in said("doctor")[1]
    assert "1 session again" in said("rebuild")[1]


def test_an_explanation_owes_nothing_to_what_came_later(example: None) -> None:
    assert example is None
    _, out, _ = said("explain", "msg_demo02")
    owed = out.partition("Who it is owed to\n")[2].partition("\n\n")[0].splitlines()
    assert len(owed) == 9
    assert not [line for line in owed if " 0 tokens" in line]


def test_blocks_say_that_unlogged_spend_is_in_none(example: None) -> None:
    assert example is None
    assert "Unlogged spend is in no block" in said("blocks")[1]


def test_the_cost_that_no_model_has_is_explained(example: None) -> None:
    assert example is None
    assert "$0.04 of the cost is unlogged" in " ".join(said("daily", "--breakdown")[1].split())
    assert "unlogged" not in said("daily", "--no-cost")[1]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_a_bill_is_cut(example: None, width: int) -> None:
    assert example is None
    out = said("session", story.SESSION[:8], width=width)[1]
    part = out.partition("Of this bill")[2]
    assert "…" not in part


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["blocks", "--session-length", "abc"], "--session-length is a number of hours from 0.25 to 168, not 'abc'."),
        (["blocks", "--session-length", "0"], "--session-length is a number of hours from 0.25 to 168, not '0'."),
        (["blocks", "--session-length", "nan"], "--session-length is a number of hours from 0.25 to 168, not 'nan'."),
        (["blocks", "--token-limit", "abc"], "--token-limit is a number of tokens or max, not 'abc'."),
        (["--incognito", "session"], "options come after the command: `lineitem session ...`."),
    ],
)
def test_a_slip_gets_a_sentence_that_helps(words: list[str], sentence: str) -> None:
    code, out, err = said(*words)
    assert (code, out) == (2, "")
    assert sentence in err


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_every_answer_fits_the_page(example: None, words: list[str], width: int) -> None:
    """Paths are as long as they are; everything else is laid out."""
    assert example is None
    code, out, _ = said(*words, width=width)
    assert code == 0
    assert all(len(line) <= width for line in out.splitlines() if "/" not in line)
